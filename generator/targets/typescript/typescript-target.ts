import { render } from '../../compiled/templates.js'
import type { OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import type { Target } from '../target.ts'
import { target } from '../target.ts'
import { apiFiles } from './api-file.ts'
import { lineComments } from './code.ts'
import { connectorFile } from './connector-file.ts'
import { indexFile } from './index-file.ts'
import { installationFile } from './installation-file.ts'
import { pollFiles } from './poll-file.ts'
import { type ConnectorView, connectorView, registryFile } from './registry-file.ts'
import { schemaFiles } from './schema-file.ts'
import { subscriptionFiles } from './subscription-file.ts'
import { kitFiles, optionalModulesOf, webhookFiles } from './webhook-file.ts'

interface Summary {
  readonly view: ConnectorView
  /** Modules of the kit that only some connectors need. */
  readonly modules: readonly string[]
}

/** A module for each connector, the types over all of them, and the types of HERA's own endpoints. */
export const typescriptTarget: Target = target<Summary>({
  name: 'typescript',
  folder: 'typescript',
  compile: async (connector) => ({
    files: [
      await connectorFile(connector),
      ...webhookFiles(connector),
      ...apiFiles(connector),
      ...subscriptionFiles(connector),
      ...pollFiles(connector),
      ...schemaFiles(connector),
      installationFile(connector),
    ],
    summary: { view: connectorView(connector), modules: optionalModulesOf(connector) },
  }),
  aggregate: (summaries) => {
    const views = summaries.map(({ view }) => view)
    return [registryFile(views), apiFile(), ...kitFiles(summaries.flatMap(({ modules }) => modules)), indexFile(views)]
  },
})

function apiFile(): OutputFile {
  return { path: 'typescript/api.ts', text: render('typescript/api', { header: lineComments(headerLines()) }) }
}

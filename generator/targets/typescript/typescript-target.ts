import { render } from '../../compiled/templates.js'
import type { OutputFile, Registry } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import type { Target } from '../target.ts'
import { lineComments } from './code.ts'
import { connectorFile } from './connector-file.ts'
import { indexFile } from './index-file.ts'
import { installationFile } from './installation-file.ts'
import { registryFile } from './registry-file.ts'
import { kitFiles, webhookFile } from './webhook-file.ts'

/** A module for each connector, the types over all of them, and the types of HERA's own endpoints. */
export const typescriptTarget: Target = {
  name: 'typescript',
  folder: 'typescript',
  emit: async (registry) => [
    ...(await connectorFiles(registry)),
    registryFile(registry),
    apiFile(),
    ...kitFiles(registry),
    ...registry.connectors.map(webhookFile),
    ...registry.connectors.map(installationFile),
    indexFile(registry),
  ],
}

/** One after the other: json-schema-to-typescript needs more memory than time. */
async function connectorFiles({ connectors }: Registry): Promise<readonly OutputFile[]> {
  const files: OutputFile[] = []
  for (const connector of connectors) files.push(await connectorFile(connector))
  return files
}

function apiFile(): OutputFile {
  return { path: 'typescript/api.ts', text: render('typescript/api', { header: lineComments(headerLines()) }) }
}

import type { OutputFile } from '../../model/connector.ts'
import { fragment } from '../fragment.ts'
import { headerLines } from '../header.ts'
import type { Target } from '../target.ts'
import { target } from '../target.ts'
import { movedRight } from './indented-json.ts'
import { modelJson } from './model-json.ts'
import { type CallNames, callNames, openapiFragments, openapiText } from './openapi.ts'
import { schemasOf } from './schemas.ts'

/** The whole model as one file, a JSON Schema for the data of each event and for each installation, and OpenAPI. */
export const jsonTarget: Target = target<CallNames>({
  name: 'json',
  folder: 'json',
  compile: (connector) => {
    const schemas = schemasOf(connector)
    return {
      files: [
        file(`installations/${connector.code}.schema.json`, schemas.installation.whole),
        ...schemas.events.map(({ event, schema }) => file(`events/${event.code}.schema.json`, schema.whole)),
      ],
      summary: callNames(connector),
      fragments: { model: movedRight(modelJson(connector), 4), ...openapiFragments(connector) },
    }
  },
  *aggregate(connectors) {
    yield { path: 'json/registry.json', text: registryText(connectors) }
    yield { path: 'json/openapi.json', text: openapiText(connectors) }
  },
})

function registryText(connectors: readonly CallNames[]): string {
  const models = connectors.map(({ code }) => `    ${fragment(code, 'model')}`)
  const list = models.length === 0 ? '[]' : `[\n${models.join(',\n')}\n  ]`
  return `{\n  "$comment": ${JSON.stringify(headerLines().join(' '))},\n  "connectors": ${list}\n}\n`
}

function file(name: string, json: string): OutputFile {
  return { path: `json/${name}`, text: `${json}\n` }
}

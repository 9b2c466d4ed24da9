import type { Connector, Json, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { apiConfig } from './api-config.ts'
import {
  code,
  denseLiteral,
  documentationComment,
  identifier,
  joined,
  lineComments,
  literal,
  objectLiteral,
} from './code.ts'

/** How a connector's API is called, for the kit; no file if it has no endpoints. */
export function apiFiles(connector: Connector): readonly OutputFile[] {
  const api = apiConfig(connector)
  if (api === undefined) return []
  const imported = ['installation', 'oauth'].filter((name) => Object.hasOwn(api, name)).map(identifier)
  const members = Object.entries(api).map(([name, value]) => ({
    name,
    value: imported.find((one) => one === name) ?? denseLiteral(value as Json),
  }))
  const configuration = identifier(`${connector.type_name}Installation`)
  const comment = documentationComment({
    paragraphs: [`How the API of ${connector.name} is called: addresses, credentials, pages, retries and limits.`],
  })
  return [
    {
      path: `typescript/apis/${connector.code}.ts`,
      text: code`${lineComments(headerLines(connector))}

import type { Endpoints, ${configuration} } from ${literal(`../connectors/${connector.code}.js`)}
import { ${joined(imported, ', ')} } from ${literal(`../installations/${connector.code}.js`)}
import type { Api } from '../kit/api.js'

${comment ?? code``}
export const api: Api<Endpoints, ${configuration}> = ${objectLiteral(members)}
`,
    },
  ]
}

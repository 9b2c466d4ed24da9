import type { Connector, Json, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { code, denseLiteral, documentationComment, lineComments, objectLiteral } from './code.ts'

/** The schemas of a connector's events as a module, for the kit's gateway; no file without events. */
export function schemaFiles(connector: Connector): readonly OutputFile[] {
  const { name, events } = connector
  if (events.length === 0) return []
  const comment = documentationComment({ paragraphs: [`The schemas of the events of ${name}, by their names.`] })
  const members = events.map((event) => ({ name: event.name, value: denseLiteral(event.data as unknown as Json) }))
  const text = code`${lineComments(headerLines(connector))}

import type { DataSchema } from '../kit/data-check.js'

${comment ?? code``}
export const schemas: Readonly<Record<string, DataSchema>> = ${objectLiteral(members)}
`
  return [{ path: `typescript/schemas/${connector.code}.ts`, text }]
}

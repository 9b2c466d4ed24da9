import type { Connector, ConnectorEvent } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { memoizeByConnector } from '../memoize-by-connector.ts'
import { eventSchema } from './event-schema.ts'
import { indentedJson, withFirst } from './indented-json.ts'
import { installationSchema } from './installation-schema.ts'

/** A JSON Schema (2020-12) as JSON text. */
export interface SchemaText {
  /** As it stands alone. */
  readonly whole: string
  /** Without what says where it comes from, as a part of another document. */
  readonly part: string
}

export interface Schemas {
  readonly installation: SchemaText
  readonly events: readonly { readonly event: ConnectorEvent; readonly schema: SchemaText }[]
}

/** The JSON Schemas of a connector, each of which stands in several files. */
export const schemasOf = memoizeByConnector(
  (connector): Schemas => ({
    installation: schemaText(connector, `installation:${connector.code}`, installationSchema(connector)),
    events: connector.events.map((event) => ({
      event,
      schema: schemaText(connector, `event:${event.code}`, eventSchema(connector, event)),
    })),
  }),
)

function schemaText(connector: Connector, name: string, schema: object): SchemaText {
  const part = indentedJson(schema)
  return { whole: withFirst(schemaHead(connector, name), part), part }
}

/** How a document of schemas begins. */
export function schemaHead(connector: Connector, name: string): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:hera-connectors:${name}`,
    $comment: headerLines(connector).join(' '),
  }
}

import type { Connector, ConnectorEvent } from '../../model/connector.ts'
import { eventSchema } from './event-schema.ts'
import { installationSchema } from './installation-schema.ts'

/** The JSON Schemas of a connector, each of which stands in several files. */
export interface Schemas {
  readonly installation: object
  readonly events: readonly { readonly event: ConnectorEvent; readonly schema: object }[]
}

export function schemasOf(connector: Connector): Schemas {
  return {
    installation: installationSchema(connector),
    events: connector.events.map((event) => ({ event, schema: eventSchema(connector, event) })),
  }
}

import type { Connector, ConnectorEvent, EventSchema } from '../../model/connector.ts'
import { withPersonalData } from './personal-data.ts'

/** The JSON Schema (2020-12) of an event's data, with what HERA knows about the event under `x-` keywords. */
export function eventSchema(connector: Connector, event: ConnectorEvent): object {
  const { title: _, description: about, ...data } = withPersonalData(event.data, event.personal_data) as EventSchema
  return {
    title: `${connector.name}: ${event.name}`,
    description: [event.summary, event.description, about].filter((text) => text !== undefined).join('\n\n'),
    ...(event.deprecated && { deprecated: true, 'x-deprecation': event.deprecated }),
    'x-connector-code': connector.code,
    'x-event-type': event.name,
    'x-smart-code': event.smart_code,
    'x-idempotency-key': event.idempotency_key,
    ...data,
    examples: event.examples.map((example) => example.data),
  }
}

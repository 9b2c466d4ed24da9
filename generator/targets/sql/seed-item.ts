import { hash } from 'node:crypto'
import { isAvailable } from '../../model/availability.ts'
import type { Connector, ConnectorEvent, JsonObject } from '../../model/connector.ts'
import { deriveId } from '../../model/derive-id.ts'
import { withSegment } from '../../model/smart-code.ts'
import { connectorConfig } from './connector-config.ts'

/** One row of `core_entities` with its one row of `core_dynamic_data`, as the seed stages it. */
export type SeedItem = {
  readonly code: string
  readonly type: string
  readonly id: string
  readonly name: string
  readonly description: string
  readonly smart_code: string
  readonly status: string
  readonly tags: readonly string[]
  /** Code of the connector that it belongs to; a connector belongs to itself. */
  readonly connector: string
  /** Merged into the row's metadata. */
  readonly mark: JsonObject
  readonly field_id: string
  readonly field_name: string
  readonly field_smart_code: string
  readonly value: object
  /** The relationship from the connector; null for a connector. */
  readonly link_id: string | null
  readonly link_smart_code: string | null
}

export const CONNECTOR_TYPE = 'INTEGRATION_CONNECTOR_DEF'
export const EVENT_TYPE = 'INTEGRATION_EVENT_TYPE'

/** A connector, then its events in the order of the definition. */
export function seedItems(connector: Connector): readonly SeedItem[] {
  return [connectorItem(connector), ...connector.events.map((event) => eventItem(connector, event))]
}

function connectorItem(connector: Connector): SeedItem {
  const { code } = connector
  return marked(connector, {
    code,
    type: CONNECTOR_TYPE,
    id: connector.id,
    name: connector.name,
    description: connector.purpose,
    smart_code: connector.smart_code,
    status: statusOf(connector),
    tags: ['integration', 'connector', connector.category],
    connector: code,
    field_id: deriveId('connector_config', code),
    field_name: 'connector_config',
    field_smart_code: withSegment(connector.smart_code, 'CONFIG'),
    value: connectorConfig(connector),
    link_id: null,
    link_smart_code: null,
  })
}

function eventItem(connector: Connector, event: ConnectorEvent): SeedItem {
  return marked(connector, {
    code: event.code,
    type: EVENT_TYPE,
    id: event.id,
    name: event.name,
    description: event.summary,
    smart_code: event.smart_code,
    status: statusOf(connector),
    tags: ['integration', 'event', event.direction],
    connector: connector.code,
    field_id: deriveId('event_definition', event.code),
    field_name: 'event_definition',
    field_smart_code: withSegment(event.smart_code, 'DEFINITION'),
    value: eventDefinition(connector, event),
    link_id: deriveId('supports', event.code),
    link_smart_code: `HERA.PLATFORM.INTEGRATION.CONNECTOR_SUPPORTS.${connector.upper_code}.v1`,
  })
}

function eventDefinition(connector: Connector, event: ConnectorEvent): object {
  const { id: _, code: __, type_name: ___, name, smart_code, data, examples, ...rest } = event
  return {
    event_type: name,
    connector_code: connector.code,
    hera_smart_code: smart_code,
    data_schema: data,
    example: examples[0]?.data,
    examples,
    ...rest,
  }
}

function statusOf(connector: Connector): string {
  if (isAvailable(connector)) return 'active'
  return connector.status === 'retired' ? 'archived' : 'inactive'
}

/** Says whose row it is, and of which content; the digest covers everything that the seed writes. */
function marked(connector: Connector, item: Omit<SeedItem, 'mark'>): SeedItem {
  const content_digest = hash('sha256', JSON.stringify(item))
  const mark = {
    managed_by: 'hera-connectors',
    ...(connector.registry === undefined ? {} : { registry: connector.registry }),
    connector: connector.code,
    definition_version: connector.version,
    content_digest,
  }
  return { ...item, mark }
}

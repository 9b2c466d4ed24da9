import type {
  Connector,
  ConnectorAuth,
  ConnectorEndpoint,
  ConnectorEvent,
  ConnectorWebhook,
  OutputFile,
} from '../../model/connector.ts'

type Own = 'code' | 'upper_code' | 'name' | 'purpose' | 'vendor' | 'category' | 'status' | 'links' | 'rate_limits'

/**
 * What the pages over all connectors say of one. A page that needs more of a connector has it added here; what is long
 * belongs into a fragment instead.
 */
export interface ConnectorSummary extends Pick<Connector, Own> {
  readonly auth: Pick<ConnectorAuth, 'type' | 'fields' | 'tokens' | 'refresh'>
  readonly api: { readonly base_url?: string; readonly endpoints: readonly EntryEndpoint[] }
  readonly signatures: ConnectorWebhook['signatures']
  readonly privacy: Connector['privacy'] | undefined
  readonly troubleshooting: readonly { readonly problem: string }[]
  readonly events: readonly EntryEvent[]
  readonly page: { readonly path: string; readonly length: number }
}

/** All connectors, sorted by code. */
export interface Guide {
  readonly connectors: readonly ConnectorSummary[]
}

type EntryEndpoint = Pick<ConnectorEndpoint, 'name' | 'method' | 'path' | 'base_url'>
type EntryEvent = Pick<ConnectorEvent, 'name' | 'summary' | 'direction' | 'source' | 'smart_code' | 'deprecated'>

export function connectorSummary(connector: Connector, page: OutputFile): ConnectorSummary {
  const { code, upper_code, name, purpose, vendor, category, status, links, rate_limits, privacy } = connector
  const { type, fields, tokens, refresh } = connector.auth
  return {
    ...{ code, upper_code, name, purpose, vendor, category, status, links, rate_limits, privacy },
    auth: { type, fields, tokens, ...(refresh === undefined ? {} : { refresh }) },
    api: apiOf(connector),
    signatures: connector.webhook?.signatures ?? [],
    troubleshooting: connector.troubleshooting.map(({ problem }) => ({ problem })),
    events: connector.events.map(eventOf),
    page: { path: page.path, length: page.text.length },
  }
}

/** A connector that is only called has none. */
export function hasEvents({ events }: Pick<ConnectorSummary, 'events'>): boolean {
  return events.length > 0
}

function apiOf({ api: { base_url, endpoints } }: Connector): ConnectorSummary['api'] {
  return { ...(base_url === undefined ? {} : { base_url }), endpoints: endpoints.map(endpointOf) }
}

function endpointOf({ name, method, path, base_url }: ConnectorEndpoint): EntryEndpoint {
  return { name, method, path, ...(base_url === undefined ? {} : { base_url }) }
}

function eventOf({ name, summary, direction, source, smart_code, deprecated }: ConnectorEvent): EntryEvent {
  return { name, summary, direction, source, smart_code, ...(deprecated === undefined ? {} : { deprecated }) }
}

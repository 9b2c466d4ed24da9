import { isAvailable } from '../../model/availability.ts'
import type { Connector, ConnectorField } from '../../model/connector.ts'

/**
 * What a connector's row in `core_dynamic_data` says: HERA's contract of connector_config, and more beside it. What is
 * undefined is left out of its JSON.
 */
export function connectorConfig(connector: Connector): object {
  const { auth, api } = connector
  return {
    display_name: connector.name,
    description: connector.purpose,
    long_description: connector.description,
    category: connector.category,
    auth_type: auth.type,
    version: connector.version,
    status: isAvailable(connector) ? 'active' : 'inactive',
    lifecycle: connector.status,
    deprecated: connector.deprecated,
    replaced_by: connector.replaced_by,
    icon: connector.icon,
    vendor: connector.vendor,
    namespace: connector.namespace,
    documentation_url: connector.links.documentation,
    links: connector.links,
    supported_events: connector.events.map(({ name }) => name),
    event_mappings: eventMappings(connector),
    authentication: authentication(connector),
    api_endpoints: apiEndpoints(connector),
    api: {
      version: api.version,
      versioning: api.versioning,
      headers: api.headers,
      environments: Object.keys(api.environments).length === 0 ? undefined : api.environments,
      pagination: api.pagination,
      retry: api.retry,
    },
    webhook_config: webhookConfig(connector),
    rate_limits: Object.fromEntries(connector.rate_limits.map(({ name, ...limit }) => [name, limit])),
    privacy: connector.privacy,
    setup: connector.setup,
    troubleshooting: connector.troubleshooting,
    ...connector.capabilities,
  }
}

/** HERA reads `required` of every connector. */
function webhookConfig({ webhook, events }: Connector): object {
  if (webhook === undefined) return { required: false }
  // What a delivery becomes is the application's business; the rules and samples would only make the row long.
  const { deliveries: _, samples: __, handshakes, ...rest } = webhook
  const unsigned = webhook.signatures.filter(({ algorithm }) => algorithm === 'none')
  return {
    ...rest,
    handshakes: handshakes.map(({ samples: ___, ...handshake }) => handshake),
    events: events.filter(({ source }) => source === 'webhook').map(({ name }) => name),
    // Without signatures, a draft refuses every delivery.
    verification_required: unsigned.length === 0,
    protected_by: unsigned.length === 0 ? undefined : unsigned.flatMap(({ protected_by = [] }) => protected_by),
  }
}

function eventMappings({ events }: Connector): object {
  return Object.fromEntries(
    events.map((event) => [
      event.name,
      {
        hera_smart_code: event.smart_code,
        description: event.summary,
        direction: event.direction,
        source: event.source,
        idempotency_key: event.idempotency_key,
        deprecated: event.deprecated,
        replaced_by: event.replaced_by,
      },
    ]),
  )
}

function authentication({ auth }: Connector): object {
  const { fields, scopes, credentials, ...rest } = auth
  const current = scopes.filter(({ deprecated }) => deprecated === undefined)
  return {
    ...rest,
    credentials: credentials.length === 0 ? undefined : credentials,
    // What to ask for at every consent: asking for a scope that the vendor has not granted fails the whole consent.
    scopes: scopes.length === 0 ? undefined : current.filter(({ required }) => required).map(({ name }) => name),
    optional_scopes:
      scopes.length === 0 ? undefined : current.filter(({ required }) => !required).map(({ name }) => name),
    scope_details: scopes.length === 0 ? undefined : scopes,
    fields: fields.map(fieldOf),
  }
}

/** HERA's hub knows three kinds of input. */
const INPUT_TYPES = { text: 'text', secret: 'password', url: 'url' } as const

function fieldOf(field: ConnectorField): object {
  return { ...field, type: INPUT_TYPES[field.type] }
}

/** Paths with {{placeholder}}, as HERA's runtime fills them in; what lives on another host has its whole address. */
function apiEndpoints({ api }: Connector): object {
  const paths = api.endpoints.map(({ name, path, base_url = '' }) => [
    name,
    base_url + path.replace(/\{(\w+)\}/g, '{{$1}}'),
  ])
  return { base_url: api.base_url, ...Object.fromEntries(paths) }
}

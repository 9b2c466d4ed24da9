import type { Definition, Endpoint, Event, Pagination, Webhook } from '../compiled/definition.ts'
import { compareText } from '../text/compare-text.ts'
import type {
  Connector,
  ConnectorApi,
  ConnectorAuth,
  ConnectorEvent,
  ConnectorWebhook,
  EventExample,
  JsonObject,
  Registry,
} from './connector.ts'
import { deriveId } from './derive-id.ts'
import { resolves } from './json-pointer.ts'
import { levelOf } from './level.ts'
import { withSharedSchemas } from './shared-schemas.ts'
import { connectorSmartCode, smartCodeOf, upperSnake } from './smart-code.ts'
import { storedResponse } from './stored-responses.ts'

/** A definition that has passed every check, and where it stands. */
export interface CheckedDefinition {
  readonly file: string
  readonly definition: Definition
  /** Texts of the sample files that the definition names. */
  readonly samples?: ReadonlyMap<string, string>
  /** Name of the registry; missing if it has none. */
  readonly registry?: string
  /** Whether the registry is the base of another one. */
  readonly isBase?: boolean
}

/** Turns checked definitions into the registry: defaults filled in, names and smart codes decided, sorted by code. */
export function model(definitions: readonly CheckedDefinition[]): Registry {
  const connectors = definitions.map(connectorOf)
  return { connectors: connectors.sort((left, right) => compareText(left.code, right.code)) }
}

function connectorOf({ file, definition: written, samples, registry, isBase = false }: CheckedDefinition): Connector {
  const { schemas: _, event_fields: __, ...definition } = withSharedSchemas(written, () => true).definition
  const { code } = definition
  const connector: Connector = {
    ...definition,
    file,
    ...(registry === undefined ? {} : { registry }),
    ...(isBase ? { is_base: true } : {}),
    id: deriveId('connector', code),
    upper_code: upperSnake(code),
    type_name: pascalCase(code),
    variable_name: variableName(code),
    smart_code: connectorSmartCode(code),
    auth: authOf(definition),
    api: apiOf(definition),
    rate_limits: definition.rate_limits ?? [],
    capabilities: definition.capabilities ?? {},
    webhook: definition.webhook && webhookOf(definition.webhook, samples),
    events: Object.entries(definition.events ?? {}).map(([name, event]) => eventOf(definition, name, event)),
    setup: definition.setup ?? [],
    troubleshooting: definition.troubleshooting ?? [],
  }
  const level = levelOf(connector)
  return level === undefined ? connector : { ...connector, level }
}

function webhookOf(webhook: Webhook, texts: CheckedDefinition['samples'] = new Map()): ConnectorWebhook {
  const { content_types = ['application/json'], handshakes = [], deliveries = [], samples = [] } = webhook
  return {
    ...webhook,
    required: webhook.required ?? false,
    signatures: webhook.signatures ?? [],
    delivery: {
      ...webhook.delivery,
      ordered: webhook.delivery?.ordered ?? false,
      duplicates: webhook.delivery?.duplicates ?? true,
    },
    setup: webhook.setup ?? [],
    content_types,
    exact_numbers: webhook.exact_numbers ?? false,
    handshakes,
    subscriptions: Object.entries(webhook.subscriptions ?? {}).map(([name, subscription]) => ({
      ...subscription,
      name,
    })),
    deliveries,
    samples: samples.map(({ file, body, content_type, events = [], unrecognized = [], fetched = [], ...sample }) => ({
      ...sample,
      fetched: fetched.map((response) => storedResponse(response, texts)),
      body: body ?? texts.get(file ?? '') ?? '',
      content_type: content_type ?? content_types[0] ?? 'application/json',
      events,
      unrecognized,
    })),
  }
}

/** RFC 6750, 2.1. */
const BEARER_TOKEN: ConnectorAuth['credentials'] = [
  { in: 'header', name: 'Authorization', value: 'Bearer {access_token}' },
]

function authOf({ auth }: Definition): ConnectorAuth {
  return {
    ...auth,
    scope_separator: auth.scope_separator ?? ' ',
    credentials: auth.credentials ?? (auth.type === 'oauth2' ? BEARER_TOKEN : []),
    fields: Object.entries(auth.fields ?? {}).map(([name, field]) => ({
      ...field,
      name,
      sensitive: field.sensitive ?? field.type === 'secret',
      used_for: field.used_for ?? [],
    })),
    scopes: auth.scopes ?? [],
    tokens: auth.tokens ?? [],
  }
}

function apiOf({ api }: Definition): ConnectorApi {
  return {
    ...api,
    headers: api.headers ?? {},
    response_headers: api.response_headers ?? {},
    parameters: api.parameters ?? {},
    environments: api.environments ?? {},
    endpoints: Object.entries(api.endpoints ?? {}).map(([name, { pagination, ...endpoint }]) => ({
      ...endpoint,
      name,
      query: endpoint.query ?? {},
      headers: endpoint.headers ?? {},
      scopes: endpoint.scopes ?? [],
      ...(pagination === undefined ? {} : { pagination: paginationOf(api, pagination) }),
    })),
  }
}

/** The pagination of an endpoint replaces parts of that of the API; another type has nothing in common with it. */
export function paginationOf(
  { pagination: common = {} }: Pick<Definition['api'], 'pagination'>,
  own: NonNullable<Endpoint['pagination']>,
): Pagination {
  if (own === true) return common
  return own.type === undefined || own.type === common.type ? { ...common, ...own } : own
}

function eventOf(definition: Definition, name: string, event: Event): ConnectorEvent {
  const { example, examples = [], ...rest } = event
  const code = `${definition.code}.${name}`
  return {
    ...rest,
    name,
    code,
    id: deriveId('event', code),
    smart_code: smartCodeOf(definition.namespace, name, event),
    type_name: `${pascalCase(name)}Data`,
    scopes: event.scopes ?? [],
    idempotency_key: event.idempotency_key ?? [],
    examples: [{ data: example as JsonObject }, ...(examples as unknown as readonly EventExample[])],
    personal_data: (definition.privacy?.personal_data ?? []).filter((pointer) => resolves(event.data, pointer)),
  }
}

/** form_submitted → FormSubmitted */
export function pascalCase(name: string): string {
  return name
    .split(/[-_]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** hubspot-crm → hubspotCrm; a code of one word gets a suffix, since it could be a reserved word of TypeScript. */
export function variableName(code: string): string {
  const pascal = pascalCase(code)
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1)
  return code.includes('-') ? camel : `${camel}Connector`
}

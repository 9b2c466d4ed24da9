import type {
  Api,
  Auth,
  AuthField,
  DataSchema,
  Definition,
  Delivery,
  DeliveryRule,
  Deprecation,
  Endpoint,
  Event,
  Handshake,
  Pagination,
  Poll,
  Problem,
  RateLimit,
  Sample,
  SampleProof,
  Signature,
  Step,
  Subscription,
  Webhook,
} from '../compiled/definition.ts'

/** How far a connector's definition goes, and how well it is proven; see `level.ts`. */
export type Level = 'listed' | 'typed' | 'proven'

/** Read-only all the way down: what the model hands out, no target can change. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

/** JSON text as a value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export type EventSchema = DeepReadonly<DataSchema>

/** All connectors, sorted by code. */
export interface Registry {
  readonly connectors: readonly Connector[]
}

/**
 * A checked definition with everything that follows from it. Keys keep the spelling of the definition format (snake
 * case), because `registry.json` publishes this shape as it is. Absent lists are filled in as empty ones; `webhook` and
 * `privacy` stay absent.
 */
export interface Connector
  extends DeepReadonly<
    Omit<
      Definition,
      | 'auth'
      | 'api'
      | 'rate_limits'
      | 'schemas'
      | 'event_fields'
      | 'events'
      | 'capabilities'
      | 'webhook'
      | 'setup'
      | 'troubleshooting'
    >
  > {
  /** Path of the definition, with forward slashes, relative to the folder that holds the definitions folder. */
  readonly file: string
  /** Name of the registry that defines it; missing if the registry has none. */
  readonly registry?: string
  /** That registry is a base of the one that is generated: seeds do not write the connector. */
  readonly is_base?: true
  /** UUID v5 of the code: the id of its `core_entities` row in a fresh database. */
  readonly id: string
  /** The code as a smart-code segment: HUBSPOT_CRM. */
  readonly upper_code: string
  /** The code as a TypeScript type name: HubspotCrm. */
  readonly type_name: string
  /** The code as a TypeScript variable name: hubspotCrm. */
  readonly variable_name: string
  /** HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.HUBSPOT_CRM.v1 */
  readonly smart_code: string
  /** Computed from what the definition contains; missing below the first level. */
  readonly level?: Level
  readonly auth: ConnectorAuth
  readonly api: ConnectorApi
  readonly rate_limits: readonly DeepReadonly<RateLimit>[]
  readonly capabilities: Readonly<Record<string, readonly string[]>>
  readonly webhook: ConnectorWebhook | undefined
  readonly events: readonly ConnectorEvent[]
  readonly setup: readonly DeepReadonly<Step>[]
  readonly troubleshooting: readonly DeepReadonly<Problem>[]
}

export interface ConnectorWebhook
  extends DeepReadonly<
    Omit<
      Webhook,
      | 'required'
      | 'handshakes'
      | 'signatures'
      | 'delivery'
      | 'content_types'
      | 'exact_numbers'
      | 'deliveries'
      | 'samples'
      | 'setup'
      | 'subscriptions'
    >
  > {
  readonly required: boolean
  /** Empty in a draft whose signatures nobody has looked up: then every delivery is refused. */
  readonly signatures: readonly DeepReadonly<Signature>[]
  readonly delivery: DeepReadonly<Delivery> & { readonly ordered: boolean; readonly duplicates: boolean }
  readonly setup: readonly DeepReadonly<Step>[]
  readonly content_types: readonly string[]
  /** Whether numbers beyond 2^53 are kept as text. */
  readonly exact_numbers: boolean
  readonly handshakes: readonly DeepReadonly<Handshake>[]
  readonly deliveries: readonly DeepReadonly<DeliveryRule>[]
  readonly samples: readonly SampleDelivery[]
  readonly subscriptions: readonly ConnectorSubscription[]
}

export interface ConnectorSubscription extends DeepReadonly<Subscription> {
  readonly name: string
}

/** The response to a call, as a sample contains it. */
export interface StoredResponse {
  readonly endpoint: string
  readonly parameters: Readonly<Record<string, string>>
  /** Of an object that the vendor no longer has; then there is no body. */
  readonly status?: 404 | 410
  readonly body?: string
}

export interface SampleDelivery {
  readonly name: string
  /** As the vendor sends it. */
  readonly body: string
  readonly content_type: string
  /** The names of the events that it becomes. */
  readonly events: readonly string[]
  /** Normalized paths of what becomes no event. */
  readonly unrecognized: readonly string[]
  /** POST if it is missing. */
  readonly method?: NonNullable<Sample['method']>
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The responses to the calls that the rules make for it. */
  readonly fetched: readonly StoredResponse[]
  readonly proof?: DeepReadonly<SampleProof>
  readonly cites?: string | readonly string[]
}

export interface ConnectorAuth
  extends DeepReadonly<Omit<Auth, 'fields' | 'credentials' | 'scopes' | 'tokens' | 'scope_separator'>> {
  readonly scope_separator: ' ' | ','
  /** The credentials that every call carries; empty if they are not described. */
  readonly credentials: readonly DeepReadonly<NonNullable<Auth['credentials']>[number]>[]
  /** In the order in which an installer fills them in. */
  readonly fields: readonly ConnectorField[]
  readonly scopes: readonly DeepReadonly<NonNullable<Auth['scopes']>[number]>[]
  readonly tokens: readonly DeepReadonly<NonNullable<Auth['tokens']>[number]>[]
}

export interface ConnectorField extends DeepReadonly<Omit<AuthField, 'sensitive' | 'used_for'>> {
  readonly name: string
  /** True for every secret, and for other values that are credentials by themselves. */
  readonly sensitive: boolean
  readonly used_for: readonly NonNullable<AuthField['used_for']>[number][]
}

export interface ConnectorApi
  extends DeepReadonly<Omit<Api, 'environments' | 'endpoints' | 'parameters' | 'headers' | 'response_headers'>> {
  readonly environments: DeepReadonly<NonNullable<Api['environments']>>
  readonly headers: Readonly<Record<string, string>>
  readonly response_headers: DeepReadonly<NonNullable<Api['response_headers']>>
  readonly parameters: DeepReadonly<NonNullable<Api['parameters']>>
  readonly endpoints: readonly ConnectorEndpoint[]
}

export interface ConnectorEndpoint
  extends DeepReadonly<Omit<Endpoint, 'scopes' | 'query' | 'headers' | 'body' | 'response' | 'pagination'>> {
  readonly name: string
  readonly query: DeepReadonly<NonNullable<Endpoint['query']>>
  readonly headers: DeepReadonly<NonNullable<Endpoint['headers']>>
  readonly body?: EventSchema
  readonly response?: EventSchema
  /** Missing if the endpoint gives no pages. */
  readonly pagination?: DeepReadonly<Pagination>
  readonly scopes: readonly string[]
}

export interface ConnectorEvent
  extends DeepReadonly<
    Omit<Event, 'data' | 'example' | 'examples' | 'scopes' | 'smart_code' | 'deprecated' | 'poll' | 'idempotency_key'>
  > {
  readonly name: string
  /** Code of the event type's own row: hubspot-crm.form_submitted; unique across the platform organization. */
  readonly code: string
  /** UUID v5 of `code`. */
  readonly id: string
  readonly smart_code: string
  /** The event's name as a TypeScript type name, with Data appended: FormSubmittedData. */
  readonly type_name: string
  readonly scopes: readonly string[]
  /** Empty in a draft that does not state it: then every delivery is recorded. */
  readonly idempotency_key: readonly string[]
  /** JSON Schema of event_data. */
  readonly data: EventSchema
  /** The first one is the definition's `example`; it has no summary. */
  readonly examples: readonly EventExample[]
  /** The connector's personal-data pointers that resolve in this event. */
  readonly personal_data: readonly string[]
  readonly deprecated?: DeepReadonly<Deprecation>
  readonly poll?: DeepReadonly<Poll>
}

export interface EventExample {
  readonly summary?: string
  readonly data: JsonObject
}

/** One file that a target makes. */
export interface OutputFile {
  /** Relative to the output folder, with forward slashes: `sql/verify.sql`. */
  readonly path: string
  readonly text: string
}

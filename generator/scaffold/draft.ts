import type { Credential } from '../kit/credentials.ts'
import type { ConversionReport } from './conversion-report.ts'
import type { References } from './references.ts'
import type { SensitiveDataFilter } from './sensitive-data-filter.ts'

/** Which kind of file a definition is started from. */
export type DocumentKind = 'OpenAPI' | 'AsyncAPI' | 'JSON Schema' | 'sample payloads'

/** A vendor document as a description of one connector, before anything is selected and before schemas are converted. */
export interface ApiDescription {
  readonly kind: DocumentKind
  /** The kind with its version, such as `OpenAPI 3.1.0`. */
  readonly label: string
  readonly files: readonly string[]
  readonly title?: string
  readonly summary?: string
  readonly description?: string
  /** Version of the vendor's API. */
  readonly version?: string
  /** Where the vendor documents it. */
  readonly documentation?: string
  readonly support?: string
  readonly baseUrl?: string
  readonly auth?: AuthDraft
  readonly endpoints: readonly EndpointDraft[]
  readonly events: readonly EventDraft[]
  /** The body holds ids beyond 2^53 that the vendor writes as numbers. */
  readonly exactNumbers: boolean
  readonly references: References
  readonly report: ConversionReport
}

/** The same with its texts masked, and with the filter for everything else. */
export interface Draft extends ApiDescription {
  readonly sensitiveData: SensitiveDataFilter
}

/** An event that the document describes; its schema is read when it is chosen. */
export interface EventDraft {
  /** As it will be called. */
  readonly name: string
  /** As the document calls it. */
  readonly original: string
  readonly direction: 'inbound' | 'outbound'
  readonly summary?: string
  readonly description?: string
  readonly deprecated: boolean
  /** The schema of the whole body, as it stands in the document. */
  readonly schema: unknown
  readonly pointer: string
  readonly file: string
  /** Where the schema has references of its own. */
  readonly references?: References
  readonly examples: readonly unknown[]
  /** Examples that did not make a valid definition. */
  readonly ignored?: readonly unknown[]
  /**
   * The event in its registry, if the document is one that `generate` wrote. Its schema then describes the event's data,
   * not the delivery that the event is made of.
   */
  readonly registry?: RegistryEvent
  /** Bodies that were really sent, as text. */
  readonly samples: readonly SampleDraft[]
}

/** Facts about an event in an OpenAPI document that `generate` wrote. */
export interface RegistryEvent {
  readonly connector: string
  readonly name: string
  readonly version: number
  /** JSON Pointers into the data. */
  readonly idempotency: readonly string[]
}

export interface SampleDraft {
  readonly name: string
  readonly body: string
}

export interface EndpointDraft {
  readonly name: string
  /** As the document calls it: the operation's id, or method and path. */
  readonly original: string
  /** What else it can be asked for by: method and path, and the path, as the document writes them. */
  readonly also: readonly string[]
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With placeholders in snake case. */
  readonly path: string
  readonly summary?: string
  readonly deprecated: boolean
  readonly scopes: readonly string[]
  readonly parameters: readonly ParameterDraft[]
  readonly inputs: readonly InputDraft[]
}

/** A parameter of the query, or a header, by the vendor's name. */
export interface InputDraft {
  readonly name: string
  readonly place: 'query' | 'header'
  /** A string if it is missing. */
  readonly type?: 'integer' | 'number' | 'boolean' | 'list'
  readonly enum?: readonly string[]
  readonly list?: 'comma'
  readonly required: boolean
  readonly description?: string
  readonly example?: string | number | boolean
}

export interface ParameterDraft {
  readonly name: string
  readonly description?: string
  readonly example?: string
}

/** How installers authenticate, as far as a document says it. */
export type AuthDraft =
  | {
      readonly type: 'api_key'
      readonly summary: string
      readonly fields: readonly AuthFieldDraft[]
      /** Their places in calls; templates with names of the fields. */
      readonly credentials: readonly Credential[]
    }
  | {
      readonly type: 'oauth2'
      readonly summary: string
      readonly grant: 'authorization_code' | 'client_credentials' | 'device_code'
      readonly deviceUrl?: string
      readonly authorizationUrl?: string
      readonly tokenUrl?: string
      readonly refreshUrl?: string
      readonly scopes: readonly ScopeDraft[]
    }

export interface AuthFieldDraft {
  readonly name: string
  readonly label: string
  readonly secret: boolean
  readonly description: string
}

export interface ScopeDraft {
  readonly name: string
  readonly required: boolean
  readonly description?: string
}

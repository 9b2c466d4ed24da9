import type { Installable } from './installation.ts'
import type { OAuth } from './oauth.ts'
import type { RateLimit } from './rate-limit.ts'
import type { RetryRules } from './retry.ts'
import type { Environments } from './template.ts'

/** The inputs and the answer of a call, as generated modules declare them for each endpoint. */
export interface EndpointTypes {
  readonly parameters?: object
  readonly query?: object
  readonly headers?: object
  readonly body?: unknown
  readonly response?: unknown
  /** One item of a page, for endpoints that give pages. */
  readonly item?: unknown
}

/** A parameter of the query, or a header, of a call. */
export interface InputParameter {
  readonly required?: true
  /** A value that is always sent; callers cannot set it. */
  readonly value?: string
  /** Whether a list is one value with commas or a parameter for each item; the latter if it is missing. */
  readonly list?: 'comma' | 'repeated'
}

/** How an endpoint gives a long list in pages. */
export interface Pagination {
  /**
   * `cursor`: the answer has a value for the next request. `link`: the answer has the URL of the next page. `offset`: the
   * request contains the number of items to skip. `page`: the request has the number of the page.
   */
  readonly type: 'cursor' | 'link' | 'offset' | 'page'
  /** JSON Pointer to the list of items; the empty one if the answer is the list. */
  readonly items: string
  /**
   * JSON Pointer to the cursor or the URL, in the answer or in its last item. Without it, the link is the header `Link` with
   * `rel=next`.
   */
  readonly next?: string
  readonly next_in?: 'answer' | 'last_item'
  /** The query parameter for the cursor, offset or number; a JSON Pointer for a member of the request's body. */
  readonly parameter?: string
  /** JSON Pointer to a boolean that is false on the last page. */
  readonly more?: string
  /** The number of the first page; 1 if it is missing. */
  readonly first?: number
  /** The size of a page, and its place in the request; as in `parameter`. */
  readonly size?: { readonly parameter: string; readonly value: number }
}

/** One call of a vendor's API. */
export interface Endpoint<Types extends EndpointTypes = EndpointTypes> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** On another host than the rest. */
  readonly base_url?: string
  readonly query?: Readonly<Record<string, InputParameter>>
  readonly headers?: Readonly<Record<string, InputParameter>>
  readonly body_type?: 'json' | 'form'
  readonly pagination?: Pagination
  /** Never there: it lets the compiler know what the call takes and gives. */
  readonly types?: Types
}

/** Endpoints whose calls nobody has described. */
export type AnyEndpoints = Readonly<Record<string, EndpointTypes>>

/** The call that succeeds only with valid credentials. */
export interface Verification {
  readonly endpoint: string
  /** Values that the answer must contain, by JSON Pointer, where the status alone proves nothing. */
  readonly expect?: Readonly<Record<string, string | number | boolean | null>>
}

/** How a vendor's API is called, as its definition describes it. `Configuration` has the authentication fields. */
export interface Api<
  Endpoints extends object = AnyEndpoints,
  Configuration extends object = Readonly<Record<string, string>>,
> {
  readonly connector: string
  /** The authentication fields, and the places of credentials. */
  readonly installation: Installable<Configuration>
  readonly oauth?: OAuth
  /** Missing if there are only environments. */
  readonly base_url?: string
  readonly environments?: Environments
  /** Templates of headers that every call has; one whose field is empty is left out. */
  readonly headers: Readonly<Record<string, string>>
  /** Placeholders whose values are percent-encoded already. */
  readonly encoded?: readonly string[]
  readonly verification?: Verification
  readonly retry?: RetryRules
  readonly limits?: readonly RateLimit[]
  readonly endpoints: { readonly [Name in keyof Endpoints]: Endpoint<Endpoints[Name] & EndpointTypes> }
}

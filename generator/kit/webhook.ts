import type { AlgorithmName } from './algorithms.ts'
import type { BodyFormat, ParsedBody } from './body.ts'
import type { Encoding } from './bytes.ts'
import type { JwtClaims, KeySource, PublicKeys } from './key-source.ts'
import type { DeliveryRule, Path } from './mapping.ts'
import type { Call, Fetched } from './named-value.ts'
import type { Place, RequestCondition } from './place.ts'
import type { Route } from './route.ts'
import type { RoutingRule } from './routing.ts'
import type { EndpointAddress } from './template.ts'
import type { TimeForm } from './time.ts'

/** The place of a signature, and its layout there. */
export interface SignaturePlace {
  readonly in: Place['in']
  /** As in `Place`; several headers or parameters where each of them can contain the signature. */
  readonly at: readonly string[]
  /** The layout of the value, around `{signature}` and, if it is in the same place, `{timestamp}`. */
  readonly format: string
  /** Whether the vendor sends several signatures in one value, as while a key is replaced. */
  readonly multiple: boolean
}

/** The time that is signed. */
export interface TimestampPlace extends Partial<Place> {
  readonly form: TimeForm
  /** Seconds by which it may differ from the clock, in both directions. */
  readonly tolerance_seconds: number
}

/** How a vendor proves its deliveries. */
export interface SignatureScheme<Field extends string = string> {
  readonly name: string
  /**
   * An algorithm that signs bytes; `token` compares a shared secret, `jwt` verifies a JSON Web Token, and `none` proves
   * nothing: something else protects the endpoint.
   */
  readonly algorithm: AlgorithmName | 'token' | 'jwt' | 'none'
  /** The requests that the scheme is for; all of them where it is missing. */
  readonly when?: RequestCondition
  /** The parts of the body that are signed one by one. */
  readonly for?: Path
  /** Missing with `none` only. */
  readonly signature?: SignaturePlace
  readonly encoding: Encoding
  /** The authentication field that contains the key. */
  readonly secret?: Field
  readonly secret_encoding: 'text' | Encoding
  /** Text before the encoded key that is not part of it, such as `whsec_`. */
  readonly secret_prefix?: string
  /** The source of the public key, if it is not in a field. */
  readonly key?: KeySource
  /**
   * The bytes that are signed: literal text, `{body}`, `{method}`, `{url}`, `{path}`, `{timestamp}`, `{secret}`,
   * `{field:name}`, `{form}`, `{body_crc32}`, `{header:name}`, `{query:name}`, `{body:/pointer}` and `{item:/pointer}`.
   */
  readonly signed: string
  readonly timestamp?: TimestampPlace
  /** The place of the body's SHA-256 in hex, if that is signed instead of the body. */
  readonly body_sha256?: Place
  readonly jwt?: JwtClaims
  /** Percent escapes of the URL that are decoded once before it is signed. */
  readonly url_decoded?: readonly string[]
  /** Must be allowed by name, because it does not protect well. */
  readonly weak: boolean
}

/** The answer to a request, as data. Without `text` and `json` the body is empty. */
export interface ResponseTemplate {
  /** 200 if it is missing. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The media type of `text`; `text/plain` if it is missing. */
  readonly content_type?: 'text/plain' | 'text/xml' | 'application/xml'
  readonly text?: string
  readonly json?: unknown
}

/** A request by which a vendor checks the URL, and the answer that it expects. */
export interface Handshake<Field extends string = string> {
  readonly when: RequestCondition
  /** Whether the vendor signs the request like a delivery. */
  readonly verified?: boolean
  /** Values of the request by the name that templates use. */
  readonly values?: Readonly<Record<string, Place>>
  /** Values that must be correct: each equals a constant, or the value of an authentication field. */
  readonly expect?: readonly (Place & { readonly equals?: string; readonly field?: Field })[]
  /** A keyed hash of the values, for the answer. */
  readonly proof?: {
    readonly algorithm: AlgorithmName
    readonly encoding: 'hex' | 'base64'
    readonly secret: Field
    readonly signed: string
  }
  /** Values that the vendor chose and the application stores, by authentication field. */
  readonly keeps?: Readonly<Partial<Record<Field, string>>>
  readonly response: ResponseTemplate
}

/** An endpoint of the vendor that completes events. */
export interface Resource extends EndpointAddress {
  /** Parameters of the query that are always sent. */
  readonly query?: Readonly<Record<string, string>>
  /** Headers that are always sent, besides authorization. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The credentials and fields of an installation in calls. */
export type FetchAccess = Pick<FetchOptions, 'fetchResource' | 'fields'>

/** How the calls are made that complete events. */
export interface FetchOptions {
  /** Sends a call with the installation's credentials added. */
  readonly fetchResource?: ((call: Request) => Promise<Response>) | undefined
  /** Fields of the installation that URLs contain. */
  readonly fields?: Secrets | undefined
  /**
   * In place of `fetchResource` and `fields`: those for the installations with these values, or undefined if no call is
   * made for them.
   */
  readonly accessFor?: (routes: readonly Route[]) => Promise<FetchAccess | undefined>
  /** When to have all values, in milliseconds since 1970; in ten seconds if it is missing. */
  readonly deadline?: number
}

/** Makes the calls that `extract` needs, until it needs no more of them. */
export type FetchValues = <Result extends { readonly calls: readonly Call[] }>(
  webhook: Pick<Webhook, 'resources' | 'parseExactly'>,
  extract: (fetched: Fetched) => Result,
  options?: FetchOptions,
) => Promise<Result>

/** Facts that all events of a type share. */
export interface EventFacts<Data = unknown> {
  readonly smart_code: string
  /** JSON Pointers into the event's data: the values there name the event. */
  readonly idempotency: readonly string[]
  /** Never there: it lets the compiler know of the data that events of this type have. */
  readonly data?: Data
}

/**
 * What a definition says of a connector's webhook and events. `Field` names the authentication fields that hold its
 * secrets, `Events` the data of each type of event.
 */
export interface Webhook<Field extends string = string, Events extends object = AnyEvents> extends BodyFormat {
  readonly connector: string
  /** Strongest first. */
  readonly signatures: readonly SignatureScheme<Field>[]
  /** Present where a scheme has tokens, certificates or published keys. */
  readonly publicKeys?: PublicKeys
  /** The first that matches a request answers it. */
  readonly handshakes?: readonly Handshake<Field>[]
  /** The answer to a delivery; a JSON summary if it is missing. */
  readonly response?: ResponseTemplate
  /** HTTP methods of deliveries; POST if it is missing. */
  readonly methods?: readonly string[]
  /** Bytes of the largest body that is read. */
  readonly max_bytes: number
  /** Seconds within which the vendor wants its answer. */
  readonly time_limit_seconds: number
  readonly deliveries: readonly DeliveryRule[]
  /** The endpoints that rules fetch from, by name. */
  readonly resources?: Readonly<Record<string, Resource>>
  /** Present where a rule fetches a value. */
  readonly fetchValues?: FetchValues
  /** Places whose values no event needs. */
  readonly ignored?: readonly Path[]
  /** The first with a value decides which installations an event belongs to. */
  readonly routing?: readonly RoutingRule[]
  readonly events: { readonly [Type in keyof Events]: EventFacts<Events[Type]> }
}

/** A webhook whose deliveries identify the installation that they are for, by one of the fields `Route`. */
export interface RoutedWebhook<
  Field extends string = string,
  Events extends object = AnyEvents,
  Route extends string = string,
> extends Webhook<Field, Events> {
  readonly routing: readonly RoutingRule<Route>[]
}

/** The parts of a webhook that verification reads. */
export type SignedWebhook<Field extends string = string> = Pick<
  Webhook<Field>,
  'signatures' | 'max_bytes' | 'publicKeys'
> &
  Partial<BodyFormat>

/** Events whose data nobody has described. */
export type AnyEvents = Readonly<Record<string, unknown>>

/** The secrets of an installation by authentication field; a list while a secret is being replaced by another. */
export type Secrets<Field extends string = string> = Readonly<
  Partial<Record<Field, string | readonly string[] | undefined>>
>

/** A request whose body was read. */
export interface Delivery {
  readonly method: string
  /** The URL that was called; needed where a definition reads its query. */
  readonly url?: string
  readonly headers: Headers
  /** The bytes as they arrived; never a text that was parsed and printed again. */
  readonly body: Uint8Array<ArrayBuffer>
  /** Parses the body, once for all who need it. */
  readonly parse?: () => Promise<ParsedBody>
}

/** The values of a secret that can be keys: an empty one would let everybody in, and a number is not one. */
export function keysOf<Field extends string>(secrets: Secrets<Field>, field: Field): readonly string[] {
  return valuesOf(secrets, field).filter((key): key is string => typeof key === 'string' && key !== '')
}

/** Whether a secret is neither a string nor a list of strings, as callers without a compiler may have it. */
export function isMalformedSecret<Field extends string>(secrets: Secrets<Field>, field: Field): boolean {
  return valuesOf(secrets, field).some((key) => typeof key !== 'string')
}

function valuesOf<Field extends string>(secrets: Secrets<Field>, field: Field): readonly unknown[] {
  const value: unknown = secrets[field]
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]
}

/** Milliseconds that a body may take to arrive, by default. */
export const BODY_TIMEOUT = 10_000

/** Bytes that are reserved for a body at first; more only once they arrive. */
const FIRST_BYTES = 16_384

/** Reads the body of a request or response; stops when it is larger than `limit` bytes or takes longer than `timeout` milliseconds. */
export async function readBody(
  request: Pick<Request, 'body' | 'headers'>,
  limit: number,
  timeout: number = BODY_TIMEOUT,
): Promise<Uint8Array<ArrayBuffer> | 'body_too_large' | 'body_timeout' | 'unreadable_body'> {
  if (Number(request.headers.get('content-length')) > limit) return 'body_too_large'
  if (request.body === null) return new Uint8Array()
  // Chunks are copied: a chunk may be a view of a much larger buffer, and millions of tiny ones cost more than the body.
  let bytes = new Uint8Array(Math.min(limit, FIRST_BYTES))
  let size = 0
  let isLate = false
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    const reader = request.body.getReader()
    const stop = () => {
      reader.cancel().catch(() => undefined)
    }
    // Cancelling ends the read that is waiting.
    timer = setTimeout(() => {
      isLate = true
      stop()
    }, timeout)
    for (;;) {
      const { done, value } = await reader.read()
      if (isLate) return 'body_timeout'
      if (done) return bytes.slice(0, size)
      if (size + value.byteLength > limit) {
        stop()
        return 'body_too_large'
      }
      bytes = withRoom(bytes, size + value.byteLength, limit)
      bytes.set(value, size)
      size += value.byteLength
    }
  } catch {
    return 'unreadable_body'
  } finally {
    clearTimeout(timer)
  }
}

/** The bytes, in a buffer that doubles until it is large enough, so that all copies together are linear. */
function withRoom(bytes: Uint8Array<ArrayBuffer>, needed: number, limit: number): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.byteLength) return bytes
  const larger = new Uint8Array(Math.min(limit, Math.max(needed, 2 * bytes.byteLength)))
  larger.set(bytes)
  return larger
}

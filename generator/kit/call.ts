import type { AddressProblem } from './outgoing.ts'
import type { PlaceholderValues } from './template.ts'
import type { OAuthError } from './token-request.ts'

/** Why a call gave no data. No part of it contains a secret of the installation or a credential of the request. */
export type CallError =
  /** The call was not sent: `field` is the placeholder, parameter or header that is missing or cannot be sent. */
  | {
      readonly reason: 'invalid_input'
      readonly field: string
      readonly problem: 'missing' | 'malformed' | 'unsafe' | 'unknown'
    }
  | {
      readonly reason: 'unauthorized' | 'forbidden' | 'not_found' | 'refused' | 'rate_limited' | 'unavailable'
      readonly status: number
      /** The beginning of the vendor's answer, as text. */
      readonly message: string
      /** How many seconds the vendor wants to be left alone. */
      readonly retry_after_seconds?: number
    }
  /** A limit of the definition allows the call only after the time for it is over. Nothing was sent. */
  | { readonly reason: 'limit_reached'; readonly retry_after_seconds: number }
  | { readonly reason: 'unsafe_address'; readonly problem: AddressProblem | 'other_origin' }
  /** There is no access token. If `token.reason` is `reconnect`, only a person can help, by connecting again. */
  | { readonly reason: 'not_authenticated'; readonly token: OAuthError }
  /** `aborted`: by the signal of the call. */
  | { readonly reason: 'timeout' | 'aborted' | 'unreachable' | 'malformed_answer' | 'answer_too_large' }

export type CallResult<Data> =
  | { readonly ok: true; readonly data: Data; readonly status: number; readonly headers: Headers }
  | { readonly ok: false; readonly error: CallError }

/** Options of a single call. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** Input of a call as the compiler no longer sees it. */
export interface AnyInput extends CallOptions {
  readonly parameters?: PlaceholderValues
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** The result of a call, and the URL that it went to, without credentials that are in the query. */
export interface Sent {
  readonly result: CallResult<unknown>
  readonly url?: URL
}

/** Calls an endpoint; `page` is the URL to read in place of the endpoint's own. */
export type Send = (name: string, input: AnyInput, page?: URL) => Promise<Sent>

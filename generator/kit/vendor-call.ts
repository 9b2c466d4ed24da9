import type { OutgoingOptions } from './outgoing.ts'
import { AddressError, guardedFetch } from './outgoing.ts'
import { unlessAborted } from './repeat.ts'
import { readBody } from './webhook.ts'

export interface CallOptions extends Omit<OutgoingOptions, 'fetch'> {
  /** Adds credentials to the request and sends it. It must not follow redirects. */
  readonly send: (request: Request) => Promise<Response>
  readonly signal?: AbortSignal
  /** Milliseconds that the call may take, with its answer; ten seconds if it is missing. */
  readonly timeout?: number
}

/** An answer with a status of success. */
export interface VendorAnswer {
  readonly status: number
  readonly headers: Headers
  /** Undefined if the body is not JSON. */
  readonly content: unknown
}

/** Why a call failed. The answer and messages of errors are left out: they could repeat a token. */
export type CallError =
  /** The vendor answered with another status; `unavailable` (408, 429 and 5xx) may pass. */
  | { readonly reason: 'refused' | 'unavailable'; readonly status: number }
  | { readonly reason: 'answer_too_large' | 'unreadable_answer'; readonly status: number }
  /** The address is not a public https address, or the answer is a redirect. */
  | { readonly reason: 'unsafe_address'; readonly code: string }
  /** `code` is the system's, such as `ECONNREFUSED`, or the name of the error that `send` threw. */
  | { readonly reason: 'unreachable'; readonly code?: string }
  | { readonly reason: 'timeout' }

/** Bytes of the largest answer that is read. */
const LARGEST_ANSWER = 256 * 1024
const TIMEOUT = 10_000

/** Calls a vendor's API at a public https address, within a time and a size. Never throws. */
export async function callVendor(
  url: URL,
  init: RequestInit,
  { send, signal, timeout = TIMEOUT, ...outgoing }: CallOptions,
): Promise<({ readonly ok: true } & VendorAnswer) | { readonly ok: false; readonly error: CallError }> {
  const late = AbortSignal.timeout(timeout)
  const ending = AbortSignal.any(signal === undefined ? [late] : [signal, late])
  // The function may ignore the signal, so the call does not wait for it.
  const guarded = guardedFetch({ ...outgoing, fetch: (input, given) => send(new Request(input, given)) })
  try {
    const response = await unlessAborted(guarded(url, { ...init, signal: ending }), ending)
    const { ok, status, headers } = response
    if (!ok) {
      response.body?.cancel().catch(() => undefined)
      return { ok, error: { reason: isTemporary(status) ? 'unavailable' : 'refused', status } }
    }
    const body = await unlessAborted(readBody(response, LARGEST_ANSWER, timeout), ending)
    if (body === 'body_timeout') return { ok: false, error: { reason: 'timeout' } }
    if (typeof body === 'string')
      return {
        ok: false,
        error: { reason: body === 'body_too_large' ? 'answer_too_large' : 'unreadable_answer', status },
      }
    return { ok, status, headers, content: jsonOf(body) }
  } catch (error) {
    if (error instanceof AddressError) return { ok: false, error: { reason: 'unsafe_address', code: error.problem } }
    return { ok: false, error: late.aborted ? { reason: 'timeout' } : { reason: 'unreachable', ...codeOf(error) } }
  }
}

function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

function codeOf(error: unknown): { readonly code?: string } {
  const { cause, code, name } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly cause?: { readonly code?: unknown }
    readonly code?: unknown
    readonly name?: unknown
  }
  const found = [cause?.code, code, name].find((one) => typeof one === 'string' && /^[A-Za-z_]{3,40}$/.test(one))
  return typeof found === 'string' ? { code: found } : {}
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

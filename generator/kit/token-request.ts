import type { Answer } from './answer.ts'
import { withoutSecrets } from './installation.ts'
import { AddressError } from './outgoing.ts'
import { valueAtPointer } from './pointer.ts'

/** Tokens for the encrypted store. Times are ISO 8601. */
export interface Tokens {
  readonly access_token: string
  readonly refresh_token?: string
  /** Missing where the token does not expire, or the vendor does not say. */
  readonly expires_at?: string
  readonly refresh_expires_at?: string
  /** Separated by spaces. */
  readonly scope?: string
}

/** Why there are no tokens. Nothing in it contains a secret, a code or a token. */
export interface OAuthError {
  /**
   * `denied`: the person said no. `invalid_state`: the answer belongs to another attempt. `reconnect`: only the person
   * can help, by connecting again. `refused`: the vendor does not accept the request. `pending`: the person has not
   * entered the code of a device yet. `unsafe_address`: the token address is not a public https address.
   */
  readonly reason:
    | 'denied'
    | 'invalid_state'
    | 'reconnect'
    | 'refused'
    | 'pending'
    | 'malformed_answer'
    | 'unreachable'
    | 'unsafe_address'
  /** The vendor's code, such as `invalid_grant`; for an unsafe address why it is one. */
  readonly code?: string
  readonly status?: number
}

/** JSON Pointers to the values in the answer of a token URL, where they differ from RFC 6749, 5.1. */
export interface TokenResponse {
  readonly access_token?: string
  readonly refresh_token?: string
  readonly expires_in?: string
  readonly expires_at?: string
  readonly refresh_expires_in?: string
  readonly scope?: string
  /** Seconds that a token lives if the answer contains no time. */
  readonly lifetime_seconds?: number
}

/**
 * The tokens in an answer, or undefined if it has none. Members that are null or empty count as missing, numbers may be
 * text, scopes a list, and the type of the token does not matter.
 */
export function tokensIn(answer: unknown, places: TokenResponse, now: number): Tokens | undefined {
  const at = (member: Exclude<keyof TokenResponse, 'lifetime_seconds'>, usual: string = member) =>
    valueAtPointer(answer, places[member] ?? `/${usual}`)
  const access_token = textOf(at('access_token'))
  if (access_token === undefined) return undefined
  const refresh_token = textOf(at('refresh_token'))
  const expires_at =
    after(at('expires_in'), now) ?? moment(at('expires_at'), now) ?? after(places.lifetime_seconds, now)
  const refresh_expires_at = after(at('refresh_expires_in', 'refresh_token_expires_in'), now)
  const scope = scopeOf(at('scope'))
  return {
    access_token,
    ...(refresh_token === undefined ? {} : { refresh_token }),
    ...(expires_at === undefined ? {} : { expires_at }),
    ...(refresh_expires_at === undefined ? {} : { refresh_expires_at }),
    ...(scope === undefined ? {} : { scope }),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function scopeOf(value: unknown): string | undefined {
  return textOf(Array.isArray(value) ? value.filter((scope) => typeof scope === 'string').join(' ') : value)
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined
}

/** A hundred years: a longer life is as good as none that ends, and may exceed what a date can be. */
const LONGEST_LIFE = 3_153_600_000

/** Zero, as vendors write it for tokens that do not expire, does not count. */
function after(seconds: unknown, now: number): string | undefined {
  const number = numberOf(seconds)
  return number === undefined || number > LONGEST_LIFE ? undefined : new Date(now + number * 1000).toISOString()
}

/** A moment in seconds or milliseconds since 1970, or as a date. */
function moment(value: unknown, now: number): string | undefined {
  const number = numberOf(value)
  const time =
    number === undefined
      ? typeof value === 'string'
        ? Date.parse(value)
        : Number.NaN
      : number < 1e11
        ? number * 1000
        : number
  return time > 0 && time < now + LONGEST_LIFE * 1000 ? new Date(time).toISOString() : undefined
}

/** Why an answer without tokens has none. Some vendors report errors with status 200. */
export function errorIn(
  { response: { ok, status }, answer }: Answer,
  { reconnectOn = [], secrets }: { readonly reconnectOn?: readonly string[]; readonly secrets: readonly string[] },
): OAuthError {
  const error = valueAtPointer(answer, '/error')
  if (typeof error !== 'string' || error === '')
    return ok && !isRefusal(answer) ? { reason: 'malformed_answer' } : { reason: 'refused', status }
  return { reason: reasonOf(error, reconnectOn), code: withoutSecrets(error, secrets).slice(0, 100), status }
}

function isRefusal(answer: unknown): boolean {
  return valueAtPointer(answer, '/ok') === false
}

/** RFC 6749, 5.2, and RFC 8628, 3.5. */
function reasonOf(code: string, reconnectOn: readonly string[]): OAuthError['reason'] {
  if (code === 'access_denied') return 'denied'
  if (code === 'authorization_pending' || code === 'slow_down') return 'pending'
  return ['invalid_grant', 'expired_token', ...reconnectOn].includes(code) ? 'reconnect' : 'refused'
}

/** Why a request got no answer. */
export function failureOf(error: unknown): OAuthError {
  return error instanceof AddressError ? { reason: 'unsafe_address', code: error.problem } : { reason: 'unreachable' }
}

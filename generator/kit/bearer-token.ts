import { parseJson } from './body.ts'
import { decoded, utf8 } from './bytes.ts'
import { refuse } from './gateway-problem.ts'
import { isObject } from './mapping.ts'
import { guardedFetch } from './outgoing.ts'
import { readBody } from './webhook.ts'

/** How bearer tokens of users are verified: by public keys, by a shared secret, or by either. */
export interface TokenRules {
  /** The address of the public keys (RFC 7517): `https://<project>.supabase.co/auth/v1/.well-known/jwks.json`. */
  readonly keys?: string | URL
  /** The secret of tokens that are signed with HS256, as in older projects of Supabase. */
  readonly secret?: string
  /** The required claim `iss`. */
  readonly issuer?: string
  /** The required claim `aud`; `authenticated` if it is missing, as Supabase sets it for users who are signed in. */
  readonly audience?: string
  readonly fetch?: typeof fetch
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Gives the subject of a valid token, such as the id of a user; undefined for any other token. */
export type VerifyToken = (token: string) => Promise<string | undefined>

/** Seconds by which the clocks may differ. */
const TOLERANCE = 5
const LONGEST_TOKEN = 16_384
const LARGEST_KEYS = 256 * 1024
/** Milliseconds within which the keys must arrive, after which they are fetched again, and between two attempts. */
const [TIMEOUT, KEPT, PAUSE] = [5000, 600_000, 10_000]

/** An algorithm of public keys: the type of key that it needs, and its parameters. */
interface Algorithm {
  readonly kty: string
  readonly imported: { readonly name: string; readonly hash?: string; readonly namedCurve?: string }
  readonly used: { readonly name: string; readonly hash?: string }
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: {
    kty: 'RSA',
    imported: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    used: { name: 'RSASSA-PKCS1-v1_5' },
  },
  ES256: { kty: 'EC', imported: { name: 'ECDSA', namedCurve: 'P-256' }, used: { name: 'ECDSA', hash: 'SHA-256' } },
  EdDSA: { kty: 'OKP', imported: { name: 'Ed25519' }, used: { name: 'Ed25519' } },
}

/** A public key (RFC 7517). */
type JsonWebKeyWithId = Readonly<Partial<Record<'kid' | 'alg' | 'kty' | 'n' | 'e' | 'crv' | 'x' | 'y', string>>>

type Claims = Readonly<Record<string, unknown>>

/**
 * Verifies JSON Web Tokens (RFC 7519) with the cryptography of the runtime. While no public keys could be fetched, it
 * rejects with what the gateway answers with 503.
 */
export function tokenVerifier(rules: TokenRules): VerifyToken {
  const { secret, issuer, audience = 'authenticated', now = Date.now } = rules
  const keyWith = rules.keys === undefined ? async () => [] : keySource(rules.keys, rules.fetch, now)
  if (rules.keys === undefined && secret === undefined) throw new TypeError('tokens need keys or a secret')

  const isSigned = async (text: string, signature: Uint8Array<ArrayBuffer>, { alg, kid }: Claims): Promise<boolean> => {
    if (alg === 'HS256' && secret !== undefined) {
      const key = await crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
        'verify',
      ])
      return crypto.subtle.verify('HMAC', key, signature, utf8(text))
    }
    const algorithm = typeof alg === 'string' && Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined
    if (algorithm === undefined) return false
    for (const jwk of await keyWith(typeof kid === 'string' ? kid : undefined)) {
      if (jwk.kty !== algorithm.kty || (jwk.alg !== undefined && jwk.alg !== alg)) continue
      const { kty, n, e, crv, x, y } = jwk
      const given = Object.entries({ kty, n, e, crv, x, y }).filter(([, value]) => value !== undefined)
      const key = await crypto.subtle
        .importKey('jwk', Object.fromEntries(given), algorithm.imported, false, ['verify'])
        .catch(() => undefined)
      if (key !== undefined && (await crypto.subtle.verify(algorithm.used, key, signature, utf8(text)))) return true
    }
    return false
  }

  return async (token) => {
    const [head = '', body = '', end = '', ...rest] = token.split('.')
    if (rest.length > 0 || token.length > LONGEST_TOKEN) return undefined
    const [header, claims, signature] = [objectIn(head), objectIn(body), decoded(end, 'base64url')]
    // An extension that must be understood (`crit`) is not.
    if (header === undefined || claims === undefined || signature === undefined || 'crit' in header) return undefined
    if (!(await isSigned(`${head}.${body}`, signature, header))) return undefined
    const { sub, exp, nbf = 0, iss, aud } = claims
    const seconds = now() / 1000
    const isCurrent =
      typeof exp === 'number' && exp > seconds - TOLERANCE && typeof nbf === 'number' && nbf < seconds + TOLERANCE
    const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
    if (!isCurrent || (issuer !== undefined && iss !== issuer) || !audiences.includes(audience)) return undefined
    return typeof sub === 'string' && sub !== '' ? sub : undefined
  }
}

function objectIn(part: string): Claims | undefined {
  const bytes = decoded(part, 'base64url')
  const value = bytes && parseJson({}, bytes)
  return isObject(value) ? value : undefined
}

/** The keys with an id, or all if a token has none. They are fetched again for an id that is new, but not for every one. */
function keySource(
  address: string | URL,
  send: typeof fetch | undefined,
  now: () => number,
): (id: string | undefined) => Promise<readonly JsonWebKeyWithId[]> {
  const { host } = new URL(address)
  // The application itself configures the address, which may be on this machine.
  const guarded = guardedFetch({ allow: [host], ...(send === undefined ? {} : { fetch: send }) })
  let keys: readonly JsonWebKeyWithId[] = []
  let [fetchedAt, triedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let fetching: Promise<void> | undefined

  const refresh = async (): Promise<void> => {
    triedAt = now()
    const response = await guarded(new URL(address), { signal: AbortSignal.timeout(TIMEOUT) })
    const bytes = response.ok ? await readBody(response, LARGEST_KEYS, TIMEOUT) : 'unreadable_body'
    if (typeof bytes === 'string') throw new Error('the public keys cannot be read')
    const answer = parseJson({}, bytes)
    const { keys: found } = isObject(answer) ? answer : {}
    if (!Array.isArray(found)) throw new Error('the public keys cannot be read')
    keys = found as readonly JsonWebKeyWithId[]
    fetchedAt = now()
  }
  const withId = (id: string | undefined) => keys.filter(({ kid }) => id === undefined || kid === id)

  return async (id) => {
    const isStale = now() - fetchedAt > KEPT || withId(id).length === 0
    if (isStale && (fetching !== undefined || now() - triedAt > PAUSE)) {
      fetching ??= refresh().finally(() => {
        fetching = undefined
      })
      // Keys of before still verify while the server that has them is down.
      await fetching.catch(() => undefined)
    }
    // Without keys nobody knows whether the token is valid.
    if (fetchedAt === Number.NEGATIVE_INFINITY)
      refuse({ status: 503, error: 'integration_unavailable:TOKEN_KEYS', message: 'the public keys cannot be fetched' })
    return withId(id)
  }
}

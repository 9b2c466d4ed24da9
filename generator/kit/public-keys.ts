import * as jose from 'jose'
import type { Key } from './algorithms.ts'
import { decoded } from './bytes.ts'
import type { FetchKey, PublicKeys, TokenKey, TokenResult } from './key-source.ts'
import { guardedFetch } from './outgoing.ts'
import { readBody } from './webhook.ts'

/** Bytes of a certificate or key set; larger than any that vendors publish. */
const LARGEST_KEY = 256 * 1024
/** Milliseconds within which a key must arrive. */
const KEY_TIMEOUT = 5000
/** Milliseconds that a key is kept, and that a failure is remembered. */
const KEPT = 3_600_000
const FAILED = 30_000
/** Addresses that are remembered; and new ones that are fetched within a minute, so that strangers cannot make us call. */
const MOST_KEYS = 50
const MOST_PER_MINUTE = 20

interface KnownKey {
  readonly text: Promise<string>
  until: number
}

/** Keeps what `fetchKey` returns for an hour, and failures for half a minute; fetches at most 20 new keys per minute. */
export function cachedKeys(fetchKey: FetchKey, clock: () => number = Date.now): FetchKey {
  const known = new Map<string, KnownKey>()
  let recent: readonly number[] = []
  return (request) => {
    const now = clock()
    const name = JSON.stringify(request)
    const found = known.get(name)
    if (found !== undefined && now < found.until) return found.text
    recent = recent.filter((time) => now - time < 60_000)
    if (recent.length >= MOST_PER_MINUTE) return Promise.reject(new Error('too many keys were requested'))
    recent = [...recent, now]
    const [oldest] = known.keys()
    if (known.size >= MOST_KEYS && oldest !== undefined) known.delete(oldest)
    const entry: KnownKey = { text: fetchKey(request), until: now + KEPT }
    entry.text.catch(() => {
      entry.until = clock() + FAILED
    })
    known.set(name, entry)
    return entry.text
  }
}

/** Fetches keys at public https addresses, and keeps them. An endpoint needs a function of the application. */
export const fetchPublishedKey: FetchKey = cachedKeys(async (request) => {
  if (!('url' in request)) throw new Error(`the key of ${request.endpoint} needs fetchKey`)
  const response = await guardedFetch()(request.url, { signal: AbortSignal.timeout(KEY_TIMEOUT) })
  if (!response.ok) throw new Error(`the key was answered with status ${response.status}`)
  const bytes = await readBody(response, LARGEST_KEY)
  if (typeof bytes === 'string') throw new Error(`the key cannot be read: ${bytes}`)
  return new TextDecoder().decode(bytes)
})

/** Seconds by which the clocks may differ. */
const CLOCK_TOLERANCE = 5

/** By the library `jose`; only connectors that need it import this module. */
export const publicKeys: PublicKeys = {
  fetchKey: fetchPublishedKey,
  async importCertificate(pem) {
    // The name of the algorithm only decides how jose imports the key; the bytes are the same for each of them.
    const options = { extractable: true }
    const key = pem.includes('BEGIN CERTIFICATE')
      ? await jose.importX509(pem, 'RS256', options)
      : await jose.importSPKI(pem, 'RS256', options)
    return new Uint8Array(await crypto.subtle.exportKey('spki', key))
  },
  async verifyToken(token, { algorithms, issuer, audience, equal = {}, max_age_seconds, key, now }) {
    // jose accepts a last character with other unused bits, so that one token could be written in several ways.
    if (token.split('.').some((part) => decoded(part, 'base64url') === undefined || part.endsWith('=')))
      return { verified: false, reason: 'malformed_signature' }
    try {
      const imported = await importTokenKey(key, token)
      const { payload } = await jose.jwtVerify(token, imported, {
        algorithms: [...algorithms],
        currentDate: new Date(now),
        clockTolerance: CLOCK_TOLERANCE,
        ...(issuer === undefined ? {} : { issuer: typeof issuer === 'string' ? issuer : [...issuer] }),
        ...(audience === undefined ? {} : { audience }),
        ...(max_age_seconds === undefined ? {} : { maxTokenAge: max_age_seconds }),
      })
      const isEqual = Object.entries(equal).every(([name, value]) => payload[name] === value)
      return isEqual ? { verified: true, claims: payload } : { verified: false, reason: 'signature_mismatch' }
    } catch (error) {
      return { verified: false, reason: reasonOf(error) }
    }
  },
  keyIdOf(token) {
    try {
      return jose.decodeProtectedHeader(token).kid
    } catch {
      return undefined
    }
  },
  signToken(claims, { algorithm, key, id }) {
    const header = { alg: algorithm, ...(id === undefined ? {} : { kid: id }) }
    return new jose.SignJWT({ ...claims }).setProtectedHeader(header).sign(key)
  },
}

/** A key that is not one of these forms has its own reason, so that nobody looks for the mistake in the token. */
class KeyError extends Error {}

async function importTokenKey(key: TokenKey, token: string): Promise<Key | Uint8Array<ArrayBuffer>> {
  if (typeof key !== 'string') return key
  const { alg, kid } = jose.decodeProtectedHeader(token)
  try {
    if (key.includes('BEGIN CERTIFICATE')) return await jose.importX509(key, alg ?? '')
    if (key.includes('BEGIN PUBLIC KEY')) return await jose.importSPKI(key, alg ?? '')
    const parsed = JSON.parse(key) as jose.JWK & { readonly keys?: readonly jose.JWK[]; readonly key?: jose.JWK }
    const found = parsed.keys === undefined ? (parsed.key ?? parsed) : parsed.keys.find((one) => one.kid === kid)
    if (found === undefined || found.kty === 'oct') throw new KeyError()
    return (await jose.importJWK(found, alg)) as Key
  } catch {
    throw new KeyError()
  }
}

function reasonOf(error: unknown): Extract<TokenResult, { verified: false }>['reason'] {
  if (error instanceof KeyError) return 'malformed_secret'
  if (error instanceof jose.errors.JWTExpired) return 'timestamp_out_of_tolerance'
  if (error instanceof jose.errors.JWTClaimValidationFailed)
    return ['iat', 'exp', 'nbf'].includes(error.claim) ? 'timestamp_out_of_tolerance' : 'signature_mismatch'
  return error instanceof jose.errors.JWSSignatureVerificationFailed ? 'signature_mismatch' : 'malformed_signature'
}

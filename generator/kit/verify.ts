import { concatenated, decoded, equalBytes, equalTexts, utf8 } from './bytes.ts'
import type { Delivery, Secrets, SignatureScheme, SignedWebhook } from './webhook.ts'
import { hmacKey, isMalformedSecret, keysOf, readBody } from './webhook.ts'

/** Why a delivery is refused. Nothing in it tells a secret or a signature. */
export type Refusal =
  | 'missing_secret'
  | 'malformed_secret'
  | 'missing_url'
  | 'missing_header'
  | 'malformed_header'
  | 'timestamp_out_of_tolerance'
  | 'signature_mismatch'
  | 'body_too_large'
  | 'body_timeout'
  | 'unreadable_body'
  | 'unreadable_request'
  | 'unsupported_algorithm'

/** Whether a delivery comes from the vendor; with the bytes that were verified, and by which scheme. */
export type Verification =
  | { readonly verified: true; readonly scheme: string; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly verified: false; readonly reason: Refusal }

export interface VerifyOptions {
  /** The public URL as it is registered with the vendor, where it is signed too; never made from the Host header. */
  readonly url?: string | undefined
  /** Names of weak schemes that are good enough here; see the connector's documentation for what they lack. */
  readonly allowWeak?: readonly string[] | undefined
  /** Now, in milliseconds since 1970; the clock where it is missing. */
  readonly now?: number | undefined
  /** Milliseconds that the body may take to arrive; ten seconds where it is missing. */
  readonly bodyTimeout?: number | undefined
}

/**
 * Whether a request comes from the connector's vendor. A request's body is read and handed back; it never throws.
 * Schemes are tried from strong to weak, and one that is no weak one has the last word where its header is present.
 */
export async function verify<Field extends string>(
  webhook: SignedWebhook<Field>,
  request: Request | Delivery,
  secrets: Secrets<Field>,
  { url, allowWeak = [], now = Date.now(), bodyTimeout }: VerifyOptions = {},
): Promise<Verification> {
  if (typeof request.headers?.get !== 'function') return refused('unreadable_request')
  const body = isRead(request) ? request.body : await readBody(request, webhook.max_bytes, bodyTimeout)
  if (typeof body === 'string') return refused(body)
  if (body.byteLength > webhook.max_bytes) return refused('body_too_large')
  let refusal: Refusal = 'missing_header'
  for (const scheme of webhook.signatures) {
    if (scheme.weak && !allowWeak.includes(scheme.name)) continue
    const delivery = { method: request.method, headers: request.headers, body }
    const reason = await refusalOf(scheme, delivery, secrets, url, now).catch(() => 'unsupported_algorithm' as const)
    if (reason === undefined) return { verified: true, scheme: scheme.name, body }
    if (reason === 'missing_header') continue
    refusal = reason
    if (!scheme.weak) break
  }
  return refused(refusal)
}

/** A request of another realm is not an instance of this realm's Request, so the body decides. */
function isRead(request: Request | Delivery): request is Delivery {
  return ArrayBuffer.isView(request.body)
}

function refused(reason: Refusal): Verification {
  return { verified: false, reason }
}

async function refusalOf<Field extends string>(
  scheme: SignatureScheme<Field>,
  { method, headers, body }: Delivery,
  secrets: Secrets<Field>,
  url: string | undefined,
  now: number,
): Promise<Refusal | undefined> {
  const header = headers.get(scheme.header)
  if (header === null || header === '') return 'missing_header'
  if (isMalformedSecret(secrets, scheme.secret)) return 'malformed_secret'
  const keys = keysOf(secrets, scheme.secret)
  if (keys.length === 0) return 'missing_secret'
  const { signatures, timestamp: inHeader } = parsed(scheme, header)
  if (signatures.length === 0 || signatures.length > (scheme.multiple === true ? MOST_SIGNATURES : 1))
    return 'malformed_header'
  if (scheme.algorithm === 'token') {
    // Each pair is compared, so that the time says nothing about which of the keys it was.
    const pairs = signatures.flatMap((token) => keys.map((key) => equalTexts(token, key)))
    return (await Promise.all(pairs)).includes(true) ? undefined : 'signature_mismatch'
  }
  const expected = lengthOf(scheme.algorithm)
  const candidates = signatures
    .map((signature) => decoded(signature, scheme.encoding))
    .filter((bytes) => bytes !== undefined)
    .filter(({ byteLength }) => expected === undefined || byteLength === expected)
  if (candidates.length === 0) return 'malformed_header'

  const timestamp = inHeader ?? (scheme.timestamp && headers.get(scheme.timestamp.header))
  if (scheme.timestamp !== undefined) {
    if (timestamp === null || timestamp === undefined || timestamp === '') return 'missing_header'
    const { unit, tolerance_seconds } = scheme.timestamp
    if (!(unit === 's' ? /^[1-9]\d{9}$/ : /^[1-9]\d{12}$/).test(timestamp)) return 'malformed_header'
    const sent = Number(timestamp) * (unit === 's' ? 1000 : 1)
    if (Math.abs(now - sent) > tolerance_seconds * 1000) return 'timestamp_out_of_tolerance'
  }
  const id = scheme.id_header === undefined ? '' : headers.get(scheme.id_header)
  if (id === null || (id === '' && scheme.signed.includes('{id}'))) return 'missing_header'
  if (url === undefined && scheme.signed.includes('{url}')) return 'missing_url'

  const values = {
    body,
    method,
    url: urlDecoded(url ?? '', scheme.url_decoded),
    timestamp: timestamp ?? '',
    id,
  }
  // The body is hashed once for each key, however many signatures came: what a stranger sends must not multiply it.
  const shared = scheme.signed.includes('{secret}') ? undefined : signedBytes(scheme.signed, values)
  let failure: Refusal | undefined
  for (const key of keys) {
    const imported = await importedKey(scheme, key, secrets)
    if (typeof imported === 'string') {
      failure ??= imported
      continue
    }
    failure = 'signature_mismatch'
    const message = shared ?? signedBytes(scheme.signed, { ...values, secret: key })
    const check = await checker(scheme, imported.key, message)
    for (const candidate of candidates) if (await check(candidate)) return undefined
  }
  return failure ?? 'malformed_secret'
}

/** Signatures that are compared at most; vendors send two while a key is replaced. */
const MOST_SIGNATURES = 5

/** The signatures in a header, and the time where it stands there too. */
function parsed(
  { format, multiple = false }: SignatureScheme,
  header: string,
): { readonly signatures: string[]; readonly timestamp?: string } {
  if (format.includes('{timestamp}')) return parsedPairs(format, header)
  // Two headers of one name reach us as one with a comma: which of them the vendor sent, nobody can say.
  if (header.includes(',') && !format.includes(',')) return { signatures: [] }
  const [before = '', after = ''] = format.split('{signature}')
  const items = multiple && !format.includes(' ') ? header.split(' ') : [header]
  const signatures = items
    .filter((item) => item.startsWith(before) && item.endsWith(after))
    .map((item) => item.slice(before.length, item.length - after.length))
    .filter((signature) => signature !== '')
  return { signatures }
}

/** Of `t={timestamp},v1={signature}`: pairs in any order, with others among them. */
function parsedPairs(format: string, header: string): { readonly signatures: string[]; readonly timestamp?: string } {
  const nameOf = (placeholder: string) =>
    format
      .split(',')
      .find((pair) => pair.endsWith(placeholder))
      ?.slice(0, -placeholder.length)
  const [signature, timestamp] = [nameOf('{signature}'), nameOf('{timestamp}')]
  const valuesOf = (name: string | undefined) =>
    name === undefined
      ? []
      : header
          .split(',')
          .filter((pair) => pair.startsWith(name))
          .map((pair) => pair.slice(name.length))
  const [time, ...more] = valuesOf(timestamp)
  if (time === undefined || more.length > 0) return { signatures: [] }
  return { signatures: valuesOf(signature), timestamp: time }
}

function lengthOf(algorithm: SignatureScheme['algorithm']): number | undefined {
  return { 'hmac-sha1': 20, 'hmac-sha256': 32, sha256: 32, 'hmac-sha512': 64, ed25519: 64 }[algorithm as 'sha256']
}

/** The bytes of a key; undefined where it is not written as the scheme says. */
export function keyBytes(
  { secret_encoding, secret_prefix = '' }: SignatureScheme,
  key: string,
): Uint8Array<ArrayBuffer> | undefined {
  if (secret_encoding === 'text') return utf8(key)
  return decoded(key.startsWith(secret_prefix) ? key.slice(secret_prefix.length) : key, secret_encoding)
}

/** A URL as it is signed: the percent escapes that the vendor decodes, decoded. */
export function urlDecoded(url: string, escapes: readonly string[] | undefined): string {
  if (escapes === undefined) return url
  // Once, from left to right: what an escape gives is not looked at again.
  return url.replace(/%[0-7][0-9A-F]/g, (written) =>
    escapes.includes(written) ? String.fromCharCode(Number.parseInt(written.slice(1), 16)) : written,
  )
}

/** The bytes that a signature is made of. */
export function signedBytes(
  template: string,
  values: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
): Uint8Array<ArrayBuffer> {
  // The usual case: nothing is copied.
  const { body } = values
  if (template === '{body}' && typeof body === 'object') return body
  const parts: Uint8Array[] = []
  let text = ''
  for (const part of template.split(/(\{[a-z]+\})/)) {
    const value = part.startsWith('{') ? values[part.slice(1, -1)] : part
    if (typeof value === 'string') text += value
    else if (value !== undefined) {
      if (text !== '') parts.push(utf8(text))
      parts.push(value)
      text = ''
    }
  }
  if (text !== '') parts.push(utf8(text))
  return concatenated(parts)
}

type Check = (signature: Uint8Array<ArrayBuffer>) => Promise<boolean> | boolean

/** What WebCrypto made of a key, where it needs one. */
interface ImportedKey {
  readonly key?: Awaited<ReturnType<typeof hmacKey>>
}

/** Importing a key costs as much as using it; keys are kept as long as the secrets that they come from. */
const importedKeys = new WeakMap<object, Map<string, Promise<ImportedKey | KeyProblem>>>()

type KeyProblem = 'malformed_secret' | 'unsupported_algorithm'

function importedKey(scheme: SignatureScheme, secret: string, secrets: Secrets): Promise<ImportedKey | KeyProblem> {
  let known = importedKeys.get(secrets)
  if (known === undefined) {
    known = new Map()
    importedKeys.set(secrets, known)
  }
  const name = `${scheme.name} ${scheme.secret} ${secret}`
  const found = known.get(name)
  if (found !== undefined) return found
  const made = importKey(scheme, secret).catch(problemOf)
  // Secrets that are changed in place again and again must not pile up.
  if (known.size >= 20) known.clear()
  known.set(name, made)
  return made
}

/** Why WebCrypto does not take a key: it does not know the algorithm, or the bytes are not a key of it. */
function problemOf(error: unknown): KeyProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  return ['NotSupportedError', 'TypeError', 'ReferenceError'].includes(name)
    ? 'unsupported_algorithm'
    : 'malformed_secret'
}

async function importKey(scheme: SignatureScheme, secret: string): Promise<ImportedKey | KeyProblem> {
  const { algorithm } = scheme
  const bytes = keyBytes(scheme, secret)
  if (bytes === undefined) return 'malformed_secret'
  if (algorithm === 'sha256' || algorithm === 'token') return {}
  if (algorithm === 'ed25519') return { key: await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']) }
  if (algorithm !== 'ecdsa-p256-sha256') return { key: await hmacKey(algorithm, bytes) }
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  return { key: await crypto.subtle.importKey('spki', bytes, curve, false, ['verify']) }
}

async function checker(
  { algorithm }: SignatureScheme,
  key: ImportedKey['key'],
  message: Uint8Array<ArrayBuffer>,
): Promise<Check> {
  if (algorithm === 'sha256') {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', message))
    return (signature) => equalBytes(signature, digest)
  }
  if (key === undefined) return () => false
  if (algorithm === 'ed25519') return (signature) => crypto.subtle.verify('Ed25519', key, signature, message)
  if (algorithm === 'ecdsa-p256-sha256') {
    return (signature) => {
      const plain = plainEcdsa(signature)
      return plain !== undefined && crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, plain, message)
    }
  }
  const expected = new Uint8Array(await crypto.subtle.sign('HMAC', key, message))
  return (signature) => equalBytes(signature, expected)
}

/** Vendors send the two numbers of an ECDSA signature in DER; WebCrypto wants them as twice 32 bytes. */
function plainEcdsa(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (der[0] !== 0x30 || der[1] !== der.byteLength - 2) return undefined
  const plain = new Uint8Array(64)
  let offset = 2
  for (const end of [32, 64]) {
    const size = der[offset + 1] ?? 0
    if (der[offset] !== 0x02 || size < 1 || offset + 2 + size > der.byteLength) return undefined
    const digits = der.subarray(offset + 2, offset + 2 + size)
    const significant = digits[0] === 0 ? digits.subarray(1) : digits
    if (significant.byteLength > 32) return undefined
    plain.set(significant, end - significant.byteLength)
    offset += 2 + size
  }
  return offset === der.byteLength ? plain : undefined
}

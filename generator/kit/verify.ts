import type { Check, Key } from './algorithms.ts'
import { algorithmOf } from './algorithms.ts'
import { parseBody } from './body.ts'
import { decoded, equalTexts, sha256, utf8 } from './bytes.ts'
import type { FetchKey, PublicKeys, TokenKey } from './key-source.ts'
import { isOnHost } from './key-source.ts'
import { everyOf } from './mapping.ts'
import type { RequestParts } from './place.ts'
import { looksIntoBody, meets, valueAt } from './place.ts'
import type { Placeholder, SignedValue } from './signed-text.ts'
import { crc32, formText, pathOf, queryText, signedBytes, urlDecoded } from './signed-text.ts'
import { timeForms } from './time.ts'
import type { Delivery, Secrets, SignatureScheme, SignedWebhook } from './webhook.ts'
import { isMalformedSecret, keysOf, readBody } from './webhook.ts'

/** Why a delivery is refused. None of them contains a secret or a signature. */
export type Refusal =
  | 'missing_secret'
  | 'malformed_secret'
  | 'missing_url'
  | 'missing_signature'
  | 'malformed_signature'
  | 'missing_timestamp'
  | 'malformed_timestamp'
  | 'timestamp_out_of_tolerance'
  | 'signature_mismatch'
  /** The certificate or key set cannot be fetched, or its address is not on a host of the vendor. */
  | 'unavailable_key'
  | 'body_too_large'
  | 'body_timeout'
  | 'unreadable_body'
  | 'unreadable_request'
  | 'unsupported_algorithm'

/** Whether a delivery is from the vendor; with the bytes that were verified, and by which scheme. */
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
  /** Fetches certificates and key sets; by default from their public addresses, and kept for an hour. */
  readonly fetchKey?: FetchKey | undefined
}

/**
 * Whether a request is from the connector's vendor. The body of a request is read and returned; it never throws.
 * Every strong scheme for the request is tried; a weak one only if no strong one finds its signature.
 */
export async function verify<Field extends string>(
  webhook: SignedWebhook<Field>,
  request: Request | Delivery,
  secrets: Secrets<Field>,
  { url, allowWeak = [], now = Date.now(), bodyTimeout, fetchKey }: VerifyOptions = {},
): Promise<Verification> {
  if (typeof request.headers?.get !== 'function') return refused('unreadable_request')
  const body = isRead(request) ? request.body : await readBody(request, webhook.max_bytes, bodyTimeout)
  if (typeof body === 'string') return refused(body)
  if (body.byteLength > webhook.max_bytes) return refused('body_too_large')
  const parts = await partsOf(webhook, request, body)
  const context = { parts, secrets, url: calledUrl(url, request.url), now, keys: webhook.publicKeys, fetchKey }
  let refusal: Refusal = 'missing_signature'
  let isStronglySigned = false
  for (const scheme of webhook.signatures) {
    if (scheme.weak && (isStronglySigned || !allowWeak.includes(scheme.name))) continue
    if (scheme.when !== undefined && !meets(scheme.when, parts)) continue
    const reason = await refusalOf(scheme, context).catch(() => 'unsupported_algorithm' as const)
    if (reason === undefined) return { verified: true, scheme: scheme.name, body }
    if (reason === 'missing_signature') continue
    if (refusal === 'missing_signature' || (scheme.weak && !isStronglySigned)) refusal = reason
    isStronglySigned ||= !scheme.weak
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

/** The request in parts; the body is parsed only where a scheme reads it. */
async function partsOf(
  { signatures, ...format }: SignedWebhook,
  { method, headers, url, parse }: Pick<Delivery, 'method' | 'headers' | 'url' | 'parse'>,
  body: Uint8Array<ArrayBuffer>,
): Promise<RequestParts> {
  const query = url !== undefined && URL.canParse(url) ? new URL(url).searchParams : new URLSearchParams()
  const parts = { method, headers, query, body }
  if (!signatures.some(readsBody)) return parts
  const { content_types = ['application/json'] } = format
  const parsed = await (parse?.() ?? parseBody({ ...format, content_types }, body, headers.get('content-type')))
  return parsed.readable ? { ...parts, content: parsed.value } : parts
}

function readsBody({ when = {}, for: items, signature, timestamp, signed }: SignatureScheme): boolean {
  return (
    [signature?.in, timestamp?.in].includes('body') ||
    items !== undefined ||
    looksIntoBody(when) ||
    /\{(?:body:|form\})/.test(signed)
  )
}

/** The registered URL, with the query that this request has. */
function calledUrl(registered: string | undefined, called: string | undefined): string | undefined {
  if (registered === undefined || called === undefined || !URL.canParse(called)) return registered
  const { search } = new URL(called)
  // The vendor signs the query as it was registered, where a request encodes more characters, such as an apostrophe.
  const known = URL.canParse(registered) ? new URL(registered).search : ''
  if (search.startsWith(known)) return registered + search.slice(known.length)
  return `${registered.replace(/\?.*$/s, '')}${search}`
}

/** The request and everything that decides whether it is accepted. */
interface Context {
  readonly parts: RequestParts
  readonly secrets: Secrets
  readonly url: string | undefined
  readonly now: number
  readonly keys: PublicKeys | undefined
  readonly fetchKey: FetchKey | undefined
}

async function refusalOf(scheme: SignatureScheme, context: Context): Promise<Refusal | undefined> {
  if (scheme.algorithm === 'none') return undefined
  if (scheme.secret !== undefined && isMalformedSecret(context.secrets, scheme.secret)) return 'malformed_secret'
  if (scheme.for === undefined) return refusalOfPart(scheme, context)
  const items: unknown[] = []
  everyOf(scheme.for, new Map([['delivery', 0]]))([context.parts.content], (item) => items.push(item))
  if (items.length === 0) return 'missing_signature'
  // The first part that fails ends it, so that strangers cannot multiply the work.
  for (const item of items) {
    const reason = await refusalOfPart(scheme, { ...context, parts: { ...context.parts, item } })
    if (reason !== undefined) return reason
  }
  return undefined
}

/** Signatures that are compared at most; vendors send two while a key is replaced. */
const MOST_SIGNATURES = 5

async function refusalOfPart(scheme: SignatureScheme, context: Context): Promise<Refusal | undefined> {
  const found = signaturesIn(scheme, context.parts)
  if (found === undefined) return 'missing_signature'
  const keys = scheme.secret === undefined ? [] : keysOf(context.secrets, scheme.secret)
  if (keys.length === 0 && scheme.key === undefined) return 'missing_secret'
  const { signatures } = found
  if (signatures.length === 0 || signatures.length > MOST_SIGNATURES) return 'malformed_signature'
  if (scheme.algorithm === 'token') {
    // Each pair is compared, so that the time does not show which of the keys it was.
    const pairs = signatures.flatMap((token) => keys.map((key) => equalTexts(token, key)))
    return (await Promise.all(pairs)).includes(true) ? undefined : 'signature_mismatch'
  }
  if (scheme.algorithm === 'jwt') return refusalOfToken(scheme, signatures[0] ?? '', keys, context)
  return refusalOfBytes(scheme, found, keys, context)
}

/** The signatures in a request, and the time if it is in the same place. */
interface FoundSignatures {
  readonly signatures: readonly string[]
  readonly timestamp?: string
}

/** Undefined where there is nothing in any of the places; without signatures where what is there is malformed. */
function signaturesIn({ signature }: SignatureScheme, parts: RequestParts): FoundSignatures | undefined {
  if (signature === undefined) return undefined
  const { at, format, multiple, in: where } = signature
  const values = at.map((one) => valueAt({ in: where, at: one }, parts)).filter((value) => value)
  if (values.length === 0) return undefined
  const found = values.map((value) => parsed({ format, multiple }, value ?? ''))
  const timestamp = found.find((one) => one.timestamp !== undefined)?.timestamp
  const signatures = found.every((one) => multiple || one.signatures.length === 1)
    ? found.flatMap((one) => one.signatures)
    : []
  return { signatures, ...(timestamp === undefined ? {} : { timestamp }) }
}

type Layout = Pick<NonNullable<SignatureScheme['signature']>, 'format' | 'multiple'>

function parsed({ format, multiple }: Layout, value: string): FoundSignatures {
  if (format.includes('{timestamp}')) return parsedPairs(format, value)
  const [before = '', after = ''] = format.split('{signature}')
  // Two headers of one name reach us joined by a comma; nobody can say which of them the vendor sent.
  if (!multiple && value.includes(',') && !format.includes(',')) return { signatures: [] }
  const separator = format.includes(',') ? / +/ : /[ ,;]+/
  const items = multiple && !format.includes(' ') ? value.split(separator) : [value]
  const signatures = items
    .filter((item) => startsWith(item, before) && item.endsWith(after))
    .map((item) => item.slice(before.length, item.length - after.length))
    .filter((signature) => signature !== '')
  return { signatures }
}

/** The name of an authentication scheme, such as `Bearer`, is the same in either case (RFC 9110, 11.1). */
function startsWith(value: string, prefix: string): boolean {
  if (!/^[A-Za-z]+ $/.test(prefix)) return value.startsWith(prefix)
  return value.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase()
}

/** Of `t={timestamp},v1={signature}`: pairs in any order, with others among them and spaces around them. */
function parsedPairs(format: string, value: string): FoundSignatures {
  const separator = format.includes(';') ? ';' : ','
  const nameOf = (placeholder: string) =>
    format
      .split(separator)
      .map((pair) => pair.trim())
      .find((pair) => pair.endsWith(placeholder))
      ?.slice(0, -placeholder.length)
  const pairs = value.split(separator).map((pair) => pair.trim())
  const valuesOf = (name: string | undefined) =>
    name === undefined ? [] : pairs.filter((pair) => pair.startsWith(name)).map((pair) => pair.slice(name.length))
  const [time, ...more] = valuesOf(nameOf('{timestamp}'))
  if (time === undefined || more.length > 0) return { signatures: [] }
  return { signatures: valuesOf(nameOf('{signature}')), timestamp: time }
}

async function refusalOfBytes(
  scheme: SignatureScheme,
  { signatures, timestamp: inSignature }: FoundSignatures,
  secrets: readonly string[],
  context: Context,
): Promise<Refusal | undefined> {
  const algorithm = algorithmOf(scheme.algorithm)
  if (algorithm === undefined) return 'unsupported_algorithm'
  const candidates = signatures
    .map((signature) => decoded(signature, scheme.encoding))
    .filter((bytes) => bytes !== undefined)
    .filter(({ byteLength }) => algorithm.length === undefined || byteLength === algorithm.length)
  if (candidates.length === 0) return 'malformed_signature'
  const { parts, url } = context
  const timestamp = inSignature ?? timestampIn(scheme, parts)
  const late = timestampProblem(scheme, timestamp, context.now)
  if (late !== undefined) return late
  if (url === undefined && /\{(?:url|path)\}/.test(scheme.signed)) return 'missing_url'
  if (!(await isBodyHashed(scheme, parts))) return 'signature_mismatch'
  const signedUrl = url === undefined ? undefined : urlDecoded(url, scheme.url_decoded)
  const messageFor = (secret: string) =>
    signedBytes(scheme.signed, (placeholder) =>
      signedValue(placeholder, { parts, url: signedUrl, timestamp, secret, fields: context.secrets }),
    )
  // The body is hashed once for each key, however many signatures came: what a stranger sends must not multiply it.
  const shared = scheme.signed.includes('{secret}') ? undefined : messageFor('')
  if (shared === undefined && !scheme.signed.includes('{secret}')) return 'missing_signature'
  let failure: Refusal | undefined
  const keys = scheme.key === undefined ? secrets.map((secret) => ({ secret })) : [{ secret: '' }]
  for (const { secret } of keys) {
    const imported = await keyOf(scheme, secret, context)
    if (typeof imported === 'string') {
      failure ??= imported
      continue
    }
    failure = 'signature_mismatch'
    const message = shared ?? messageFor(secret)
    if (message === undefined) return 'missing_signature'
    const check: Check = await algorithm.check(imported.key, message)
    for (const candidate of candidates) if (await check(candidate)) return undefined
  }
  return failure ?? 'malformed_secret'
}

function timestampIn({ timestamp }: SignatureScheme, parts: RequestParts): string | undefined {
  if (timestamp?.in === undefined || timestamp.at === undefined) return undefined
  return valueAt({ in: timestamp.in, at: timestamp.at }, parts)
}

function timestampProblem(
  { timestamp }: SignatureScheme,
  written: string | undefined,
  now: number,
): Refusal | undefined {
  if (timestamp === undefined) return undefined
  if (written === undefined || written === '') return 'missing_timestamp'
  const sent = timeForms[timestamp.form].read(written)
  if (sent === undefined) return 'malformed_timestamp'
  return Math.abs(now - sent) > timestamp.tolerance_seconds * 1000 ? 'timestamp_out_of_tolerance' : undefined
}

async function isBodyHashed({ body_sha256 }: SignatureScheme, parts: RequestParts): Promise<boolean> {
  if (body_sha256 === undefined) return true
  const written = valueAt(body_sha256, parts)
  return written !== undefined && written.toLowerCase() === (await sha256(parts.body))
}

/** The values behind placeholders. */
export interface SignedParts {
  readonly parts: RequestParts
  readonly url: string | undefined
  readonly timestamp: string | undefined
  readonly secret: string
  /** The values of the installation's fields. */
  readonly fields: Secrets
}

/** Placeholders of `signed` by name, each with the form of its argument. */
export const placeholders: Readonly<
  Record<
    string,
    {
      readonly argument: 'none' | 'pointer' | 'optional-pointer' | 'name'
      readonly read: (argument: string, signed: SignedParts) => SignedValue
    }
  >
> = {
  // A value that the body lacks is empty, as Adyen signs it; a header or parameter must be there.
  body: {
    argument: 'optional-pointer',
    read: (at, { parts }) => (at === '' ? parts.body : (valueAt({ in: 'body', at }, parts) ?? '')),
  },
  item: { argument: 'pointer', read: (at, { parts }) => valueAt({ in: 'item', at }, parts) ?? '' },
  header: { argument: 'name', read: (at, { parts }) => valueAt({ in: 'header', at }, parts) },
  query: { argument: 'name', read: (at, { parts }) => valueAt({ in: 'query', at }, parts) },
  method: { argument: 'none', read: (_, { parts }) => parts.method },
  url: { argument: 'none', read: (_, { url }) => url },
  path: { argument: 'none', read: (_, { url }) => (url === undefined ? undefined : pathOf(url)) },
  timestamp: { argument: 'none', read: (_, { timestamp }) => timestamp },
  secret: { argument: 'none', read: (_, { secret }) => secret },
  field: { argument: 'name', read: (name, { fields }) => keysOf(fields, name)[0] },
  form: { argument: 'none', read: (_, { parts }) => formText(parts.content) },
  body_crc32: { argument: 'none', read: (_, { parts }) => crc32(parts.body) },
}

/** The value of a placeholder, or undefined where the request does not have it. */
export function signedValue({ name, argument }: Placeholder, signed: SignedParts): SignedValue {
  return Object.hasOwn(placeholders, name) ? placeholders[name]?.read(argument, signed) : undefined
}

/** The bytes of a key; undefined where it is not written as the scheme says. */
export function keyBytes(
  { secret_encoding, secret_prefix = '', algorithm }: SignatureScheme,
  key: string,
): Uint8Array<ArrayBuffer> | undefined {
  const [, pem] = key.match(/^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/) ?? []
  if (pem !== undefined && algorithmOf(algorithm)?.isPublic === true) return decoded(pem.replace(/\s+/g, ''), 'base64')
  if (secret_encoding === 'text') return utf8(key)
  return decoded(key.startsWith(secret_prefix) ? key.slice(secret_prefix.length) : key, secret_encoding)
}

type KeyProblem = 'malformed_secret' | 'unsupported_algorithm' | 'unavailable_key'

/** An imported key; undefined for algorithms that need none. */
interface ImportedKey {
  readonly key: Key | undefined
}

async function keyOf(scheme: SignatureScheme, secret: string, context: Context): Promise<ImportedKey | KeyProblem> {
  if (scheme.key === undefined) return importedKey(scheme, secret, context.secrets)
  const { parts, keys, fetchKey = keys?.fetchKey } = context
  if (!('certificate' in scheme.key) || keys === undefined || fetchKey === undefined) return 'unsupported_algorithm'
  const url = valueAt(scheme.key.certificate, parts)
  if (url === undefined || !isOnHost(url, scheme.key.hosts)) return 'unavailable_key'
  const text = await fetchKey({ url }).catch(() => undefined)
  if (text === undefined) return 'unavailable_key'
  const bytes = await keys.importCertificate(text).catch(() => undefined)
  return bytes === undefined ? 'unavailable_key' : importKey(scheme, bytes).catch(problemOf)
}

/** Importing a key costs as much as using it; keys are kept as long as the secrets that they come from. */
const importedKeys = new WeakMap<object, Map<string, Promise<ImportedKey | KeyProblem>>>()

function importedKey(scheme: SignatureScheme, secret: string, secrets: Secrets): Promise<ImportedKey | KeyProblem> {
  let known = importedKeys.get(secrets)
  if (known === undefined) {
    known = new Map()
    importedKeys.set(secrets, known)
  }
  const name = `${scheme.name} ${scheme.secret} ${secret}`
  const found = known.get(name)
  if (found !== undefined) return found
  const bytes = keyBytes(scheme, secret)
  const made: Promise<ImportedKey | KeyProblem> =
    bytes === undefined ? Promise.resolve('malformed_secret') : importKey(scheme, bytes).catch(problemOf)
  // Secrets that are changed in place again and again must not pile up.
  if (known.size >= 20) known.clear()
  known.set(name, made)
  return made
}

async function importKey(scheme: SignatureScheme, bytes: Uint8Array<ArrayBuffer>): Promise<ImportedKey> {
  return { key: await algorithmOf(scheme.algorithm)?.importKey(bytes) }
}

/** Why WebCrypto does not take a key: it does not know the algorithm, or the bytes are not a key of it. */
function problemOf(error: unknown): KeyProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  return ['NotSupportedError', 'TypeError', 'ReferenceError'].includes(name)
    ? 'unsupported_algorithm'
    : 'malformed_secret'
}

async function refusalOfToken(
  scheme: SignatureScheme,
  token: string,
  secrets: readonly string[],
  context: Context,
): Promise<Refusal | undefined> {
  const { keys, now, url, parts } = context
  if (scheme.jwt === undefined || keys === undefined) return 'unsupported_algorithm'
  const { audience, body_sha256, query_sha256, ...claims } = scheme.jwt
  if (audience?.includes('{url}') && url === undefined) return 'missing_url'
  const filled = audience === undefined ? undefined : filledAudience(audience, url ?? '', context.secrets)
  let failure: Refusal = 'missing_secret'
  for (const key of await tokenKeys(scheme, token, secrets, context)) {
    if (key === undefined) {
      failure = scheme.key === undefined ? 'malformed_secret' : 'unavailable_key'
      continue
    }
    const check = { ...claims, key, now, ...(filled === undefined ? {} : { audience: filled }) }
    const result = await keys.verifyToken(token, check)
    if (!result.verified) {
      failure = result.reason
      continue
    }
    const isBodyCovered = body_sha256 === undefined || result.claims[body_sha256] === (await sha256(parts.body))
    const isQueryCovered =
      query_sha256 === undefined || result.claims[query_sha256] === (await sha256(utf8(queryText(parts, url ?? ''))))
    return isBodyCovered && isQueryCovered ? undefined : 'signature_mismatch'
  }
  return failure
}

/** An audience with the registered URL, or the value of a field, in place of their names in braces. */
export function filledAudience(audience: string, url: string, secrets: Secrets): string {
  return audience.replace(/\{([a-z][a-z0-9_]*)\}/g, (_, name) =>
    name === 'url' ? url : (keysOf(secrets, name)[0] ?? ''),
  )
}

/** Keys for a token: the secrets, or what its source returns. A secret for HS256 is bytes; other keys are text. */
async function tokenKeys(
  scheme: SignatureScheme,
  token: string,
  secrets: readonly string[],
  { keys, fetchKey = keys?.fetchKey }: Context,
): Promise<readonly (TokenKey | undefined)[]> {
  const { key: source, jwt } = scheme
  if (source === undefined)
    return secrets.map((secret) => (jwt?.algorithms.includes('HS256') ? keyBytes(scheme, secret) : secret))
  if (fetchKey === undefined || 'certificate' in source) return [undefined]
  const id = keys?.keyIdOf(token)
  if ('endpoint' in source && (id === undefined || id.length > 200)) return [undefined]
  const request = 'jwks' in source ? { url: source.jwks } : { endpoint: source.endpoint, id: id ?? '' }
  return [await fetchKey(request).catch(() => undefined)]
}

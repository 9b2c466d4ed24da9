import type { Key } from './algorithms.ts'
import { algorithmOf } from './algorithms.ts'
import { parseBody } from './body.ts'
import { encoded, sha256, utf8 } from './bytes.ts'
import type { PublicKeys } from './key-source.ts'
import { everyOf } from './mapping.ts'
import type { Place, RequestParts } from './place.ts'
import { meets } from './place.ts'
import { queryText, signedBytes, templateParts, urlDecoded } from './signed-text.ts'
import { timeForms } from './time.ts'
import { filledAudience, keyBytes, signedValue } from './verify.ts'
import type { Secrets, SignatureScheme, SignedWebhook } from './webhook.ts'
import { keysOf } from './webhook.ts'

/** What is to be signed. */
export interface Unsigned {
  readonly method: string
  /** The URL as it is registered with the vendor, with the query of this request. */
  readonly url: string
  readonly body: string | Uint8Array<ArrayBuffer>
  /** Headers that the delivery has without its signature. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface SignOptions {
  /** The scheme's name; by default the strongest one that is for the request. */
  readonly scheme?: string | undefined
  /** When it is signed, in milliseconds since 1970; the clock where it is missing. */
  readonly now?: number | undefined
  /**
   * The key of a vendor that signs with a private one, or a function that returns it for the scheme that signs;
   * `generateKeys` makes a pair for tests.
   */
  readonly privateKey?: Key | ((scheme: SignatureScheme) => Promise<Key | undefined>) | undefined
  /** Whether to make a signature of the right form that does not verify. */
  readonly isWrong?: boolean | undefined
}

/** The request that a vendor would send, or why there can be none. */
export type Signing =
  | {
      readonly signed: true
      readonly scheme: string
      /** The headers of the request, with those that are signed and those that sign. */
      readonly headers: Readonly<Record<string, string>>
      readonly url: string
      readonly body: Uint8Array<ArrayBuffer>
    }
  | {
      readonly signed: false
      readonly reason:
        | 'unknown_scheme'
        | 'missing_secret'
        | 'malformed_secret'
        | 'missing_private_key'
        | 'malformed_body'
        | 'unsupported_algorithm'
      /** The authentication field whose value is needed. */
      readonly field?: string
    }

type Failure = Extract<Signing, { signed: false }>['reason']

/** Signs a delivery as the connector's vendor does, so that an application can try its own endpoint. */
export async function sign(
  webhook: SignedWebhook,
  unsigned: Unsigned,
  secrets: Secrets,
  { scheme: name, now = Date.now(), privateKey: given, isWrong = false }: SignOptions = {},
): Promise<Signing> {
  const request = await Draft.of(webhook, unsigned)
  const scheme = webhook.signatures.find((one) =>
    name === undefined ? one.when === undefined || meets(one.when, request.parts()) : one.name === name,
  )
  if (scheme === undefined) return { signed: false, reason: 'unknown_scheme' }
  const privateKey = typeof given === 'function' ? await given(scheme) : given
  const [secret] = scheme.secret === undefined ? [] : keysOf(secrets, scheme.secret)
  const isPublic = scheme.key !== undefined || algorithmOf(scheme.algorithm)?.isPublic === true
  if (scheme.algorithm !== 'none') {
    const field = scheme.secret === undefined ? {} : { field: scheme.secret }
    if (secret === undefined && !isPublic) return { signed: false, reason: 'missing_secret', ...field }
    const signer = { secret: secret ?? '', now, privateKey, keys: webhook.publicKeys, secrets, isWrong }
    const failure = await signDraft(scheme, request, signer).catch(() => 'unsupported_algorithm' as const)
    if (failure !== undefined) return { signed: false, reason: failure, ...field }
  }
  return { signed: true, scheme: scheme.name, ...request.written() }
}

/** A pair of keys for a scheme that verifies with a public key: the public one as an installation stores it. */
export async function generateKeys(
  scheme: SignatureScheme,
): Promise<{ readonly publicKey: string; readonly privateKey: Key } | undefined> {
  if (scheme.algorithm === 'jwt') return generateTokenKeys(scheme)
  const pair = await algorithmOf(scheme.algorithm)?.generateKeys?.()
  if (pair === undefined) return undefined
  const { publicKey, privateKey } = pair
  const { secret_encoding, secret_prefix = '' } = scheme
  const text =
    secret_encoding === 'text' || scheme.key !== undefined
      ? `-----BEGIN PUBLIC KEY-----\n${encoded(publicKey, 'base64')}\n-----END PUBLIC KEY-----\n`
      : secret_prefix + encoded(publicKey, secret_encoding)
  return { publicKey: text, privateKey }
}

/** The id of generated keys for tokens. */
const TEST_KEY_ID = 'test'

async function generateTokenKeys({
  jwt,
}: SignatureScheme): Promise<{ readonly publicKey: string; readonly privateKey: Key } | undefined> {
  const [algorithm] = jwt?.algorithms ?? []
  if (algorithm === undefined || algorithm === 'HS256') return undefined
  const parameters: object =
    algorithm === 'ES256'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) }
  const pair = (await crypto.subtle.generateKey(parameters as unknown as 'Ed25519', true, ['sign', 'verify'])) as {
    publicKey: Key
    privateKey: Key
  }
  const key = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return { publicKey: JSON.stringify({ ...key, kid: TEST_KEY_ID, alg: algorithm }), privateKey: pair.privateKey }
}

/** A request to which values are added where a vendor puts them. */
class Draft {
  readonly method: string
  readonly #headers: Headers
  readonly #url: URL
  /** As it was written: a URL that is parsed and printed again can differ. */
  readonly #address: string
  readonly #content: unknown
  readonly #isForm: boolean
  #body: Uint8Array<ArrayBuffer>

  private constructor({ method, url, headers = {} }: Unsigned, body: Uint8Array<ArrayBuffer>, content: unknown) {
    this.method = method
    this.#headers = new Headers(headers)
    this.#url = new URL(url)
    this.#address = url
    this.#body = body
    this.#content = content
    this.#isForm = this.#headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true
  }

  static async of(webhook: SignedWebhook, unsigned: Unsigned): Promise<Draft> {
    const body = typeof unsigned.body === 'string' ? utf8(unsigned.body) : unsigned.body
    const { content_types = ['application/json'], ...format } = webhook
    const headers = new Headers(unsigned.headers ?? {})
    const parsed = await parseBody({ ...format, content_types }, body, headers.get('content-type'))
    return new Draft(unsigned, body, parsed.readable ? parsed.value : undefined)
  }

  parts(item?: unknown): RequestParts {
    return {
      ...{ method: this.method, headers: this.#headers, query: this.#url.searchParams, body: this.#body },
      ...{ content: this.#content, item },
    }
  }

  get address(): string {
    return this.#url.href === new URL(this.#address).href ? this.#address : this.#url.href
  }

  /** Puts a value at a place; false where the body has no such place. */
  put(place: Place, value: string, item?: unknown): boolean {
    if (place.in === 'header') this.#headers.set(place.at, value)
    else if (place.in === 'query') this.#url.searchParams.set(place.at, value)
    else if (place.in === 'basic') {
      const credentials = place.at === 'credentials' ? value : place.at === 'username' ? `${value}:` : `user:${value}`
      this.#headers.set('authorization', `Basic ${encoded(utf8(credentials), 'base64')}`)
    } else {
      if (!putAtPointer(place.in === 'item' ? item : this.#content, place.at, value)) return false
      const text = this.#isForm
        ? new URLSearchParams(this.#content as Record<string, string>).toString()
        : JSON.stringify(this.#content)
      this.#body = utf8(text)
    }
    return true
  }

  written(): {
    readonly headers: Readonly<Record<string, string>>
    readonly url: string
    readonly body: Uint8Array<ArrayBuffer>
  } {
    return { headers: Object.fromEntries(this.#headers), url: this.address, body: this.#body }
  }
}

function putAtPointer(root: unknown, pointer: string, value: string): boolean {
  const names = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = names.pop()
  let at = root
  for (const name of names) {
    if (typeof at !== 'object' || at === null) return false
    const parent = at as Record<string, unknown>
    if (!Object.hasOwn(parent, name)) parent[name] = {}
    at = parent[name]
  }
  if (typeof at !== 'object' || at === null || last === undefined) return false
  ;(at as Record<string, unknown>)[last] = value
  return true
}

interface Signer {
  readonly secret: string
  readonly now: number
  readonly privateKey: Key | undefined
  readonly keys: PublicKeys | undefined
  readonly secrets: Secrets
  readonly isWrong: boolean
}

async function signDraft(scheme: SignatureScheme, draft: Draft, signer: Signer): Promise<Failure | undefined> {
  const { signature, timestamp, body_sha256 } = scheme
  if (signature === undefined) return 'unsupported_algorithm'
  for (const part of templateParts(scheme.signed)) {
    // An id of the delivery, or another value that only the vendor knows.
    if (typeof part === 'object' && part.name === 'header' && !draft.parts().headers.has(part.argument))
      draft.put({ in: 'header', at: part.argument }, crypto.randomUUID())
  }
  const time = timestamp === undefined ? undefined : timeForms[timestamp.form].write(signer.now)
  if (timestamp?.in !== undefined && timestamp.at !== undefined && time !== undefined)
    if (!draft.put({ in: timestamp.in, at: timestamp.at }, time)) return 'malformed_body'
  if (body_sha256 !== undefined) draft.put(body_sha256, await sha256(draft.parts().body))
  for (const item of itemsOf(scheme, draft)) {
    const written = await signatureOf(scheme, draft, signer, { item, time })
    if (typeof written === 'object') return written.failure
    const value = signature.format
      .replace('{timestamp}', time ?? '')
      .replace('{signature}', () => (signer.isWrong ? altered(written) : written))
    if (!draft.put({ in: signature.in, at: signature.at[0] ?? '' }, value, item)) return 'malformed_body'
  }
  return undefined
}

/** Another signature of the same form: one of its last letters or digits is another one. */
function altered(signature: string): string {
  const end = signature.replace(/=+$/, '').length - Math.min(9, Math.ceil(signature.length / 2))
  return signature.slice(0, end) + (signature[end] === 'a' ? 'b' : 'a') + signature.slice(end + 1)
}

/** The parts that are signed one by one; without a path the whole request. */
function itemsOf({ for: path }: SignatureScheme, draft: Draft): readonly unknown[] {
  if (path === undefined) return [undefined]
  const items: unknown[] = []
  everyOf(path, new Map([['delivery', 0]]))([draft.parts().content], (item) => items.push(item))
  return items
}

async function signatureOf(
  scheme: SignatureScheme,
  draft: Draft,
  signer: Signer,
  { item, time }: { readonly item: unknown; readonly time: string | undefined },
): Promise<string | { readonly failure: Failure }> {
  const { secret, privateKey } = signer
  if (scheme.algorithm === 'token') return secret
  if (scheme.algorithm === 'jwt') return tokenOf(scheme, draft, signer)
  const algorithm = algorithmOf(scheme.algorithm)
  if (algorithm === undefined) return { failure: 'unsupported_algorithm' }
  const parts = draft.parts(item)
  const message = signedBytes(scheme.signed, (placeholder) =>
    signedValue(placeholder, {
      parts,
      url: urlDecoded(draft.address, scheme.url_decoded),
      timestamp: time,
      secret,
      fields: signer.secrets,
    }),
  )
  if (message === undefined) return { failure: 'malformed_body' }
  if (algorithm.isPublic && privateKey === undefined) return { failure: 'missing_private_key' }
  const key = algorithm.isPublic ? privateKey : keyBytes(scheme, secret)
  if (key === undefined || (ArrayBuffer.isView(key) && key.byteLength === 0)) return { failure: 'malformed_secret' }
  return encoded(await algorithm.sign(key, message), scheme.encoding)
}

async function tokenOf(
  scheme: SignatureScheme,
  draft: Draft,
  { secret, now, privateKey, keys, secrets }: Signer,
): Promise<string | { readonly failure: Failure }> {
  if (scheme.jwt === undefined || keys === undefined) return { failure: 'unsupported_algorithm' }
  const { algorithms, issuer, audience, equal, body_sha256, query_sha256 } = scheme.jwt
  const [algorithm = 'HS256'] = algorithms
  const key = algorithm === 'HS256' ? keyBytes(scheme, secret) : privateKey
  if (key === undefined) return { failure: algorithm === 'HS256' ? 'malformed_secret' : 'missing_private_key' }
  const seconds = Math.floor(now / 1000)
  const claims = {
    ...equal,
    ...{ iat: seconds, exp: seconds + 300 },
    ...(issuer === undefined ? {} : { iss: typeof issuer === 'string' ? issuer : issuer[0] }),
    ...(audience === undefined ? {} : { aud: filledAudience(audience, draft.address, secrets) }),
    ...(body_sha256 === undefined ? {} : { [body_sha256]: await sha256(draft.parts().body) }),
    ...(query_sha256 === undefined
      ? {}
      : { [query_sha256]: await sha256(utf8(queryText(draft.parts(), draft.address))) }),
  }
  return keys.signToken(claims, { algorithm, key, ...(privateKey === undefined ? {} : { id: TEST_KEY_ID }) })
}

import { encoded, utf8 } from './bytes.ts'
import { keyBytes, signedBytes, urlDecoded } from './verify.ts'
import type { Secrets, SignatureScheme, SignedWebhook } from './webhook.ts'
import { hmacKey, keysOf } from './webhook.ts'

/** What is to be signed. */
export interface Unsigned {
  readonly method: string
  /** The URL as it is registered with the vendor. */
  readonly url: string
  readonly body: string | Uint8Array<ArrayBuffer>
}

export interface SignOptions {
  /** The scheme's name; the strongest where it is missing. */
  readonly scheme?: string | undefined
  /** When it is signed, in milliseconds since 1970; the clock where it is missing. */
  readonly now?: number | undefined
  /** The delivery's id, where the vendor signs one. */
  readonly id?: string | undefined
}

/** The headers that a vendor would send, or why there can be none. */
export type Signing =
  | { readonly signed: true; readonly scheme: string; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly signed: false
      readonly reason: 'unknown_scheme' | 'missing_secret' | 'malformed_secret' | 'unsupported_algorithm'
      /** The authentication field whose value is needed. */
      readonly field?: string
    }

/**
 * Signs a delivery as the connector's vendor does, so that an application can try its own endpoint. Of a vendor that
 * signs with a private key nobody else can do that.
 */
export async function sign(
  { signatures }: Pick<SignedWebhook, 'signatures'>,
  { method, url, body }: Unsigned,
  secrets: Secrets,
  { scheme: name, now = Date.now(), id = crypto.randomUUID() }: SignOptions = {},
): Promise<Signing> {
  const scheme = signatures.find((candidate) => name === undefined || candidate.name === name)
  if (scheme === undefined) return { signed: false, reason: 'unknown_scheme' }
  const [secret] = keysOf(secrets, scheme.secret)
  if (secret === undefined) return { signed: false, reason: 'missing_secret', field: scheme.secret }
  const timestamp = String(scheme.timestamp?.unit === 'ms' ? now : Math.floor(now / 1000))
  const message = signedBytes(scheme.signed, {
    body: typeof body === 'string' ? utf8(body) : body,
    method,
    url: urlDecoded(url, scheme.url_decoded),
    timestamp,
    id,
    secret,
  })
  const signature = await signatureOf(scheme, secret, message)
  if (typeof signature === 'object') return { signed: false, ...signature, field: scheme.secret }
  const value = scheme.format.replace('{timestamp}', timestamp).replace('{signature}', () => signature)
  return {
    signed: true,
    scheme: scheme.name,
    headers: {
      [scheme.header]: value,
      ...(scheme.timestamp === undefined || scheme.format.includes('{timestamp}')
        ? {}
        : { [scheme.timestamp.header]: timestamp }),
      ...(scheme.id_header === undefined ? {} : { [scheme.id_header]: id }),
    },
  }
}

async function signatureOf(
  scheme: SignatureScheme,
  secret: string,
  message: Uint8Array<ArrayBuffer>,
): Promise<string | { readonly reason: 'malformed_secret' | 'unsupported_algorithm' }> {
  const { algorithm, encoding } = scheme
  if (algorithm === 'token') return secret
  if (algorithm === 'ed25519' || algorithm === 'ecdsa-p256-sha256') return { reason: 'unsupported_algorithm' }
  if (algorithm === 'sha256') return encoded(new Uint8Array(await crypto.subtle.digest('SHA-256', message)), encoding)
  const key = keyBytes(scheme, secret)
  if (key === undefined || key.byteLength === 0) return { reason: 'malformed_secret' }
  const signature = await crypto.subtle.sign('HMAC', await hmacKey(algorithm, key), message)
  return encoded(new Uint8Array(signature), encoding)
}

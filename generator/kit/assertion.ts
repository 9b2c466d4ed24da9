import { concatenated, decoded, encoded, utf8 } from './bytes.ts'
import type { Values } from './template.ts'
import { ConfigurationError, fill } from './template.ts'

/** A signed token (RFC 7519) by which an application proves itself at a token URL (RFC 7523). */
export interface Assertion {
  readonly algorithm: 'RS256' | 'ES256'
  /** The field with the private key, in PEM (PKCS #8; for RS256 also PKCS #1). */
  readonly key: string
  /** Template of `kid`. */
  readonly key_id?: string
  /** Templates of the claims, besides `iat`, `exp` and `jti`. A claim whose value is missing is left out. */
  readonly claims: Readonly<Record<string, string>>
  readonly lifetime_seconds: number
}

const PARAMETERS = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const

/** The token; a new one for each request. Throws a ConfigurationError if the key is missing or malformed. */
export async function signAssertion(
  { algorithm, key, key_id, claims, lifetime_seconds }: Assertion,
  values: Values,
  now: number,
): Promise<string> {
  const pem = values[key]
  if (pem === undefined || pem === '') throw new ConfigurationError(key, 'missing')
  const parameters = PARAMETERS[algorithm]
  const signer = await crypto.subtle
    .importKey('pkcs8', pkcs8(pem, key), parameters, false, ['sign'])
    .catch(() => Promise.reject(new ConfigurationError(key, 'malformed')))
  const issued = Math.floor(now / 1000)
  const id = key_id === undefined ? undefined : fill(key_id, values)
  const header = { alg: algorithm, typ: 'JWT', ...(id === undefined ? {} : { kid: id }) }
  const filled = Object.entries(claims).flatMap(([name, template]) => {
    const value = fill(template, values)
    return value === undefined ? [] : [[name, value] as const]
  })
  const payload = {
    ...Object.fromEntries(filled),
    iat: issued,
    exp: issued + lifetime_seconds,
    jti: crypto.randomUUID(),
  }
  const text = `${base64url(header)}.${base64url(payload)}`
  const signature = await crypto.subtle.sign(parameters, signer, utf8(text))
  return `${text}.${encoded(new Uint8Array(signature), 'base64url')}`
}

function base64url(value: object): string {
  return encoded(utf8(JSON.stringify(value)), 'base64url')
}

/** The bytes of a private key. In a key that was copied from a JSON file, line ends are written as \n. */
function pkcs8(pem: string, field: string): Uint8Array<ArrayBuffer> {
  const [, label, body = ''] =
    /-----BEGIN ((?:RSA )?PRIVATE KEY)-----([\s\S]*?)-----END \1-----/.exec(pem.replaceAll('\\n', '\n')) ?? []
  const bytes = decoded(body.replace(/\s+/g, ''), 'base64')
  if (bytes === undefined) throw new ConfigurationError(field, 'malformed')
  return label === 'PRIVATE KEY' ? bytes : wrapped(bytes)
}

/** Version 0 and the identifier of RSA (RFC 8017, A.1; RFC 5208, 5), which PKCS #1 leaves out. */
const RSA = '020100300d06092a864886f70d0101010500'

function wrapped(pkcs1: Uint8Array): Uint8Array<ArrayBuffer> {
  const rsa = decoded(RSA, 'hex') ?? new Uint8Array()
  return der(0x30, concatenated([rsa, der(0x04, pkcs1)]))
}

/** A value in DER: its tag, its length and its bytes. */
function der(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const { byteLength } = content
  const length = byteLength < 128 ? [byteLength] : [0x82, byteLength >> 8, byteLength & 0xff]
  return concatenated([Uint8Array.from([tag, ...length]), content])
}

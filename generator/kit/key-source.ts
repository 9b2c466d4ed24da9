import type { Key } from './algorithms.ts'
import type { Place } from './place.ts'

/** The source of a public key that is not in a field of the installation. */
export type KeySource =
  /** An X.509 certificate at an address in the request; only from hosts that the definition names. */
  | { readonly certificate: Place; readonly hosts: readonly string[] }
  /** A JSON Web Key Set (RFC 7517) at this address. */
  | { readonly jwks: string }
  /** An endpoint of the connector's API that returns the key with an id. */
  | { readonly endpoint: string }

/** A key to fetch. */
export type KeyRequest =
  | { readonly url: string }
  /** The connector's endpoint, and the `kid` of the token. */
  | { readonly endpoint: string; readonly id: string }

/**
 * Fetches a certificate (PEM), a JSON Web Key Set or a JSON Web Key as text, or throws. Replace it to call an endpoint of
 * the vendor with credentials, to use a proxy, or in tests.
 */
export type FetchKey = (request: KeyRequest) => Promise<string>

/** Requirements for a JSON Web Token (RFC 7519) that proves a delivery. */
export interface JwtClaims {
  readonly algorithms: readonly ('HS256' | 'RS256' | 'ES256')[]
  readonly issuer?: string | readonly string[]
  /** `{url}` stands for the registered URL, and the name of a field in braces for its value. */
  readonly audience?: string
  /** Other claims with constant values. */
  readonly equal?: Readonly<Record<string, string | boolean>>
  /** Seconds since `iat` after which a token is refused. */
  readonly max_age_seconds?: number
  /** The claim with the SHA-256 of the body, in lower-case hex. */
  readonly body_sha256?: string
  /** The claim with Atlassian's hash of method, path and query (`qsh`). */
  readonly query_sha256?: string
}

/** A key for tokens: the secret's bytes, or a JSON Web Key, a JSON Web Key Set, a certificate or a public key as text. */
export type TokenKey = Uint8Array<ArrayBuffer> | string

/** How a token is verified. */
export interface TokenCheck extends Pick<JwtClaims, 'algorithms' | 'issuer' | 'equal' | 'max_age_seconds'> {
  readonly audience?: string
  readonly key: TokenKey
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Why a token proves nothing, or its claims. */
export type TokenResult =
  | { readonly verified: true; readonly claims: Readonly<Record<string, unknown>> }
  | {
      readonly verified: false
      readonly reason: 'malformed_signature' | 'signature_mismatch' | 'timestamp_out_of_tolerance' | 'malformed_secret'
    }

/** Functions that tokens and certificates need beyond WebCrypto. */
export interface PublicKeys {
  readonly fetchKey: FetchKey
  /** The public key (SPKI, DER) of an X.509 certificate or a public key in PEM. Throws for anything else. */
  readonly importCertificate: (pem: string) => Promise<Uint8Array<ArrayBuffer>>
  readonly verifyToken: (token: string, check: TokenCheck) => Promise<TokenResult>
  /** The `kid` of a token that is not verified yet. */
  readonly keyIdOf: (token: string) => string | undefined
  /** A token with these claims, for tests: signed with a secret, or with a private key. */
  readonly signToken: (
    claims: Readonly<Record<string, unknown>>,
    signer: {
      readonly algorithm: string
      readonly key: Uint8Array<ArrayBuffer> | Key
      readonly id?: string
    },
  ) => Promise<string>
}

/** Whether an address is https, without user info or a port, on one of the hosts; `*` stands for one label. */
export function isOnHost(address: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, port, username, password } = new URL(address)
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false
  const labels = hostname.split('.')
  return hosts.some((host) => {
    const wanted = host.split('.')
    return wanted.length === labels.length && wanted.every((label, index) => label === '*' || label === labels[index])
  })
}

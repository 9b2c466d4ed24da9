import { equalBytes } from './bytes.ts'

/** A key as WebCrypto imports it; the type has a different name in each runtime. */
export type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** Bytes of a signature, a key or a message. */
type Bytes = Uint8Array<ArrayBuffer>

/** Whether a signature fits the message that the check was made for. */
export type Check = (signature: Uint8Array<ArrayBuffer>) => Promise<boolean> | boolean

/** How signatures of one kind are made and verified. */
export interface Algorithm {
  /** Bytes of a signature, where all have the same number. */
  readonly length?: number
  /** Whether the key is a public one, so that only the vendor can sign. */
  readonly isPublic: boolean
  /** Imports the key to verify with: the secret's bytes, or a public key as DER (SPKI) or in its raw form. */
  readonly importKey: (bytes: Bytes) => Promise<Key | undefined>
  /** Prepares the comparison, so that several signatures of one message cost one computation where that is possible. */
  readonly check: (key: Key | undefined, message: Bytes) => Promise<Check>
  /** Signs with the secret's bytes, or with a private key of `generateKeys`. */
  readonly sign: (key: Bytes | Key, message: Bytes) => Promise<Bytes>
  /** Makes a pair of keys for tests: the public one as `importKey` takes it. */
  readonly generateKeys?: () => Promise<{ readonly publicKey: Bytes; readonly privateKey: Key }>
}

export type AlgorithmName =
  | 'hmac-sha256'
  | 'hmac-sha1'
  | 'hmac-sha512'
  | 'sha256'
  | 'sha1'
  | 'ed25519'
  | 'ecdsa-p256-sha256'
  | 'rsa-sha256'
  | 'rsa-sha1'

/** All algorithms that sign bytes. `token`, `jwt` and `none` prove a delivery without signing its bytes. */
export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = {
  'hmac-sha256': hmac('SHA-256', 32),
  'hmac-sha1': hmac('SHA-1', 20),
  'hmac-sha512': hmac('SHA-512', 64),
  sha256: hash('SHA-256', 32),
  sha1: hash('SHA-1', 20),
  ed25519: publicKey({
    length: 64,
    format: 'raw',
    key: 'Ed25519',
    signing: 'Ed25519',
  }),
  'ecdsa-p256-sha256': {
    ...publicKey({
      format: 'spki',
      key: { name: 'ECDSA', namedCurve: 'P-256' },
      signing: { name: 'ECDSA', hash: 'SHA-256' },
      toRaw: rawEcdsa,
    }),
    sign: async (key, message) => derEcdsa(await signBytes({ name: 'ECDSA', hash: 'SHA-256' }, key, message)),
  },
  'rsa-sha256': rsa('SHA-256'),
  'rsa-sha1': rsa('SHA-1'),
}

/** The algorithm of a scheme, or undefined where it does not sign bytes. */
export function algorithmOf(name: string): Algorithm | undefined {
  return Object.hasOwn(algorithms, name) ? algorithms[name as AlgorithmName] : undefined
}

function hmac(name: string, length: number): Algorithm {
  const importKey = (bytes: Bytes) =>
    crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: name }, false, ['sign', 'verify'])
  return {
    length,
    isPublic: false,
    importKey,
    async check(key, message) {
      if (key === undefined) return () => false
      const expected = await signBytes('HMAC', key, message)
      return (signature) => equalBytes(signature, expected)
    },
    sign: async (key, message) => signBytes('HMAC', ArrayBuffer.isView(key) ? await importKey(key) : key, message),
  }
}

/** A plain hash over text that contains the secret. */
function hash(name: string, length: number): Algorithm {
  const digest = async (message: Bytes) => new Uint8Array(await crypto.subtle.digest(name, message))
  return {
    length,
    isPublic: false,
    importKey: async () => undefined,
    async check(_, message) {
      const expected = await digest(message)
      return (signature) => equalBytes(signature, expected)
    },
    sign: (_, message) => digest(message),
  }
}

type AlgorithmParameters = Parameters<typeof crypto.subtle.importKey>[2]
type SigningParameters = Parameters<typeof crypto.subtle.sign>[0]

interface PublicKeyAlgorithm {
  readonly length?: number
  readonly format: 'raw' | 'spki'
  readonly key: AlgorithmParameters
  readonly signing: SigningParameters
  readonly generation?: object
  /** The signature as WebCrypto wants it; undefined where it is malformed. */
  readonly toRaw?: (signature: Uint8Array) => Bytes | undefined
}

function publicKey({ length, format, key, signing, generation, toRaw }: PublicKeyAlgorithm): Algorithm {
  return {
    ...(length === undefined ? {} : { length }),
    isPublic: true,
    importKey: (bytes) => crypto.subtle.importKey(format, bytes, key, false, ['verify']),
    check: async (imported, message) => (signature) => {
      const raw = toRaw === undefined ? signature : toRaw(signature)
      return raw !== undefined && imported !== undefined && crypto.subtle.verify(signing, imported, raw, message)
    },
    sign: (signer, message) => signBytes(signing, signer, message),
    async generateKeys() {
      const pair = (await crypto.subtle.generateKey((generation ?? key) as 'Ed25519', true, ['sign', 'verify'])) as {
        publicKey: Key
        privateKey: Key
      }
      return {
        publicKey: new Uint8Array(await crypto.subtle.exportKey(format, pair.publicKey)),
        privateKey: pair.privateKey,
      }
    },
  }
}

/** RSASSA-PKCS1-v1_5 (RFC 8017). */
function rsa(name: string): Algorithm {
  const key = { name: 'RSASSA-PKCS1-v1_5', hash: name }
  return publicKey({
    format: 'spki',
    key,
    signing: 'RSASSA-PKCS1-v1_5',
    generation: { ...key, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
  })
}

async function signBytes(signing: SigningParameters, key: Bytes | Key, message: Bytes): Promise<Bytes> {
  if (ArrayBuffer.isView(key)) throw new TypeError('the private key is missing')
  return new Uint8Array(await crypto.subtle.sign(signing, key, message))
}

/** Vendors send the two numbers of an ECDSA signature in DER; WebCrypto wants them as twice 32 bytes. */
function rawEcdsa(der: Uint8Array): Bytes | undefined {
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

/** The reverse: minimal integers, with a zero before a first bit that is set. */
function derEcdsa(raw: Bytes): Bytes {
  const numbers = [raw.subarray(0, 32), raw.subarray(32)].map((number) => {
    let start = 0
    while (start < 31 && number[start] === 0) start += 1
    const digits = [...number.subarray(start)]
    if ((digits[0] ?? 0) >= 0x80) digits.unshift(0)
    return [0x02, digits.length, ...digits]
  })
  const content = numbers.flat()
  return Uint8Array.from([0x30, content.length, ...content])
}

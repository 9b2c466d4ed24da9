import type { Key } from '../kit/algorithms.ts'
import { algorithmOf } from '../kit/algorithms.ts'
import type { FetchKey } from '../kit/key-source.ts'
import { generateKeys } from '../kit/sign.ts'
import type { Secrets, SignatureScheme, Webhook } from '../kit/webhook.ts'

interface KeyPair {
  readonly publicKey: string
  readonly privateKey: Key
}

/**
 * Key pairs in place of those that only vendors have, so that deliveries can be simulated: one per installation and
 * scheme, made when it first signs, and forgotten when the process ends.
 */
export class TestKeys {
  readonly #pairs = new Map<string, Promise<KeyPair | undefined>>()
  /** Of each installation, the pair that signed last; it replaces a published key. */
  readonly #published = new Map<string, Promise<KeyPair | undefined>>()

  /** The private key for a scheme; undefined if its secret signs. */
  async privateKeyFor(installation: string, scheme: SignatureScheme): Promise<Key | undefined> {
    if (!hasKeyPair(scheme)) return undefined
    const name = nameOf(installation, scheme)
    const pair = this.#pairs.get(name) ?? generateKeys(scheme)
    this.#pairs.set(name, pair)
    if (scheme.key !== undefined) this.#published.set(installation, pair)
    return (await pair)?.privateKey
  }

  /** An installation's secrets, with the public keys of its pairs. */
  async secretsOf(
    installation: string,
    { signatures }: Pick<Webhook, 'signatures'>,
    secrets: Secrets,
  ): Promise<Secrets> {
    const added = await Promise.all(
      signatures.flatMap((scheme) => {
        const pair = this.#pairs.get(nameOf(installation, scheme))
        const field = scheme.secret
        return pair === undefined || field === undefined
          ? []
          : [pair.then((made) => [field, [secrets[field], made?.publicKey].flat()] as const)]
      }),
    )
    return added.length === 0 ? secrets : { ...secrets, ...(Object.fromEntries(added) as Secrets) }
  }

  /** Fetches the key of the pair that signed last, and published keys if none did. */
  fetchKeyFor(installation: string, { publicKeys }: Pick<Webhook, 'publicKeys'>): FetchKey | undefined {
    const pair = this.#published.get(installation)
    return pair === undefined ? publicKeys?.fetchKey : async () => (await pair)?.publicKey ?? ''
  }
}

function hasKeyPair({ algorithm, key, jwt }: SignatureScheme): boolean {
  return key !== undefined || algorithmOf(algorithm)?.isPublic === true || jwt?.algorithms.includes('HS256') === false
}

function nameOf(installation: string, { name }: SignatureScheme): string {
  return `${installation} ${name}`
}

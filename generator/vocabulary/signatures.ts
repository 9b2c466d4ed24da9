import type { Signature } from '../compiled/definition.ts'
import type { Place } from '../kit/place.ts'
import type { SignatureScheme } from '../kit/webhook.ts'
import { placeProblem } from './places.ts'

/** A mistake in a part of a definition, and how to correct it. */
export interface Gap {
  /** The member at fault, if it is there. */
  readonly member?: keyof Signature
  readonly what: string
  readonly help: string
}

interface SignatureElement {
  /** Members that a scheme with this algorithm must have; of a list, exactly one. */
  readonly needs: readonly (keyof Signature | readonly (keyof Signature)[])[]
  /** Further members that it may have. */
  readonly allows: readonly (keyof Signature)[]
  /** Whether the secret must be part of what is signed. */
  readonly signsSecret?: true
  /** Whether a handshake can prove with it that the secret is known. */
  readonly isKeyedHash?: true
}

const ALWAYS: readonly (keyof Signature)[] = ['name', 'algorithm', 'when', 'weak', 'description', 'cites']
const SIGNED: SignatureElement = {
  needs: ['signature', 'secret', 'signed', 'encoding'],
  allows: ['for', 'secret_encoding', 'secret_prefix', 'timestamp', 'body_sha256', 'url_decoded'],
}
const KEYED: SignatureElement = { ...SIGNED, isKeyedHash: true }
const PUBLIC: SignatureElement = { ...SIGNED, needs: ['signature', ['secret', 'key'], 'signed', 'encoding'] }

/** All algorithms; the kit has the same list in `kit/algorithms.ts`, and the schema in `signature.algorithm`. */
export const signatureElements: Readonly<Record<SignatureScheme['algorithm'], SignatureElement>> = {
  'hmac-sha256': KEYED,
  'hmac-sha1': KEYED,
  'hmac-sha512': KEYED,
  sha256: { ...SIGNED, signsSecret: true },
  sha1: { ...SIGNED, signsSecret: true },
  ed25519: PUBLIC,
  'ecdsa-p256-sha256': PUBLIC,
  'rsa-sha256': PUBLIC,
  'rsa-sha1': PUBLIC,
  token: { needs: ['signature', 'secret'], allows: ['for'] },
  jwt: { needs: ['signature', 'jwt', ['secret', 'key']], allows: ['secret_encoding', 'secret_prefix'] },
  none: { needs: ['protected_by'], allows: [] },
}

type Protection = NonNullable<Signature['protected_by']>[number]

/** What protects an endpoint if nothing is signed; the schema has the same list in `signature.protected_by`. */
export const protections: Readonly<Record<Protection, string>> = {
  unguessable_url: 'the URL contains a long random part, so keep it secret',
  fetch: 'only an id is taken from a delivery, and the object is fetched from the vendor',
  ip_list: "let only the vendor's addresses through",
}

/** The warning about a webhook that accepts deliveries without a signature; undefined for others. */
export function unsignedWarning({
  signatures = [],
}: {
  readonly signatures?: readonly { readonly algorithm: string; readonly protected_by?: readonly Protection[] }[]
}): string | undefined {
  const unsigned = signatures.filter(({ algorithm }) => algorithm === 'none')
  if (unsigned.length === 0) return undefined
  const instead = unsigned.flatMap(({ protected_by = [] }) => protected_by.map((one) => protections[one]))
  return `The vendor signs nothing, so anyone who knows the URL can send deliveries. Instead of a signature, this protects the endpoint: ${instead.join('; ')}.`
}

/** How to write a member that is missing. */
const HELP: Readonly<Partial<Record<keyof Signature, string>>> = {
  signature: 'add signature: { in: header, at: … }',
  secret: 'add secret: and the authentication field that contains the key',
  key: 'add secret: with a field, or key: { jwks: … }',
  signed: 'add signed: "{body}", or what else is signed',
  encoding: 'add encoding: hex, base64 or base64url',
  jwt: 'add jwt: { algorithms: [ES256] }',
  protected_by: 'add protected_by: [unguessable_url], or what else protects the endpoint',
}

/** The members that a signature scheme lacks, or contains without effect. */
export function signatureGaps(scheme: Signature): readonly Gap[] {
  const { needs, allows } = signatureElements[scheme.algorithm]
  const missing = needs.flatMap((need): readonly Gap[] => {
    const members: readonly (keyof Signature)[] = typeof need === 'string' ? [need] : need
    const present = members.filter((member) => scheme[member] !== undefined)
    const names = members.map((member) => `\`${member}\``).join(' or ')
    const help = HELP[members.at(-1) ?? 'name'] ?? ''
    if (present.length === 0) return [{ what: `has no ${names}`, help }]
    return present.length === 1
      ? []
      : [{ what: `has both ${names.replace(' or ', ' and ')}`, help: 'keep one of them' }]
  })
  const known = [...ALWAYS, ...allows, ...needs.flat()]
  const superfluous = (Object.keys(scheme) as (keyof Signature)[])
    .filter((member) => !known.includes(member))
    .map((member) => ({
      member,
      what: `has \`${member}\`, which has no effect with ${scheme.algorithm}`,
      help: 'delete it, or correct the algorithm',
    }))
  return [...missing, ...superfluous, ...connectionGaps(scheme)]
}

/** Members that only make sense together. */
function connectionGaps(scheme: Signature): readonly Gap[] {
  const { algorithm, signature, signed = '', timestamp, key, for: items } = scheme
  const { format = '{signature}' } = signature ?? {}
  const gaps: Gap[] = []
  if (!format.includes('{signature}'))
    gaps.push({ what: 'has a format without {signature}', help: 'write {signature} where the signature is' })
  if (signed.includes('{timestamp}') && timestamp === undefined)
    gaps.push({
      what: 'signs a timestamp that it does not describe',
      help: 'add timestamp: { in: header, at: …, form: unix-seconds, tolerance_seconds: 300 }',
    })
  const isInFormat = format.includes('{timestamp}')
  if (timestamp !== undefined && (timestamp.in === undefined) !== (timestamp.at === undefined))
    gaps.push({ what: 'has a timestamp with only one of `in` and `at`', help: 'add the other one' })
  if (timestamp !== undefined && isInFormat === (timestamp.in !== undefined))
    gaps.push({
      what: isInFormat ? 'has its timestamp in two places' : 'does not say where its timestamp is',
      help: 'write {timestamp} in the format, or `in` and `at`',
    })
  if (isInFormat && timestamp === undefined)
    gaps.push({
      what: 'has a timestamp in its format that it does not describe',
      help: 'add timestamp: { form: …, tolerance_seconds: 300 }',
    })
  if (signatureElements[algorithm].signsSecret === true && !signed.includes('{secret}'))
    gaps.push({ what: 'is a plain hash over text without the secret', help: 'write {secret} where it is in the text' })
  if ((signed.includes('{item:') || signature?.in === 'item') && items === undefined)
    gaps.push({ what: 'reads an item without `for`', help: 'add for: and the path of the items' })
  if (key !== undefined) gaps.push(...keyGaps(key))
  return [...gaps, ...placeGaps(scheme)]
}

/** Places that no request can have. */
function placeGaps({ signature, timestamp, body_sha256, key }: Signature): readonly Gap[] {
  const names = signature === undefined ? [] : [signature.at].flat()
  const places: readonly (readonly [keyof Signature, Partial<Place> | undefined])[] = [
    ...names.map((at) => ['signature', { in: signature?.in ?? 'header', at }] as const),
    ['timestamp', timestamp],
    ['body_sha256', body_sha256],
    ['key', key?.certificate],
  ]
  return places.flatMap(([member, place]) => {
    if (place?.in === undefined || place.at === undefined) return []
    const problem = placeProblem({ in: place.in, at: place.at })
    return problem === undefined ? [] : [{ member, what: `has a wrong place: ${problem.what}`, help: problem.help }]
  })
}

function keyGaps({ certificate, hosts, jwks, endpoint }: NonNullable<Signature['key']>): readonly Gap[] {
  const gaps: Gap[] = []
  if ([certificate, jwks, endpoint].filter((one) => one !== undefined).length !== 1)
    gaps.push({
      member: 'key',
      what: 'has more or less than one source of its key',
      help: 'write one of certificate, jwks and endpoint',
    })
  if ((certificate === undefined) !== (hosts === undefined))
    gaps.push({
      member: 'key',
      what: certificate === undefined ? 'lists hosts without a certificate' : 'accepts a certificate from any host',
      help: 'certificate and hosts belong together',
    })
  return gaps
}

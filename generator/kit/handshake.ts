import { algorithms } from './algorithms.ts'
import type { BodyFormat } from './body.ts'
import { parseBody } from './body.ts'
import { encoded, equalTexts, utf8 } from './bytes.ts'
import type { RequestParts } from './place.ts'
import { looksIntoBody, meets, valueAt } from './place.ts'
import { valueAtPointer } from './pointer.ts'
import type { Answer } from './response.ts'
import { answerOf, isHeaderValue, refusal } from './response.ts'
import type { Values } from './template.ts'
import { fillKnown } from './template.ts'
import type { Handshake, Secrets, Webhook } from './webhook.ts'
import { keysOf } from './webhook.ts'

/** Characters: more than any vendor sends, and too few to be of use to a stranger who wants something repeated. */
const LONGEST_VALUE = 1024

/** Bytes of the largest body that is parsed before it is known to come from the vendor. */
const LARGEST_HANDSHAKE = 16_384

/** Why a handshake is refused. */
export type HandshakeRefusal =
  | 'malformed_value'
  | 'unexpected_value'
  | 'missing_secret'
  | 'missing_keep'
  | 'secret_already_set'
  | 'not_kept'

const STATUS: Readonly<Record<HandshakeRefusal, number>> = {
  malformed_value: 400,
  unexpected_value: 403,
  missing_secret: 403,
  secret_already_set: 403,
  // Our own failures get a status after which the vendor tries again.
  missing_keep: 500,
  not_kept: 503,
}

/** Values that the vendor chose, by authentication field. */
export type KeptValues<Field extends string = string> = Readonly<Partial<Record<Field, string>>>

export interface KeepOptions<Field extends string = string> {
  /**
   * Stores values that the vendor chose, such as the key of its signatures. The vendor is answered when it resolves;
   * `false` means that other values were stored in the meantime. Without it such a handshake fails.
   */
  readonly keep?: ((values: KeptValues<Field>) => boolean | undefined | Promise<boolean | undefined>) | undefined
  /**
   * Whether a handshake that is not signed may replace a stored value. Anyone who knows the URL can send one, and would
   * then choose the key.
   */
  readonly allowReplacement?: boolean | undefined
}

export interface HandshakeOptions<Field extends string = string> extends KeepOptions<Field> {
  /** Whether the signature was verified: signed handshakes are answered only then, and others only before. */
  readonly verified?: boolean
  readonly onRefused?: (reason: HandshakeRefusal) => void
}

/** A handshake with the values that its answer contains. */
export interface RecognizedHandshake<Field extends string = string> {
  readonly handshake: Handshake<Field>
  readonly values: Values
}

/** The request with its body parsed, if a handshake looks into it. */
export async function withContent<Field extends string>(
  webhook: BodyFormat & Pick<Webhook<Field>, 'handshakes'>,
  request: RequestParts,
): Promise<RequestParts> {
  const { body, headers } = request
  if (body.byteLength > LARGEST_HANDSHAKE || !readsBody(webhook)) return request
  const parsed = await (request.parse?.() ?? parseBody(webhook, body, headers.get('content-type')))
  return parsed.readable ? { ...request, content: parsed.value } : request
}

function readsBody({ handshakes = [] }: Pick<Webhook, 'handshakes'>): boolean {
  return handshakes.some(
    ({ when, values = {}, expect = [] }) =>
      looksIntoBody(when) || [...Object.values(values), ...expect].some((place) => place.in === 'body'),
  )
}

/** The first handshake that a request is: every condition is met, and every value is present. */
export function recognizedHandshake<Field extends string>(
  handshakes: readonly Handshake<Field>[],
  request: RequestParts,
  isVerified: boolean,
): RecognizedHandshake<Field> | undefined {
  for (const handshake of handshakes) {
    if ((handshake.verified ?? false) !== isVerified || !meets(handshake.when, request)) continue
    const values = valuesOf(handshake, request)
    if (values !== undefined) return { handshake, values }
  }
  return undefined
}

function valuesOf({ values = {} }: Handshake, request: RequestParts): Values | undefined {
  const found = Object.entries(values).map(([name, place]) => [name, singleValue(place, request)] as const)
  return found.every(([, value]) => value !== undefined && value !== '') ? Object.fromEntries(found) : undefined
}

/**
 * Two headers of one name reach us joined by a comma: which of them the vendor sent, nobody can say. A number beyond 2^53
 * is not the one that was sent.
 */
function singleValue(place: Parameters<typeof valueAt>[0], request: RequestParts): string | undefined {
  const value = valueAt(place, request)
  if (place.in === 'header') return value?.includes(',') ? undefined : value
  const isInexact = place.in === 'body' && isInexactNumber(valueAtPointer(request.content, place.at))
  return isInexact ? undefined : value
}

function isInexactNumber(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value)
}

/**
 * Answers a request by which the vendor checks the URL; undefined for any other request. Never throws. Values that the
 * vendor chose are stored before it is answered.
 */
export async function answerToHandshake<Field extends string>(
  { handshakes = [] }: Pick<Webhook<Field>, 'handshakes'>,
  request: RequestParts,
  secrets: Secrets<Field>,
  options: HandshakeOptions<Field> = {},
): Promise<Answer | undefined> {
  const { verified = false, onRefused } = options
  const recognized = recognizedHandshake(handshakes, request, verified)
  if (recognized === undefined) return undefined
  const answer = await answered(recognized, request, secrets, options)
  if (typeof answer !== 'string') return answer
  onRefused?.(answer)
  return refusal(STATUS[answer], answer)
}

async function answered<Field extends string>(
  { handshake, values }: RecognizedHandshake<Field>,
  request: RequestParts,
  secrets: Secrets<Field>,
  options: HandshakeOptions<Field>,
): Promise<Answer | HandshakeRefusal> {
  if (isTooLong(values)) return 'malformed_value'
  for (const { found, wanted } of expectedValues(handshake, request, secrets)) {
    if (wanted.length === 0) return 'missing_secret'
    if (!(await isOneOf(found, wanted))) return 'unexpected_value'
  }
  const proof = await proofOf(handshake, values, secrets)
  if (proof === undefined) return 'missing_secret'
  const answer = answerOf(handshake.response, { ...values, proof })
  if (answer === undefined) return 'malformed_value'
  return (await kept(handshake, values, secrets, options)) ?? answer
}

function isTooLong(values: Values): boolean {
  return Object.values(values).some((value = '') => value.length > LONGEST_VALUE)
}

/** The values that must be correct, each with its allowed values; none if the secret is missing. */
function expectedValues<Field extends string>(
  { expect = [] }: Handshake<Field>,
  request: RequestParts,
  secrets: Secrets<Field>,
): readonly { readonly found: string | undefined; readonly wanted: readonly string[] }[] {
  return expect.map(({ equals, field, ...place }) => ({
    found: singleValue(place, request),
    wanted: equals === undefined ? (field === undefined ? [] : keysOf(secrets, field)) : [equals],
  }))
}

/** Each pair is compared, so that the time does not reveal which of the values matched. */
async function isOneOf(text: string | undefined, wanted: readonly string[]): Promise<boolean> {
  const comparisons = await Promise.all(wanted.map((one) => equalTexts(text ?? '', one)))
  return text !== undefined && comparisons.includes(true)
}

/** An empty text if the answer needs no proof; undefined if the secret for it is missing. */
async function proofOf<Field extends string>(
  { proof }: Handshake<Field>,
  values: Values,
  secrets: Secrets<Field>,
): Promise<string | undefined> {
  if (proof === undefined) return ''
  // While a secret is being replaced the vendor has one of the two; the first is taken for the one in use.
  const [secret] = keysOf(secrets, proof.secret)
  if (secret === undefined) return undefined
  const message = utf8(fillKnown(proof.signed, values))
  return encoded(await algorithms[proof.algorithm].sign(utf8(secret), message), proof.encoding)
}

/** The values that a handshake asks to store, by field; undefined if one of them cannot be a secret. */
function keptValues<Field extends string>(
  { keeps }: Handshake<Field>,
  values: Values,
): ReadonlyMap<Field, string> | undefined {
  const filled = new Map<Field, string>()
  for (const [field, template] of Object.entries<string | undefined>(keeps ?? {}))
    filled.set(field as Field, fillKnown(template ?? '', values))
  return [...filled.values()].every(isHeaderValue) ? filled : undefined
}

/** Stores what the vendor chose; gives the reason if that must not or cannot be done. */
async function kept<Field extends string>(
  handshake: Handshake<Field>,
  values: Values,
  secrets: Secrets<Field>,
  { verified = false, keep, allowReplacement = false }: HandshakeOptions<Field>,
): Promise<HandshakeRefusal | undefined> {
  const wanted = keptValues(handshake, values)
  if (wanted === undefined) return 'malformed_value'
  const added: [Field, string][] = []
  for (const [field, value] of wanted) {
    const stored = keysOf(secrets, field)
    // A vendor that missed our answer sends the same value again.
    if (await isOneOf(value, stored)) continue
    if (stored.length > 0 && !verified && !allowReplacement) return 'secret_already_set'
    added.push([field, value])
  }
  if (added.length === 0) return undefined
  if (keep === undefined) return 'missing_keep'
  try {
    const isKept = await keep(Object.fromEntries(added) as KeptValues<Field>)
    return isKept === false ? 'secret_already_set' : undefined
  } catch {
    return 'not_kept'
  }
}

import { isNumber, LosslessNumber, parse, stringify } from 'lossless-json'
import { bodyFormOf, parseBody } from '../kit/body.ts'
import { toEvents } from '../kit/delivery.ts'
import { idempotencyKey } from '../kit/event.ts'
import { everyOf, GIVEN } from '../kit/mapping.ts'
import { unpackerOf } from '../kit/named-value.ts'
import { requestFacts } from '../kit/request-facts.ts'
import type { PackedStep } from '../kit/routing.ts'
import { routesIn } from '../kit/routing.ts'
import type { Webhook } from '../kit/webhook.ts'
import type { SampleDelivery } from '../model/connector.ts'
import { tokensOf, valueAt } from '../model/json-pointer.ts'
import { sampleRequest } from '../model/sample-request.ts'

/** One change of a body: a JSON Pointer, or the name of a form field, and the text of what shall stand there. */
export interface Change {
  readonly place: string
  readonly value: string
}

/** A delivery that is ready to be signed. */
export interface Prepared {
  readonly method: string
  readonly query: string | undefined
  readonly body: string
  readonly contentType: string
  /** The headers of the request, except those that sign it. */
  readonly headers: Readonly<Record<string, string>>
}

/** The headers of a sample, without those that sign it: the signature is of another time, or another key. */
export function unsignedHeaders({ signatures }: Webhook, sample: SampleDelivery): Readonly<Record<string, string>> {
  const headers = new Headers(sampleRequest(sample).headers)
  for (const { signature, timestamp } of signatures) {
    for (const name of signature?.in === 'header' ? signature.at : []) headers.delete(name)
    if (signature?.in === 'basic') headers.delete('authorization')
    if (timestamp?.in === 'header' && timestamp.at !== undefined) headers.delete(timestamp.at)
  }
  return Object.fromEntries(headers)
}

/** A sample with changes; what the place leads through must be there. Throws a `TypeError` that says what is missing. */
export function changed(webhook: Webhook, sample: SampleDelivery, changes: readonly Change[]): Prepared {
  const { body, content_type, method = 'POST', query } = sample
  const request = { method, query, contentType: content_type, headers: unsignedHeaders(webhook, sample) }
  if (changes.length === 0) return { ...request, body }
  if (content_type === 'application/x-www-form-urlencoded') {
    const form = new URLSearchParams(body)
    for (const { place, value } of changes) form.set(place, value)
    return { ...request, body: form.toString() }
  }
  if (content_type === 'none') throw new TypeError('the sample has no body to change')
  // Numbers beyond 2^53 come out as they went in.
  const document = parse(body)
  for (const { place, value } of changes) put(document, place, meant(value))
  return { ...request, body: stringify(document) ?? '' }
}

/** What is JSON is meant as that; anything else is a text. */
function meant(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}

function put(document: unknown, place: string, value: unknown): void {
  const tokens = place.startsWith('/') ? tokensOf(place) : []
  const last = tokens.at(-1)
  if (last === undefined) throw new TypeError(`"${place}" is no JSON Pointer into the body, such as /entry/0/id`)
  let parent = document
  for (const [index, token] of tokens.slice(0, -1).entries()) {
    parent = memberOf(parent, token)
    if (typeof parent !== 'object' || parent === null)
      throw new TypeError(`the sample has no /${tokens.slice(0, index + 1).join('/')}`)
  }
  if (typeof parent !== 'object' || parent === null) throw new TypeError(`the sample has no ${place}`)
  if (Array.isArray(parent) && !(/^\d+$/.test(last) && Number(last) <= parent.length))
    throw new TypeError(`the list at ${place.slice(0, place.lastIndexOf('/'))} has no place ${last}`)
  Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true })
}

function memberOf(value: unknown, token: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, token)
    ? (value as Readonly<Record<string, unknown>>)[token]
    : undefined
}

/** Values that identify installations in a sample. */
const MOST_ROUTES = 1000

/** A sample for an installation: its values are in the place of those that identify installations. */
export async function routedSample(
  webhook: Webhook,
  sample: SampleDelivery,
  values: Readonly<Record<string, string | undefined>>,
): Promise<SampleDelivery> {
  const { routing = [] } = webhook
  const request = sampleRequest(sample)
  const parsed = await parseBody(webhook, sample.body, sample.content_type)
  const facts = { content_type: sample.content_type, ...requestFacts(request) }
  const content = parsed.readable ? parsed.value : undefined
  const replacements = new Map<string, string>()
  for (const rule of routing) {
    const prefix = rule.prefix ?? ''
    for (const { field, value } of routesIn({ ...webhook, routing: [rule] }, content, facts, MOST_ROUTES)) {
      const own = values[field]
      if (own !== undefined) replacements.set(`${prefix}${value}`, `${prefix}${own}`)
    }
  }
  const replaced = (text: string) => replacements.get(text) ?? text
  const open = unpackerOf(webhook)
  const packed = (value: unknown, [step, ...others]: readonly PackedStep[]): void => {
    if (typeof value !== 'string' || step === undefined) return
    if (!('value' in open(value, step.as))) return
    const isBase64 = step.as === 'base64-json'
    const inside = parse(isBase64 ? Buffer.from(value, 'base64').toString() : value)
    packed(
      step.at.reduce<unknown>((part, name) => memberOf(part, String(name)), inside),
      others,
    )
    const text = stringify(mapped(inside, replaced)) ?? ''
    replacements.set(value, isBase64 ? Buffer.from(text).toString(/[-_]/.test(value) ? 'base64url' : 'base64') : text)
  }
  for (const { from, unpack = [] } of routing) everyOf(from, GIVEN)([content, facts], (value) => packed(value, unpack))
  const headers = Object.fromEntries(
    Object.entries(sample.headers ?? {}).map(([name, value]) => [name, replaced(value)]),
  )
  const { body, content_type } = sample
  if (content_type === 'application/x-www-form-urlencoded')
    return {
      ...{ ...sample, headers },
      body: new URLSearchParams(
        [...new URLSearchParams(body)].map(([name, value]): [string, string] => [name, replaced(value)]),
      ).toString(),
    }
  const isJson = parsed.readable && bodyFormOf(parsed.content_type) === 'json'
  return { ...sample, headers, body: isJson ? (stringify(mapped(parse(body), replaced)) ?? '') : body }
}

/** JSON with other strings and numbers; a number becomes a string if its new value is not one. */
function mapped(value: unknown, map: (text: string) => string): unknown {
  if (value instanceof LosslessNumber) {
    const text = map(value.value)
    return isNumber(text) || text === value.value ? new LosslessNumber(text) : text
  }
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((item) => mapped(item, map))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, mapped(inside, map)]))
}

/**
 * The same delivery about another thing: what names its events is another value wherever it stands. Undefined where
 * nothing in the request names them, so that every repeat is a duplicate.
 */
export async function renumbered(webhook: Webhook, prepared: Prepared, number: number): Promise<Prepared | undefined> {
  const before = await keysIn(webhook, prepared)
  const names = new Set(before.flatMap(({ values }) => values))
  const isForm = prepared.contentType === 'application/x-www-form-urlencoded'
  const body = isForm
    ? renamedQuery(prepared.body, names, number)
    : prepared.body === ''
      ? ''
      : (stringify(mapped(parse(prepared.body), (text) => (names.has(text) ? other(text, number) : text))) ?? '')
  const headers = Object.entries(prepared.headers).map(([name, value]) => [
    name,
    names.has(value) ? other(value, number) : value,
  ])
  const query = prepared.query === undefined ? undefined : renamedQuery(prepared.query, names, number)
  const made: Prepared = { ...prepared, body, query, headers: Object.fromEntries(headers) }
  const after = await keysIn(webhook, made)
  const isOther = before.length > 0 && after.every(({ key }, index) => key !== before[index]?.key)
  return isOther && after.length === before.length ? made : undefined
}

function renamedQuery(text: string, names: ReadonlySet<string>, number: number): string {
  const pairs = [...new URLSearchParams(text)].map(([name, value]): [string, string] => [
    name,
    names.has(value) ? other(value, number) : value,
  ])
  return new URLSearchParams(pairs).toString()
}

interface Named {
  readonly key: string | undefined
  readonly values: readonly string[]
}

async function keysIn(webhook: Webhook, prepared: Prepared): Promise<readonly Named[]> {
  const { method, query, contentType: content_type, headers } = prepared
  const reading = await toEvents(webhook, prepared.body, sampleRequest({ method, query, headers, content_type }))
  if (!reading.readable) return []
  return reading.events.map((event) => ({
    key: idempotencyKey(event),
    values: event.idempotency
      .map((pointer) => valueAt(event.data, pointer))
      .filter((value) => typeof value === 'string' || typeof value === 'number')
      .map(String),
  }))
}

/** A number stays one, and as long as it was where that is possible; another text gets an ending. */
function other(value: string, number: number): string {
  if (/^\d{1,40}$/.test(value)) return String(BigInt(value) + BigInt(number)).padStart(value.length, '0')
  return `${value}-${number}`
}

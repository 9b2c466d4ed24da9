import type { Unreadable } from './body.ts'
import { parseBody } from './body.ts'
import { encoded, utf8 } from './bytes.ts'
import type { Event } from './event.ts'
import type { DeliveryRule, Evaluate, Path, Scope, Visit } from './mapping.ts'
import { evaluation, everyOf, GIVEN, isObject, testOf, withName } from './mapping.ts'
import type { AnyEvents, Delivery, Webhook } from './webhook.ts'

/** A part of a delivery that became no event, or a value in it that did not fit into its event. */
export interface Unrecognized {
  /** Normalized path of RFC 9535, such as `$['entry'][0]`. */
  readonly path: string
  readonly value: unknown
  /** The event that this would have been or has become, where there is one. */
  readonly event?: string
  /** JSON Pointer into the event's data: what is missing there, or did not fit. */
  readonly field?: string
}

/** What a delivery holds. */
export type Reading<Events extends object = AnyEvents> =
  | ({ readonly readable: true } & Extracted<Events>)
  | { readonly readable: false; readonly reason: Unreadable }

/** The request that a delivery arrived in, besides its body; a `Request` is one. */
export type DeliveredBy = Pick<Delivery, 'method' | 'headers' | 'url'>

/**
 * Reads a delivery that was verified: all its events in the vendor's order of rules, and all that is no event that the
 * connector knows. It never throws. `request` is needed where rules read headers, query or method; otherwise the
 * `Content-Type` header alone will do.
 */
export async function toEvents<Events extends object>(
  webhook: Webhook<string, Events>,
  body: Uint8Array<ArrayBuffer> | string,
  request?: DeliveredBy | string | null,
): Promise<Reading<Events>> {
  const delivered = typeof request === 'object' && request !== null ? request : undefined
  const contentType = typeof request === 'string' ? request : delivered?.headers.get('content-type')
  const parsed = await parseBody(webhook, body, contentType)
  if (!parsed.readable) return parsed
  const { hashes, asks } = rulesOf(webhook)
  const facts: RequestFacts = {
    content_type: parsed.content_type,
    ...(hashes ? { body_sha256: await sha256(body) } : {}),
    ...(asks && delivered !== undefined ? requestFacts(delivered) : {}),
  }
  return { readable: true, ...eventsIn(webhook, parsed.value, facts) }
}

/** What a rule can read of a request, besides its body. */
export interface RequestFacts {
  readonly content_type: string
  /** Lower-case hex. */
  readonly body_sha256?: string
  readonly method?: string
  /** By name in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Parameters of the URL; one that occurs twice is not a value. */
  readonly query?: Readonly<Record<string, string>>
}

/** The method, headers and query of a request, for rules. */
export function requestFacts({ method, headers, url }: DeliveredBy): Omit<RequestFacts, 'content_type'> {
  const query = new Map<string, string | undefined>()
  const parameters = url !== undefined && URL.canParse(url) ? new URL(url).searchParams : []
  for (const [name, value] of parameters) query.set(name, query.has(name) ? undefined : value)
  const single = [...query].filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { method, headers: Object.fromEntries(headers), query: Object.fromEntries(single) }
}

/** What a body holds, once it is parsed. */
export interface Extracted<Events extends object = AnyEvents> {
  readonly events: readonly Event<Events>[]
  readonly unrecognized: readonly Unrecognized[]
}

async function sha256(body: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', typeof body === 'string' ? utf8(body) : body)
  return encoded(new Uint8Array(digest), 'hex')
}

/** What is done with a part of a delivery: rules that make an event of it, and loops through what is inside of it. */
interface Level {
  readonly rules: { readonly event: string; readonly when: Test | undefined; readonly data: Evaluate }[]
  readonly loops: Map<string, { readonly place: number; readonly visitAll: Visit; readonly inside: Level }>
}

type Test = (scope: Scope) => boolean

interface CompiledRules {
  readonly top: Level
  /** The lists that some rule goes through. */
  readonly lists: Lists
  /** Whether a rule reads the body's hash. */
  readonly hashes: boolean
  /** Whether a rule reads headers, query or method. */
  readonly asks: boolean
}

/** Where in a delivery the lists stand that rules go through. */
interface Lists {
  readonly members: Map<string, Lists>
  each: Lists | undefined
}

/** Rules are compiled when the first delivery arrives, and kept as long as their webhook. */
const compiled = new WeakMap<object, CompiledRules>()

function rulesOf({ deliveries }: Pick<Webhook, 'deliveries'>): CompiledRules {
  const known = compiled.get(deliveries)
  if (known !== undefined) return known
  const top: Level = { rules: [], loops: new Map() }
  const lists: Lists = { members: new Map(), each: undefined }
  for (const rule of deliveries) {
    addRule(rule, top)
    noteLists(rule, lists)
  }
  const written = JSON.stringify(deliveries)
  const made = {
    top,
    lists,
    hashes: written.includes('["request","body_sha256"]'),
    asks: /\["request","(?:headers|query|method)"/.test(written),
  }
  compiled.set(deliveries, made)
  return made
}

/** Rules that begin with the same loops share them: a list is gone through once for all of them. */
function addRule({ event, for: loops, when, data }: DeliveryRule, top: Level): void {
  let level = top
  let slots = GIVEN
  for (const [name, path] of loops) {
    const inside = withName(slots, name)
    const key = JSON.stringify([name, path])
    const loop = level.loops.get(key) ?? {
      place: inside.get(name) ?? 0,
      visitAll: everyOf(path, slots),
      inside: { rules: [], loops: new Map() },
    }
    level.loops.set(key, loop)
    level = loop.inside
    slots = inside
  }
  level.rules.push({
    event,
    when: when === undefined ? undefined : testOf(when, slots),
    data: evaluation(data, slots),
  })
}

function noteLists({ for: loops }: DeliveryRule, root: Lists): void {
  const ends = new Map<string, Lists>([['delivery', root]])
  for (const [name, path] of loops) {
    const end = noteListsOf(path, ends)
    if (end !== undefined) ends.set(name, end)
  }
}

function noteListsOf([start, ...steps]: Path, ends: ReadonlyMap<string, Lists>): Lists | undefined {
  let at = ends.get(start)
  for (const step of steps) {
    if (at === undefined) return undefined
    const next: Lists = (typeof step === 'string' ? at.members.get(step) : at.each) ?? {
      members: new Map(),
      each: undefined,
    }
    if (typeof step === 'string') at.members.set(step, next)
    else at.each = next
    at = next
  }
  return at
}

/** A remark on the part of a delivery that an event was, or would have been, made of. */
interface Remark {
  readonly event: string
  readonly field: string
}

/** All events of a parsed delivery, and what in it is none. */
export function eventsIn<Events extends object>(
  webhook: Pick<Webhook<string, Events>, 'connector' | 'events' | 'deliveries'>,
  delivery: unknown,
  request: RequestFacts,
): Extracted<Events> {
  const { connector, events: facts } = webhook
  const { top, lists } = rulesOf(webhook)
  const events: Event<Events>[] = []
  const recognized = new Set<unknown>()
  const remarks = new Map<unknown, Remark[]>()
  const scope: Scope = [delivery, request]
  /** Whether the part, or something inside of it, has become an event. */
  const visit = ({ rules, loops }: Level, part: unknown): boolean => {
    const before = events.length
    for (const { event, when, data } of rules) {
      if (when?.(scope) === false) continue
      const made = data(scope, (field) => remark(remarks, part, { event, field }))
      if (made === undefined) continue
      const { smart_code, idempotency } = facts[event as keyof Events]
      events.push({ connector, type: event, smart_code, data: made, idempotency } as Event<Events>)
    }
    for (const { place, visitAll, inside } of loops.values()) {
      visitAll(scope, (value) => {
        scope[place] = value
        if (visit(inside, value)) recognized.add(value)
      })
    }
    return events.length > before
  }
  const any = visit(top, delivery)
  return { events, unrecognized: unrecognizedIn(delivery, lists, { recognized, remarks, any }) }
}

function remark(remarks: Map<unknown, Remark[]>, part: unknown, { event, field }: Remark): void {
  const known = remarks.get(part) ?? []
  if (!known.some((one) => one.event === event && one.field === field)) remarks.set(part, [...known, { event, field }])
}

/** What the rules have seen of a delivery. */
interface Seen {
  readonly recognized: ReadonlySet<unknown>
  readonly remarks: ReadonlyMap<unknown, readonly Remark[]>
  readonly any: boolean
}

/** From the root to a value; written out only where it is reported. */
interface Place {
  readonly above: Place | undefined
  readonly step: string | number
}

function unrecognizedIn(delivery: unknown, lists: Lists, { recognized, remarks, any }: Seen): readonly Unrecognized[] {
  const found: Unrecognized[] = []
  const report = (value: unknown, place: Place | undefined, isKnown: boolean): void => {
    const path = normalized(place)
    const about = remarks.get(value) ?? []
    if (about.length === 0 && !isKnown) found.push({ path, value })
    for (const remark of about) found.push({ path, value, ...remark })
  }
  // Whether there was a list that rules go through, so that what is unknown was reported inside of it.
  const look = (value: unknown, { members, each }: Lists, place: Place | undefined): boolean => {
    if (each !== undefined && Array.isArray(value)) {
      for (const [step, element] of value.entries()) {
        const here = { above: place, step }
        const isKnown = recognized.has(element)
        const isLookedInto = hasLists(each) && look(element, each, here)
        if (remarks.has(element) || !(isKnown || isLookedInto)) report(element, here, isKnown)
      }
      return true
    }
    if (!isObject(value)) return false
    let hasList = false
    for (const [step, inside] of members) {
      if (Object.hasOwn(value, step) && look(value[step], inside, { above: place, step })) hasList = true
    }
    return hasList
  }
  const hasList = look(delivery, lists, undefined)
  if (remarks.has(delivery) || !(any || hasList)) report(delivery, undefined, any)
  return found
}

function hasLists({ members, each }: Lists): boolean {
  return each !== undefined || members.size > 0
}

/** A path as RFC 9535, 2.7, writes it. */
function normalized(place: Place | undefined): string {
  if (place === undefined) return '$'
  const { above, step } = place
  if (typeof step === 'number') return `${normalized(above)}[${step}]`
  const name = step.replace(/['\\]/g, '\\$&').replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 9535 escapes them
    /[\u0000-\u001f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${normalized(above)}['${name}']`
}

import type { Unreadable } from './body.ts'
import { parseBody } from './body.ts'
import { sha256 } from './bytes.ts'
import type { Event } from './event.ts'
import type { Location } from './location.ts'
import { IN_VALUE, normalized } from './location.ts'
import type { DeliveryRule, ElementTest, Evaluate, NamedValue, Path, Scope, Slots, Step } from './mapping.ts'
import {
  childOf,
  childrenOf,
  elementTest,
  evaluation,
  firstOf,
  GIVEN,
  isNamedValue,
  isObject,
  testOf,
  textOf,
  withName,
} from './mapping.ts'
import type { Call, Fetched, Outcome, Unpack, ValueProblem } from './named-value.ts'
import { keyOf, unpackerOf } from './named-value.ts'
import type { RequestFacts } from './request-facts.ts'
import { requestFacts } from './request-facts.ts'
import type { Route } from './route.ts'
import type { RoutesAt } from './routing.ts'
import { routesBy } from './routing.ts'
import type { ReadsByName, Root } from './unread.ts'
import { readsAt, readsOf, unreadIn } from './unread.ts'
import type { AnyEvents, Delivery, FetchOptions, Webhook } from './webhook.ts'

/** A part of a delivery that became no event, or a value in it that did not fit into its event. */
export interface Unrecognized {
  /**
   * Normalized path of RFC 9535, such as `$['entry'][0]`. In an unpacked or fetched value it begins with the name of the
   * value: `$.payment['items'][0]`.
   */
  readonly path: string
  readonly value: unknown
  /** The event that this would have been or has become, where there is one. */
  readonly event?: string
  /** JSON Pointer into the event's data: what is missing there, or did not fit. */
  readonly field?: string
  /** The name of a value that could not be unpacked or fetched, and why. */
  readonly name?: string
  readonly problem?: ValueProblem
}

/** What a delivery holds. */
export type Reading<Events extends object = AnyEvents> =
  | ({ readonly readable: true } & Extracted<Events>)
  | { readonly readable: false; readonly reason: Unreadable }

/** The request that a delivery arrived in, besides its body; a `Request` is one. */
export type DeliveredBy = Pick<Delivery, 'method' | 'headers' | 'url' | 'parse'>

/**
 * Reads a delivery that was verified: all its events in the order of the delivery, and every part that is not an event of the
 * connector. It never throws. `request` is needed where rules read headers, query or method; otherwise the
 * `Content-Type` header alone will do. `options` are needed where rules fetch values.
 */
export async function toEvents<Events extends object>(
  webhook: Webhook<string, Events>,
  body: Uint8Array<ArrayBuffer> | string,
  request?: DeliveredBy | string | null,
  options?: FetchOptions,
): Promise<Reading<Events>> {
  const delivered = typeof request === 'object' && request !== null ? request : undefined
  const contentType = typeof request === 'string' ? request : delivered?.headers.get('content-type')
  const parsed = await (delivered?.parse?.() ?? parseBody(webhook, body, contentType))
  if (!parsed.readable) return parsed
  const { hashes, asks } = rulesOf(webhook)
  const facts: RequestFacts = {
    content_type: parsed.content_type,
    ...(hashes ? { body_sha256: await sha256(body) } : {}),
    ...(asks && delivered !== undefined ? requestFacts(delivered) : {}),
  }
  const extract = (fetched?: Fetched) => eventsIn(webhook, parsed.value, facts, fetched)
  const { fetchValues } = webhook
  const extracted = fetchValues === undefined ? extract() : await fetchValues(webhook, extract, options)
  const { events, unrecognized, calls } = extracted
  return {
    readable: true,
    events,
    unrecognized,
    calls,
    get unread(): readonly string[] {
      return extracted.unread
    },
    get routes(): Extracted['routes'] {
      return extracted.routes
    },
  }
}

/** What a body holds, once it is parsed. */
export interface Extracted<Events extends object = AnyEvents> {
  readonly events: readonly Event<Events>[]
  readonly unrecognized: readonly Unrecognized[]
  /**
   * Values of recognized parts that no rule reads and the definition does not ignore: paths with `*` for indexes, such as
   * `$.delivery.entry[*].time`, each once and at most a hundred. They are found when this is read, which takes another look
   * at the whole delivery.
   */
  readonly unread: readonly string[]
  /** Calls whose outcomes are needed and were not given, each once. */
  readonly calls: readonly Call[]
  /**
   * The values that identify the installations of each event, in the order of the events. They are found when this is read.
   */
  readonly routes: readonly (readonly Route[])[]
}

/** The use of a named part of a delivery: rules that make an event of it, and paths to the parts inside of it. */
interface Level {
  readonly rules: {
    readonly index: number
    readonly event: string
    readonly when: Test | undefined
    readonly data: Evaluate
    /** The end of its loops in the scope. */
    readonly end: number
  }[]
  /** By the place in the scope that the paths start at. */
  readonly branches: Keyed<number, Branch>[]
  readonly values: Keyed<string, CompiledValue>[]
  /** The steps behind the last element of a list, by the place in the scope. */
  readonly names: Names
}

type Names = ReadonlyMap<number, readonly (string | number)[]>

/** A value that rules unpack or fetch. */
interface CompiledValue {
  readonly name: string
  readonly place: number
  readonly holds: Test | undefined
  /** Undefined if there is nothing to unpack, or if the outcome of the call is needed first. */
  readonly outcome: (scope: Scope, context: Context, around: Around) => Outcome | undefined
  readonly level: Level
}

/** The context that all values of one delivery share. */
interface Context {
  readonly unpacked: Unpack
  readonly fetched: (call: Call, around: Around) => Outcome | undefined
  /** Calls whose outcomes are needed and were not given, by `keyOf`. */
  readonly calls: Map<string, Call>
  /** By name the values that rules got, and whether each is part of an event. */
  readonly used: Map<string, Map<unknown, boolean>>
  /** The length of the responses that rules got again. */
  repeated: number
}

/** The locations of the loops and values around a place, the innermost last. */
type Around = readonly (Location | undefined)[]

/** Length of the responses that the parts of a delivery can get again; more of them are reported. */
const MOST_REPEATED = 4_194_304

/**
 * The next steps of all paths that have the steps up to here in common. A list is gone through once, with all filters,
 * so that events are in the order of the delivery.
 */
interface Branch {
  /** The steps behind the last element of a list. */
  readonly names: readonly (string | number)[]
  readonly members: Keyed<string | number, { readonly child: (value: unknown) => unknown; readonly inside: Branch }>[]
  readonly filters: Keyed<string, { readonly holds: ElementTest | undefined; readonly inside: Branch }>[]
  /** The loops that end here, by name. */
  readonly ends: Keyed<string, { readonly place: number; readonly level: Level }>[]
}

/** An entry of a short list that is searched only while rules are compiled. */
interface Keyed<Key, Value> {
  readonly key: Key
  readonly value: Value
}

type Test = (scope: Scope) => boolean

interface CompiledRules {
  readonly top: Level
  /** The lists that some rule goes through. */
  readonly lists: ListsByName
  /** The places that rules read if only some of them, by index, made an event. */
  readonly readsOf: (used: readonly boolean[]) => ReadsByName
  /** Whether a rule reads the body's hash. */
  readonly hashes: boolean
  /** Whether a rule reads headers, query or method. */
  readonly asks: boolean
}

/** The lists of the delivery and of unpacked and fetched values, by the name that paths start at. */
type ListsByName = Map<string, Lists>

/** Where in a delivery the lists stand that rules go through. */
interface Lists {
  readonly members: Map<string, Lists>
  each: Lists | undefined
}

/** Rules are compiled when the first delivery arrives, and kept as long as their webhook. */
const compiled = new WeakMap<object, CompiledRules>()

function rulesOf({ deliveries, routing = [] }: Pick<Webhook, 'deliveries' | 'routing'>): CompiledRules {
  const before = compiled.get(deliveries)
  if (before !== undefined) return before
  const top = newLevel()
  const lists: ListsByName = new Map([['delivery', newLists()]])
  for (const [index, rule] of deliveries.entries()) {
    addRule(rule, index, top)
    noteLists(rule, lists)
  }
  const written = JSON.stringify(deliveries)
  const made = {
    top,
    lists,
    readsOf: readsByUse(deliveries, routing),
    hashes: written.includes('["request","body_sha256"]'),
    asks: /\["request","(?:headers|query|method)"/.test(written + JSON.stringify(routing)),
  }
  compiled.set(deliveries, made)
  return made
}

/** Sets of rules whose reads are kept; most deliveries are of a few kinds. */
const MOST_SETS = 100

function readsByUse(deliveries: readonly DeliveryRule[], routing: Webhook['routing']): CompiledRules['readsOf'] {
  const known = new Map<string, ReadsByName>()
  return (used) => {
    const key = Object.keys(used).join()
    const reads = known.get(key) ?? readsOf(deliveries, routing, (rule) => used[rule] === true)
    if (known.size < MOST_SETS) known.set(key, reads)
    return reads
  }
}

function addRule({ event, for: entries, when, data }: DeliveryRule, index: number, top: Level): void {
  let levels: readonly Level[] = [top]
  let slots = GIVEN
  for (const entry of entries) {
    const around = slots
    if (isNamedValue(entry)) {
      levels = levels.map((level) => levelOf(entry, level, around))
      slots = withName(slots, entry.name)
    } else {
      const [name, ...paths] = entry
      levels = levels.flatMap((level) => paths.map((path) => levelAt(path, name, level, around)))
      slots = withName(slots, name)
    }
  }
  const rule = {
    index,
    event,
    when: when === undefined ? undefined : testOf(when, slots),
    data: evaluation(data, slots),
    end: slots.size,
  }
  for (const level of levels) level.rules.push(rule)
}

function newLevel(names: Names = new Map()): Level {
  return { rules: [], branches: [], values: [], names }
}

/** The level below a value; rules that unpack or fetch the same share it. */
function levelOf(written: NamedValue, { values, names }: Level, slots: Slots): Level {
  const { name, when } = written
  return entryOf(values, JSON.stringify(written), () => ({
    name,
    place: withName(slots, name).get(name) ?? 0,
    holds: when === undefined ? undefined : testOf(when, slots),
    outcome: 'unpack' in written ? unpacking(written, slots) : fetching(written, slots),
    level: newLevel(names),
  })).level
}

function unpacking(
  { unpack: path, as }: Extract<NamedValue, { unpack: unknown }>,
  slots: Slots,
): CompiledValue['outcome'] {
  const get = firstOf(path, slots)
  return (scope, { unpacked }) => {
    const text = get(scope)
    return text === undefined || text === null ? undefined : unpacked(text, as)
  }
}

function fetching(
  { fetch: endpoint, parameters }: Extract<NamedValue, { fetch: unknown }>,
  slots: Slots,
): CompiledValue['outcome'] {
  const getters = Object.entries(parameters).map(([name, path]) => [name, firstOf(path, slots)] as const)
  return (scope, { fetched }, around) => {
    const texts = getters.map(([name, get]) => [name, textOf(get(scope))] as const)
    const known = texts.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
    if (known.length < texts.length) return { problem: 'missing_parameter' }
    return fetched({ endpoint, parameters: Object.fromEntries(known) }, around)
  }
}

/** The level of the parts that a path leads to; rules whose loops begin alike share it. */
function levelAt([start, ...steps]: Path, name: string, { branches, names }: Level, slots: Slots): Level {
  const from = slots.get(start) ?? 0
  let branch = entryOf(branches, from, () => newBranch(names.get(from)))
  for (const step of steps) branch = branchAt(branch, step, slots)
  const place = withName(slots, name).get(name) ?? 0
  const inside = new Map([...names, [place, branch.names]])
  return entryOf(branch.ends, name, () => ({ place, level: newLevel(inside) })).level
}

function branchAt({ names, members, filters }: Branch, step: Step, slots: Slots): Branch {
  if (typeof step !== 'object')
    return entryOf(members, step, () => ({ child: childOf(step), inside: newBranch([...names, step]) })).inside
  const holds = 'where' in step ? elementTest(step.where, slots) : undefined
  return entryOf(filters, JSON.stringify(step), () => ({ holds, inside: newBranch() })).inside
}

function newBranch(names: Branch['names'] = []): Branch {
  return { names, members: [], filters: [], ends: [] }
}

function entryOf<Key, Value>(entries: Keyed<Key, Value>[], key: Key, make: () => Value): Value {
  const found = entries.find((entry) => entry.key === key)
  if (found !== undefined) return found.value
  const value = make()
  entries.push({ key, value })
  return value
}

function noteLists({ for: entries }: DeliveryRule, lists: ListsByName): void {
  const ends = new Map<string, readonly Lists[]>([['delivery', [listsOf(lists, 'delivery')]]])
  for (const entry of entries) {
    if (isNamedValue(entry)) ends.set(entry.name, [listsOf(lists, entry.name)])
    else {
      const [name, ...paths] = entry
      ends.set(
        name,
        paths.flatMap((path) => noteListsOf(path, ends)),
      )
    }
  }
}

function listsOf(lists: ListsByName, name: string): Lists {
  const known = lists.get(name) ?? newLists()
  lists.set(name, known)
  return known
}

function noteListsOf([start, ...steps]: Path, ends: ReadonlyMap<string, readonly Lists[]>): readonly Lists[] {
  return (ends.get(start) ?? []).map((end) => {
    let at = end
    for (const step of steps) {
      if (typeof step === 'string') {
        const inside = at.members.get(step) ?? newLists()
        at.members.set(step, inside)
        at = inside
      } else {
        at.each ??= newLists()
        at = at.each
      }
    }
    return at
  })
}

function newLists(): Lists {
  return { members: new Map(), each: undefined }
}

/** A remark on the part of a delivery that an event was, or would have been, made of. */
type Remark = Pick<Unrecognized, 'event' | 'field' | 'name' | 'problem'>

/**
 * All events of a parsed delivery, and what in it is none. A rule makes no event as long as the outcome of its call is
 * neither in `fetched` nor among the stored ones.
 */
export function eventsIn<Events extends object>(
  webhook: Pick<
    Webhook<string, Events>,
    'connector' | 'events' | 'deliveries' | 'ignored' | 'routing' | 'parseExactly'
  >,
  delivery: unknown,
  request: RequestFacts,
  fetched: Fetched = NOTHING_FETCHED,
): Extracted<Events> {
  const { connector, events: facts, routing } = webhook
  const { top, lists, readsOf: readsBy } = rulesOf(webhook)
  const events: Event<Events>[] = []
  const used: boolean[] = []
  const recognized = new Set<unknown>()
  const remarks = new Map<unknown, Remark[]>()
  // Most rules neither unpack nor fetch.
  let context: Context | undefined
  const scope: Scope = [delivery, request]
  // The elements that the values in the scope are in, and of each event those of its loops.
  const locations: (Location | undefined)[] = []
  const loops: Around[] = []
  let routesAt: RoutesAt | undefined
  const routesOf = (around: Around): readonly Route[] => {
    if (routing === undefined) return NO_ROUTES
    routesAt ??= routesBy({ ...webhook, routing }, delivery, request)
    return routesAt(around)
  }
  /** `part` is the element of a list, or the delivery, that remarks are about. */
  const visit = ({ rules, branches, values }: Level, part: unknown): void => {
    for (const { index, event, when, data, end } of rules) {
      if (when?.(scope) === false) continue
      const made = data(scope, (field) => remark(remarks, part, { event, field }))
      if (made === undefined) continue
      used[index] = true
      const { smart_code, idempotency } = facts[event as keyof Events]
      events.push({ connector, type: event, smart_code, data: made, idempotency } as Event<Events>)
      if (routing !== undefined) loops.push(locations.slice(GIVEN.size, end))
    }
    for (const { key, value } of branches) follow(value, scope[key], part, locations[key])
    for (const { value } of values) enter(value, part)
  }
  const enter = ({ name, place, holds, outcome, level }: CompiledValue, part: unknown): void => {
    if (holds?.(scope) === false) return
    context ??= contextOf(webhook, fetched, routesOf)
    const outcomeHere = outcome(scope, context, locations.slice(GIVEN.size, place))
    if (outcomeHere === undefined) return
    const got = withinBudget(outcomeHere, context, name)
    if ('problem' in got) {
      remark(remarks, part, { name, problem: got.problem })
      return
    }
    const before = events.length
    scope[place] = got.value
    locations[place] = IN_VALUE
    visit(level, part)
    const known = context.used.get(name) ?? new Map<unknown, boolean>()
    known.set(got.value, known.get(got.value) === true || events.length > before)
    context.used.set(name, known)
  }
  const follow = (branch: Branch, value: unknown, part: unknown, at: Location | undefined): void => {
    const { members, filters, ends } = branch
    for (const { value: end } of ends) {
      scope[end.place] = value
      locations[end.place] = at
      visit(end.level, part)
    }
    if (filters.length > 0) {
      const isLocated = routing !== undefined && at !== IN_VALUE
      const names = isLocated && !Array.isArray(value) ? Object.keys(value ?? {}) : undefined
      for (const [index, element] of childrenOf(value).entries()) {
        const before = events.length
        const inside = isLocated ? { above: at, between: branch.names, step: names?.[index] ?? index } : at
        for (const { value: filter } of filters) {
          if (filter.holds === undefined || filter.holds(scope, element))
            follow(filter.inside, element, element, inside)
        }
        if (events.length > before) recognized.add(element)
      }
    }
    if (members.length > 0) for (const { inside, found } of membersIn(members, value)) follow(inside, found, part, at)
  }
  visit(top, delivery)
  const roots = rootsOf(delivery, context?.used)
  let routes: Extracted['routes'] | undefined
  let unread: readonly string[] | undefined = events.length === 0 ? [] : undefined
  return {
    events,
    unrecognized: unrecognizedIn(roots, lists, { recognized, remarks, any: events.length > 0 }),
    calls: context === undefined ? NO_CALLS : [...context.calls.values()],
    get unread(): readonly string[] {
      unread ??= unreadIn(
        roots.filter(({ isRecognized }) => isRecognized),
        { reads: readsBy(used), ignored: ignoredBy(webhook), recognized },
      )
      return unread
    },
    get routes(): Extracted['routes'] {
      routes ??= loops.map(routesOf)
      return routes
    },
  }
}

const NOTHING_FETCHED: Fetched = new Map()
const NO_CALLS: readonly Call[] = []
const NO_ROUTES: readonly Route[] = []

function contextOf(
  format: Pick<Webhook, 'parseExactly'>,
  fetched: Fetched,
  routesOf: (around: Around) => readonly Route[],
): Context {
  const calls = new Map<string, Call>()
  return {
    calls,
    used: new Map(),
    repeated: 0,
    unpacked: unpackerOf(format),
    fetched: (given, around) => {
      const call = fetched.isRouted === true ? { ...given, routes: routesOf(around) } : given
      const key = keyOf(call)
      const outcome = fetched.get(key)
      if (outcome === undefined) calls.set(key, call)
      return outcome
    },
  }
}

/** Many parts with the same large response would multiply the work: the first part gets it, and others within a limit. */
function withinBudget(outcome: Outcome, context: Context, name: string): Outcome {
  if ('problem' in outcome || outcome.size === undefined || context.used.get(name)?.has(outcome.value) !== true)
    return outcome
  context.repeated += outcome.size
  return context.repeated > MOST_REPEATED ? { problem: 'repeated_too_often' } : outcome
}

/** The delivery, or a value that a rule unpacked or fetched. */
interface UsedRoot extends Root {
  /** Whether it is part of an event. */
  readonly isRecognized: boolean
}

function rootsOf(delivery: unknown, used: Context['used'] | undefined): readonly UsedRoot[] {
  const roots: UsedRoot[] = [{ name: 'delivery', value: delivery, isRecognized: true }]
  for (const [name, values] of used ?? [])
    for (const [value, isRecognized] of values) roots.push({ name, value, isRecognized })
  return roots
}

const ignoredPlaces = new WeakMap<object, ReadsByName>()
const NONE: readonly Path[] = []

function ignoredBy({ ignored = NONE }: Pick<Webhook, 'ignored'>): ReadsByName {
  const known = ignoredPlaces.get(ignored) ?? readsAt(ignored)
  ignoredPlaces.set(ignored, known)
  return known
}

interface Member {
  readonly step: string | number
  readonly inside: Branch
  readonly found: unknown
}

/** The members of a value that paths lead to, in the order of the delivery. */
function membersIn(members: Branch['members'], value: unknown): readonly Member[] {
  const present: Member[] = []
  for (const { key: step, value: member } of members) {
    const found = member.child(value)
    if (found !== undefined) present.push({ step, inside: member.inside, found })
  }
  if (present.length < 2) return present
  const names = Object.keys(value as object)
  const order = new Map(names.map((name, position) => [name, position]))
  const positionOf = ({ step }: Member) =>
    order.get(String(typeof step === 'number' && step < 0 ? names.length + step : step)) ?? 0
  return present.sort((one, other) => positionOf(one) - positionOf(other))
}

function remark(remarks: Map<unknown, Remark[]>, part: unknown, made: Remark): void {
  const known = remarks.get(part) ?? []
  const isKnown = known.some(
    ({ event, field, name, problem }) =>
      event === made.event && field === made.field && name === made.name && problem === made.problem,
  )
  if (!isKnown) remarks.set(part, [...known, made])
}

/** The parts of a delivery that the rules have read. */
interface Seen {
  readonly recognized: ReadonlySet<unknown>
  readonly remarks: ReadonlyMap<unknown, readonly Remark[]>
  readonly any: boolean
}

function unrecognizedIn(
  roots: readonly Root[],
  lists: ListsByName,
  { recognized, remarks, any }: Seen,
): readonly Unrecognized[] {
  const found: Unrecognized[] = []
  const report = (value: unknown, place: Location | undefined, isKnown: boolean): void => {
    const path = normalized(place)
    const about = remarks.get(value) ?? []
    if (about.length === 0 && !isKnown) found.push({ path, value })
    for (const remark of about) found.push({ path, value, ...remark })
  }
  // Whether there was a list that rules go through, so that what is unknown was reported inside of it.
  const look = (value: unknown, { members, each }: Lists, place: Location | undefined): boolean => {
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
  let hasAnyList = false
  for (const { name, value } of roots) {
    const inside = lists.get(name)
    const place: Location | undefined = name === 'delivery' ? undefined : { above: undefined, step: name, isName: true }
    if (inside !== undefined && hasLists(inside) && look(value, inside, place)) hasAnyList = true
  }
  const delivery = roots[0]?.value
  if (remarks.has(delivery) || !(any || hasAnyList)) report(delivery, undefined, any)
  return found
}

function hasLists({ members, each }: Lists): boolean {
  return each !== undefined || members.size > 0
}

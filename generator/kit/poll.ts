import type { AuthorizedFetch } from './authorized-fetch.ts'
import { sha256 } from './bytes.ts'
import type { AnyInput } from './call.ts'
import type { Event } from './event.ts'
import type { Hera, HeraError } from './hera.ts'
import type { Condition, MappedObject, Path, Scope, Slots } from './mapping.ts'
import { evaluation, everyOf, testOf, withName } from './mapping.ts'
import type { Page, PageError } from './pages.ts'
import { withValue } from './pages.ts'
import { valueAtPointer } from './pointer.ts'
import type { TimeForm } from './time.ts'
import { timeForms } from './time.ts'
import type { AnyEvents, EventFacts } from './webhook.ts'

/** The value that separates new records from old ones. */
export interface PollCursor {
  /** In each record, such as the time of its last change, or once in the answer, such as a token for the next poll. */
  readonly in: 'record' | 'answer'
  /** JSON Pointer. */
  readonly at: string
  /** How it is written, and so compared; for a cursor in records. */
  readonly form?: TimeForm | 'number' | 'text'
  /** The query parameter that takes it, or a JSON Pointer into the body; without it all records are asked for. */
  readonly parameter?: string
  /** The form in the request, if it is another one. */
  readonly as?: TimeForm
  /** Seconds by which the cursor goes back, because the vendor shows some records late. */
  readonly overlap_seconds?: number
}

/** How an event is polled for. A rule makes an event of each new record of the endpoint's pages. */
export interface Poll {
  readonly endpoint: string
  /** Seconds between two polls, as the definition recommends. */
  readonly interval_seconds?: number
  /** Another endpoint, each of whose items gives the value of a path parameter: one poll for each of them. */
  readonly for_each?: { readonly endpoint: string; readonly at: string; readonly parameter: string }
  /** Values that every request contains. */
  readonly query?: Readonly<Record<string, string | number | boolean>>
  readonly body?: unknown
  /** The order of records by their cursor. */
  readonly order: 'ascending' | 'descending' | 'none'
  readonly cursor?: PollCursor
  /** JSON Pointers into a record: the values there name it. */
  readonly key: readonly string[]
  /** JSON Pointers into a record: a change of a value there makes another event. */
  readonly version?: readonly string[]
  /** JSON Pointers to values that are kept for the next event of the same record. */
  readonly remember?: Readonly<Record<string, string>>
  readonly for?: readonly (readonly [name: string, ...paths: Path[]])[]
  readonly when?: Condition
  readonly data: MappedObject
}

/** The events that a connector is polled for. */
export interface Polls<Events extends object = AnyEvents> {
  readonly connector: string
  readonly events: { readonly [Type in keyof Events]?: EventFacts<Events[Type]> }
  readonly polls: { readonly [Type in keyof Events]?: Poll }
}

/** Facts about a poll that rules can read as `$.poll`. */
export interface PollFacts {
  readonly parameters: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly time: string
  /** The values of `version` as text; their SHA-256 in hex if that is long. */
  readonly version?: string
  /** The values that `remember` kept of the same record. */
  readonly previous?: Readonly<Record<string, unknown>>
}

/** The state that the next poll needs. It is JSON; store it as it is. */
export interface Checkpoint {
  readonly cursor?: string | number
  /** Records by key. */
  readonly seen: Readonly<Record<string, SeenRecord>>
}

interface SeenRecord {
  readonly version?: string
  readonly cursor?: string | number
  readonly remembered?: Readonly<Record<string, unknown>>
}

/** The destination of events, as in `handleWebhook`. */
type Sink<Events extends object> =
  | {
      readonly hera: Pick<Hera, 'sendEvent'>
      /** Takes an event that HERA refuses for good; without it the poll stops there, and tries again next time. */
      readonly onRejected?: (event: Event<Events>, error: HeraError) => void
    }
  /** Keeps events, or rejects. */
  | { readonly enqueue: (events: readonly Event<Events>[]) => Promise<void> }

export type PollerOptions<Events extends object> = Sink<Events> & {
  /** The calls of the installation. */
  readonly calls: Pick<AuthorizedFetch<object>, 'pages'>
  /** The checkpoint that was saved last. `part` is the value of `for_each`, and is empty without it. */
  readonly load: (part: string) => Promise<Checkpoint | undefined>
  readonly save: (part: string, checkpoint: Checkpoint) => Promise<void>
  /** Whether the first poll makes events of the records that are there already; without it they are only remembered. */
  readonly backfill?: boolean
  /** Told of records that make no event, although the rule is for them; `field` is what does not fit. */
  readonly onUnrecognized?: (record: unknown, field: string) => void
}

export type PollResult =
  | { readonly ok: true; readonly recorded: number }
  | { readonly ok: false; readonly recorded: number; readonly error: PageError | PollError }

/** `not_recorded`: HERA did not take an event. `no_key`: a record lacks the values that name it. */
export type PollError = { readonly reason: 'not_recorded'; readonly error: HeraError } | { readonly reason: 'no_key' }

/** The names that a poll's rule can start at. */
const SLOTS: Slots = new Map([
  ['record', 0],
  ['poll', 1],
])

/**
 * Polls for one type of event. Call `run` at the interval, never twice at once. A checkpoint is saved after the events
 * before it are recorded; idempotency keys make it harmless to record some of them again after a crash. Errors of `load`,
 * `save` and `enqueue` are passed on.
 */
export function createPoller<Events extends object, Type extends keyof Events & string>(
  polls: Polls<Events>,
  type: Type,
  options: PollerOptions<Events>,
): { readonly run: (signal?: AbortSignal) => Promise<PollResult> } {
  const poll = polls.polls[type]
  if (poll === undefined) throw new TypeError(`the connector is not polled for ${type}`)
  const eventsOf = recordMapping(polls, type, poll)
  return {
    async run(signal) {
      let recorded = 0
      for await (const part of partsOf(poll, options, signal)) {
        if (!part.ok) return { ok: false, recorded, error: part.error }
        const run = new PollRun(poll, options, eventsOf, part.name)
        const error = await run.all(signal)
        recorded += run.recorded
        if (error !== undefined) return { ok: false, recorded, error }
      }
      return { ok: true, recorded }
    },
  }
}

type Part = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly error: PageError }

async function* partsOf(
  { for_each }: Poll,
  { calls }: Pick<PollerOptions<object>, 'calls'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Part, void, undefined> {
  if (for_each === undefined) return yield { ok: true, name: '' }
  for await (const page of pagesOf(calls, for_each.endpoint, signal === undefined ? {} : { signal })) {
    if (!page.ok) return yield page
    for (const item of page.items) {
      const name = textOf(valueAtPointer(item, for_each.at))
      if (name !== '') yield { ok: true, name }
    }
  }
}

function pagesOf(
  calls: Pick<AuthorizedFetch<object>, 'pages'>,
  endpoint: string,
  input: AnyInput,
): AsyncIterable<Page<unknown>> {
  return (calls.pages as (name: string, input: AnyInput) => AsyncIterable<Page<unknown>>)(endpoint, input)
}

type EventsOf<Events extends object> = (
  record: unknown,
  facts: PollFacts,
  complain: (field: string) => void,
) => readonly Event<Events>[]

/** The events of one record. */
export function recordMapping<Events extends object>(
  { connector, events: all }: Pick<Polls<Events>, 'connector' | 'events'>,
  type: keyof Events & string,
  { for: loops = [], when, data }: Pick<Poll, 'for' | 'when' | 'data'>,
): EventsOf<Events> {
  const { smart_code = '', idempotency = [] } = all[type] ?? {}
  let slots = SLOTS
  const visits = loops.map(([name, ...paths]) => {
    const each = paths.map((path) => everyOf(path, slots))
    slots = withName(slots, name)
    return { each, place: slots.get(name) ?? 0 }
  })
  const isWanted = when === undefined ? undefined : testOf(when, slots)
  const evaluate = evaluation(data, slots)
  return (record, facts, complain) => {
    const scope: Scope = [record, facts]
    const made: Event<Events>[] = []
    const visit = (depth: number): void => {
      const loop = visits[depth]
      if (loop === undefined) {
        if (isWanted?.(scope) === false) return
        const value = evaluate(scope, complain)
        if (value !== undefined) made.push({ connector, type, smart_code, data: value, idempotency } as Event<Events>)
        return
      }
      for (const each of loop.each) {
        each(scope, (value) => {
          scope[loop.place] = value
          visit(depth + 1)
        })
      }
    }
    visit(0)
    return made
  }
}

interface Found<Events extends object> {
  readonly key: string
  /** The values to remember; undefined for a record that makes no event, which can make one later. */
  readonly seen: SeenRecord | undefined
  readonly cursor: string | number | undefined
  readonly events: readonly Event<Events>[]
}

/** One poll of one part. */
class PollRun<Events extends object> {
  recorded = 0
  readonly #poll: Poll
  readonly #options: PollerOptions<Events>
  readonly #eventsOf: EventsOf<Events>
  readonly #part: string
  readonly #time = Date.now()
  #isSilent = false
  #cursor: string | number | undefined
  #seen = new Map<string, SeenRecord>()
  /** The highest cursor of this poll; it counts once no record below it can follow. */
  #highest: string | number | undefined
  /** The records of this poll by key, with their versions. */
  readonly #met = new Map<string, string | undefined>()

  constructor(poll: Poll, options: PollerOptions<Events>, eventsOf: EventsOf<Events>, part: string) {
    this.#poll = poll
    this.#options = options
    this.#eventsOf = eventsOf
    this.#part = part
  }

  /** Reads all pages, and records what is new. */
  async all(signal: AbortSignal | undefined): Promise<PageError | PollError | undefined> {
    const { order, cursor } = this.#poll
    const before = await this.#options.load(this.#part)
    this.#isSilent = before === undefined && this.#options.backfill !== true
    // The first poll begins now, if the cursor is a time: what is older is of no interest.
    this.#cursor = before?.cursor ?? (isTime(cursor) ? (this.#isSilent ? this.#time : 0) : undefined)
    this.#seen = new Map(Object.entries(before?.seen ?? {}))
    const floor = this.#floor()
    /** Newest first: recorded when all are known, so that the oldest comes first. */
    const later: Found<Events>[][] = []
    let token: unknown
    for await (const page of pagesOf(this.#options.calls, this.#poll.endpoint, this.#input(floor, signal))) {
      if (!page.ok) return page.error
      const records = await this.#newRecords(page.items, floor)
      if (records === 'no_key') return { reason: 'no_key' }
      if (order === 'descending') later.push([...records].reverse())
      else {
        const error = await this.#record(records)
        if (error !== undefined) return error
        // A first poll that was not finished begins again, so that it remembers everything.
        if (!this.#isSilent) await this.#save({ isComplete: false })
      }
      if (cursor?.in === 'answer') token = valueAtPointer(page.data, cursor.at) ?? token
      if (order === 'descending' && this.#isBelow(page.items.at(-1), floor)) break
    }
    for (const records of later.reverse()) {
      const error = await this.#record(records)
      if (error !== undefined) return error
      if (!this.#isSilent) await this.#save({ isComplete: false })
    }
    if (typeof token === 'string' || typeof token === 'number') this.#cursor = token
    await this.#save({ isComplete: true })
    return undefined
  }

  #input(floor: string | number | undefined, signal: AbortSignal | undefined): AnyInput {
    const { query, body, cursor, for_each } = this.#poll
    const input: AnyInput = {
      ...(for_each === undefined ? {} : { parameters: { [for_each.parameter]: this.#part } }),
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    }
    if (cursor?.parameter === undefined || floor === undefined) return input
    return withValue(input, cursor.parameter, written(cursor, floor))
  }

  /** The lowest cursor of records that can be new. */
  #floor(): string | number | undefined {
    const { cursor } = this.#poll
    if (typeof this.#cursor !== 'number' || !isTime(cursor)) return this.#cursor
    return Math.max(0, this.#cursor - (cursor?.overlap_seconds ?? 0) * 1000)
  }

  #isBelow(record: unknown, floor: string | number | undefined): boolean {
    const value = cursorOf(this.#poll.cursor, record)
    return floor !== undefined && value !== undefined && isLess(value, floor)
  }

  async #newRecords(
    records: readonly unknown[],
    floor: string | number | undefined,
  ): Promise<readonly Found<Events>[] | 'no_key'> {
    const { key: pointers, version: versioned, remember = {} } = this.#poll
    const found: Found<Events>[] = []
    for (const record of records) {
      if (this.#isBelow(record, floor)) continue
      const key = keyOf(record, pointers)
      if (key === undefined) return 'no_key'
      const previous = this.#seen.get(key)
      const version = versioned === undefined ? undefined : await versionOf(record, versioned)
      // A record can move to the next page while pages are read.
      if (this.#met.has(key) && this.#met.get(key) === version) continue
      this.#met.set(key, version)
      const isKnown = previous !== undefined && previous.version === version
      const cursor = cursorOf(this.#poll.cursor, record)
      const remembered = Object.entries(remember).map(([name, at]) => [name, valueAtPointer(record, at)])
      const seen: SeenRecord = {
        ...(version === undefined ? {} : { version }),
        ...(cursor === undefined ? {} : { cursor }),
        ...(remembered.length === 0 ? {} : { remembered: Object.fromEntries(remembered) }),
      }
      const events = isKnown ? [] : this.#events(record, version, previous)
      const isRemembered = isKnown || events.length > 0
      found.push({ key, seen: isRemembered ? seen : undefined, cursor, events: this.#isSilent ? [] : events })
    }
    return found
  }

  #events(record: unknown, version: string | undefined, previous: SeenRecord | undefined): readonly Event<Events>[] {
    const { for_each } = this.#poll
    const facts: PollFacts = {
      parameters: for_each === undefined ? {} : { [for_each.parameter]: this.#part },
      time: new Date(this.#time).toISOString(),
      ...(version === undefined ? {} : { version }),
      ...(previous?.remembered === undefined ? {} : { previous: previous.remembered }),
    }
    return this.#eventsOf(record, facts, (field) => this.#options.onUnrecognized?.(record, field))
  }

  async #record(records: readonly Found<Events>[]): Promise<PollError | undefined> {
    const options = this.#options
    const events = records.flatMap((record) => record.events)
    if ('enqueue' in options) {
      if (events.length > 0) await options.enqueue(events)
    } else {
      for (const event of events) {
        const result = await options.hera.sendEvent(event as Event)
        if (result.ok) continue
        const { error } = result
        if (error.reason !== 'refused' || options.onRejected === undefined) return { reason: 'not_recorded', error }
        options.onRejected(event, error)
      }
    }
    this.recorded += events.length
    for (const { key, seen, cursor } of records) {
      if (seen !== undefined) this.#seen.set(key, seen)
      if (cursor !== undefined && (this.#highest === undefined || isLess(this.#highest, cursor))) this.#highest = cursor
    }
    return undefined
  }

  async #save({ isComplete }: { readonly isComplete: boolean }): Promise<void> {
    const { order, cursor } = this.#poll
    if (isComplete || order === 'ascending') {
      const highest = this.#highest
      if (highest !== undefined && (this.#cursor === undefined || isLess(this.#cursor, highest))) this.#cursor = highest
      this.#forget(cursor, isComplete)
    }
    await this.#options.save(this.#part, {
      ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }),
      seen: Object.fromEntries(this.#seen),
    })
  }

  /** Drops records that no later poll can bring again. */
  #forget(cursor: PollCursor | undefined, isComplete: boolean): void {
    const floor = this.#floor()
    for (const [key, seen] of this.#seen) {
      const isBelow = seen.cursor !== undefined && floor !== undefined && isLess(seen.cursor, floor)
      const isGone = cursor === undefined && isComplete && !this.#met.has(key)
      const isCounted = cursor?.in === 'answer' && isComplete && this.#poll.version === undefined
      if (isBelow || isGone || isCounted) this.#seen.delete(key)
    }
  }
}

function isTime(cursor: PollCursor | undefined): boolean {
  return cursor?.in === 'record' && cursor.form !== undefined && cursor.form in timeForms
}

/** The cursor of a record, so that it can be compared: times are milliseconds. */
function cursorOf(cursor: PollCursor | undefined, record: unknown): string | number | undefined {
  if (cursor?.in !== 'record') return undefined
  const value = valueAtPointer(record, cursor.at)
  const { form = 'text' } = cursor
  if (form === 'text') return typeof value === 'string' ? value : undefined
  if (form !== 'number') return timeForms[form].readValue(value)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function written({ in: place, form = 'text', as }: PollCursor, value: string | number): string | number {
  if (place === 'answer' || form === 'text' || form === 'number' || typeof value === 'string') return value
  return timeForms[as ?? form].write(value)
}

function isLess(left: string | number, right: string | number): boolean {
  return typeof left === typeof right ? left < right : String(left) < String(right)
}

/** A key that no other record has; undefined if a value is missing. */
function keyOf(record: unknown, pointers: readonly string[]): string | undefined {
  const parts = pointers.map((pointer) => textOf(valueAtPointer(record, pointer)))
  return parts.includes('') ? undefined : parts.map(encodeURIComponent).join('/')
}

/** Characters of a version that is kept as it is. */
const SHORT_VERSION = 64

async function versionOf(record: unknown, pointers: readonly string[]): Promise<string> {
  const parts = pointers.map((pointer) => textOf(valueAtPointer(record, pointer)))
  // A space inside a value is escaped; a version without one is the same as in stored checkpoints.
  const text = parts.length === 1 ? parts.join() : parts.map(withoutSpaces).join(' ')
  return text.length <= SHORT_VERSION ? text : sha256(text)
}

function withoutSpaces(text: string): string {
  return text.replaceAll('%', '%25').replaceAll(' ', '%20')
}

/** The value as text; objects with their members in order, since vendors do not keep to one. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(sorted(value)) : String(value)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(members.map(([name, inside]) => [name, sorted(inside)]))
}

import { exampleErrors } from '../check/rules/example-errors.ts'
import type { DataSchema, DeliveryRule } from '../compiled/definition.ts'
import { eventsIn } from '../kit/delivery.ts'
import { parseExactly } from '../kit/exact-numbers.ts'
import { isObject } from '../kit/mapping.ts'
import type { DeepReadonly, EventSchema } from '../model/connector.ts'
import { mappingOf } from '../model/delivery-mapping.ts'
import { valueAt } from '../model/json-pointer.ts'
import type { Draft, EventDraft, SampleDraft } from './draft.ts'
import { type EventData, eventDataOf, type Refused } from './event-data.ts'
import { type EventRouting, pathText, type Route } from './event-routing.ts'
import { examplesFor } from './generate-examples.ts'
import { below, type JsonObject } from './json.ts'
import { sentence } from './names.ts'
import { cut } from './plain-text.ts'
import { TooLarge } from './schema-converter.ts'
import { isStorable } from './schema-types.ts'

/** An event with everything that a definition says of it. */
export interface PlannedEvent {
  readonly event: EventDraft
  readonly data: EventSchema
  readonly example: JsonObject
  readonly idempotency: readonly string[]
  /** Events whose deliveries can look the same. */
  readonly confusable: readonly string[]
  /** Missing for events that we send. */
  readonly delivery?: PlannedDelivery
}

export interface PlannedDelivery {
  readonly rule: DeepReadonly<DeliveryRule>
  readonly samples: readonly SampleDraft[]
}

/** Bytes of a body that is kept as an example; what is longer explains nothing. */
const LONGEST_BODY = 64 * 1024

/** Reads an event's schema, and finds a body that becomes the event; or why it cannot be carried over. */
export async function planEvent(
  event: EventDraft,
  draft: Draft,
  routing: EventRouting,
): Promise<PlannedEvent | Refused> {
  let read: EventData | Refused
  try {
    read = eventDataOf(event, draft)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    return { refused: error.message }
  }
  if ('refused' in read) return read
  const route = event.direction === 'inbound' ? routing.routeTo(event.name) : { confusable: [] }
  const rule = ruleFor(event, read, route)
  const tried = await bodyFor({ event, read, rule, draft })
  if ('refused' in tried) return tried
  const idempotency = keyOf(tried.data, read.data, routing)
  if (idempotency.length === 0) return { refused: 'its example has no value that could tell one event from another' }
  return {
    event,
    data: read.data,
    example: tried.data,
    idempotency,
    confusable: route.confusable,
    ...(event.direction === 'inbound' ? { delivery: { rule, samples: tried.samples } } : {}),
  }
}

function ruleFor(event: EventDraft, { fields, isList }: EventData, { when }: Route): DeepReadonly<DeliveryRule> {
  const start = isList ? '$.element' : '$.delivery'
  const data = fields.map(({ name, isTime }) => {
    const path = pathText(start, [name])
    return [name, isTime ? { from: path, as: 'date-time' as const } : path] as const
  })
  return {
    event: event.name,
    ...(isList ? { for: { element: '$.delivery[*]' } } : {}),
    ...(when === undefined ? {} : { when }),
    data: Object.fromEntries(data),
  }
}

interface Trial {
  readonly event: EventDraft
  readonly read: EventData
  readonly rule: DeepReadonly<DeliveryRule>
  readonly draft: Draft
}

interface Tried {
  readonly data: JsonObject
  readonly samples: readonly SampleDraft[]
}

/** Recorded bodies must all become events; of the document's examples, and of made ones, the first that does is taken. */
async function bodyFor(trial: Trial): Promise<Tried | Refused> {
  const { event, read } = trial
  if (event.samples.length > 0) return recorded(trial)
  let refused = 'no value could be made that fits its schema'
  for await (const body of bodies(trial)) {
    const made = event.direction === 'inbound' ? eventOf(trial, body) : fitting(read.data, body)
    if ('refused' in made) {
      refused = `no example could be made: ${made.refused}`
      continue
    }
    return { data: made.data, samples: [{ name: cut(sentence(event.name), 100), body: JSON.stringify(body) }] }
  }
  return { refused }
}

async function* bodies({ event, read, draft }: Trial): AsyncGenerator<unknown> {
  for (const example of event.examples) {
    const suspect = draft.sensitiveData.in(example)
    const { file, pointer } = event
    if (suspect !== undefined) draft.report.add('an example', `it looks like ${suspect.what}`, { file, pointer })
    else if ((JSON.stringify(example) ?? '').length <= LONGEST_BODY && isStorable(example)) yield example
  }
  for await (const data of examplesFor(read.data)) {
    if (!isObject(data)) continue
    const nulls = read.nulls.filter((name) => !Object.hasOwn(data, name)).map((name) => [name, null] as const)
    const body = event.direction === 'inbound' ? { ...data, ...Object.fromEntries(nulls) } : data
    yield read.isList && event.direction === 'inbound' ? [body] : body
  }
}

function recorded(trial: Trial): Tried | Refused {
  const { event, draft } = trial
  let first: JsonObject | undefined
  for (const { name, body } of event.samples) {
    const made = eventOf(trial, draft.exactNumbers ? parseExactly(body) : JSON.parse(body))
    if ('refused' in made) return { refused: `the sample "${name}" becomes no event: ${made.refused}` }
    first ??= made.data
  }
  return first === undefined ? { refused: 'it has no sample' } : { data: first, samples: event.samples }
}

/** What the kit itself makes of a body. */
function eventOf({ event, read, rule }: Trial, body: unknown): { readonly data: JsonObject } | Refused {
  const { rules, problems } = mappingOf([rule], { [event.name]: read.data })
  const [problem] = problems
  if (problem !== undefined) return { refused: problem.message }
  const { events, unrecognized } = eventsIn(
    { connector: 'new', events: { [event.name]: { smart_code: '', idempotency: [] } }, deliveries: rules },
    body,
    { content_type: 'application/json' },
  )
  const misfit = unrecognized.find(({ field }) => field !== undefined)
  if (misfit !== undefined) return { refused: `the field ${misfit.field} does not fit` }
  const [made] = events
  return made === undefined ? { refused: 'the body is not recognized' } : fitting(read.data, made.data)
}

function fitting(schema: EventSchema, data: unknown): { readonly data: JsonObject } | Refused {
  if (!isObject(data)) return { refused: 'the body is no object' }
  if (!isStorable(data)) return { refused: 'the body holds what cannot be stored' }
  const [error] = exampleErrors(schema as DataSchema, data)
  if (error === undefined) return { data }
  return { refused: `${error.path.length === 0 ? '' : `${error.path.join('/')}: `}${error.message}` }
}

// What names an event ---------------------------------------------------------------------------------------------------

const SURE = /^(?:event|delivery|message|notification|webhook|request)?_?(?:id|uuid|guid)$/i
const LIKELY = /(?:_id|Id|ID|_uuid|_key|_number)$/

/** A guess at what is the same whenever the vendor repeats a delivery, by the names of fields. */
function keyOf(example: JsonObject, data: EventSchema, routing: EventRouting): readonly string[] {
  const names = Object.entries(data.properties ?? {})
    .filter(
      ([name, { const: only, enum: values }]) => only === undefined && values?.length !== 1 && hasText(example[name]),
    )
    .map(([name]) => name)
  const inside = Object.entries(example)
    .filter(([name, value]) => isObject(value) && routing.shareOf(name) <= 0.5)
    .flatMap(([name, value]) =>
      Object.keys(value as JsonObject)
        .filter((key) => SURE.test(key))
        .map((key) => below('', name, key)),
    )
    .filter((pointer) => hasText(valueAt(example, pointer)))
  const sure = names.filter((name) => SURE.test(name)).map((name) => below('', name))
  const likely = names.filter((name) => LIKELY.test(name)).map((name) => below('', name))
  const scalars = names.map((name) => below('', name)).slice(0, 4)
  const anything = Object.keys(example)
    .map((name) => below('', name))
    .slice(0, 1)
  const found = [sure.slice(0, 1), inside.slice(0, 2), likely.slice(0, 2), scalars, anything].find(
    (pointers) => pointers.length > 0,
  )
  return (found ?? []).filter((pointer) => pointer.length <= 200)
}

function hasText(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}

import { exampleErrors } from '../check/rules/example-errors.ts'
import type { DataSchema, DeliveryRule } from '../compiled/definition.ts'
import { eventsIn } from '../kit/delivery.ts'
import { parseExactly } from '../kit/exact-numbers.ts'
import { isObject } from '../kit/mapping.ts'
import type { DeepReadonly, EventSchema } from '../model/connector.ts'
import { mappingOf } from '../model/delivery-mapping.ts'
import type { Draft, EventDraft, SampleDraft } from './draft.ts'
import { type EventData, eventDataOf, type Refused } from './event-data.ts'
import { type EventRouting, NO_ROUTE, ownExamples, pathText, type Route } from './event-routing.ts'
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
  /** Empty where no field is named like the id of an event. */
  readonly idempotency: readonly string[]
  /** The document's example that the event's own was made of, as the document has it. */
  readonly source?: unknown
  /** Events whose deliveries can look the same. */
  readonly confusable: readonly string[]
  /** Missing for events that we send, and if nothing distinguishes the body from that of another event. */
  readonly delivery?: PlannedDelivery
}

export interface PlannedDelivery {
  /** Only examples show the value that the condition compares. */
  readonly isFromExamples: boolean
  readonly rule: DeepReadonly<DeliveryRule>
  readonly samples: readonly SampleDraft[]
}

/** Bytes of a body that is kept as an example; what is longer explains nothing. */
const LONGEST_BODY = 64 * 1024

/** Reads an event's schema, and finds a body that becomes the event; or why it cannot be imported. */
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
  const route: Route = isDelivered(event) ? routing.routeTo(event.name) : NO_ROUTE
  const rule = ruleFor(event, read, route)
  const tried = await bodyFor({ event, read, rule, route, draft })
  if ('refused' in tried) return tried
  const isFromExamples = route.shown !== undefined
  const hasRule = isDelivered(event) && route.confusable.length === 0
  return {
    event,
    data: read.data,
    example: tried.data,
    idempotency: event.registry?.idempotency ?? keyOf(tried.data),
    confusable: route.confusable,
    ...(tried.source === undefined ? {} : { source: tried.source }),
    ...(hasRule ? { delivery: { rule, isFromExamples, samples: tried.samples } } : {}),
  }
}

/** Whether the document describes the body of the delivery that the event is made of. */
function isDelivered({ direction, registry }: EventDraft): boolean {
  return direction === 'inbound' && registry === undefined
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
  readonly route: Route
  readonly draft: Draft
}

interface Tried {
  readonly data: JsonObject
  readonly samples: readonly SampleDraft[]
  readonly source?: unknown
}

interface Body {
  readonly value: unknown
  /** The document's example that it was made of. */
  readonly source?: unknown
}

/** Every recorded body that becomes the event; of the document's examples, and of generated ones, the first that does. */
async function bodyFor(trial: Trial): Promise<Tried | Refused> {
  const { event } = trial
  if (event.samples.length > 0) return recorded(trial)
  let refused = 'no value could be made that fits its schema'
  for await (const { value, source } of bodies(trial)) {
    const made = tryBody(trial, { value, source })
    if ('refused' in made) {
      if (source === undefined) refused = `no example could be made: ${made.refused}`
      else noteExample(trial, made.refused)
      continue
    }
    const samples = [{ name: cut(sentence(event.name), 100), body: JSON.stringify(value) }]
    return { data: made.data, samples, ...(source === undefined ? {} : { source }) }
  }
  return { refused }
}

/** The event data that a body becomes. An example in which the event finds none of its fields explains nothing. */
function tryBody(trial: Trial, { value, source }: Body): { readonly data: JsonObject } | Refused {
  const { event, read } = trial
  if (!(read.isList && isDelivered(event) ? Array.isArray(value) : isObject(value)))
    return { refused: 'it is not of the type that the schema describes' }
  const made = isDelivered(event) ? eventOf(trial, value) : fitting(read.data, value)
  if ('refused' in made || source === undefined || Object.keys(made.data).length > 0) return made
  return { refused: 'it has none of the fields that the schema describes' }
}

function noteExample({ event, draft }: Pick<Trial, 'event' | 'draft'>, reason: string): void {
  draft.report.add(`an example of "${event.original}"`, reason, { file: event.file, pointer: event.pointer })
}

async function* bodies(trial: Trial): AsyncGenerator<Body> {
  const { event, read, route, draft } = trial
  for (const source of [...event.examples, ...ownExamples(event, draft)]) {
    if (event.ignored?.includes(source) === true) continue
    if ((JSON.stringify(source) ?? '').length > LONGEST_BODY)
      noteExample(trial, `it is longer than ${LONGEST_BODY / 1024} KB`)
    else if (!isStorable(source)) noteExample(trial, 'it has a value that cannot be stored')
    else {
      for (const { what, pointer } of draft.sensitiveData.allIn(source))
        noteExample(trial, `it has ${what} at ${pointer}; a made-up value replaces it`)
      yield { value: draft.sensitiveData.replaced(source), source }
    }
  }
  for await (const data of examplesFor(read.data)) {
    if (!isObject(data)) continue
    const nulls = read.nulls.filter((name) => !Object.hasOwn(data, name)).map((name) => [name, null] as const)
    const { shown } = route
    const said = shown === undefined ? {} : { [shown.field]: shown.value }
    const body = isDelivered(event) ? { ...data, ...Object.fromEntries(nulls), ...said } : data
    yield { value: read.isList && isDelivered(event) ? [body] : body }
  }
}

function recorded(trial: Trial): Tried | Refused {
  const { event, draft } = trial
  const samples: SampleDraft[] = []
  let first: JsonObject | undefined
  let refused = 'it has no sample'
  for (const sample of event.samples) {
    const made = eventOf(trial, draft.exactNumbers ? parseExactly(sample.body) : JSON.parse(sample.body))
    if ('refused' in made) {
      refused = `the sample "${sample.name}" does not become an event: ${made.refused}`
      draft.report.add(`the sample "${sample.name}"`, made.refused, { file: event.file, pointer: '' })
      continue
    }
    samples.push(sample)
    first ??= made.data
  }
  return first === undefined ? { refused } : { data: first, samples }
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

// Idempotency ------------------------------------------------------------------------------------------------------------

/** A field that its name declares to be the id of the event or the delivery, not of what the event is about. */
const EVENT_ID = /^(?:event|delivery|message|notification|webhook)[_-]?(?:id|uuid|guid)$/i

/** Documents do not say what is the same when a delivery is repeated, so anything but such an id stays out. */
function keyOf(example: JsonObject): readonly string[] {
  return Object.keys(example)
    .filter((name) => EVENT_ID.test(name) && hasText(example[name]))
    .slice(0, 1)
    .map((name) => below('', name))
}

function hasText(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}

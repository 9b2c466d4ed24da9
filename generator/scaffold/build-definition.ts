import { createHash } from 'node:crypto'
import { check } from '../check/check.ts'
import { scanForSensitiveData } from '../check/sensitive-data/scan.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { parseText } from '../kit/body.ts'
import { eventsIn } from '../kit/delivery.ts'
import { parseExactly } from '../kit/exact-numbers.ts'
import { parse } from '../load/parse.ts'
import { MAX_FILE_BYTES } from '../load/read-text.ts'
import { locateKey, type SourceDocument, type ValuePath } from '../load/source-document.ts'
import { mappingOf } from '../model/delivery-mapping.ts'
import type { Answers, WrittenSample } from './answers.ts'
import { definitionText } from './definition-text.ts'
import type { Draft, EndpointDraft, EventDraft, SampleDraft } from './draft.ts'
import { EventRouting } from './event-routing.ts'
import { few } from './names.ts'
import { type PlannedEvent, planEvent } from './plan-event.ts'

/** What is chosen of a document. */
export interface Choice {
  readonly events: readonly EventDraft[]
  readonly endpoints: readonly EndpointDraft[]
  /** Events were named, so that as many are taken as were named. */
  readonly isNamed: boolean
}

export interface BuiltDefinition {
  readonly text: string
  /** Sample deliveries that are too long for the definition, below its folder. */
  readonly samples: readonly { readonly path: string; readonly text: string }[]
  readonly events: readonly string[]
  /** Events that were chosen, and for which there was no room. */
  readonly left: readonly string[]
}

/** Characters of a definition that nobody has asked to be that long. */
const LONGEST_UNASKED = 400_000
/** Characters of a sample that stands in the definition. */
const LONGEST_INLINE = 400

/**
 * Makes a definition of what was chosen. It is validated before anybody sees it; an event
 * that they refuse is left out and noted, so that what comes out is valid.
 */
export async function buildDefinition(answers: Answers, draft: Draft, choice: Choice): Promise<BuiltDefinition> {
  const routing = new EventRouting(
    draft.events.filter(({ direction }) => direction === 'inbound'),
    draft.references,
  )
  const { taken, left } = await plannedEvents(draft, choice, routing)
  if (taken.length === 0 && choice.events.length > 0) throw noneLeft(draft)
  let events = taken
  for (;;) {
    const made = await written(answers, draft, { ...choice, events })
    const refused = refusals(made, events)
    if (refused.size === 0)
      return { ...made, events: events.map(({ event }) => event.name), left: left.map(({ name }) => name) }
    const kept: PlannedEvent[] = []
    for (const plan of events) {
      const reason = refused.get(plan.event.name)
      const next = reason === undefined ? plan : await withoutExample(plan, reason, { draft, routing })
      if (next !== undefined) kept.push(next)
    }
    events = kept
    if (events.length === 0) throw noneLeft(draft)
  }
}

/** An event is refused without its example before it is left out. */
async function withoutExample(
  { event, source }: PlannedEvent,
  reason: string,
  { draft, routing }: { readonly draft: Draft; readonly routing: EventRouting },
): Promise<PlannedEvent | undefined> {
  const { file, pointer } = event
  if (source === undefined) {
    noteRefusal(draft, event, reason)
    return undefined
  }
  draft.report.add(`an example of "${event.original}"`, reason, { file, pointer })
  const again = await planEvent({ ...event, ignored: [...(event.ignored ?? []), source] }, draft, routing)
  if (!('refused' in again)) return again
  noteRefusal(draft, event, again.refused)
  return undefined
}

function noteRefusal({ report }: Draft, { original, file, pointer }: EventDraft, reason: string): void {
  report.add(`the event "${original}"`, reason, { file, pointer })
}

async function plannedEvents(
  draft: Draft,
  { events, isNamed }: Choice,
  routing: EventRouting,
): Promise<{ readonly taken: readonly PlannedEvent[]; readonly left: readonly EventDraft[] }> {
  const taken: PlannedEvent[] = []
  let length = 0
  for (const [index, event] of events.entries()) {
    if (!isNamed && taken.length > 0 && length > LONGEST_UNASKED) return { taken, left: events.slice(index) }
    const plan = await planEvent(event, draft, routing)
    if ('refused' in plan) {
      noteRefusal(draft, event, plan.refused)
      continue
    }
    // Indentation makes YAML longer than JSON, by about as much again.
    length += 2 * JSON.stringify([plan.data, plan.example]).length
    taken.push(plan)
    if (plan.confusable.length > 0)
      draft.report.add(
        `the delivery rule and the samples of "${event.original}"`,
        `nothing in the body distinguishes the event from ${few(plan.confusable)}`,
        { file: event.file, pointer: event.pointer },
      )
  }
  return { taken, left: [] }
}

function noneLeft({ report }: Draft): OperationalError {
  const reasons = report.all().filter(({ what }) => what.startsWith('the event '))
  const [first] = reasons
  const place = first?.places[0]
  return new OperationalError(
    `no event can be imported: ${first === undefined ? 'the document describes none' : `${first.what} (${place?.file}#${place?.pointer}): ${first.reason}`}${reasons.length > 1 ? `; and ${reasons.length - 1} others likewise` : ''}`,
    { help: 'choose others with --events, or describe their bodies as objects with named fields' },
  )
}

// Writing ----------------------------------------------------------------------------------------------------------------

interface Chosen {
  readonly events: readonly PlannedEvent[]
  readonly endpoints: readonly EndpointDraft[]
}

interface Written {
  readonly text: string
  readonly samples: BuiltDefinition['samples']
  readonly document: SourceDocument | undefined
  readonly diagnostics: readonly Diagnostic[]
}

async function written(answers: Answers, draft: Draft, { events, endpoints }: Chosen): Promise<Written> {
  const stored = assignFiles(
    answers.code,
    events.flatMap(({ delivery }) => delivery?.samples ?? []),
  )
  const become = readerOf(events, draft)
  const samples = stored.map(({ sample, file }): WrittenSample => {
    return { name: sample.name, content: file === undefined ? { body: sample.body } : { file }, ...become(sample.body) }
  })
  const text = definitionText(answers, { draft, endpoints, events, samples })
  const files = stored.flatMap(({ sample, file }) => (file === undefined ? [] : [{ path: file, text: sample.body }]))
  if (text.length > MAX_FILE_BYTES)
    throw new OperationalError(
      `the definition would have ${text.length} characters; at most ${MAX_FILE_BYTES} are read`,
      {
        help: 'choose fewer events with --events, or fewer endpoints with --endpoints',
      },
    )
  const { document, diagnostics } = parse({ file: `${answers.code}.yaml`, stem: answers.code, text })
  if (document === undefined) return { text, samples: files, document, diagnostics }
  const texts = new Map(files.map((file) => [file.path, file.text]))
  const found = check(await scanForSensitiveData([{ ...document, samples: texts }])).diagnostics
  return { text, samples: files, document, diagnostics: [...diagnostics, ...found] }
}

/** Each sample once, with the file for a long one. */
function assignFiles(
  code: string,
  samples: readonly SampleDraft[],
): readonly { readonly sample: SampleDraft; readonly file: string | undefined }[] {
  const distinct = [...new Map(samples.map((sample) => [sample.body, sample])).values()]
  const taken = new Set<string>()
  return distinct.map((sample) => {
    const body = sample.body.trim()
    const isShort = body.length <= LONGEST_INLINE && !body.includes('\n')
    if (isShort) return { sample: { ...sample, body }, file: undefined }
    const stem =
      sample.name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 60) || 'sample'
    let name = stem
    for (let attempt = 2; taken.has(name); attempt += 1) name = `${stem}-${attempt}`
    taken.add(name)
    return { sample, file: `samples/${code}/${name}.json` }
  })
}

/** What a body becomes by all rules together. */
function readerOf(
  events: readonly PlannedEvent[],
  { exactNumbers }: Draft,
): (body: string) => Pick<WrittenSample, 'events' | 'unrecognized'> {
  const written = events.flatMap(({ delivery }) => (delivery === undefined ? [] : [delivery.rule]))
  const { rules } = mappingOf(written, Object.fromEntries(events.map(({ event, data }) => [event.name, data])))
  const facts = Object.fromEntries(events.map(({ event }) => [event.name, { smart_code: '', idempotency: [] }]))
  return (body) => {
    const format = { content_types: ['application/json'], ...(exactNumbers ? { parseExactly } : {}) }
    const parsed = parseText(format, body)
    const delivery = parsed.readable ? parsed.value : undefined
    const request = {
      content_type: 'application/json',
      body_sha256: createHash('sha256').update(body).digest('hex'),
    } as const
    const found = eventsIn({ connector: 'new', events: facts, deliveries: rules }, delivery, request)
    return {
      events: found.events.map(({ type }) => type),
      unrecognized: found.unrecognized.map(({ path, field }) => (field === undefined ? path : `${path}, ${field}`)),
    }
  }
}

// Judging ----------------------------------------------------------------------------------------------------------------

/** The events that findings are about, with the first reason of each. What is about no event is a mistake of ours. */
function refusals({ document, diagnostics }: Written, events: readonly PlannedEvent[]): ReadonlyMap<string, string> {
  const refused = new Map<string, string>()
  for (const finding of diagnostics) {
    const about = document === undefined ? [] : eventsAt(document, finding, events)
    if (about.length === 0)
      throw new OperationalError(`this makes no valid definition: ${finding.message}`, { help: finding.help })
    for (const name of about) if (!refused.has(name)) refused.set(name, `${finding.message} [${finding.code}]`)
  }
  return refused
}

/** The events in whose part of the document a finding stands: the event itself, its rule or its samples. */
function eventsAt(document: SourceDocument, { span }: Diagnostic, events: readonly PlannedEvent[]): readonly string[] {
  const holds = (path: ValuePath): boolean => {
    const { start } = locateKey(document, path)
    return start.offset <= span.start.offset
  }
  const names = events.map(({ event }) => event.name)
  const last = (paths: readonly ValuePath[]) => paths.findLastIndex(holds)
  if (!holds(['webhook'])) {
    const index = last(names.map((name) => ['events', name]))
    return index === -1 ? [] : [names[index] ?? '']
  }
  const deliveries = events.flatMap(({ event, delivery }) => (delivery === undefined ? [] : [event.name]))
  const value = document.value as {
    readonly webhook?: { readonly samples?: readonly { readonly events?: readonly string[] }[] }
  }
  const samples = value.webhook?.samples ?? []
  if (holds(['webhook', 'samples']) && samples.length > 0) {
    if (holds(['webhook', 'setup'])) return []
    return samples[last(samples.map((_, index) => ['webhook', 'samples', index]))]?.events ?? []
  }
  const index = last(deliveries.map((_, position) => ['webhook', 'deliveries', position]))
  return index === -1 ? [] : [deliveries[index] ?? '']
}

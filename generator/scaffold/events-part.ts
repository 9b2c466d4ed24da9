import type { Answers } from './answers.ts'
import { few } from './names.ts'
import { cut, firstSentence } from './plain-text.ts'
import type { PlannedEvent } from './plan-event.ts'
import { cited, deprecation } from './sources.ts'
import { blank, fillIn } from './yaml-text.ts'

/** The longest summary that is one; what is longer describes. */
const SUMMARY = 160

/** The events of a definition: those of a document, or those that were named; undefined where there are none. */
export function eventsPart({ events }: Answers, planned: readonly PlannedEvent[]): object | undefined {
  if (planned.length === 0)
    return events.length === 0 ? undefined : Object.fromEntries(events.map((event) => [event, namedEvent()]))
  return Object.fromEntries(planned.map((plan) => [plan.event.name, publishedEvent(plan)]))
}

function publishedEvent({ event, data, example, idempotency, delivery, confusable }: PlannedEvent): object {
  const { original, direction, pointer, file, deprecated } = event
  const place = pointer === '' ? (file.split(/[\\/]/).at(-1) ?? file) : `#${pointer}`
  return {
    ...textsOf(event),
    direction,
    source:
      direction === 'inbound'
        ? inboundSource(event, delivery, confusable)
        : fillIn('emitted', 'the document says that we send it'),
    origin: cut(`"${original}" at ${place}`, 300),
    version: event.registry?.version ?? 1,
    data,
    example,
    ...idempotencyOf(event, idempotency),
    ...(deprecated ? { deprecated: deprecation() } : {}),
    ...cited(event),
  }
}

function idempotencyOf({ registry }: PlannedEvent['event'], found: readonly string[]): object {
  if (found.length === 0) return {}
  if (registry !== undefined) return { idempotency_key: found }
  return { idempotency_key: fillIn(found, 'whether the vendor repeats a delivery with the same value') }
}

function inboundSource(
  { registry }: PlannedEvent['event'],
  delivery: PlannedEvent['delivery'],
  confusable: readonly string[],
): unknown {
  if (registry !== undefined)
    return fillIn('webhook', 'add a delivery rule; the document does not describe the delivery')
  return delivery === undefined
    ? fillIn('webhook', `add a delivery rule; nothing in the body distinguishes it from ${few(confusable)}`)
    : 'webhook'
}

function textsOf({ summary, description }: PlannedEvent['event']): object {
  const [short, long] = [summary, description].map((text) =>
    text === undefined || text.length <= SUMMARY ? text : undefined,
  )
  const chosen = short ?? long ?? description ?? summary
  if (chosen === undefined) return { summary: blank('what happened') }
  const said = firstSentence(chosen, SUMMARY)
  const more = [...new Set([description, summary])].filter((text) => text !== undefined && text !== said)
  return { summary: said, ...(more.length === 0 ? {} : { description: cut(more.join('\n\n'), 2000) }) }
}

/** An event of which only the name is known. */
function namedEvent(): object {
  return {
    summary: blank('what happened'),
    direction: fillIn('inbound', 'or outbound'),
    source: fillIn('webhook', 'or poll, or emitted'),
    version: 1,
    data: fillIn({ type: 'object' }, 'the fields that an application may need'),
    example: fillIn({}, 'made-up data'),
  }
}

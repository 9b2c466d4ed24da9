import type { Answers, ImportedContent, WrittenSample } from './answers.ts'
import type { PlannedEvent } from './plan-event.ts'
import { blank, fillIn } from './yaml-text.ts'

/** The webhook, if an event arrives by one: what deliveries become. No document says how they are signed. */
export function webhookPart({ events }: Answers, content: ImportedContent | undefined): unknown {
  const planned = content?.events ?? []
  const isNamed = planned.length === 0 && events.length > 0
  if (!isNamed && !planned.some(({ event }) => event.direction === 'inbound')) return undefined
  const deliveries = planned.flatMap(({ delivery }) => (delivery === undefined ? [] : [ruleOf(delivery)]))
  const samples = (content?.samples ?? []).map(sampleOf)
  const webhook = {
    summary: blank('how the webhook works'),
    ...(content?.draft.exactNumbers === true ? { exact_numbers: true } : {}),
    ...(deliveries.length === 0 ? {} : { deliveries }),
    ...(samples.length === 0 ? {} : { samples }),
  }
  const rules = deliveries.length === 0 ? ', deliveries and samples' : ''
  return fillIn(webhook, `add signatures: how the vendor signs; delivery and setup${rules}`)
}

/** A condition that only examples show applies until an example shows another value. */
function ruleOf({ rule, isFromExamples }: NonNullable<PlannedEvent['delivery']>): object {
  if (!isFromExamples || rule.when === undefined) return rule
  return { ...rule, when: fillIn(rule.when, "only the document's examples say so") }
}

function sampleOf({ name, events, unrecognized, content }: WrittenSample): object {
  return {
    name,
    ...content,
    ...(events.length === 0 ? {} : { events }),
    ...(unrecognized.length === 0 ? {} : { unrecognized }),
  }
}

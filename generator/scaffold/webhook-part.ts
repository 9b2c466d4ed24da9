import type { SignatureScheme } from '../kit/webhook.ts'
import { signatureElements } from '../vocabulary/signatures.ts'
import type { Answers, ImportedContent, WrittenSample } from './answers.ts'
import type { PlannedEvent } from './plan-event.ts'
import { blank, fillIn } from './yaml-text.ts'

/** The webhook, if an event arrives by one: what deliveries become. No document says how they are signed. */
export function webhookPart(answers: Answers, content: ImportedContent | undefined): unknown {
  const { events, signature, handshake = false, subscription = false } = answers
  const planned = content?.events ?? []
  const isKnown = signature !== undefined || handshake || subscription
  const isNamed = isKnown || (planned.length === 0 && events.length > 0)
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
  const parts = [
    `add signatures: ${signature === undefined ? 'how the vendor signs' : skeletonOf(signature)}; delivery and setup${rules}`,
    ...(handshake ? ['add handshakes: [{ when, values, response, description, samples }]'] : []),
    ...(subscription
      ? ['add subscriptions: { name: { events, create, answer, keeps, renew, delete, description } }']
      : []),
  ]
  return fillIn(webhook, parts.join('\n '))
}

/** The members of a signature scheme, without values. */
function skeletonOf(algorithm: SignatureScheme['algorithm']): string {
  const members = signatureElements[algorithm].needs.map((need) =>
    typeof need === 'string' ? need : need.join(' or '),
  )
  return `[{ name, algorithm: ${algorithm}, ${members.join(', ')} }]`
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

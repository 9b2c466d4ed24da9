import type { Answers, ImportedContent, WrittenSample } from './answers.ts'
import type { SignatureDraft } from './draft.ts'
import { few, sentence } from './names.ts'
import type { PlannedEvent } from './plan-event.ts'
import { cited } from './sources.ts'
import { fillIn } from './yaml-text.ts'

interface WebhookInput {
  readonly answers: Answers
  /** The authentication field that signs. */
  readonly secret: string
  readonly content: ImportedContent | undefined
}

/** The webhook: how deliveries are signed, and what they become. */
export function webhookPart({ answers, secret, content }: WebhookInput): object {
  const { name, events } = answers
  const planned = content?.events ?? []
  const signature = planned.map(({ event }) => event.signature).find((found) => found !== undefined)
  const deliveries = planned.length === 0 ? events.map(usualRule) : planned.flatMap(publishedRule)
  const samples = planned.length === 0 ? events.map(usualSample) : (content?.samples ?? []).map(publishedSample)
  return {
    required: false,
    summary: fillIn(`${name} posts events to one address.`),
    signatures: [signaturePart(secret, signature)],
    delivery: {
      success: fillIn('Any 2xx status', 'and what follows: what the vendor takes for received, and what it repeats'),
      retry: 'Not looked up yet',
      ordered: false,
      duplicates: true,
    },
    ...(content?.draft.exactNumbers === true ? { exact_numbers: true } : {}),
    ...(deliveries.length === 0 ? {} : { deliveries }),
    ...(samples.length === 0
      ? {}
      : { samples: planned.length === 0 ? fillIn(samples, 'what the vendor really sends') : samples }),
    setup: [
      { title: fillIn('Save the address'), description: `Enter the webhook address in the settings of ${name}.` },
    ],
  }
}

function signaturePart(secret: string, said: SignatureDraft | undefined): object {
  return {
    name: fillIn('signature', "how the vendor signs; the guide's security page shows how others do"),
    algorithm: 'hmac-sha256',
    signature: { in: 'header', at: said?.header ?? 'X-Signature', format: `${said?.prefix ?? ''}{signature}` },
    encoding: 'hex',
    secret,
    signed: '{body}',
    description: 'The raw bytes are signed.',
    ...cited(said),
  }
}

function usualRule(event: string): object {
  return {
    event,
    when: `$.delivery.type == '${event}'`,
    data: fillIn(
      { id: '$.delivery.id', occurred_at: { from: '$.delivery.occurred_at', as: 'date-time' } },
      'where in the body each field stands',
    ),
  }
}

function usualSample(event: string): object {
  const body = JSON.stringify({ type: event, id: 'id-1', occurred_at: '2026-01-31T12:00:00Z' })
  return { name: sentence(event), body, events: [event] }
}

function publishedRule({ event, delivery, confusable }: PlannedEvent): readonly object[] {
  if (delivery === undefined) return []
  const { rule } = delivery
  if (confusable.length === 0) return [rule]
  return [{ ...rule, event: fillIn(event.name, `what in the body tells it from ${few(confusable)}`) }]
}

function publishedSample({ name, events, unrecognized, content }: WrittenSample): object {
  return {
    name,
    ...content,
    ...(events.length === 0 ? {} : { events }),
    ...(unrecognized.length === 0 ? {} : { unrecognized }),
  }
}

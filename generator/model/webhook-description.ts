import type { DataSchema, Definition } from '../compiled/definition.ts'
import { parseExactly } from '../kit/exact-numbers.ts'
import type { EventFacts, Handshake, Webhook } from '../kit/webhook.ts'
import type { DeepReadonly } from './connector.ts'
import { mappingOf } from './delivery-mapping.ts'

/** Where the definition says nothing: what Meta, which sends the largest that we know, may send. */
const MAX_BYTES = 3 * 2 ** 20
/** Where the definition says nothing: the shortest limit that vendors name for deliveries. */
const TIME_LIMIT_SECONDS = 5

/** What of a connector the kit's webhook part rests on. */
export interface Described {
  readonly code: string
  readonly webhook: DeepReadonly<Definition['webhook']>
  readonly events: Readonly<Record<string, EventFacts & { readonly data: DeepReadonly<DataSchema> }>>
}

/** A connector's webhook as the kit runs it. */
export function webhookDescription({ code, webhook, events }: Described): Webhook {
  const { signatures, handshake, delivery, content_types = ['application/json'], exact_numbers } = webhook
  const schemas = Object.fromEntries(Object.entries(events).map(([name, { data }]) => [name, data]))
  return {
    connector: code,
    signatures: signatures.map(({ name, description: _, cites: __, ...scheme }) => ({
      name,
      encoding: 'hex',
      secret_encoding: 'text',
      weak: false,
      ...scheme,
      signed: scheme.signed ?? '',
    })),
    ...(handshake === undefined ? {} : { handshake: handshakeOf(handshake) }),
    max_bytes: delivery.max_bytes ?? MAX_BYTES,
    time_limit_seconds: delivery.time_limit_seconds ?? TIME_LIMIT_SECONDS,
    content_types,
    ...(exact_numbers === true ? { parseExactly } : {}),
    deliveries: mappingOf(webhook.deliveries ?? [], schemas).rules,
    events: Object.fromEntries(
      Object.entries(events).map(([name, { smart_code, idempotency }]) => [name, { smart_code, idempotency }]),
    ),
  }
}

type WrittenHandshake = NonNullable<Described['webhook']['handshake']>

function handshakeOf({ method, challenge, expect = [], proof, answer }: WrittenHandshake): Handshake {
  return { method, challenge, expect, ...(proof === undefined ? {} : { proof }), answer: answer as Handshake['answer'] }
}

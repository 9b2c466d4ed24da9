import { z } from 'zod'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { utf8 } from '../kit/bytes.ts'
import { toEvents, type Unrecognized } from '../kit/delivery.ts'
import { idempotencyKey } from '../kit/event.ts'
import { answerToHandshake, withContent } from '../kit/handshake.ts'
import { verify } from '../kit/verify.ts'
import type { Delivery, Webhook } from '../kit/webhook.ts'
import type { Connector } from '../model/connector.ts'
import { kitWebhook } from '../targets/typescript/webhook-file.ts'
import { suggestion } from '../text/closest.ts'

/** Characters of a body; larger than the deliveries that people look at. */
const LONGEST_BODY = 1024 * 1024
/** Entries of a list in one result. */
const MOST_RESULTS = 50

const texts = (most: number) =>
  z
    .record(z.string().max(200), z.string().max(16_384))
    .refine((record) => Object.keys(record).length <= most, { error: `at most ${most} entries` })

/** The input of the tool, besides the code of the connector. */
export const deliveryInput = {
  body: z.string().max(LONGEST_BODY).default('').describe('the raw body, unchanged'),
  headers: texts(100).default({}).describe('without a Content-Type, the connector’s first one is assumed'),
  method: z.enum(['POST', 'GET', 'HEAD', 'PUT']).default('POST'),
  url: z.url().max(4096).optional().describe('the webhook address with its query, as registered with the vendor'),
  secrets: texts(20).optional().describe('by authentication field; enables the check of the signature'),
  received_at: z.iso.datetime({ offset: true }).optional().describe('the time of an older delivery, for its signature'),
}

type Input = z.infer<z.ZodObject<typeof deliveryInput>>

/** The events that the kit makes of a delivery, or the reason why it makes none. Nothing is fetched or stored. */
export async function interpretDelivery(connector: Connector, input: Input): Promise<object> {
  const webhook = kitWebhook(connector)
  if (webhook === undefined)
    throw new OperationalError(`${connector.code} does not describe a webhook`, {
      help: 'its events are polled or emitted; get_event shows them',
    })
  requireFields(connector, Object.keys(input.secrets ?? {}))
  const delivery = deliveryOf(connector, input)
  if (delivery.body.byteLength > webhook.max_bytes)
    return { events: [], reason: `the body is larger than the ${webhook.max_bytes} bytes that the connector accepts` }
  const verification = await verified(webhook, delivery, input)
  const handshake = await handshakeAnswer(webhook, delivery, input, verification.status === 'verified')
  if (handshake !== undefined) return { handshake }
  const { methods = ['POST'] } = webhook
  if (!methods.includes(input.method)) {
    const expected = methods.join(' or ')
    return {
      events: [],
      reason: `${input.method} is not a handshake of the connector, and deliveries arrive by ${expected}`,
    }
  }
  return { verification, ...(await interpreted(webhook, delivery, connector)) }
}

function requireFields({ code, auth }: Connector, names: readonly string[]): void {
  const fields = auth.fields.map((field) => field.name)
  const unknown = names.find((name) => !fields.includes(name))
  if (unknown === undefined) return
  throw new OperationalError(`${code} has no authentication field "${unknown}"${suggestion(unknown, fields)}`, {
    help: `its fields are ${fields.join(', ')}`,
  })
}

function deliveryOf({ webhook }: Connector, { body, headers, method, url }: Input): Delivery {
  try {
    const sent = new Headers(headers)
    const [contentType = 'application/json'] = webhook?.content_types ?? []
    if (!sent.has('content-type')) sent.set('content-type', contentType)
    return { method, headers: sent, body: utf8(body), ...(url === undefined ? {} : { url }) }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new OperationalError(`a header cannot be sent: ${error.message}`, {
      help: 'give names without spaces and values of one line',
      cause: error,
    })
  }
}

interface Checked {
  readonly status: 'verified' | 'refused' | 'not checked'
  readonly scheme?: string
  readonly reason?: string
  readonly note?: string
}

async function verified(webhook: Webhook, delivery: Delivery, { secrets, url, received_at }: Input): Promise<Checked> {
  if (secrets === undefined)
    return { status: 'not checked', note: 'no secrets were given: anyone could have sent this delivery' }
  const checked = await verify(webhook, delivery, secrets, {
    url,
    allowWeak: webhook.signatures.map((scheme) => scheme.name),
    now: received_at === undefined ? undefined : Date.parse(received_at),
    fetchKey: () => Promise.reject(new Error('nothing is fetched')),
  })
  if (checked.verified) {
    const isWeak = webhook.signatures.some(({ name, weak }) => weak && name === checked.scheme)
    const note = isWeak ? 'the scheme is weak: endpoints accept it only with `allowWeak`' : undefined
    return { status: 'verified', scheme: checked.scheme, ...(note === undefined ? {} : { note }) }
  }
  const note = 'an endpoint refuses this delivery; the events are those that it would become'
  return { status: 'refused', reason: checked.reason, note }
}

async function handshakeAnswer(
  webhook: Webhook,
  { method, headers, url, body }: Delivery,
  { secrets = {} }: Input,
  isVerified: boolean,
): Promise<object | undefined> {
  const query = new URL(url ?? 'https://localhost').searchParams
  const request = await withContent(webhook, { method, headers, query, body })
  const reasons: string[] = []
  const options = { onRefused: (reason: string) => reasons.push(reason), keep: () => true, allowReplacement: true }
  const answer =
    (await answerToHandshake(webhook, request, secrets, options)) ??
    (isVerified ? await answerToHandshake(webhook, request, secrets, { ...options, verified: true }) : undefined)
  if (answer === undefined) return undefined
  const [refused] = reasons
  return refused === undefined ? { answer } : { answer, refused }
}

async function interpreted(webhook: Webhook, delivery: Delivery, connector: Connector): Promise<object> {
  const reading = await toEvents(webhook, delivery.body, delivery)
  if (!reading.readable) return { events: [], reason: `the body cannot be read: ${reading.reason}` }
  const { events, unrecognized, unread } = reading
  return {
    total: events.length,
    events: events.slice(0, MOST_RESULTS).map((event) => ({
      type: event.type,
      smart_code: event.smart_code,
      idempotency_key: idempotencyKey(event) ?? null,
      data: event.data,
    })),
    unrecognized: unrecognized.slice(0, MOST_RESULTS).map(({ value: _, ...part }) => part),
    unread,
    ...(events.length > 0 ? {} : { reason: reasonFor(unrecognized), rules: rulesOf(connector) }),
  }
}

/** Why a delivery became no event. */
function reasonFor(unrecognized: readonly Unrecognized[]): string {
  if (unrecognized.some(({ problem }) => problem === 'missing_fetch'))
    return 'the event also needs values from the API of the vendor, and this tool fetches nothing'
  return 'no delivery rule matches, or a value does not fit; see unrecognized'
}

/** The conditions of the delivery rules, as the definition has them. */
function rulesOf({ webhook }: Connector): readonly object[] {
  return (webhook?.deliveries ?? []).map(({ event, for: loops, when }) => ({ event, for: loops, when }))
}

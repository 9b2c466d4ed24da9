import type { Event } from './event.ts'
import { createEvent } from './event.ts'
import type { EventReceipt, Hera, HeraResult } from './hera.ts'
import type { AddressProblem, OutgoingOptions } from './outgoing.ts'
import { AddressError, addressProblem, guardedFetch } from './outgoing.ts'
import { repeat, retryAfter } from './repeat.ts'
import type { AnyEvents, Webhook } from './webhook.ts'
import { readBody } from './webhook.ts'

type EventSource<Events extends object> = Pick<Webhook<string, Events>, 'connector' | 'events'>

/**
 * The sync pattern: writes to the vendor first, then records what was done. `write` gives the event's data, with the ids
 * by which the vendor knows the record, so that the same sync, run twice, is one event. What `write` throws is thrown.
 */
export async function syncAndRecord<Events extends object, Type extends keyof Events & string>(
  hera: Pick<Hera, 'sendEvent'>,
  connector: EventSource<Events>,
  type: Type,
  write: () => Promise<Events[Type]>,
): Promise<HeraResult<EventReceipt>> {
  return hera.sendEvent(createEvent(connector, type, await write()) as Event)
}

/** Statuses after which another try can succeed. */
const PASSING = [429, 500, 502, 503, 504]
/** Bytes of the largest receipt that is read. */
const MOST_BYTES = 100_000

/** What became of a trigger. */
export type TriggerResult =
  | { readonly sent: true; readonly receipt: TriggerReceipt; readonly recorded: HeraResult<EventReceipt> }
  | {
      readonly sent: false
      /** `gone`: the subscription has ended, and must not be used again (410). */
      readonly reason: 'gone' | 'refused' | 'rate_limited' | 'timeout' | 'unreachable'
      readonly status?: number
    }
  /** Nothing is sent to an address that is not a public https address; see `allow`. */
  | { readonly sent: false; readonly reason: 'unsafe_address'; readonly problem: AddressProblem }

/** What Zapier says of a trigger; it means received, not done. Empty where it says nothing. */
export interface TriggerReceipt {
  readonly id?: string
  readonly request_id?: string
  readonly attempt?: string
  readonly status?: string
}

export interface TriggerOptions extends OutgoingOptions {
  /** The address that the installer has copied from the Zap; whoever knows it can start the Zap. */
  readonly webhookUrl: string
  /** Value of the header Authorization, where the Zap checks one. */
  readonly authorization?: string
  /** Names the event, and stands in what is sent, so that a Zap can report back about it; made up where it is missing. */
  readonly eventId?: string
  /** Milliseconds; ten seconds where it is missing. */
  readonly timeout?: number
}

/**
 * The automation trigger pattern: sends data to the installer's address, takes a 2xx for received, and records the event
 * `trigger_sent`. Repeated where Zapier asks for it (429) or fails; the event's id lets a Zap tell a repeat.
 */
export async function sendTrigger<
  Events extends { readonly trigger_sent: object } = AnyEvents & { readonly trigger_sent: object },
>(
  hera: Pick<Hera, 'sendEvent'>,
  connector: EventSource<Events>,
  data: Events['trigger_sent'],
  { webhookUrl, authorization, eventId = crypto.randomUUID(), timeout = 10_000, ...options }: TriggerOptions,
): Promise<TriggerResult> {
  const problem = addressProblem(webhookUrl, options)
  if (problem !== undefined) return { sent: false, reason: 'unsafe_address', problem }
  const sent = { ...data, event_id: eventId }
  const send = guardedFetch(options)
  const request = {
    method: 'POST',
    body: JSON.stringify(sent),
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
  }
  let receipt: TriggerReceipt
  try {
    const { response, body } = await repeat(
      async (signal) => {
        const answered = await send(webhookUrl, { ...request, signal })
        return { response: answered, body: await readBody(answered, MOST_BYTES) }
      },
      {
        retries: 3,
        timeout,
        waitAfter: (outcome) => {
          if ('error' in outcome) return outcome.error instanceof AddressError ? undefined : 'backoff'
          if (!PASSING.includes(outcome.value.response.status)) return undefined
          return retryAfter(outcome.value.response) ?? 'backoff'
        },
      },
    )
    const { status } = response
    if (!response.ok) {
      const reason = status === 410 ? 'gone' : status === 429 ? 'rate_limited' : 'refused'
      return { sent: false, reason, status }
    }
    receipt = typeof body === 'string' ? {} : receiptOf(new TextDecoder().decode(body))
  } catch (error) {
    if (error instanceof AddressError) return { sent: false, reason: 'unsafe_address', problem: error.problem }
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return { sent: false, reason: isLate ? 'timeout' : 'unreachable' }
  }
  const event = createEvent(connector, 'trigger_sent', {
    ...sent,
    ...(Object.keys(receipt).length === 0 ? {} : { receipt }),
  } as Events['trigger_sent'])
  return { sent: true, receipt, recorded: await hera.sendEvent(event as Event) }
}

/** In Silent Mode the answer is empty. */
function receiptOf(text: string): TriggerReceipt {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null) return {}
    const known = ['id', 'request_id', 'attempt', 'status'] as const
    return Object.fromEntries(
      known.flatMap((name) => {
        const value = (answer as Readonly<Record<string, unknown>>)[name]
        return typeof value === 'string' ? [[name, value]] : []
      }),
    )
  } catch {
    return {}
  }
}

import type { Unreadable } from './body.ts'
import type { Unrecognized } from './delivery.ts'
import { toEvents } from './delivery.ts'
import type { Event } from './event.ts'
import { respondToHandshake } from './handshake.ts'
import type { Hera, HeraError } from './hera.ts'
import type { Refusal } from './verify.ts'
import { verify } from './verify.ts'
import type { Secrets, Webhook } from './webhook.ts'

/** Where events go: to HERA, or into a queue of the application's own that takes them to HERA later. */
type Sink<Events extends object> =
  | {
      /** HERA, or what finds the client of the installation that an event belongs to; undefined where there is none. */
      readonly hera:
        | Pick<Hera, 'sendEvent'>
        | ((event: Event<Events>) => Pick<Hera, 'sendEvent'> | undefined | Promise<Pick<Hera, 'sendEvent'> | undefined>)
    }
  | {
      /** Keeps all events of a delivery, or rejects; the vendor is answered when it resolves. */
      readonly enqueue: (events: readonly Event<Events>[]) => Promise<void>
    }

export type ReceiveOptions<Field extends string, Events extends object> = Sink<Events> & {
  /** The installation's secrets, or what finds them for a request; undefined where nobody is installed there. */
  readonly secrets:
    | Secrets<Field>
    | ((request: Request) => Secrets<Field> | undefined | Promise<Secrets<Field> | undefined>)
  /** The public URL as it is registered with the vendor, where it is signed too. */
  readonly url?: string
  /** Names of weak signature schemes that are good enough here. */
  readonly allowWeak?: readonly string[]
  /**
   * Keeps the runtime alive for work after the answer. With it the vendor is answered before HERA is told, and will not
   * repeat what then fails: `onRejected` gets it.
   */
  readonly waitUntil?: (work: Promise<void>) => void
  /** Told why a delivery was refused. */
  readonly onRefused?: (reason: Refusal | Unreadable) => void
  /** Told of the parts of a delivery that are no event of the connector. */
  readonly onUnrecognized?: (parts: readonly Unrecognized[]) => void
  /**
   * Takes an event that HERA refuses for good, so that the vendor need not repeat it; without it the vendor is answered
   * with an error, and repeats. After `waitUntil` it takes every event that was not recorded, whatever the reason.
   */
  readonly onRejected?: (event: Event<Events>, error: HeraError) => void
}

/** How many events are sent at once. */
const AT_ONCE = 8
/** Milliseconds that are left to answer in, of what the vendor waits. */
const MARGIN = 750
/** Milliseconds for the work after an answer. */
const AFTERWARDS = 30_000

/**
 * A webhook endpoint: answers handshakes, verifies, makes events of every part of a delivery, records them, and answers
 * within the vendor's limit. What could not be recorded is answered with 503, so that the vendor repeats the delivery;
 * idempotency keys make that harmless. The function that it gives never throws.
 */
export function handleWebhook<Field extends string, Events extends object>(
  webhook: Webhook<Field, Events>,
  options: ReceiveOptions<Field, Events>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const deadline = Date.now() + webhook.time_limit_seconds * 1000 - MARGIN
    try {
      return await answer(webhook, options, request, deadline)
    } catch {
      // What an option of the application throws says nothing to the vendor, and could hold a secret.
      return refusal(500, 'internal_error')
    }
  }
}

async function answer<Field extends string, Events extends object>(
  webhook: Webhook<Field, Events>,
  options: ReceiveOptions<Field, Events>,
  request: Request,
  deadline: number,
): Promise<Response> {
  const { secrets: given, url, allowWeak, onRefused, onUnrecognized, waitUntil } = options
  const secrets = typeof given === 'function' ? await given(request) : given
  if (secrets === undefined) return refusal(404, 'not_installed')
  const handshake = await respondToHandshake(webhook, request, secrets, { bodyTimeout: deadline - Date.now() })
  if (handshake !== undefined) return handshake
  if (request.method !== 'POST') return refusal(405, 'method_not_allowed', { allow: allowed(webhook) })
  const verification = await verify(webhook, request, secrets, {
    ...{ url, allowWeak },
    bodyTimeout: deadline - Date.now(),
  })
  if (!verification.verified) {
    told(() => onRefused?.(verification.reason))
    return refusal(STATUS[verification.reason], verification.reason)
  }
  const reading = await toEvents(webhook, verification.body, request)
  if (!reading.readable) {
    told(() => onRefused?.(reading.reason))
    return refusal(reading.reason === 'unsupported_content_type' ? 415 : 400, reading.reason)
  }
  const { events, unrecognized } = reading
  if (unrecognized.length > 0) told(() => onUnrecognized?.(unrecognized))
  const summary = { received: events.length, unrecognized: unrecognized.length }
  if (waitUntil !== undefined) {
    const afterwards = { deadline: Date.now() + AFTERWARDS, isAnswered: true }
    waitUntil(recordAll(options, events, afterwards).then(() => undefined))
    return json(200, summary)
  }
  return (await recordAll(options, events, { deadline, isAnswered: false }))
    ? json(200, summary)
    : refusal(503, 'not_recorded')
}

function allowed({ handshake }: Pick<Webhook, 'handshake'>): string {
  return handshake?.method === 'GET' ? 'GET, POST' : 'POST'
}

/** A fault of ours gets a status after which the vendor tries again. */
const STATUS: Readonly<Record<Refusal, number>> = {
  missing_secret: 500,
  malformed_secret: 500,
  missing_url: 500,
  unsupported_algorithm: 500,
  unavailable_key: 503,
  unreadable_request: 500,
  missing_signature: 401,
  malformed_signature: 401,
  missing_timestamp: 401,
  malformed_timestamp: 401,
  timestamp_out_of_tolerance: 401,
  signature_mismatch: 401,
  body_too_large: 413,
  body_timeout: 408,
  unreadable_body: 400,
}

/** Whether every event was recorded, or taken by the application. */
async function recordAll<Events extends object>(
  options: Sink<Events> & Pick<ReceiveOptions<string, Events>, 'onRejected'>,
  events: readonly Event<Events>[],
  { deadline, isAnswered }: { readonly deadline: number; readonly isAnswered: boolean },
): Promise<boolean> {
  try {
    if ('enqueue' in options) {
      if (events.length > 0) await options.enqueue(events)
      return true
    }
    const { hera, onRejected } = options
    const left = events.values()
    const signal = AbortSignal.timeout(Math.max(1, deadline - Date.now()))
    // Each takes the next event as soon as it is done with one.
    const workers = Array.from({ length: Math.min(AT_ONCE, events.length) }, async () => {
      let isDone = true
      for (const event of left) {
        const client = typeof hera === 'function' ? await hera(event) : hera
        if (client === undefined) continue
        const result = await client.sendEvent(event as Event, { signal })
        if (result.ok) continue
        // An event that HERA will never take is the application's, where it wants it; the others are the vendor's again.
        if (onRejected !== undefined && (isAnswered || result.error.reason === 'refused'))
          onRejected(event, result.error)
        else isDone = false
      }
      return isDone
    })
    return (await Promise.all(workers)).every(Boolean)
  } catch {
    return false
  }
}

/** What the application does with a message must not change the answer. */
function told(tell: () => void): void {
  try {
    tell()
  } catch {
    // There is nobody else to tell.
  }
}

function refusal(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Response {
  return json(status, { error }, headers)
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })
}

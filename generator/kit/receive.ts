import type { Unreadable } from './body.ts'
import type { Unrecognized } from './delivery.ts'
import { toEvents } from './delivery.ts'
import type { Event } from './event.ts'
import type { HandshakeRefusal, KeepOptions, KeptValues } from './handshake.ts'
import { answerToHandshake, withContent } from './handshake.ts'
import type { Hera, HeraError } from './hera.ts'
import type { FetchKey } from './key-source.ts'
import type { ValueProblem } from './named-value.ts'
import { statusAfter } from './named-value.ts'
import type { RequestParts } from './place.ts'
import type { Answer } from './response.ts'
import { answerOf, jsonAnswer, refusal, responseTo } from './response.ts'
import type { Refusal } from './verify.ts'
import { verify } from './verify.ts'
import type { AnyEvents, Secrets, Webhook } from './webhook.ts'
import { readBody } from './webhook.ts'

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
  /** Fetches certificates and key sets; by default from their public addresses, and kept for an hour. */
  readonly fetchKey?: FetchKey | undefined
  /**
   * Sends a call that completes an event, with the installation's credentials added, and does not follow redirects. The
   * kit makes the calls from the connector's endpoints, and the fields in their paths from `secrets`. Without it, a
   * delivery that needs a call is answered with 500.
   */
  readonly fetchResource?: (call: Request, context: { readonly delivery: Request }) => Promise<Response>
  /**
   * Keeps the runtime alive for work after the answer. With it the vendor is answered before HERA is told, and will not
   * repeat what then fails: `onRejected` gets it.
   */
  readonly waitUntil?: (work: Promise<void>) => void
  /**
   * Stores values that the vendor chose in a handshake, such as the key of its signatures, as fields of the
   * installation that the request belongs to. The vendor is answered when it resolves; `false` means that other values
   * were stored in the meantime. Without it such a handshake is answered with 500.
   */
  readonly keep?: (values: KeptValues<Field>, request: Request) => boolean | undefined | Promise<boolean | undefined>
  /**
   * Whether a handshake that is not signed may replace a stored value. Anyone who knows the URL can send one, and would
   * then choose the key.
   */
  readonly allowReplacement?: boolean
  /** Told why a delivery or a handshake was refused. */
  readonly onRefused?: (reason: Refusal | Unreadable | HandshakeRefusal | ValueProblem) => void
  /** Told of the parts of a delivery that are no event of the connector. */
  readonly onUnrecognized?: (parts: readonly Unrecognized[]) => void
  /** Told of values in recognized parts that no event contains, as paths. */
  readonly onUnread?: (paths: readonly string[]) => void
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
/** The share of the remaining time in which values are fetched. */
const FETCHING = 2 / 3
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
  const { response } = webhook
  const isSilent = response !== undefined && response.text === undefined && response.json === undefined
  return async (request) => {
    const deadline = Date.now() + webhook.time_limit_seconds * 1000 - MARGIN
    // What an option of the application throws says nothing to the vendor, and could hold a secret.
    const given = await answer(webhook, options, request, deadline).catch(() => refusal(500, 'internal_error'))
    return responseTo(request.method, isSilent && given.status >= 400 ? withoutBody(given) : given)
  }
}

async function answer<Field extends string, Events extends object>(
  webhook: Webhook<Field, Events>,
  options: ReceiveOptions<Field, Events>,
  request: Request,
  deadline: number,
): Promise<Answer> {
  const {
    secrets: given,
    url,
    allowWeak,
    fetchKey,
    fetchResource,
    onRefused,
    onUnrecognized,
    onUnread,
    waitUntil,
  } = options
  const refused = (reason: Refusal | Unreadable | HandshakeRefusal | ValueProblem) => told(() => onRefused?.(reason))
  const secrets = typeof given === 'function' ? await given(request) : given
  if (secrets === undefined) return refusal(404, 'not_installed')
  const methods = methodsOf(webhook)
  if (!methods.includes(request.method)) return methodNotAllowed(methods)
  const parts = await partsOf(webhook, request, deadline - Date.now())
  if (typeof parts === 'string') {
    refused(parts)
    return refusal(STATUS[parts], parts)
  }
  const handshake = { keep: keepFor(options, request), allowReplacement: options.allowReplacement, onRefused: refused }
  const unsigned = await answerToHandshake(webhook, parts, secrets, handshake)
  if (unsigned !== undefined) return unsigned
  if (!deliveryMethods(webhook).includes(request.method)) return methodNotAllowed(methods)
  const verification = await verify(webhook, { ...parts, url: request.url }, secrets, { url, allowWeak, fetchKey })
  if (!verification.verified) {
    refused(verification.reason)
    return refusal(STATUS[verification.reason], verification.reason)
  }
  const signed = await answerToHandshake(webhook, parts, secrets, { ...handshake, verified: true })
  if (signed !== undefined) return signed
  const reading = await toEvents(webhook, verification.body, request, {
    fetchResource: fetchResource && ((call) => fetchResource(call, { delivery: request })),
    fields: secrets,
    // The rest of the time is for recording the events.
    deadline: Date.now() + (deadline - Date.now()) * FETCHING,
  })
  if (!reading.readable) {
    refused(reading.reason)
    return refusal(reading.reason === 'unsupported_content_type' ? 415 : 400, reading.reason)
  }
  const { events, unrecognized } = reading
  if (unrecognized.length > 0) told(() => onUnrecognized?.(unrecognized))
  if (onUnread !== undefined && reading.unread.length > 0) told(() => onUnread(reading.unread))
  const failure = failureIn(unrecognized)
  if (failure !== undefined) refused(failure.problem)
  const received =
    (failure && refusal(failure.status, failure.problem)) ??
    (webhook.response && answerOf(webhook.response)) ??
    jsonAnswer(200, { received: events.length, unrecognized: unrecognized.length })
  if (waitUntil !== undefined) {
    const afterwards = { deadline: Date.now() + AFTERWARDS, isAnswered: true }
    waitUntil(recordAll(options, events, afterwards).then(() => undefined))
    return received
  }
  return (await recordAll(options, events, { deadline, isAnswered: false })) ? received : refusal(503, 'not_recorded')
}

/** The value that is missing now and could be there when the vendor repeats the delivery. */
function failureIn(
  parts: readonly Unrecognized[],
): { readonly status: 500 | 503; readonly problem: ValueProblem } | undefined {
  for (const { problem } of parts) {
    const status = problem && statusAfter(problem)
    if (problem !== undefined && status !== undefined) return { status, problem }
  }
  return undefined
}

type BodyProblem = Extract<Awaited<ReturnType<typeof readBody>>, string>

async function partsOf<Field extends string, Events extends object>(
  webhook: Webhook<Field, Events>,
  request: Request,
  timeout: number,
): Promise<RequestParts | BodyProblem> {
  const body = await readBody(request, webhook.max_bytes, timeout)
  if (typeof body === 'string') return body
  const { method, headers, url } = request
  return withContent(webhook, { method, headers, query: new URL(url).searchParams, body })
}

/** The application's `keep`, for the installation that the request belongs to. */
function keepFor<Field extends string>(
  { keep }: Pick<ReceiveOptions<Field, AnyEvents>, 'keep'>,
  request: Request,
): KeepOptions<Field>['keep'] {
  return keep && ((values) => keep(values, request))
}

function deliveryMethods({ methods = ['POST'] }: Pick<Webhook, 'methods'>): readonly string[] {
  return methods
}

/** Methods of deliveries and handshakes. */
function methodsOf(webhook: Pick<Webhook, 'handshakes' | 'methods'>): readonly string[] {
  const { handshakes = [] } = webhook
  const others = handshakes.flatMap(({ when: { method = ['GET', 'HEAD'] } }) => method)
  return [...new Set([...others, ...deliveryMethods(webhook)])].sort()
}

function methodNotAllowed(methods: readonly string[]): Answer {
  return refusal(405, 'method_not_allowed', { allow: methods.join(', ') })
}

/** A vendor that expects an empty body gets one after a failure too. */
function withoutBody({ status, headers: { 'content-type': _, ...headers } }: Answer): Answer {
  return { status, headers, body: undefined }
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

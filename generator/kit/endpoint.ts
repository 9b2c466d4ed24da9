import type { Unreadable } from './body.ts'
import { parseBody } from './body.ts'
import type { Reading, Unrecognized } from './delivery.ts'
import { toEvents } from './delivery.ts'
import type { HandshakeRefusal } from './handshake.ts'
import { withContent } from './handshake.ts'
import type { FetchKey } from './key-source.ts'
import type { ValueProblem } from './named-value.ts'
import { statusAfter } from './named-value.ts'
import type { RequestParts } from './place.ts'
import type { RecordingTime } from './record.ts'
import type { Answer } from './response.ts'
import { answerOf, jsonAnswer, refusal, responseTo } from './response.ts'
import type { Refusal } from './verify.ts'
import type { Delivery, FetchOptions, Webhook } from './webhook.ts'
import { readBody } from './webhook.ts'

/** Why a delivery is refused; `not_routed` if it needs a secret, and no value identifies an installation that has one. */
export type DeliveryRefusal = Refusal | Unreadable | 'not_routed'

/** Why a delivery or a handshake is refused. */
export type ReceiveRefusal = DeliveryRefusal | HandshakeRefusal | ValueProblem

/** Options of every webhook endpoint. */
export interface EndpointOptions {
  /** The public URL as it is registered with the vendor, where it is signed too. */
  readonly url?: string
  /** Names of weak signature schemes that are good enough here. */
  readonly allowWeak?: readonly string[]
  /** Fetches certificates and key sets; by default from their public addresses, and kept for an hour. */
  readonly fetchKey?: FetchKey | undefined
  /**
   * Keeps the runtime alive for work after the answer. With it the vendor is answered before HERA is told, and will not
   * repeat what then fails: `onRejected` gets it.
   */
  readonly waitUntil?: (work: Promise<void>) => void
  /**
   * Whether a handshake that is not signed may replace a stored value. Anyone who knows the URL can send one, and would
   * then choose the key.
   */
  readonly allowReplacement?: boolean
  /** Told why a delivery or a handshake was refused. */
  readonly onRefused?: (reason: ReceiveRefusal) => void
  /** Told of the parts of a delivery that are not an event of the connector. */
  readonly onUnrecognized?: (parts: readonly Unrecognized[]) => void
  /** Told of values in recognized parts that no event contains, as paths. */
  readonly onUnread?: (paths: readonly string[]) => void
}

/** A request whose body was read. */
export interface ReceivedRequest {
  readonly request: Request
  readonly delivery: Delivery & { readonly url: string; readonly parse: NonNullable<Delivery['parse']> }
  readonly parts: RequestParts
}

/** The events of a verified delivery. */
export type ReadDelivery<Events extends object> = Reading<Events> & { readonly readable: true }

/** The steps in which an endpoint for one installation differs from one for all installations. */
export interface Receiver<Events extends object> {
  /** Answers a handshake; undefined for any other request. */
  readonly answerHandshake: (received: ReceivedRequest, isVerified: boolean) => Promise<Answer | undefined>
  /** Undefined if the delivery is from the vendor; otherwise the reason, or the answer to a delivery that is for nobody. */
  readonly problemOf: (received: ReceivedRequest) => Promise<DeliveryRefusal | 'unrouted' | undefined>
  /** How the calls are made that complete events. */
  readonly fetchOptionsOf: (received: ReceivedRequest) => Omit<FetchOptions, 'deadline'>
  /** The work that records the events. */
  readonly recordingOf: (reading: ReadDelivery<Events>, received: ReceivedRequest) => Promise<Recording>
}

/** Records the events of a delivery; false if the vendor must repeat it. */
export interface Recording {
  readonly run: (time: RecordingTime) => Promise<boolean>
  /** Counts for the answer, besides those of the events. */
  readonly counts?: Readonly<Record<string, number>>
}

/** Milliseconds that are left to answer in, of what the vendor waits. */
const MARGIN = 750
/** The share of the remaining time in which values are fetched. */
const FETCHING = 2 / 3
/** Milliseconds for the work after an answer. */
const AFTERWARDS = 30_000

/** A function from request to response that never throws. `receiverOf` gives the answer if there is no receiver. */
export function endpoint<Field extends string, Events extends object>(
  webhook: Webhook<Field, Events>,
  options: EndpointOptions,
  receiverOf: (request: Request, refused: Refused) => Promise<Receiver<Events> | Answer>,
): (request: Request) => Promise<Response> {
  const { response } = webhook
  const isSilent = response !== undefined && response.text === undefined && response.json === undefined
  return async (request) => {
    const deadline = Date.now() + webhook.time_limit_seconds * 1000 - MARGIN
    const refused: Refused = (reason) => told(() => options.onRefused?.(reason))
    const answerTo = async (): Promise<Answer> => {
      const receiver = await receiverOf(request, refused)
      return 'status' in receiver ? receiver : answer(webhook, options, receiver, { request, deadline, refused })
    }
    // An error that an option of the application throws could contain a secret.
    const given = await answerTo().catch(() => refusal(500, 'internal_error'))
    return responseTo(request.method, isSilent && given.status >= 400 ? withoutBody(given) : given)
  }
}

/** Reports why a request is refused. */
export type Refused = (reason: ReceiveRefusal) => void

interface Call {
  readonly request: Request
  readonly deadline: number
  readonly refused: Refused
}

async function answer<Field extends string, Events extends object>(
  webhook: Webhook<Field, Events>,
  { onUnrecognized, onUnread, waitUntil }: EndpointOptions,
  receiver: Receiver<Events>,
  { request, deadline, refused }: Call,
): Promise<Answer> {
  const refuse = (reason: DeliveryRefusal): Answer => {
    refused(reason)
    return refusal(STATUS[reason], reason)
  }
  const methods = methodsOf(webhook)
  if (!methods.includes(request.method)) return methodNotAllowed(methods)
  const received = await readRequest(webhook, request, deadline - Date.now())
  if (typeof received === 'string') return refuse(received)
  const unsigned = await receiver.answerHandshake(received, false)
  if (unsigned !== undefined) return unsigned
  if (!deliveryMethods(webhook).includes(request.method)) return methodNotAllowed(methods)
  const problem = await receiver.problemOf(received)
  // To repeat it would not help.
  if (problem === 'unrouted') return acceptance(webhook, { received: 0, unrecognized: 0 })
  if (problem !== undefined) return refuse(problem)
  const signed = await receiver.answerHandshake(received, true)
  if (signed !== undefined) return signed
  const reading = await toEvents(webhook, received.delivery.body, received.delivery, {
    ...(webhook.fetchValues === undefined ? {} : receiver.fetchOptionsOf(received)),
    // The rest of the time is for recording the events.
    deadline: Date.now() + (deadline - Date.now()) * FETCHING,
  })
  if (!reading.readable) return refuse(reading.reason)
  const { events, unrecognized } = reading
  if (unrecognized.length > 0) told(() => onUnrecognized?.(unrecognized))
  if (onUnread !== undefined && reading.unread.length > 0) told(() => onUnread(reading.unread))
  const failure = failureIn(unrecognized)
  if (failure !== undefined) refused(failure.problem)
  const { run, counts } = await receiver.recordingOf(reading, received)
  const done =
    failure === undefined
      ? acceptance(webhook, { received: events.length, unrecognized: unrecognized.length, ...counts })
      : refusal(failure.status, failure.problem)
  if (waitUntil !== undefined) {
    waitUntil(run({ deadline: Date.now() + AFTERWARDS, isAnswered: true }).then(() => undefined))
    return done
  }
  return (await run({ deadline, isAnswered: false })) ? done : refusal(503, 'not_recorded')
}

/** The answer that the vendor expects to a delivery. */
function acceptance({ response }: Pick<Webhook, 'response'>, counts: Readonly<Record<string, number>>): Answer {
  return (response && answerOf(response)) ?? jsonAnswer(200, counts)
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

async function readRequest<Field extends string, Events extends object>(
  webhook: Webhook<Field, Events>,
  request: Request,
  timeout: number,
): Promise<ReceivedRequest | BodyProblem> {
  const body = await readBody(request, webhook.max_bytes, timeout)
  if (typeof body === 'string') return body
  const { method, headers, url } = request
  let parsed: ReturnType<typeof parseBody> | undefined
  const parse = () => {
    parsed ??= parseBody(webhook, body, headers.get('content-type'))
    return parsed
  }
  const parts = await withContent(webhook, { method, headers, query: new URL(url).searchParams, body, parse })
  return { request, delivery: { method, headers, url, body, parse }, parts }
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
const STATUS: Readonly<Record<DeliveryRefusal, number>> = {
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
  empty_body: 400,
  malformed_body: 400,
  unsupported_content_type: 415,
  not_routed: 403,
}

/** Calls a function of the application, whose errors must not change the answer. */
export function told(tell: () => void): void {
  try {
    tell()
  } catch {
    // There is nobody else to tell.
  }
}

import type { EndpointOptions, Receiver } from './endpoint.ts'
import { endpoint } from './endpoint.ts'
import type { Event } from './event.ts'
import type { KeptValues } from './handshake.ts'
import { answerToHandshake } from './handshake.ts'
import type { HeraError } from './hera.ts'
import type { EventRecorder, RecordingTime } from './record.ts'
import { recordAll, succeeds } from './record.ts'
import { refusal } from './response.ts'
import { verify } from './verify.ts'
import type { Secrets, Webhook } from './webhook.ts'

/** Where events go: to HERA, or into a queue of the application's own that takes them to HERA later. */
type Sink<Events extends object> =
  | {
      /** The client of the organization that the installation belongs to. */
      readonly hera: EventRecorder
    }
  | {
      /** Keeps all events of a delivery, or rejects; the vendor is answered when it resolves. */
      readonly enqueue: (events: readonly Event<Events>[]) => Promise<void>
    }

export type ReceiveOptions<Field extends string, Events extends object> = Sink<Events> &
  EndpointOptions & {
    /** The installation's secrets, or what finds them for a request; undefined where nobody is installed there. */
    readonly secrets:
      | Secrets<Field>
      | ((request: Request) => Secrets<Field> | undefined | Promise<Secrets<Field> | undefined>)
    /**
     * Stores values that the vendor chose in a handshake, such as the key of its signatures, as fields of the
     * installation that the request belongs to. The vendor is answered when it resolves; `false` means that other values
     * were stored in the meantime. Without it such a handshake is answered with 500.
     */
    readonly keep?: (values: KeptValues<Field>, request: Request) => boolean | undefined | Promise<boolean | undefined>
    /**
     * Sends a call that completes an event, with the installation's credentials added, and does not follow redirects. The
     * kit makes the calls from the connector's endpoints, and the fields in their paths from `secrets`. Without it, a
     * delivery that needs a call is answered with 500.
     */
    readonly fetchResource?: (call: Request, context: { readonly delivery: Request }) => Promise<Response>
    /**
     * Takes an event that HERA refuses for good, so that the vendor need not repeat it; without it the vendor is answered
     * with an error, and repeats. After `waitUntil` it takes every event that was not recorded, whatever the reason.
     */
    readonly onRejected?: (event: Event<Events>, error: HeraError) => void
  }

/**
 * A webhook endpoint for one installation: answers handshakes, verifies, makes events of every part of a delivery, records
 * them, and answers within the vendor's limit. What could not be recorded is answered with 503, so that the vendor repeats
 * the delivery; idempotency keys make that harmless. The function that it gives never throws. `handleWebhooks` does the
 * same for all installations of a connector.
 */
export function handleWebhook<Field extends string, Events extends object>(
  webhook: Webhook<Field, Events>,
  options: ReceiveOptions<Field, Events>,
): (request: Request) => Promise<Response> {
  const { secrets: given, url, allowWeak, fetchKey, allowReplacement, fetchResource, keep } = options
  return endpoint(
    webhook,
    options,
    async (request, refused): Promise<Receiver<Events> | ReturnType<typeof refusal>> => {
      const secrets = typeof given === 'function' ? await given(request) : given
      if (secrets === undefined) return refusal(404, 'not_installed')
      return {
        answerHandshake: ({ parts }, verified) =>
          answerToHandshake(webhook, parts, secrets, {
            verified,
            keep: keep && ((values) => keep(values, request)),
            allowReplacement,
            onRefused: refused,
          }),
        async problemOf({ delivery }) {
          const verification = await verify(webhook, delivery, secrets, { url, allowWeak, fetchKey })
          return verification.verified ? undefined : verification.reason
        },
        fetchOptionsOf: () => ({
          fetchResource: fetchResource && ((call) => fetchResource(call, { delivery: request })),
          fields: secrets,
        }),
        recordingOf: async ({ events }) => ({ run: (time) => recorded(options, events, time) }),
      }
    },
  )
}

async function recorded<Events extends object>(
  options: Sink<Events> & Pick<ReceiveOptions<string, Events>, 'onRejected'>,
  events: readonly Event<Events>[],
  time: RecordingTime,
): Promise<boolean> {
  if ('enqueue' in options) return events.length === 0 || succeeds(() => options.enqueue(events))
  const { hera, onRejected } = options
  const work = events.map((event) => ({ event, hera }))
  return recordAll(work, time, onRejected && (({ event }, error) => onRejected(event, error)))
}

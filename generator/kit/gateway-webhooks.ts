import { encoded, equalTexts, utf8 } from './bytes.ts'
import type { CallFunction, StoredInstallation } from './database.ts'
import { DatabaseError, readInstallation } from './database.ts'
import type { EndpointOptions } from './endpoint.ts'
import type { Event } from './event.ts'
import { toEventRequest } from './event.ts'
import { problemOfCall, refuse } from './gateway-problem.ts'
import type { KeptValues } from './handshake.ts'
import type { EventReceipt, HeraResult } from './hera.ts'
import { installationLookup, type RoutedInstallation } from './installation-lookup.ts'
import { rateLimiter, type TakeCall } from './rate-limit.ts'
import { handleWebhook } from './receive.ts'
import { handleWebhooks, type Unrouted } from './receive-all.ts'
import type { EventRecorder } from './record.ts'
import type { AnyEvents, RoutedWebhook, Secrets, Webhook } from './webhook.ts'

/** How the gateway receives webhooks. */
export interface WebhookGatewayOptions
  extends Pick<EndpointOptions, 'allowWeak' | 'fetchKey' | 'waitUntil' | 'onRefused' | 'onUnrecognized'> {
  /** The public address of the endpoints, such as `https://app.example.com/api/v2/integrations`. Vendors sign it. */
  readonly url: string
  /** A random secret of 32 characters or more, from which the addresses derive. With another one, all addresses change. */
  readonly key: string
  /** The secrets of apps that all installations of a connector share, by its code. */
  readonly appSecrets?: Readonly<Record<string, Secrets>>
  /**
   * Codes of connectors, such as `['whatsapp-business-cloud']`, whose installations receive events by values that users
   * have only entered, although all share `appSecrets` or signatures need no secret. Any organization that enters another's
   * value then receives the other's events: only where somebody checks the values. Without it, such an installation
   * receives nothing at the address of all installations until the vendor itself has given the value (by OAuth), and
   * `onUnrouted` is told `not_proven`.
   */
  readonly trustTypedValues?: readonly string[]
  /**
   * Requests in a minute, of one installation (or of the address that all installations of a connector share), and of one
   * sender; 600 each if they are missing. They are counted in this process.
   */
  readonly limits?: { readonly perInstallation?: number; readonly perSender?: number }
  /**
   * The network address of a sender, of which 64 characters count; by default the first one in `X-Forwarded-For`, which your
   * platform must set. Senders whose address is unknown (empty) are not limited.
   */
  readonly senderOf?: (request: Request) => string
  /** Adds the credentials of an installation to a call that completes an event, and sends it. */
  readonly fetchResource?: (
    call: Request,
    context: { readonly delivery: Request; readonly installationId: string; readonly organizationId: string },
  ) => Promise<Response>
  /** Told of values of deliveries for which there is no installation. */
  readonly onUnrouted?: (connector: string, unrouted: readonly Unrouted<AnyEvents>[]) => void
}

/** A connector that receives webhooks. */
interface Receiving {
  // biome-ignore lint/suspicious/noExplicitAny: each connector has its own events and fields
  readonly webhook?: Webhook<any, any>
}

/** The actor of what vendors send: HERA's own, which needs no membership. */
const SYSTEM_ACTOR = '00000000-0000-0000-0000-000000000001'
const SHORTEST_KEY = 32
const PER_MINUTE = 600
/** Characters of a network address that are kept: more than the longest one has. */
const LONGEST_SENDER = 64
/** Senders and installations that are counted at once; the one that was silent for longest is forgotten first. */
const MOST_COUNTED = 10_000

/** The address at which an installation receives webhooks, or without it the one of all installations of a connector. */
export async function webhookAddress(
  { url, key }: Pick<WebhookGatewayOptions, 'url' | 'key'>,
  connector: string,
  installation?: string,
): Promise<string> {
  const place = placeOf(connector, installation)
  return addressOf(url, place, await addressKey(key, place))
}

/** The part of an address that its key signs: an installation, or all installations of a connector. */
function placeOf(connector: string, installation: string | undefined): string {
  return installation === undefined ? connector : `${connector}/${installation}`
}

function addressOf(url: string, place: string, key: string): string {
  return `${url.replace(/\/+$/, '')}/webhooks/${place}/${key}`
}

/** A key that strangers cannot guess, so that nobody finds addresses by trying. */
async function addressKey(key: string, place: string): Promise<string> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', utf8(key), hmac, false, ['sign'])
  const signature = await crypto.subtle.sign('HMAC', imported, utf8(`webhook ${place}`))
  return encoded(new Uint8Array(signature), 'hex').slice(0, 32)
}

/**
 * The webhook endpoints of a gateway: `<connector>/<installation>/<key>`, and `<connector>/<key>` for all installations of
 * a connector whose deliveries are routed. Throws a `Refusal` before the kit's endpoint has the request.
 */
export function gatewayWebhooks(
  call: CallFunction,
  connectors: Readonly<Record<string, Receiving>>,
  options: WebhookGatewayOptions,
  checkData: (connector: string, event: string, data: unknown) => string | undefined,
): (request: Request, path: readonly string[]) => Promise<Response> {
  const {
    url,
    key,
    limits = {},
    senderOf = forwardedFor,
    appSecrets,
    trustTypedValues,
    fetchResource,
    onUnrouted,
    ...common
  } = options
  if (key.length < SHORTEST_KEY) throw new TypeError(`webhooks.key needs ${SHORTEST_KEY} random characters or more`)
  const takeOfSender = counted(limits.perSender ?? PER_MINUTE)
  const takeOfInstallation = counted(limits.perInstallation ?? PER_MINUTE)
  // A refused event is in HERA's log; to repeat it would not help.
  const onRejected = () => undefined
  const recorderOf = (organizationId: string, pausedStatus: 400 | 503): EventRecorder => ({
    sendEvent: (event) => recorded(call, organizationId, event as Event, { checkData, pausedStatus }),
  })

  return async (request, path) => {
    const [connector = '', second = '', third] = path
    const sender = senderOf(request).slice(0, LONGEST_SENDER)
    if (sender !== '') takeOfSender(sender)
    const { webhook } = Object.hasOwn(connectors, connector) ? (connectors[connector] ?? {}) : {}
    const [installation, given] = third === undefined ? [undefined, second] : [second, third]
    const place = placeOf(connector, installation)
    const expected = await addressKey(key, place)
    const isKnown = webhook !== undefined && path.length < 4 && (await equalTexts(given, expected))
    if (!isKnown) refuse({ status: 404, error: 'not_found', message: 'there is no webhook at this address' })
    takeOfInstallation(place)
    const called = addressOf(url, place, expected)
    if (installation !== undefined) {
      const stored = await readInstallation(call, installation)
      if (stored === undefined || stored.connector !== connector)
        refuse({ status: 404, error: 'not_installed', message: `${connector} is not installed there` })
      const { organizationId } = stored
      return handleWebhook(webhook, {
        ...common,
        onRejected,
        url: called,
        secrets: { ...appSecrets?.[connector], ...stored.configuration },
        // A paused installation receives the delivery once it is resumed, if the vendor still repeats it then.
        hera: recorderOf(organizationId, 503),
        keep: (values) => keep(call, stored, values),
        ...(fetchResource && {
          fetchResource: (vendorCall, { delivery }) =>
            fetchResource(vendorCall, { delivery, installationId: installation, organizationId }),
        }),
      })(request)
    }
    if (!isRouted(webhook))
      refuse({ status: 404, error: 'no_routing', message: 'no value of a delivery identifies the installation' })
    const secrets = appSecrets?.[connector]
    return handleWebhooks(webhook, {
      ...common,
      onRejected,
      url: called,
      ...(secrets && { secrets }),
      trustTypedValues: trustTypedValues?.includes(connector) ?? false,
      installations: installationLookup(call, webhook, {
        // To repeat a delivery for one that is paused would repeat it for all.
        heraOf: (organizationId) => recorderOf(organizationId, 400),
        readsSecrets: secrets === undefined,
      }),
      onUnrouted: (unrouted) => onUnrouted?.(connector, unrouted),
      async keep(values, { id }) {
        const stored = await readInstallation(call, id)
        return stored !== undefined && keep(call, stored, values)
      },
      ...(fetchResource && {
        fetchResource: (vendorCall, { delivery, installation: { id, organizationId } }: ResourceContext) =>
          fetchResource(vendorCall, { delivery, installationId: id, organizationId }),
      }),
    })(request)
  }
}

interface ResourceContext {
  readonly delivery: Request
  readonly installation: RoutedInstallation
}

function isRouted(webhook: Webhook): webhook is RoutedWebhook {
  return webhook.routing !== undefined
}

function forwardedFor({ headers }: Request): string {
  return headers.get('x-forwarded-for')?.split(',')[0]?.trim() ?? ''
}

/** Counts by name; refuses a request that exceeds the limit of its minute. */
function counted(limit: number): (name: string) => void {
  const known = new Map<string, TakeCall>()
  return (name) => {
    const take = known.get(name) ?? rateLimiter([{ name, limit, seconds: 60 }])
    known.delete(name)
    known.set(name, take)
    const [oldest] = known.keys()
    if (known.size > MOST_COUNTED && oldest !== undefined) known.delete(oldest)
    const wait = take('', 0)
    if (wait > 0) {
      const headers = { 'retry-after': String(Math.ceil(wait / 1000)) }
      refuse({ status: 429, error: 'rate_limit_exceeded', message: 'too many requests', headers })
    }
  }
}

/** Stores values of a handshake, unless others were stored since the installation was read. */
async function keep(call: CallFunction, before: StoredInstallation, values: KeptValues): Promise<boolean> {
  const now = await readInstallation(call, before.installationId)
  if (Object.keys(values).some((field) => now?.configuration[field] !== before.configuration[field])) return false
  await call('hera_integration_connector_v1', {
    p_actor_user_id: SYSTEM_ACTOR,
    p_organization_id: before.organizationId,
    p_operation: 'CONFIGURE',
    p_connector_code: before.connector,
    p_installation_config: values,
    p_options: { installation_id: before.installationId },
  })
  return true
}

interface RecordOptions {
  readonly checkData: (connector: string, event: string, data: unknown) => string | undefined
  /** 503 asks the vendor to repeat what a paused installation does not take. */
  readonly pausedStatus: 400 | 503
}

async function recorded(
  call: CallFunction,
  organizationId: string,
  event: Event,
  { checkData, pausedStatus }: RecordOptions,
): Promise<HeraResult<EventReceipt>> {
  const body = toEventRequest(event)
  const given = {
    p_actor_user_id: SYSTEM_ACTOR,
    p_organization_id: organizationId,
    p_event_source: body.event_source,
    p_event_type: body.event_type,
    p_connector_code: body.connector_code,
    p_smart_code: body.smart_code,
  }
  const problems = checkData(body.connector_code, body.event_type, body.event_data)
  try {
    const answer = (await call('hera_integration_event_in_v1', {
      ...given,
      p_event_data: body.event_data,
      p_idempotency_key: body.idempotency_key ?? null,
      p_options: problems === undefined ? {} : { data_problems: problems },
    })) as EventReceipt & { readonly success: boolean; readonly error?: string; readonly message?: string }
    if (answer.success) return { ok: true, data: answer }
    const message = [answer.error, answer.message].filter((part) => part !== undefined).join(': ')
    if (answer.error === 'integration_refused:CONNECTOR_PAUSED' && pausedStatus === 503)
      return { ok: false, error: { reason: 'unavailable', status: 503, message } }
    return { ok: false, error: { reason: 'refused', status: 400, message } }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    const problem = problemOfCall(error)
    // The vendor repeats the delivery, when the database may be there.
    if (problem === undefined || problem.status >= 500) return { ok: false, error: { reason: 'unreachable' } }
    // It will never be stored, so the log has the reason instead. The data can be what the database cannot store.
    const reason = problem.message ?? problem.error
    await call('hera_integration_event_in_v1', { ...given, p_options: { data_problems: reason } }).catch(
      () => undefined,
    )
    return { ok: false, error: { reason: 'refused', status: problem.status, message: problem.error } }
  }
}

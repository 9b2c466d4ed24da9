import { createHmac, randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { QueryError } from '../database/database.ts'
import type { Unrecognized } from '../kit/delivery.ts'
import type { Event } from '../kit/event.ts'
import { toEventRequest } from '../kit/event.ts'
import { bodyStatus, problemOf, refuse } from '../kit/gateway-problem.ts'
import type { KeptValues } from '../kit/handshake.ts'
import type { EventReceipt, Hera, HeraError, HeraResult } from '../kit/hera.ts'
import { handleWebhook } from '../kit/receive.ts'
import type { Installation } from '../kit/receive-all.ts'
import { handleWebhooks } from '../kit/receive-all.ts'
import type { EventRecorder } from '../kit/record.ts'
import type { RoutedWebhook, Secrets, SignatureScheme, Webhook } from '../kit/webhook.ts'
import { readBody } from '../kit/webhook.ts'
import type { Connector, JsonObject } from '../model/connector.ts'
import { withStoredResponses } from '../model/stored-responses.ts'
import { isEqualInConstantTime } from './access.ts'
import { type ActivityFeed, SHOWN } from './activity-feed.ts'
import type { Variables } from './api.ts'
import { type Masking, maskingOf } from './masking.ts'
import { recordEvent } from './record-event.ts'
import type { Actor, EventAnswer, Installed, Runtime } from './runtime.ts'
import { MOST_INSTALLATIONS } from './runtime.ts'
import type { ServerState } from './server-state.ts'
import type { TestKeys } from './test-keys.ts'

export interface WebhookOptions {
  readonly runtime: Runtime
  readonly activity: ActivityFeed
  readonly serverState: () => ServerState
  /** The actor that is written for what vendors send. */
  readonly userId: string
  /** Where vendors reach this server, without a slash at the end: some of them sign the address. */
  readonly publicUrl: string
  /** The local token, from which the addresses of webhooks derive. */
  readonly token: string
  readonly testKeys: TestKeys
}

/** Bytes that are read of a delivery without a signature, which is refused; handshakes are smaller. */
const UNSIGNED = 64 * 1024
/** Bytes of all bodies that are processed at once; the vendor repeats what exceeds them. */
const UNDER_WAY = 64 * 1024 * 1024

/** The path of an installation's webhook. It ends with a key derived from the token, so strangers cannot guess it. */
export function webhookPath(token: string, connector: string, installation: string): string {
  const key = createHmac('sha256', token).update(`webhook ${installation}`).digest('hex').slice(0, 32)
  return `/webhooks/${connector}/${installation}/${key}`
}

/** The path of the webhook that all installations of a connector share; it has another key. */
export function connectorWebhookPath(token: string, connector: string): string {
  const key = createHmac('sha256', token).update(`webhooks ${connector}`).digest('hex').slice(0, 32)
  return `/webhooks/${connector}/${key}`
}

/**
 * Webhook endpoints by the kit: `/webhooks/<connector>/<installation>/<key>` for each installation, and
 * `/webhooks/<connector>/<key>` for all installations of a connector whose definition has routing.
 */
export function webhooks(options: WebhookOptions): Hono<{ Variables: Variables }> {
  const { runtime, serverState, publicUrl, token, testKeys } = options
  const app = new Hono<{ Variables: Variables }>()
  const readWithin = bodyReader()
  // The vendor's API is not called: its responses are those of the samples.
  const webhookOf = (connector: string, notes: string[]): Webhook | undefined => {
    const { connectors, webhookOf: defined } = serverState()
    const webhook = defined(connector)
    const samples = connectors.get(connector)?.webhook?.samples ?? []
    return (
      webhook &&
      withStoredResponses(webhook, samples, ({ endpoint, parameters }) =>
        notes.push(`no sample contains the response of ${endpoint} ${JSON.stringify(parameters)}`),
      )
    )
  }

  app.on(['GET', 'POST', 'PUT'], '/webhooks/:connector/:installation/:key', async (c) => {
    const { connector, installation } = c.req.param()
    const { path } = c.req
    const missing: string[] = []
    const webhook = webhookOf(connector, missing)
    // A wrong key costs no query.
    const isKnown = webhook !== undefined && isEqualInConstantTime(path, webhookPath(token, connector, installation))
    const installed = isKnown ? await runtime.installed(installation) : undefined
    if (webhook === undefined || installed === undefined || installed.code !== connector)
      refuse({ status: 404, error: 'not_installed', message: `${connector} is not installed there` })
    const receiver = new InstallationReceiver(options, c, installed)
    return readWithin(webhook, c.req.raw, async (request, body) => {
      const response = await handleWebhook(webhook, {
        ...{ hera: receiver.hera, keep: receiver.keep, onRejected: receiver.onRejected },
        ...{ onRefused: receiver.onRefused, onUnrecognized: receiver.onUnrecognized },
        secrets: await testKeys.secretsOf(installation, webhook, installed.configuration),
        fetchKey: testKeys.fetchKeyFor(installation, webhook),
        url: `${publicUrl}${path}`,
      })(request)
      await receiver.finish(response, body, missing)
      return response
    })
  })

  app.on(['GET', 'POST', 'PUT'], '/webhooks/:connector/:key', async (c) => {
    const { connector } = c.req.param()
    const { path } = c.req
    const notes: string[] = []
    const webhook = webhookOf(connector, notes)
    const isKnown = webhook !== undefined && isEqualInConstantTime(path, connectorWebhookPath(token, connector))
    if (!isKnown) refuse({ status: 404, error: 'not_found', message: 'there is no webhook at this address' })
    if (!isRouted(webhook))
      refuse({ status: 404, error: 'no_routing', message: `no value of a delivery identifies the installation` })
    const candidates = new Map<string, Candidate>()
    const candidateOf = async (id: string): Promise<readonly Candidate[]> => {
      const known = candidates.get(id)
      const installed = known === undefined ? await runtime.installed(id) : undefined
      if (installed === undefined) return known === undefined ? [] : [known]
      const receiver = new InstallationReceiver(options, c, installed)
      const secrets = await testKeys.secretsOf(id, webhook, installed.configuration)
      const candidate = { id, secrets, receiver, hera: receiver.hera }
      candidates.set(id, candidate)
      return [candidate]
    }
    const all = (await Promise.all((await runtime.installations(connector)).map(candidateOf))).flat()
    const secrets = sharedSecrets(serverState().connectors.get(connector), all)
    candidates.clear()
    return readWithin(webhook, c.req.raw, async (request, body) => {
      const response = await handleWebhooks(webhook, {
        ...(secrets === undefined ? {} : { secrets }),
        url: `${publicUrl}${path}`,
        async installations(value, field) {
          const ids = await runtime.installations(connector, { field, value })
          return (await Promise.all(ids.map(candidateOf))).flat()
        },
        keep: (values, { receiver }) => receiver.keep(values),
        onRefused: (reason) => notes.push(reason),
        onUnrecognized: (parts) => notes.push(...parts.map(unrecognizedNote)),
        onUnrouted(unrouted) {
          for (const { reason, field = '', value = '' } of unrouted) notes.push(`${reason}: ${field} ${value}`.trim())
        },
        onRejected: (event, error, { receiver }) => receiver.onRejected(event, error),
      })(request)
      for (const { receiver } of candidates.values()) await receiver.finish(response, body, notes)
      return response
    })
  })

  return app
}

interface Candidate extends Installation {
  readonly secrets: Secrets
  readonly receiver: InstallationReceiver
  readonly hera: EventRecorder
}

function isRouted(webhook: Webhook): webhook is RoutedWebhook {
  return webhook.routing !== undefined
}

/** The secrets that verify requests, if all installations have the same: then they are those of one app. */
function sharedSecrets(connector: Connector | undefined, installations: readonly Candidate[]): Secrets | undefined {
  const fields = (connector?.auth.fields ?? [])
    .filter(({ used_for }) => used_for.includes('signatures') || used_for.includes('handshake'))
    .map(({ name }) => name)
  const different = new Set(
    installations.map(({ secrets }) => JSON.stringify(fields.map((name) => secrets[name] ?? null))),
  )
  const [first] = installations
  const isComplete = installations.length < MOST_INSTALLATIONS
  return first === undefined || different.size > 1 || !isComplete ? undefined : first.secrets
}

/** Reads bodies within the limits of one request and of all together, and hands on a request that can be read. */
function bodyReader() {
  let underWay = 0
  return async (
    webhook: Webhook,
    raw: Request,
    respond: (request: Request, body: Uint8Array<ArrayBuffer>) => Promise<Response>,
  ): Promise<Response> => {
    const { method, url, headers } = raw
    const isSigned = webhook.signatures.some((scheme) => canBeSigned(scheme, headers))
    const limit = isSigned ? webhook.max_bytes : Math.min(webhook.max_bytes, UNSIGNED)
    const size = Math.min(limit, Number(headers.get('content-length') ?? limit))
    if (underWay > 0 && underWay + size > UNDER_WAY)
      refuse({ status: 503, error: 'busy', headers: { 'retry-after': '1' } })
    underWay += size
    try {
      const body = await readBody(raw, limit)
      if (body === 'body_too_large' && !isSigned)
        refuse({ status: 401, error: 'missing_signature', message: 'the delivery has no signature' })
      if (typeof body === 'string') refuse({ status: bodyStatus(body), error: body })
      const hasBody = method !== 'GET' && method !== 'HEAD'
      return await respond(new Request(url, { method, headers, ...(hasBody ? { body } : {}) }), body)
    } finally {
      underWay -= size
    }
  }
}

type Ctx = Context<{ Variables: Variables }>

function unrecognizedNote({ path, name, problem }: Unrecognized): string {
  return name === undefined ? `no event of the connector: ${path}` : `no value "${name}": ${problem}`
}

/** One installation while it receives a request. */
class InstallationReceiver {
  readonly #options: WebhookOptions
  readonly #context: Ctx
  readonly #installed: Installed
  readonly #state: ServerState
  readonly #notes: string[] = []
  #masking: Masking
  #verified = false

  constructor(options: WebhookOptions, context: Ctx, installed: Installed) {
    this.#options = options
    this.#context = context
    this.#installed = installed
    this.#state = options.serverState()
    this.#masking = maskingOf(this.#connector, installed.configuration)
    context.set('mask', this.#masking.text)
  }

  get #connector(): Connector | undefined {
    return this.#state.connectors.get(this.#installed.code)
  }

  get #actor(): Actor {
    return { organizationId: this.#installed.organizationId, userId: this.#options.userId }
  }

  /** Records events for the organization of the installation. */
  readonly hera: EventRecorder = {
    sendEvent: (event) => {
      this.#verified = true
      const { runtime, activity } = this.#options
      return sendEvent({ runtime, activity, serverState: this.#state, mask: this.#masking.text }, this.#actor, event)
    },
  }

  /** Stores what the vendor chose in a handshake. */
  readonly keep = async (values: KeptValues): Promise<boolean> => {
    const { id, code, configuration } = this.#installed
    const { runtime } = this.#options
    // The values are secrets from here on.
    this.#masking = maskingOf(this.#connector, { ...configuration, ...(values as Readonly<Record<string, string>>) })
    this.#context.set('mask', this.#masking.text)
    // Another handshake may have been answered since the secrets were read.
    const now = await runtime.installed(id)
    const fields = Object.keys(values)
    if (fields.some((field) => now?.configuration[field] !== configuration[field])) return false
    await runtime.operate(this.#actor, {
      operation: 'CONFIGURE',
      connector_code: code,
      installation_id: id,
      installation_config: values as JsonObject,
    })
    this.#notes.push(`stored from the handshake: ${fields.join(', ')}`)
    return true
  }

  readonly onRefused = (reason: string): void => {
    this.#notes.push(reason)
  }

  readonly onUnrecognized = (parts: readonly Unrecognized[]): void => {
    this.#verified = true
    this.#notes.push(...parts.map(unrecognizedNote))
  }

  /** In the log with its reason; to repeat it would not help. */
  readonly onRejected = ({ type }: { readonly type: string }, error: HeraError): void => {
    this.#notes.push(`${type}: ${'message' in error ? error.message : error.reason}`)
  }

  /** Adds the request to what the organization sees. */
  async finish(response: Response, body: Uint8Array<ArrayBuffer>, notes: readonly string[] = []): Promise<void> {
    const { method, headers } = this.#context.req.raw
    const { id, code, organizationId } = this.#installed
    const masking = this.#masking
    this.#options.activity.add({
      id: randomUUID(),
      connector: code,
      installation: id,
      organizationId,
      at: new Date().toISOString(),
      method,
      verified: this.#verified,
      headers: masking.headers(headers),
      // Longer than the feed keeps, so that no secret is cut in two before it is masked.
      body: masking.text(new TextDecoder().decode(body.subarray(0, 2 * SHOWN))),
      status: response.status,
      answer: masking.text(await response.clone().text()),
      notes: [...this.#notes, ...notes].map(masking.text),
    })
  }
}

/** Whether a request has the header of a scheme; a signature in the body or the query is seen once they are read. */
function canBeSigned({ signature }: SignatureScheme, headers: Headers): boolean {
  return signature?.in !== 'header' || signature.at.some((name) => headers.has(name))
}

type Sink = Parameters<typeof recordEvent>[0]

/** Records an event of the kit, and answers as HERA's endpoint does. */
export async function sendEvent(
  sink: Sink,
  actor: Actor,
  event: Parameters<Hera['sendEvent']>[0],
): Promise<HeraResult<EventReceipt>> {
  const body = 'event_type' in event ? event : toEventRequest(event as Event)
  const text = JSON.stringify({ event_data: body.event_data })
  try {
    const answer = await recordEvent(sink, actor, { ...body, text, data: body.event_data })
    return answer.success ? { ok: true, data: { ...answer } } : { ok: false, error: refusalOf(answer) }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const problem = problemOf(error)
    // The vendor sends it again, when the database may be there.
    if (problem === undefined || problem.status >= 500) return { ok: false, error: { reason: 'unreachable' } }
    // It never will be stored, however often it comes. What it says may be just what the database cannot hold.
    const problems = problem.message ?? problem.error
    const { idempotency_key: _, ...nameless } = body
    await recordEvent(sink, actor, { ...nameless, text: '{"event_data":{}}', data: body.event_data, problems })
    return { ok: false, error: { reason: 'refused', status: problem.status, message: problems } }
  }
}

function refusalOf({ error, message }: EventAnswer) {
  // Once the connector runs again, the same delivery is welcome.
  const reason = error ?? ''
  const passes = reason.endsWith(':CONNECTOR_PAUSED') || reason.endsWith(':CONNECTOR_NOT_INSTALLED')
  return { reason: passes ? ('unavailable' as const) : ('refused' as const), status: passes ? 503 : 400, message }
}

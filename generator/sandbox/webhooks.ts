import { createHmac, randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { QueryError } from '../database/database.ts'
import type { Event } from '../kit/event.ts'
import { toEventRequest } from '../kit/event.ts'
import type { EventReceipt, Hera, HeraResult } from '../kit/hera.ts'
import { handleWebhook } from '../kit/receive.ts'
import type { SignatureScheme } from '../kit/webhook.ts'
import { readBody } from '../kit/webhook.ts'
import type { JsonObject } from '../model/connector.ts'
import { withStoredResponses } from '../model/stored-responses.ts'
import { isEqualInConstantTime } from './access.ts'
import { type ActivityFeed, SHOWN } from './activity-feed.ts'
import type { Variables } from './api.ts'
import { maskingOf } from './masking.ts'
import { bodyStatus, problemOf, refuse } from './problem.ts'
import { recordEvent } from './record-event.ts'
import type { Actor, EventAnswer, Runtime } from './runtime.ts'
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

/** A webhook endpoint for every installation: `/webhooks/<connector>/<installation>/<key>`, by the kit. */
export function webhooks(options: WebhookOptions): Hono<{ Variables: Variables }> {
  const { runtime, activity, serverState, userId, publicUrl, token, testKeys } = options
  const app = new Hono<{ Variables: Variables }>()
  let underWay = 0

  app.on(['GET', 'POST', 'PUT'], '/webhooks/:connector/:installation/:key', async (c) => {
    const { connector, installation } = c.req.param()
    const { path } = c.req
    const current = serverState()
    const defined = current.webhookOf(connector)
    const notes: string[] = []
    const samples = current.connectors.get(connector)?.webhook?.samples ?? []
    // The vendor's API is not called: its responses are those of the samples.
    const webhook =
      defined &&
      withStoredResponses(defined, samples, ({ endpoint, parameters }) =>
        notes.push(`no sample contains the response of ${endpoint} ${JSON.stringify(parameters)}`),
      )
    // A wrong key costs no query.
    const isKnown = webhook !== undefined && isEqualInConstantTime(path, webhookPath(token, connector, installation))
    const installed = isKnown ? await runtime.installed(installation) : undefined
    if (webhook === undefined || installed === undefined || installed.code !== connector)
      refuse({ status: 404, error: 'not_installed', message: `${connector} is not installed there` })

    let masking = maskingOf(current.connectors.get(connector), installed.configuration)
    c.set('mask', masking.text)
    const { method, url, headers } = c.req.raw
    const isSigned = webhook.signatures.some((scheme) => canBeSigned(scheme, headers))
    const limit = isSigned ? webhook.max_bytes : Math.min(webhook.max_bytes, UNSIGNED)
    const size = Math.min(limit, Number(headers.get('content-length') ?? limit))
    if (underWay > 0 && underWay + size > UNDER_WAY)
      refuse({ status: 503, error: 'busy', headers: { 'retry-after': '1' } })
    underWay += size
    try {
      const body = await readBody(c.req.raw, limit)
      if (body === 'body_too_large' && !isSigned)
        refuse({ status: 401, error: 'missing_signature', message: 'the delivery has no signature' })
      if (typeof body === 'string') refuse({ status: bodyStatus(body), error: body })

      let verified = false
      const actor = { organizationId: installed.organizationId, userId }
      const sink = { runtime, activity, serverState: current, mask: masking.text }
      const handle = handleWebhook(webhook, {
        secrets: await testKeys.secretsOf(installation, webhook, installed.configuration),
        fetchKey: testKeys.fetchKeyFor(installation, webhook),
        url: `${publicUrl}${path}`,
        hera: {
          sendEvent(event) {
            verified = true
            return sent(sink, actor, event)
          },
        },
        async keep(values) {
          // The values are secrets from here on.
          masking = maskingOf(current.connectors.get(connector), { ...installed.configuration, ...values })
          c.set('mask', masking.text)
          // Another handshake may have been answered since the secrets were read.
          const now = await runtime.installed(installation)
          const fields = Object.keys(values)
          if (fields.some((field) => now?.configuration[field] !== installed.configuration[field])) return false
          await runtime.operate(actor, {
            operation: 'CONFIGURE',
            connector_code: connector,
            installation_id: installation,
            installation_config: values as JsonObject,
          })
          notes.push(`stored from the handshake: ${fields.join(', ')}`)
          return true
        },
        onRefused: (reason) => notes.push(reason),
        onUnrecognized(parts) {
          verified = true
          for (const { path, name, problem } of parts)
            notes.push(name === undefined ? `no event of the connector: ${path}` : `no value "${name}": ${problem}`)
        },
        // In the log with its reason; to repeat it would not help.
        onRejected: (event, error) => notes.push(`${event.type}: ${'message' in error ? error.message : error.reason}`),
      })
      const hasBody = method !== 'GET' && method !== 'HEAD'
      const response = await handle(new Request(url, { method, headers, ...(hasBody ? { body } : {}) }))
      activity.add({
        id: randomUUID(),
        connector,
        installation,
        organizationId: installed.organizationId,
        at: new Date().toISOString(),
        method,
        verified,
        headers: masking.headers(headers),
        // Longer than the feed keeps, so that no secret is cut in two before it is masked.
        body: masking.text(new TextDecoder().decode(body.subarray(0, 2 * SHOWN))),
        status: response.status,
        answer: masking.text(await response.clone().text()),
        notes: notes.map(masking.text),
      })
      return response
    } finally {
      underWay -= size
    }
  })

  return app
}

/** Whether a request has the header of a scheme; a signature in the body or the query is seen once they are read. */
function canBeSigned({ signature }: SignatureScheme, headers: Headers): boolean {
  return signature?.in !== 'header' || signature.at.some((name) => headers.has(name))
}

type Sink = Parameters<typeof recordEvent>[0]

async function sent(
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

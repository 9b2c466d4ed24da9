import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { QueryError } from '../database/database.ts'
import type { Event } from '../kit/event.ts'
import { toEventRequest } from '../kit/event.ts'
import type { EventReceipt, Hera, HeraResult } from '../kit/hera.ts'
import { handleWebhook } from '../kit/receive.ts'
import { readBody } from '../kit/webhook.ts'
import type { JsonObject } from '../model/connector.ts'
import { isUuid } from '../text/uuid.ts'
import type { ActivityFeed } from './activity-feed.ts'
import type { Variables } from './api.ts'
import { bodyStatus, problemOf, refuse } from './problem.ts'
import { recordEvent } from './record-event.ts'
import type { Actor, EventAnswer, Runtime } from './runtime.ts'
import type { ServerState } from './server-state.ts'

export interface WebhookOptions {
  readonly runtime: Runtime
  readonly activity: ActivityFeed
  readonly serverState: () => ServerState
  /** The actor that is written for what vendors send. */
  readonly userId: string
  /** Where vendors reach this server, without a slash at the end: some of them sign the address. */
  readonly publicUrl: string
}

/** Headers whose values are secrets. */
const SECRET_HEADERS = /^(?:authorization|cookie|proxy-authorization)$/i

/** A webhook endpoint for every installation: `/webhooks/<connector>/<installation>`, by the kit. */
export function webhooks({
  runtime,
  activity,
  serverState,
  userId,
  publicUrl,
}: WebhookOptions): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>()

  app.all('/webhooks/:connector/:installation', async (c) => {
    const { connector, installation } = c.req.param()
    if (!['GET', 'HEAD', 'POST'].includes(c.req.method))
      refuse({ status: 405, error: 'method_not_allowed', headers: { allow: 'GET, HEAD, POST' } })
    const current = serverState()
    const webhook = current.webhookOf(connector)
    const installed = webhook !== undefined && isUuid(installation) ? await runtime.installed(installation) : undefined
    if (webhook === undefined || installed === undefined || installed.code !== connector)
      refuse({ status: 404, error: 'not_installed', message: `${connector} is not installed there` })

    const notes: string[] = []
    const body = await readBody(c.req.raw, webhook.max_bytes)
    if (typeof body === 'string') refuse({ status: bodyStatus(body), error: body })
    const actor = { organizationId: installed.organizationId, userId }
    const sink = { runtime, activity, serverState: current }
    const handle = handleWebhook(webhook, {
      secrets: installed.configuration,
      url: `${publicUrl}${c.req.path}`,
      hera: { sendEvent: (event) => sent(sink, actor, event) },
      keep: async (values) => {
        // Another handshake may have been answered since the secrets were read.
        const now = await runtime.installed(installation)
        const isUnchanged = Object.keys(values).every(
          (field) => now?.configuration[field] === installed.configuration[field],
        )
        if (!isUnchanged) return false
        const installation_config = values as JsonObject
        await runtime.operate(actor, {
          operation: 'CONFIGURE',
          connector_code: connector,
          installation_id: installation,
          installation_config,
        })
        notes.push(`stored from the handshake: ${Object.keys(values).join(', ')}`)
        return true
      },
      onRefused: (reason) => notes.push(reason),
      onUnrecognized: (parts) => notes.push(...parts.map(({ path }) => `no event of the connector: ${path}`)),
      // In the log with its reason; to repeat it would not help.
      onRejected: (event, error) => notes.push(`${event.type}: ${'message' in error ? error.message : error.reason}`),
    })
    const { method, url } = c.req.raw
    const hasBody = method !== 'GET' && method !== 'HEAD'
    const request = new Request(url, { method, headers: c.req.raw.headers, ...(hasBody ? { body } : {}) })
    const response = await handle(request)
    activity.add({
      id: randomUUID(),
      connector,
      installation,
      organizationId: installed.organizationId,
      at: new Date().toISOString(),
      method,
      headers: Object.fromEntries(
        [...c.req.raw.headers].map(([name, value]) => [name, SECRET_HEADERS.test(name) ? '********' : value]),
      ),
      body: new TextDecoder().decode(body),
      status: response.status,
      answer: await response.clone().text(),
      notes,
    })
    return response
  })

  return app
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

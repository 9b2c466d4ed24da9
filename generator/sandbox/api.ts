import type { Context } from 'hono'
import { Hono } from 'hono'
import { endpoints } from '../kit/endpoints.ts'
import { refuse, statusOfRefusal } from '../kit/gateway-problem.ts'
import type { JsonObject } from '../model/connector.ts'
import type { Access } from './access.ts'
import type { ActivityFeed } from './activity-feed.ts'
import type { Mask } from './masking.ts'
import { maskingOf } from './masking.ts'
import { recordEvent } from './record-event.ts'
import type { Actor, LogsQuery, Operation, Runtime } from './runtime.ts'
import type { ServerState } from './server-state.ts'
import { bodyText, parsedBody, requireRequest } from './validation.ts'

export interface ApiOptions {
  readonly access: Access
  readonly runtime: Runtime
  readonly activity: ActivityFeed
  /** The registry as it is now. */
  readonly serverState: () => ServerState
}

/** What every request carries. */
export interface Variables {
  readonly rid: string
  /** Masks the secrets that the request uses, in errors and in the log. */
  readonly mask: Mask
}

type Ctx = Context<{ Variables: Variables }>

/** Bytes of the largest request; HERA's gateway runs on a platform with a similar limit. */
const LARGEST = 1024 * 1024

/** HERA's three integration endpoints. */
export function api({ access, runtime, activity, serverState }: ApiOptions): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>()

  app.post(endpoints.connectors, async (c) => {
    const { actor, body } = await read(c, 'connectors')
    const { installation_config, connector_code } = body as Partial<Operation>
    c.set('mask', maskingOf(serverState().connectors.get(connector_code ?? ''), installation_config ?? {}).text)
    return answered(c, actor, await runtime.operate(actor, body as unknown as Operation))
  })

  app.post(endpoints.events, async (c) => {
    const { actor, body, text } = await read(c, 'events')
    const { event_source, event_type, connector_code, event_data = {} } = body as Readonly<Record<string, string>>
    const current = serverState()
    // Whether a user is a member, the database says later: with a quota of his own he can take no other's.
    const caller = actor.caller === undefined ? actor.organizationId : `${actor.organizationId} ${actor.userId}`
    await current.limit(caller, String(connector_code))
    const event = { ...body, event_source, event_type, connector_code, text, data: event_data }
    const answer = await recordEvent(
      { runtime, activity, serverState: current, mask: c.get('mask') },
      actor,
      event as never,
    )
    if (!answer.success) {
      const error = answer.error ?? 'integration_refused'
      refuse({ status: statusOfRefusal(error), error, message: answer.message })
    }
    return answered(c, actor, answer as unknown as JsonObject)
  })

  app.post(endpoints.logs, async (c) => {
    const { actor, body } = await read(c, 'logs')
    return answered(c, actor, (await runtime.logs(actor, body as LogsQuery)) as unknown as JsonObject)
  })

  /** In the order in which the gateway asks: who, for whom, and only then what. */
  async function read(c: Ctx, endpoint: keyof typeof endpoints) {
    const actor = await access(c.req.header('authorization'), c.req.header('x-organization-id'))
    const type = c.req.header('content-type') ?? ''
    if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type))
      refuse({
        status: 400,
        error: 'integration_validation:CONTENT_TYPE',
        message: 'the body must be application/json',
      })
    const text = await bodyText(c.req.raw, LARGEST)
    const body = parsedBody(text)
    requireRequest(endpoint, body)
    return { actor, body, text }
  }

  return app
}

function answered(c: Ctx, { userId, organizationId }: Actor, data: JsonObject): Response {
  return c.json({ rid: c.get('rid'), data, actor: { user_id: userId }, org: { organization_id: organizationId } })
}

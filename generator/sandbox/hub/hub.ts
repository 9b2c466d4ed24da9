import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { csrf } from 'hono/csrf'
import { streamSSE } from 'hono/streaming'
import { hubScript, hubStyle } from '../../compiled/hub-assets.js'
import { QueryError } from '../../database/database.ts'
import { sign } from '../../kit/sign.ts'
import type { Connector, JsonObject } from '../../model/connector.ts'
import { isUuid } from '../../text/uuid.ts'
import { isEqualInConstantTime } from '../access.ts'
import type { ActivityFeed } from '../activity-feed.ts'
import type { Variables } from '../api.ts'
import { problemOf, refuse } from '../problem.ts'
import type { Actor, Runtime } from '../runtime.ts'
import type { ServerState } from '../server-state.ts'
import type { Installation } from './pages.ts'
import {
  apiPage,
  connectorPage,
  deliveriesPage,
  deliveryPage,
  eventPage,
  homePage,
  loginPage,
  logPage,
} from './pages.ts'

export interface HubOptions {
  readonly runtime: Runtime
  readonly activity: ActivityFeed
  readonly serverState: () => ServerState
  readonly userId: string
  /** The local token, which opens the hub. */
  readonly token: string
  /** The local organizations; the first one is shown first. */
  readonly organizations: readonly string[]
  readonly publicUrl: string
  /** A value that no other run of the server has. */
  readonly session: string
  /** Ends the streams, so that the server can stop. */
  readonly stopping: AbortSignal
  /** Takes a sample delivery as if a vendor had sent it. */
  readonly deliver: (request: Request) => Promise<Response>
}

type Ctx = Context<{ Variables: Variables }>

const CONTENT_SECURITY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
/** Swagger UI writes styles of its own, and draws with data. */
const CONTENT_SECURITY_OF_API =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
const PAGE_SIZE = 50
/** Bytes; no form here comes near. */
const LARGEST_FORM = 64 * 1024

/** The Integration Hub in small: catalogue, installations, live log, and an inspector of what arrived. */
export function hub(options: HubOptions): Hono<{ Variables: Variables }> {
  const { runtime, activity, serverState, token, organizations, publicUrl, session, stopping } = options
  const app = new Hono<{ Variables: Variables }>()
  // Two servers on one machine share their cookies: each knows its own by the name.
  const cookie = `hera_${new URL(publicUrl).port || 'hub'}_${session.slice(0, 8)}`

  const isIn = (c: Ctx) => isEqualInConstantTime(getCookie(c, cookie) ?? '', session)
  const organizationOf = (c: Ctx) => {
    const wanted = getCookie(c, `${cookie}_organization`) ?? ''
    return organizations.includes(wanted) ? wanted : (organizations[0] ?? '')
  }
  const actorOf = (c: Ctx): Actor => ({ organizationId: organizationOf(c), userId: options.userId })
  const frameOf = (c: Ctx) => ({ organizations, organization: organizationOf(c), path: c.req.path })
  const page = (c: Ctx, content: ReturnType<typeof homePage>, status: 200 | 400 | 404 | 409 | 503 = 200) => {
    c.header('content-security-policy', CONTENT_SECURITY)
    c.header('cache-control', 'no-store')
    return c.html(content, status)
  }

  app.get('/hub.css', (c) => c.body(hubStyle, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/hub.js', (c) => c.body(hubScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
  for (const path of ['/login', '/hub/*']) {
    app.use(path, bodyLimit({ maxSize: LARGEST_FORM, onError: () => refuse({ status: 413, error: 'body_too_large' }) }))
    app.use(path, csrf())
  }

  app.get('/login', (c) => page(c, loginPage({ failed: false })))
  app.post('/login', async (c) => {
    const { token: given } = await formOf(c)
    return enter(c, String(given)) ?? page(c, loginPage({ failed: true }), 400)
  })
  app.get('/', async (c) => {
    const given = c.req.query('token')
    const entered = given === undefined ? undefined : enter(c, given)
    if (entered !== undefined) return entered
    if (!isIn(c)) return c.redirect('/login', 303)
    return home(c)
  })

  // Everything below is for who came in.
  app.use('/hub/*', async (c, next) => {
    if (isIn(c)) return next()
    if (c.req.method !== 'GET') refuse({ status: 401, error: 'not_signed_in' })
    return c.redirect('/login', 303)
  })

  app.post('/hub/logout', (c) => {
    deleteCookie(c, cookie, { path: '/' })
    return c.redirect('/login', 303)
  })
  app.post('/hub/organization', async (c) => {
    const { organization } = await formOf(c)
    setCookie(c, `${cookie}_organization`, String(organization), { httpOnly: true, sameSite: 'Lax', path: '/' })
    return c.redirect('/', 303)
  })

  async function home(c: Ctx) {
    const actor = actorOf(c)
    const { connectors } = serverState()
    return page(c, homePage(frameOf(c), [...connectors.values()], await installations(actor)))
  }

  app.get('/hub/connectors/:code', async (c) => {
    const connector = await connectorOf(c)
    return page(c, connectorPage(frameOf(c), await viewOf(c, connector)))
  })
  app.post('/hub/connectors/:code/:operation{install|configure|pause|resume|uninstall}', async (c) => {
    const connector = await connectorOf(c)
    const operation = c.req.param('operation').toUpperCase()
    const form = await formOf(c)
    const configuration = Object.fromEntries(
      connector.auth.fields
        .map(({ name }) => [name, form[name]] as const)
        // What stays empty at the first time was left out; later it takes the field away.
        .filter(([, value]) => typeof value === 'string' && (value !== '' || operation === 'CONFIGURE')),
    ) as Readonly<Record<string, string>>
    try {
      await runtime.operate(actorOf(c), {
        operation,
        connector_code: connector.code,
        ...(operation === 'INSTALL' || operation === 'CONFIGURE' ? { installation_config: configuration } : {}),
      })
    } catch (error) {
      const problem = error instanceof QueryError ? problemOf(error) : undefined
      if (problem === undefined) throw error
      const shown = await viewOf(c, connector)
      const status = problem.status === 409 || problem.status === 503 ? problem.status : 400
      // A secret is not written into a page, not even into that of whoever typed it.
      const secrets = new Set(connector.auth.fields.filter(({ sensitive }) => sensitive).map(({ name }) => name))
      const given = Object.fromEntries(Object.entries(configuration).filter(([name]) => !secrets.has(name)))
      return page(c, connectorPage(frameOf(c), { ...shown, problem, given }), status)
    }
    return c.redirect(`/hub/connectors/${connector.code}`, 303)
  })
  app.post('/hub/connectors/:code/sample', async (c) => {
    const connector = await connectorOf(c)
    const { sample: index } = await formOf(c)
    const sample = connector.webhook?.samples[Number(index)]
    const installation = (await installations(actorOf(c))).get(connector.code)
    if (sample === undefined || installation === undefined) refuse({ status: 404, error: 'not_found' })
    const url = `${publicUrl}/webhooks/${connector.code}/${installation.id}`
    const known = await runtime.installed(installation.id)
    const webhook = serverState().webhookOf(connector.code)
    if (known === undefined || webhook === undefined) refuse({ status: 404, error: 'not_installed' })
    const signing = await sign(webhook, { method: 'POST', url, body: sample.body }, known.configuration)
    if (!signing.signed) {
      const problem = {
        status: 400 as const,
        error: signing.reason,
        message: `the delivery cannot be signed: configure ${signing.field ?? 'its secret'} first`,
      }
      return page(c, connectorPage(frameOf(c), { ...(await viewOf(c, connector)), problem }), 400)
    }
    const headers = { ...signing.headers, 'content-type': sample.content_type, host: new URL(url).host }
    await options.deliver(new Request(url, { method: 'POST', headers, body: sample.body }))
    return c.redirect('/hub/deliveries', 303)
  })

  app.get('/hub/log', async (c) => {
    const [status, code, before] = ['status', 'connector', 'before'].map((name) => c.req.query(name) || undefined)
    const query = {
      limit: PAGE_SIZE,
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { connector_code: code }),
      ...(before === undefined ? {} : { before }),
    }
    const { connectors } = serverState()
    return page(c, logPage(frameOf(c), await runtime.logs(actorOf(c), query), query, [...connectors.keys()]))
  })
  app.get('/hub/events/:id', async (c) => {
    const id = c.req.param('id')
    const event = isUuid(id) ? await runtime.event(organizationOf(c), id) : undefined
    if (event === undefined) refuse({ status: 404, error: 'not_found', message: 'there is no such event' })
    return page(c, eventPage(frameOf(c), event))
  })
  app.get('/hub/deliveries', (c) => page(c, deliveriesPage(frameOf(c), activity.deliveries(organizationOf(c)))))
  app.get('/hub/deliveries/:id', (c) => {
    const delivery = activity.deliveries(organizationOf(c)).find(({ id }) => id === c.req.param('id'))
    if (delivery === undefined) refuse({ status: 404, error: 'not_found', message: 'it is not kept any more' })
    return page(c, deliveryPage(frameOf(c), delivery))
  })
  app.get('/hub/stream', (c) => {
    const organization = organizationOf(c)
    return streamSSE(c, async (stream) => {
      const stop = activity.subscribe((happened) => {
        if ('organizationId' in happened && happened.organizationId !== organization) return
        void stream.writeSSE({ event: happened.kind, data: JSON.stringify(happened.entry) })
      })
      await stream.writeSSE({ event: 'ready', data: '{}' })
      await new Promise<void>((resolve) => {
        stream.onAbort(resolve)
        if (stopping.aborted) resolve()
        stopping.addEventListener('abort', () => resolve(), { once: true })
      })
      stop()
    })
  })

  app.get('/hub/api', (c) => {
    c.header('content-security-policy', CONTENT_SECURITY_OF_API)
    return c.html(apiPage())
  })
  app.get('/hub/api/:file{swagger-ui\\.css|swagger-ui-bundle\\.js|start\\.js}', async (c) => {
    // A megabyte and a half that only this page needs.
    const { apiPageAssets } = await import('../../compiled/api-page-assets.js')
    const file = c.req.param('file')
    const type = file.endsWith('.css') ? 'text/css' : 'text/javascript'
    return c.body(apiPageAssets[file] ?? '', 200, { 'content-type': `${type}; charset=utf-8` })
  })

  function enter(c: Ctx, given: string): Response | undefined {
    if (!isEqualInConstantTime(given, token)) return undefined
    setCookie(c, cookie, session, { httpOnly: true, sameSite: 'Lax', path: '/' })
    return c.redirect('/', 303)
  }

  async function connectorOf(c: Ctx): Promise<Connector> {
    const connector = serverState().connectors.get(c.req.param('code') ?? '')
    if (connector === undefined) refuse({ status: 404, error: 'not_found', message: 'there is no such connector' })
    return connector
  }

  async function viewOf(c: Ctx, connector: Connector) {
    const installation = (await installations(actorOf(c))).get(connector.code)
    return {
      connector,
      installation,
      webhookUrl: `${publicUrl}/webhooks/${connector.code}/${installation?.id ?? ''}`,
    }
  }

  async function installations(actor: Actor): Promise<ReadonlyMap<string, Installation>> {
    const { connectors } = await runtime.operate(actor, {
      operation: 'LIST',
      connector_type: 'INTEGRATION_CONNECTOR_INSTALL',
    })
    const list = connectors as unknown as readonly (Installation & JsonObject)[]
    return new Map(list.filter(({ status }) => status !== 'inactive').map((entry) => [entry.code, entry]))
  }

  return app
}

/** The fields of a form; what is no form is the sender's fault. */
async function formOf(c: Ctx): Promise<Readonly<Record<string, unknown>>> {
  return c.req.parseBody().catch(() => refuse({ status: 400, error: 'form_malformed' }))
}

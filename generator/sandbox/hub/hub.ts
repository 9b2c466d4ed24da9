import { randomBytes, randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { streamSSE } from 'hono/streaming'
import { hubScript, hubStyle } from '../../compiled/hub-assets.js'
import { QueryError } from '../../database/database.ts'
import type { Problem } from '../../kit/gateway-problem.ts'
import { problemOf, refuse } from '../../kit/gateway-problem.ts'
import { sign } from '../../kit/sign.ts'
import { readSwaggerUi, SWAGGER_UI_FILES } from '../../load/swagger-ui.ts'
import type { Connector, JsonObject } from '../../model/connector.ts'
import { withQuery } from '../../model/sample-request.ts'
import { subscriptionDescriptions } from '../../targets/typescript/subscription-file.ts'
import { isUuid } from '../../text/uuid.ts'
import { isEqualInConstantTime } from '../access.ts'
import type { ActivityFeed } from '../activity-feed.ts'
import type { Variables } from '../api.ts'
import type { Connecting, ConnectResult } from '../connecting.ts'
import { CALLBACK_PATH, connectionState } from '../connecting.ts'
import { MASK, type Mask, type Masking, maskingOf } from '../masking.ts'
import type { Polling } from '../polling.ts'
import { maskedProblem } from '../problem.ts'
import type { Actor, Installed, Runtime } from '../runtime.ts'
import type { ServerState } from '../server-state.ts'
import { unsignedHeaders } from '../simulation.ts'
import type { Subscriber } from '../subscriptions.ts'
import { LocalSubscriptions } from '../subscriptions.ts'
import type { TestKeys } from '../test-keys.ts'
import { bodyText } from '../validation.ts'
import type { Vendor, VendorCalls } from '../vendor-calls.ts'
import { connectorWebhookPath, webhookPath } from '../webhooks.ts'
import type { ConnectionView, Installation, PolledView } from './pages.ts'
import {
  apiPage,
  apiPageWithoutViewer,
  connectorPage,
  consentPage,
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
  readonly testKeys: TestKeys
  /** Ends the streams, so that the server can stop. */
  readonly stopping: AbortSignal
  /** Takes a sample delivery as if a vendor had sent it. */
  readonly deliver: (request: Request) => Promise<Response>
  readonly vendor: Vendor
  readonly vendorCalls: VendorCalls
  readonly connecting: Connecting
  readonly polling: Polling
}

type Ctx = Context<{ Variables: Variables }>

const CONTENT_SECURITY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
/** Swagger UI writes styles of its own, and draws with data. */
const CONTENT_SECURITY_OF_API =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
const START_SWAGGER_UI =
  "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', docExpansion: 'list', validatorUrl: null })\n"
const PAGE_SIZE = 50
/** Bytes; no form here comes near. */
const LARGEST_FORM = 64 * 1024
/** Valid sign-ins; the oldest ends first. */
const SESSIONS = 100
/** Open streams; each keeps a connection. */
const STREAMS = 20
/** Activities that are queued for a slow reader of a stream. */
const WAITING = 100

/** The Integration Hub in small: catalogue, installations, live log, and an inspector of what arrived. */
export function hub(options: HubOptions): Hono<{ Variables: Variables }> {
  const { runtime, activity, serverState, token, organizations, publicUrl, stopping, testKeys } = options
  const { vendorCalls, connecting, polling } = options
  const app = new Hono<{ Variables: Variables }>()
  const subscriptions = new LocalSubscriptions(options.vendor, vendorCalls)
  // Two servers on one machine share their cookies: each knows its own by the name.
  const cookie = `hera_${new URL(publicUrl).port || 'hub'}_${randomUUID().slice(0, 8)}`
  /** The selected organization per sign-in. */
  const sessions = new Map<string, string>()
  const streams = new Set<{ readonly session: string; readonly end: () => void }>()
  const endStreams = (session?: string) => {
    for (const stream of streams) if (session === undefined || stream.session === session) stream.end()
  }
  stopping.addEventListener('abort', () => endStreams(), { once: true })

  const sessionOf = (c: Ctx) => getCookie(c, cookie) ?? ''
  const isIn = (c: Ctx) => sessions.has(sessionOf(c))
  const organizationOf = (c: Ctx) => sessions.get(sessionOf(c)) ?? ''
  const actorOf = (c: Ctx): Actor => ({ organizationId: organizationOf(c), userId: options.userId })
  const frameOf = (c: Ctx) => ({ organizations, organization: organizationOf(c), path: c.req.path })
  const page = (c: Ctx, content: ReturnType<typeof homePage>, status: 200 | 400 | 404 | 409 | 503 = 200) => {
    c.header('content-security-policy', CONTENT_SECURITY)
    c.header('cache-control', 'no-store')
    return c.html(content, status)
  }

  app.get('/hub.css', (c) => c.body(hubStyle, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/hub.js', (c) => c.body(hubScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }))

  app.get('/login', (c) => page(c, loginPage({ failed: false })))
  app.post('/login', async (c) => {
    const given = (await formOf(c)).get('token') ?? ''
    return enter(c, given) ?? page(c, loginPage({ failed: true }), 400)
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
    leave(sessionOf(c))
    deleteCookie(c, cookie, { path: '/' })
    return c.redirect('/login', 303)
  })
  app.post('/hub/organization', async (c) => {
    const organization = (await formOf(c)).get('organization') ?? ''
    // The sign-in may have ended while the form arrived.
    if (isIn(c) && organizations.includes(organization)) sessions.set(sessionOf(c), organization)
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
        .flatMap(({ name }) => form.getAll(name).map((value) => [name, value] as const))
        // INSTALL ignores empty fields, CONFIGURE removes them.
        .filter(([, value]) => value !== '' || operation === 'CONFIGURE'),
    )
    const masking = maskingOf(connector, configuration)
    c.set('mask', masking.text)
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
      const masked = { problem: maskedProblem(problem, masking.text), given: visibleOf(masking, configuration) }
      return page(c, connectorPage(frameOf(c), { ...shown, ...masked }), status)
    }
    return c.redirect(`/hub/connectors/${connector.code}`, 303)
  })
  app.post('/hub/connectors/:code/connect', async (c) => {
    const { connector, installed } = await installedOf(c)
    // The vendor sends the person back to the public URL, where browsers send only the sign-in of that host.
    if (new URL(c.req.url).hostname !== new URL(publicUrl).hostname) {
      const message = `sign in at ${publicUrl}, to which the vendor sends you back, and connect there`
      return failedPage(c, connector, { error: 'other_address', message })
    }
    return connected(c, connector, await connecting.begin(sessionOf(c), installed))
  })
  app.get(CALLBACK_PATH, async (c) => {
    const attempt = connecting.take(sessionOf(c), new URL(c.req.url))
    const installed = attempt && (await runtime.installed(attempt.installationId))
    const connector = serverState().connectors.get(installed?.code ?? '')
    if (attempt === undefined || installed === undefined || connector === undefined)
      refuse({ status: 400, error: 'invalid_state', message: 'this sign-in began no such attempt; connect again' })
    c.set('mask', maskingOf(connector, installed.configuration).text)
    return connected(c, connector, await attempt.end(installed))
  })
  app.post('/hub/connectors/:code/disconnect', async (c) => {
    const { connector, installed } = await installedOf(c)
    await vendorCalls.tokensOf(installed).remove()
    return c.redirect(`/hub/connectors/${connector.code}`, 303)
  })
  app.post('/hub/connectors/:code/verify', async (c) => {
    const { connector, installed } = await installedOf(c)
    const result = await vendorCalls.callsOf(installed)?.verify({ signal: stopping })
    if (result?.ok === true)
      return page(c, connectorPage(frameOf(c), { ...(await viewOf(c, connector)), isVerified: true }))
    const error = result?.error
    const facts = [error?.reason, error && 'status' in error ? `status ${error.status}` : undefined]
    const message = facts.filter((fact) => fact !== undefined).join(', ')
    return failedPage(c, connector, { error: `credentials_${result?.reason ?? 'not_described'}`, message })
  })
  app.post('/hub/connectors/:code/poll', async (c) => {
    const { connector, installed } = await installedOf(c)
    await polling.pollAll(installed, stopping)
    return c.redirect(`/hub/connectors/${connector.code}`, 303)
  })
  app.post('/hub/connectors/:code/sample', async (c) => {
    const connector = await connectorOf(c)
    const index = (await formOf(c)).get('sample')
    const sample = connector.webhook?.samples[Number(index)]
    const installation = (await installations(actorOf(c))).get(connector.code)
    if (sample === undefined || installation === undefined) refuse({ status: 404, error: 'not_found' })
    const { method = 'POST' } = sample
    const url = withQuery(`${publicUrl}${webhookPath(token, connector.code, installation.id)}`, sample.query)
    const known = await runtime.installed(installation.id)
    const webhook = serverState().webhookOf(connector.code)
    if (known === undefined || webhook === undefined) refuse({ status: 404, error: 'not_installed' })
    c.set('mask', maskingOf(connector, known.configuration).text)
    const unsigned = unsignedHeaders(webhook, sample)
    const signing = await sign(webhook, { method, url, body: sample.body, headers: unsigned }, known.configuration, {
      privateKey: (scheme) => testKeys.privateKeyFor(installation.id, scheme),
    })
    if (!signing.signed) {
      const problem = {
        status: 400 as const,
        error: signing.reason,
        message: `the delivery cannot be signed: configure ${signing.field ?? 'its secret'} first`,
      }
      return page(c, connectorPage(frameOf(c), { ...(await viewOf(c, connector)), problem }), 400)
    }
    const headers = { ...unsigned, ...signing.headers, host: new URL(url).host }
    const body = method === 'GET' ? {} : { body: signing.body }
    await options.deliver(new Request(signing.url, { method, headers, ...body }))
    return c.redirect('/hub/deliveries', 303)
  })

  app.post('/hub/connectors/:code/subscriptions', async (c) => {
    const form = await formOf(c)
    const subscriber = await subscriberOf(c)
    const { connector, installed } = subscriber
    const named = [...form].filter(([name]) => name.startsWith('parameter:'))
    const problem = await subscriptions.create(subscriber, form.get('name') ?? '', {
      callbackUrl: `${publicUrl}${webhookPath(token, connector.code, installed.id)}`,
      ...(form.has('events') ? { events: form.getAll('events') } : {}),
      parameters: Object.fromEntries(named.map(([name, value]) => [name.slice('parameter:'.length), value])),
    })
    return changed(c, connector, problem)
  })
  app.post('/hub/connectors/:code/subscriptions/:id', async (c) => {
    const form = await formOf(c)
    const subscriber = await subscriberOf(c)
    const id = c.req.param('id')
    const isDeletion = form.get('operation') === 'delete'
    const problem = await (isDeletion ? subscriptions.delete(subscriber, id) : subscriptions.renew(subscriber, id))
    return changed(c, subscriber.connector, problem)
  })

  /** The installation whose subscriptions a form changes. */
  async function subscriberOf(c: Ctx): Promise<Subscriber> {
    const { connector, installed } = await installedOf(c)
    const keep = (values: Readonly<Record<string, string | undefined>>) =>
      runtime.operate(actorOf(c), {
        operation: 'CONFIGURE',
        connector_code: connector.code,
        installation_config: values as JsonObject,
      })
    return { connector, installed, keep }
  }

  function changed(c: Ctx, connector: Connector, problem: Omit<Problem, 'status'> | undefined) {
    return problem === undefined
      ? c.redirect(`/hub/connectors/${connector.code}`, 303)
      : failedPage(c, connector, problem)
  }

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
    return page(c, eventPage(frameOf(c), event, await maskOf(c, event)))
  })
  app.get('/hub/deliveries', (c) => page(c, deliveriesPage(frameOf(c), activity.deliveries(organizationOf(c)))))
  app.get('/hub/deliveries/:id', (c) => {
    const delivery = activity.deliveries(organizationOf(c)).find(({ id }) => id === c.req.param('id'))
    if (delivery === undefined) refuse({ status: 404, error: 'not_found', message: 'it is not kept any more' })
    return page(c, deliveryPage(frameOf(c), delivery))
  })
  app.get('/hub/stream', (c) => {
    const session = sessionOf(c)
    const organization = organizationOf(c)
    const type = 'text/event-stream'
    // HEAD has no body, so nothing would end the stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': type })
    if (streams.size >= STREAMS || stopping.aborted)
      refuse({ status: 503, error: 'too_many_streams', headers: { 'retry-after': '5' } })
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const open = { session, end }
    streams.add(open)
    return streamSSE(c, async (stream) => {
      stream.onAbort(end)
      let waiting = 0
      const stop = activity.subscribe((happened) => {
        if ('organizationId' in happened && happened.organizationId !== organization) return
        waiting += 1
        if (waiting > WAITING) end()
        else
          void stream.writeSSE({ event: happened.kind, data: JSON.stringify(happened.entry) }).finally(() => {
            waiting -= 1
          })
      })
      void stream.writeSSE({ event: 'ready', data: '{}' })
      await ended
      stop()
      streams.delete(open)
      // Drops the queue of a slow reader.
      stream.abort()
    })
  })

  app.get('/hub/api', async (c) => {
    c.header('content-security-policy', CONTENT_SECURITY_OF_API)
    const [file = ''] = SWAGGER_UI_FILES
    return c.html((await readSwaggerUi(file)) === undefined ? apiPageWithoutViewer() : apiPage())
  })
  app.get('/hub/api/:file', async (c) => {
    const file = c.req.param('file')
    const text = file === 'start.js' ? START_SWAGGER_UI : await readSwaggerUi(file)
    if (text === undefined) return c.notFound()
    const type = file.endsWith('.css') ? 'text/css' : 'text/javascript'
    return c.body(text, 200, { 'content-type': `${type}; charset=utf-8` })
  })

  function enter(c: Ctx, given: string): Response | undefined {
    if (!isEqualInConstantTime(given, token)) return undefined
    const session = randomBytes(32).toString('base64url')
    sessions.set(session, organizations[0] ?? '')
    const [oldest = ''] = sessions.keys()
    if (sessions.size > SESSIONS) leave(oldest)
    setCookie(c, cookie, session, { httpOnly: true, sameSite: 'Lax', path: '/' })
    return c.redirect('/', 303)
  }

  /** Ends a sign-in and its streams; its cookie is no longer valid. */
  function leave(session: string): void {
    sessions.delete(session)
    endStreams(session)
  }

  /** Hides the secrets of the installation that an event belongs to. */
  async function maskOf(c: Ctx, { metadata }: JsonObject): Promise<Mask> {
    const code = String((metadata as JsonObject | undefined)?.connector_code ?? '')
    const installation = (await installations(actorOf(c))).get(code)
    const installed = installation === undefined ? undefined : await runtime.installed(installation.id)
    return maskingOf(serverState().connectors.get(code), installed?.configuration ?? {}).text
  }

  async function connectorOf(c: Ctx): Promise<Connector> {
    const connector = serverState().connectors.get(c.req.param('code') ?? '')
    if (connector === undefined) refuse({ status: 404, error: 'not_found', message: 'there is no such connector' })
    return connector
  }

  /** The installation of the page's connector in the organization, with its secrets. */
  async function installedOf(c: Ctx): Promise<{ readonly connector: Connector; readonly installed: Installed }> {
    const connector = await connectorOf(c)
    const installation = (await installations(actorOf(c))).get(connector.code)
    const installed = installation && (await runtime.installed(installation.id))
    if (installed === undefined) refuse({ status: 404, error: 'not_installed' })
    c.set('mask', maskingOf(connector, installed.configuration).text)
    return { connector, installed }
  }

  async function connected(c: Ctx, connector: Connector, result: ConnectResult): Promise<Response> {
    if (result.kind === 'failed') return failedPage(c, connector, result)
    if (result.kind === 'connected') return c.redirect(`/hub/connectors/${connector.code}`, 303)
    // A redirect would be a form that leads to another origin, which the page's own policy forbids.
    c.header('refresh', `0; url=${result.url}`)
    return page(c, consentPage(frameOf(c), connector.name, result.url))
  }

  async function failedPage(
    c: Ctx,
    connector: Connector,
    given: Pick<Problem, 'error' | 'message'>,
  ): Promise<Response> {
    const problem = maskedProblem({ ...given, status: 400 }, c.get('mask'))
    return page(c, connectorPage(frameOf(c), { ...(await viewOf(c, connector)), problem }), 400)
  }

  async function viewOf(c: Ctx, connector: Connector) {
    const installed = (await installations(actorOf(c))).get(connector.code)
    const { configuration } = maskingOf(connector, {})
    const installation = installed && {
      ...installed,
      installation_config: configuration(installed.installation_config),
    }
    const stored = installed && (await runtime.installed(installed.id))
    return {
      connector,
      installation,
      connection:
        stored !== undefined && connecting.isPossible(connector.code)
          ? await connectionOf(stored, connecting.redirectUri)
          : undefined,
      polled: stored === undefined ? [] : polledBy(stored),
      webhookUrl: `${publicUrl}${webhookPath(token, connector.code, installation?.id ?? '')}`,
      connectorUrl:
        connector.webhook?.routing === undefined
          ? undefined
          : `${publicUrl}${connectorWebhookPath(token, connector.code)}`,
      subscriptions: {
        descriptions: subscriptionDescriptions(connector),
        kept: installation === undefined ? [] : subscriptions.of(installation.id, connector),
      },
    }
  }

  async function connectionOf(installed: Installed, redirectUri: string): Promise<ConnectionView> {
    const tokens = await vendorCalls.tokensOf(installed).load()
    return { ...connectionState(tokens), redirectUri }
  }

  /** Each event that is polled for, with its last result. */
  function polledBy(installed: Installed): readonly PolledView[] {
    const last = polling.lastOf(installed)
    return polling.eventsOf(installed.code).map((event) => ({ event, last: last.find((one) => one.event === event) }))
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

/** The values of a form without its secrets, which no page shows, not even to the person who typed them. */
function visibleOf(masking: Masking, values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(masking.configuration(values)).filter(([, value]) => value !== MASK))
}

/** The fields of a form; what is no form is the sender's fault. */
async function formOf(c: Ctx): Promise<URLSearchParams> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) refuse({ status: 400, error: 'form_malformed' })
  return new URLSearchParams(await bodyText(c.req.raw, LARGEST_FORM))
}

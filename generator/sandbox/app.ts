import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import { QueryError } from '../database/database.ts'
import { endpoints } from '../kit/endpoints.ts'
import type { Problem } from '../kit/gateway-problem.ts'
import { problemOf, Refusal, refuse } from '../kit/gateway-problem.ts'
import type { ApiOptions, Variables } from './api.ts'
import { api } from './api.ts'
import { Connecting } from './connecting.ts'
import type { HubOptions } from './hub/hub.ts'
import { hub } from './hub/hub.ts'
import { type Mask, maskingOf } from './masking.ts'
import { sandboxOpenapi } from './openapi.ts'
import { maskedProblem } from './problem.ts'
import { signing } from './signing.ts'
import { TestKeys } from './test-keys.ts'
import type { Vendor } from './vendor-calls.ts'
import type { WebhookOptions } from './webhooks.ts'
import { webhooks } from './webhooks.ts'

export interface SandboxOptions
  extends ApiOptions,
    Omit<WebhookOptions, 'testKeys'>,
    Omit<HubOptions, 'testKeys' | 'connecting'> {
  readonly vendor: Vendor
  /** Names under which this server may be called, without a port. */
  readonly hosts: readonly string[]
  /** Origins of web pages that may call the endpoints. */
  readonly origins: readonly string[]
  /** Told of what nobody expected. */
  readonly onError: (error: unknown, rid: string) => void
}

/** The local runtime as a web-standard application: a request in, a response out. */
export function sandbox(options: SandboxOptions): Hono<{ Variables: Variables }> {
  const { hosts, origins, onError, serverState, publicUrl, token } = options
  const app = new Hono<{ Variables: Variables }>()
  const maskOfToken = maskingOf(undefined, { token }).text

  app.use(async (c, next) => {
    c.set('rid', randomUUID())
    // Routes that use other secrets replace it.
    c.set('mask', maskOfToken)
    await next()
    c.header('x-request-id', c.get('rid'))
  })
  app.use(async (c, next) => {
    // A page on another name that was pointed at this machine would otherwise be at home here.
    const message = 'start with --allow-host to be called by this name'
    if (!hosts.includes(nameOf(c.req.header('host')))) refuse({ status: 421, error: 'host_not_allowed', message })
    return next()
  })
  app.use(async (c, next) => {
    // Browsers send the origin of the page; vendors and applications send none.
    const own = [c.req.url, publicUrl].map((url) => new URL(url).origin)
    const origin = c.req.header('origin') ?? own[0] ?? ''
    const allowed = isEndpoint(c.req.path) ? [...own, ...origins] : own
    if (!['GET', 'HEAD', 'OPTIONS'].includes(c.req.method) && !allowed.includes(origin))
      refuse({ status: 403, error: 'origin_not_allowed', message: 'a page of another origin may not send this' })
    return next()
  })
  // With a stricter referrer policy, browsers send no origin with the forms of the hub.
  app.use(
    secureHeaders({
      strictTransportSecurity: false,
      crossOriginResourcePolicy: 'same-origin',
      referrerPolicy: 'same-origin',
    }),
  )
  if (origins.length > 0) {
    const allowed = cors({
      origin: [...origins],
      allowMethods: ['POST'],
      allowHeaders: ['authorization', 'content-type', 'x-organization-id'],
      exposeHeaders: ['retry-after', 'x-request-id'],
    })
    for (const path of Object.values(endpoints)) app.use(path, allowed)
  }

  app.get('/health', (c) => c.json({ ok: true }))
  app.get('/openapi.json', async (c) => c.json(sandboxOpenapi(serverState().registry, publicUrl)))
  app.route('/', api(options))
  const withKeys = { ...options, testKeys: new TestKeys() }
  app.route('/', signing(withKeys))
  app.route('/', webhooks(withKeys))
  app.route('/', hub({ ...withKeys, connecting: new Connecting(options, options.vendorCalls) }))
  for (const [path, methods] of methodsByPath(app)) {
    const allow = methods.join(', ')
    app.all(path, () =>
      refuse({ status: 405, error: 'method_not_allowed', message: `use ${allow}`, headers: { allow } }),
    )
  }

  app.notFound((c) => answer(c.get('rid'), { status: 404, error: 'not_found', message: 'there is nothing here' }))
  app.onError((error, c) => {
    const rid = c.get('rid')
    const mask = c.get('mask')
    const problem = problemIn(error)
    if (problem !== undefined) return answer(rid, maskedProblem(problem, mask))
    onError(maskedError(error, mask), rid)
    return answer(rid, { status: 500, error: 'internal_error' })
  })
  return app
}

function problemIn(error: unknown): Problem | undefined {
  if (error instanceof Refusal) return error.problem
  if (error instanceof QueryError) return problemOf(error)
  return undefined
}

function maskedError({ message, stack }: Error, mask: Mask): Error {
  return Object.assign(new Error(mask(message)), { stack: mask(stack ?? '') })
}

function answer(rid: string, { status, error, message, headers }: Problem): Response {
  const body = { error, rid, ...(message === undefined ? {} : { message }) }
  return Response.json(body, { status, headers: { ...headers, 'x-request-id': rid, 'cache-control': 'no-store' } })
}

function isEndpoint(path: string): boolean {
  return Object.values(endpoints).some((endpoint) => endpoint === path)
}

/** The methods of each route; a route that answers GET answers HEAD as well. */
function methodsByPath({ routes }: Pick<Hono, 'routes'>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { path, method } of routes) {
    // ALL is middleware.
    if (method === 'ALL') continue
    const methods = new Set(found.get(path)).add(method)
    if (method === 'GET') methods.add('HEAD')
    found.set(path, [...methods])
  }
  return found
}

function nameOf(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/:\d+$/, '')
}

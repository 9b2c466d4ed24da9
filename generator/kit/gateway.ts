import type { VerifyToken } from './bearer-token.ts'
import { parseJson } from './body.ts'
import type { DataSchema } from './data-check.ts'
import { dataProblems } from './data-check.ts'
import type { CallFunction } from './database.ts'
import { DatabaseError } from './database.ts'
import type { Problem } from './gateway-problem.ts'
import { bodyStatus, problemOfCall, Refusal, refuse, statusOfRefusal } from './gateway-problem.ts'
import { gatewayWebhooks, type WebhookGatewayOptions, webhookAddress } from './gateway-webhooks.ts'
import { isDeeper, isObject } from './mapping.ts'
import type { Webhook } from './webhook.ts'
import { readBody } from './webhook.ts'

/** A connector of the gateway. All of it is optional; a connector without an entry is served too. */
export interface GatewayConnector {
  /** The schemas of its events, by name: `schemas` of `schemas/<code>`. */
  readonly schemas?: Readonly<Record<string, DataSchema>>
  /** `webhook` of `webhooks/<code>`, if the gateway receives its deliveries. */
  // biome-ignore lint/suspicious/noExplicitAny: each connector has its own events and fields
  readonly webhook?: Webhook<any, any>
}

export interface GatewayOptions {
  /** Calls the functions of `runtime.sql` as `service_role`. */
  readonly call: CallFunction
  /** Gives the id by which a user signs in, if the bearer token is valid. */
  readonly verifyToken: VerifyToken
  /** By code. */
  readonly connectors?: Readonly<Record<string, GatewayConnector>>
  /** Receives webhooks of the connectors that have a `webhook`; without it, the gateway has no such addresses. */
  readonly webhooks?: WebhookGatewayOptions
  /** Origins of web pages on other hosts that may call the gateway, such as `https://app.example.com`. */
  readonly origins?: readonly string[]
  /** Told of failures that are not the caller's, with the id of the request. */
  readonly onError?: (error: unknown, rid: string) => void
}

/** On whose behalf a request is made, once all is checked. */
interface Caller {
  /** The user's entity. */
  readonly userId: string
  readonly organizationId: string
  readonly mayAdminister: boolean
}

type Body = Readonly<Record<string, unknown>>

/** Bytes of the largest request; HERA's gateway runs on a platform with a similar limit. */
const LARGEST = 1024 * 1024
/** Objects and lists inside each other that a body may have. */
const MOST_LEVELS = 100
/** The pattern of HERA's guardrail for smart codes. */
const SMART_CODE = /^HERA\.[A-Z0-9]{3,15}(?:\.[A-Z0-9_]{2,30}){3,8}\.v[0-9]+$/
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i
/** Operations that every member may use; the others need a role. */
const READING = ['LIST', 'LIST_AVAILABLE']

/**
 * HERA's integration endpoints as one function from request to response, which never throws. The path ends with
 * `/integrations/` and `connectors`, `events`, `logs`, or `webhooks/…`. In this order it verifies the token, resolves the
 * user, checks the membership in `X-Organization-Id` and the role, applies HERA's guardrails, and only then calls a
 * function as `service_role`. Refusals have a status of 4xx and the body `{ error, rid, message? }`.
 */
export function gateway(options: GatewayOptions): (request: Request) => Promise<Response> {
  const { origins = [], onError } = options
  const receive =
    options.webhooks && gatewayWebhooks(options.call, options.connectors ?? {}, options.webhooks, checkOf(options))

  const answerTo = async (request: Request, rid: string): Promise<Response> => {
    const [, endpoint = '', rest = ''] =
      /\/integrations\/([a-z]+)((?:\/[\w.-]+)*)\/?$/.exec(new URL(request.url).pathname) ?? []
    if (endpoint === 'webhooks' && receive !== undefined) return receive(request, rest.split('/').slice(1))
    const handle =
      rest === '' && Object.hasOwn(handlers, endpoint) ? handlers[endpoint as keyof typeof handlers] : undefined
    if (handle === undefined) refuse({ status: 404, error: 'not_found', message: 'there is nothing at this address' })
    if (request.method !== 'POST')
      refuse({ status: 405, error: 'method_not_allowed', message: 'use POST', headers: { allow: 'POST' } })
    const subject = await subjectOf(request, options.verifyToken)
    const caller = await callerOf(options.call, subject, request.headers.get('x-organization-id'))
    const body = guarded(await bodyOf(request))
    const data = await handle(options, caller, body)
    const { userId, organizationId } = caller
    return Response.json({ rid, data, actor: { user_id: userId }, org: { organization_id: organizationId } })
  }

  return async (request) => {
    const rid = crypto.randomUUID()
    const origin = request.headers.get('origin')
    const cors = origin !== null && origins.includes(origin) ? corsHeaders(origin) : {}
    const preflight = request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
    if (preflight) return new Response(null, { status: 204, headers: cors })
    const response = await answerTo(request, rid).catch((error: unknown) => {
      const problem =
        error instanceof Refusal ? error.problem : error instanceof DatabaseError ? problemOfCall(error) : undefined
      if (problem === undefined) {
        try {
          onError?.(error, rid)
        } catch {
          // There is nobody else to tell.
        }
      }
      return refused(problem ?? { status: 500, error: 'internal_error' }, rid)
    })
    const headers = new Headers(response.headers)
    for (const [name, value] of Object.entries({ ...cors, 'x-request-id': rid })) headers.set(name, value)
    return new Response(response.body, { status: response.status, headers })
  }
}

function refused({ status, error, message, headers }: Problem, rid: string): Response {
  const body = { error, rid, ...(message === undefined ? {} : { message }) }
  return Response.json(body, { status, headers: { ...headers, 'cache-control': 'no-store' } })
}

function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, apikey, content-type, x-client-info, x-organization-id',
    'access-control-expose-headers': 'retry-after, x-request-id',
    vary: 'origin',
  }
}

/** The id by which the user of a request signs in. */
async function subjectOf({ headers }: Request, verifyToken: VerifyToken): Promise<string> {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '') ?? []
  const subject = token === undefined ? undefined : await verifyToken(token)
  if (subject === undefined)
    refuse({
      status: 401,
      error: 'invalid_token',
      message: 'the bearer token is missing, wrong or has expired',
      headers: { 'www-authenticate': 'Bearer' },
    })
  return subject
}

/** The user as HERA knows them, who must be a member of the organization. */
async function callerOf(call: CallFunction, subject: string, organization: string | null): Promise<Caller> {
  if (organization === null || !UUID.test(organization))
    refuse({ status: 400, error: 'no_organization_context', message: 'X-Organization-Id must be a UUID' })
  const organizationId = organization.toLowerCase()
  const access = (await call('hera_integration_access_v1', {
    p_auth_uid: subject,
    p_organization_id: organizationId,
  })) as { readonly user_id: string | null; readonly is_member: boolean; readonly may_administer: boolean }
  if (access.user_id === null)
    refuse({ status: 403, error: 'actor_unknown', message: 'no user of HERA has this sign-in' })
  if (!access.is_member)
    refuse({ status: 403, error: 'actor_not_member', message: 'the user is not a member of the organization' })
  return { userId: access.user_id, organizationId, mayAdminister: access.may_administer }
}

async function bodyOf(request: Request): Promise<Body> {
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(request.headers.get('content-type') ?? ''))
    refuse({ status: 400, error: 'integration_validation:CONTENT_TYPE', message: 'the body must be application/json' })
  const bytes = await readBody(request, LARGEST)
  if (typeof bytes === 'string')
    refuse({ status: bodyStatus(bytes), error: `integration_validation:${bytes.toUpperCase()}` })
  const value = parseJson({}, bytes)
  if (value === undefined)
    refuse({ status: 400, error: 'integration_validation:BODY_MALFORMED', message: 'the body must be JSON in UTF-8' })
  if (!isObject(value))
    refuse({ status: 400, error: 'integration_validation:BODY_NO_OBJECT', message: 'the body must be a JSON object' })
  if (isDeeper(value, MOST_LEVELS))
    refuse({
      status: 400,
      error: 'integration_validation:BODY_TOO_DEEP',
      message: `the body may have ${MOST_LEVELS} levels of objects and lists`,
    })
  return value
}

/** A body that HERA's guardrails let pass. */
function guarded(body: Body): Body {
  const { smart_code: smartCode } = body
  if (smartCode !== undefined && (typeof smartCode !== 'string' || !SMART_CODE.test(smartCode)))
    refuse({
      status: 400,
      error: 'guardrail_violation:SMARTCODE_REGEX_FAIL',
      message:
        'smart_code must look like HERA.ACME.EVENT.CONTACT.CREATED.v1; without it, HERA knows the code of the event',
    })
  return body
}

/** A member that is text or missing. Empty text counts as missing, as the hub sends it. */
function textOf(body: Body, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string')
    refuse({ status: 400, error: 'integration_validation:REQUEST_INVALID', message: `${name} must be a string` })
  return value
}

function objectOf(body: Body, name: string): Body {
  const value = body[name] ?? {}
  if (!isObject(value))
    refuse({ status: 400, error: 'integration_validation:REQUEST_INVALID', message: `${name} must be an object` })
  return value
}

type Handler = (options: GatewayOptions, caller: Caller, body: Body) => Promise<unknown>

const connectors: Handler = async ({ call, webhooks }, { userId, organizationId, mayAdminister }, body) => {
  const operation = (textOf(body, 'operation') ?? 'LIST').toUpperCase()
  if (!READING.includes(operation) && !mayAdminister)
    refuse({
      status: 403,
      error: 'actor_not_connector_administrator',
      message: 'changing connectors needs the role ORG_ADMIN or ORG_OWNER, or the scope integration_admin',
    })
  const installationId = textOf(body, 'installation_id')
  const answer = await call('hera_integration_connector_v1', {
    p_actor_user_id: userId,
    p_organization_id: organizationId,
    p_operation: operation,
    p_connector_type: textOf(body, 'connector_type') ?? null,
    p_connector_code: textOf(body, 'connector_code') ?? null,
    p_connector_config: objectOf(body, 'connector_config'),
    p_installation_config: objectOf(body, 'installation_config'),
    // The hub sends the id at the top of the body.
    p_options: {
      ...objectOf(body, 'options'),
      ...(installationId === undefined ? {} : { installation_id: installationId }),
    },
  })
  return webhooks === undefined ? answer : withAddresses(answer as Body, webhooks)
}

/** A list of installations with the address at which each receives webhooks. */
async function withAddresses(answer: Body, webhooks: WebhookGatewayOptions): Promise<Body> {
  const { connectors: listed } = answer
  if (!Array.isArray(listed)) return answer
  const entries = (listed as readonly Body[]).map(async (entry) => {
    const { type, code, id } = entry
    if (type !== 'INTEGRATION_CONNECTOR_INSTALL') return entry
    return { ...entry, webhook_url: await webhookAddress(webhooks, String(code), String(id)) }
  })
  return { ...answer, connectors: await Promise.all(entries) }
}

/** Finds what is wrong with the data of an event; undefined if nothing is, or the gateway does not know its schema. */
export type DataCheck = (connector: string, event: string, data: unknown) => string | undefined

function checkOf({ connectors: known = {} }: Pick<GatewayOptions, 'connectors'>): DataCheck {
  return (connector, event, data) => {
    const { schemas = {} } = Object.hasOwn(known, connector) ? (known[connector] ?? {}) : {}
    const schema = Object.hasOwn(schemas, event) ? schemas[event] : undefined
    return schema && dataProblems(schema, data)
  }
}

const events: Handler = async (options, { userId, organizationId }, body) => {
  const source = textOf(body, 'event_source') ?? textOf(body, 'source')
  const connector = textOf(body, 'connector_code')
  const type = textOf(body, 'event_type')
  for (const [name, value] of Object.entries({ event_source: source, event_type: type, connector_code: connector }))
    if (value === undefined)
      refuse({
        status: 400,
        error: `integration_validation:${name.toUpperCase()}_REQUIRED`,
        message: `${name} is missing`,
      })
  const { data: plain, event_data: named } = body
  const data = objectOf(body, named === undefined && plain !== undefined ? 'data' : 'event_data')
  const problems = checkOf(options)(connector ?? '', type ?? '', data)
  // Only the gateway itself reports mismatches with the schema.
  const { data_problems: _, ...own } = objectOf(body, 'options')
  const answer = (await options.call('hera_integration_event_in_v1', {
    p_actor_user_id: userId,
    p_organization_id: organizationId,
    p_event_source: source,
    p_event_type: type,
    p_event_data: data,
    p_connector_code: connector,
    p_idempotency_key: textOf(body, 'idempotency_key') ?? null,
    p_smart_code: textOf(body, 'smart_code') ?? null,
    p_options: problems === undefined ? own : { ...own, data_problems: problems },
  })) as { readonly success: boolean; readonly error?: string; readonly message?: string }
  if (!answer.success) {
    const { error = 'integration_refused', message } = answer
    refuse({ status: statusOfRefusal(error), error, ...(message === undefined ? {} : { message }) })
  }
  return answer
}

const logs: Handler = async ({ call }, { organizationId }, body) => {
  const { limit = 50 } = body
  if (typeof limit !== 'number' || !Number.isInteger(limit))
    refuse({
      status: 400,
      error: 'integration_validation:LIMIT_OUT_OF_RANGE',
      message: 'limit is a number from 1 to 1000',
    })
  return call('hera_integration_logs_v1', {
    p_organization_id: organizationId,
    p_limit: limit,
    p_connector_code: textOf(body, 'connector_code') ?? null,
    p_status: textOf(body, 'status') ?? null,
    p_before: textOf(body, 'before') ?? null,
  })
}

const handlers = { connectors, events, logs } as const satisfies Readonly<Record<string, Handler>>

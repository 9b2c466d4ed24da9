import type { Api, Endpoint, EndpointTypes, InputParameter } from './api.ts'
import type { AnyInput, CallError, CallOptions, CallResult, Send } from './call.ts'
import { withoutSecrets } from './installation.ts'
import type { OutgoingOptions } from './outgoing.ts'
import { AddressError, guardedFetch } from './outgoing.ts'
import type { Page, PageOptions } from './pages.ts'
import { pagesOf } from './pages.ts'
import { rateLimiter } from './rate-limit.ts'
import { repeat, sleep } from './repeat.ts'
import { isHeaderValue } from './response.ts'
import type { Answered, RetryRules } from './retry.ts'
import { isLimited, pauseAfter, waitOf } from './retry.ts'
import type { ConfigurationError, PlaceholderValues } from './template.ts'
import { endpointUrl } from './template.ts'
import { readBody } from './webhook.ts'

/** The account that is called, and how requests are authenticated. */
export interface Connection<Environment extends string = string> {
  /** Values of authentication fields, for placeholders in base URL and paths. */
  readonly configuration: PlaceholderValues
  /** The base URL to use, if the API has several. */
  readonly environment?: Environment
  /** Adds the credentials to a request. It must not change its origin. */
  readonly authenticate: (request: Request) => Request | Promise<Request>
  /** Renews the credentials after a 401; false if that is not possible. The call is then repeated once. */
  readonly renew?: (signal: AbortSignal) => boolean | Promise<boolean>
}

export interface AuthorizedFetchOptions extends OutgoingOptions {
  /** Milliseconds for a call with all its repeats and waits; thirty seconds if it is missing. */
  readonly timeout?: number
  /** How often a call is repeated at most; three times if it is missing. */
  readonly retries?: number
  /** Bytes of the largest answer that is read; ten million if it is missing. */
  readonly maxBytes?: number
}

type Input<Types> = Omit<Types, 'response' | 'item'>
type InputArguments<Types, Options> =
  Partial<Input<Types>> extends Input<Types> ? [input?: Input<Types> & Options] : [input: Input<Types> & Options]
type ResponseOf<Types> = Types extends { readonly response: infer Response } ? Response : unknown
type ItemOf<Types> = Types extends { readonly item: infer Item } ? Item : unknown
/** The names of the endpoints that give pages. */
type Paged<Endpoints> = {
  [Name in keyof Endpoints]: Endpoints[Name] extends { readonly item: unknown } ? Name : never
}[keyof Endpoints] &
  string

/** The calls of one installation. */
export interface AuthorizedFetch<Endpoints extends object> {
  /** Calls an endpoint by its name. It does not throw for what the vendor or the network does. */
  readonly call: <Name extends keyof Endpoints & string>(
    name: Name,
    ...input: InputArguments<Endpoints[Name], CallOptions>
  ) => Promise<CallResult<ResponseOf<Endpoints[Name]>>>
  /** The pages of an endpoint, one after the other; the last one can be an error. */
  readonly pages: <Name extends Paged<Endpoints>>(
    name: Name,
    ...input: InputArguments<Endpoints[Name], CallOptions & PageOptions>
  ) => AsyncGenerator<Page<ItemOf<Endpoints[Name]>, ResponseOf<Endpoints[Name]>>, void, undefined>
}

/** Statuses after which a safe call can succeed. */
const PASSING = [408, 425, 500, 502, 503, 504]
/** Methods whose repetition changes nothing (RFC 9110, 9.2.2). */
const IDEMPOTENT = ['GET', 'PUT', 'DELETE']

/**
 * The calls of a connector for one installation: base URL, path, headers, authentication, the vendor's limits and
 * retries. Create it once per installation, since it counts calls.
 */
export function authorizedFetch<Endpoints extends object, Environment extends string>(
  api: Api<Endpoints, Environment>,
  connection: Connection<Environment>,
  { timeout = 30_000, retries = 3, maxBytes = 10_000_000, ...outgoing }: AuthorizedFetchOptions = {},
): AuthorizedFetch<Endpoints> {
  const { retry: rules = {} } = api
  const endpoints = api.endpoints as Readonly<Record<string, Endpoint>>
  const fetchSafely = guardedFetch(outgoing)
  const take = rateLimiter(api.limits ?? [])
  let pausedUntil = 0

  const send: Send = async (name, input, page) => {
    const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined
    if (endpoint === undefined) throw new TypeError(`the connector has no endpoint ${name}`)
    const built = buildRequest(api, endpoint, connection, input, { page, allow: outgoing.allow ?? [] })
    if ('error' in built) return { result: { ok: false, error: built.error } }
    const { request, isSafe } = built
    const url = new URL(request.url)
    const deadline = Date.now() + timeout
    let secrets: readonly string[] = api.secrets.flatMap((field) => connection.configuration[field] ?? []).map(String)
    let hasRenewed = false

    /** One try: waits for its turn, authenticates, sends and reads. */
    const attempt = async (signal: AbortSignal): Promise<Answered & { readonly text: string }> => {
      const wait = Math.max(take(name, deadline - Date.now()), pausedUntil - Date.now())
      if (wait > deadline - Date.now()) throw new LimitReached(wait)
      if (wait > 0) await sleep(wait, signal)
      const authenticated = await orNotAuthenticated(() =>
        connection.authenticate(new Request(request.clone(), { signal })),
      )
      if (new URL(authenticated.url).origin !== url.origin) throw new OtherOrigin()
      secrets = [...secrets, ...credentialsIn(authenticated, request)]
      const response = await fetchSafely(authenticated)
      const body = await readBody(response, maxBytes, Math.max(1, deadline - Date.now()))
      signal.throwIfAborted()
      if (body === 'body_too_large') throw new AnswerTooLarge()
      if (typeof body === 'string') throw new TypeError(body)
      const text = new TextDecoder().decode(body)
      const answer = { status: response.status, headers: response.headers, json: jsonOf(text), text }
      pausedUntil = Math.max(pausedUntil, Date.now() + pauseAfter(rules, answer))
      return answer
    }

    /** A try that is repeated once with renewed credentials. */
    const attemptRenewed = async (signal: AbortSignal) => {
      const answer = await attempt(signal)
      const { renew } = connection
      if (answer.status !== 401 || hasRenewed || renew === undefined || isLimited(rules, answer)) return answer
      hasRenewed = true
      return (await orNotAuthenticated(() => renew(signal))) ? attempt(signal) : answer
    }

    try {
      const answer = await repeat(attemptRenewed, {
        retries,
        timeout,
        signal: input.signal,
        waitAfter: (outcome) => {
          if ('error' in outcome) return isSafe && !isFinal(outcome.error) ? 'backoff' : undefined
          if (isLimited(rules, outcome.value)) return waitOf(rules, outcome.value) ?? 'backoff'
          if (!isSafe || !PASSING.includes(outcome.value.status)) return undefined
          return waitOf(rules, outcome.value) ?? 'backoff'
        },
      })
      return { result: resultOf(answer, rules, secrets), url }
    } catch (error) {
      return { result: { ok: false, error: errorOf(error, input.signal) } }
    }
  }

  return {
    call: (async (name: string, input: AnyInput = {}) =>
      (await send(name, input)).result) as AuthorizedFetch<Endpoints>['call'],
    pages: ((name: string, input: AnyInput & PageOptions = {}) =>
      pagesOf(send, name, endpoints[name]?.pagination, input)) as AuthorizedFetch<Endpoints>['pages'],
  }
}

class LimitReached extends Error {
  override readonly name = 'LimitReached'
  readonly seconds: number

  constructor(milliseconds: number) {
    super('a limit of the definition is reached')
    this.seconds = Math.ceil(milliseconds / 1000)
  }
}
class OtherOrigin extends Error {
  override readonly name = 'OtherOrigin'
}
class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
}
class NotAuthenticated extends Error {
  override readonly name = 'NotAuthenticated'
}

function isFinal(error: unknown): boolean {
  return [LimitReached, OtherOrigin, AnswerTooLarge, NotAuthenticated, AddressError].some(
    (kind) => error instanceof kind,
  )
}

/** An error of the application's function can contain a secret. */
async function orNotAuthenticated<Value>(run: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) throw error
    throw new NotAuthenticated()
  }
}

type Built = { readonly request: Request; readonly isSafe: boolean } | { readonly error: CallError }

function buildRequest(
  api: Api<object, string>,
  { method, path, base_url: own, query = {}, headers = {}, body_type = 'json' }: Endpoint<EndpointTypes>,
  { configuration, environment }: Connection,
  input: AnyInput,
  { page, allow }: { readonly page: URL | undefined; readonly allow: readonly string[] },
): Built {
  const base_url = own ?? baseUrlOf(api, environment)
  if (base_url === undefined) return invalid('environment', environment === undefined ? 'missing' : 'unknown')
  const { encoded = [], fields = {} } = api
  const { parameters = {} } = input
  const url = endpointUrl({ base_url, path, encoded, fields }, configuration, { parameters, allow })
  if (!(url instanceof URL)) return invalid(url.field, url.problem)
  // The next page has the endpoint's origin, and no other: the credentials go there.
  if (page !== undefined && page.origin !== url.origin)
    return { error: { reason: 'unsafe_address', problem: 'other_origin' } }
  const target = page ?? url
  if (page === undefined) {
    const given = valuesOf(query, input.query ?? {}, 'query')
    if ('error' in given) return given
    for (const [name, value] of given.values) target.searchParams.append(name, value)
  }
  const given = valuesOf(headers, input.headers ?? {}, 'headers')
  if ('error' in given) return given
  const unsafe = given.values.find(([, value]) => !isHeaderValue(value))
  if (unsafe !== undefined) return invalid(unsafe[0], 'unsafe')
  const all = new Headers([['accept', 'application/json'], ...Object.entries(api.headers)])
  for (const [name, value] of given.values) all.set(name, value)
  const idempotency = api.retry?.idempotency_header
  const isRepeatable = idempotency !== undefined && !IDEMPOTENT.includes(method)
  if (isRepeatable && !all.has(idempotency)) all.set(idempotency, crypto.randomUUID())
  const body = input.body === undefined ? null : body_type === 'form' ? formOf(input.body) : JSON.stringify(input.body)
  if (typeof body === 'string') all.set('content-type', 'application/json')
  const request = new Request(target, { method, headers: all, body })
  return { request, isSafe: IDEMPOTENT.includes(method) || isRepeatable }
}

function baseUrlOf(
  { base_url, environments }: Api<object, string>,
  environment: string | undefined,
): string | undefined {
  if (environment === undefined) return base_url
  return environments !== undefined && Object.hasOwn(environments, environment) ? environments[environment] : undefined
}

function invalid(field: string, problem: ConfigurationError['problem'] | 'unknown'): { readonly error: CallError } {
  return { error: { reason: 'invalid_input', field, problem } }
}

/** Parameters or headers as text; constants first, in the order of the definition. */
function valuesOf(
  described: Readonly<Record<string, InputParameter>>,
  given: Readonly<Record<string, unknown>>,
  place: 'query' | 'headers',
): { readonly values: readonly [string, string][] } | { readonly error: CallError } {
  const unknown = Object.keys(given).find((name) => given[name] !== undefined && !Object.hasOwn(described, name))
  if (unknown !== undefined) return invalid(`${place}.${unknown}`, 'unknown')
  const values: [string, string][] = []
  for (const [name, { value: constant, required, list = 'repeated' }] of Object.entries(described)) {
    const value = constant ?? (Object.hasOwn(given, name) ? given[name] : undefined)
    if (value === undefined || value === null) {
      if (required === true) return invalid(`${place}.${name}`, 'missing')
    } else if (!Array.isArray(value)) values.push([name, textOf(value)])
    else if (list === 'comma') values.push([name, value.map(textOf).join(',')])
    else values.push(...value.map((item): [string, string] => [name, textOf(item)]))
  }
  return { values }
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function formOf(body: unknown): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body as Readonly<Record<string, unknown>>)) {
    for (const item of value === undefined ? [] : [value].flat()) form.append(name, textOf(item))
  }
  return form
}

/** Everything that authentication added to a request: header values and their last words, and query parameters. */
function credentialsIn(authenticated: Request, plain: Request): readonly string[] {
  const headers = [...authenticated.headers].filter(([name, value]) => plain.headers.get(name) !== value)
  const query = [...new URL(authenticated.url).searchParams.values()]
  const before = new Set(new URL(plain.url).searchParams.values())
  return [
    ...headers.flatMap(([, value]) => [value, value.split(' ').at(-1) ?? value]),
    ...query.filter((value) => !before.has(value)),
  ]
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Characters of a vendor's answer that become a message. */
const LONGEST_MESSAGE = 500

function resultOf(
  answer: Answered & { readonly text: string },
  rules: RetryRules,
  secrets: readonly string[],
): CallResult<unknown> {
  const { status, headers, json, text } = answer
  const limited = isLimited(rules, answer)
  if (status < 200 || status > 299 || limited) {
    const wait = limited || status > 499 ? Math.ceil((waitOf(rules, answer) ?? 0) / 1000) : 0
    return {
      ok: false,
      error: {
        reason: limited ? 'rate_limited' : reasonOf(status),
        status,
        message: withoutSecrets(text, secrets).slice(0, LONGEST_MESSAGE),
        ...(wait > 0 ? { retry_after_seconds: wait } : {}),
      },
    }
  }
  if (text === '') return { ok: true, data: undefined, status, headers }
  const isJson = /\bjson\b/i.test(headers.get('content-type') ?? '')
  if (json === undefined && isJson) return { ok: false, error: { reason: 'malformed_answer' } }
  return { ok: true, data: json === undefined ? text : json, status, headers }
}

function reasonOf(status: number): 'unauthorized' | 'forbidden' | 'not_found' | 'refused' | 'unavailable' {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404 || status === 410) return 'not_found'
  return status > 499 || PASSING.includes(status) ? 'unavailable' : 'refused'
}

function errorOf(error: unknown, signal: AbortSignal | undefined): CallError {
  if (signal?.aborted === true) return { reason: 'aborted' }
  if (error instanceof LimitReached) return { reason: 'limit_reached', retry_after_seconds: error.seconds }
  if (error instanceof OtherOrigin) return { reason: 'unsafe_address', problem: 'other_origin' }
  if (error instanceof AddressError) return { reason: 'unsafe_address', problem: error.problem }
  if (error instanceof AnswerTooLarge) return { reason: 'answer_too_large' }
  if (error instanceof NotAuthenticated) return { reason: 'not_authenticated' }
  const name = error instanceof Error ? error.name : ''
  return { reason: name === 'AbortError' || name === 'TimeoutError' ? 'timeout' : 'unreachable' }
}

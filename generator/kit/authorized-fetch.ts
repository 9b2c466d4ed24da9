import type { Api, Endpoint, EndpointTypes, InputParameter, Verification } from './api.ts'
import type { AnyInput, CallError, CallOptions, CallResult, Send } from './call.ts'
import { authenticate, needsToken } from './credentials.ts'
import type { InstallationField } from './installation.ts'
import { withoutSecrets } from './installation.ts'
import { obtainsTokens } from './oauth.ts'
import type { OutgoingOptions } from './outgoing.ts'
import { AddressError, guardedFetch } from './outgoing.ts'
import type { Page, PageOptions } from './pages.ts'
import { pagesOf } from './pages.ts'
import { valueAtPointer } from './pointer.ts'
import { rateLimiter } from './rate-limit.ts'
import { repeat, sleep, unlessAborted } from './repeat.ts'
import { isHeaderValue } from './response.ts'
import type { Answered, RetryRules } from './retry.ts'
import { isLimited, pauseAfter, waitOf } from './retry.ts'
import type { FieldForms, Values } from './template.ts'
import { bareValues, ConfigurationError, endpointUrl, fill } from './template.ts'
import type { TokenStore } from './token-source.ts'
import { isTransient, storeOfProcess, tokenSource } from './token-source.ts'
import { readBody } from './webhook.ts'

/** The installation that is called. */
export interface Connection<Configuration extends object = Readonly<Record<string, string>>> {
  /**
   * The authentication fields: the installer's values, with the choice of an environment, and the values that connecting
   * has kept.
   */
  readonly configuration: { readonly [Name in keyof Configuration]?: Configuration[Name] | undefined }
  /**
   * The tokens of OAuth. Without it, tokens of grants that need no person are kept in this object, and others are
   * missing.
   */
  readonly tokens?: TokenStore
  /** The name of the alternative whose credentials are used; without it, the first ones whose values are all there. */
  readonly credentials?: string
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
  /** Calls the endpoint that succeeds only with valid credentials. */
  readonly verify: (options?: CallOptions) => Promise<VerifiedCredentials>
}

/** Statuses after which a safe call can succeed. */
const PASSING = [408, 425, 500, 502, 503, 504]
/** Methods whose repetition changes nothing (RFC 9110, 9.2.2). */
const IDEMPOTENT = ['GET', 'PUT', 'DELETE']

/**
 * The calls of a connector for one installation. Base URL, credentials, renewal of tokens, retries, limits and pages are
 * those of the definition. Create it once per installation, since it counts calls. It does not throw for what the vendor or
 * the network does; what the token store throws is passed on.
 */
export function authorizedFetch<Endpoints extends object, Configuration extends object>(
  api: Api<Endpoints, Configuration>,
  { configuration, tokens, credentials }: Connection<NoInfer<Configuration>>,
  { timeout = 30_000, retries = 3, maxBytes = 10_000_000, ...outgoing }: AuthorizedFetchOptions = {},
): AuthorizedFetch<Endpoints> {
  const { installation, oauth, verification, retry: rules = {} } = api
  if (credentials !== undefined && !Object.hasOwn(installation.alternatives ?? {}, credentials))
    throw new TypeError(`the connector has no credentials named ${credentials}`)
  const endpoints = api.endpoints as Readonly<Record<string, Endpoint>>
  const chosen = credentials === undefined ? {} : { use: credentials }
  const store = tokens ?? (oauth !== undefined && obtainsTokens(oauth) ? storeOfProcess() : undefined)
  let values = configuration as Values
  const source = oauth && store && tokenSource(oauth, values, store, outgoing)
  const fetchSafely = guardedFetch(outgoing)
  const take = rateLimiter(api.limits ?? [])
  let pausedUntil = 0

  /** The access token, or undefined if calls need none. `rejected` is one that the vendor has refused. */
  const tokenFor = async (rejected: string | undefined): Promise<{ readonly access_token: string } | undefined> => {
    const isNeeded = needsToken(installation, values, chosen)
    if (!isNeeded && (credentials !== undefined || (await tokens?.load()) === undefined)) return undefined
    if (source === undefined) return store?.load()
    const result = await source.get(rejected === undefined ? {} : { rejected })
    if (!result.ok)
      throw new CallFailure({ reason: 'not_authenticated', token: result.error }, isTransient(result.error))
    values = { ...values, ...result.kept }
    return result.tokens
  }

  const send: Send = async (name, input, page) => {
    const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined
    if (endpoint === undefined) throw new TypeError(`the connector has no endpoint ${name}`)
    const key = crypto.randomUUID()
    const isSafe = IDEMPOTENT.includes(endpoint.method) || api.retry?.idempotency_header !== undefined
    const deadline = Date.now() + timeout
    const secrets = new Set(secretsOf(installation, values))
    let url: URL | undefined
    let hasRenewed = false

    /** One try: waits for its turn, authenticates, sends and reads. */
    const attempt = async (signal: AbortSignal, rejected?: string): Promise<Attempt> => {
      const token = await unlessAborted(
        orFailed(() => tokenFor(rejected)),
        signal,
      )
      const connection = { values, forms: installation.fields, allow: outgoing.allow ?? [] }
      const built = buildRequest(api, endpoint, connection, input, { page, key })
      if ('error' in built) throw new CallFailure(built.error)
      url = new URL(built.url)
      const request = await orFailed(() => authenticate(installation, values, token, built, chosen))
      for (const secret of credentialsIn(request, built)) secrets.add(secret)
      const wait = Math.max(take(name, deadline - Date.now()), pausedUntil - Date.now())
      if (wait > deadline - Date.now())
        throw new CallFailure({ reason: 'limit_reached', retry_after_seconds: Math.ceil(wait / 1000) })
      if (wait > 0) await sleep(wait, signal)
      const response = await fetchSafely(new Request(request, { signal }))
      const body = await readBody(response, maxBytes, Math.max(1, deadline - Date.now()))
      signal.throwIfAborted()
      if (body === 'body_too_large') throw new CallFailure({ reason: 'answer_too_large' })
      if (typeof body === 'string') throw new TypeError(body)
      const text = new TextDecoder().decode(body)
      const answer = { status: response.status, headers: response.headers, json: jsonOf(text), text, token }
      pausedUntil = Math.max(pausedUntil, Date.now() + pauseAfter(rules, answer))
      return answer
    }

    /** A try that is repeated once with a renewed token. */
    const attemptRenewed = async (signal: AbortSignal): Promise<Attempt> => {
      const answer = await attempt(signal)
      const { status, token } = answer
      const isRenewable = source !== undefined && token !== undefined && !hasRenewed
      if (status !== 401 || !isRenewable || isLimited(rules, answer)) return answer
      hasRenewed = true
      return attempt(signal, token.access_token)
    }

    try {
      const answer = await repeat(attemptRenewed, {
        retries,
        timeout,
        signal: input.signal,
        waitAfter: (outcome) => {
          if ('error' in outcome) return isRepeatable(outcome.error, isSafe) ? 'backoff' : undefined
          if (isLimited(rules, outcome.value)) return waitOf(rules, outcome.value) ?? 'backoff'
          if (!isSafe || !PASSING.includes(outcome.value.status)) return undefined
          return waitOf(rules, outcome.value) ?? 'backoff'
        },
      })
      return { result: resultOf(answer, rules, [...secrets]), ...(url === undefined ? {} : { url }) }
    } catch (error) {
      if (error instanceof StoreFailure) throw error.cause
      return { result: { ok: false, error: errorOf(error, input.signal) } }
    }
  }

  return {
    call: (async (name: string, input: AnyInput = {}) =>
      (await send(name, input)).result) as AuthorizedFetch<Endpoints>['call'],
    pages: ((name: string, input: AnyInput & PageOptions = {}) =>
      pagesOf(send, name, endpoints[name]?.pagination, input)) as AuthorizedFetch<Endpoints>['pages'],
    verify: async (input = {}) =>
      verification === undefined
        ? { ok: false, reason: 'not_described' }
        : verified((await send(verification.endpoint, input)).result, verification),
  }
}

interface Attempt extends Answered {
  readonly text: string
  readonly token: { readonly access_token: string } | undefined
}

/** Why a call ends without an answer. */
class CallFailure extends Error {
  override readonly name = 'CallFailure'
  readonly error: CallError
  /** Whether another try can succeed. Nothing was sent to the API. */
  readonly isPassing: boolean

  constructor(error: CallError, isPassing = false) {
    super(error.reason)
    this.error = error
    this.isPassing = isPassing
  }
}

/** An error of the application's token store. */
class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
}

function isRepeatable(error: unknown, isSafe: boolean): boolean {
  if (error instanceof CallFailure) return error.isPassing
  return isSafe && !(error instanceof StoreFailure) && !(error instanceof AddressError)
}

/** Runs a function before a request is sent; anything that it throws but a value of the configuration is the store's. */
async function orFailed<Value>(run: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof CallFailure) throw error
    if (error instanceof ConfigurationError)
      throw new CallFailure({ reason: 'invalid_input', field: error.field, problem: error.problem })
    throw new StoreFailure('the token store failed', { cause: error })
  }
}

function secretsOf({ fields }: { readonly fields: object }, configuration: Values): readonly string[] {
  return Object.entries(fields as Readonly<Record<string, InstallationField>>).flatMap(([name, { sensitive }]) => {
    const value = sensitive && Object.hasOwn(configuration, name) ? configuration[name] : undefined
    return value === undefined ? [] : [value]
  })
}

/** Whether credentials are valid. Nothing in it contains a secret. */
export type VerifiedCredentials =
  | { readonly ok: true }
  | {
      readonly ok: false
      /**
       * `refused`: the vendor does not accept the credentials. `failed`: the call failed for another reason, which proves
       * nothing. `not_described`: the definition has no such call.
       */
      readonly reason: 'refused' | 'failed' | 'not_described'
      readonly error?: CallError
    }

/** Vendors without rights for the call answer with 403; some report refused credentials with status 200. */
function verified(result: CallResult<unknown>, { expect = {} }: Verification): VerifiedCredentials {
  if (!result.ok) {
    const isRefused = ['unauthorized', 'forbidden'].includes(result.error.reason)
    return { ok: false, reason: isRefused ? 'refused' : 'failed', error: result.error }
  }
  const isExpected = Object.entries(expect).every(([pointer, value]) => valueAtPointer(result.data, pointer) === value)
  return isExpected ? { ok: true } : { ok: false, reason: 'refused' }
}

interface RequestValues {
  readonly values: Values
  readonly forms: FieldForms
  readonly allow: readonly string[]
}

function buildRequest(
  { base_url, environments, encoded = [], ...api }: Omit<Api<object>, 'endpoints' | 'installation'>,
  { method, path, base_url: own, query = {}, headers = {}, body_type = 'json' }: Endpoint<EndpointTypes>,
  { values, forms, allow }: RequestValues,
  input: AnyInput,
  { page, key }: { readonly page: URL | undefined; readonly key: string },
): Request | { readonly error: CallError } {
  const { parameters = {} } = input
  const usual = { ...(base_url === undefined ? {} : { base_url }), ...(environments && { environments }) }
  const address = { ...(own === undefined ? usual : { base_url: own }), path, encoded, fields: forms }
  const url = endpointUrl(address, values, { parameters, allow })
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
  const constant = Object.entries(api.headers).flatMap(([name, template]): [string, string][] => {
    const value = fill(template, bareValues(values, forms))
    return value === undefined ? [] : [[name, value]]
  })
  const unsafe = [...constant, ...given.values].find(([, value]) => !isHeaderValue(value))
  if (unsafe !== undefined) return invalid(unsafe[0], 'unsafe')
  const all = new Headers({ accept: 'application/json' })
  for (const [name, value] of [...constant, ...given.values]) all.set(name, value)
  const idempotency = api.retry?.idempotency_header
  if (idempotency !== undefined && !IDEMPOTENT.includes(method) && !all.has(idempotency)) all.set(idempotency, key)
  const body = input.body === undefined ? null : body_type === 'form' ? formOf(input.body) : JSON.stringify(input.body)
  if (typeof body === 'string' && !all.has('content-type')) all.set('content-type', 'application/json')
  return new Request(target, { method, headers: all, body })
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

function resultOf(answer: Attempt, rules: RetryRules, secrets: readonly string[]): CallResult<unknown> {
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
  if (error instanceof CallFailure) return error.error
  if (error instanceof AddressError) return { reason: 'unsafe_address', problem: error.problem }
  const name = error instanceof Error ? error.name : ''
  return { reason: name === 'AbortError' || name === 'TimeoutError' ? 'timeout' : 'unreachable' }
}

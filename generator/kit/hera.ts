import { endpoints } from './endpoints.ts'
import type { EventBody } from './event.ts'
import { toEventRequest } from './event.ts'
import type { ConfigurationProblem, Installable } from './installation.ts'
import { configurationProblems, withoutSecrets } from './installation.ts'
import { AddressError, addressProblem, guardedFetch } from './outgoing.ts'
import { repeat, retryAfter } from './repeat.ts'
import { readBody } from './webhook.ts'

/** Why HERA did not do what it was asked for. No part of it holds a token or a secret of the configuration. */
export type HeraError =
  | { readonly reason: 'invalid_configuration'; readonly problems: readonly ConfigurationProblem[] }
  | {
      readonly reason: 'refused' | 'unauthorized' | 'forbidden' | 'rate_limited' | 'unavailable'
      readonly status: number
      /** HERA's code or message, such as `integration_validation:EVENT_TYPE_REQUIRED`. */
      readonly message: string
      /** The id of the request, for support. */
      readonly rid?: string
      /** How many seconds HERA wants to be left alone. */
      readonly retry_after_seconds?: number
    }
  | { readonly reason: 'timeout' | 'unreachable' | 'malformed_answer' }

/** What HERA answers; `rid` is the id of the request, for support. */
export type HeraResult<Data> =
  | { readonly ok: true; readonly data: Data; readonly rid?: string }
  | { readonly ok: false; readonly error: HeraError }

export interface HeraOptions {
  /** Where HERA is, such as `https://app.example.com`; https, or http on this machine. */
  readonly baseUrl: string | URL
  /** The bearer token, or what gives one for each request. */
  readonly token: string | (() => string | Promise<string>)
  /** The UUID of the organization on whose behalf all requests are made. */
  readonly organizationId: string
  /** Milliseconds that a request may take, with all its repeats; ten seconds where it is missing. */
  readonly timeout?: number
  /** How often a request is repeated at most where that is safe; three times where it is missing. */
  readonly retries?: number
  /** Hosts that may be private in the addresses of a configuration, such as systems on your own premises. */
  readonly allow?: readonly string[]
  readonly fetch?: typeof fetch
}

/** What a single request may do otherwise. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** Which installation is meant: its id, its connector's code, or both. */
export type InstallationReference =
  | { readonly installation_id: string; readonly connector_code?: string }
  | { readonly installation_id?: string; readonly connector_code: string }

/** A connector definition or an installation in a list. */
export interface ListedConnector {
  readonly id: string
  readonly code: string
  readonly name: string
  /** The definition, or of an installation's definition as much as a list needs. Summaries have none. */
  readonly config?: Readonly<Record<string, unknown>>
  /** The installation of an available connector. */
  readonly installation_id?: string
  /** Of an installation: fields of which it needs one before it can verify deliveries; null if it can. */
  readonly missing_for_receiving?: readonly string[] | null
  readonly [key: string]: unknown
}

/** A page of a list of connectors. */
export interface ConnectorPage {
  readonly connectors: readonly ListedConnector[]
  /** The value of `after` for the next page; null if there is none, missing if HERA does not page. */
  readonly next_after?: string | null
}

/** The entries of a list of connectors, in the order of their codes. */
export interface ConnectorQuery {
  /** A category such as crm, or an entity type. */
  readonly connector_type?: string
  readonly connector_code?: string
  /** Leaves out the definitions, which are long. */
  readonly summary?: boolean
  /** Entries of a page, from 1 to 1000; all if it is missing. */
  readonly limit?: number
  /** `next_after` of the page before. */
  readonly after?: string
}

/** What is known of an event that HERA has recorded. */
export interface EventReceipt {
  /** True where an event with this idempotency key was recorded before. */
  readonly duplicate?: boolean
  readonly event_id?: string
  readonly [key: string]: unknown
}

export interface LogEntry {
  readonly id: string
  readonly connector_code: string
  readonly event_type: string
  readonly status: 'error' | 'success' | 'pending'
  readonly message: string
  /** ISO 8601. */
  readonly timestamp: string
  /** Bytes. */
  readonly payload_size: number
  /** How often a sender has tried: rejected retries with one idempotency key share an entry. */
  readonly attempts: number
}

export interface LogsQuery {
  readonly limit?: number
  readonly connector_code?: string
  readonly status?: LogEntry['status']
  /** Only what is older: `next_before` of the page before. */
  readonly before?: string
}

/** Entries of the log, newest first. */
export interface LogPage {
  readonly logs: readonly LogEntry[]
  /** What to give as `before` for the next page; null where there is none, and missing where HERA does not page. */
  readonly next_before?: string | null
}

/** HERA's integration endpoints, for one organization. Nothing here throws for what HERA or the network does. */
export interface Hera {
  /** Lists the connectors that can be installed. */
  readonly listAvailable: (query?: ConnectorQuery, call?: CallOptions) => Promise<HeraResult<ConnectorPage>>
  /** Lists what is installed. */
  readonly list: (query?: ConnectorQuery, call?: CallOptions) => Promise<HeraResult<ConnectorPage>>
  /** Installs a connector. A configuration that lacks something is not sent. */
  readonly install: <Configuration extends object>(
    connector: Installable<Configuration>,
    configuration: NoInfer<Configuration>,
    call?: CallOptions,
  ) => Promise<HeraResult<{ readonly installation_id?: string; readonly [key: string]: unknown }>>
  /** Changes some fields of an installation's configuration; null takes one away. */
  readonly configure: <Configuration extends object>(
    connector: Installable<Configuration>,
    changes: { readonly [Name in keyof NoInfer<Configuration>]?: NoInfer<Configuration>[Name] | null },
    call?: CallOptions,
  ) => Promise<HeraResult<object>>
  readonly resume: (installation: InstallationReference, call?: CallOptions) => Promise<HeraResult<object>>
  readonly pause: (installation: InstallationReference, call?: CallOptions) => Promise<HeraResult<object>>
  readonly uninstall: (installation: InstallationReference, call?: CallOptions) => Promise<HeraResult<object>>
  /** Records an event; repeated after a failure only where the event has an idempotency key. */
  readonly sendEvent: (event: SentEvent, call?: CallOptions) => Promise<HeraResult<EventReceipt>>
  /** Reads the log, newest first. */
  readonly logs: (query?: LogsQuery, call?: CallOptions) => Promise<HeraResult<LogPage>>
}

type SentEvent = Parameters<typeof toEventRequest>[0] | EventBody

/** Statuses after which another try can succeed. */
const PASSING = [408, 429, 500, 502, 503, 504]

/** A client for one organization. Throws only for options that can never work. */
export function createHera(options: HeraOptions): Hera {
  const { baseUrl, token, organizationId, timeout = 10_000, retries = 3, allow = [] } = options
  const base = checkedBase(baseUrl)
  // The application itself names HERA's address, which may be on its own premises.
  const send = guardedFetch({ allow: [base.host], ...(options.fetch === undefined ? {} : { fetch: options.fetch }) })

  async function post<Data>(
    path: string,
    body: object,
    { isSafe, secrets = [], signal }: CallOptions & { readonly isSafe: boolean; readonly secrets?: readonly string[] },
  ): Promise<HeraResult<Data>> {
    let bearer = ''
    try {
      bearer = typeof token === 'string' ? token : await token()
      const request = {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          authorization: `Bearer ${bearer}`,
          'x-organization-id': organizationId,
          'content-type': 'application/json',
        },
      }
      const { response, text } = await repeat(
        async (bounded) => {
          const answered = await send(new URL(path, base), { ...request, signal: bounded })
          return { response: answered, text: await textOf(answered) }
        },
        {
          retries: isSafe ? retries : 0,
          timeout,
          signal,
          waitAfter: (outcome) => {
            if ('error' in outcome) return outcome.error instanceof AddressError ? undefined : 'backoff'
            const { status } = outcome.value.response
            if (!PASSING.includes(status)) return undefined
            return retryAfter(outcome.value.response) ?? 'backoff'
          },
        },
      )
      if (!response.ok) return failed(refusalOf(response, text, [bearer, ...secrets]))
      const answer: unknown = JSON.parse(text)
      if (!isAnswer(answer)) return failed({ reason: 'malformed_answer' })
      const refusal = refusalIn(answer)
      if (refusal !== undefined) return failed({ reason: 'refused', status: response.status, ...refusal })
      return { ok: true, data: answer.data as Data, ...(answer.rid === undefined ? {} : { rid: answer.rid }) }
    } catch (error) {
      return failed(errorOf(error))
    }
  }

  return {
    listAvailable: (query, call) =>
      post(endpoints.connectors, { operation: 'LIST_AVAILABLE', ...listed(query) }, { ...call, isSafe: true }),
    list: (query, call) =>
      post(endpoints.connectors, { operation: 'LIST', ...listed(query) }, { ...call, isSafe: true }),
    install: async ({ connector, fields }, configuration, call) => {
      const problems = configurationProblems({ fields }, configuration, { allow })
      if (problems.length > 0) return failed({ reason: 'invalid_configuration', problems })
      const body = { operation: 'INSTALL', connector_code: connector, installation_config: configuration }
      return post(endpoints.connectors, body, { ...call, isSafe: false, secrets: secretsIn(fields, configuration) })
    },
    configure: async ({ connector, fields }, changes, call) => {
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null))
      // What is not given stays as it is, so nothing is missing.
      const problems = configurationProblems({ fields }, given, { allow }).filter(
        ({ problem }) => problem !== 'missing',
      )
      if (problems.length > 0) return failed({ reason: 'invalid_configuration', problems })
      const body = { operation: 'CONFIGURE', connector_code: connector, installation_config: changes }
      return post(endpoints.connectors, body, { ...call, isSafe: false, secrets: secretsIn(fields, changes) })
    },
    resume: (installation, call) =>
      post(endpoints.connectors, { operation: 'RESUME', ...referred(installation) }, { ...call, isSafe: false }),
    pause: (installation, call) =>
      post(endpoints.connectors, { operation: 'PAUSE', ...referred(installation) }, { ...call, isSafe: false }),
    uninstall: (installation, call) =>
      post(endpoints.connectors, { operation: 'UNINSTALL', ...referred(installation) }, { ...call, isSafe: false }),
    sendEvent: (event, call) => {
      const body = 'event_type' in event ? event : toEventRequest(event)
      return post(endpoints.events, body, { ...call, isSafe: body.idempotency_key !== undefined })
    },
    logs: ({ limit = 50, ...query } = {}, call) => post(endpoints.logs, { limit, ...query }, { ...call, isSafe: true }),
  }
}

/** HERA's gateway passes `connector_type` and `connector_code` on, and everything else only inside `options`. */
function listed({ connector_type, connector_code, ...options }: ConnectorQuery = {}): object {
  return {
    ...(connector_type === undefined ? {} : { connector_type }),
    ...(connector_code === undefined ? {} : { connector_code }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  }
}

/** With the id in both places: HERA's own gateway drops it at the top. */
function referred(installation: InstallationReference): object {
  const { installation_id } = installation
  return installation_id === undefined ? installation : { ...installation, options: { installation_id } }
}

/** The values that no message may tell. */
function secretsIn(fields: Installable['fields'], configuration: object): readonly string[] {
  return Object.entries(configuration).flatMap(([name, value]) =>
    fields[name]?.sensitive === true ? [String(value)] : [],
  )
}

/** A token must not travel in clear text, except on this machine. */
function checkedBase(baseUrl: string | URL): URL {
  const base = new URL(baseUrl)
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(base.hostname)
  if (base.protocol !== 'https:' && !(base.protocol === 'http:' && isLocal))
    throw new TypeError('baseUrl must begin with https://, or be on this machine')
  if (addressProblem(base, { allow: [base.host] }) === 'user_info')
    throw new TypeError('baseUrl must not contain a name or password')
  return base
}

/** Bytes of the largest answer that is read. */
const MOST_BYTES = 20_000_000

async function textOf(response: Response): Promise<string> {
  const body = await readBody(response, MOST_BYTES)
  if (typeof body === 'string') throw new TypeError(body)
  return new TextDecoder().decode(body)
}

function failed<Data>(error: HeraError): HeraResult<Data> {
  return { ok: false, error }
}

interface Answer {
  readonly data: unknown
  readonly rid?: string
}

function isAnswer(value: unknown): value is Answer {
  if (typeof value !== 'object' || value === null || !('data' in value)) return false
  return !('rid' in value) || typeof value.rid === 'string'
}

/** An event that the database has refused and logged reaches a gateway as an answer. */
function refusalIn({ data, rid }: Answer): { readonly message: string; readonly rid?: string } | undefined {
  if (typeof data !== 'object' || data === null || !('success' in data) || data.success !== false) return undefined
  const { error, message } = data as Readonly<Record<string, unknown>>
  return { message: saidIn(error, message) ?? 'HERA refused', ...(rid === undefined ? {} : { rid }) }
}

/** HERA's code, and the sentence beside it where there is one. */
function saidIn(...parts: readonly unknown[]): string | undefined {
  const texts = parts.filter((part) => typeof part === 'string')
  return texts.length === 0 ? undefined : texts.join(': ')
}

function errorOf(error: unknown): HeraError {
  const name = error instanceof Error ? error.name : ''
  if (name === 'AbortError' || name === 'TimeoutError') return { reason: 'timeout' }
  return { reason: name === 'SyntaxError' ? 'malformed_answer' : 'unreachable' }
}

function refusalOf(response: Response, text: string, secrets: readonly string[]): HeraError {
  const { status } = response
  const { error: code, message: sentence, rid } = membersOf(text)
  const wait = Math.ceil((retryAfter(response) ?? 0) / 1000)
  return {
    reason: reasonOf(status),
    status,
    message: withoutSecrets(saidIn(code, sentence) ?? `HERA answered ${status}`, secrets),
    ...(typeof rid === 'string' ? { rid } : {}),
    ...(wait > 0 ? { retry_after_seconds: wait } : {}),
  }
}

/** The members of an object in JSON; none if the text is something else. */
function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null ? (answer as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

function reasonOf(status: number): 'refused' | 'unauthorized' | 'forbidden' | 'rate_limited' | 'unavailable' {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 429) return 'rate_limited'
  return PASSING.includes(status) || status > 499 ? 'unavailable' : 'refused'
}

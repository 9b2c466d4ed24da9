import type { Answer } from './answer.ts'
import { readAnswer } from './answer.ts'
import type { Assertion } from './assertion.ts'
import { signAssertion } from './assertion.ts'
import { encoded, equalTexts, utf8 } from './bytes.ts'
import { basic } from './credentials.ts'
import type { OutgoingOptions } from './outgoing.ts'
import { guardedFetch } from './outgoing.ts'
import { valueAtPointer } from './pointer.ts'
import type { FieldForms, Values } from './template.ts'
import { bareValue, bareValues, ConfigurationError, fill, fillUrl, isSafe } from './template.ts'
import type { OAuthError, TokenResponse, Tokens } from './token-request.ts'
import { errorIn, failureOf, tokensIn } from './token-request.ts'

/** How an application gets its first tokens. */
export type Grant =
  /** A person consents in a browser (RFC 6749, 4.1). */
  | 'authorization_code'
  /** The application asks for itself (RFC 6749, 4.4). */
  | 'client_credentials'
  /** A person consents on another device (RFC 8628). */
  | 'device_code'
  /** A signed token (RFC 7523). */
  | 'jwt_bearer'
  /** Another token (RFC 8693). */
  | 'token_exchange'
  /** The vendor's own call, which contains only `parameters.token`. */
  | 'token_call'

/** JSON with templates in its strings. */
export type Template = string | number | boolean | { readonly [Name in string]: Template } | readonly Template[]
type Parameters = Readonly<Record<string, Template>>

/** A value that is stored as a field, and its place. */
export interface Kept {
  /** The answer of the token URL, the address to which the vendor sends the person back, or the answer to `lookup`. */
  readonly in: 'token' | 'redirect' | 'lookup'
  /** A JSON Pointer, or the name of a query parameter. */
  readonly at: string
}

/**
 * How a connector's vendor does OAuth 2.0, as its definition says it. `Field` names the fields of an installation that
 * it needs. URLs and other strings are templates with fields; some also contain `{scope}`, `{assertion}` and
 * `{access_token}`.
 */
export interface OAuth<Field extends string = string> {
  readonly connector: string
  readonly grant: Grant
  readonly authorization_url?: string
  readonly device_authorization_url?: string
  readonly token_url: string
  /** The URL that renews tokens, if it is not the token URL. */
  readonly refresh_url?: string
  /** Other addresses, by the value of the field that chooses an environment of the API. */
  readonly environments?: {
    readonly field: Field
    readonly urls: Readonly<Record<string, { readonly authorization_url?: string; readonly token_url?: string }>>
  }
  /** The fields of an installation that hold the client's id and secret. */
  readonly client_id?: Field
  readonly client_secret?: Field
  /** How the client proves itself at the token URL. */
  readonly client_authentication: 'client_secret_post' | 'client_secret_basic' | 'none'
  /** Scopes that are always asked for. */
  readonly scopes: readonly string[]
  readonly scope_separator: ' ' | ','
  /** The parameter for scopes that an account need not have, where the vendor has one. */
  readonly optional_scope_parameter?: string
  /** Whether the vendor knows PKCE (RFC 7636). */
  readonly pkce: boolean
  /** How the token URL is called. */
  readonly token_method: 'GET' | 'POST'
  /** The form of its body; a form where it is missing. */
  readonly token_body?: 'json'
  readonly token_headers?: Readonly<Record<string, string>>
  /** Further parameters of the authorization URL, of the first token request, and of renewals. */
  readonly parameters?: { readonly authorize?: Parameters; readonly token?: Parameters; readonly refresh?: Parameters }
  readonly response?: TokenResponse
  /** Errors of the token URL, besides `invalid_grant`, after which only the person can help. */
  readonly reconnect_on?: readonly string[]
  readonly assertion?: Assertion
  readonly keeps?: Readonly<Record<string, Kept>>
  /** The call after connecting; it carries the access token as a bearer token unless it has other headers. */
  readonly lookup?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> }
  /** The forms of the fields that addresses contain or that are kept. */
  readonly fields?: FieldForms
  /** How a token is renewed. */
  readonly refresh: 'refresh_token' | 'token_exchange' | 'reauthorize' | 'none'
  /** Seconds before the expiry at which a token is renewed. */
  readonly refresh_before_seconds: number
  /** The exchange of a valid token for one that lives longer. */
  readonly exchange?: { readonly grant_type: string; readonly token_parameter: string }
}

export type OAuthResult =
  | {
      readonly ok: true
      readonly tokens: Tokens
      /** Values to store as fields of the installation, if the definition keeps any. */
      readonly kept?: Readonly<Record<string, string>>
      /** The fields in `kept` that had another value, as if another account was connected. */
      readonly replaced?: readonly string[]
      /** Why the call after connecting brought no values. The tokens are valid all the same; see `lookUp`. */
      readonly lookup_error?: OAuthError
    }
  | { readonly ok: false; readonly error: OAuthError }

/** What must be kept, in the person's session, until the vendor sends the person back. */
export interface PendingAuthorization {
  readonly state: string
  readonly redirect_uri: string
  readonly code_verifier?: string
}

export interface OAuthOptions extends OutgoingOptions {
  readonly signal?: AbortSignal
  /** Milliseconds since 1970; the clock where it is missing. */
  readonly now?: number
}

type Configuration<Field extends string> = { readonly [Name in Field]?: string }

/** Where to send the person, and what to keep until the person comes back. Throws a ConfigurationError. */
export async function authorize<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  {
    redirectUri,
    scopes = description.scopes,
    optionalScopes = [],
    allow = [],
  }: {
    readonly redirectUri: string
    readonly scopes?: readonly string[]
    readonly optionalScopes?: readonly string[]
  } & Pick<OutgoingOptions, 'allow'>,
): Promise<{ readonly url: string; readonly pending: PendingAuthorization }> {
  const { fields = {}, client_id, scope_separator, optional_scope_parameter, pkce } = description
  const values = bareValues(configuration, fields)
  const { authorization } = urlsOf(description, values)
  if (authorization === undefined) throw new TypeError('the connector has no authorization URL')
  const url = new URL(fillUrl(authorization, values, { forms: fields, allow }))
  const state = random()
  const verifier = pkce ? random() : undefined
  const asked = optional_scope_parameter === undefined ? [...scopes, ...optionalScopes] : scopes
  const scope = [...new Set(asked)].join(scope_separator)
  const parameters = {
    response_type: 'code',
    client_id: client_id === undefined ? undefined : needed(values, client_id),
    redirect_uri: redirectUri,
    state,
    scope: scope === '' ? undefined : scope,
    ...(optional_scope_parameter !== undefined &&
      optionalScopes.length > 0 && { [optional_scope_parameter]: optionalScopes.join(scope_separator) }),
    ...(verifier !== undefined && { code_challenge: await challengeOf(verifier), code_challenge_method: 'S256' }),
    ...texts(description.parameters?.authorize, { ...values, scope }),
  }
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, String(value))
  return {
    url: url.href,
    pending: { state, redirect_uri: redirectUri, ...(verifier === undefined ? {} : { code_verifier: verifier }) },
  }
}

/** Takes the address to which the vendor has sent the person back, and gets the tokens for it. */
export async function exchangeCode<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  callback: string | URL,
  pending: PendingAuthorization,
  options: OAuthOptions = {},
): Promise<OAuthResult> {
  const query = new URL(callback).searchParams
  const [state, code, error] = ['state', 'code', 'error'].map((name) => single(query, name))
  if (state === undefined || !(await equalTexts(state, pending.state)))
    return { ok: false, error: { reason: 'invalid_state' } }
  if (error !== undefined)
    return { ok: false, error: { reason: error === 'access_denied' ? 'denied' : 'refused', code: error.slice(0, 100) } }
  if (code === undefined) return { ok: false, error: { reason: 'malformed_answer' } }
  const { redirect_uri, code_verifier } = pending
  const parameters = {
    ...{ grant_type: 'authorization_code', code, redirect_uri },
    ...(code_verifier === undefined ? {} : { code_verifier }),
  }
  return connect(description, configuration, { step: 'token', parameters }, options, query)
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

/** The parameters of grants that need no person. */
const UNATTENDED: Readonly<Partial<Record<Grant, (scope: { readonly scope?: string }) => TokenCall['parameters']>>> = {
  client_credentials: (scope) => ({ grant_type: 'client_credentials', ...scope }),
  jwt_bearer: () => ({ grant_type: JWT_BEARER }),
  token_exchange: (scope) => ({ grant_type: TOKEN_EXCHANGE, ...scope }),
  token_call: () => ({}),
}

/** Whether tokens can be requested without a person. */
export function obtainsTokens({ grant }: Pick<OAuth, 'grant'>): boolean {
  return UNATTENDED[grant] !== undefined
}

/**
 * Requests tokens without a person: with client credentials, a signed token, a token to exchange, or the vendor's own
 * call. `subject` is the token to exchange and its type, if the definition does not contain them.
 */
export async function requestTokens<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  { subject, ...options }: OAuthOptions & { readonly subject?: { readonly token: string; readonly type: string } } = {},
): Promise<OAuthResult> {
  const standard = UNATTENDED[description.grant]
  if (standard === undefined) return { ok: false, error: { reason: 'reconnect' } }
  const parameters = {
    ...standard(scopeOf(description)),
    ...(subject === undefined ? {} : { subject_token: subject.token, subject_token_type: subject.type }),
  }
  return connect(description, configuration, { step: 'token', parameters }, options)
}

/** What a person needs to consent on another device, and `pollDevice` to ask for the tokens (RFC 8628, 3.2). */
export interface DeviceAuthorization {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete?: string
  /** ISO 8601. */
  readonly expires_at?: string
  /** Seconds between two polls; five more after each `slow_down`. */
  readonly interval_seconds: number
}

/** Begins the flow for devices. */
export async function deviceAuthorization<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  options: OAuthOptions = {},
): Promise<
  { readonly ok: true; readonly device: DeviceAuthorization } | { readonly ok: false; readonly error: OAuthError }
> {
  const call = { step: 'device', parameters: scopeOf(description) } as const
  const reply = await callTokenUrl(description, configuration, call, options)
  if ('reason' in reply) return { ok: false, error: reply }
  const at = (name: string) => textOf(valueAtPointer(reply.answer, `/${name}`))
  const [device_code, user_code] = [at('device_code'), at('user_code')]
  // Google writes `verification_url`, as an early draft of the RFC did.
  const verification_uri = at('verification_uri') ?? at('verification_url')
  if (device_code === undefined || user_code === undefined || verification_uri === undefined)
    return { ok: false, error: errorIn(reply, { secrets: reply.secrets }) }
  const complete = at('verification_uri_complete')
  const expires_at = tokensIn({ ...(reply.answer as object), access_token: 'none' }, {}, nowOf(options))?.expires_at
  return {
    ok: true,
    device: {
      ...{ device_code, user_code, verification_uri },
      ...(complete === undefined ? {} : { verification_uri_complete: complete }),
      ...(expires_at === undefined ? {} : { expires_at }),
      interval_seconds: Number(at('interval') ?? 5) || 5,
    },
  }
}

/** Asks once for the tokens of a device; the reason is `pending` until the person has consented. */
export async function pollDevice<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  { device_code, expires_at }: DeviceAuthorization,
  options: OAuthOptions = {},
): Promise<OAuthResult> {
  if (expires_at !== undefined && Date.parse(expires_at) <= nowOf(options))
    return { ok: false, error: { reason: 'reconnect', code: 'expired_token' } }
  const parameters = { grant_type: DEVICE_CODE, device_code }
  return connect(description, configuration, { step: 'token', parameters }, options)
}

/** Whether tokens are to be renewed now, before they end. */
export function needsRefresh(
  { refresh_before_seconds }: Pick<OAuth, 'refresh_before_seconds'>,
  { expires_at }: Tokens,
  now?: number,
): boolean {
  if (expires_at === undefined) return false
  return Date.parse(expires_at) - (now ?? Date.now()) <= refresh_before_seconds * 1000
}

/**
 * Renews tokens as the vendor wants it; the newest refresh token is kept. Grants that need no person are repeated. One
 * process at a time may do this: see `tokenSource`.
 */
export async function refreshTokens<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  tokens: Tokens,
  options: OAuthOptions = {},
): Promise<OAuthResult> {
  if (description.refresh === 'token_exchange') return exchangeToken(description, configuration, tokens, options)
  const { refresh_token } = tokens
  if (description.refresh !== 'refresh_token' || refresh_token === undefined)
    return requestTokens(description, configuration, options)
  const parameters = { grant_type: 'refresh_token', refresh_token }
  const result = await tokensBy(description, configuration, { step: 'refresh', parameters }, options)
  return result.ok ? { ...result, tokens: { ...unchanged(tokens), ...result.tokens } } : result
}

/** Exchanges a valid token for one that lives longer, where the vendor has that (Meta's long-lived tokens). */
export async function exchangeToken<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  tokens: Tokens,
  options: OAuthOptions = {},
): Promise<OAuthResult> {
  const { exchange } = description
  if (exchange === undefined) return { ok: false, error: { reason: 'reconnect' } }
  const parameters = { grant_type: exchange.grant_type, [exchange.token_parameter]: tokens.access_token }
  return tokensBy(description, configuration, { step: 'refresh', parameters }, options)
}

/** Vendors leave out of an answer what has not changed. */
function unchanged({ refresh_token, refresh_expires_at, scope }: Tokens): Partial<Tokens> {
  return {
    ...(refresh_token === undefined ? {} : { refresh_token }),
    ...(refresh_expires_at === undefined ? {} : { refresh_expires_at }),
    ...(scope === undefined ? {} : { scope }),
  }
}

/** The values of the call after connecting. Repeat it if connecting ended with a `lookup_error`. */
export async function lookUp<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  { access_token }: Pick<Tokens, 'access_token'>,
  { signal, allow = [], ...outgoing }: OAuthOptions = {},
): Promise<
  | { readonly ok: true; readonly kept: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly error: OAuthError }
> {
  const { lookup, fields = {}, keeps = {} } = description
  if (lookup === undefined) return { ok: true, kept: {} }
  const values = { ...bareValues(configuration, fields), access_token }
  const templates = lookup.headers ?? { authorization: 'Bearer {access_token}' }
  try {
    const request = new Request(fillUrl(lookup.url, values, { forms: fields, allow }), {
      headers: { accept: 'application/json', ...strings(texts(templates, values)) },
    })
    const { response, answer } = await readAnswer(guardedFetch({ ...outgoing, allow }), request, signal)
    if (!response.ok) return { ok: false, error: { reason: 'refused', status: response.status } }
    const found = keptFrom({ lookup: answer }, keeps, fields, allow)
    const missing = Object.entries(keeps).find(([field, { in: place }]) => place === 'lookup' && !(field in found.kept))
    const wrong = found.wrong ?? missing?.[0]
    return wrong === undefined
      ? { ok: true, kept: found.kept }
      : { ok: false, error: { reason: 'malformed_answer', code: wrong } }
  } catch (error) {
    return { ok: false, error: failureOf(error) }
  }
}

/** A request of the token URL, or of the URL for devices. `parameters` are those of the standards. */
interface TokenCall {
  readonly step: 'token' | 'refresh' | 'device'
  readonly parameters: Readonly<Record<string, string>>
}

/** First tokens, and everything that is kept while connecting. */
async function connect<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  call: TokenCall,
  options: OAuthOptions,
  redirect?: URLSearchParams,
): Promise<OAuthResult> {
  const result = await tokensBy(description, configuration, call, options, redirect)
  if (!result.ok || description.lookup === undefined) return result
  const found = await lookUp(description, { ...configuration, ...result.kept }, result.tokens, options)
  if (!found.ok) return { ...result, lookup_error: found.error }
  return compared(description, configuration, { ...result, kept: { ...result.kept, ...found.kept } })
}

/** The result with the fields whose values differ from the configured ones. */
function compared<Field extends string>(
  { fields = {} }: Pick<OAuth, 'fields'>,
  configuration: Configuration<Field>,
  result: Extract<OAuthResult, { readonly ok: true }>,
): OAuthResult {
  const before: Values = configuration
  const replaced = Object.entries(result.kept ?? {}).flatMap(([field, value]) => {
    const known = Object.hasOwn(before, field) ? before[field] : undefined
    if (known === undefined || known === '') return []
    return bareValue(known, fields[field]) === bareValue(value, fields[field]) ? [] : [field]
  })
  return replaced.length === 0 ? result : { ...result, replaced }
}

async function tokensBy<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  call: TokenCall,
  options: OAuthOptions,
  redirect?: URLSearchParams,
): Promise<OAuthResult> {
  const { response: places = {}, keeps, fields = {}, reconnect_on: reconnectOn = [] } = description
  const reply = await callTokenUrl(description, configuration, call, options)
  if ('reason' in reply) return { ok: false, error: reply }
  const { response, answer, secrets } = reply
  const tokens = response.ok ? tokensIn(answer, places, nowOf(options)) : undefined
  if (tokens === undefined) return { ok: false, error: errorIn(reply, { reconnectOn, secrets }) }
  if (keeps === undefined) return { ok: true, tokens }
  const { kept, wrong } = keptFrom({ token: answer, redirect }, keeps, fields, options.allow ?? [])
  return wrong === undefined
    ? compared(description, configuration, { ok: true, tokens, kept })
    : { ok: false, error: { reason: 'malformed_answer', code: wrong } }
}

/** The values to keep, and the first field with a value that does not have its form. */
function keptFrom(
  answers: { readonly token?: unknown; readonly redirect?: URLSearchParams | undefined; readonly lookup?: unknown },
  keeps: NonNullable<OAuth['keeps']>,
  fields: FieldForms,
  allow: readonly string[],
): { readonly kept: Readonly<Record<string, string>>; readonly wrong?: string } {
  const found = Object.entries(keeps).flatMap(([field, { in: place, at }]) => {
    const value =
      place === 'redirect'
        ? answers.redirect && single(answers.redirect, at)
        : textOf(valueAtPointer(answers[place], at))
    return value === undefined ? [] : [[field, value] as const]
  })
  const wrong = found.find(([field, value]) => !isSafe(value, fields[field], allow))?.[0]
  return { kept: Object.fromEntries(found), ...(wrong === undefined ? {} : { wrong }) }
}

/** Calls a URL with the parameters of the standards and of the definition; returns why there is no answer. */
async function callTokenUrl<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  { step, parameters }: TokenCall,
  { signal, now, allow = [], ...outgoing }: OAuthOptions,
): Promise<(Answer & { readonly secrets: readonly string[] }) | OAuthError> {
  const { fields = {}, assertion, grant, scopes } = description
  const known: Values = { ...bareValues(configuration, fields), scope: scopes.join(description.scope_separator) }
  const template = urlsOf(description, known)[step]
  if (template === undefined) throw new TypeError('the connector has no URL for devices')
  const signed = assertion && (await signAssertion(assertion, known, nowOf({ now })))
  const values: Values = { ...known, assertion: signed }
  const client = clientParameters(description, values)
  const own = step === 'device' ? {} : texts(description.parameters?.[step], values)
  const body = {
    ...parameters,
    ...(grant === 'jwt_bearer' && step === 'token' && signed !== undefined ? { assertion: signed } : {}),
    ...client.body,
    ...own,
  }
  const url = fillUrl(template, values, { forms: fields, allow })
  const headers = {
    accept: 'application/json',
    ...(client.authorization === undefined ? {} : { authorization: client.authorization }),
    ...strings(texts(description.token_headers, values)),
  }
  const { scope: _, ...fieldValues } = values
  const { grant_type: __, scope: ___, ...sent } = parameters
  const secrets = [...Object.values(fieldValues), ...Object.values(sent)].filter((value) => value !== undefined)
  try {
    const request = requestOf(description, url, headers, body)
    return { ...(await readAnswer(guardedFetch({ ...outgoing, allow }), request, signal)), secrets }
  } catch (error) {
    return failureOf(error)
  }
}

/** The addresses of the environment that an installation has chosen. */
function urlsOf(
  { authorization_url, device_authorization_url, token_url, refresh_url, environments }: OAuth,
  values: Values,
): {
  readonly authorization: string | undefined
  readonly device: string | undefined
  readonly token: string
  readonly refresh: string
} {
  const chosen = values[environments?.field ?? ''] ?? ''
  const own = environments && Object.hasOwn(environments.urls, chosen) ? environments.urls[chosen] : undefined
  return {
    authorization: own?.authorization_url ?? authorization_url,
    device: device_authorization_url,
    token: own?.token_url ?? token_url,
    refresh: own?.token_url ?? refresh_url ?? token_url,
  }
}

/** RFC 6749, 2.3.1: with Basic, id and secret are encoded like a form. */
function clientParameters(
  { client_id, client_secret, client_authentication, grant }: OAuth,
  values: Values,
): { readonly body: Readonly<Record<string, string>>; readonly authorization?: string } {
  const id = client_id === undefined ? undefined : needed(values, client_id)
  const secret = client_secret === undefined ? undefined : needed(values, client_secret)
  switch (client_authentication) {
    case 'client_secret_basic':
      return { body: {}, authorization: basic(formEncoded(id ?? ''), formEncoded(secret ?? '')) }
    case 'client_secret_post':
      return { body: { ...(id && { client_id: id }), ...(secret && { client_secret: secret }) } }
    case 'none':
      return { body: grant === 'token_call' || id === undefined ? {} : { client_id: id } }
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

function requestOf(
  { token_method, token_body }: Pick<OAuth, 'token_method' | 'token_body'>,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Parameters,
): Request {
  if (token_method === 'GET') {
    const address = new URL(url)
    for (const [name, value] of Object.entries(strings(body))) address.searchParams.set(name, value)
    return new Request(address, { headers })
  }
  return token_body === 'json'
    ? new Request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    : new Request(url, { method: 'POST', headers, body: new URLSearchParams(strings(body)) })
}

/** Templates with their values. A member whose value is missing is left out. */
function texts<Value extends Template>(
  templates: Readonly<Record<string, Value>> | undefined,
  values: Values,
): Readonly<Record<string, Value>> {
  const filled = Object.entries(templates ?? {}).flatMap(([name, template]) => {
    const value = textIn(template, values)
    return value === undefined ? [] : [[name, value as Value] as const]
  })
  return Object.fromEntries(filled)
}

function textIn(template: Template, values: Values): Template | undefined {
  if (typeof template === 'string') return fill(template, values)
  if (Array.isArray(template)) return template.flatMap((item: Template) => textIn(item, values) ?? [])
  return typeof template === 'object' ? texts(template as Parameters, values) : template
}

function strings(parameters: Parameters): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
}

function scopeOf({ scopes, scope_separator }: Pick<OAuth, 'scopes' | 'scope_separator'>): { readonly scope?: string } {
  return scopes.length === 0 ? {} : { scope: scopes.join(scope_separator) }
}

function needed(values: Values, field: string): string {
  const value = values[field]
  if (value === undefined || value === '') throw new ConfigurationError(field, 'missing')
  return value
}

/** A parameter that occurs twice does not count. */
function single(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name)
  return more.length === 0 && value !== '' ? value : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
}

function nowOf({ now }: { readonly now?: number | undefined }): number {
  return now ?? Date.now()
}

/** 32 random bytes as text. */
function random(): string {
  return encoded(crypto.getRandomValues(new Uint8Array(32)), 'base64url')
}

/** RFC 7636, 4.2. */
async function challengeOf(verifier: string): Promise<string> {
  return encoded(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(verifier))), 'base64url')
}

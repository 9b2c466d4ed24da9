import * as oauth from 'oauth4webapi'
import { withoutSecrets } from './installation.ts'
import type { OutgoingOptions } from './outgoing.ts'
import { AddressError, guardedFetch } from './outgoing.ts'

/** How a connector's vendor does OAuth 2.0, as its definition says it. `Field` names the fields of an installation. */
export interface OAuth<Field extends string = string> {
  readonly connector: string
  readonly authorization_url: string
  readonly token_url: string
  /** The fields of an installation that hold the client's id and secret. */
  readonly client_id: Field
  readonly client_secret: Field
  /** Scopes that are always asked for. */
  readonly scopes: readonly string[]
  readonly scope_separator: ' ' | ','
  /** The parameter for scopes that an account need not have, where the vendor has one. */
  readonly optional_scope_parameter?: string
  /** Whether the vendor knows PKCE (RFC 7636). */
  readonly pkce: boolean
  /** How the token address is asked. */
  readonly token_method: 'GET' | 'POST'
  /** How a token is renewed. */
  readonly refresh: 'refresh_token' | 'token_exchange' | 'reauthorize' | 'none'
  /** Seconds before the expiry at which a token is renewed. */
  readonly refresh_before_seconds: number
  /** The exchange of a valid token for one that lives longer. */
  readonly exchange?: { readonly grant_type: string; readonly token_parameter: string }
}

/** Tokens as they are to be stored, encrypted. Times are ISO 8601. */
export interface Tokens {
  readonly access_token: string
  readonly refresh_token?: string
  /** Missing where the token does not expire, or the vendor does not say. */
  readonly expires_at?: string
  readonly refresh_expires_at?: string
  readonly scope?: string
}

/** Why there are no tokens. Nothing in it tells a secret, a code or a token. */
export interface OAuthError {
  /**
   * `denied`: the person said no. `invalid_state`: the answer belongs to another attempt. `reconnect`: only the person
   * can help, by connecting again. `refused`: the vendor does not accept the request. `unsafe_address`: the token
   * address is not a public https address.
   */
  readonly reason:
    | 'denied'
    | 'invalid_state'
    | 'reconnect'
    | 'refused'
    | 'malformed_answer'
    | 'unreachable'
    | 'unsafe_address'
  /** The vendor's code, such as `invalid_grant`; for an unsafe address why it is one. */
  readonly code?: string
  readonly status?: number
}

export type OAuthResult =
  | { readonly ok: true; readonly tokens: Tokens }
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

/** Where to send the person, and what to keep until the person comes back. */
export async function authorize<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  {
    redirectUri,
    scopes = description.scopes,
    optionalScopes = [],
  }: {
    readonly redirectUri: string
    readonly scopes?: readonly string[]
    readonly optionalScopes?: readonly string[]
  },
): Promise<{ readonly url: string; readonly pending: PendingAuthorization }> {
  const { scope_separator, optional_scope_parameter } = description
  const url = new URL(description.authorization_url)
  const state = oauth.generateRandomState()
  url.searchParams.set('response_type', 'code')
  url.searchParams.set('client_id', valueIn(configuration, description.client_id))
  url.searchParams.set('redirect_uri', redirectUri)
  url.searchParams.set('state', state)
  const asked = optional_scope_parameter === undefined ? [...scopes, ...optionalScopes] : scopes
  url.searchParams.set('scope', [...new Set(asked)].join(scope_separator))
  if (optional_scope_parameter !== undefined && optionalScopes.length > 0)
    url.searchParams.set(optional_scope_parameter, optionalScopes.join(scope_separator))
  if (!description.pkce) return { url: url.href, pending: { state, redirect_uri: redirectUri } }
  const verifier = oauth.generateRandomCodeVerifier()
  url.searchParams.set('code_challenge', await oauth.calculatePKCECodeChallenge(verifier))
  url.searchParams.set('code_challenge_method', 'S256')
  return { url: url.href, pending: { state, redirect_uri: redirectUri, code_verifier: verifier } }
}

/** Takes the address to which the vendor has sent the person back, and gets the tokens for it. */
export async function exchangeCode<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  callback: string | URL,
  pending: PendingAuthorization,
  options: OAuthOptions = {},
): Promise<OAuthResult> {
  return tokensOf(description, configuration, options, async (server, client, authentication, http) => {
    const parameters = oauth.validateAuthResponse(server, client, new URL(callback), pending.state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      parameters,
      pending.redirect_uri,
      pending.code_verifier ?? oauth.nopkce,
      http,
    )
    return oauth.processAuthorizationCodeResponse(server, client, response)
  })
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

/** Renews tokens as the vendor wants it; the newest refresh token is kept. One process at a time may do this. */
export async function refreshTokens<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  tokens: Tokens,
  options: OAuthOptions = {},
): Promise<OAuthResult> {
  if (description.refresh === 'token_exchange') return exchangeToken(description, configuration, tokens, options)
  const { refresh_token } = tokens
  if (description.refresh !== 'refresh_token' || refresh_token === undefined)
    return { ok: false, error: { reason: 'reconnect' } }
  const result = await tokensOf(description, configuration, options, async (server, client, authentication, http) => {
    const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refresh_token, http)
    return oauth.processRefreshTokenResponse(server, client, response)
  })
  return result.ok ? { ok: true, tokens: { ...kept(tokens), ...result.tokens } } : result
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
  return tokensOf(description, configuration, options, async (server, client, authentication, http) => {
    const parameters = { [exchange.token_parameter]: tokens.access_token }
    const { grant_type } = exchange
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      authentication,
      grant_type,
      parameters,
      http,
    )
    return oauth.processGenericTokenEndpointResponse(server, client, response)
  })
}

/** Vendors leave out of an answer what has not changed. */
function kept({ refresh_token, refresh_expires_at, scope }: Tokens): Partial<Tokens> {
  return {
    ...(refresh_token === undefined ? {} : { refresh_token }),
    ...(refresh_expires_at === undefined ? {} : { refresh_expires_at }),
    ...(scope === undefined ? {} : { scope }),
  }
}

type Ask = (
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  authentication: oauth.ClientAuth,
  http: oauth.TokenEndpointRequestOptions,
) => Promise<oauth.TokenEndpointResponse>

async function tokensOf<Field extends string>(
  description: OAuth<Field>,
  configuration: Configuration<Field>,
  { signal, now = Date.now(), ...outgoing }: OAuthOptions,
  ask: Ask,
): Promise<OAuthResult> {
  const { authorization_url, token_url, token_method } = description
  const secret = valueIn(configuration, description.client_secret)
  const server = {
    issuer: new URL(authorization_url).origin,
    authorization_endpoint: authorization_url,
    token_endpoint: token_url,
  }
  const client = { client_id: valueIn(configuration, description.client_id) }
  const send = guardedFetch(outgoing)
  const http = {
    [oauth.customFetch]: async (
      url: string,
      { method, headers, body }: oauth.CustomFetchOptions<'POST', URLSearchParams>,
    ) => {
      const bounded = AbortSignal.any([...(signal === undefined ? [] : [signal]), AbortSignal.timeout(10_000)])
      const init = { headers, redirect: 'manual', signal: bounded } as const
      return token_method === 'GET'
        ? completed(await send(withQuery(url, body), { ...init, method: 'GET' }))
        : completed(await send(url, { ...init, method, body }))
    },
  }
  try {
    return { ok: true, tokens: stored(await ask(server, client, oauth.ClientSecretPost(secret), http), now) }
  } catch (error) {
    return { ok: false, error: errorOf(error, [secret]) }
  }
}

function valueIn<Field extends string>(configuration: Configuration<Field>, field: Field): string {
  const value = configuration[field]
  if (value === undefined || value === '') throw new TypeError(`the configuration lacks ${field}`)
  return value
}

function withQuery(address: string, parameters: URLSearchParams): URL {
  const url = new URL(address)
  for (const [name, value] of parameters) url.searchParams.set(name, value)
  return url
}

/** Some vendors leave out the type of a token, which is always bearer; who has signed in is of no concern here. */
async function completed(response: Response): Promise<Response> {
  if (!response.ok) return response
  const answer: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) return response
  const { id_token: _, ...token } = answer as Readonly<Record<string, unknown>>
  return Response.json({ token_type: 'bearer', ...token }, { status: 200 })
}

function stored(answer: oauth.TokenEndpointResponse, now: number): Tokens {
  const { access_token, refresh_token, expires_in, scope } = answer
  const refreshExpires = answer['refresh_token_expires_in']
  return {
    access_token,
    ...(refresh_token === undefined ? {} : { refresh_token }),
    ...(expires_in === undefined ? {} : { expires_at: new Date(now + expires_in * 1000).toISOString() }),
    ...(typeof refreshExpires === 'number'
      ? { refresh_expires_at: new Date(now + refreshExpires * 1000).toISOString() }
      : {}),
    ...(scope === undefined ? {} : { scope }),
  }
}

function errorOf(error: unknown, secrets: readonly string[]): OAuthError {
  if (error instanceof AddressError) return { reason: 'unsafe_address', code: error.problem }
  if (error instanceof oauth.AuthorizationResponseError)
    return {
      reason: error.error === 'access_denied' ? 'denied' : 'refused',
      code: withoutSecrets(error.error, secrets),
    }
  if (error instanceof oauth.ResponseBodyError) {
    const code = withoutSecrets(error.error, secrets)
    return { reason: code === 'invalid_grant' ? 'reconnect' : 'refused', code, status: error.status }
  }
  if (error instanceof oauth.OperationProcessingError) {
    const { code, cause } = error
    if (code === oauth.INVALID_RESPONSE && cause instanceof URLSearchParams) return { reason: 'invalid_state' }
    if (cause instanceof Response && !cause.ok) return { reason: 'refused', status: cause.status }
    const parameters = (cause as { readonly parameters?: unknown } | undefined)?.parameters
    return { reason: parameters instanceof URLSearchParams ? 'invalid_state' : 'malformed_answer' }
  }
  return { reason: 'unreachable' }
}

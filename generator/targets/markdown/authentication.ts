import type { Connector, ConnectorField } from '../../model/connector.ts'
import { grantOf } from '../../vocabulary/authentication.ts'
import { formatDeprecation, formatDuration, formatLifetime } from './format-limits.ts'
import type { Markdown } from './markdown.ts'
import { code, codeLink, codes, join, labelledCodes, nothing, table, text } from './markdown.ts'

/** What a page calls the kinds of authentication. */
export const AUTHENTICATION = {
  api_key: 'API key',
  oauth2: 'OAuth 2.0',
  webhook: 'Webhook URL',
  unknown: 'Not looked up yet',
} as const

/** Fields, addresses, tokens and scopes of a connector. */
export function authenticationView(connector: Connector): object {
  const { auth } = connector
  return {
    auth_type: text(AUTHENTICATION[auth.type]),
    auth_summary: text(auth.summary),
    fields: table(['field', 'label', 'type', 'what it is', 'where to find it'], auth.fields.map(fieldRow)),
    credentials: credentials(auth),
    addresses: addresses(auth),
    flow: flow(auth),
    kept: kept(auth),
    tokens: table(
      ['token', 'lives', 'what it is'],
      auth.tokens.map((token) => [text(token.name), text(formatLifetime(token)), text(token.description)]),
    ),
    refresh: refresh(auth),
    ...scopesView(connector),
  }
}

function fieldRow(field: ConnectorField): readonly Markdown[] {
  const { name, label, type, sensitive, required, used_for, description, where_to_find } = field
  const { options, default: usual, prefix, suffix, pattern, hosts, example } = field
  const kind = sensitive && type !== 'secret' ? `${type}, keep secret` : type
  const need = required ? 'required' : ['optional', ...used_for.map((use) => `for ${use}`)].join(', ')
  return [
    code(name),
    text(label),
    text(`${kind}; ${need}`),
    join(
      [
        text(description),
        options === undefined ? nothing : labelledCodes('One of', options),
        usual === undefined ? nothing : labelledCodes('Default:', [usual]),
        prefix === undefined ? nothing : labelledCodes('After', [prefix]),
        suffix === undefined ? nothing : labelledCodes('Before', [suffix]),
        hosts === undefined ? nothing : labelledCodes('Domains:', hosts),
        pattern === undefined ? nothing : labelledCodes('Pattern:', [pattern]),
        example === undefined ? nothing : labelledCodes('For example', [example]),
      ],
      ' ',
    ),
    text(where_to_find),
  ]
}

/** The credentials that calls carry, and the alternatives. */
function credentials({ credentials: usual, alternatives = {} }: Connector['auth']): Markdown {
  const sets = [
    { name: '', summary: '', set: usual },
    ...Object.entries(alternatives).map(([name, { summary, credentials: set }]) => ({ name, summary, set })),
  ]
  return table(
    ['calls carry', 'value', 'alternative'],
    sets.flatMap(({ name, summary, set }) =>
      set.map((credential) => [
        credential.in === 'basic'
          ? text('HTTP Basic')
          : join([text(PLACES[credential.in]), code(credential.name ?? '')], ' '),
        code(
          credential.in === 'basic'
            ? `${credential.username ?? ''}:${credential.password ?? ''}`
            : (credential.value ?? ''),
        ),
        name === '' ? nothing : join([code(name), text(summary)], ': '),
      ]),
    ),
  )
}

const PLACES = { header: 'header', query: 'query parameter', cookie: 'cookie' } as const

function addresses(auth: Connector['auth']): Markdown {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['authorization', auth.authorization_url],
    ['token', auth.token_url],
    ['revocation', auth.revocation_url],
    ['introspection', auth.introspection_url],
    ['renewal', auth.oauth?.refresh_url],
    ['device authorization', auth.oauth?.device_authorization_url],
    ['call after connecting', auth.oauth?.lookup?.url],
  ]
  const known = named.flatMap(([name, url]) => (url === undefined ? [] : [[text(name), code(url)]]))
  return table(['address', 'URL'], known)
}

/** The names of the grants. */
const GRANTS = {
  authorization_code: 'authorization code (RFC 6749)',
  client_credentials: 'client credentials (RFC 6749)',
  device_code: 'device code (RFC 8628)',
  jwt_bearer: 'signed token (RFC 7523)',
  token_exchange: 'token exchange (RFC 8693)',
  token_call: "the vendor's own token call",
} as const

/** How tokens are requested, as far as it differs from the standard. */
function flow(auth: Connector['auth']): Markdown {
  const { oauth } = auth
  if (oauth === undefined) return nothing
  const { client_authentication, token_method, token_body, assertion, parameters = {}, token_headers = {} } = oauth
  const values = (members: object) =>
    Object.entries(members).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
  const rows: readonly (readonly [string, Markdown])[] = [
    ['grant', text(GRANTS[grantOf(auth)])],
    ['client authentication', client_authentication === undefined ? nothing : code(client_authentication)],
    ['PKCE', text(oauth.pkce === true ? 'yes' : '')],
    ['token request', text([token_method, token_body === 'json' ? 'JSON' : token_body].filter(Boolean).join(', '))],
    ['headers of token requests', codes(values(token_headers))],
    ['signed token', assertion === undefined ? nothing : codes([assertion.algorithm, ...values(assertion.claims)])],
    ['authorization parameters', codes(values(parameters.authorize ?? {}))],
    ['token parameters', codes(values(parameters.token ?? {}))],
    ['renewal parameters', codes(values(parameters.refresh ?? {}))],
  ]
  return table(
    ['OAuth', 'value'],
    rows.flatMap(([name, value]) => (value === nothing || value === '' ? [] : [[text(name), value]])),
  )
}

const KEPT_IN = {
  token: 'the answer of the token URL',
  redirect: 'the redirect',
  lookup: 'the call after connecting',
} as const

/** Fields that the vendor fills in. */
function kept({ oauth }: Connector['auth']): Markdown {
  return table(
    ['field', 'filled in while connecting, from'],
    Object.entries(oauth?.keeps ?? {}).map(([field, { in: place, at }]) => [
      code(field),
      join([text(KEPT_IN[place]), code(at)], ', '),
    ]),
  )
}

/** `refresh token`, and the like. */
export function refreshMethod({ refresh }: Pick<Connector['auth'], 'refresh'>): string {
  return (refresh?.method ?? 'none').replaceAll('_', ' ')
}

function refresh({ refresh: renewal }: Connector['auth']): Markdown {
  if (renewal === undefined) return nothing
  const before = renewal.before_seconds
  const early = before === undefined ? '' : ` Renew ${formatDuration(before)} before the expiry.`
  return text(`${renewal.description}${early}`)
}

function scopesView(connector: Connector): object {
  const { type, scopes, scope_separator } = connector.auth
  const retired = scopes.flatMap((scope) =>
    scope.deprecated === undefined ? [] : [{ ...scope, deprecated: scope.deprecated }],
  )
  return {
    separator: type === 'oauth2' ? text(scope_separator === ' ' ? 'spaces' : 'commas') : nothing,
    scopes: table(
      ['scope', 'required', 'what it allows', 'needed for', 'access'],
      scopes
        .filter(({ deprecated }) => deprecated === undefined)
        .map(({ name, required, description, access = '' }) => [
          code(name),
          text(required ? 'yes' : ''),
          text(description),
          usesOf(connector, name),
          text(access),
        ]),
    ),
    retired_scopes: table(
      ['scope', 'what it allowed', 'why it is retired', 'replaced by'],
      retired.map(({ name, description, deprecated, replaced_by = [] }) => [
        code(name),
        text(description),
        text(formatDeprecation(deprecated)),
        codes(replaced_by),
      ]),
    ),
  }
}

/** The events and endpoints that need a scope. */
function usesOf({ events, api }: Connector, scope: string): Markdown {
  return join(
    [
      ...events.filter(({ scopes }) => scopes.includes(scope)).map(({ name }) => codeLink(name, `#${name}`)),
      ...api.endpoints.filter(({ scopes }) => scopes.includes(scope)).map(({ name }) => code(name)),
    ],
    ', ',
  )
}

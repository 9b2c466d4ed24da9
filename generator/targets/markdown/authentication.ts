import type { Connector, ConnectorField } from '../../model/connector.ts'
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
    addresses: addresses(auth),
    tokens: table(
      ['token', 'lives', 'what it is'],
      auth.tokens.map((token) => [text(token.name), text(formatLifetime(token)), text(token.description)]),
    ),
    refresh: refresh(auth),
    ...scopesView(connector),
  }
}

function fieldRow(field: ConnectorField): readonly Markdown[] {
  const { name, label, type, sensitive, required, used_for, description, where_to_find, pattern, example } = field
  const kind = sensitive && type !== 'secret' ? `${type}, keep secret` : type
  const need = required ? 'required' : ['optional', ...used_for.map((use) => `for ${use}`)].join(', ')
  return [
    code(name),
    text(label),
    text(`${kind}; ${need}`),
    join(
      [
        text(description),
        pattern === undefined ? nothing : labelledCodes('Pattern:', [pattern]),
        example === undefined ? nothing : labelledCodes('For example', [example]),
      ],
      ' ',
    ),
    text(where_to_find),
  ]
}

function addresses(auth: Connector['auth']): Markdown {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['authorization', auth.authorization_url],
    ['token', auth.token_url],
    ['revocation', auth.revocation_url],
    ['introspection', auth.introspection_url],
  ]
  const known = named.flatMap(([name, url]) => (url === undefined ? [] : [[text(name), code(url)]]))
  return table(['address', 'URL'], known)
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

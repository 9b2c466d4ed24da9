import type { ConversionReport } from './conversion-report.ts'
import type { AuthDraft, AuthFieldDraft } from './draft.ts'
import { below, entriesOf, member, memberAt, textMember } from './json.ts'
import { snakeName, UniqueNames } from './names.ts'
import { cut, plainText } from './plain-text.ts'
import type { References } from './references.ts'

/** The security schemes of an OpenAPI or AsyncAPI document. */
export interface SchemesSource {
  readonly document: unknown
  readonly file: string
  readonly references: References
  readonly report: ConversionReport
  /** Completes an address that is relative to the server's. */
  readonly address: (text: string) => string | undefined
  /** Scopes that the document asks of every caller. */
  readonly requiredScopes: readonly string[]
  /** Names of schemes that are needed together, each list an alternative; the first ones count. */
  readonly requirements: readonly (readonly string[])[]
}

interface Scheme {
  readonly name: string
  readonly value: unknown
  readonly pointer: string
}

/** Everything that a scheme can be read as, or why it cannot. */
type Reading = AuthDraft | { readonly refused: string }

/** The first scheme that a connector can have, OAuth before keys, with the keys that are needed with it. The others are noted. */
export function authOf(source: SchemesSource, wanted?: string): AuthDraft | undefined {
  const { document, file, references, report } = source
  const schemes = entriesOf(memberAt(document, 'components'), 'securitySchemes').map(([name, value]): Scheme => {
    const pointer = below('', 'components', 'securitySchemes', name)
    const found = references.follow({ value, pointer })
    return { name, value: 'reason' in found ? undefined : found.value, pointer }
  })
  const readings = schemes.map((scheme) => ({ scheme, reading: readingOf(scheme, source) }))
  const usable = readings.flatMap(({ scheme, reading }) => ('refused' in reading ? [] : [{ scheme, auth: reading }]))
  const chosen =
    usable.find(({ auth }) => auth.type === (wanted ?? 'oauth2')) ?? (wanted === undefined ? usable[0] : undefined)
  const together = chosen === undefined ? [] : companionsOf(chosen.scheme.name, source.requirements)
  const keys = usable.flatMap(({ scheme, auth }) =>
    auth.type === 'api_key' && (scheme === chosen?.scheme || together.includes(scheme.name)) ? [{ scheme, auth }] : [],
  )
  const isJoined = chosen?.auth.type === 'api_key'
  for (const { scheme, reading } of readings) {
    if (scheme === chosen?.scheme || (isJoined && keys.some((key) => key.scheme === scheme))) continue
    const reason = 'refused' in reading ? reading.refused : 'a connector has one kind of authentication'
    const needed = together.includes(scheme.name) ? `, and it is needed together with "${chosen?.scheme.name}"` : ''
    report.add(`the security scheme "${cut(scheme.name, 60)}"`, `${reason}${needed}`, { file, pointer: scheme.pointer })
  }
  return isJoined && keys.length > 1 ? joined(keys.map(({ auth }) => auth)) : chosen?.auth
}

/** The schemes without which one scheme is of no use: those of the first alternative that names it. */
function companionsOf(name: string, requirements: SchemesSource['requirements']): readonly string[] {
  return requirements.find((names) => names.includes(name))?.filter((other) => other !== name) ?? []
}

/** Several keys as one authentication: an installer fills in all of them. */
function joined(keys: readonly Extract<AuthDraft, { type: 'api_key' }>[]): AuthDraft {
  const names = new UniqueNames(40)
  return {
    type: 'api_key',
    summary: keys.map(({ summary }) => summary).join(' '),
    fields: keys.flatMap(({ fields }) => fields.map((field) => ({ ...field, name: names.take(field.name) }))),
  }
}

function readingOf({ name, value, pointer }: Scheme, source: SchemesSource): Reading {
  const said = plainText(textMember(value, 'description') ?? '')
  const summary = said === '' ? undefined : cut(said, 500)
  const label = cut(plainText(name) || 'Key', 60)
  switch (String(member(value, 'type'))) {
    case 'oauth2':
      return oauth(value, { pointer, summary, source })
    case 'apiKey':
    case 'httpApiKey':
      return {
        type: 'api_key',
        summary: summary ?? whereSent(value),
        fields: [keyField({ name, label, sent: whereSent(value) })],
      }
    case 'http':
      return http(value, { name, label, summary })
    case 'userPassword':
    case 'plain':
    case 'scramSha256':
    case 'scramSha512':
      return { type: 'api_key', summary: summary ?? 'A user name and a password.', fields: USER_AND_PASSWORD }
    case 'openIdConnect':
      return { refused: 'its addresses stand in another document, and no other document is read' }
    default:
      return {
        refused: `connectors do not know the type ${JSON.stringify(member(value, 'type')) ?? 'that is missing'}`,
      }
  }
}

const USER_AND_PASSWORD: readonly AuthFieldDraft[] = [
  { name: 'username', label: 'User name', secret: false, description: 'The user name that calls carry.' },
  { name: 'password', label: 'Password', secret: true, description: 'The password that calls carry.' },
]

function whereSent(scheme: unknown): string {
  const name = textMember(scheme, 'name')
  const place = textMember(scheme, 'in')
  if (name === undefined || !['header', 'query', 'cookie'].includes(place ?? '')) return 'A key that calls carry.'
  return `A key that calls carry as the ${place === 'query' ? 'query parameter' : place} ${plainText(name)}.`
}

function keyField({
  name,
  label,
  sent,
}: {
  readonly name: string
  readonly label: string
  readonly sent: string
}): AuthFieldDraft {
  return { name: snakeName(name, 40) ?? 'api_key', label, secret: true, description: sent }
}

function http(
  value: unknown,
  { name, label, summary }: { readonly name: string; readonly label: string; readonly summary: string | undefined },
): Reading {
  const scheme = (textMember(value, 'scheme') ?? '').toLowerCase()
  if (scheme === 'basic')
    return { type: 'api_key', summary: summary ?? 'Basic authentication (RFC 7617).', fields: USER_AND_PASSWORD }
  if (scheme !== 'bearer') return { refused: `connectors do not know the HTTP scheme "${cut(plainText(scheme), 40)}"` }
  return {
    type: 'api_key',
    summary: summary ?? 'A bearer token (RFC 6750).',
    fields: [keyField({ name, label, sent: 'A token that calls carry as a bearer token (RFC 6750).' })],
  }
}

interface Oauth {
  readonly pointer: string
  readonly summary: string | undefined
  readonly source: SchemesSource
}

function oauth(value: unknown, { pointer, summary, source }: Oauth): Reading {
  const { file, report, address, requiredScopes } = source
  const flows = entriesOf(value, 'flows')
  const chosen = flows.find(([name]) => name === 'authorizationCode') ?? flows.find(([name]) => name === 'implicit')
  for (const [name] of flows) {
    if (name === chosen?.[0] || chosen === undefined) continue
    report.add(`the flow ${cut(name, 40)}`, 'a connector has one flow of OAuth', {
      file,
      pointer: below(pointer, 'flows', name),
    })
  }
  if (chosen === undefined)
    return {
      refused:
        'it has no flow in which an installer authorizes, such as the authorization code: a connector cannot use client credentials yet',
    }
  const [name, flow] = chosen
  if (name === 'implicit')
    report.add('the flow implicit', 'a connector uses the authorization code; its token address is yet to be found', {
      file,
      pointer: below(pointer, 'flows', name),
    })
  const scopes = [...entriesOf(flow, 'scopes'), ...entriesOf(flow, 'availableScopes')].flatMap(([scope, said]) => {
    if (/^[A-Za-z0-9_.:/-]{1,120}$/.test(scope)) {
      const description = typeof said === 'string' ? plainText(said) : ''
      return [{ name: scope, required: requiredScopes.includes(scope), ...(description === '' ? {} : { description }) }]
    }
    report.add(`the scope ${JSON.stringify(cut(scope, 40))}`, 'a definition can hold no scope of that name', {
      file,
      pointer,
    })
    return []
  })
  const addressOf = (field: string) => {
    const written = textMember(flow, field)
    const found = written === undefined ? undefined : address(written)
    if (written !== undefined && found === undefined)
      report.add(`the address ${field}`, 'it is no complete https address', {
        file,
        pointer: below(pointer, 'flows', name, field),
      })
    return found
  }
  const [authorizationUrl, tokenUrl, refreshUrl] = [
    addressOf('authorizationUrl'),
    addressOf('tokenUrl'),
    addressOf('refreshUrl'),
  ]
  return {
    type: 'oauth2',
    summary: summary ?? 'OAuth 2.0 with an authorization code (RFC 6749, 4.1).',
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    ...(refreshUrl === undefined ? {} : { refreshUrl }),
    scopes,
  }
}

import type { ConversionReport } from './conversion-report.ts'
import type { AuthDraft, AuthFieldDraft } from './draft.ts'
import { below, entriesOf, member, memberAt, textMember } from './json.ts'
import { snakeName } from './names.ts'
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
}

interface Scheme {
  readonly name: string
  readonly value: unknown
  readonly pointer: string
}

/** Everything that a scheme can be read as, or why it cannot. */
type Reading = AuthDraft | { readonly refused: string }

/** The first scheme that a connector can have, OAuth before keys; the others are noted. */
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
  for (const { scheme, reading } of readings) {
    if (scheme === chosen?.scheme) continue
    const reason = 'refused' in reading ? reading.refused : 'a connector has one kind of authentication'
    report.add(`the security scheme "${cut(scheme.name, 60)}"`, reason, { file, pointer: scheme.pointer })
  }
  return chosen?.auth
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
        summary: summary ?? 'A key that the installer pastes.',
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
  { name: 'username', label: 'User name', secret: false, description: 'Names the account that calls.' },
  { name: 'password', label: 'Password', secret: true, description: 'Sent with every call, beside the user name.' },
]

function whereSent(scheme: unknown): string {
  const name = textMember(scheme, 'name')
  const place = textMember(scheme, 'in')
  if (name === undefined || !['header', 'query', 'cookie'].includes(place ?? '')) return 'Sent with every call.'
  return `Sent with every call, as the ${place === 'query' ? 'query parameter' : place} ${plainText(name)}.`
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
    return { type: 'api_key', summary: summary ?? 'A user name and a password.', fields: USER_AND_PASSWORD }
  if (scheme !== 'bearer') return { refused: `connectors do not know the HTTP scheme "${cut(plainText(scheme), 40)}"` }
  return {
    type: 'api_key',
    summary: summary ?? 'A token that the installer pastes.',
    fields: [keyField({ name, label, sent: 'Sent with every call, as a bearer token.' })],
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
        'it has no flow in which an installer authorizes; a connector of type oauth2 needs the authorization code',
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
    summary: summary ?? 'OAuth 2.0 with an authorization code.',
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    ...(refreshUrl === undefined ? {} : { refreshUrl }),
    scopes,
  }
}

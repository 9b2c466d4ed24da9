import type { Credential } from '../kit/credentials.ts'
import { credentialGaps } from '../vocabulary/credentials.ts'
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
  const renamed = keys.map(({ fields, credentials }) => {
    const taken = new Map(fields.map(({ name }) => [name, names.take(name)]))
    const written = (template: string) => template.replace(/\{(\w+)\}/g, (_, name) => `{${taken.get(name) ?? name}}`)
    return {
      fields: fields.map((field) => ({ ...field, name: taken.get(field.name) ?? field.name })),
      credentials: credentials.map(
        (credential): Credential =>
          credential.in === 'basic'
            ? { in: 'basic', username: written(credential.username), password: written(credential.password) }
            : { ...credential, value: written(credential.value) },
      ),
    }
  })
  return {
    type: 'api_key',
    summary: keys.map(({ summary }) => summary).join(' '),
    fields: renamed.flatMap(({ fields }) => fields),
    credentials: renamed.flatMap(({ credentials }) => credentials),
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
    case 'httpApiKey': {
      const field = keyField({ name, label, sent: whereSent(value) })
      return {
        type: 'api_key',
        summary: summary ?? whereSent(value),
        fields: [field],
        credentials: placeOf(value, field.name),
      }
    }
    case 'http':
      return http(value, { name, label, summary })
    case 'userPassword':
    case 'plain':
    case 'scramSha256':
    case 'scramSha512':
      return {
        ...{ type: 'api_key', summary: summary ?? 'A user name and a password.' },
        ...{ fields: USER_AND_PASSWORD, credentials: [] },
      }
    case 'mutualTLS':
    case 'X509':
      return { refused: 'client certificates (mTLS) are not supported' }
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

/** The place of a key, if the document has one that a request can have. */
function placeOf(scheme: unknown, field: string): readonly Credential[] {
  const [place, name] = [textMember(scheme, 'in'), textMember(scheme, 'name')]
  if (name === undefined || (place !== 'header' && place !== 'query' && place !== 'cookie')) return []
  const credential: Credential = { in: place, name, value: `{${field}}` }
  return credentialGaps([credential]).length === 0 ? [credential] : []
}

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
    return {
      ...{ type: 'api_key', summary: summary ?? 'Basic authentication (RFC 7617).', fields: USER_AND_PASSWORD },
      credentials: [{ in: 'basic', username: '{username}', password: '{password}' }],
    }
  if (scheme !== 'bearer') return { refused: `connectors do not know the HTTP scheme "${cut(plainText(scheme), 40)}"` }
  const field = keyField({ name, label, sent: 'A token that calls carry as a bearer token (RFC 6750).' })
  return {
    ...{ type: 'api_key', summary: summary ?? 'A bearer token (RFC 6750).', fields: [field] },
    credentials: [{ in: 'header', name: 'Authorization', value: `Bearer {${field.name}}` }],
  }
}

const AUTHORIZATION_CODE = {
  grant: 'authorization_code',
  title: 'OAuth 2.0 with an authorization code (RFC 6749, 4.1).',
} as const

/** The grants of the other flows that OpenAPI and AsyncAPI have. */
const FLOWS: Readonly<
  Record<string, Pick<Extract<AuthDraft, { type: 'oauth2' }>, 'grant'> & { readonly title: string }>
> = {
  clientCredentials: {
    grant: 'client_credentials',
    title: 'OAuth 2.0 with client credentials (RFC 6749, 4.4).',
  },
  deviceAuthorization: { grant: 'device_code', title: 'OAuth 2.0 for devices (RFC 8628).' },
}

interface Oauth {
  readonly pointer: string
  readonly summary: string | undefined
  readonly source: SchemesSource
}

function oauth(value: unknown, { pointer, summary, source }: Oauth): Reading {
  const { file, report, address, requiredScopes } = source
  const flows = entriesOf(value, 'flows')
  const chosen = ['authorizationCode', 'clientCredentials', 'deviceAuthorization', 'implicit']
    .map((wanted) => flows.find(([name]) => name === wanted))
    .find((flow) => flow !== undefined)
  for (const [name] of flows) {
    if (name === chosen?.[0] || chosen === undefined) continue
    report.add(`the flow ${cut(name, 40)}`, 'a connector has one flow of OAuth', {
      file,
      pointer: below(pointer, 'flows', name),
    })
  }
  if (chosen === undefined)
    return {
      refused: 'it has no flow that connectors support: authorization code, client credentials or device authorization',
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
  const [authorizationUrl, tokenUrl, refreshUrl, deviceUrl] = [
    addressOf('authorizationUrl'),
    addressOf('tokenUrl'),
    addressOf('refreshUrl'),
    addressOf('deviceAuthorizationUrl'),
  ]
  const { grant, title } = FLOWS[name] ?? AUTHORIZATION_CODE
  return {
    type: 'oauth2',
    summary: summary ?? title,
    grant,
    ...(deviceUrl === undefined ? {} : { deviceUrl }),
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    ...(refreshUrl === undefined ? {} : { refreshUrl }),
    scopes,
  }
}

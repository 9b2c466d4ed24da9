import type { Credential } from '../../kit/credentials.ts'
import type { Installable, InstallationField } from '../../kit/installation.ts'
import type { OAuth } from '../../kit/oauth.ts'
import { placeholdersIn } from '../../kit/template.ts'
import type { Connector, ConnectorAuth, Json, OutputFile } from '../../model/connector.ts'
import { environmentField } from '../../model/endpoint-address.ts'
import { formOf, formsOf } from '../../model/field-forms.ts'
import { present } from '../../model/present.ts'
import { namedFields, oauthTemplates } from '../../vocabulary/auth-templates.ts'
import { grantOf } from '../../vocabulary/authentication.ts'
import { headerLines } from '../header.ts'
import { code, denseLiteral, documentationComment, identifier, joined, lineComments, literal } from './code.ts'

/** The fields of a connector's installations, how its calls authenticate, and how its vendor does OAuth 2.0. */
export function installationFile(connector: Connector): OutputFile {
  const { name, type_name } = connector
  const type = identifier(`${type_name}Installation`)
  const installation = denseLiteral(installable(connector) as unknown as Json)
  const about = documentationComment({
    paragraphs: [`What ${name} wants to know when it is installed, and how its calls authenticate.`],
  })
  const oauth = oauthDescription(connector)
  const [types, constant] =
    oauth === undefined
      ? [code``, code``]
      : [
          code`import type { OAuth } from '../kit/oauth.js'\n`,
          code`
${documentationComment({ paragraphs: [`How ${name} does OAuth 2.0.`] }) ?? code``}
export const oauth: OAuth<${fieldNames(connector)}> = ${denseLiteral(oauth as unknown as Json)}
`,
        ]
  return {
    path: `typescript/installations/${connector.code}.ts`,
    text: code`${lineComments(headerLines(connector))}

import type { ${type} } from ${literal(`../connectors/${connector.code}.js`)}
import type { Installable } from '../kit/installation.js'
${types}
${about ?? code``}
export const installation: Installable<${type}> = ${installation}
${constant}`,
  }
}

/** The fields of a connector's installations, and how its calls authenticate. */
export function installable(connector: Connector): Installable {
  const { credentials, alternatives } = connector.auth
  return {
    connector: connector.code,
    fields: fieldsOf(connector),
    ...(credentials.length === 0 ? {} : { credentials: credentials.map(credentialOf) }),
    ...(alternatives === undefined
      ? {}
      : {
          alternatives: Object.fromEntries(
            Object.entries(alternatives).map(([name, { credentials: set }]) => [name, set.map(credentialOf)]),
          ),
        }),
  }
}

/** The fields of an installation by name. */
function fieldsOf({ auth }: Connector): Readonly<Record<string, InstallationField>> {
  return Object.fromEntries(
    auth.fields.map((field) => {
      const { name, type, required, sensitive } = field
      return [name, { type, required, sensitive, ...formOf(field) }]
    }),
  )
}

function credentialOf({
  in: place,
  name = '',
  value = '',
  username = '',
  password = '',
}: ConnectorAuth['credentials'][number]): Credential {
  return place === 'basic' ? { in: place, username, password } : { in: place, name, value }
}

/** Seconds before its end at which a token is renewed, where the definition says nothing. */
const REFRESH_BEFORE_SECONDS = 300
/** Seconds that a signed token is valid by default. */
const ASSERTION_SECONDS = 300

/** Undefined for a connector that needs no OAuth. */
export function oauthDescription({ code: connector, auth, api }: Connector): OAuth | undefined {
  const { authorization_url, token_url, oauth, refresh, scopes, scope_separator } = auth
  if (oauth === undefined || token_url === undefined) return undefined
  const { cites: _, client_authentication, pkce = false, token_method = 'POST', token_body, assertion, ...rest } = oauth
  const grant = grantOf(auth)
  const used = usedFields(auth, api)
  const environments = oauthEnvironments(auth, api)
  const fields = formsOf(auth.fields.filter(({ name }) => used.includes(name))) ?? {}
  return {
    ...(rest as Omit<typeof rest, 'parameters'> & Pick<OAuth, 'parameters'>),
    connector,
    grant,
    ...(authorization_url === undefined ? {} : { authorization_url }),
    token_url,
    ...(environments === undefined ? {} : { environments }),
    client_authentication:
      client_authentication ??
      (grant === 'token_call' || oauth.client_secret === undefined ? 'none' : 'client_secret_post'),
    scopes: scopes
      .filter(
        ({ required, deprecated, replaced_by }) => required && deprecated === undefined && replaced_by === undefined,
      )
      .map(({ name }) => name),
    scope_separator,
    pkce,
    token_method,
    ...(token_body === 'json' ? { token_body } : {}),
    ...(assertion === undefined ? {} : { assertion: { lifetime_seconds: ASSERTION_SECONDS, ...assertion } }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    refresh: refresh?.method ?? 'none',
    refresh_before_seconds: refresh?.before_seconds ?? REFRESH_BEFORE_SECONDS,
  }
}

/** The fields that the flow uses, as a type. */
function fieldNames({ auth, api }: Connector) {
  const names = usedFields(auth, api).map((name) => literal(name))
  return names.length === 0 ? code`never` : joined(names, ' | ')
}

function usedFields(auth: ConnectorAuth, api: Connector['api']): readonly string[] {
  const environments = oauthEnvironments(auth, api)
  const urls = Object.values(environments?.urls ?? {}).flatMap((one) => Object.values(one))
  const used = new Set([
    ...namedFields(auth),
    ...oauthTemplates(auth).flatMap(({ template }) => placeholdersIn(template)),
    ...urls.flatMap(placeholdersIn),
    environments?.field,
  ])
  return auth.fields.map(({ name }) => name).filter((name) => used.has(name))
}

/** The addresses of environments that replace those of OAuth. */
function oauthEnvironments({ fields }: ConnectorAuth, { environments }: Connector['api']): OAuth['environments'] {
  const field = environmentField(fields)
  const urls = Object.entries(environments).flatMap(([name, { authorization_url, token_url }]) => {
    const own = present<{ authorization_url: string; token_url: string }>({ authorization_url, token_url })
    return Object.keys(own).length === 0 ? [] : [[name, own] as const]
  })
  return field === undefined || urls.length === 0 ? undefined : { field, urls: Object.fromEntries(urls) }
}

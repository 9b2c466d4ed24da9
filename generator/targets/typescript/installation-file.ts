import type { InstallationField } from '../../kit/installation.ts'
import type { OAuth } from '../../kit/oauth.ts'
import type { Connector, Json, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { code, denseLiteral, documentationComment, identifier, lineComments, literal } from './code.ts'

/** What a connector wants to know when it is installed, and how its vendor does OAuth 2.0, for the kit. */
export function installationFile(connector: Connector): OutputFile {
  const { name, type_name } = connector
  const type = identifier(`${type_name}Installation`)
  const fields = Object.fromEntries(connector.auth.fields.map((field) => [field.name, fieldOf(field)]))
  const installation = denseLiteral({ connector: connector.code, fields: fields as unknown as Json })
  const about = documentationComment({ paragraphs: [`What ${name} wants to know when it is installed.`] })
  const oauth = oauthDescription(connector)
  const [types, constant] =
    oauth === undefined
      ? [code``, code``]
      : [
          code`import type { OAuth } from '../kit/oauth.js'\n`,
          code`
${documentationComment({ paragraphs: [`How ${name} does OAuth 2.0.`] }) ?? code``}
export const oauth: OAuth<${literal(oauth.client_id)} | ${literal(oauth.client_secret)}> = ${denseLiteral(oauth as unknown as Json)}
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

function fieldOf({ type, required, sensitive, pattern }: Connector['auth']['fields'][number]): InstallationField {
  return { type, required, sensitive, ...(pattern === undefined ? {} : { pattern }) }
}

/** Seconds before its end at which a token is renewed, where the definition says nothing. */
const REFRESH_BEFORE_SECONDS = 300

/** Undefined for a connector that needs no OAuth. */
export function oauthDescription({ code: connector, auth }: Connector): OAuth | undefined {
  const { authorization_url, token_url, oauth, refresh, scopes, scope_separator } = auth
  if (oauth === undefined || authorization_url === undefined || token_url === undefined) return undefined
  const { client_id, client_secret, pkce = false, token_method = 'POST', optional_scope_parameter, exchange } = oauth
  return {
    connector,
    authorization_url,
    token_url,
    client_id,
    client_secret,
    scopes: scopes
      .filter(
        ({ required, deprecated, replaced_by }) => required && deprecated === undefined && replaced_by === undefined,
      )
      .map(({ name }) => name),
    scope_separator,
    ...(optional_scope_parameter === undefined ? {} : { optional_scope_parameter }),
    pkce,
    token_method,
    refresh: refresh?.method ?? 'none',
    refresh_before_seconds: refresh?.before_seconds ?? REFRESH_BEFORE_SECONDS,
    ...(exchange === undefined ? {} : { exchange }),
  }
}

import type { Answers } from './answers.ts'
import type { AuthDraft } from './draft.ts'
import { cited } from './sources.ts'
import { blank, fillIn } from './yaml-text.ts'

/** How installers authenticate, as far as the answers and the document say it. */
export function authPart({ auth: type }: Answers, said: AuthDraft | undefined): object {
  const summary = blank('how authentication works here')
  if (type === 'unknown') return { type: fillIn(type, 'api_key, oauth2 or webhook'), summary }
  if (said?.type !== type) return fieldless(type, summary)
  return said.type === 'oauth2' ? oauthPart(said) : keyPart(said)
}

function fieldless(type: Answers['auth'], summary: unknown): object {
  return { type: fillIn(type, 'add fields: what an installer fills in'), summary }
}

const where_to_find = blank("where in the vendor's console it is")

function keyPart({ summary, fields, credentials, ...said }: Extract<AuthDraft, { type: 'api_key' }>): object {
  return {
    type: 'api_key',
    summary,
    fields: Object.fromEntries(
      fields.map(({ name, label, secret, description }) => [
        name,
        {
          ...{ label, type: secret ? 'secret' : 'text', required: true, used_for: ['calls'] },
          ...{ description, where_to_find, ...cited(said) },
        },
      ]),
    ),
    ...(credentials.length === 0 ? {} : { credentials }),
  }
}

/** Every confidential client has an id and a secret (RFC 6749, 2.3.1). */
function oauthPart(said: Extract<AuthDraft, { type: 'oauth2' }>): object {
  const { grant, deviceUrl, authorizationUrl, tokenUrl, refreshUrl, scopes, summary } = said
  const client = { required: true, used_for: ['oauth'] }
  return {
    type: 'oauth2',
    summary: fillIn(summary, 'which flow, and how long tokens live'),
    fields: {
      client_id: {
        ...{ label: 'Client ID', type: 'text', ...client },
        ...{ description: 'Identifies the application (RFC 6749, 2.2).', where_to_find },
      },
      client_secret: {
        ...{ label: 'Client secret', type: 'secret', ...client },
        ...{ description: 'Authenticates the application (RFC 6749, 2.3.1).', where_to_find },
      },
    },
    ...(authorizationUrl === undefined ? {} : { authorization_url: authorizationUrl }),
    ...(tokenUrl === undefined ? {} : { token_url: tokenUrl }),
    oauth: {
      ...(grant === 'authorization_code' ? {} : { grant }),
      ...{ client_id: 'client_id', client_secret: 'client_secret' },
      ...(refreshUrl === undefined || refreshUrl === tokenUrl ? {} : { refresh_url: refreshUrl }),
      ...(deviceUrl === undefined ? {} : { device_authorization_url: deviceUrl }),
    },
    ...(scopes.length === 0
      ? {}
      : {
          scopes: scopes.map(({ name, required, description }) => ({
            name,
            required: required ? true : fillIn(false, 'whether every installation needs it'),
            description: description ?? blank('what it allows'),
            ...cited(said),
          })),
        }),
    ...(refreshUrl === undefined
      ? {}
      : { refresh: { method: 'refresh_token', description: `Exchange the refresh token at ${refreshUrl}.` } }),
    ...cited(said),
  }
}

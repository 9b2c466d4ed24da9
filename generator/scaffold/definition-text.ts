import type { Answers, ImportedContent } from './answers.ts'
import type { AuthDraft, EndpointDraft } from './draft.ts'
import { eventsPart } from './events-part.ts'
import { sentence } from './names.ts'
import { cut, firstSentence } from './plain-text.ts'
import { cited, deprecation, PUBLISHED } from './sources.ts'
import { webhookPart } from './webhook-part.ts'
import { fillIn, yamlText } from './yaml-text.ts'

/**
 * A definition that is valid as it stands, with a comment wherever only the vendor's documentation has the answer. Its
 * status is draft, so that nobody is offered what is not filled in yet.
 */
export function definitionText(answers: Answers, content?: ImportedContent): string {
  const { code, name, namespace, guessed } = answers
  const authentication = authPart(answers, content?.draft.auth)
  const guess = (field: keyof Answers, what: string) =>
    guessed.includes(field) ? fillIn(answers[field], what) : answers[field]
  const definition = {
    code,
    name: guess('name', 'what people call it'),
    version: '0.1.0',
    status: 'draft',
    category: guess('category', 'the shelf in the catalogue'),
    vendor: guess('vendor', 'who runs it'),
    icon: fillIn('plug', 'a name of https://lucide.dev/icons'),
    namespace,
    purpose: fillIn(purposeOf(answers, content), 'one sentence, for the catalogue'),
    description: fillIn(descriptionOf(answers, content), 'what it does, and what it needs'),
    ...sourcesPart(answers, content, guess('documentation', 'where the vendor documents it')),
    auth: authentication.auth,
    api: apiPart(answers, content),
    rate_limits: [
      {
        name: 'calls',
        scope: 'account',
        formula: fillIn('Not looked up yet', 'or limit and per, such as 100 per minute'),
      },
    ],
    privacy: {
      personal_data: fillIn([], 'JSON Pointers to personal data in the events, such as /email'),
      retention: { description: fillIn('Not looked up yet.') },
      legal: fillIn('Not looked up yet.'),
    },
    events: eventsPart(answers, content?.events ?? []),
    webhook: webhookPart({ answers, secret: authentication.secret, content }),
    setup: [{ title: fillIn('Get access'), description: `Create an app or a key in the settings of ${name}.` }],
    troubleshooting: [
      {
        problem: fillIn('Webhook Verification Failed', 'what goes wrong at this vendor'),
        causes: ['The secret differs from the one at the vendor.'],
        fix: 'Enter the same secret in both places.',
      },
    ],
  }
  return `# yaml-language-server: $schema=${answers.schema}\n${INSTRUCTION}${yamlText(definition)}`
}

const INSTRUCTION = `# Every line with FILL IN is a guess that validates. Replace it by what the vendor's documentation says, and name the
# source beside it with cites. Then change the status to active.
`

function purposeOf({ name }: Answers, content: ImportedContent | undefined): string {
  const said = content?.draft.summary ?? content?.draft.description
  return said === undefined ? `Connect ${name} with HERA.` : firstSentence(said, 240)
}

function descriptionOf({ name }: Answers, content: ImportedContent | undefined): string {
  const said = content?.draft.description
  return said === undefined ? `Receives events of ${name}.` : cut(said.split('\n\n').slice(0, 3).join('\n\n'), 1200)
}

function sourcesPart(
  { name, documentation, today }: Answers,
  content: ImportedContent | undefined,
  address: unknown,
): object {
  const title = content === undefined ? '' : `${content.draft.title ?? name} (${content.draft.label})`
  const files = content?.draft.files.map((file) => file.split(/[\\/]/).at(-1)).join(', ')
  return {
    sources: {
      documentation: { title: `${name}: developer documentation`, url: address, read: today },
      ...(content === undefined
        ? {}
        : {
            [PUBLISHED]: {
              title: fillIn(cut(title, 200), 'add url: where the vendor publishes it'),
              read: today,
              note: cut(`Read from ${files}.`, 500),
            },
          }),
    },
    links: {
      documentation: address,
      support: fillIn(content?.draft.support ?? documentation, 'where installers find help'),
    },
  }
}

// Authentication -------------------------------------------------------------------------------------------------------

interface Authentication {
  readonly auth: object
  /** The field that signs webhooks. */
  readonly secret: string
}

function authPart(answers: Answers, said: AuthDraft | undefined): Authentication {
  const known = said?.type === answers.auth ? said : undefined
  const where_to_find = fillIn(`The settings of ${answers.name}.`)
  const secret = (label: string, used_for: readonly string[], description: string) => ({
    ...{ label, type: 'secret', required: true, used_for, description, where_to_find },
  })
  switch (answers.auth) {
    case 'oauth2':
      return {
        auth: oauthPart(where_to_find, secret, known?.type === 'oauth2' ? known : undefined),
        secret: 'client_secret',
      }
    case 'webhook':
      return {
        auth: {
          type: 'webhook',
          summary: fillIn('A secret address.'),
          fields: {
            webhook_url: {
              ...{ label: 'Webhook URL', type: 'url', sensitive: true, required: true, used_for: ['calls'] },
              description: 'Where HERA sends events to.',
              where_to_find,
            },
            inbound_secret: secret('Inbound secret', ['signatures'], 'Signs what comes in.'),
          },
        },
        secret: 'inbound_secret',
      }
    case 'api_key': {
      const fields =
        known?.type === 'api_key'
          ? Object.fromEntries(
              known.fields.map(({ name, label, secret: isSecret, description }) => [
                name,
                {
                  label,
                  type: isSecret ? 'secret' : 'text',
                  required: true,
                  used_for: ['calls'],
                  description,
                  where_to_find,
                  ...cited(known),
                },
              ]),
            )
          : { api_key: secret('API key', ['calls'], 'Sent with every call.') }
      return {
        auth: {
          type: 'api_key',
          summary: known === undefined ? fillIn('A key that the installer pastes.') : known.summary,
          fields: { ...fields, ...signing(fields, secret) },
        },
        secret: 'webhook_secret',
      }
    }
    default:
      return answers.auth satisfies never
  }
}

type SecretField = (label: string, used: readonly string[], description: string) => object

/** A vendor's own field of that name signs webhooks too. */
function signing(fields: Readonly<Record<string, unknown>>, secret: SecretField): object {
  return Object.hasOwn(fields, 'webhook_secret')
    ? {}
    : { webhook_secret: secret('Webhook secret', ['signatures'], 'Signs webhooks.') }
}

function oauthPart(
  where_to_find: unknown,
  secret: SecretField,
  said: Extract<AuthDraft, { type: 'oauth2' }> | undefined,
): object {
  const { authorizationUrl, tokenUrl, refreshUrl, scopes = [], summary } = said ?? {}
  const written = scopes.map(({ name, required, description }) => ({
    name,
    required: required ? true : fillIn(false, 'whether every installation needs it'),
    description: description ?? fillIn('Not described in the published document.'),
    ...cited(said),
  }))
  return {
    type: 'oauth2',
    summary: fillIn(summary ?? 'OAuth 2.0.', 'which flow, and how long tokens live'),
    fields: {
      client_id: {
        ...{ label: 'Client ID', type: 'text', required: true, used_for: ['oauth'] },
        description: 'Identifies your app.',
        where_to_find,
      },
      client_secret: secret(
        'Client secret',
        ['oauth', 'signatures'],
        'Proves that your app is your app, and signs webhooks.',
      ),
    },
    authorization_url: authorizationUrl ?? fillIn('https://example.com/oauth/authorize'),
    token_url: tokenUrl ?? fillIn('https://example.com/oauth/token'),
    oauth: { client_id: 'client_id', client_secret: 'client_secret' },
    scopes:
      written.length > 0
        ? written
        : [
            {
              name: fillIn('read', 'what has to be asked for'),
              required: true,
              description: 'Read what the events are about.',
            },
          ],
    tokens: [
      { name: fillIn('Access token', 'how long it lives, as lifetime_seconds'), description: 'Sent with every call.' },
    ],
    refresh: {
      method: refreshUrl === undefined ? fillIn('refresh_token', 'how an access token is renewed') : 'refresh_token',
      description: `Exchange the refresh token at ${refreshUrl ?? 'the token address'}.`,
    },
    ...cited(said),
  }
}

// Endpoints ------------------------------------------------------------------------------------------------------------

function apiPart({ name }: Answers, content: ImportedContent | undefined): object {
  const { baseUrl, version } = content?.draft ?? {}
  const endpoints = content?.endpoints ?? []
  const parameters = new Map(
    endpoints
      .flatMap(({ parameters: written }) => written.toReversed())
      .toReversed()
      .map((parameter) => [parameter.name, parameter]),
  )
  const described = [...parameters.values()].map(({ name: parameter, description, example }) => [
    parameter,
    { description: description ?? fillIn(`${sentence(parameter)}.`), ...(example === undefined ? {} : { example }) },
  ])
  return {
    base_url: baseUrl ?? fillIn('https://api.example.com'),
    ...(version === undefined ? {} : { version: cut(version, 40) }),
    ...(described.length === 0 ? {} : { parameters: Object.fromEntries(described) }),
    endpoints:
      endpoints.length === 0
        ? {
            status: {
              method: fillIn('GET', "the calls that installers' applications make"),
              path: '/status',
              summary: `Ask whether ${name} is reachable.`,
            },
          }
        : Object.fromEntries(endpoints.map((endpoint) => [endpoint.name, endpointPart(endpoint)])),
  }
}

function endpointPart({ method, path, summary, scopes, deprecated }: EndpointDraft): object {
  return {
    method,
    path,
    summary: summary ?? fillIn(`${method} ${path}`),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(deprecated ? { deprecated: deprecation() } : {}),
    cites: PUBLISHED,
  }
}

import type { Api } from '../../kit/api.ts'
import { endpoints } from '../../kit/endpoints.ts'
import { idempotencyKey } from '../../kit/event.ts'
import { placeholdersIn } from '../../kit/template.ts'
import type { Webhook } from '../../kit/webhook.ts'
import type { Connector, ConnectorEndpoint, ConnectorEvent } from '../../model/connector.ts'
import type { Code } from '../typescript/code.ts'
import {
  code,
  identifier,
  indented,
  joined,
  lineComments,
  literal,
  objectLiteral,
  valueLiteral,
} from '../typescript/code.ts'
import { fieldsOf } from '../typescript/webhook-file.ts'

/** The reader's, not ours. */
const ENVIRONMENT = identifier('process')
const CONSOLE = identifier('console')

/** The call that records an event, with the definition's example, as the guide shows it. */
export function eventUsage(connector: Connector, event: ConnectorEvent): Code {
  const body = valueLiteral({
    event_source: connector.code,
    event_type: event.name,
    connector_code: connector.code,
    event_data: event.examples[0]?.data ?? {},
    smart_code: event.smart_code,
    idempotency_key: exampleKey(connector, event),
  })
  return call('response', 'events', body)
}

interface Installed extends Pick<Connector, 'code' | 'upper_code'> {
  readonly auth: Pick<Connector['auth'], 'fields'>
}

function variable(prefix: string, field: string): Code {
  return code`${ENVIRONMENT}.env.${identifier(`${prefix}_${field.toUpperCase()}`)}`
}

/** The call that installs a connector, with the fields that it cannot do without. */
export function installUsage({ code: name, upper_code, auth }: Installed): Code {
  const required = auth.fields.filter((field) => field.required)
  const config = objectLiteral(
    required.map((field) => ({
      name: field.name,
      value: variable(upper_code, field.name),
    })),
  )
  const body = objectLiteral([
    { name: 'operation', value: literal('INSTALL') },
    { name: 'connector_code', value: literal(name) },
    { name: 'installation_config', value: config },
  ])
  return call('response', 'connectors', body)
}

/** A webhook endpoint for one installation, and with routing another one for all installations. */
export function endpointUsage({ code: name, upper_code, auth }: Installed, webhook: Webhook): Code {
  const secrets = objectLiteral(
    fieldsOf(webhook, auth).map((field) => ({ name: field, value: variable(upper_code, field) })),
  )
  const isUrlSigned = webhook.signatures.some(({ signed }) => signed.includes('{url}'))
  const shared = joined([code`secrets`, ...(isUrlSigned ? [code`url: 'https://hooks.example.com/'`] : [])], ', ')
  const one = code`
/** For one installation. */
export const POST = handleWebhook(webhook, { ${shared}, hera: heraOf(organizationId) })`
  const all = code`
/** For all installations: each event goes to those that have the value. */
export const ALL = handleWebhooks(webhook, {
  ${shared},
  installations: installationLookup(database, webhook, { heraOf, readsSecrets: false }),
  onUnrouted: (unrouted) => ${CONSOLE}.warn(unrouted.map(({ reason, field, value }) => [reason, field, value])),
})`
  const isRouted = webhook.routing !== undefined
  const imports = [
    code`import { handleWebhook } from './generated/typescript/kit/receive.js'`,
    ...(isRouted ? [code`import { handleWebhooks } from './generated/typescript/kit/receive-all.js'`] : []),
    ...(isRouted ? [code`import { installationLookup } from './generated/typescript/kit/installation-lookup.js'`] : []),
    code`import { webhook } from ${literal(`./generated/typescript/webhooks/${name}.js`)}`,
    ...(isRouted ? [code`import { database } from './database.js'`] : []),
    code`import { heraOf } from './hera.js'`,
  ]
  const given = [code``, code`declare const organizationId: string`, code`const secrets = ${secrets}`]
  const file = lineComments([`${name}-webhook.ts`])
  return joined([file, ...imports, ...given, one, ...(isRouted ? [all] : [])], '\n')
}

/** The call that reads what went wrong lately with a connector. */
export function logsUsage(connectorCode: string): Code {
  const body = objectLiteral([
    { name: 'limit', value: valueLiteral(50) },
    { name: 'connector_code', value: literal(connectorCode) },
    { name: 'status', value: literal('error') },
  ])
  return call('logs', 'logs', body)
}

/** `token` is the caller's bearer token, `orgId` the UUID of the organization. */
function call(name: 'response' | 'logs', endpoint: keyof typeof endpoints, body: Code): Code {
  const path = literal(endpoints[endpoint])
  const options = code`method: 'POST',
headers: {
  Authorization: \`Bearer \${token}\`,
  'X-Organization-Id': orgId,
  'Content-Type': 'application/json',
},
body: JSON.stringify(${body}),`
  return code`const ${identifier(name)} = await fetch(${path}, {
${indented(options)}
})`
}

/** What the kit makes of the first example: the same delivery twice gives the same key. */
function exampleKey(connector: Connector, { name, smart_code, idempotency_key, examples }: ConnectorEvent): string {
  const data = examples[0]?.data ?? {}
  const event = { connector: connector.code, type: name, smart_code, data, idempotency: idempotency_key }
  return idempotencyKey(event) ?? ''
}

/** Calls of one installation that need no input; undefined if there are none. */
export function callUsage(connector: Connector, { oauth, verification }: Api): Code | undefined {
  const { code: name, upper_code, auth, api } = connector
  const configuration = objectLiteral(
    auth.fields
      .filter(({ required }) => required)
      .map((field) => ({ name: field.name, value: variable(upper_code, field.name) })),
  )
  const tokens = { name: 'tokens', value: code`tokenStore(database, { organizationId, installationId })` }
  const hasTokens = oauth !== undefined
  const connection = objectLiteral([{ name: 'configuration', value: configuration }, ...(hasTokens ? [tokens] : [])])
  const paged = api.endpoints.find((endpoint) => endpoint.pagination !== undefined && isFree(connector, endpoint))
  if (verification === undefined && paged === undefined) return undefined
  return joined(
    [
      lineComments([`${name}-calls.ts`]),
      code`import { api } from ${literal(`./generated/typescript/apis/${name}.js`)}`,
      code`import { authorizedFetch } from './generated/typescript/kit/authorized-fetch.js'`,
      ...(hasTokens
        ? [
            code`import { tokenStore } from './generated/typescript/kit/token-store.js'`,
            code`import { database } from './database.js'`,
            code`\ndeclare const organizationId: string\ndeclare const installationId: string`,
          ]
        : []),
      code`
/** Create it once per installation, since it counts calls. */
const vendor = authorizedFetch(api, ${connection})`,
      ...(verification === undefined ? [] : [code`\n${CONSOLE}.log(await vendor.verify())`]),
      ...(paged === undefined
        ? []
        : [
            code`for await (const page of vendor.pages(${literal(paged.name)})) {
  ${CONSOLE}.log(page.ok ? page.items : page.error)
}`,
          ]),
    ],
    '\n',
  )
}

/** Whether an endpoint can be called without input: everything in its path is a field of the installation. */
function isFree({ auth }: Connector, { path, method, query, headers }: ConnectorEndpoint): boolean {
  const isField = (name: string) => auth.fields.some((field) => field.name === name)
  const inputs = [...Object.values(query), ...Object.values(headers)]
  return method === 'GET' && placeholdersIn(path).every(isField) && inputs.every(({ required }) => required !== true)
}

import type { Connector, ConnectorEvent, Json } from '../../model/connector.ts'
import { valueAt } from '../../model/json-pointer.ts'

/** The call that records an event, with the definition's example, as the guide shows it. */
export function eventUsage(connector: Connector, event: ConnectorEvent): string {
  const data = event.examples[0]?.data ?? {}
  const body = {
    event_source: connector.code,
    event_type: event.name,
    connector_code: connector.code,
    event_data: data,
    smart_code: event.smart_code,
    idempotency_key: exampleKey(connector, event),
  }
  return call('response', 'events', body)
}

/** The call that installs a connector, with the fields that it cannot do without. */
export function installUsage({ code, auth }: Connector): string {
  const config = Object.fromEntries(
    auth.fields.filter(({ required }) => required).map(({ name }) => [name, `your_${name}`]),
  )
  return call('response', 'connectors', { operation: 'INSTALL', connector_code: code, installation_config: config })
}

/** The call that reads the log of a connector. */
export function logsUsage(code: string): string {
  return call('logs', 'logs', { limit: 50, connector_code: code, status: 'error' })
}

/** `token` is the caller's bearer token, `orgId` the UUID of the organization. */
function call(name: string, endpoint: 'connectors' | 'events' | 'logs', body: Json): string {
  const literal = objectLiteral(body).replaceAll('\n', '\n  ')
  return [
    `const ${name} = await fetch('/api/v2/integrations/${endpoint}', {`,
    "  method: 'POST',",
    '  headers: {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the reader's
    '    Authorization: `Bearer ${token}`,',
    "    'X-Organization-Id': orgId,",
    "    'Content-Type': 'application/json',",
    '  },',
    `  body: JSON.stringify(${literal}),`,
    '})',
  ].join('\n')
}

/** JSON as one writes it in TypeScript: keys that are names stand without quotes. */
function objectLiteral(value: Json): string {
  return JSON.stringify(value, null, 2)
    .replace(/^( *)"([A-Za-z_$][\w$]*)":/gm, '$1$2:')
    .replace(/[\u2028\u2029]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`)
}

/** What the idempotency pointers give for the first example: the same delivery twice gives the same key. */
function exampleKey(connector: Connector, event: ConnectorEvent): string {
  const values = event.idempotency_key.map((pointer) => valueAt(event.examples[0]?.data, pointer))
  const parts = values
    .filter((value) => value !== undefined)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  return [connector.code, event.name, ...parts].join(':')
}

import type { Connector, ConnectorEvent, OutputFile, Registry } from '../../model/connector.ts'
import { literal } from '../typescript/code.ts'
import { connectorLink, guidePage } from './guide-page.ts'
import type { Markdown } from './markdown.ts'
import { code, table, text } from './markdown.ts'

/** An event as the code of a pattern names it: TypeScript string literals. */
interface NamedEvent {
  readonly connector: string
  readonly type: string
  readonly smart_code: string
}

/**
 * The patterns are the guide's scenarios, each with a connector of its own. A registry without that connector, or
 * without what the code calls there, keeps the advice and goes without the code.
 */
export function patternsPage(registry: Registry): OutputFile {
  return guidePage(
    {
      name: 'patterns',
      title: 'Integration patterns',
      description: 'Receive webhooks, keep systems in step, and start automations: three patterns that work.',
    },
    {
      schemes: table(['connector', 'header', 'what is signed', 'key'], registry.connectors.flatMap(strongestScheme)),
      webhook: webhookScenario(registry),
      sync: syncScenario(registry),
      automation: automationScenario(registry),
    },
  )
}

function strongestScheme(connector: Connector): readonly (readonly Markdown[])[] {
  return connector.webhook.signatures
    .slice(0, 1)
    .map(({ header, signed, secret }) => [
      connectorLink(connector, '#signatures'),
      code(header),
      signed === undefined ? text('nothing: the header holds a secret of your own') : code(signed),
      code(secret),
    ])
}

const STATUSES = ['sent', 'delivered', 'read', 'failed'] as const

/** A WhatsApp delivery becomes an event for each message and each status in it. */
function webhookScenario(registry: Registry): object | false {
  const message = eventNamed(registry, 'whatsapp-business-cloud', 'message_received')
  const other = eventNamed(registry, 'whatsapp-business-cloud', 'status_update')
  const statuses = STATUSES.flatMap((status) => {
    const event = eventNamed(registry, 'whatsapp-business-cloud', `message_${status}`)
    return event === undefined ? [] : [{ ...event, status }]
  })
  if (message === undefined || other === undefined || statuses.length < STATUSES.length) return false
  return { message, other, statuses }
}

/** A customer of HERA becomes a contact of HubSpot. */
function syncScenario(registry: Registry): object | false {
  const event = eventNamed(registry, 'hubspot-crm', 'contact_created')
  const api = connectorNamed(registry, 'hubspot-crm')?.api
  const endpoint = api?.endpoints.find(({ name }) => name === 'contact_create')
  if (event === undefined || api === undefined || endpoint === undefined) return false
  return {
    event,
    url: literal(`${endpoint.base_url ?? api.base_url}${endpoint.path}`),
    method: literal(endpoint.method),
  }
}

/** A completed appointment starts a Zap. */
function automationScenario(registry: Registry): object | false {
  const event = eventNamed(registry, 'zapier-webhook', 'trigger_sent')
  return event === undefined ? false : { event }
}

function eventNamed(registry: Registry, connector: string, name: string): NamedEvent | undefined {
  const event = connectorNamed(registry, connector)?.events.find((candidate) => candidate.name === name)
  return event === undefined ? undefined : literals(connector, event)
}

function connectorNamed({ connectors }: Registry, name: string): Connector | undefined {
  return connectors.find((connector) => connector.code === name)
}

function literals(connector: string, event: ConnectorEvent): NamedEvent {
  return { connector: literal(connector), type: literal(event.name), smart_code: literal(event.smart_code) }
}

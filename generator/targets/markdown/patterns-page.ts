import type { OutputFile } from '../../model/connector.ts'
import { literal } from '../typescript/code.ts'
import type { ConnectorSummary, Guide } from './connector-summary.ts'
import { connectorLink, guidePage } from './guide-page.ts'
import type { Markdown } from './markdown.ts'
import { code, codes, nothing, table, text } from './markdown.ts'

/**
 * The patterns are the guide's scenarios, each with a connector of its own. A registry without that connector, or
 * without what the code calls there, keeps the advice and goes without the code.
 */
export function patternsPage(registry: Guide): OutputFile {
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

function strongestScheme(connector: ConnectorSummary): readonly (readonly Markdown[])[] {
  return connector.signatures
    .slice(0, 1)
    .map(({ signature, signed, secret }) => [
      connectorLink(connector, '#signatures'),
      signature === undefined ? nothing : codes(typeof signature.at === 'string' ? [signature.at] : signature.at),
      signed === undefined ? text('nothing: the header contains a secret of your own') : code(signed),
      secret === undefined ? nothing : code(secret),
    ])
}

/** A WhatsApp delivery becomes an event for each message and each status in it. */
function webhookScenario(registry: Guide): boolean {
  return eventNamed(registry, 'whatsapp-business-cloud', 'message_received') !== undefined
}

/** A customer of HERA becomes a contact of HubSpot. */
function syncScenario(registry: Guide): object | false {
  const event = eventNamed(registry, 'hubspot-crm', 'contact_created')
  const api = connectorNamed(registry, 'hubspot-crm')?.api
  const endpoint = api?.endpoints.find(({ name }) => name === 'contact_create')
  if (event === undefined || api === undefined || endpoint === undefined) return false
  return {
    event,
    url: literal(`${endpoint.base_url ?? api.base_url ?? ''}${endpoint.path}`),
    method: literal(endpoint.method),
  }
}

/** A completed appointment starts a Zap. */
function automationScenario(registry: Guide): boolean {
  return eventNamed(registry, 'zapier-webhook', 'trigger_sent') !== undefined
}

function eventNamed(registry: Guide, connector: string, name: string): { readonly type: string } | undefined {
  const event = connectorNamed(registry, connector)?.events.find((candidate) => candidate.name === name)
  return event === undefined ? undefined : { type: literal(event.name) }
}

function connectorNamed({ connectors }: Guide, name: string): ConnectorSummary | undefined {
  return connectors.find((connector) => connector.code === name)
}

import { render } from '../../compiled/templates.js'
import type { Connector, OutputFile, Registry } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { AUTHENTICATION } from './connector-page.ts'
import { durationWords, limitWords } from './limit-words.ts'
import type { Markdown } from './markdown.ts'
import { code, codes, fence, join, link, list, table, text, yamlString } from './markdown.ts'
import { installUsage, logsUsage } from './usage.ts'

/** The pages about all connectors together: overview, events, patterns, monitoring, security. */
export function guidePages({ connectors }: Registry): readonly OutputFile[] {
  return [
    indexPage(connectors),
    eventsPage(connectors),
    patternsPage(connectors),
    monitoringPage(connectors),
    securityPage(connectors),
  ]
}

function page(name: string, title: string, description: string, view: object): OutputFile {
  const front = { header: headerLines(), title: yamlString(title), description: yamlString(description) }
  return {
    path: `docs/${name}.md`,
    text: render(`markdown/${name}` as Parameters<typeof render>[0], { ...front, ...view }),
  }
}

/** A link to a connector's page, or to a heading on it, from a page beside the folder of connectors. */
function toConnector({ code: name, name: label }: Connector, anchor = ''): Markdown {
  return link(label, `connectors/${name}.md${anchor}`)
}

function indexPage(connectors: readonly Connector[]): OutputFile {
  const [first] = connectors
  const whatsapp = connectors.find(({ code: name }) => name === 'whatsapp-business-cloud') ?? first
  return page(
    'index',
    'HERA connectors',
    'The pre-built connectors of the HERA Integration Runtime: what they are, how to set them up and how to use them.',
    {
      overview: list(
        connectors.map((connector) =>
          join([`**${toConnector(connector)}**` as Markdown, text(connector.purpose)], ': '),
        ),
      ),
      catalogue: table(
        ['connector', 'code', 'vendor', 'category', 'authentication', 'events', 'status'],
        connectors.map((connector) => [
          toConnector(connector),
          code(connector.code),
          text(connector.vendor),
          text(connector.category),
          text(AUTHENTICATION[connector.auth.type]),
          text(String(connector.events.length)),
          text(connector.status),
        ]),
      ),
      install: whatsapp === undefined ? '' : fence('ts', installUsage(whatsapp)),
      support: list(
        connectors.map((connector) =>
          join([text(`${connector.name}:`), link(connector.links.support, connector.links.support)], ' '),
        ),
      ),
    },
  )
}

function eventsPage(connectors: readonly Connector[]): OutputFile {
  return page('events', 'Events and smart codes', 'Every event of every connector, with its smart code.', {
    connectors: connectors.map((connector) => ({
      name: toConnector(connector),
      events: table(
        ['event', 'what it says', 'direction', 'arrives', 'smart code'],
        connector.events.map((event) => [
          `[${code(event.name)}](connectors/${connector.code}.md#${event.name})` as Markdown,
          text(`${event.summary}${event.deprecated === undefined ? '' : ' (deprecated)'}`),
          text(event.direction),
          text(event.source),
          code(event.smart_code),
        ]),
      ),
    })),
  })
}

/** The patterns are the guide's scenarios; a registry without their connectors does without their pages' code. */
function patternsPage(connectors: readonly Connector[]): OutputFile {
  const has = (name: string, event: string) =>
    connectors.some(
      (connector) => connector.code === name && connector.events.some((candidate) => candidate.name === event),
    )
  return page(
    'patterns',
    'Integration patterns',
    'Receive webhooks, keep systems in step, and start automations: three patterns that work.',
    {
      webhook: has('whatsapp-business-cloud', 'message_received'),
      sync: has('hubspot-crm', 'contact_created'),
      automation: has('zapier-webhook', 'trigger_sent'),
      schemes: table(
        ['connector', 'header', 'what is signed', 'key'],
        connectors.flatMap((connector) =>
          connector.webhook.signatures
            .slice(0, 1)
            .map((scheme) => [
              toConnector(connector, '#signatures'),
              code(scheme.header),
              scheme.signed === undefined
                ? text('nothing: the header holds a secret of your own')
                : code(scheme.signed),
              code(scheme.secret),
            ]),
        ),
      ),
    },
  )
}

function monitoringPage(connectors: readonly Connector[]): OutputFile {
  const [first] = connectors
  const whatsapp = connectors.find(({ code: name }) => name === 'whatsapp-business-cloud') ?? first
  return page(
    'monitoring',
    'Monitoring and troubleshooting',
    'Read the logs, know the limits, and mend the three things that go wrong most.',
    {
      logs: whatsapp === undefined ? '' : fence('ts', logsUsage(whatsapp.code)),
      troubleshooting: list(connectors.map((connector) => toConnector(connector, '#troubleshooting'))),
      limits: table(
        ['connector', 'limit', 'how much', 'counted per', 'reported in'],
        connectors.flatMap((connector) =>
          connector.rate_limits.map((limit) => [
            toConnector(connector, '#rate-limits'),
            code(limit.name),
            text(limitWords(limit)),
            text(limit.scope),
            codes(limit.headers ?? []),
          ]),
        ),
      ),
      tokens: table(
        ['connector', 'token', 'lives', 'renewed by'],
        connectors.flatMap((connector) =>
          connector.auth.tokens.map(({ name, lifetime_seconds, expires = true }) => [
            toConnector(connector, '#tokens'),
            text(name),
            text(
              lifetime_seconds === undefined
                ? expires
                  ? 'see the page'
                  : 'does not expire'
                : durationWords(lifetime_seconds),
            ),
            text((connector.auth.refresh?.method ?? 'none').replaceAll('_', ' ')),
          ]),
        ),
      ),
    },
  )
}

function securityPage(connectors: readonly Connector[]): OutputFile {
  return page(
    'security',
    'Security best practices',
    'Verify webhooks, look after tokens, and treat personal data with care.',
    {
      signatures: table(
        ['connector', 'scheme', 'algorithm', 'header', 'replay window'],
        connectors.flatMap((connector) =>
          connector.webhook.signatures.map(({ name, algorithm, header, timestamp, weak = false }) => [
            toConnector(connector, '#signatures'),
            text(weak ? `${name} (weak)` : name),
            code(algorithm),
            code(header),
            text(
              timestamp === undefined
                ? 'none: the idempotency key protects'
                : durationWords(timestamp.tolerance_seconds),
            ),
          ]),
        ),
      ),
      secrets: table(
        ['connector', 'keep secret', 'how tokens are renewed'],
        connectors.map((connector) => [
          toConnector(connector, '#authentication'),
          codes(connector.auth.fields.filter(({ sensitive }) => sensitive).map(({ name }) => name)),
          text(connector.auth.refresh?.description ?? 'nothing to renew'),
        ]),
      ),
      privacy: table(
        ['connector', 'personal data', 'retention', 'terms'],
        connectors.map((connector) => [
          toConnector(connector, '#security-and-privacy'),
          codes(connector.privacy.personal_data),
          text(connector.privacy.retention),
          text(connector.privacy.legal),
        ]),
      ),
    },
  )
}

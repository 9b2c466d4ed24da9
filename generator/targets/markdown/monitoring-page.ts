import type { OutputFile } from '../../model/connector.ts'
import { refreshMethod } from './authentication.ts'
import type { ConnectorSummary, Guide } from './connector-summary.ts'
import { formatLifetime, formatLimit } from './format-limits.ts'
import { connectorLink, exampleConnector, guidePage } from './guide-page.ts'
import type { Markdown } from './markdown.ts'
import { code, codes, fence, join, list, nothing, table, text } from './markdown.ts'
import { logsUsage } from './usage.ts'

/** Logs, the common issues, and over all connectors their limits and the lives of their tokens. */
export function monitoringPage({ connectors }: Guide): OutputFile {
  const example = exampleConnector(connectors)
  return guidePage(
    {
      name: 'monitoring',
      title: 'Monitoring and troubleshooting',
      description: 'Read the logs, know the limits, and fix the three things that go wrong most.',
    },
    {
      logs: example === undefined ? nothing : fence('ts', logsUsage(example.code)),
      troubleshooting: list(connectors.filter(({ troubleshooting }) => troubleshooting.length > 0).map(problems)),
      limits: table(['connector', 'limit', 'how much', 'counted per', 'reported in'], connectors.flatMap(limitRows)),
      tokens: table(['connector', 'token', 'lives', 'renewed by'], connectors.flatMap(tokenRows)),
    },
  )
}

function problems(connector: ConnectorSummary): Markdown {
  const names = connector.troubleshooting.map(({ problem }) => text(problem))
  return join([connectorLink(connector, '#troubleshooting'), join(names, '; ')], ': ')
}

function limitRows(connector: ConnectorSummary): readonly (readonly Markdown[])[] {
  return connector.rate_limits.map((limit) => [
    connectorLink(connector, '#rate-limits'),
    code(limit.name),
    text(formatLimit(limit)),
    text(limit.scope),
    codes(limit.headers ?? []),
  ])
}

function tokenRows(connector: ConnectorSummary): readonly (readonly Markdown[])[] {
  return connector.auth.tokens.map((token) => [
    connectorLink(connector, '#tokens'),
    text(token.name),
    text(formatLifetime(token)),
    text(refreshMethod(connector.auth)),
  ])
}

import type { OutputFile } from '../../model/connector.ts'
import { compareText } from '../../text/compare-text.ts'
import { type ConnectorSummary, type Guide, hasEvents } from './connector-summary.ts'
import { eventsTable } from './event-section.ts'
import { connectorAddress, connectorLink, guidePage } from './guide-page.ts'
import type { Markdown } from './markdown.ts'
import { code, join, table } from './markdown.ts'

/** Every event and smart code, connector by connector. */
export function eventsPage({ connectors }: Guide): OutputFile {
  return guidePage(
    {
      name: 'events',
      title: 'Events and smart codes',
      description: 'Every event of every connector, with its smart code.',
    },
    {
      connectors: connectors.filter(hasEvents).map((connector) => ({
        name: connectorLink(connector),
        events: eventsTable(connector, connectorAddress(connector.code)),
      })),
      names: names(connectors),
    },
  )
}

/** Which connectors have an event of a name. */
function names(connectors: readonly ConnectorSummary[]): Markdown {
  const places = new Map<string, Markdown[]>()
  for (const connector of connectors) {
    for (const { name } of connector.events) {
      const known = places.get(name) ?? []
      known.push(connectorLink(connector, `#${name}`))
      places.set(name, known)
    }
  }
  const rows = [...places].sort(([left], [right]) => compareText(left, right))
  return table(
    ['event', 'connectors'],
    rows.map(([name, links]) => [code(name), join(links, ', ')]),
  )
}

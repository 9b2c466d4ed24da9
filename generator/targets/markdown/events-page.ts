import type { OutputFile, Registry } from '../../model/connector.ts'
import { eventsTable } from './event-section.ts'
import { connectorAddress, connectorLink, guidePage } from './guide-page.ts'

/** Every event and smart code, connector by connector. */
export function eventsPage({ connectors }: Registry): OutputFile {
  return guidePage(
    {
      name: 'events',
      title: 'Events and smart codes',
      description: 'Every event of every connector, with its smart code.',
    },
    {
      connectors: connectors.map((connector) => ({
        name: connectorLink(connector),
        events: eventsTable(connector, connectorAddress(connector.code)),
      })),
    },
  )
}

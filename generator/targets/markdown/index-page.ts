import type { OutputFile, Registry } from '../../model/connector.ts'
import { AUTHENTICATION } from './authentication.ts'
import { connectorLink, exampleConnector, guidePage } from './guide-page.ts'
import { addressLink, code, fence, join, list, nothing, strong, table, text } from './markdown.ts'
import { installUsage } from './usage.ts'

/** The start: what there is, how to set it up, where to read on and whom to ask. */
export function indexPage({ connectors }: Registry): OutputFile {
  const example = exampleConnector(connectors)
  return guidePage(
    {
      name: 'index',
      title: 'HERA pre-built connector definitions guide',
      description:
        'The pre-built connectors of the HERA Integration Runtime: what they are, how to set them up and how to use them.',
    },
    {
      overview: list(
        connectors.map((connector) => join([strong(connectorLink(connector)), text(connector.purpose)], ': ')),
      ),
      catalogue: table(
        ['connector', 'code', 'vendor', 'category', 'authentication', 'events', 'status'],
        connectors.map((connector) => [
          connectorLink(connector),
          code(connector.code),
          text(connector.vendor),
          text(connector.category.replaceAll('_', ' ')),
          text(AUTHENTICATION[connector.auth.type]),
          text(String(connector.events.length)),
          text(connector.status),
        ]),
      ),
      install: example === undefined ? nothing : fence('ts', installUsage(example)),
      pages: list(connectors.map((connector) => connectorLink(connector))),
      support: list(connectors.map(({ name, links }) => join([strong(text(name)), addressLink(links.support)], ': '))),
    },
  )
}

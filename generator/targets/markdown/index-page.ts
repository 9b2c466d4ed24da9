import type { OutputFile } from '../../model/connector.ts'
import { AUTHENTICATION } from './authentication.ts'
import { categoryAddress, categoryOf, groupByCategory } from './category.ts'
import type { ConnectorSummary, Guide } from './connector-summary.ts'
import { connectorLink, guidePage } from './guide-page.ts'
import type { Markdown } from './markdown.ts'
import { addressLink, code, join, link, list, strong, table, text } from './markdown.ts'

/** The start: what there is, how to set it up, where to read on and whom to ask. */
export function indexPage({ connectors }: Guide): OutputFile {
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
          link(categoryOf(connector).title, categoryAddress(connector.category)),
          text(AUTHENTICATION[connector.auth.type]),
          text(String(connector.events.length)),
          text(connector.status),
        ]),
      ),
      categories: list(
        groupByCategory(connectors).flatMap((group) => group.slice(0, 1).map((first) => categoryItem(first, group))),
      ),
      support: list(
        connectors.flatMap(({ name, links: { support } }) =>
          support === undefined ? [] : [join([strong(text(name)), addressLink(support)], ': ')],
        ),
      ),
    },
  )
}

/** `Messaging: 1 connector. What they do.` */
function categoryItem({ category }: ConnectorSummary, group: readonly ConnectorSummary[]): Markdown {
  const { title, about } = categoryOf({ category })
  const amount = text(`${group.length} ${group.length === 1 ? 'connector' : 'connectors'}. ${about}`)
  return join([link(title, categoryAddress(category)), amount], ': ')
}

import { render } from '../../compiled/templates.js'
import type { OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { AUTHENTICATION } from './authentication.ts'
import { categoryAddress, categoryOf, groupByCategory } from './category.ts'
import { type ConnectorSummary, type Guide, hasEvents } from './connector-summary.ts'
import { ARRIVES } from './event-section.ts'
import { connectorAddress } from './guide-page.ts'
import type { Markdown } from './markdown.ts'
import { codeLink, join, link, table, text, yamlString } from './markdown.ts'

/** One page for each category that has connectors. */
export function categoryPages({ connectors }: Guide): readonly OutputFile[] {
  return groupByCategory(connectors).flatMap((group) =>
    group.slice(0, 1).map(({ category }) => categoryPage(category, group)),
  )
}

function categoryPage(category: ConnectorSummary['category'], group: readonly ConnectorSummary[]): OutputFile {
  const { title, about } = categoryOf({ category })
  const view = {
    header: headerLines(),
    title: yamlString(`${title} connectors`),
    description: yamlString(about),
    name: text(`${title} connectors`),
    about: text(about),
    connectors: table(
      ['connector', 'what it is for', 'vendor', 'authentication', 'status'],
      group.map((connector) => [
        link(connector.name, address(connector)),
        text(connector.purpose),
        text(connector.vendor),
        text(AUTHENTICATION[connector.auth.type]),
        text(connector.status),
      ]),
    ),
    events: table(
      ['connector', ...Object.values(ARRIVES)],
      group
        .filter(hasEvents)
        .map((connector) => [link(connector.name, `${address(connector)}#events`), ...eventsByWay(connector)]),
    ),
  }
  return { path: `docs/${categoryAddress(category)}`, text: render('markdown/category', view) }
}

function address({ code }: ConnectorSummary): string {
  return `../${connectorAddress(code)}`
}

/** A cell for each way in which events arrive. */
function eventsByWay(connector: ConnectorSummary): readonly Markdown[] {
  return Object.keys(ARRIVES).map((way) => {
    const names = connector.events.filter(({ source }) => source === way).map(({ name }) => name)
    return join(
      names.map((name) => codeLink(name, `${address(connector)}#${name}`)),
      ', ',
    )
  })
}

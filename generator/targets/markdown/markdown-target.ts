import { findingKinds } from '../../check/finding-kinds.ts'
import type { Target } from '../target.ts'
import { target } from '../target.ts'
import { categoryPages } from './category-page.ts'
import { connectorFiles } from './connector-page.ts'
import { type ConnectorSummary, connectorSummary } from './connector-summary.ts'
import { eventsPage } from './events-page.ts'
import { glossaryPage } from './glossary-page.ts'
import { indexPage } from './index-page.ts'
import { type GuideText, guideText, llmsFile, llmsFullFile } from './llms.ts'
import { fence, fragmentOf } from './markdown.ts'
import { monitoringPage } from './monitoring-page.ts'
import { patternsPage } from './patterns-page.ts'
import { privateRegistryPage } from './private-registry-page.ts'
import { quickStartPage } from './quick-start-page.ts'
import { definitionPage } from './reference/definition-page.ts'
import { levelsPage } from './reference/levels-page.ts'
import { rulesPage } from './reference/rules-page.ts'
import { securityPage } from './security-page.ts'
import { eventUsage } from './usage.ts'

const pages = [
  indexPage,
  quickStartPage,
  eventsPage,
  patternsPage,
  monitoringPage,
  securityPage,
  privateRegistryPage,
  glossaryPage,
  categoryPages,
] as const

/** The guide: pages about all connectors, and one page each. Plain CommonMark and GFM with front matter. */
export const markdownTarget: Target = target<ConnectorSummary>({
  name: 'markdown',
  folder: 'docs',
  compile: async (connector) => {
    const files = await connectorFiles(connector)
    const page = files.find(({ path }) => path.endsWith('.md'))
    if (page === undefined) throw new Error(`${connector.code} has no page`)
    const [event] = connector.events
    return {
      files,
      summary: connectorSummary(connector, page),
      fragments: {
        page: guideText(page).content,
        record: event === undefined ? '' : fence('ts', eventUsage(connector, event)),
      },
    }
  },
  *aggregate(connectors) {
    const guide = { connectors }
    const before: GuideText[] = []
    for (const page of pages) {
      for (const file of [page(guide)].flat()) {
        before.push(guideText(file))
        yield file
      }
    }
    const after = [definitionPage(findingKinds), rulesPage(findingKinds), levelsPage()]
    yield* after
    yield llmsFile(guide)
    yield llmsFullFile([...before, ...connectors.map(connectorText), ...after.map(guideText)])
  },
})

function connectorText({ code, page }: ConnectorSummary): GuideText {
  return { ...page, content: fragmentOf(code, 'page') }
}

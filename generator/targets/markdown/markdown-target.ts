import { findingKinds } from '../../check/catalogue.ts'
import type { OutputFile, Registry } from '../../model/connector.ts'
import type { Target } from '../target.ts'
import { categoryPages } from './category-page.ts'
import { connectorFiles } from './connector-page.ts'
import { eventsPage } from './events-page.ts'
import { glossaryPage } from './glossary-page.ts'
import { indexPage } from './index-page.ts'
import { llmsFile, llmsFullFile } from './llms.ts'
import { monitoringPage } from './monitoring-page.ts'
import { patternsPage } from './patterns-page.ts'
import { quickStartPage } from './quick-start-page.ts'
import { definitionPage } from './reference/definition-page.ts'
import { rulesPage } from './reference/rules-page.ts'
import { securityPage } from './security-page.ts'

const pages = [
  indexPage,
  quickStartPage,
  eventsPage,
  patternsPage,
  monitoringPage,
  securityPage,
  glossaryPage,
  categoryPages,
] as const

/** The guide: pages about all connectors, and one page each. Plain CommonMark and GFM with front matter. */
export const markdownTarget: Target = {
  name: 'markdown',
  folder: 'docs',
  async emit(registry) {
    const files = [
      ...pages.flatMap((page) => page(registry)),
      ...(await connectorsFiles(registry)),
      definitionPage(findingKinds),
      rulesPage(findingKinds),
    ]
    return [...files, llmsFile(registry), llmsFullFile(files.filter(({ path }) => path.endsWith('.md')))]
  },
}

async function connectorsFiles({ connectors }: Registry): Promise<readonly OutputFile[]> {
  return (await Promise.all(connectors.map(connectorFiles))).flat()
}

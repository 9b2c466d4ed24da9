import { findingKinds } from '../../check/catalogue.ts'
import type { Target } from '../target.ts'
import { connectorPage } from './connector-page.ts'
import { eventsPage } from './events-page.ts'
import { indexPage } from './index-page.ts'
import { monitoringPage } from './monitoring-page.ts'
import { patternsPage } from './patterns-page.ts'
import { definitionPage } from './reference/definition-page.ts'
import { rulesPage } from './reference/rules-page.ts'
import { securityPage } from './security-page.ts'

const pages = [indexPage, eventsPage, patternsPage, monitoringPage, securityPage] as const

/** The guide: pages about all connectors, and one page each. Plain CommonMark and GFM with front matter. */
export const markdownTarget: Target = {
  name: 'markdown',
  folder: 'docs',
  emit: async (registry) => [
    ...pages.map((page) => page(registry)),
    ...registry.connectors.map(connectorPage),
    definitionPage(findingKinds),
    rulesPage(findingKinds),
  ],
}

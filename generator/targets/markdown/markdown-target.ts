import type { Registry } from '../../model/connector.ts'
import type { Target } from '../target.ts'
import { connectorPage } from './connector-page.ts'
import { guidePages } from './guide-pages.ts'

/** The guide: pages about all connectors, and one page each. Plain CommonMark and GFM with front matter. */
export const markdownTarget: Target = {
  name: 'markdown',
  folder: 'docs',
  emit: async (registry: Registry) => [...guidePages(registry), ...registry.connectors.map(connectorPage)],
}

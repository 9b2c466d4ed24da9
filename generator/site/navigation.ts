import type { DefaultTheme } from 'vitepress'
import type { Registry } from '../model/connector.ts'
import { compareText } from '../text/compare-text.ts'
import type { GuidePage } from './guide.ts'
import { htmlText } from './html-text.ts'

/** So many connectors have their places in the sidebar; of more, their categories have. */
const MOST_CONNECTORS = 40

/** What the site is made from. */
export interface Guide {
  readonly registry: Registry
  readonly pages: readonly GuidePage[]
  /** The text of index.md, whose list of pages says in which order the guide is read. */
  readonly index: string
}

/** The page that is no part of the guide. */
const CATALOGUE = { text: 'Catalogue', link: '/catalogue' }

/** The menu at the top. */
export function menu({ pages }: Guide): DefaultTheme.NavItem[] {
  const offered = [
    { text: 'Events', link: 'events.md' },
    { text: 'Patterns', link: 'patterns.md' },
    { text: 'Security', link: 'security.md' },
  ].filter(({ link }) => pages.some(({ path }) => path === link))
  return [CATALOGUE, ...offered.map(({ text, link }) => ({ text, link: addressOf(link) }))]
}

/** Every page of the guide, by what it is about: the guide itself, the connectors, and one group a further folder. */
export function sidebar(guide: Guide): DefaultTheme.SidebarItem[] {
  const { pages, registry } = guide
  const folders = [...new Set(pages.map(({ path }) => folderOf(path)))].filter((folder) => folder !== '')
  const shown =
    registry.connectors.length > MOST_CONNECTORS ? folders.filter((folder) => folder !== 'connectors') : folders
  return [
    { text: 'Guide', items: guideItems(guide) },
    ...shown.sort(compareFolders).map((folder) => ({
      text: htmlText(heading(folder)),
      items: inFolder(pages, folder).map(item),
    })),
  ]
}

function guideItems({ pages, index }: Guide): DefaultTheme.SidebarItem[] {
  const order = [...index.matchAll(/^- \[[^\]]*\]\(([\w-]+\.md)\)/gm)].map(([, path = '']) => path)
  const place = ({ path }: GuidePage) =>
    path === 'index.md' ? -1 : order.includes(path) ? order.indexOf(path) : order.length
  const [start, ...rest] = inFolder(pages, '').toSorted((left, right) => place(left) - place(right))
  return [...(start === undefined ? [] : [{ text: 'Overview', link: '/' }]), CATALOGUE, ...rest.map(item)]
}

function inFolder(pages: readonly GuidePage[], folder: string): readonly GuidePage[] {
  return pages.filter(({ path }) => folderOf(path) === folder)
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

/** Connectors come first, since they are what readers look for. */
function compareFolders(left: string, right: string): number {
  const rank = (folder: string) => (folder === 'connectors' ? 0 : 1)
  return rank(left) - rank(right) || compareText(left, right)
}

/** `api-reference` → `Api reference` */
function heading(folder: string): string {
  const words = folder.replaceAll(/[-_/]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function item({ path, title }: GuidePage): DefaultTheme.SidebarItem {
  return { text: htmlText(title), link: addressOf(path) }
}

/** `connectors/hubspot-crm.md` → `/connectors/hubspot-crm` */
function addressOf(path: string): string {
  return `/${path.replace(/(?:(?<=^|\/)index)?\.md$/, '')}`
}

import { posix } from 'node:path'
import GithubSlugger from 'github-slugger'
import MarkdownIt from 'markdown-it'
import type { OutputFile } from '../../generator/model/connector.ts'

/** As VitePress sets it up: HTML passes, and addresses become links by themselves. */
export const renderer: MarkdownIt = new MarkdownIt({ html: true, linkify: true })

type Token = ReturnType<MarkdownIt['parse']>[number]

/** A page without its front matter. */
export function bodyOf({ text }: Pick<OutputFile, 'text'>): string {
  return text.replace(/^---\n[\s\S]*?\n---\n/, '')
}

/** What a browser shows of HTML. */
export function decoded(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

/** The elements in a piece of HTML, apart from the one that keeps Vue away. */
export function elementsIn(html: string): readonly string[] {
  return [...html.matchAll(/<([a-z]\w*)\b(?! v-pre)/g)].map(([, name = '']) => name)
}

/** The headings of a page with the anchors that GitHub, and every site that follows it, gives them. */
export function headingsOf(page: OutputFile): readonly { readonly text: string; readonly anchor: string }[] {
  const slugger = new GithubSlugger()
  const tokens = renderer.parse(bodyOf(page), {})
  return tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open') return []
    const text = plainText(tokens[index + 1]?.children ?? [])
    return [{ text, anchor: slugger.slug(text) }]
  })
}

function plainText(tokens: readonly Token[]): string {
  return tokens
    .filter(({ type }) => ['text', 'text_special', 'code_inline'].includes(type))
    .map(({ content }) => content)
    .join('')
}

/** The addresses of all links and pictures that stay on the site. */
export function linksOf(page: OutputFile): readonly string[] {
  const inline = renderer.parse(bodyOf(page), {}).flatMap(({ children }) => children ?? [])
  const addresses = inline.flatMap((token) => token.attrGet('href') ?? token.attrGet('src') ?? [])
  return addresses.filter((address) => !/^[a-z][a-z+.-]*:/i.test(address))
}

/** Links and pictures that lead nowhere; what stands beside the pages counts, what stands elsewhere does not. */
export function brokenLinks(files: readonly OutputFile[]): readonly string[] {
  const known = new Map(files.map((file) => [file.path, file]))
  const anchors = new Map<string, ReadonlySet<string>>()
  const isThere = (path: string, fragment: string | undefined): boolean => {
    const file = known.get(path)
    if (file === undefined || fragment === undefined) return file !== undefined
    if (path.endsWith('.json')) return pointsAt(JSON.parse(file.text), fragment)
    const found = anchors.get(path) ?? new Set(headingsOf(file).map(({ anchor }) => anchor))
    anchors.set(path, found)
    return found.has(fragment)
  }
  // The whole guide as one text has the pages' own links.
  const pages = files.filter(({ path }) => /\.md$|llms\.txt$/.test(path))
  return pages.flatMap((page) =>
    linksOf(page)
      .filter((address) => {
        const [path = '', fragment] = decodeURIComponent(address).split('#')
        return !isThere(path === '' ? page.path : posix.join(posix.dirname(page.path), path), fragment)
      })
      .map((address) => `${page.path}: ${address}`),
  )
}

function pointsAt(root: unknown, pointer: string): boolean {
  let value = root
  for (const name of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return true
}

/** A page from a heading to the next one of its level or above; the heading must be there. */
export function sectionOf(page: string, heading: string): string {
  const body = bodyOf({ text: page })
  const lines = body.split('\n')
  const marks = renderer.parse(body, {}).flatMap((token, index, tokens) => {
    if (token.type !== 'heading_open') return []
    const text = plainText(tokens[index + 1]?.children ?? [])
    return [{ text, level: token.tag, line: token.map?.[0] ?? 0 }]
  })
  const start = marks.findIndex(({ text }) => text === heading)
  const found = marks[start]
  if (found === undefined) throw new Error(`the page has no heading "${heading}"`)
  const end = marks.slice(start + 1).find(({ level }) => level <= found.level)
  return lines.slice(found.line, end?.line).join('\n')
}

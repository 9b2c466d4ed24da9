import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { evaluate } from '@mdx-js/mdx'
import { Fragment, jsx, jsxs } from 'hono/jsx/jsx-runtime'
import remarkDirective from 'remark-directive'
import remarkFrontmatter from 'remark-frontmatter'
import remarkGfm from 'remark-gfm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { markdownTarget } from '../../../generator/targets/markdown/markdown-target.ts'
import { acme, edit, registryOf } from '../../support/acme.ts'
import { hostile } from '../../support/adversarial-input.ts'
import { type Crawl, crawl } from '../../support/crawl.ts'
import { emit } from '../../support/emit.ts'
import { mayRun } from '../../support/servers.ts'
import { serveFolder } from '../../support/site.ts'

const docs = join(import.meta.dirname, '..', '..', '..', 'generated', 'docs')
const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'))

/** A node of a Markdown tree, as far as it is looked at here. */
interface Node {
  readonly type: string
  readonly name?: string | null
  readonly url?: string
  readonly attributes?: object
  readonly children?: readonly Node[]
}

function* nodesIn(node: Node): Generator<Node> {
  yield node
  for (const child of node.children ?? []) yield* nodesIn(child)
}

/** The `:30` of a time looks like a directive; Docusaurus makes text of those again that have neither content nor attributes. */
function isTime({ type, children = [], attributes = {} }: Node): boolean {
  return type === 'textDirective' && children.length === 0 && Object.keys(attributes).length === 0
}

interface Reading {
  readonly nodes: readonly Node[]
  /** The page as HTML. */
  readonly html: string
}

/** Reads a page as Docusaurus does: as MDX, with GFM, front matter and the directives of admonitions. */
async function readAsMdx(text: string): Promise<Reading> {
  const nodes: Node[] = []
  const collect = () => (tree: Node) => {
    for (const node of nodesIn(tree)) {
      if (isTime(node)) Object.assign(node, { type: 'text', value: `:${node.name}` })
      nodes.push(node)
    }
  }
  const { default: page } = await evaluate(text, {
    Fragment,
    jsx,
    jsxs,
    remarkPlugins: [remarkFrontmatter, remarkGfm, remarkDirective, collect],
  })
  return { nodes, html: String(page({})) }
}

/** What acts in MDX: code, and directives, which no page has. */
const ACTIVE = /^(?:mdxjsEsm|mdx(?:Flow|Text)Expression|(?:text|leaf|container)Directive)$/

describe('Docusaurus, by the rules of MDX', () => {
  test.each(pages)('%s compiles, and nothing in it acts', async (path) => {
    const { nodes } = await readAsMdx(readFileSync(join(docs, path), 'utf8'))
    expect(nodes.length).toBeGreaterThan(20)
    expect(nodes.filter(({ type }) => ACTIVE.test(type))).toEqual([])
    const elements = nodes.filter(({ type }) => type.startsWith('mdxJsx')).map(({ name }) => name)
    expect(elements.filter((name) => name !== 'span' && name !== 'code' && name !== 'br')).toEqual([])
  })

  test.each(pages)('%s links pages and files by relative paths to what is there', async (path) => {
    const { nodes } = await readAsMdx(readFileSync(join(docs, path), 'utf8'))
    const local = nodes.map(({ url = '' }) => url).filter((url) => url !== '' && !/^(?:https?:|mailto:|#)/.test(url))
    const missing = local.filter((url) => {
      const file = decodeURIComponent(url.replace(/[?#].*$/, ''))
      return file.startsWith('/') || !existsSync(join(docs, dirname(path), file))
    })
    expect(missing).toEqual([])
  })

  test.each(pages)('%s has front matter as every site reads it', (path) => {
    const [, front = ''] = /^---\n([\s\S]*?)\n---\n/.exec(readFileSync(join(docs, path), 'utf8')) ?? []
    expect(parse(front)).toMatchObject({ title: expect.stringMatching(/\S/), description: expect.stringMatching(/\S/) })
  })

  test('hostile text is there as it is, and does nothing', async () => {
    const text = JSON.stringify(hostile)
    const registry = registryOf({
      'acme-crm.yaml': edit(
        acme,
        ['description: Your account at Acme.', `description: ${text}`],
        ['fix: Set the same token in both places.', `fix: ${text}`],
        ['description: Mail address.', `description: ${text}`],
      ),
    })
    const files = (await emit(markdownTarget, registry)).filter(({ path }) => path.endsWith('.md'))
    for (const { path, text: source } of files) {
      const { nodes } = await readAsMdx(source)
      expect({ path, active: nodes.filter(({ type }) => ACTIVE.test(type)) }).toEqual({ path, active: [] })
    }
    const page = files.find(({ path }) => path === 'docs/connectors/acme-crm.md')
    const { html } = await readAsMdx(page?.text ?? '')
    expect(shown(html).split(hostile).length - 1).toBeGreaterThanOrEqual(3)
  })
})

/** What a reader sees of HTML. */
function shown(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

const mkdocs = {
  missing: ['/usr/bin/mkdocs', '/usr/local/bin/mkdocs'].some(existsSync)
    ? undefined
    : 'no mkdocs in /usr/bin: apt-get install mkdocs',
}
const title = mkdocs.missing === undefined ? 'MkDocs' : `MkDocs (skipped: ${mkdocs.missing})`

describe.runIf(mayRun(mkdocs))(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hera-mkdocs-'))
  let said: string
  let found: Crawl
  let url: string
  beforeAll(async () => {
    // JSON is YAML too.
    const settings = { site_name: 'Guide', docs_dir: docs, site_dir: join(folder, 'site'), strict: true }
    writeFileSync(join(folder, 'mkdocs.yml'), JSON.stringify(settings))
    const built = promisify(execFile)('mkdocs', ['build', '--strict', '--quiet'], { cwd: folder })
    // A warning ends it with an error, which holds what it said.
    const { stdout, stderr } = await built.catch((error: { readonly stdout: string; readonly stderr: string }) => error)
    said = stdout + stderr
    const served = await serveFolder(join(folder, 'site'), '/')
    url = served.url
    found = await crawl(url)
    await served.stop()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('builds the guide, and has nothing to say', () => {
    expect(said).toBe('')
  })

  test('finds every page, anchor and file that is linked', () => {
    const own = (link: string) => !/\/(?:search\.html|None)$/.test(link)
    expect(found.broken.filter(own)).toEqual([])
    const addresses = pages.map((path) => `${url}${path.replace(/(?:^|(?<=\/))index\.md$/, '').replace(/\.md$/, '/')}`)
    expect(addresses.filter((address) => !found.reached.has(address))).toEqual([])
  })
})

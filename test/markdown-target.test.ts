import { join, posix } from 'node:path'
import GithubSlugger from 'github-slugger'
import MarkdownIt from 'markdown-it'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readRegistry } from '../generator/commands/read-registry.ts'
import type { OutputFile, Registry } from '../generator/model/connector.ts'
import { MARK } from '../generator/targets/header.ts'
import { code, fence, link, paragraphs, table, text, yamlString } from '../generator/targets/markdown/markdown.ts'
import { markdownTarget } from '../generator/targets/markdown/markdown-target.ts'
import { acme, edit, registryOf, zenith } from './support/acme.ts'
import { hostile } from './support/hostile.ts'

const renderer = new MarkdownIt({ html: true, linkify: false })

/** What a reader sees of inline Markdown: the text of the page, entities decoded. */
function seen(markdown: string): string {
  const html = renderer.render(markdown)
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim()
}

const texts: readonly string[] = [
  hostile,
  'page_id and _emphasis_ and __strong__ and *stars*',
  '- a dash first',
  '+ plus',
  '1. a number first',
  '1) another',
  '# no heading',
  '=== underline',
  '> no quote',
  '::: tip',
  '{{ secret }} and {single} }}',
  '<img src=x onerror=alert(1)>',
  '&amp; &lt; &#123;',
  'a | b || c',
  '[a](javascript:alert(1)) ![b](c)',
  '~~struck~~ ~one~',
  '`code` ``two``',
  'back\\slash \\* \\\\',
  'https://example.com/a_b_c?x=1&y=2',
  '<!-- comment -->',
  '$x$ %{y} #{z}',
]

describe('plain text shows as exactly that text', () => {
  test.each(texts)('in a paragraph: %j', (plain) => {
    expect(seen(text(plain))).toBe(plain.trim())
    const html = renderer.render(text(plain))
    expect(html.replace(/<\/?p>|<\/?span(?: v-pre)?>/g, '')).not.toMatch(/<[a-z]/)
  })

  test.each(texts)('in a table: %j', (plain) => {
    const html = renderer.render(table(['a', 'b'], [[text(plain), text('end')]]))
    const cells = [...html.matchAll(/<td>([\s\S]*?)<\/td>/g)].map(([, cell = '']) => cell)
    expect(cells).toHaveLength(2)
    expect(seen(text(plain))).toBe(plain.trim())
    expect(cells[0]?.replace(/<\/?span(?: v-pre)?>/g, '')).not.toMatch(/<[a-z]/)
  })

  test.each(texts)('in a code span: %j', (plain) => {
    expect(seen(code(plain))).toBe(plain.replace(/\s+/g, ' ').trim())
  })

  test.each(texts)('in a block of code: %j', (plain) => {
    expect(renderer.render(fence('json', plain)).match(/<pre>/g)).toHaveLength(1)
    expect(seen(fence('json', plain))).toBe(plain.trim())
  })

  test.each(texts)('in front matter: %j', (plain) => {
    expect(parse(`title: ${yamlString(plain)}`)).toEqual({ title: plain.replace(/\s+/g, ' ').trim() })
  })

  test('two braces together are kept from a template engine', () => {
    expect(text('{{ x }}')).toMatch(/^<span v-pre>.*<\/span>$/)
    expect(text('{{ x }}')).not.toContain('{')
  })

  test('lines are paragraphs', () => {
    expect(paragraphs('one\n\ntwo\nthree')).toBe('one\n\ntwo\n\nthree')
  })

  test('an address cannot end its link', () => {
    expect(renderer.render(link('a', 'https://example.com/x) <b> "t" (y'))).toMatch(
      /^<p><a href="[^"<>]*">a<\/a><\/p>\n$/,
    )
  })
})

async function pagesOf(registry: Registry): Promise<readonly OutputFile[]> {
  return markdownTarget.emit(registry)
}

/** Anchors of a page, as GitHub, VitePress and Docusaurus make them. */
function anchorsOf(page: OutputFile): ReadonlySet<string> {
  const slugger = new GithubSlugger()
  const body = page.text.replace(/^```[\s\S]*?^```/gm, '')
  return new Set([...body.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => slugger.slug(seen(heading))))
}

function brokenLinks(pages: readonly OutputFile[]): readonly string[] {
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]))
  return pages.flatMap((page) => {
    const body = page.text.replace(/^```[\s\S]*?^```/gm, '')
    const targets = [...body.matchAll(/\]\((?!https?:)([^)]*)\)/g)].map(([, target = '']) => target)
    expect({ page: page.path, links: targets.length > 0 }).toEqual({
      page: page.path,
      links: page.path !== 'docs/patterns.md' || targets.length > 0,
    })
    return targets
      .filter((target) => {
        const [path = '', anchor] = target.split('#')
        const known = anchors.get(path === '' ? page.path : posix.join(posix.dirname(page.path), path))
        return known === undefined || (anchor !== undefined && !known.has(anchor))
      })
      .map((target) => `${page.path}: ${target}`)
  })
}

describe('pages of made-up connectors', () => {
  test.each([
    'docs/connectors/acme-crm.md',
    'docs/index.md',
    'docs/events.md',
    'docs/monitoring.md',
    'docs/security.md',
  ])('%s', async (path) => {
    const pages = await pagesOf(
      registryOf({ 'acme-crm.yaml': acme, 'zenith-crm.yaml': edit(zenith, ['name: Acme CRM', 'name: Zenith CRM']) }),
    )
    const page = pages.find((candidate) => candidate.path === path)
    await expect(page?.text ?? '').toMatchFileSnapshot(`golden/markdown/${path.split('/').at(-1)}`)
  })

  test('hostile text changes nothing but the text', async () => {
    const quoted = JSON.stringify(hostile)
    const registry = registryOf({
      'acme-crm.yaml': edit(
        acme,
        ['      description: Your account at Acme.', `      description: ${quoted}`],
        ['fix: Set the same token in both places.', `fix: ${quoted}`],
        ['description: Mail address.', `description: ${quoted}`],
      ),
    })
    const page = (await pagesOf(registry)).find(({ path }) => path.endsWith('acme-crm.md'))
    const html = renderer.render((page?.text ?? '').replace(/^---[\s\S]*?\n---\n/, ''))
    const decoded = html
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
    expect(decoded.split(hostile)).toHaveLength(4)
    expect(html).not.toMatch(/<script|<b>|<a href="javascript/)
  })

  test('no link leads nowhere', async () => {
    const pages = await pagesOf(registryOf({ 'acme-crm.yaml': acme }))
    expect(brokenLinks(pages)).toEqual([])
  })

  test('a page says where it comes from and has a title and a description', async () => {
    for (const { path, text: content } of await pagesOf(registryOf({ 'acme-crm.yaml': acme }))) {
      const [, front = ''] = /^---\n([\s\S]*?)\n---\n/.exec(content) ?? []
      expect(front).toContain(MARK)
      expect({ path, ...parse(front) }).toEqual({
        path,
        title: expect.stringMatching(/./),
        description: expect.stringMatching(/./),
      })
    }
  })

  test("an edit of one connector changes no other connector's page", async () => {
    const before = await pagesOf(registryOf({ 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenith }))
    const after = await pagesOf(
      registryOf({ 'acme-crm.yaml': edit(acme, ['vendor: Acme', 'vendor: Acme Inc']), 'zenith-crm.yaml': zenith }),
    )
    const changed = after.filter((page, index) => page.text !== before[index]?.text).map(({ path }) => path)
    expect(changed).toEqual(['docs/index.md', 'docs/connectors/acme-crm.md'])
  })
})

describe("the owner's connectors", () => {
  let pages: readonly OutputFile[]
  let registry: Registry
  beforeAll(async () => {
    const reading = await readRegistry(join(import.meta.dirname, '..', 'definitions'))
    registry = reading.registry
    pages = await pagesOf(registry)
  })

  test('no link leads nowhere', () => {
    expect(pages.length).toBeGreaterThanOrEqual(10)
    expect(brokenLinks(pages)).toEqual([])
  })

  test("a connector's page names every field, scope, event, smart code, endpoint and limit", () => {
    for (const { code: name, auth, events, api, rate_limits, links, purpose } of registry.connectors) {
      const page = pages.find(({ path }) => path === `docs/connectors/${name}.md`)?.text ?? ''
      const wanted = [
        ...auth.fields.map((field) => code(field.name)),
        ...auth.scopes.map((scope) => code(scope.name)),
        ...events.flatMap((event) => [`### ${code(event.name)}`, event.smart_code, text(event.summary)]),
        ...api.endpoints.map((endpoint) => code(endpoint.name)),
        ...rate_limits.map((limit) => code(limit.name)),
        text(purpose),
        links.support,
      ]
      expect(wanted.filter((part) => !page.includes(part))).toEqual([])
    }
  })

  test("the guide's patterns, issues and security advice are there", () => {
    const all = pages
      .map((page) => page.text)
      .join('\n')
      .toLowerCase()
      .replace(/\s+/g, ' ')
    const guide = [
      'quick start',
      'integration patterns',
      'webhook processing pattern',
      'bi-directional sync pattern',
      'automation trigger pattern',
      'integration logs',
      'webhook verification failed',
      'publicly accessible',
      'rate limit exceeded',
      'exponential backoff',
      'queuing high-volume events',
      'authentication expired',
      'refresh oauth tokens automatically',
      'expiration times',
      'always verify webhook signatures',
      'https endpoints only',
      'rate limiting on webhook endpoints',
      'store access tokens securely',
      'token rotation',
      'suspicious activity',
      'data privacy guidelines',
      'data retention policies',
      'user consent preferences',
      'supabase',
      'integration hub',
    ]
    expect(guide.filter((part) => !all.includes(part))).toEqual([])
  })

  test('no example makes an idempotency key with a clock', () => {
    for (const { path, text: content } of pages)
      expect({ path, clock: /Date\.now|new Date\(\)/.test(content) }).toEqual({ path, clock: false })
  })
})

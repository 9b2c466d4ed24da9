import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Connector, OutputFile, Registry } from '../../../generator/model/connector.ts'
import { readRegistry } from '../../../generator/pipeline/pipeline.ts'
import { markdownTarget } from '../../../generator/targets/markdown/markdown-target.ts'
import { acme, edit, registryOf, zenith } from '../../support/acme.ts'
import { browsers } from '../../support/browsers.ts'
import { emit } from '../../support/emit.ts'
import { bodyOf, brokenLinks, elementsIn, headingsOf, linksOf, renderer } from '../../support/pages.ts'
import { mayRun } from '../../support/servers.ts'

const definitions = join(import.meta.dirname, '..', '..', '..', 'definitions')
const generated = join(import.meta.dirname, '..', '..', '..', 'generated')

const filesOf = (registry: Registry) => emit(markdownTarget, registry)

/** Pages that list connectors; all others are about one, or about none. */
const INDEXES = [
  'docs/index.md',
  'docs/quick-start.md',
  'docs/events.md',
  'docs/patterns.md',
  'docs/monitoring.md',
  'docs/security.md',
  'docs/llms.txt',
  'docs/llms-full.txt',
]

function changedPaths(before: readonly OutputFile[], after: readonly OutputFile[]): readonly string[] {
  const texts = new Map(before.map(({ path, text }) => [path, text]))
  return after.filter(({ path, text }) => texts.get(path) !== text).map(({ path }) => path)
}

describe('a change of one definition touches its own files and the indexes, and no other page', () => {
  const edits: readonly (readonly [string, string])[] = [
    ['name: Acme CRM', 'name: Acme Suite'],
    ['vendor: Acme', 'vendor: Acme Inc'],
    ['purpose: Keep contacts', 'purpose: Hold contacts'],
    ['description: Identifies your app.', 'description: Names your app.'],
    ['lifetime_seconds: 3600', 'lifetime_seconds: 7200'],
    ['limit: 110', 'limit: 111'],
    ['description: Keep contacts as long', 'description: Hold contacts as long'],
    ['summary: A contact was added', 'summary: A contact is new'],
    ['email: ada@example.com', 'email: eve@example.com'],
    ['at: X-Acme-Signature', 'at: X-Acme-Proof'],
    ['problem: Webhook Verification Failed', 'problem: The webhook fails'],
    ['title: Create an app', 'title: Make an app'],
    ['"contact":{"id":"c_1"', '"contact":{"id":"c_9"'],
    ['category: crm', 'category: support'],
  ]
  const zenithCrm = edit(zenith, ['name: Acme CRM', 'name: Zenith CRM'])
  let before: readonly OutputFile[]
  beforeAll(async () => {
    before = await filesOf(registryOf({ 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenithCrm }))
  })

  test.each(edits)('%s → %s', async (...change) => {
    const after = await filesOf(registryOf({ 'acme-crm.yaml': edit(acme, change), 'zenith-crm.yaml': zenithCrm }))
    const changed = changedPaths(before, after)
    expect(changed).toContain('docs/connectors/acme-crm.md')
    const allowed = (path: string) =>
      INDEXES.includes(path) || path.startsWith('docs/categories/') || path.startsWith('docs/connectors/acme-crm.')
    expect(changed.filter((path) => !allowed(path))).toEqual([])
  })

  test('what no index says touches none but the whole text', async () => {
    const after = await filesOf(
      registryOf({
        'acme-crm.yaml': edit(acme, ['title: Create an app', 'title: Make an app']),
        'zenith-crm.yaml': zenithCrm,
      }),
    )
    expect(changedPaths(before, after).toSorted()).toEqual([
      'docs/connectors/acme-crm.json',
      'docs/connectors/acme-crm.md',
      'docs/llms-full.txt',
    ])
  })

  test('a new connector touches no page of another one', async () => {
    const alone = await filesOf(registryOf({ 'zenith-crm.yaml': zenithCrm }))
    const changed = changedPaths(alone, before)
    expect(changed).toContain('docs/connectors/acme-crm.md')
    expect(changed.filter((path) => path.startsWith('docs/connectors/zenith'))).toEqual([])
  })
})

describe('what machines read', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(generated, path), 'utf8'))

  test('is what the JSON target writes, beside the page that links it', () => {
    for (const connector of read('json/registry.json').connectors) {
      const { code, events } = connector
      const { $comment: _, ...copy } = read(`docs/connectors/${code}.json`)
      expect(copy).toEqual(connector)
      const { $defs } = read(`docs/connectors/${code}.schema.json`)
      expect($defs.Installation).toEqual(read(`json/installations/${code}.schema.json`))
      for (const { name } of events) expect($defs[name]).toEqual(read(`json/events/${code}.${name}.schema.json`))
      expect(Object.keys($defs)).toHaveLength(events.length + 1)
    }
  })

  test('llms.txt has the form of llmstxt.org: a title, a summary, then sections of links', () => {
    const [head = '', ...sections] = readFileSync(join(generated, 'docs', 'llms.txt'), 'utf8').split(/^## /m)
    expect(head).toMatch(/^# [^\n]+\n\n> [^\n]+\n\n/)
    expect(sections.map((section) => section.split('\n')[0])).toEqual(['Guide', 'Connectors', 'Schemas', 'Optional'])
    for (const section of sections) {
      const items = section.split('\n').slice(1)
      expect(items.filter((line) => line !== '' && !/^- \[[^\]]+\]\([^)]+\)(?:: .+)?$/.test(line))).toEqual([])
    }
  })

  test('llms-full.txt holds every page, word for word', async () => {
    const { registry } = await readRegistry([definitions])
    const files = await filesOf(registry)
    const full = files.find(({ path }) => path === 'docs/llms-full.txt')?.text ?? ''
    const pages = files.filter(({ path }) => path.endsWith('.md'))
    for (const page of pages) {
      expect([page.path, full.includes(`Page: ${page.path.slice('docs/'.length)}\n`)]).toEqual([page.path, true])
      expect([page.path, full.includes(bodyOf(page).trim())]).toEqual([page.path, true])
    }
    expect(full).not.toContain('do not fit')
  })

  test('and of a large registry as much as a model takes, with the names of the rest', async () => {
    const [connector] = registryOf({ 'acme-crm.yaml': acme }).connectors
    const connectors = Array.from({ length: 400 }, (_, index) => ({ ...connector, code: `acme-${index}` }) as Connector)
    const files = await filesOf({ connectors })
    const full = files.find(({ path }) => path === 'docs/llms-full.txt')?.text ?? ''
    expect(full.length).toBeLessThan(4_200_000)
    const [, left = ''] = full.split('Pages that do not fit in here:')
    expect(full).toContain('Page: connectors/acme-0.md\n')
    expect(left).toContain('(connectors/acme-399.md)')
    const named = full.match(/^Page: connectors\/.*$|^- \[[^\]]*\]\(connectors\/.*\)$/gm) ?? []
    expect(new Set(named.map((line) => /acme-\d+/.exec(line)?.[0]))).toHaveLength(400)
  })
})

/** Each would do something somewhere, were it taken for more than text. */
const snippets = [
  '<img src=x onerror=alert(1)>',
  '</title></svg><script>alert(1)</script>',
  '{{ constructor("alert(1)")() }}',
  '{alert(1)} <Component />',
  'a | b || c',
  '`code` ``two`` ```three```',
  '[a](javascript:alert(1)) ![b](c)',
  '](index.md) [x]: y',
  '<!-- comment -->',
  '<!--@include: ./index.md-->',
  '# no heading {#id}',
  '::: tip ::: !!! note ??? more',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it looks like a template, and must not act as one
  '*/ ${x} {% raw %} $$ \\',
  'import x from "y"',
  'export const meta = {}',
  '"quoted" \'single\' &amp; &#123; &copy;',
  'שלום right left zero width \u2028 line',
  'emoji 👩‍👩‍👧‍👦 ä — 田中 ﷽',
  '~~gone~~ *bold* _under_ ==mark== ^up^',
  ']]> <![CDATA[ <?xml ?>',
] as const

/** Where a definition says something to people; everything else is a name with a form of its own. */
const PROSE = new Set(
  'access advice answer cause causes cursor deletion description error fix formula instead label legal note notes origin problem purpose reason retention retry scope success summary title vendor versioning where_to_find x-unit'.split(
    ' ',
  ),
)

/** A definition with a snippet in all that it says to people. */
function poisoned(text: string, snippet: string): string {
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => walk(item, key))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]))
    return typeof value === 'string' && PROSE.has(key) ? snippet : value
  }
  const whole = {
    ...(walk(parse(text), '') as object),
    name: `Acme ${snippet}`,
    changes: [{ version: '1.2.3', notes: [snippet] }],
  }
  // YAML has all of JSON.
  return `${/^#.*/.exec(text)?.[0]}\n${JSON.stringify(whole, null, 2)}`
}

describe('whatever a definition says, its pages show it as text', () => {
  const registryWith = (snippet: string) => registryOf({ 'acme-crm.yaml': poisoned(acme, snippet) })
  let plain: readonly OutputFile[]
  beforeAll(async () => {
    plain = await filesOf(registryWith('nothing'))
  })

  test.each(snippets)('%j', async (snippet) => {
    const files = await filesOf(registryWith(snippet))
    expect(brokenLinks(files)).toEqual([])
    for (const [index, file] of files.entries()) {
      const twin = plain[index]
      if (twin === undefined) throw new Error('a page more')
      if (!/\.md$|llms\.txt$/.test(file.path)) continue
      const html = renderer.render(bodyOf(file))
      expect([file.path, elementsIn(html)]).toEqual([file.path, elementsIn(renderer.render(bodyOf(twin)))])
      expect([file.path, linksOf(file).length]).toEqual([file.path, linksOf(twin).length])
      expect([file.path, headingsOf(file).length]).toEqual([file.path, headingsOf(twin).length])
      const prose = bodyOf(file).replace(/^```[\s\S]*?^```$/gm, '')
      expect(prose).not.toMatch(/<!--|^(?:import|export)\b|^:::|^!!!|\{\{|\$\{/m)
    }
    for (const { text } of files.filter(({ path }) => path.endsWith('.json'))) JSON.parse(text)
  })
})

/** Runs in the browser. */
const DRAW = `(text) => {
  const read = new DOMParser().parseFromString(text, 'image/svg+xml')
  const shown = document.importNode(read.documentElement, true)
  document.body.append(shown)
  const edge = shown.getBoundingClientRect()
  const over = [...shown.querySelectorAll('text')].map((element) => {
    const box = element.getBoundingClientRect()
    return Math.max(edge.left - box.left, box.right - edge.right, box.bottom - edge.bottom, 0)
  })
  return { elements: [...read.querySelectorAll('*')].map(({ nodeName }) => nodeName), overflow: Math.max(...over) }
}`

describe.runIf(mayRun(browsers))(`pictures (${browsers.missing ?? 'in Chromium'})`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await browsers.open()
  })
  afterAll(() => browser?.close())

  interface Drawn {
    readonly elements: readonly string[]
    /** How far text reaches over the edge, in pixels. */
    readonly overflow: number
  }

  /** What a browser makes of a picture. */
  async function drawn(svg: string): Promise<Drawn> {
    const page = await browser.newPage()
    try {
      await page.goto('about:blank')
      return await page.evaluate<Drawn>(`(${DRAW})(${JSON.stringify(svg)})`)
    } finally {
      await page.close()
    }
  }

  const svgOf = (files: readonly OutputFile[]) => files.filter(({ path }) => path.endsWith('.svg'))

  test('of the real connectors are whole, and no text leaves them', async () => {
    const { registry } = await readRegistry([definitions])
    const pictures = svgOf(await filesOf(registry))
    const pushing = registry.connectors.filter(
      ({ webhook, events }) =>
        (webhook?.handshakes ?? []).length > 0 || events.some(({ source }) => source === 'webhook'),
    )
    expect(pictures).toHaveLength(pushing.length)
    for (const { path, text } of pictures) {
      const { elements, overflow } = await drawn(text)
      expect([path, elements[0], overflow]).toEqual([path, 'svg', 0])
    }
  })

  test('hold nothing but lines, boxes and text, whatever a definition says', async () => {
    const allowed = ['svg', 'title', 'style', 'rect', 'line', 'text', 'path', 'circle']
    for (const snippet of snippets) {
      const [picture] = svgOf(await filesOf(registryOf({ 'acme-crm.yaml': poisoned(acme, snippet) })))
      const { elements, overflow } = await drawn(picture?.text ?? '')
      expect([snippet, elements.filter((name) => !allowed.includes(name)), overflow]).toEqual([snippet, [], 0])
      expect(picture?.text).not.toMatch(/[\u202e\u200b\u2028]/)
    }
  })
})

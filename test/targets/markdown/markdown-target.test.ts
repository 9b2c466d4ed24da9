import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { OutputFile, Registry } from '../../../generator/model/connector.ts'
import { readRegistry } from '../../../generator/pipeline/pipeline.ts'
import { HEADER_MARK } from '../../../generator/targets/header.ts'
import { escaped, isWordsAlone } from '../../../generator/targets/markdown/escape.ts'
import {
  addressLink,
  code,
  fence,
  link,
  list,
  paragraphs,
  table,
  text,
  yamlString,
} from '../../../generator/targets/markdown/markdown.ts'
import { markdownTarget } from '../../../generator/targets/markdown/markdown-target.ts'
import { acme, edit, registryOf, zenith } from '../../support/acme.ts'
import { hostile } from '../../support/adversarial-input.ts'
import { emit } from '../../support/emit.ts'
import { bodyOf, brokenLinks, decoded, elementsIn, renderer } from '../../support/pages.ts'
import { fc } from '../../support/property.ts'

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
  'see www.example.com, example.com, README.md or me@example.com',
  ':tada: :+1: :) :-) ;-) 8-) <3 10:30:45',
  'entry[].id entry[] [](x) [ ] [x]: y',
  'a heading that ends in hashes ##',
  '---',
  '- - -',
  '!!! note',
  '??? note',
  '~~~',
  '\\| a \\|| b',
  'import x from "y"',
  'export const x = 1',
  'an interface, and R&D &c; &amp',
  '<!--@include: ../secret.md-->',
  'invisible \u200b, turned \u202eround\u202c, \u2028 and \ufeff within',
  '\u00a0hard\u00a0 spaces',
]

describe('plain text shows as exactly that text', () => {
  test.each(texts)('in a paragraph: %j', (plain) => {
    const html = renderer.render(text(plain))
    expect(decoded(html).trim()).toBe(plain.trim())
    expect(elementsIn(html)).toEqual(['p'])
  })

  test.each(texts)('in a heading: %j', (plain) => {
    const html = renderer.render(`# ${text(plain)}`)
    expect(decoded(html).trim()).toBe(plain.trim())
    expect(elementsIn(html)).toEqual(['h1'])
  })

  test.each(texts)('in a list: %j', (plain) => {
    const html = renderer.render(list([text(plain)]))
    expect(decoded(html).trim()).toBe(plain.trim())
    expect(elementsIn(html)).toEqual(['ul', 'li'])
  })

  test.each(texts)('in a table, beside code: %j', (plain) => {
    const html = renderer.render(table(['a', 'b', 'c'], [[text(plain), code(plain), text('end')]]))
    const cells = [...html.matchAll(/<td>([\s\S]*?)<\/td>/g)].map(([, cell = '']) => cell)
    expect(cells.map(decoded)).toEqual([plain.trim(), plain, 'end'])
    expect(cells.flatMap(elementsIn).filter((name) => name !== 'code')).toEqual([])
  })

  test.each([...texts, ' ', 'two  spaces ', 'a\nb', 'a|b', 'a\\|b'])('in code type: %j', (plain) => {
    const html = renderer.render(`x ${code(plain)} x`)
    expect(decoded(html).slice(2, -3)).toBe(plain)
    expect(elementsIn(html).filter((name) => name !== 'code')).toEqual(['p'])
  })

  test.each(texts)('in a block of code: %j', (plain) => {
    const html = renderer.render(fence('json', JSON.stringify(plain)))
    expect(elementsIn(html)).toEqual(['pre', 'code'])
    expect(JSON.parse(decoded(html))).toBe(plain)
  })

  test.each(texts)('in front matter: %j', (plain) => {
    const { title } = parse(`title: ${yamlString(plain)}`)
    // A foreign site puts it into an attribute, where a straight quote would end it.
    expect(title.replaceAll('\u2060', '')).toBe(plain.replace(/\s+/g, ' ').trim().replaceAll('"', '”'))
  })

  test.each(texts)('in a link: %j', (plain) => {
    const html = renderer.render(link(plain, 'https://example.com'))
    expect(decoded(html).trim()).toBe(plain.trim())
    expect(elementsIn(html)).toEqual(['p', 'a'])
  })

  test.each([
    ['a line break', 'one\n# two', 'one # two'],
    ['a carriage return', 'one\r# two', 'one # two'],
    ['a control character', 'bell \u0007, escape \u001b, delete \u007f', 'bell ␇, escape ␛, delete ␡'],
  ])('but for %s', (_, plain, want) => {
    const html = renderer.render(text(plain))
    expect(decoded(html).trim()).toBe(want)
    expect(elementsIn(html)).toEqual(['p'])
  })

  test('what needs no escape has none', () => {
    const plain = 'Settings → Users & roles: the page_id (an ID, 5 * 3) of entry[].id at 10:30, e.g. v1.2; "quoted".'
    expect(text(plain)).toBe(plain.replace('*', '\\*').replace('].id', '].id'))
  })

  test.each(['import words', 'export, too', '2026.', 'page_id_', 'a _b'])(
    'what only looks plain is escaped: %j',
    (plain) => {
      const html = renderer.render(text(plain))
      expect(decoded(html).trim()).toBe(plain)
      expect(text(plain)).not.toBe(plain)
    },
  )

  test('Vue, MDX and VitePress find nothing to act on', () => {
    const everything = [...texts.map(text), ...texts.map((plain) => fence('json', JSON.stringify(plain)))].join('\n\n')
    expect(everything).not.toMatch(/<!--|^(?:import|export)\b/m)
    expect(texts.map(text).join('\n')).not.toMatch(/[{}]|<(?!\/?span)/)
    expect(yamlString('</script> <!-- x <svg onload=x> <?php')).not.toMatch(/<[/!?a-z]/i)
    expect(JSON.parse(yamlString('x" http-equiv="refresh'))).not.toContain('"')
    expect(texts.map(code).join('\n')).not.toMatch(/(?<!v-pre>[^<]*)\{\{/)
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

  test('an address keeps its query', () => {
    const address = 'https://example.com/a_b/?x=1&copy;=2&y=~'
    const html = renderer.render(addressLink(address))
    expect(html).toBe(
      '<p><a href="https://example.com/a_b/?x=1&amp;copy;=2&amp;y=~">https://example.com/a_b/?x=1&amp;copy;=2&amp;y=~</a></p>\n',
    )
  })

  test('words alone are what escaping leaves of them', () => {
    const pieces = [
      'a',
      'B',
      'com',
      'www',
      'import',
      '1',
      '20',
      '_',
      ' ',
      '. ',
      ': ',
      '; ',
      ', ',
      '.',
      ':',
      "'",
      '/',
      '-',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (chosen) => {
        const words = chosen.join('')
        fc.pre(isWordsAlone(words))
        expect(escaped(words)).toBe(words)
      }),
      { numRuns: 5000 },
    )
  })
})

async function filesOf(registry: Registry): Promise<readonly OutputFile[]> {
  return emit(markdownTarget, registry)
}

async function pagesOf(registry: Registry): Promise<readonly OutputFile[]> {
  return (await filesOf(registry)).filter(({ path }) => path.endsWith('.md'))
}

/** A connector's page as HTML. */
async function pageOf(registry: Registry, name: string): Promise<string> {
  const page = (await pagesOf(registry)).find(({ path }) => path === `docs/connectors/${name}.md`)
  return renderer.render(bodyOf({ text: page?.text ?? '' }))
}

describe('pages of made-up connectors', () => {
  test.each([
    'docs/connectors/acme-crm.md',
    'docs/index.md',
    'docs/events.md',
    'docs/monitoring.md',
    'docs/security.md',
    'docs/categories/crm.md',
    'docs/connectors/acme-crm.svg',
    'docs/llms.txt',
  ])('%s', async (path) => {
    const pages = await filesOf(
      registryOf({ 'acme-crm.yaml': acme, 'zenith-crm.yaml': edit(zenith, ['name: Acme CRM', 'name: Zenith CRM']) }),
    )
    const page = pages.find((candidate) => candidate.path === path)
    await expect(page?.text ?? '').toMatchFileSnapshot(`../../golden/markdown/${path.split('/').at(-1)}`)
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
    const plain = await pageOf(registryOf({ 'acme-crm.yaml': acme }), 'acme-crm')
    const html = await pageOf(registry, 'acme-crm')
    expect(decoded(html).split(hostile)).toHaveLength(4)
    expect(elementsIn(html)).toEqual(elementsIn(plain))
  })

  test('a registry without the connectors of the patterns keeps their advice', async () => {
    const pages = await pagesOf(registryOf({ 'acme-crm.yaml': acme }))
    const patterns = pages.find(({ path }) => path === 'docs/patterns.md')?.text ?? ''
    expect(patterns).toMatch(/## 1\. .*## 2\. .*## 3\. /s)
    expect(patterns).not.toMatch(/whatsapp|hubspot|zapier-webhook/i)
  })

  test('a registry without connectors has pages all the same', async () => {
    const pages = await filesOf({ connectors: [] })
    expect(pages.map(({ path }) => path)).toContain('docs/reference/levels.md')
    expect(brokenLinks(pages)).toEqual([])
  })

  test('no link leads nowhere', async () => {
    const pages = await filesOf(registryOf({ 'acme-crm.yaml': acme }))
    expect(brokenLinks(pages)).toEqual([])
  })

  test('a page says where it comes from and has a title and a description', async () => {
    for (const { path, text: content } of await pagesOf(registryOf({ 'acme-crm.yaml': acme }))) {
      const [, front = ''] = /^---\n([\s\S]*?)\n---\n/.exec(content) ?? []
      expect(front).toContain(HEADER_MARK)
      expect({ path, ...parse(front) }).toEqual({
        path,
        title: expect.stringMatching(/./),
        description: expect.stringMatching(/./),
        ...(path.startsWith('docs/connectors/') && { category: 'crm', definition: 'definitions/acme-crm.yaml' }),
      })
    }
  })
})

describe("the owner's connectors", () => {
  let files: readonly OutputFile[]
  let pages: readonly OutputFile[]
  let registry: Registry
  beforeAll(async () => {
    const reading = await readRegistry([join(import.meta.dirname, '..', '..', '..', 'definitions')])
    registry = reading.registry
    files = await filesOf(registry)
    pages = files.filter(({ path }) => path.endsWith('.md'))
  })

  test('no link leads nowhere', () => {
    expect(pages.length).toBeGreaterThanOrEqual(15)
    expect(brokenLinks(files)).toEqual([])
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
        links.support ?? '',
      ]
      expect(wanted.filter((part) => !page.includes(part))).toEqual([])
    }
  })

  test('every personal-data pointer that an event declares is marked in its table', () => {
    for (const connector of registry.connectors) {
      const page = pages.find(({ path }) => path === `docs/connectors/${connector.code}.md`)?.text ?? ''
      const marked = page.match(/^\| `[^`]+` \|.*Personal data\. \|$/gm)?.length ?? 0
      expect({ code: connector.code, marked }).toEqual({
        code: connector.code,
        marked: connector.events.reduce((sum, event) => sum + event.personal_data.length, 0),
      })
    }
  })

  test('no example makes an idempotency key with a clock', () => {
    for (const { path, text: content } of pages)
      expect({ path, clock: /Date\.now|new Date\(\)/.test(content) }).toEqual({ path, clock: false })
  })
})

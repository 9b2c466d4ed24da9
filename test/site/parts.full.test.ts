import { describe, expect, test } from 'vitest'
import type { Card } from '../../generator/site/catalogue/card.ts'
import { cardOf } from '../../generator/site/catalogue/card.ts'
import { choices, filterOf, matchingCards, queryOf } from '../../generator/site/catalogue/filter.ts'
import { icons } from '../../generator/site/catalogue/icons.ts'
import { editAddress } from '../../generator/site/edit-link.ts'
import { definitionOf } from '../../generator/site/guide.ts'
import { menu, sidebar } from '../../generator/site/navigation.ts'
import { webAddress } from '../../generator/site/repository.ts'
import { sections } from '../../generator/site/search.ts'
import { acme, connectorOf, edit } from '../support/acme.ts'

const connector = connectorOf(acme)
const card = cardOf(connector, icons)
const cards: readonly Card[] = [
  card,
  {
    ...card,
    code: 'b',
    name: 'Crème & Co',
    vendor: 'Zed',
    purpose: 'Sell.',
    category: { name: 'social', title: 'Social' },
    level: { name: 'proven', title: 'Proven' },
  },
  { ...card, code: 'c', name: 'Other', authentication: { name: 'webhook', title: 'Webhook URL' } },
]

describe('a card', () => {
  test('says what the registry says', () => {
    expect(card).toMatchObject({
      code: 'acme-crm',
      category: { name: 'crm', title: 'CRM' },
      authentication: { name: 'oauth2', title: 'OAuth 2.0' },
      level: { name: 'typed', title: 'Typed' },
      events: connector.events.map(({ name }) => name),
      icon: expect.stringContaining('<path'),
    })
  })

  test('has no icon where there is none of that name', () => {
    expect(cardOf(connectorOf(edit(acme, ['icon: users', 'icon: no-such-icon'])), icons).icon).toBe(undefined)
  })

  test('has the icon that an older name stands for', () => {
    const older = { icons: { pen: { body: '<path/>' } }, aliases: { edit: { parent: 'pen' } } }
    expect(cardOf({ ...connector, icon: 'edit' }, older).icon).toBe('<path/>')
  })
})

describe('the catalogue finds', () => {
  test.each([
    ['all, where nothing is asked for', '', ['acme-crm', 'b', 'c']],
    ['without regard to case and accents', '?q=CREME', ['b']],
    ['every word, in whatever place', '?q=zed+creme', ['b']],
    ['nothing, where one word is missing', '?q=zed+nonsense', []],
    ['by the name of an event', `?q=${connector.events[0]?.name}`, ['acme-crm', 'b', 'c']],
    ['by category', '?category=social', ['b']],
    ['by authentication', '?auth=webhook', ['c']],
    ['by level', '?level=proven', ['b']],
    ['what fits all of it', '?q=other&category=crm&auth=oauth2', []],
  ])('%s', (_, query, codes) => {
    expect(matchingCards(cards, filterOf(query)).map(({ code }) => code)).toEqual(codes)
  })

  test('what an address asks for, and asks for it by the same address', () => {
    for (const query of ['', '?q=a+%26+b&category=crm&auth=oauth2', '?auth=webhook'])
      expect(queryOf(filterOf(query))).toBe(query)
    expect(queryOf({ text: '  ', category: '', authentication: '', level: '' })).toBe('')
  })

  test('its choices by title, with the number of cards', () => {
    expect(choices(cards, 'category')).toEqual([
      { name: 'crm', title: 'CRM', count: 2 },
      { name: 'social', title: 'Social', count: 1 },
    ])
  })
})

describe('the sidebar', () => {
  const pages = [
    { path: 'connectors/acme-crm.md', title: 'Acme <b> & Co' },
    { path: 'events.md', title: 'Events' },
    { path: 'glossary.md', title: 'Glossary' },
    { path: 'index.md', title: 'Guide' },
    { path: 'patterns.md', title: 'Patterns' },
    { path: 'a-reference/rules.md', title: 'Rules' },
  ]
  const guide = { registry: { connectors: [connector] }, pages, index: '- [P](patterns.md): a\n- [E](events.md): b\n' }

  test('follows the list on the first page, then the names of files; connectors come before other folders', () => {
    expect(sidebar(guide)).toEqual([
      {
        text: 'Guide',
        items: [
          { text: 'Overview', link: '/' },
          { text: 'Catalogue', link: '/catalogue' },
          { text: 'Patterns', link: '/patterns' },
          { text: 'Events', link: '/events' },
          { text: 'Glossary', link: '/glossary' },
        ],
      },
      { text: 'Connectors', items: [{ text: 'Acme &lt;b&gt; &amp; Co', link: '/connectors/acme-crm' }] },
      { text: 'A reference', items: [{ text: 'Rules', link: '/a-reference/rules' }] },
    ])
  })

  test('leaves many connectors to the catalogue', () => {
    const registry = { connectors: Array.from({ length: 41 }, () => connector) }
    expect(sidebar({ ...guide, registry }).map(({ text }) => text)).toEqual(['Guide', 'A reference'])
  })

  test('and the menu offer no page that is not there', () => {
    expect(menu(guide)).toEqual([
      { text: 'Catalogue', link: '/catalogue' },
      { text: 'Events', link: '/events' },
      { text: 'Patterns', link: '/patterns' },
    ])
  })
})

describe('the source of a page', () => {
  test.each([
    ['git@github.com:owner/name.git', 'https://github.com/owner/name'],
    ['https://user:secret@gitlab.example/group/sub/name.git', 'https://gitlab.example/group/sub/name'],
    ['ssh://git@github.com/owner/name', 'https://github.com/owner/name'],
    ['/home/me/somewhere', undefined],
    ['', undefined],
  ])('is in the repository of the remote %j', (remote, address) => {
    expect(webAddress(remote)).toBe(address)
  })

  test('is the definition that its header names, if it names one', () => {
    const header = (from: string) => `---\n# Generated by hera-connectors from ${from}. Do not edit.\n---\n`
    expect(definitionOf(header('definitions/acme-crm.yaml'))).toBe('definitions/acme-crm.yaml')
    expect(definitionOf(header('definitions/*.yaml'))).toBe(undefined)
    expect(definitionOf('# No header')).toBe(undefined)
  })

  test('is edited as a file, and looked at as a folder', () => {
    expect(editAddress('https://x', 'definitions/a.yaml')).toBe('https://x/edit/main/definitions/a.yaml')
    expect(editAddress('https://x', 'generator/targets/markdown')).toBe(
      'https://x/tree/main/generator/targets/markdown',
    )
  })
})

test('the search knows every heading, and all text below it', () => {
  const anchor = (id: string) => `<a class="header-anchor" href="#${id}" aria-label="x">&ZeroWidthSpace;</a>`
  const html = [
    `<h1 id="page" tabindex="-1">Page ${anchor('page')}</h1><p>One &lt;b&gt;</p>`,
    `<h2 id="empty" tabindex="-1"><a href="x.html">Linked</a> ${anchor('empty')}</h2>`,
    `<h3 id="code" tabindex="-1"><code>a.<wbr>b</code> ${anchor('code')}</h3><table><tr><td>x</td><td>y</td></tr></table>`,
    `<h2 id="last" tabindex="-1">Last ${anchor('last')}</h2>`,
  ].join('\n')
  expect([...sections(html)]).toEqual([
    { anchor: 'page', titles: ['Page'], text: 'One &lt;b&gt;' },
    { anchor: 'empty', titles: ['Page', 'Linked'], text: '' },
    { anchor: 'code', titles: ['Page', 'Linked', 'a.b'], text: 'x y' },
    { anchor: 'last', titles: ['Page', 'Last'], text: '' },
  ])
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FieldForm } from '../../generator/kit/template.ts'
import { bareValue, bareValues, endpointUrl, fill, fillUrl, isSafe, urlParts } from '../../generator/kit/template.ts'

/** Values by which a stranger would try to reach another host. */
const HOSTILE = [
  ...[
    'evil.com/',
    'evil.com#',
    'evil.com?',
    'a@b',
    'a:b@evil.com',
    'a:80',
    ':443',
    '/',
    '//evil.com',
    '\\evil.com',
    '#',
    '?',
  ],
  ...[
    '..',
    '.',
    '%2e%2e',
    '%2f',
    'a b',
    ' a',
    'a\n',
    'a\t',
    'a\0',
    'ａ／',
    '①②⑦.0.0.1',
    '[::1]',
    '127.0.0.1',
    'localhost',
  ],
  ...['evil.com', 'a.b', '-a', 'a-', '_', '{x}', '$&', '$1', '\u2028', 'é', '', 'x'.repeat(64)],
]

test.each([
  ['https://{subdomain}.zendesk.com/api', 'label'],
  ['https://ca-{subdomain}.adyen.com', 'label'],
  ['https://api.zoho.{subdomain}', 'domain'],
  ['https://api.{subdomain}.com', 'domain'],
  ['https://{subdomain}', 'host'],
  ['https://{subdomain}/x', 'host'],
  ['{subdomain}/services', 'address'],
  ['https://api.telegram.org/bot{subdomain}', 'path'],
  ['https://x.example/a?b={subdomain}', 'query'],
])('in %s, the value is a %s', (template, part) => {
  expect(urlParts(template)).toEqual([{ name: 'subdomain', part }])
})

test('several placeholders, and one twice', () => {
  expect(urlParts('https://{a}-{b}.adyen.com/{a}?{c}')).toEqual([
    { name: 'a', part: 'label' },
    { name: 'b', part: 'label' },
    { name: 'a', part: 'path' },
    { name: 'c', part: 'query' },
  ])
  expect(fillUrl('https://{a}-{b}.adyen.com/{a}?x={c}', { a: 'p', b: 'live', c: 'q&r' })).toBe(
    'https://p-live.adyen.com/p?x=q%26r',
  )
})

describe('a label cannot be', () => {
  test.each(HOSTILE.filter((value) => value !== 'localhost').map((value) => [value]))('%j', (value) => {
    expect(() => fillUrl('https://{x}.zendesk.com', { x: value })).toThrow(/x/)
  })
})

test('for any label, the host ends in the fixed domain', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom(...HOSTILE)), (value) => {
      try {
        const url = new URL(fillUrl('https://{x}.zendesk.com/api', { x: value }))
        expect(url.hostname).toMatch(/^[a-z0-9-]+\.zendesk\.com$/)
        expect([url.pathname, url.search, url.hash, url.port, url.username]).toEqual(['/api', '', '', '', ''])
      } catch (error) {
        expect(error).toMatchObject({ name: 'ConfigurationError', field: 'x' })
      }
    }),
    { numRuns: 2000 },
  )
})

test('any segment or parameter stays in its place', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE)), (value) => {
      try {
        const url = new URL(fillUrl('https://api.example.com/a/{x}/b?c={x}&d=1', { x: value }))
        expect(url.host).toBe('api.example.com')
        expect(url.pathname.split('/')).toHaveLength(4)
        expect([...url.searchParams.keys()]).toEqual(['c', 'd'])
        expect(url.hash).toBe('')
      } catch (error) {
        expect(error).toMatchObject({ name: 'ConfigurationError', field: 'x' })
      }
    }),
    { numRuns: 2000 },
  )
})

describe('a host', () => {
  test.each(['gitlab.example.com', 'GitLab.Example.com', '8.8.8.8'])('can be %s', (value) => {
    expect(fillUrl('https://{x}/api', { x: value })).toBe(`https://${value.toLowerCase()}/api`)
  })
  test.each(HOSTILE.filter((value) => !['evil.com', 'a.b'].includes(value)).map((value) => [value]))(
    'cannot be %j',
    (value) => {
      expect(() => fillUrl('https://{x}/api', { x: value })).toThrow(/x/)
    },
  )
  test('must belong to the domains that the field lists', () => {
    const forms: Record<string, FieldForm> = { x: { hosts: ['salesforce.com'] } }
    expect(fillUrl('https://{x}', { x: 'a.salesforce.com' }, { forms })).toBe('https://a.salesforce.com')
    for (const value of ['evil.com', 'notsalesforce.com', 'salesforce.com.evil.com'])
      expect(() => fillUrl('https://{x}', { x: value }, { forms })).toThrow('not safe')
  })
})

describe('an address', () => {
  const forms: Record<string, FieldForm> = { x: { type: 'url', hosts: ['force.com'] } }
  test.each([
    ['https://a.force.com', 'https://a.force.com/v1'],
    ['https://a.force.com/', 'https://a.force.com/v1'],
    ['https://a.force.com/base/', 'https://a.force.com/base/v1'],
  ])('can be %s', (value, want) => {
    expect(fillUrl('{x}/v1', { x: value }, { forms })).toBe(want)
  })
  test.each([
    ...[
      'http://a.force.com',
      'https://u:p@a.force.com',
      'https://a.force.com?x',
      'https://a.force.com#x',
      'a.force.com',
    ],
    ...[
      'https://127.0.0.1',
      'https://evil.com',
      'https://force.com.evil.com',
      'javascript:alert(1)',
      'https://a.force.com\\@evil.com',
    ],
  ])('cannot be %s', (value) => {
    expect(() => fillUrl('{x}/v1', { x: value }, { forms })).toThrow('not safe')
    expect(isSafe(value, forms.x)).toBe(false)
  })
  test('may be a private one of the allow-list', () => {
    expect(fillUrl('{x}/v1', { x: 'http://127.0.0.1:3000' }, { allow: ['127.0.0.1:3000'] })).toBe(
      'http://127.0.0.1:3000/v1',
    )
  })
})

test('a part that decides the domain must be one of the options', () => {
  const forms = { x: { options: ['com', 'com.cn'] } }
  expect(fillUrl('https://api.zoho.{x}', { x: 'com.cn' }, { forms })).toBe('https://api.zoho.com.cn')
  expect(() => fillUrl('https://api.zoho.{x}', { x: 'evil.com' }, { forms })).toThrow('not safe')
  expect(() => fillUrl('https://api.zoho.{x}', { x: 'com' })).toThrow('not safe')
})

test('options of a label may contain dots (Mailgun)', () => {
  const forms = { region: { options: ['api', 'api.eu'], default: 'api' } }
  const url = (region?: string) =>
    fillUrl('https://{region}.mailgun.net', bareValues(region === undefined ? {} : { region }, forms), { forms })
  expect([url(), url('api.eu')]).toEqual(['https://api.mailgun.net', 'https://api.eu.mailgun.net'])
  expect(() => url('api.us')).toThrow('malformed')
})

test('a value may contain the prefix and suffix that the form shows', () => {
  const form = { prefix: 'https://', suffix: '.myshopify.com' }
  const bare = (value: string) => bareValue(value, form)
  expect(['shop', 'shop.myshopify.com', 'https://shop.myshopify.com'].map(bare)).toEqual(['shop', 'shop', 'shop'])
  expect(bare('.myshopify.com')).toBe('.myshopify.com')
})

test('names of inherited members are not values', () => {
  expect(fill('{constructor}', {})).toBeUndefined()
  expect(fill('{to_string}{x}', { x: 'a' })).toBeUndefined()
  expect(() => fillUrl('https://{constructor}.example.com', {})).toThrow('lacks constructor')
  expect(bareValues({ constructor: 'x' } as never, {})).toEqual({ constructor: 'x' })
})

const base_url = 'https://api.acme.example/v2'
const path = '/contacts/{contact_id}/notes'
const at = (contact_id: string | number | undefined) =>
  endpointUrl({ base_url, path }, {}, { parameters: { contact_id } })

describe('the URL of a call', () => {
  test.each<[string | number, string]>([
    ['c_1', 'c_1'],
    [7, '7'],
    ['a/../../admin', 'a%2F..%2F..%2Fadmin'],
    ['a?b#c', 'a%3Fb%23c'],
    ['@evil.example', '@evil.example'],
    ['100%', '100%25'],
    ['a\\b', 'a%5Cb'],
    ['{contact_id}', '%7Bcontact_id%7D'],
    ['zoë\n', 'zo%C3%AB%0A'],
  ])('encodes %j', (value, segment) => {
    expect(String(at(value))).toBe(`${base_url}/contacts/${segment}/notes`)
  })

  test.each([undefined, '', '.', '..', '\ud800'])('has no URL for %j', (value) => {
    const problem = value === undefined || value === '' ? 'missing' : 'unsafe'
    expect(at(value)).toMatchObject({ field: 'contact_id', problem })
  })

  test('takes no inherited value for a placeholder', () => {
    expect(endpointUrl({ base_url, path: '/{constructor}' }, {})).toMatchObject({
      field: 'constructor',
      problem: 'missing',
    })
  })

  test.each([
    ['acme', 'https://acme.shop.example/x'],
    ['acme.eu', undefined],
    ['evil.example/', undefined],
    ['evil.example#', undefined],
    ['user@evil', undefined],
    ['evil:8080', undefined],
    ['-a', undefined],
  ])('fills a host with %j only if it remains a host', (subdomain, expected) => {
    const url = endpointUrl({ base_url: 'https://{subdomain}.shop.example', path: '/x' }, { subdomain })
    expect(url instanceof URL ? url.href : undefined).toBe(expected)
  })

  test('leaves values alone that the vendor wants encoded already, unless they leave their segment', () => {
    const of = (key: string) => endpointUrl({ base_url, path: '/keys/{key}', encoded: ['key'] }, { key })
    expect(String(of('(a:urn%3Ab%3A1)'))).toBe(`${base_url}/keys/(a:urn%3Ab%3A1)`)
    for (const key of ['a/b', 'a?b', 'a#b', '100%', '%2e%2E', 'a b'])
      expect(of(key)).toMatchObject({ field: 'key', problem: 'unsafe' })
  })

  test.each([
    ['https://{host}', { hosts: ['acme.example'] }],
    ['{host}', { type: 'url', hosts: ['acme.example'] }],
    ['https://api.acme.{host}', { options: ['example', 'test'] }],
    ['https://api.acme.{host}', {}],
  ] as const)('never calls a host of somebody else at %s', (template, form) => {
    for (const host of [
      'evil.test',
      'https://evil.test',
      'acme.example.evil.test',
      'https://acme.example@evil.test',
      '127.0.0.1',
    ])
      expect(endpointUrl({ base_url: template, path: '/x', fields: { host: form } }, { host })).toMatchObject({
        field: 'host',
      })
  })

  test('takes a host only from the configuration, never from the parameters of a call', () => {
    const address = { base_url: 'https://{shop}.shop.example', path: '/x' }
    const url = endpointUrl(address, { shop: 'acme' }, { parameters: { shop: 'evil' } })
    expect(String(url)).toBe('https://acme.shop.example/x')
  })

  test('knows prefix, suffix and default of a field', () => {
    const fields = { shop: { suffix: '.shop.example', default: 'demo' } }
    const of = (shop?: string) =>
      String(endpointUrl({ base_url: 'https://{shop}.shop.example', path: '/x', fields }, { shop }))
    expect([of('acme.shop.example'), of()]).toEqual(['https://acme.shop.example/x', 'https://demo.shop.example/x'])
  })

  test('fills placeholders in a query', () => {
    const url = endpointUrl({ base_url, path: '/acls?q=organization&organization={urn}' }, { urn: 'urn:li:1&q=x' })
    expect(String(url)).toBe(`${base_url}/acls?q=organization&organization=urn%3Ali%3A1%26q%3Dx`)
  })

  test('never leads to another host, nor has other segments', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string({ unit: 'grapheme' })), (value) => {
        const url = at(value)
        if (!(url instanceof URL)) return
        const segments = url.pathname.split('/')
        expect([url.origin, url.search, url.hash]).toEqual(['https://api.acme.example', '', ''])
        expect([segments.length, segments[1], segments[2], segments[4]]).toEqual([5, 'v2', 'contacts', 'notes'])
        expect(decodeURIComponent(segments[3] ?? '')).toBe(value)
      }),
    )
  })
})

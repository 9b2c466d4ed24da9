import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FieldForm } from '../../generator/kit/template.ts'
import { bareValue, bareValues, fill, fillUrl, isSafe, urlParts } from '../../generator/kit/template.ts'

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

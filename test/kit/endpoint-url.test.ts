import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endpointUrl } from '../../generator/kit/endpoint-url.ts'

const base_url = 'https://api.acme.example/v2'
const path = '/contacts/{contact_id}/notes'
const at = (contact_id: string | number | undefined) => endpointUrl({ base_url, path }, { contact_id })

describe('the URL of a call', () => {
  test.each<[string | number, string]>([
    ['c_1', 'c_1'],
    [7, '7'],
    ['a/../../admin', 'a%2F..%2F..%2Fadmin'],
    ['a?b#c', 'a%3Fb%23c'],
    ['@evil.example', '%40evil.example'],
    ['100%', '100%25'],
    ['a\\b', 'a%5Cb'],
    ['{contact_id}', '%7Bcontact_id%7D'],
    ['zoë\n', 'zo%C3%AB%0A'],
  ])('encodes %j', (value, segment) => {
    expect(String(at(value))).toBe(`${base_url}/contacts/${segment}/notes`)
  })

  test.each([undefined, '', '.', '..', '\ud800'])('has no URL for %j', (value) => {
    const problem = value === undefined || value === '' ? 'missing' : 'unsafe'
    expect(at(value)).toEqual({ placeholder: 'contact_id', problem })
  })

  test('takes no inherited value for a placeholder', () => {
    expect(endpointUrl({ base_url, path: '/{constructor}' }, {})).toEqual({
      placeholder: 'constructor',
      problem: 'missing',
    })
  })

  test.each([
    ['acme', 'https://acme.shop.example/x'],
    ['acme.eu', 'https://acme.eu.shop.example/x'],
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
      expect(of(key)).toEqual({ placeholder: 'key', problem: 'unsafe' })
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

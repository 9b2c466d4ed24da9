import { describe, expect, test } from 'vitest'
import type { Authentication, Credential } from '../../generator/kit/credentials.ts'
import { authenticate } from '../../generator/kit/credentials.ts'

const request = () => new Request('https://api.example.com/v1?a=b%20c')

function sent(credentials: readonly Credential[], configuration: object, token?: string): Request {
  return authenticate(
    { credentials },
    configuration,
    token === undefined ? undefined : { access_token: token },
    request(),
  )
}

describe('a key goes into', () => {
  test('a header, with words around it (Klaviyo)', () => {
    const key = { in: 'header', name: 'Authorization', value: 'Klaviyo-API-Key {api_key}' } as const
    expect(sent([key], { api_key: 'k-1' }).headers.get('authorization')).toBe('Klaviyo-API-Key k-1')
  })
  test('the query, without a change of other parameters', () => {
    expect(sent([{ in: 'query', name: 'key', value: '{k}' }], { k: 'a&b=c d' }).url).toBe(
      'https://api.example.com/v1?a=b%20c&key=a%26b%3Dc%20d',
    )
    expect(sent([{ in: 'query', name: 'a', value: '{k}' }], { k: 'x' }).url).toBe('https://api.example.com/v1?a=x')
  })
  test('a cookie, after others', () => {
    const carried = new Request('https://api.example.com', { headers: { cookie: 'a=b' } })
    const credentials = [{ in: 'cookie', name: 's', value: '{k}' }] as const
    expect(authenticate({ credentials }, { k: 'x' }, undefined, carried).headers.get('cookie')).toBe('a=b; s=x')
  })
  test('HTTP Basic, with constants (Zendesk) or an empty part (Stripe)', () => {
    const decoded = (credential: Credential) =>
      atob(sent([credential], { email: 'a@b.example', t: 'tök' }).headers.get('authorization')?.slice(6) ?? '')
    expect(decoded({ in: 'basic', username: '{email}/token', password: 'x' })).toBe('a@b.example/token:x')
    expect(decoded({ in: 'basic', username: '{email}', password: '' })).toBe('a@b.example:')
    expect(decoded({ in: 'basic', username: '', password: '{t}' })).toBe(':t\u00c3\u00b6k')
  })
  test('several places together', () => {
    const set: readonly Credential[] = [
      { in: 'header', name: 'X-App', value: '{app}' },
      { in: 'header', name: 'X-Key', value: '{key}' },
    ]
    expect(Object.fromEntries(sent(set, { app: '1', key: '2' }).headers)).toEqual({ 'x-app': '1', 'x-key': '2' })
    expect(() => sent(set, { app: '1' })).toThrow('lacks key')
  })
})

test('the body and method of the request remain', async () => {
  const posted = new Request('https://api.example.com', { method: 'POST', body: '{"a":1}' })
  const credentials: readonly Credential[] = [
    { in: 'query', name: 'k', value: '{k}' },
    { in: 'header', name: 'X-K', value: '{k}' },
  ]
  const result = authenticate({ credentials }, { k: 'x' }, undefined, posted)
  expect([result.method, await result.text()]).toEqual(['POST', '{"a":1}'])
})

describe('a value that would break out of its place is refused, and is not in the error', () => {
  test.each<[Credential['in'], string]>([
    ['header', 'secret\r\nX-Evil: 1'],
    ['header', 'secret\0'],
    ['header', 'secret€'],
    ['cookie', 'secret; other=1'],
    ['cookie', 'secret value'],
  ])('%s %j', (place, value) => {
    const credential = { in: place as 'header' | 'cookie', name: 'X', value: '{k}' }
    let message = ''
    try {
      sent([credential], { k: value })
    } catch (error) {
      message = String(error)
    }
    expect(message).toContain('the value of k')
    expect(message).not.toContain('secret')
  })
})

describe('with alternatives', () => {
  const description: Authentication = {
    credentials: [{ in: 'header', name: 'Authorization', value: 'Bearer {access_token}' }],
    alternatives: { key: [{ in: 'header', name: 'X-Key', value: '{api_key}' }] },
  }
  const headers = (configuration: object, token?: string, use?: string) =>
    Object.fromEntries(
      authenticate(
        description,
        configuration,
        token === undefined ? undefined : { access_token: token },
        request(),
        use === undefined ? {} : { use },
      ).headers,
    )

  test('the first whose values are there are used, or those with a name', () => {
    expect(headers({ api_key: 'k' }, 'at')).toEqual({ authorization: 'Bearer at' })
    expect(headers({ api_key: 'k' })).toEqual({ 'x-key': 'k' })
    expect(headers({ api_key: 'k' }, 'at', 'key')).toEqual({ 'x-key': 'k' })
    expect(() => headers({})).toThrow('lacks access_token')
    expect(() => headers({}, 'at', 'constructor')).toThrow('no credentials named constructor')
  })
  test('an empty value counts as missing', () => {
    expect(headers({ api_key: 'k' }, '')).toEqual({ 'x-key': 'k' })
  })
})

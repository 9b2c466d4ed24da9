import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { webhook as zapier } from '../../generated/typescript/webhooks/zapier-webhook.js'
import { createHera } from '../../generator/kit/hera.ts'
import type { OAuth } from '../../generator/kit/oauth.ts'
import { exchangeToken } from '../../generator/kit/oauth.ts'
import type { AddressProblem, OutgoingOptions } from '../../generator/kit/outgoing.ts'
import { AddressError, addressProblem, guardedFetch } from '../../generator/kit/outgoing.ts'
import { sendTrigger } from '../../generator/kit/recipes.ts'

describe('an address is refused', () => {
  test.each<[string, AddressProblem]>([
    ['', 'malformed'],
    ['hooks.example.com', 'malformed'],
    ['https://', 'malformed'],
    ['http://hooks.example.com/', 'not_https'],
    ['ftp://hooks.example.com/', 'not_https'],
    ['file:///etc/passwd', 'not_https'],
    ['data:text/plain,x', 'not_https'],
    ['https://user:pw@hooks.example.com/', 'user_info'],
    ['https://user@hooks.example.com/', 'user_info'],
    ['https://hooks.example.com@127.0.0.1/', 'user_info'],
    ...[
      'localhost',
      'LOCALHOST:5432',
      'localhost.',
      'localhost..',
      'x.localhost',
      'printer.local',
      'metadata.google.internal',
      'metadata.google.internal.',
      'router.home.arpa',
      'db',
      'db.',
      '0.0.0.0',
      '0',
      '10.0.0.1',
      '100.64.0.1',
      '100.127.255.255',
      '127.0.0.1',
      '127.1',
      '127.0.0.1.',
      '2130706433',
      '0x7f000001',
      '0x7f.1',
      '017700000001',
      '0177.0.0.1',
      '%31%32%37.0.0.1',
      '①②⑦.0.0.1',
      '169.254.169.254',
      '2852039166',
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.8',
      '192.0.2.1',
      '192.168.1.1',
      '198.18.0.1',
      '198.19.255.255',
      '198.51.100.7',
      '203.0.113.7',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
      '[::]',
      '[::1]',
      '[0:0:0:0:0:0:0:1]',
      '[::127.0.0.1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::ffff:8.8.8.8]',
      '[64:ff9b::7f00:1]',
      '[64:ff9b::8.8.8.8]',
      '[64:ff9b:1::1]',
      '[100::1]',
      '[2001::1]',
      '[2001:db8::1]',
      '[2002:7f00:1::]',
      '[3fff::1]',
      '[fc00::1]',
      '[fd12:3456::1]',
      '[fe80::1]',
      '[fec0::1]',
      '[ff02::1]',
    ].map((host): [string, AddressProblem] => [`https://${host}/path`, 'not_public']),
  ])('%s', (address, problem) => {
    expect(addressProblem(address)).toBe(problem)
  })
})

test.each([
  'https://hooks.zapier.com/hooks/catch/1/a/',
  'https://hooks.zapier.com./hooks',
  'https://localhost.example.com/',
  'https://internal.example.com:8443/',
  'https://8.8.8.8/',
  'https://100.63.255.255/',
  'https://172.32.0.1/',
  'https://[2606:4700::1111]/',
  'https://[2001:4860:4860::8888]/',
  'https://bücher.example/',
])('the public address %s is fine', (address) => {
  expect(addressProblem(address)).toBeUndefined()
})

test('a host of the allow-list may be private and use http, on its port only and without a password', () => {
  const allow = ['127.0.0.1:3000', 'ERP.local']
  expect(addressProblem('http://127.0.0.1:3000/hook', { allow })).toBeUndefined()
  expect(addressProblem('https://erp.local/hook', { allow })).toBeUndefined()
  expect(addressProblem('http://127.0.0.1:3001/hook', { allow })).toBe('not_https')
  expect(addressProblem('https://127.0.0.1/hook', { allow })).toBe('not_public')
  expect(addressProblem('https://x.erp.local/hook', { allow })).toBe('not_public')
  expect(addressProblem('http://a:b@127.0.0.1:3000/hook', { allow })).toBe('user_info')
  expect(addressProblem('ftp://127.0.0.1:3000/hook', { allow })).toBe('not_https')
})

/** The outcome of a request, and the number of requests sent. */
async function sent(
  address: string,
  options: OutgoingOptions,
  reply = new Response('fine'),
): Promise<[string, number]> {
  let count = 0
  const own: typeof fetch = async () => {
    count += 1
    return reply
  }
  try {
    const response = await guardedFetch({ fetch: own, ...options })(address)
    return [await response.text(), count]
  } catch (error) {
    return [error instanceof AddressError ? error.problem : String(error), count]
  }
}

describe('a name', () => {
  test.each<[string, readonly string[], string]>([
    ['public addresses', ['93.184.216.34', '2606:4700::1111'], 'fine'],
    ['a private address', ['10.0.0.1'], 'not_public'],
    ['a private address among public ones', ['93.184.216.34', '127.0.0.1'], 'not_public'],
    ['a link-local address with its zone', ['fe80::1%eth0'], 'not_public'],
    ['an address that wraps a private one', ['::ffff:10.0.0.1'], 'not_public'],
    ['the NAT64 form of a private address', ['64:ff9b::a00:1'], 'not_public'],
    ['the NAT64 form of a public address', ['64:ff9b::5db8:d822'], 'fine'],
    ['nothing', [], 'not_public'],
    ['what is not an address', ['x'], 'not_public'],
  ])('that resolves to %s', async (_, addresses, expected) => {
    const asked: string[] = []
    const resolve = async (name: string) => {
      asked.push(name)
      return addresses
    }
    expect(await sent('https://rebind.example.com./', { resolve })).toEqual([expected, expected === 'fine' ? 1 : 0])
    expect(asked).toEqual(['rebind.example.com'])
  })

  test('of the allow-list, and an address, are not resolved', async () => {
    const resolve = () => Promise.reject(new Error('asked'))
    expect(await sent('https://erp.local/', { resolve, allow: ['erp.local'] })).toEqual(['fine', 1])
    expect(await sent('https://8.8.8.8/', { resolve })).toEqual(['fine', 1])
    expect(await sent('https://[2606:4700::1111]/', { resolve })).toEqual(['fine', 1])
  })
})

describe('a redirect is not followed', () => {
  test.each([301, 302, 303, 307, 308])('status %i', async (status) => {
    const reply = new Response(null, { status, headers: { location: 'http://169.254.169.254/' } })
    expect(await sent('https://hooks.example.com/', {}, reply)).toEqual(['redirect', 1])
  })

  test("by the runtime's own fetch", async () => {
    const seen: string[] = []
    const server = createServer(({ url }, response) => {
      seen.push(url ?? '')
      response.writeHead(302, { location: '/admin' }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const call = guardedFetch({ allow: [host] })
    await expect(call(`http://${host}/hook`)).rejects.toThrow('redirect')
    expect((await call(`http://${host}/hook`, { redirect: 'manual' })).status).toBe(302)
    expect(seen).toEqual(['/hook', '/hook'])
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('everything that sends goes through the guard', () => {
  const never: typeof fetch = () => Promise.reject(new Error('something was sent'))
  const trigger = { trigger_type: 'appointment_completed' }
  const hera = { sendEvent: () => Promise.reject(new Error('something was recorded')) }

  test.each<[string, AddressProblem]>([
    ['http://127.0.0.1/admin', 'not_https'],
    ['https://127.0.0.1/admin', 'not_public'],
    ['https://user:pw@hooks.zapier.com/', 'user_info'],
  ])('a trigger to %s', async (webhookUrl, problem) => {
    const result = await sendTrigger(hera, zapier, trigger, { webhookUrl, fetch: never })
    expect(result).toEqual({ sent: false, reason: 'unsafe_address', problem })
  })

  test('a trigger whose name resolves to a private address, or that is redirected, is sent once at most', async () => {
    const webhookUrl = 'https://hooks.example.com/'
    const resolve = async () => ['127.0.0.1']
    expect(await sendTrigger(hera, zapier, trigger, { webhookUrl, fetch: never, resolve })).toEqual({
      sent: false,
      reason: 'unsafe_address',
      problem: 'not_public',
    })
    let count = 0
    const redirecting: typeof fetch = async () => {
      count += 1
      return new Response(null, { status: 307, headers: { location: 'https://127.0.0.1/' } })
    }
    expect(await sendTrigger(hera, zapier, trigger, { webhookUrl, fetch: redirecting })).toEqual({
      sent: false,
      reason: 'unsafe_address',
      problem: 'redirect',
    })
    expect(count).toBe(1)
  })

  test.each(['GET', 'POST'] as const)('OAuth with %s', async (token_method) => {
    const description: OAuth = {
      ...{ connector: 'x', authorization_url: 'https://x.example/a', token_url: 'https://169.254.169.254/token' },
      ...{ client_id: 'id', client_secret: 'secret', scopes: [], scope_separator: ' ', pkce: false, token_method },
      ...{ grant: 'authorization_code', client_authentication: 'client_secret_post' },
      ...{ refresh: 'token_exchange', refresh_before_seconds: 0 },
      exchange: { grant_type: 'exchange', token_parameter: 'token' },
    }
    const configuration = { id: 'id-1', secret: 'secret-1' }
    expect(await exchangeToken(description, configuration, { access_token: 'at' }, { fetch: never })).toEqual({
      ok: false,
      error: { reason: 'unsafe_address', code: 'not_public' },
    })
  })

  test("HERA's client takes no name and password, and follows no redirect", async () => {
    const options = { token: 't', organizationId: 'o' }
    expect(() => createHera({ ...options, baseUrl: 'https://user:pw@hera.example.com' })).toThrow(/name or password/)
    let count = 0
    const redirecting: typeof fetch = async () => {
      count += 1
      return new Response(null, { status: 308, headers: { location: 'https://127.0.0.1/' } })
    }
    const client = createHera({ ...options, baseUrl: 'https://hera.example.com', fetch: redirecting })
    expect(await client.list()).toEqual({ ok: false, error: { reason: 'unreachable' } })
    expect(count).toBe(1)
  })
})

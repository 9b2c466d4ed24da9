import { describe, expect, onTestFinished, test } from 'vitest'
import type { Api, Endpoint } from '../../generator/kit/api.ts'
import type { AuthorizedFetchOptions, Connection } from '../../generator/kit/authorized-fetch.ts'
import { authorizedFetch } from '../../generator/kit/authorized-fetch.ts'
import type { AnyInput } from '../../generator/kit/call.ts'
import type { OAuth } from '../../generator/kit/oauth.ts'
import { rateLimiter } from '../../generator/kit/rate-limit.ts'
import type { RetryRules } from '../../generator/kit/retry.ts'
import { isLimited, waitOf } from '../../generator/kit/retry.ts'
import type { Tokens } from '../../generator/kit/token-request.ts'
import type { TokenStore } from '../../generator/kit/token-source.ts'
import { type Answer, fakeVendor } from '../support/fake-vendor.ts'

const TOKEN = 'tok-1234-secret'
const text = { type: 'text', required: false, sensitive: false } as const

interface Setting {
  readonly answers: readonly Answer[]
  readonly endpoint?: Partial<Endpoint>
  readonly api?: Partial<Api>
  readonly connection?: Partial<Connection>
  readonly options?: AuthorizedFetchOptions
  /** Undefined for none; one with a valid token if it is missing. */
  readonly store?: TokenStore | undefined
}

async function setUp({ answers, endpoint, api, connection, options, ...given }: Setting) {
  const { store } = { store: storeOf({ access_token: TOKEN }).store, ...given }
  const vendor = await fakeVendor(...answers)
  onTestFinished(() => vendor.stop())
  const description: Api = {
    connector: 'acme-crm',
    base_url: `${vendor.base_url}/v2`,
    headers: { 'Acme-Version': '2026-01', 'Acme-Account': '{account}' },
    installation: {
      connector: 'acme-crm',
      fields: { contact_id: text, client_secret: { ...text, type: 'secret', sensitive: true }, account: text },
      credentials: [{ in: 'header', name: 'Authorization', value: 'Bearer {access_token}' }],
      alternatives: { key: [{ in: 'query', name: 'key', value: '{client_secret}' }] },
    },
    endpoints: { it: { method: 'GET', path: '/contacts/{contact_id}', ...endpoint } },
    ...api,
  }
  const { call, verify } = authorizedFetch(
    description,
    {
      configuration: { contact_id: 'c_1', client_secret: 'shhh-4711' },
      ...(store === undefined ? {} : { tokens: store }),
      ...connection,
    },
    { timeout: 3000, ...options, allow: [vendor.host, ...(options?.allow ?? [])] },
  )
  return { vendor, verify, call: (input: AnyInput = {}) => call('it', input as object) }
}

/** A token store, and the tokens in it. */
function storeOf(stored: Tokens | undefined) {
  let tokens = stored
  const store: TokenStore = {
    load: async () => tokens,
    save: async (saved) => {
      tokens = saved
    },
  }
  return { store, stored: () => tokens }
}

const fine = () => Response.json({ id: 'c_1' })
const status =
  (code: number, headers: Record<string, string> = {}, body = '') =>
  () =>
    new Response(body, { status: code, headers })

describe('a call', () => {
  test('has the Accept and Content-Type of the definition, if it has any', async () => {
    const { call, vendor } = await setUp({
      answers: [fine],
      api: { headers: { Accept: 'application/vnd.acme+json', 'Content-Type': 'application/vnd.acme+json' } },
      endpoint: { method: 'POST', headers: { ACCEPT: { value: 'application/vnd.acme.v2+json' } } },
    })
    await call({ body: { id: 1 } })
    const headers = vendor.requests[0]?.headers
    expect(headers?.get('accept')).toBe('application/vnd.acme.v2+json')
    expect(headers?.get('content-type')).toBe('application/vnd.acme+json')
  })

  test('has the URL, headers, query and body that the definition describes', async () => {
    const { call, vendor } = await setUp({
      answers: [fine],
      endpoint: {
        method: 'POST',
        query: { q: { value: 'search' }, ids: {}, tags: { list: 'comma' }, limit: { required: true } },
        headers: { 'If-Match': {} },
      },
    })
    const input = {
      query: { limit: 5, ids: [1, 2], tags: ['a', 'b&c'] },
      headers: { 'If-Match': '"7"' },
      body: { a: 1 },
    }
    expect(await call(input)).toMatchObject({ ok: true, data: { id: 'c_1' }, status: 200 })
    const [{ method, url, headers, body } = expect.fail()] = vendor.requests
    expect([method, url.pathname, url.search]).toEqual([
      'POST',
      '/v2/contacts/c_1',
      '?q=search&ids=1&ids=2&tags=a%2Cb%26c&limit=5',
    ])
    expect([...headers]).toEqual(
      expect.arrayContaining([
        ['acme-version', '2026-01'],
        ['if-match', '"7"'],
        ['authorization', `Bearer ${TOKEN}`],
        ['content-type', 'application/json'],
      ]),
    )
    expect(body).toBe('{"a":1}')
  })

  test('sends a form', async () => {
    const { call, vendor } = await setUp({ answers: [fine], endpoint: { method: 'POST', body_type: 'form' } })
    await call({ body: { name: 'Zoë & Co', tags: ['a', 'b'], none: undefined } })
    expect(vendor.requests[0]?.body).toBe('name=Zo%C3%AB+%26+Co&tags=a&tags=b')
    expect(vendor.requests[0]?.headers.get('content-type')).toMatch(/^application\/x-www-form-urlencoded/)
  })

  test.each<[AnyInput, Partial<Endpoint>, object]>([
    [{}, { path: '/deals/{deal_id}' }, { field: 'deal_id', problem: 'missing' }],
    [{ parameters: { contact_id: '..' } }, {}, { field: 'contact_id', problem: 'unsafe' }],
    [{}, { query: { limit: { required: true } } }, { field: 'query.limit', problem: 'missing' }],
    [{ query: { limt: 1 } }, { query: { limit: {} } }, { field: 'query.limt', problem: 'unknown' }],
    [
      { headers: { 'If-Match': 'a\r\nb: c' } },
      { headers: { 'If-Match': {} } },
      { field: 'If-Match', problem: 'unsafe' },
    ],
  ])('with the input %j is not sent', async (input, endpoint, error) => {
    const { call, vendor } = await setUp({ answers: [fine], endpoint })
    expect(await call(input)).toEqual({ ok: false, error: { reason: 'invalid_input', ...error } })
    expect(vendor.requests).toEqual([])
  })

  test.each(['evil.test', 'evil.test/', 'evil.test#', 'a@evil.test', 'evil:8080', '127.0.0.1', '-a', 'acme\u3002evil'])(
    'is not sent if %j is to choose the host',
    async (shop) => {
      const places = ['https://{shop}.acme.example', 'https://api.acme.{shop}', 'https://{shop}']
      for (const base_url of places) {
        const fields = { shop: { ...text, hosts: ['acme.example'] }, region: text }
        const installation = { connector: 'acme-crm', fields }
        const environments = { field: 'region', base_urls: { eu: base_url } }
        const { call, vendor } = await setUp({
          answers: [fine],
          api: { environments, installation },
          connection: { configuration: { shop, region: 'eu' } },
        })
        expect(await call({})).toEqual({
          ok: false,
          error: { reason: 'invalid_input', field: 'shop', problem: 'unsafe' },
        })
        expect(vendor.requests).toEqual([])
      }
    },
  )

  test('goes to the environment that the installation has chosen', async () => {
    const sandbox = await fakeVendor(fine)
    onTestFinished(() => sandbox.stop())
    const options = { allow: [sandbox.host] }
    const environments = { field: 'stage', base_urls: { sandbox: sandbox.base_url } }
    const stage = { ...text, options: ['live', 'sandbox'] }
    const visited = async (chosen: string | undefined, usual?: string) => {
      const fields = { contact_id: text, stage: usual === undefined ? stage : { ...stage, default: usual } }
      const configuration = { contact_id: 'c_1', ...(chosen === undefined ? {} : { stage: chosen }) }
      const api = { environments, installation: { connector: 'acme-crm', fields } }
      const { call, vendor } = await setUp({ answers: [fine], api, options, connection: { configuration } })
      const before = sandbox.requests.length
      const result = await call()
      return [vendor.requests.length, sandbox.requests.length - before, result.ok || result.error]
    }
    expect(await visited('sandbox')).toEqual([0, 1, true])
    expect(await visited('live')).toEqual([1, 0, true])
    expect(await visited(undefined)).toEqual([1, 0, true])
    expect(await visited(undefined, 'sandbox')).toEqual([0, 1, true])
    const malformed = { reason: 'invalid_input', field: 'stage', problem: 'malformed' }
    for (const wrong of ['constructor', 'other']) expect(await visited(wrong)).toEqual([0, 0, malformed])
  })

  test.each<[string, Setting, object]>([
    [
      'a refusal',
      { answers: [status(400, {}, `no: ${TOKEN} shhh-4711`)] },
      { reason: 'refused', status: 400, message: 'no: ••• •••' },
    ],
    ['nothing there', { answers: [status(404)] }, { reason: 'not_found', status: 404, message: '' }],
    [
      'broken JSON',
      { answers: [status(200, { 'content-type': 'application/json' }, '{')] },
      { reason: 'malformed_answer' },
    ],
    [
      'a redirect',
      { answers: [status(302, { location: 'https://evil.example' })] },
      { reason: 'unsafe_address', problem: 'redirect' },
    ],
    [
      'a large answer',
      { answers: [status(200, {}, 'x'.repeat(101))], options: { maxBytes: 100 } },
      { reason: 'answer_too_large' },
    ],
    [
      'a slow answer',
      { answers: [() => new Promise<Response>(() => undefined)], options: { timeout: 200 } },
      { reason: 'timeout' },
    ],
    [
      'a private address',
      { answers: [fine], api: { base_url: 'https://127.0.0.1:9' }, options: { allow: [] } },
      { reason: 'unsafe_address', problem: 'not_public' },
    ],
    [
      'a secret that cannot be in a header',
      { answers: [fine], store: storeOf({ access_token: `${TOKEN}\r\nX-Evil: 1` }).store },
      { reason: 'invalid_input', field: 'access_token', problem: 'unsafe' },
    ],
    [
      'a field without a value',
      { answers: [fine], connection: { configuration: { contact_id: 'c_1' }, credentials: 'key' } },
      { reason: 'invalid_input', field: 'client_secret', problem: 'missing' },
    ],
    [
      'a connection that was never made',
      { answers: [fine], api: { oauth }, connection: { configuration: {} }, store: storeOf(undefined).store },
      { reason: 'not_authenticated', token: { reason: 'reconnect' } },
    ],
  ])('turns %s into a value', async (_, setting, error) => {
    const { call } = await setUp({ ...setting, options: { retries: 0, ...setting.options } })
    expect(await call()).toEqual({ ok: false, error })
  })

  test('stops when its signal aborts, also while it waits', async () => {
    const { call, vendor } = await setUp({ answers: [status(429, { 'retry-after': '2' })] })
    const stopping = new AbortController()
    const start = performance.now()
    setTimeout(() => stopping.abort(), 150)
    expect(await call({ signal: stopping.signal })).toEqual({ ok: false, error: { reason: 'aborted' } })
    expect(performance.now() - start).toBeLessThan(1500)
    expect(vendor.requests).toHaveLength(1)
  })
})

describe('credentials', () => {
  const keyOf = (vendor: { readonly requests: readonly { readonly url: URL; readonly headers: Headers }[] }) =>
    vendor.requests.map(({ url, headers }) => headers.get('authorization') ?? url.search)

  test('are those of the definition; a header whose field is empty is left out', async () => {
    const { call, vendor } = await setUp({ answers: [fine] })
    await call()
    expect(vendor.requests[0]?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`)
    expect(vendor.requests[0]?.headers.has('acme-account')).toBe(false)
    const configuration = { contact_id: 'c_1', account: 'a_1' }
    const other = await setUp({ answers: [fine], connection: { configuration } })
    await other.call()
    expect(other.vendor.requests[0]?.headers.get('acme-account')).toBe('a_1')
  })

  test('are the named ones, or those for which there are values', async () => {
    const named = await setUp({ answers: [fine], connection: { credentials: 'key' } })
    await named.call()
    expect(keyOf(named.vendor)).toEqual(['?key=shhh-4711'])
    const keyed = await setUp({ answers: [fine], api: { oauth }, store: storeOf(undefined).store })
    await keyed.call()
    expect(keyOf(keyed.vendor)).toEqual(['?key=shhh-4711'])
    await expect(setUp({ answers: [fine], connection: { credentials: 'constructor' } })).rejects.toThrow(
      'no credentials named constructor',
    )
  })

  test.each([encodeURIComponent, JSON.stringify])('are in no error as %o writes them', async (write) => {
    const secret = 'k/1 "2"+ä'
    const { call } = await setUp({
      answers: [status(400, {}, `key ${write(secret)}`)],
      connection: { configuration: { contact_id: 'c_1', client_secret: secret }, credentials: 'key' },
    })
    const result = await call()
    expect(result).toMatchObject({ error: { message: expect.stringMatching(/^key "?•••"?$/) } })
  })

  test('of the query are in no error', async () => {
    const { call } = await setUp({ answers: [status(400, {}, 'key shhh-4711')], connection: { credentials: 'key' } })
    expect(await call()).toMatchObject({ error: { message: 'key •••' } })
  })
})

const oauth: OAuth = {
  ...{ connector: 'acme-crm', grant: 'authorization_code', token_url: 'https://auth.acme.example/token' },
  ...{ client_authentication: 'client_secret_post', client_secret: 'client_secret', scopes: [], scope_separator: ' ' },
  ...{ pkce: false, token_method: 'POST', refresh: 'refresh_token', refresh_before_seconds: 60 },
}

/** A vendor whose token URL answers with tokens at-1, at-2 and so on, and whose API accepts only some of them. */
async function renewing(accepts: (token: string) => boolean, stored: Tokens | undefined, description: OAuth = oauth) {
  let count = 0
  const vendor = await fakeVendor((request) => {
    if (new URL(request.url).pathname === '/token') {
      count += 1
      const refresh_token = `rt-${count}`
      return Response.json({ access_token: `at-${count}`, refresh_token, expires_in: 3600, host: vendor.base_url })
    }
    const token = (request.headers.get('authorization') ?? '').slice('Bearer '.length)
    return accepts(token) ? fine() : new Response(`not ${token}`, { status: 401 })
  })
  onTestFinished(() => vendor.stop())
  const { store, stored: kept } = storeOf(stored)
  const connect = ({ api, ...given }: Pick<Setting, 'api' | 'store'> = {}) =>
    setUp({
      answers: [fine],
      options: { allow: [vendor.host] },
      api: { base_url: vendor.base_url, oauth: { ...description, token_url: `${vendor.base_url}/token` }, ...api },
      store,
      ...given,
    })
  return { connect, stored: kept, tokens: () => count, calls: () => vendor.requests.length - count, store }
}

const old = { access_token: 'at-0', refresh_token: 'rt-0' }

describe('a token that the vendor refuses', () => {
  test('is renewed once by twenty calls, each of which is repeated once', async () => {
    const { connect, tokens, calls, stored } = await renewing((token) => token === 'at-1', old)
    const { call } = await connect()
    const results = await Promise.all(Array.from({ length: 20 }, () => call()))
    expect(results.filter(({ ok }) => ok)).toHaveLength(20)
    expect([tokens(), calls()]).toEqual([1, 40])
    expect(stored()).toMatchObject({ access_token: 'at-1', refresh_token: 'rt-1' })
    expect(await call()).toMatchObject({ ok: true })
    expect([tokens(), calls()]).toEqual([1, 41])
  })

  test('also after its renewal ends the call', async () => {
    const { connect, tokens, calls } = await renewing(() => false, old)
    const { call } = await connect()
    expect(await call()).toMatchObject({ error: { reason: 'unauthorized', message: 'not •••' } })
    expect([tokens(), calls()]).toEqual([1, 2])
  })

  test('and that nobody can renew ends the call', async () => {
    const { connect, tokens, calls } = await renewing(() => false, { access_token: 'at-0' })
    const { call } = await connect()
    expect(await call()).toEqual({ ok: false, error: { reason: 'not_authenticated', token: { reason: 'reconnect' } } })
    expect([tokens(), calls()]).toEqual([0, 1])
  })
})

describe('tokens', () => {
  test('that expire are renewed before the call', async () => {
    const expired = { ...old, expires_at: new Date(Date.now() + 30_000).toISOString() }
    const { connect, tokens, calls } = await renewing((token) => token === 'at-1', expired)
    const { call } = await connect()
    expect(await call()).toMatchObject({ ok: true })
    expect([tokens(), calls()]).toEqual([1, 1])
  })

  test('that need no person are requested, also without a store, with the values that they bring', async () => {
    const keeps = { account: { in: 'token', at: '/host' } } as const
    const machine: OAuth = { ...oauth, grant: 'client_credentials', keeps }
    const { connect, tokens } = await renewing((token) => token === 'at-1', undefined, machine)
    const installation: Api['installation'] = {
      connector: 'acme-crm',
      fields: { client_secret: text, contact_id: text, account: { ...text, type: 'url' } },
      credentials: [{ in: 'header', name: 'Authorization', value: 'Bearer {access_token}' }],
    }
    const { call } = await connect({ api: { base_url: '{account}', installation }, store: undefined })
    expect(await Promise.all([call(), call(), call()])).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
    expect(tokens()).toBe(1)
  })

  test('cannot be had while the token URL fails: the call waits and tries again, whatever its method', async () => {
    let failures = 2
    const own: typeof fetch = async (input, init) => {
      const request = new Request(input, init)
      if (!request.url.endsWith('/token')) return fine()
      failures -= 1
      return failures < 0 ? Response.json({ access_token: 'at-1' }) : new Response('', { status: 503 })
    }
    const { call } = await setUp({
      answers: [fine],
      endpoint: { method: 'POST' },
      api: { base_url: 'https://api.acme.example', oauth: { ...oauth, grant: 'client_credentials' } },
      store: storeOf({ ...old, expires_at: new Date(0).toISOString() }).store,
      options: { fetch: own },
    })
    expect(await call()).toMatchObject({ ok: true })
  })

  test('of a store that fails: its own error is thrown', async () => {
    const failing = { ...storeOf(old).store, load: () => Promise.reject(new Error('no database')) }
    const { call, vendor } = await setUp({ answers: [fine], store: failing })
    await expect(call()).rejects.toThrow('no database')
    expect(vendor.requests).toEqual([])
  })

  test('are still saved if the call that renews them is aborted', async () => {
    const stopping = new AbortController()
    const { connect, store, stored } = await renewing((token) => token === 'at-1', old)
    let isSaved: () => void = () => undefined
    const saved = new Promise<void>((resolve) => {
      isSaved = resolve
    })
    const save: TokenStore['save'] = async (tokens, kept) => {
      stopping.abort()
      await store.save(tokens, kept)
      isSaved()
    }
    const { call } = await connect({ store: { load: store.load, save } })
    expect(await call({ signal: stopping.signal })).toEqual({ ok: false, error: { reason: 'aborted' } })
    await saved
    expect(stored()).toMatchObject({ access_token: 'at-1' })
  })
})

describe('the call that proves credentials', () => {
  const verification = { endpoint: 'it', expect: { '/id': 'c_1' } }
  test.each<[string, Answer, object]>([
    ['succeeds', fine, { ok: true }],
    ['is refused with status 200 (Slack)', () => Response.json({ ok: false }), { ok: false, reason: 'refused' }],
    ['is refused', status(401), { ok: false, reason: 'refused', error: { reason: 'unauthorized' } }],
    ['is forbidden', status(403), { ok: false, reason: 'refused', error: { reason: 'forbidden' } }],
    ['fails', status(500), { ok: false, reason: 'failed', error: { reason: 'unavailable' } }],
    [
      'is redirected',
      status(302, { location: 'https://evil.example' }),
      { ok: false, reason: 'failed', error: { reason: 'unsafe_address' } },
    ],
  ])('%s', async (_, answer, want) => {
    const { verify, vendor } = await setUp({ answers: [answer], api: { verification }, options: { retries: 0 } })
    expect(await verify()).toMatchObject(want)
    expect(vendor.requests).toHaveLength(1)
  })

  test('is not described', async () => {
    const { verify } = await setUp({ answers: [fine] })
    expect(await verify()).toEqual({ ok: false, reason: 'not_described' })
  })
})

describe('a call is repeated', () => {
  test.each<[string, number, Setting]>([
    ['GET after 503', 2, { answers: [status(503), fine] }],
    ['PUT after 500', 2, { answers: [status(500), fine], endpoint: { method: 'PUT' } }],
    ['DELETE after 502', 2, { answers: [status(502), fine], endpoint: { method: 'DELETE' } }],
    ['POST after 500: not', 1, { answers: [status(500), fine], endpoint: { method: 'POST' } }],
    [
      'POST after 429, which did nothing',
      2,
      { answers: [status(429, { 'retry-after': '0' }), fine], endpoint: { method: 'POST' } },
    ],
    [
      'POST with an idempotency key after 500',
      2,
      {
        answers: [status(500), fine],
        endpoint: { method: 'POST' },
        api: { retry: { idempotency_header: 'Idempotency-Key' } },
      },
    ],
    ['GET after 404: not', 1, { answers: [status(404), fine] }],
    ['GET four times at most', 4, { answers: [status(503, { 'retry-after': '0' })] }],
    ['GET after a wait that is too long: not', 1, { answers: [status(429, { 'retry-after': '3600' })] }],
  ])('%s', async (_, requests, setting) => {
    const { call, vendor } = await setUp(setting)
    await call()
    expect(vendor.requests).toHaveLength(requests)
    expect(new Set(vendor.requests.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1)
  })

  test('after a network error, if that is safe', async () => {
    for (const [method, tries] of [
      ['GET', 3],
      ['POST', 1],
    ] as const) {
      let count = 0
      const own: typeof fetch = async () => {
        count += 1
        if (count < 3) throw new TypeError('connection reset')
        return fine()
      }
      const { call } = await setUp({ answers: [fine], endpoint: { method }, options: { fetch: own } })
      expect((await call()).ok).toBe(method === 'GET')
      expect(count).toBe(tries)
    }
  })

  test('not before the vendor allows it, and the next call waits too', async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 1)
    const { call, vendor } = await setUp({
      answers: [() => Response.json({}, { headers: { 'x-remaining': '0', 'x-reset': reset } }), fine],
      api: { retry: { remaining: 'x-remaining', wait: [{ in: 'header', at: 'x-reset', form: 'unix-seconds' }] } },
    })
    await call()
    await call()
    expect(vendor.requests).toHaveLength(2)
    expect(Date.now()).toBeGreaterThanOrEqual(Number(reset) * 1000)
  })
})

const soon = (seconds: number) => Date.now() + seconds * 1000

/** Facts from Nango's list of providers (August 2026), unless another source is given. */
const habits: readonly (readonly [
  vendor: string,
  RetryRules,
  () => { status: number; headers?: Record<string, string>; json?: unknown },
  wait: number | undefined,
])[] = [
  ['Slack, Zendesk, Xero, Asana, Notion: seconds', {}, () => ({ status: 429, headers: { 'retry-after': '30' } }), 30],
  [
    'RFC 9110: an HTTP date',
    {},
    () => ({ status: 429, headers: { 'retry-after': new Date(soon(30)).toUTCString() } }),
    30,
  ],
  [
    'GitHub: 403 with the moment of the reset, if nothing is left',
    {
      statuses: [403, 429],
      remaining: 'x-ratelimit-remaining',
      wait: [{ in: 'header', at: 'x-ratelimit-reset', form: 'unix-seconds' }],
    },
    () => ({
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(soon(30) / 1000)) },
    }),
    30,
  ],
  [
    'GitHub: 403 because of a right that is missing is not a limit',
    {
      statuses: [403, 429],
      remaining: 'x-ratelimit-remaining',
      wait: [{ in: 'header', at: 'x-ratelimit-reset', form: 'unix-seconds' }],
    },
    () => ({ status: 403, headers: { 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '1795420800' } }),
    undefined,
  ],
  [
    'Linear: 400 and milliseconds since 1970',
    {
      statuses: [400, 429],
      remaining: 'x-ratelimit-requests-remaining',
      wait: [{ in: 'header', at: 'x-ratelimit-requests-reset', form: 'unix-milliseconds' }],
    },
    () => ({
      status: 400,
      headers: { 'x-ratelimit-requests-remaining': '0', 'x-ratelimit-requests-reset': String(soon(30)) },
    }),
    30,
  ],
  [
    'Intercom, Calendly, Cal.com, GitLab: seconds since 1970',
    { wait: [{ in: 'header', at: 'x-ratelimit-reset', form: 'unix-seconds' }] },
    () => ({ status: 429, headers: { 'x-ratelimit-reset': String(Math.floor(soon(30) / 1000)) } }),
    30,
  ],
  [
    'Google: a moment in a sentence of the body',
    { statuses: [403, 429], wait: [{ in: 'body', at: '/error/message', form: 'date-time', after: 'Retry after ' }] },
    () => ({
      status: 403,
      json: { error: { message: `User-rate limit exceeded.  Retry after ${new Date(soon(30)).toISOString()}` } },
    }),
    30,
  ],
  [
    'Google: 403 with another sentence is not a limit',
    { statuses: [403, 429], wait: [{ in: 'body', at: '/error/message', form: 'date-time', after: 'Retry after ' }] },
    () => ({ status: 403, json: { error: { message: 'The caller does not have permission' } } }),
    undefined,
  ],
  [
    'Discord: seconds with a fraction in the body (docs.discord.com/developers/topics/rate-limits)',
    { wait: [{ in: 'body', at: '/retry_after', form: 'seconds' }] },
    () => ({ status: 429, json: { message: 'You are being rate limited.', retry_after: 30.5, global: false } }),
    30.5,
  ],
  [
    'Meta: an error code of the body with status 400 (developers.facebook.com/docs/graph-api/overview/rate-limiting)',
    { errors: [{ at: '/error/code', values: [4, 17, 32, 80001] }] },
    () => ({ status: 400, json: { error: { code: 80001 } } }),
    0,
  ],
  [
    'HubSpot: 477 while an account is moved (developers.hubspot.com, error handling)',
    { statuses: [429, 477] },
    () => ({ status: 477, headers: { 'retry-after': '30' } }),
    30,
  ],
  ['a wait that is not a number', {}, () => ({ status: 429, headers: { 'retry-after': 'soon' } }), 0],
  ['a moment that has passed', {}, () => ({ status: 429, headers: { 'retry-after': new Date(0).toUTCString() } }), 0],
]

describe('a vendor sends the time of the next call', () => {
  test.each(habits)('%s', (_, rules, answer, wait) => {
    const { headers, json, status: code } = answer()
    const answered = { status: code, headers: new Headers(headers), json }
    expect(isLimited(rules, answered)).toBe(wait !== undefined)
    if (wait === undefined) return
    const seconds = (waitOf(rules, answered) ?? 0) / 1000
    expect(seconds).toBeGreaterThan(wait - 1.5)
    expect(seconds).toBeLessThanOrEqual(wait)
  })
})

describe('limits of the definition', () => {
  test('allow a burst, then spread calls evenly, and count only their endpoints', () => {
    let now = 0
    const take = rateLimiter([{ name: 'searches', limit: 2, seconds: 10, endpoints: ['search'] }], () => now)
    expect([take('search', 1e9), take('search', 1e9), take('search', 1e9), take('search', 1e9)]).toEqual([
      0, 0, 5000, 10_000,
    ])
    expect(take('contact', 0)).toBe(0)
    now = 20_000
    expect([take('search', 0), take('search', 0), take('search', 0)]).toEqual([0, 0, 5000])
    now = 25_000
    expect(take('search', 0)).toBe(0)
  })

  test('refuse a call that would have to wait too long', async () => {
    const { call, vendor } = await setUp({
      answers: [fine],
      api: { limits: [{ name: 'calls', limit: 1, seconds: 60 }] },
    })
    expect((await call()).ok).toBe(true)
    expect(await call()).toMatchObject({ error: { reason: 'limit_reached' } })
    expect(vendor.requests).toHaveLength(1)
  })
})

import { describe, expect, test } from 'vitest'
import type { OAuth } from '../../generator/kit/oauth.ts'
import type { Tokens } from '../../generator/kit/token-request.ts'
import { tokenSource } from '../../generator/kit/token-source.ts'

const now = Date.UTC(2026, 10, 30)
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString()
const configuration = { id: 'id-1', secret: 'secret-1' }
const description: OAuth<'id' | 'secret'> = {
  ...{ connector: 'x', grant: 'authorization_code', authorization_url: 'https://v.example.com/a' },
  ...{ token_url: 'https://v.example.com/t', client_id: 'id', client_secret: 'secret' },
  ...{
    client_authentication: 'client_secret_post',
    scopes: [],
    scope_separator: ' ',
    pkce: false,
    token_method: 'POST',
  },
  ...{ refresh: 'refresh_token', refresh_before_seconds: 60 },
}

/** A vendor whose refresh tokens are valid once, and a store that is shared by several processes. */
function vendor(stored: Tokens | undefined, status = 200) {
  let tokens = stored
  let valid = stored?.refresh_token
  let count = 0
  let queue: Promise<unknown> = Promise.resolve()
  const own: typeof fetch = async (input, init) => {
    const sent = new URLSearchParams(await new Request(input, init).text()).get('refresh_token') ?? undefined
    count += 1
    if (status !== 200) return new Response('', { status })
    if (sent !== valid) return Response.json({ error: 'invalid_grant' }, { status: 400 })
    valid = `rt-${count}`
    return Response.json({ access_token: `at-${count}`, refresh_token: valid, expires_in: 3600 })
  }
  const store = {
    load: async () => tokens,
    save: async (saved: Tokens) => {
      tokens = saved
    },
  }
  const lock = <Result>(run: () => Promise<Result>): Promise<Result> => {
    const next = queue.then(run)
    queue = next.catch(() => undefined)
    return next
  }
  return { store, lock, options: { fetch: own, now }, requests: () => count, stored: () => tokens }
}

const old = { access_token: 'at-0', refresh_token: 'rt-0', expires_at: at(30) }

describe('tokens are renewed once', () => {
  test('by twenty calls at the same time', async () => {
    const { store, options, requests } = vendor(old)
    const source = tokenSource(description, configuration, store, options)
    const results = await Promise.all(Array.from({ length: 20 }, () => source.get()))
    expect(new Set(results.map((result) => (result.ok ? result.tokens.access_token : result.error.reason)))).toEqual(
      new Set(['at-1']),
    )
    expect(requests()).toBe(1)
  })

  test('by ten processes with a lock', async () => {
    const { store, lock, options, requests } = vendor(old)
    const sources = Array.from({ length: 10 }, () =>
      tokenSource(description, configuration, { ...store, lock }, options),
    )
    const results = await Promise.all(sources.map((source) => source.get({ rejected: 'at-0' })))
    expect(results.every((result) => result.ok && result.tokens.access_token === 'at-1')).toBe(true)
    expect(requests()).toBe(1)
  })

  test('by calls whose token the vendor has refused, early or late', async () => {
    const { store, options, requests } = vendor({ ...old, expires_at: at(3600) })
    const source = tokenSource(description, configuration, store, options)
    await Promise.all([source.get({ rejected: 'at-0' }), source.get({ rejected: 'at-0' }), source.get()])
    expect(await source.get({ rejected: 'at-0' })).toMatchObject({ tokens: { access_token: 'at-1' } })
    expect(requests()).toBe(1)
    expect(await source.get({ rejected: 'at-1' })).toMatchObject({ tokens: { access_token: 'at-2' } })
  })
})

test('valid tokens are used as they are', async () => {
  const { store, options, requests } = vendor({ ...old, expires_at: at(61) })
  expect(await tokenSource(description, configuration, store, options).get()).toMatchObject({
    tokens: { access_token: 'at-0' },
  })
  expect(requests()).toBe(0)
})

test('while the vendor cannot renew, a token is used until its end', async () => {
  const { store, options } = vendor(old, 503)
  const source = tokenSource(description, configuration, store, options)
  expect(await source.get()).toMatchObject({ ok: true, tokens: { access_token: 'at-0' } })
  expect(await source.get({ rejected: 'at-0' })).toEqual({ ok: false, error: { reason: 'refused', status: 503 } })
})

test('a failure is not remembered', async () => {
  const { store, options, stored } = vendor(old)
  let isBroken = true
  const breaking = {
    ...store,
    load: async () => {
      if (isBroken) throw new Error('no database')
      return store.load()
    },
  }
  const source = tokenSource(description, configuration, breaking, options)
  await expect(source.get()).rejects.toThrow('no database')
  isBroken = false
  expect(await source.get()).toMatchObject({ ok: true })
  expect(stored()?.refresh_token).toBe('rt-1')
})

test('tokens that the store did not take are saved by the next call', async () => {
  const { store, options, requests, stored } = vendor(old)
  let failures = 2
  const breaking = {
    ...store,
    save: async (saved: Tokens) => {
      if (failures-- > 0) throw new Error('no database')
      await store.save(saved)
    },
  }
  const source = tokenSource(description, configuration, breaking, options)
  await expect(source.get()).rejects.toThrow('no database')
  await expect(source.get()).rejects.toThrow('no database')
  expect(await source.get()).toMatchObject({ ok: true, tokens: { access_token: 'at-1' } })
  expect(stored()).toMatchObject({ access_token: 'at-1', refresh_token: 'rt-1' })
  expect(requests()).toBe(1)
  expect(await source.get({ rejected: 'at-1' })).toMatchObject({ tokens: { access_token: 'at-2' } })
})

test('tokens that the store did not take never replace newer ones', async () => {
  const { store, options, stored } = vendor(old)
  const breaking = { ...store, save: () => Promise.reject(new Error('no database')) }
  const source = tokenSource(description, configuration, breaking, options)
  await expect(source.get()).rejects.toThrow('no database')
  await store.save({ ...old, access_token: 'at-new', expires_at: at(3600) })
  expect(await source.get()).toMatchObject({ tokens: { access_token: 'at-new' } })
  expect(stored()).toMatchObject({ access_token: 'at-new' })
})

test('without stored tokens, only a person or a grant without one helps', async () => {
  const { store, options, requests } = vendor(undefined)
  expect(await tokenSource(description, configuration, store, options).get()).toEqual({
    ok: false,
    error: { reason: 'reconnect' },
  })
  expect(requests()).toBe(0)
  const machine = { ...description, grant: 'client_credentials' as const }
  expect(await tokenSource(machine, configuration, store, options).get()).toMatchObject({ ok: true })
})

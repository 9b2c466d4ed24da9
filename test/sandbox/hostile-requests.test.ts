import { getEventListeners } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { webhook as hubspot } from '../../generated/typescript/webhooks/hubspot-crm.ts'
import { QueryError } from '../../generator/database/database.ts'
import { sign } from '../../generator/kit/sign.ts'
import { MOST_CONNECTIONS } from '../../generator/sandbox/listen.ts'
import type { Application, ApplicationOptions } from '../support/application.ts'
import { INSTALLATION, startApplication } from '../support/application.ts'
import { LOCAL, OTHER, post, signIn } from '../support/sandbox.ts'

const MEBIBYTE = 1024 * 1024
const ENDPOINTS = '/api/v2/integrations'

let application: Application
afterEach(async () => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  await application?.stop()
})

async function start(options: ApplicationOptions = {}): Promise<Application> {
  application = await startApplication(options)
  return application
}

/** A request without a connection, so that as many can be made as an attack needs. */
function ask(address: string, { headers = {}, ...init }: RequestInit & { readonly duplex?: 'half' } = {}) {
  const { host } = new URL(application.url)
  return application.application.request(new URL(address, application.url).href, {
    ...init,
    headers: { host, ...(headers as Readonly<Record<string, string>>) },
  })
}

function delivery(
  body: NonNullable<RequestInit['body']>,
  headers: Readonly<Record<string, string>> = {},
  address = application.webhook,
) {
  return ask(address, {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { 'content-type': 'application/json', ...headers },
  })
}

/** A body of so many bytes, and how many of them were read. */
function counted(size: number) {
  const chunk = new Uint8Array(64 * 1024)
  let read = 0
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (read >= size) return controller.close()
        read += chunk.byteLength
        controller.enqueue(chunk)
      },
    },
    { highWaterMark: 0 },
  )
  return { body, bytesRead: () => read }
}

async function signed(body: string) {
  const secrets = { client_secret: 'my-own-secret' }
  const signing = await sign(hubspot, { method: 'POST', url: application.webhook, body }, secrets)
  if (!signing.signed) throw new Error(signing.reason)
  return signing.headers
}

describe('a webhook', () => {
  test('keeps little of 220 large unsigned bodies, and reads little of them', async () => {
    await start({ connector: 'zapier-webhook', configuration: { inbound_token: 'the-inbound-token' } })
    let read = 0
    for (let number = 0; number < 220; number += 1) {
      const { body, bytesRead } = counted(10 * MEBIBYTE)
      expect((await delivery(body)).status).toBe(401)
      read += bytesRead()
    }
    expect(read).toBeLessThanOrEqual(220 * 192 * 1024)
    expect(application.activity.retainedBytes()).toBe(0)
    for (let number = 0; number < 220; number += 1) expect((await delivery('x'.repeat(60_000))).status).toBe(401)
    expect(application.activity.retainedBytes()).toBeLessThanOrEqual(MEBIBYTE)
    expect(application.activity.deliveries(LOCAL).length).toBeLessThanOrEqual(50)
  })

  test('keeps little of large bodies with a wrong token', async () => {
    await start({ connector: 'zapier-webhook', configuration: { inbound_token: 'the-inbound-token' } })
    const body = new Uint8Array(9 * MEBIBYTE)
    for (let number = 0; number < 20; number += 1)
      expect((await delivery(body, { authorization: 'Bearer wrong' })).status).toBe(401)
    expect(application.activity.retainedBytes()).toBeLessThanOrEqual(MEBIBYTE)
    for (const delivered of application.activity.deliveries(LOCAL))
      expect(JSON.stringify(delivered).length).toBeLessThanOrEqual(512 * 1024)
  })

  test('never lets unverified deliveries displace a verified one', async () => {
    await start()
    const body = '[{"subscriptionType":"none"}]'
    expect((await delivery(body, await signed(body))).status).toBe(200)
    for (let number = 0; number < 300; number += 1) await delivery('{}')
    const kept = application.activity.deliveries(LOCAL)
    expect(kept.filter(({ verified }) => verified)).toMatchObject([{ body, status: 200 }])
    expect(kept.length).toBe(51)
  })

  test('looks nothing up for an address that was not given out', async () => {
    await start()
    const hmac = vi.spyOn(crypto.subtle, 'sign')
    const { pathname } = new URL(application.webhook)
    const withoutKey = pathname.slice(0, pathname.lastIndexOf('/'))
    const guesses = [withoutKey, `${withoutKey}/`, `${withoutKey}/${'0'.repeat(32)}`, `${pathname}/`, `${pathname}0`]
    for (const guess of [...guesses, pathname.toUpperCase(), pathname.replace('hubspot-crm', '__proto__')]) {
      const { body, bytesRead } = counted(MEBIBYTE)
      expect([guess, (await delivery(body, {}, guess)).status]).toEqual([guess, 404])
      expect(bytesRead()).toBe(0)
    }
    expect(application.statements).toEqual([])
    expect(hmac).not.toHaveBeenCalled()
  })

  test('gives its address to the local token and its own organization only', async () => {
    await start()
    const address = `/dev/address?installation_id=${INSTALLATION}`
    const authorization = `Bearer ${application.token}`
    expect((await ask(address)).status).toBe(401)
    expect((await ask(address, { headers: { authorization, 'x-organization-id': OTHER } })).status).toBe(404)
    const told = await ask(address, { headers: { authorization, 'x-organization-id': LOCAL } })
    expect(await told.json()).toMatchObject({ url: application.webhook })
  })

  test('computes one signature at most, however many are sent', async () => {
    await start()
    const hmac = vi.spyOn(crypto.subtle, 'sign')
    const wrong = Buffer.alloc(32).toString('base64')
    const sent = { 'x-hubspot-request-timestamp': String(Date.now()) }
    for (const value of [wrong, Array(200).fill(wrong).join(' '), Array(200).fill(wrong).join(','), '=', 'é']) {
      hmac.mockClear()
      const response = await delivery('{}', { ...sent, 'x-hubspot-signature-v3': value })
      expect([value, response.status]).toEqual([value, 401])
      expect(hmac.mock.calls.length).toBeLessThanOrEqual(1)
    }
    expect(application.statements.filter((statement) => statement.includes('event_in'))).toEqual([])
  })

  test('refuses bodies while 64 MiB of others are under way', async () => {
    await start({ connector: 'zapier-webhook', configuration: { inbound_token: 'the-inbound-token' } })
    const headers = { authorization: 'Bearer wrong', 'content-length': String(10 * MEBIBYTE) }
    const writers: ReadableStreamDefaultController[] = []
    const open = () => delivery(new ReadableStream({ start: (controller) => void writers.push(controller) }), headers)
    const underWay = Array.from({ length: 6 }, open)
    await vi.waitFor(() => expect(writers).toHaveLength(6))
    // The secrets of the installation are read before a body is.
    await vi.waitFor(() => expect(application.statements.length).toBeGreaterThanOrEqual(7))
    const refused = await open()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    for (const writer of writers.slice(0, 6)) writer.close()
    expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual(Array(6).fill(401))
    expect((await delivery('{}', { authorization: 'Bearer wrong' })).status).toBe(401)
  })

  test('does not wait for a body that never ends', async () => {
    await start()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const answer = delivery(new ReadableStream())
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1))
    await vi.advanceTimersByTimeAsync(10_000)
    expect((await answer).status).toBe(408)
  })

  test.each([
    ['invalid UTF-8', new Uint8Array([0xff, 0xfe, 0x00]), 400, 'malformed_body'],
    ['deep JSON', '['.repeat(50_000), 400, 'malformed_body'],
    ['an empty body', '', 400, 'empty_body'],
  ])('refuses %s even where it is signed', async (_, body, status, error) => {
    await start()
    const secrets = { client_secret: 'my-own-secret' }
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
    const signing = await sign(hubspot, { method: 'POST', url: application.webhook, body: bytes }, secrets)
    const response = await delivery(bytes, signing.signed ? signing.headers : {})
    expect([response.status, await response.json()]).toEqual([status, { error }])
    expect((await delivery(bytes)).status).toBe(401)
  })

  test('refuses another content type', async () => {
    await start()
    const response = await delivery('{}', { ...(await signed('{}')), 'content-type': 'text/xml' })
    expect(response.status).toBe(415)
  })

  test('shows a deep body as it came', async () => {
    await start()
    const body = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    await delivery(body)
    const [kept] = application.activity.deliveries(LOCAL)
    const page = await ask(`/hub/deliveries/${kept?.id}`, { headers: { cookie: await signIn(application) } })
    expect((await page.text()).length).toBeLessThan(100_000)
  })
})

describe('another origin', () => {
  test('sends nothing, and costs no statement', async () => {
    await start()
    const cookie = await signIn(application)
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1', `${application.url}.evil.example`]) {
      for (const path of [
        application.webhook,
        '/login',
        '/hub/logout',
        '/hub/connectors/hubspot-crm/pause',
        '/dev/sign',
        `${ENDPOINTS}/events`,
      ]) {
        const response = await ask(path, {
          method: 'POST',
          body: 'a=b',
          headers: { origin, cookie, 'content-type': 'text/plain' },
        })
        expect([origin, path, response.status]).toEqual([origin, path, 403])
      }
    }
    expect(application.statements).toEqual([])
    expect((await ask('/hub/deliveries', { headers: { cookie } })).status).toBe(200)
  })

  test('may call the endpoints where it is allowed, and nothing else', async () => {
    await start({ origins: ['https://app.example.com'] })
    const headers = { origin: 'https://app.example.com', 'content-type': 'application/json' }
    expect((await ask(`${ENDPOINTS}/logs`, { method: 'POST', body: '{}', headers })).status).toBe(401)
    expect((await ask('/login', { method: 'POST', body: 'token=x', headers })).status).toBe(403)
    expect((await delivery('{}', { origin: application.url })).status).toBe(401)
  })

  test('is not served under another name', async () => {
    await start()
    for (const host of ['evil.example', '127.0.0.1.evil.example', '', '127.0.0.1@evil.example', '[::1]'])
      expect([host, (await ask('/health', { headers: { host } })).status]).toEqual([host, 421])
  })
})

describe('the endpoints', () => {
  test.each([
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 400],
    ['deep JSON', `{"event_data":${'['.repeat(5000)}${']'.repeat(5000)}}`, 413],
    ['names of prototypes', '{"__proto__":{"operation":"LIST"},"constructor":{"prototype":{"a":1}}}', 400],
    ['a prototype as an operation', '{"operation":"__proto__"}', 400],
  ])('refuse %s without a statement', async (_, body, status) => {
    await start()
    const headers = {
      authorization: `Bearer ${application.token}`,
      'x-organization-id': LOCAL,
      'content-type': 'application/json',
    }
    for (const path of ['connectors', 'events'])
      expect((await ask(`${ENDPOINTS}/${path}`, { method: 'POST', body, headers })).status).toBe(status)
    expect(application.statements).toEqual([])
    expect(Object.hasOwn(Object.prototype, 'operation')).toBe(false)
  })

  test('read no body of a stranger, and no more than their limit of anybody', async () => {
    await start()
    const token = { authorization: `Bearer ${application.token}`, 'x-organization-id': LOCAL }
    const cookie = await signIn(application)
    for (const [path, headers, limit, status] of [
      [`${ENDPOINTS}/events`, {}, 0, 401],
      ['/dev/sign', {}, 0, 401],
      ['/hub/organization', {}, 0, 401],
      ['/login', { 'content-type': 'application/x-www-form-urlencoded' }, 64 * 1024, 413],
      ['/hub/organization', { cookie, 'content-type': 'application/x-www-form-urlencoded' }, 64 * 1024, 413],
      [`${ENDPOINTS}/events`, { ...token, 'content-type': 'application/json' }, MEBIBYTE, 413],
      ['/dev/sign', token, 8 * MEBIBYTE, 413],
    ] as const) {
      const { body, bytesRead } = counted(20 * MEBIBYTE)
      const response = await ask(path, { method: 'POST', body, duplex: 'half', headers })
      expect([path, response.status]).toEqual([path, status])
      expect(bytesRead()).toBeLessThanOrEqual(limit === 0 ? 0 : limit + 128 * 1024)
    }
  })

  test.each([
    '/hub/../hub/log',
    '/hub/%2e%2e/log',
    '//hub/log',
    '/hub/connectors/%00',
    '/hub/connectors/%E0%A4%A',
    '/hub/api/..%2f..%2fpackage.json',
    '/hub/events/__proto__',
    '/hub/connectors/constructor',
    '/webhooks/__proto__/a/b',
    '/\\evil.example',
  ])('have no unexpected answer to %s', async (path) => {
    await start()
    const cookie = await signIn(application)
    const { hostname, port } = new URL(application.url)
    for (const headers of [{}, { cookie }]) {
      const status = await new Promise<number>((resolve, reject) =>
        request({ hostname, port, path, headers }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
          .on('error', reject)
          .end(),
      )
      expect(status).toBeLessThan(500)
    }
    expect(application.errors).toEqual([])
  })

  test('refuse many and large headers', async () => {
    await start()
    const { hostname, port } = new URL(application.url)
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, number) => [`x-${number}`, 'a'.repeat(10)]))
    const status = await new Promise<number>((resolve, reject) =>
      request({ hostname, port, path: '/health', headers: many }, ({ statusCode }) => resolve(statusCode ?? 0))
        .on('error', reject)
        .end(),
    )
    expect(status).toBe(431)
  })
})

describe('secrets', () => {
  test('are masked in what the hub shows of a delivery and an event', async () => {
    await start()
    await delivery('{"a":"my-own-secret"}', {
      'x-hubspot-signature-v3': 'a-signature',
      cookie: 'a=1',
      'x-a': 'my-own-secret',
    })
    const cookie = await signIn(application)
    const [kept] = application.activity.deliveries(LOCAL)
    expect(kept?.headers).toMatchObject({ 'x-hubspot-signature-v3': '********', cookie: '********', 'x-a': '•••' })
    for (const path of [
      `/hub/deliveries/${kept?.id}`,
      '/hub/deliveries',
      `/hub/events/${LOCAL}`,
      '/hub/connectors/hubspot-crm',
    ]) {
      const page = await (await ask(path, { headers: { cookie } })).text()
      expect(page).not.toMatch(/my-own-secret|a-signature/)
    }
  })

  test('are masked in the header of a token', async () => {
    await start({ connector: 'zapier-webhook', configuration: { inbound_token: 'the-inbound-token' } })
    await delivery('{}', { authorization: 'Bearer the-inbound-token' })
    expect(JSON.stringify(application.activity.deliveries(LOCAL))).not.toContain('the-inbound-token')
  })

  test.each([
    ['an answer', Object.assign(new Error('value "typed-secret" is wrong'), { code: '22023' })],
    ['the log', new Error('lost "typed-secret"')],
  ])('are masked in %s about what failed', async (_, cause) => {
    const error = 'code' in cause ? new QueryError(cause) : cause
    await start({ failure: { statement: /hera_integration_connector_v1/, error } })
    const installation_config = { client_id: 'shown-value', client_secret: 'typed-secret' }
    const body = { operation: 'INSTALL', connector_code: 'hubspot-crm', installation_config }
    const reply = await post(application, 'connectors', body)
    expect(reply.status).toBeGreaterThanOrEqual(400)
    const log = application.errors.map((thrown) => (thrown instanceof Error ? `${thrown.message}${thrown.stack}` : ''))
    expect(JSON.stringify([reply.body, log])).not.toContain('typed-secret')
    expect(JSON.stringify([reply.body, log])).toContain('•••')
  })
})

describe('the hub', () => {
  test('ends a sign-in by signing out', async () => {
    await start()
    const [cookie, other] = [await signIn(application), await signIn(application)]
    const statusOf = async (cookie: string) => (await ask('/hub/deliveries', { headers: { cookie } })).status
    expect([await statusOf(cookie), await statusOf(other)]).toEqual([200, 200])
    const stream = await ask('/hub/stream', { headers: { cookie } })
    await ask('/hub/logout', { method: 'POST', headers: { cookie, origin: application.url } })
    expect([await statusOf(cookie), await statusOf(other)]).toEqual([303, 200])
    // The stream of the sign-in ends with it.
    await new Response(stream.body).text()
  })

  test('ends the oldest of many sign-ins', async () => {
    await start()
    const first = await signIn(application)
    for (let number = 0; number < 100; number += 1) await signIn(application)
    expect((await ask('/hub/deliveries', { headers: { cookie: first } })).status).toBe(303)
  })

  test('limits its streams, and leaves nothing of those that ended', async () => {
    await start()
    const cookie = await signIn(application)
    const { signal } = application.stopping
    const before = getEventListeners(signal, 'abort').length
    for (let round = 0; round < 3; round += 1) {
      const streams = await Promise.all(Array.from({ length: 25 }, () => ask('/hub/stream', { headers: { cookie } })))
      expect(streams.filter(({ status }) => status === 200)).toHaveLength(20)
      expect(streams.filter(({ status }) => status === 503)).toHaveLength(5)
      expect(getEventListeners(signal, 'abort')).toHaveLength(before)
      await Promise.all(streams.map(({ body }) => body?.cancel()))
    }
    for (let number = 0; number < 30; number += 1) await ask('/hub/stream', { method: 'HEAD', headers: { cookie } })
    expect((await ask('/hub/stream', { headers: { cookie } })).status).toBe(200)
  })

  test('drops a stream that nobody reads', async () => {
    await start()
    const stream = await ask('/hub/stream', { headers: { cookie: await signIn(application) } })
    for (let number = 0; number < 200; number += 1)
      application.activity.publish({ kind: 'definitions', entry: { number } })
    const text = await new Response(stream.body).text()
    expect(text.split('event: definitions').length).toBeLessThan(105)
  })
})

test('closes connections beyond its limit', async () => {
  const { url } = await start()
  const { hostname, port } = new URL(url)
  let closed = 0
  const sockets = Array.from({ length: MOST_CONNECTIONS + 20 }, () =>
    connect(Number(port), hostname)
      .on('error', () => {})
      .on('close', () => {
        closed += 1
      }),
  )
  await vi.waitFor(() => expect(closed).toBe(20), { timeout: 30_000 })
  for (const socket of sockets) socket.destroy()
  await vi.waitFor(async () => expect((await fetch(`${url}/health`)).status).toBe(200), { timeout: 30_000 })
})

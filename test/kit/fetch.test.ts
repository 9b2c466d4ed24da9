import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { toEvents } from '../../generator/kit/delivery.ts'
import { MOST_CALLS, urlOf } from '../../generator/kit/fetch.ts'
import type { ReceiveOptions } from '../../generator/kit/receive.ts'
import { handleWebhook } from '../../generator/kit/receive.ts'
import type { Secrets } from '../../generator/kit/webhook.ts'
import { connectorOf, edit } from '../support/acme.ts'
import { webhookOf } from '../support/webhook.ts'

const beacon = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'beacon-pay.yaml'), 'utf8')
const webhook = webhookOf(connectorOf(beacon))
const secrets = { signing_key: 'k', api_key: 'a', account_id: 'acc/1' }
const payment = { id: 'tr_1', type: 'payment' }
const base = 'https://api.beacon.example/v1'
const paymentUrl = (id: string) => `${base}/accounts/acc%2F1/payments/${id}`

type FetchResource = (call: Request) => Promise<Response>

function signed(body: object): Request {
  const text = JSON.stringify(body)
  const signature = createHmac('sha256', 'k').update(text).digest('hex')
  return new Request('https://hooks.example.com/', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'beacon-signature': signature },
    body: text,
  })
}

/** The answer to a delivery, with what the application is told. */
async function received(body: object, options: Partial<ReceiveOptions<string, object>> = {}) {
  const events: unknown[] = []
  const onRefused = vi.fn<(reason: string) => void>()
  const onUnrecognized = vi.fn<NonNullable<ReceiveOptions<string, object>['onUnrecognized']>>()
  const handle = handleWebhook(webhook, {
    ...{ secrets, onRefused, onUnrecognized, enqueue: async (all) => void events.push(...all) },
    ...options,
  } as ReceiveOptions<string, object>)
  const response = await handle(signed(body))
  return {
    status: response.status,
    answer: (await response.json()) as unknown,
    events,
    refused: onRefused.mock.calls.flat(),
    unrecognized: onUnrecognized.mock.calls.flat(2),
  }
}

function read(delivery: object, fetchResource?: FetchResource) {
  return toEvents(webhook, JSON.stringify(delivery), 'application/json', { fetchResource, fields: secrets })
}

const responds = (body: unknown, status = 200) =>
  vi.fn<FetchResource>(async () => new Response(JSON.stringify(body), { status }))

describe('a fetched value', () => {
  test('is read by the rule, from a request without credentials', async () => {
    const fetchResource = responds({ status: 'paid' })
    const { status, events } = await received(payment, { fetchResource })
    expect({ status, events }).toMatchObject({
      status: 200,
      events: [{ data: { payment_id: 'tr_1', status: 'paid' } }],
    })
    const [call] = fetchResource.mock.calls[0] as [Request]
    expect([call.method, call.url, call.redirect]).toEqual(['GET', paymentUrl('tr_1'), 'manual'])
    expect(Object.fromEntries(call.headers)).toEqual({ accept: 'application/json', 'beacon-version': '2026-01' })
  })

  test('is fetched for the delivery that the application gets beside it', async () => {
    const seen: string[] = []
    await received(payment, {
      fetchResource: async (_, { delivery }) => {
        seen.push(delivery.url)
        return new Response('{"status":"paid"}')
      },
    })
    expect(seen).toEqual(['https://hooks.example.com/'])
  })

  test('is not fetched while a condition that does not need it is false', async () => {
    const fetchResource = responds({ status: 'paid' })
    const { status, events } = await received({ id: 'tr_1', type: 'other' }, { fetchResource })
    expect([status, events, fetchResource.mock.calls]).toEqual([200, [], []])
  })

  test('can be the parameter of another one, and each call is made once', async () => {
    const fetchResource = vi.fn<FetchResource>(async ({ url }) =>
      url.includes('orders')
        ? new Response('{"id":"or_1","items":[{"sku":"1","paid":true},{"sku":"2","paid":true}]}')
        : new Response('{"order":"or 1&x"}'),
    )
    const reading = await read({ id: 'tr_3', type: 'order' }, fetchResource)
    expect(reading).toMatchObject({
      events: [{ data: { order_id: 'or_1', sku: '1' } }, { data: { order_id: 'or_1', sku: '2' } }],
      unrecognized: [],
      calls: [],
      unread: [],
    })
    expect(fetchResource.mock.calls.map(([{ url }]) => url)).toEqual([
      paymentUrl('tr_3'),
      `${base}/orders?order=or+1%26x`,
    ])
  })

  test('reports values that no rule reads, and elements that become no event', async () => {
    const reading = await read(payment, responds({ status: 'paid', amount: { value: 1 } }))
    expect(reading).toMatchObject({ unread: ['$.payment.amount.value'] })
    const order = await read({ id: 'tr_3', type: 'order' }, responds({ order: 'o', id: 'o', items: [{ paid: false }] }))
    expect(order).toMatchObject({ events: [], unrecognized: [{ path: "$.order['items'][0]", value: { paid: false } }] })
  })

  test.each<[string, number, string, number, FetchResource]>([
    ['404', 200, 'gone', 1, responds({}, 404)],
    ['410', 200, 'gone', 1, responds({}, 410)],
    ['400', 200, 'refused', 1, responds({}, 400)],
    [
      'a redirect',
      200,
      'refused',
      1,
      async () => new Response(null, { status: 302, headers: { location: 'http://x' } }),
    ],
    [
      'an answer after a redirect that was followed',
      200,
      'refused',
      1,
      async () => Object.defineProperty(Response.json({ status: 'paid' }), 'redirected', { value: true }),
    ],
    ['401', 503, 'unauthorized', 1, responds({}, 401)],
    ['403', 503, 'unauthorized', 1, responds({}, 403)],
    ['429', 503, 'unavailable', 1, responds({}, 429)],
    ['500', 503, 'unavailable', 1, responds({}, 500)],
    ['a network error', 503, 'unavailable', 1, () => Promise.reject(new TypeError('fetch failed'))],
    ['no answer in time', 503, 'unavailable', 1, () => new Promise(() => undefined)],
    [
      'a body that stops',
      503,
      'unavailable',
      1,
      async () => new Response(new ReadableStream({ start: () => undefined })),
    ],
    ['a body that is not JSON', 200, 'malformed_json', 1, async () => new Response('<html>')],
    ['an empty body', 200, 'malformed_json', 1, async () => new Response(null, { status: 204 })],
    ['a body of 2 MB', 200, 'response_too_large', 1, async () => new Response(' '.repeat(2_000_000))],
  ])('that ends with %s is answered with %d: %s', async (_, status, problem, parts, fetchResource) => {
    const got = await received(payment, { fetchResource })
    expect(got).toMatchObject({ status, events: [], unrecognized: [{ path: '$', name: 'payment', problem }] })
    expect(got.unrecognized).toHaveLength(parts)
    expect(got.refused).toEqual(status === 200 ? [] : [problem])
    if (status !== 200) expect(got.answer).toEqual({ error: problem })
  })

  test('that throws at once is unavailable', async () => {
    const fetchResource = () => {
      throw new Error('no token')
    }
    expect(await received(payment, { fetchResource })).toMatchObject({ status: 503 })
  })

  test('without the option is answered with 500', async () => {
    expect(await received(payment)).toMatchObject({ status: 500, answer: { error: 'missing_fetch' } })
    expect(await received({ type: 'mail', messages: [] })).toMatchObject({ status: 200 })
  })

  test('whose URL needs a field that the installation lacks is answered with 500', async () => {
    const got = await received(payment, { secrets: { signing_key: 'k' }, fetchResource: responds({}) })
    expect(got).toMatchObject({ status: 500, answer: { error: 'missing_field' } })
  })

  test.each([[undefined], [''], [null], [{}], [true]])('without a parameter (%j) is reported', async (id) => {
    const got = await received({ id, type: 'payment' }, { fetchResource: responds({}) })
    expect(got).toMatchObject({ status: 200, unrecognized: [{ problem: 'missing_parameter', name: 'payment' }] })
  })

  test('leaves the other events of the delivery to be recorded', async () => {
    const both = edit(beacon, [
      '  deliveries:\n',
      `  deliveries:\n    - event: mail_changed\n      when: $.delivery.note > 0\n      data: { history_id: $.delivery.note }\n`,
    ])
    const events: unknown[] = []
    const handle = handleWebhook(webhookOf(connectorOf(both)), {
      ...{ secrets, fetchResource: responds({}, 500), enqueue: async (all) => void events.push(...all) },
    })
    const response = await handle(signed({ ...payment, note: 7 }))
    expect([response.status, events]).toMatchObject([503, [{ type: 'mail_changed' }]])
  })
})

describe('the calls of a delivery', () => {
  const text = edit(
    beacon,
    ['    - event: payment_changed\n', '    - event: payment_changed\n      for: { id: "$.delivery.ids[*]" }\n'],
    [
      "parameters: { id: $.delivery.id } } }\n      when: $.delivery.type == 'payment'\n      data: { payment_id: $.delivery.id, status",
      "parameters: { id: $.id } } }\n      when: $.delivery.type == 'payment'\n      data: { payment_id: $.id, status",
    ],
    ['\'{"id":"tr_1","type":"payment"}\'', '\'{"ids":["tr_1"],"type":"payment"}\''],
    ['\'{"id":"tr_2","type":"payment"}\'', '\'{"ids":["tr_2"],"type":"payment"}\''],
    ['["$, $.payment"]', `["$['ids'][0], $.payment"]`],
  )
  const many = webhookOf(connectorOf(text))
  const readMany = (ids: readonly string[], fetchResource: FetchResource) =>
    toEvents(many, JSON.stringify({ type: 'payment', ids }), null, { fetchResource, fields: secrets })

  test(`are at most ${MOST_CALLS}, eight at once, and the rest is reported`, async () => {
    let [running, most] = [0, 0]
    const fetchResource = vi.fn<FetchResource>(async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running -= 1
      return new Response('{"status":"paid"}')
    })
    const reading = await readMany(
      Array.from({ length: 60 }, (_, index) => `tr_${index}`),
      fetchResource,
    )
    if (!reading.readable) throw new Error('not readable')
    expect([fetchResource.mock.calls.length, most]).toEqual([MOST_CALLS, 8])
    expect(reading.events.map(({ data }) => (data as { payment_id: string }).payment_id)).toEqual(
      Array.from({ length: MOST_CALLS }, (_, index) => `tr_${index}`),
    )
    expect(reading.unrecognized).toHaveLength(10)
    expect(reading.unrecognized[0]).toEqual({
      ...{ path: "$['ids'][50]", value: 'tr_50', name: 'payment', problem: 'too_many_calls' },
    })
  })

  test('are made once if they are identical', async () => {
    const fetchResource = responds({ status: 'paid' })
    const reading = await readMany(Array(1000).fill('tr_1'), fetchResource)
    expect([fetchResource.mock.calls.length, reading.readable && reading.events.length]).toEqual([1, 1000])
  })

  test('end at the deadline', async () => {
    const started = Date.now()
    const reading = await toEvents(webhook, JSON.stringify(payment), null, {
      fetchResource: () => new Promise(() => undefined),
      fields: secrets,
      deadline: Date.now() + 100,
    })
    expect(reading).toMatchObject({ unrecognized: [{ problem: 'unavailable' }] })
    expect(Date.now() - started).toBeLessThan(2000)
  })
})

describe('the URL of a call', () => {
  const resource = {
    base_url: 'https://{region}.example.com/v1',
    path: '/{account}/files/{name}',
    query: { format: 'full' },
  }
  const fields = { region: 'eu', account: ['old/account', 'new'] }

  test('has parameters in path and query, and fields of the installation', () => {
    expect(String(urlOf(resource, { name: 'a/b', since: '1&2' }, fields))).toBe(
      'https://eu.example.com/v1/old%2Faccount/files/a%2Fb?format=full&since=1%262',
    )
  })

  test.each<[string, string, Secrets]>([
    ['unsafe_parameter', '..', fields],
    ['unsafe_parameter', '.', fields],
    ['unsafe_parameter', '\ud800', fields],
    ['unsafe_parameter', 'a', { ...fields, region: 'evil.example/' }],
    ['unsafe_parameter', 'a', { ...fields, region: 'evil.test' }],
    ['unsafe_parameter', 'a', { ...fields, region: 'a@evil' }],
    ['missing_field', 'a', { region: 'eu' }],
  ])('does not exist: %s', (problem, name, given) => {
    expect(urlOf(resource, { name }, given)).toEqual({ problem })
  })

  test.each(['http://api.example.com', 'https://127.0.0.1', 'https://localhost', 'https://10.0.0.1'])(
    'is not called at %s',
    async (base_url) => {
      const fetchResource = responds({})
      const unsafe = { ...webhook, resources: { get_payment: { base_url, path: '/{id}' } } }
      const reading = await toEvents(unsafe, JSON.stringify(payment), null, { fetchResource, fields: secrets })
      expect(reading).toMatchObject({ unrecognized: [{ problem: 'unsafe_address' }] })
      expect(fetchResource.mock.calls).toEqual([])
    },
  )
})

describe('an unpacked value', () => {
  const packed = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
  const mail = (...data: unknown[]) => ({ type: 'mail', messages: data.map((one) => ({ data: one })) })

  test.each<[string, string]>([
    ['with padding', packed({ historyId: 7, x: '>>>???' })],
    ['without padding', packed({ historyId: 7, x: '>>>???' }).replace(/=+$/, '')],
    ['in the alphabet of URLs', Buffer.from('{"historyId":7,"x":">>>???"}').toString('base64url')],
  ])('is read from Base64 %s', async (_, data) => {
    expect(await read(mail(data))).toMatchObject({
      events: [{ data: { history_id: '7' } }],
      unrecognized: [],
      unread: ['$.note.x'],
    })
  })

  test.each<[string, unknown, string]>([
    ['a number', 7, 'not_text'],
    ['an object', { historyId: 7 }, 'not_text'],
    ['a list', [], 'not_text'],
    ['no Base64', '{"historyId":7}', 'malformed_base64'],
    ['an empty string', '', 'malformed_base64'],
    ['Base64 of text', Buffer.from('hello').toString('base64'), 'malformed_json'],
    ['Base64 of other bytes', Buffer.from([0xff, 0xfe, 0xfd]).toString('base64'), 'malformed_base64'],
  ])('that is %s is reported with the part, and the other parts are read', async (_, data, problem) => {
    expect(await read(mail(data, packed({ historyId: 8 })))).toMatchObject({
      events: [{ data: { history_id: '8' } }],
      unrecognized: [{ path: "$['messages'][0]", value: { data }, name: 'note', problem }],
    })
  })

  test.each([[undefined], [null]])('that is not there (%j) leaves the part without a problem', async (data) => {
    const reading = await read(mail(data))
    expect(reading).toMatchObject({ events: [] })
    expect(reading.readable && reading.unrecognized).toEqual([
      { path: "$['messages'][0]", value: { ...(data === null ? { data } : {}) } },
    ])
  })

  test('is not unpacked while a condition that does not need it is false', async () => {
    const reading = await read({ ...mail('not Base64'), type: 'other' })
    expect(reading).toMatchObject({ unrecognized: [{ path: "$['messages'][0]" }] })
    expect(JSON.stringify(reading)).not.toContain('malformed')
  })

  test('keeps numbers beyond 2^53 where the connector has them', async () => {
    const exact = webhookOf(connectorOf(edit(beacon, ['  deliveries:\n', '  exact_numbers: true\n  deliveries:\n'])))
    const data = Buffer.from('{"historyId":90071992547409931}').toString('base64')
    const reading = await toEvents(exact, JSON.stringify(mail(data)), null)
    expect(reading.readable && reading.unrecognized.length + reading.events.length).toBe(1)
    const text = JSON.stringify(reading)
    expect(text).not.toContain('90071992547409930')
  })

  test('has the same parts for all rules, and is read by each', async () => {
    const rule = (name: string, type: string) => `    - event: ${name}
      for: { line: "$.batch.lines[?@.type == '${type}']" }
      unpack: { batch: { from: $.delivery.batch, as: json } }
      when: $.delivery.kind != '${type}'
      data: { history_id: $.line.id }
`
    const text = edit(beacon, [
      '  deliveries:\n',
      `  deliveries:\n${rule('mail_changed', 'a')}${rule('mail_changed', 'b')}`,
    ])
    const batch = JSON.stringify({
      lines: [
        { type: 'a', id: 1 },
        { type: 'b', id: 2 },
        { type: 'c', id: 3 },
      ],
    })
    const reading = await toEvents(webhookOf(connectorOf(text)), JSON.stringify({ batch, kind: 'x' }), null)
    expect(reading).toMatchObject({
      events: [{ data: { history_id: '1' } }, { data: { history_id: '2' } }],
      unrecognized: [{ path: "$.batch['lines'][2]", value: { type: 'c', id: 3 } }],
    })
    expect(reading.readable && reading.unrecognized).toHaveLength(1)
  })

  test('of a large delivery takes time in proportion', async () => {
    const notes = Array.from({ length: 20_000 }, (_, historyId) => packed({ historyId: historyId + 1 }))
    const started = performance.now()
    const reading = await read(mail(...notes))
    expect(reading.readable && reading.events.length).toBe(20_000)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

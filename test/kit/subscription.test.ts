import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type {
  SubscriptionCall,
  SubscriptionDescription,
  SubscriptionOptions,
} from '../../generator/kit/subscription.ts'
import {
  createSubscription,
  deleteSubscription,
  needsRenewal,
  renewSubscription,
} from '../../generator/kit/subscription.ts'
import type { Listening } from '../../generator/sandbox/listen.ts'
import { listen } from '../../generator/sandbox/listen.ts'
import { subscriptionDescriptions } from '../../generator/targets/typescript/subscription-file.ts'
import { connectorOf } from '../support/acme.ts'

interface Seen {
  readonly call: string
  readonly type: string | null
  readonly authorization: string | null
  readonly body: string
}

const fixture = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'subscription-shapes.yaml'), 'utf8')
const now = Date.UTC(2026, 10, 30)
const callbackUrl = 'https://app.example.com/webhooks/1?a=b&c=d'

let server: Listening
let seen: Seen[] = []
let answers: (() => Response | Promise<Response>)[] = []

beforeAll(async () => {
  server = await listen(
    async (request) => {
      const { pathname, search } = new URL(request.url)
      const { headers } = request
      seen.push({
        call: `${request.method} ${pathname}${search}`,
        type: headers.get('content-type'),
        authorization: headers.get('authorization'),
        body: await request.text(),
      })
      return (await answers.shift()?.()) ?? new Response(null, { status: 500 })
    },
    { host: '127.0.0.1', port: 0 },
  )
})
afterAll(() => server.stop())
beforeEach(() => {
  seen = []
  answers = []
})

/** The description of one vendor's subscription, with the fake vendor in place of the real one. */
function description(name: string): SubscriptionDescription {
  const found = subscriptionDescriptions(connectorOf(fixture)).find((one) => one.name === name)
  if (found === undefined) throw new Error(`the fixture has no subscription ${name}`)
  const local = (call: SubscriptionCall) => ({ ...call, base_url: `http://127.0.0.1:${server.port}/v1` })
  return {
    ...found,
    create: local(found.create),
    ...(found.renew === undefined ? {} : { renew: local(found.renew) }),
    ...(found.delete === undefined ? {} : { delete: local(found.delete) }),
  }
}

function options(more: Partial<SubscriptionOptions> = {}): SubscriptionOptions {
  const send = (request: Request) => {
    request.headers.set('authorization', 'Bearer at-1')
    return fetch(request)
  }
  return { send, now, allow: [`127.0.0.1:${server.port}`], ...more }
}

const json = (body: unknown, init?: ResponseInit) => () => Response.json(body, init)
const empty = (status: number) => () => new Response(null, { status })

describe('a fake vendor', () => {
  test('Microsoft Graph: a generated secret, an expiry, a renewal', async () => {
    const graph = description('graph')
    answers = [
      json({ id: 'g/1', expirationDateTime: '2026-12-02T10:30:00.0000000Z' }, { status: 201 }),
      json({ id: 'g/1', expirationDateTime: '2026-12-05T10:30:00Z' }),
      empty(204),
    ]
    const stored: object[] = []
    const keep = (values: object) => stored.push({ ...values, calls: seen.length })
    const parameters = { resource: 'me/messages' }
    const created = await createSubscription(graph, {}, { callbackUrl, parameters }, options({ keep }))
    if (!created.ok) throw new Error(created.error.reason)
    expect(created.keeps.client_state).toMatch(/^[\w-]{43}$/)
    expect(stored).toEqual([{ client_state: created.keeps.client_state, calls: 0 }])
    expect(seen[0]).toMatchObject({ call: 'POST /v1/graph/subscriptions', authorization: 'Bearer at-1' })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      changeType: 'created,updated,deleted',
      notificationUrl: callbackUrl,
      resource: 'me/messages',
      expirationDateTime: '2026-12-02T22:30:00.000Z',
      clientState: created.keeps.client_state,
    })
    const { subscription } = created
    expect(subscription).toEqual({
      ...{ callback_url: callbackUrl, events: ['created', 'updated', 'deleted'], parameters, id: 'g/1' },
      expires_at: '2026-12-02T10:30:00.000Z',
    })
    expect(needsRenewal(graph, subscription, Date.UTC(2026, 11, 1, 22, 29))).toBe(false)
    expect(needsRenewal(graph, subscription, Date.UTC(2026, 11, 1, 22, 30))).toBe(true)
    const renewed = await renewSubscription(graph, {}, JSON.parse(JSON.stringify(subscription)), options())
    expect(renewed).toMatchObject({ ok: true, subscription: { expires_at: '2026-12-05T10:30:00.000Z' }, keeps: {} })
    expect(await deleteSubscription(graph, {}, subscription, options())).toEqual({ ok: true })
    expect(seen.slice(1).map(({ call }) => call)).toEqual([
      'PATCH /v1/graph/subscriptions/g%2F1',
      'DELETE /v1/graph/subscriptions/g%2F1',
    ])
    expect(seen[2]).toMatchObject({ body: '', type: null })
  })

  test('Google Calendar: an id from the kit, and a new channel in place of a renewal', async () => {
    const calendar = description('calendar')
    const channel = (resourceId: string) => async () => {
      const { id } = JSON.parse(seen.at(-1)?.body ?? '')
      return Response.json({ id, resourceId, expiration: String(now + 3_600_000) })
    }
    answers = [channel('r-1'), channel('r-2'), empty(204)]
    const parameters = { calendar_id: 'a/../b@example.com' }
    const first = await createSubscription(
      calendar,
      { channel_token: 'token-1' },
      { callbackUrl, parameters },
      options(),
    )
    if (!first.ok) throw new Error(first.error.reason)
    expect(first.keeps).toEqual({})
    expect(first.subscription).toMatchObject({ expires_at: '2026-11-30T01:00:00.000Z', values: { resource_id: 'r-1' } })
    expect(first.subscription.id).toMatch(/^[0-9a-f-]{36}$/)
    const second = await renewSubscription(calendar, { channel_token: 'token-1' }, first.subscription, options())
    if (!second.ok) throw new Error(second.error.reason)
    expect(second.subscription.id).not.toBe(first.subscription.id)
    expect(second.leftover).toBeUndefined()
    expect(seen.map(({ call }) => call)).toEqual([
      'POST /v1/calendars/a%2F..%2Fb@example.com/events/watch',
      'POST /v1/calendars/a%2F..%2Fb@example.com/events/watch',
      'POST /v1/channels/stop',
    ])
    expect(JSON.parse(seen[2]?.body ?? '')).toEqual({ id: first.subscription.id, resourceId: 'r-1' })
  })

  test('Stripe: the secret is in the answer, and events are repeated in a form', async () => {
    answers = [json({ id: 'we_1', secret: 'whsec_made_up' })]
    const result = await createSubscription(description('endpoint'), {}, { callbackUrl }, options())
    expect(result).toMatchObject({ ok: true, keeps: { signing_secret: 'whsec_made_up' } })
    expect(JSON.stringify(result.ok && result.subscription)).not.toContain('whsec')
    expect(seen[0]?.type).toMatch(/^application\/x-www-form-urlencoded/)
    expect([...new URLSearchParams(seen[0]?.body)]).toEqual([
      ['url', callbackUrl],
      ['enabled_events[]', 'charge.succeeded'],
      ['enabled_events[]', 'charge.failed'],
    ])
  })

  test('Stripe: a new endpoint has another secret than the configured one, which the result shows', async () => {
    answers = [json({ id: 'we_2', secret: 'whsec_new' }), json({ id: 'we_2', secret: 'whsec_new' })]
    for (const [signing_secret, replaced] of [
      ['whsec_old', ['signing_secret']],
      ['whsec_new', undefined],
    ] as const) {
      const result = await createSubscription(description('endpoint'), { signing_secret }, { callbackUrl }, options())
      expect(result).toMatchObject({ ok: true, keeps: { signing_secret: 'whsec_new' } })
      expect(result.ok && result.replaced).toEqual(replaced)
    }
  })

  test('Shopify: one topic for each webhook, and a number as id', async () => {
    const shop = description('shop')
    answers = [json({ webhook: { id: 4759306 } }, { status: 201 }), empty(404)]
    expect(await createSubscription(shop, {}, { callbackUrl }, options())).toEqual({
      ok: false,
      error: { reason: 'missing_value', name: 'events' },
    })
    const result = await createSubscription(shop, {}, { callbackUrl, events: ['orders/create'] }, options())
    if (!result.ok) throw new Error(result.error.reason)
    expect(JSON.parse(seen[0]?.body ?? '').webhook.topic).toBe('orders/create')
    expect(await deleteSubscription(shop, {}, result.subscription, options())).toEqual({ ok: true })
    expect(seen[1]?.call).toBe('DELETE /v1/webhooks/4759306.json')
  })

  test('Meta: fields in the query, and neither an id nor an end', async () => {
    const page = description('page')
    answers = [json({ success: true })]
    const result = await createSubscription(page, { page_id: '1' }, { callbackUrl }, options())
    if (!result.ok) throw new Error(result.error.reason)
    expect(seen[0]?.call).toBe('POST /v1/1/subscribed_apps?subscribed_fields=feed%2Cleadgen')
    expect(result.subscription).toEqual({ callback_url: callbackUrl, events: ['feed', 'leadgen'], parameters: {} })
    expect(needsRenewal(page, result.subscription, Number.MAX_SAFE_INTEGER)).toBe(false)
  })
})

describe('an error has the cause', () => {
  const cases: readonly (readonly [string, { given: () => Response | Promise<Response>; want: object }])[] = [
    [
      'a refusal',
      { given: json({ error: 'at-1 is wrong' }, { status: 403 }), want: { reason: 'refused', status: 403 } },
    ],
    ['a limit', { given: empty(429), want: { reason: 'unavailable', status: 429 } }],
    [
      'an answer without an id',
      { given: json({ secret: 's' }), want: { reason: 'malformed_answer', name: 'id', status: 200 } },
    ],
    [
      'an answer without the secret',
      { given: json({ id: 'we_1' }), want: { reason: 'malformed_answer', name: 'signing_secret', status: 200 } },
    ],
    [
      'an answer that is not JSON',
      { given: () => new Response('<html>'), want: { reason: 'malformed_answer', name: 'id', status: 200 } },
    ],
    [
      'an answer that is too large',
      { given: () => new Response('x'.repeat(300_000)), want: { reason: 'answer_too_large', status: 200 } },
    ],
    [
      'a redirect',
      {
        given: () => new Response(null, { status: 302, headers: { location: 'https://other.example' } }),
        want: { reason: 'unsafe_address', code: 'redirect' },
      },
    ],
    ['no answer in time', { given: () => new Promise(() => undefined), want: { reason: 'timeout' } }],
  ]

  test.each(cases)('%s', async (_, { given, want }) => {
    answers = [given]
    const result = await createSubscription(description('endpoint'), {}, { callbackUrl }, options({ timeout: 300 }))
    expect(result).toEqual({ ok: false, error: want })
  })

  test('a function that throws, and one that never resolves', async () => {
    const create = (send: SubscriptionOptions['send']) =>
      createSubscription(description('endpoint'), {}, { callbackUrl }, options({ send, timeout: 100 }))
    const refused = Object.assign(new TypeError('fetch failed with Bearer at-1'), { cause: { code: 'ECONNREFUSED' } })
    expect(await create(() => Promise.reject(refused))).toEqual({
      ok: false,
      error: { reason: 'unreachable', code: 'ECONNREFUSED' },
    })
    expect(await create(() => new Promise(() => undefined))).toEqual({ ok: false, error: { reason: 'timeout' } })
  })

  test('values that are missing or would lead elsewhere, before anything is sent', async () => {
    const page = description('page')
    const create = (page_id: string) => createSubscription(page, { page_id }, { callbackUrl }, options())
    expect(await create('')).toEqual({ ok: false, error: { reason: 'missing_value', name: 'page_id' } })
    expect(await create('..')).toEqual({ ok: false, error: { reason: 'unsafe_value', name: 'page_id' } })
    const hosted = { ...page, create: { ...page.create, base_url: 'https://{page_id}.acme.example' } }
    for (const page_id of ['evil.test', 'evil.test/', 'a@evil', 'evil:1'])
      expect(await createSubscription(hosted, { page_id }, { callbackUrl }, options())).toEqual({
        ok: false,
        error: { reason: 'unsafe_value', name: 'page_id' },
      })
    const calendar = description('calendar')
    const without = await createSubscription(calendar, {}, { callbackUrl, parameters: {} }, options())
    expect(without).toEqual({ ok: false, error: { reason: 'missing_value', name: 'calendar_id' } })
    expect(seen).toEqual([])
  })

  test('a private address is refused', async () => {
    const result = await createSubscription(description('endpoint'), {}, { callbackUrl }, options({ allow: [] }))
    expect(result).toEqual({ ok: false, error: { reason: 'unsafe_address', code: 'not_https' } })
    expect(seen).toEqual([])
  })

  test('generated values that cannot be stored', async () => {
    const keep = () => Promise.reject(new Error('the database is down'))
    const parameters = { resource: 'me/messages' }
    const result = await createSubscription(description('graph'), {}, { callbackUrl, parameters }, options({ keep }))
    expect(result).toEqual({ ok: false, error: { reason: 'not_kept' } })
    expect(seen).toEqual([])
  })

  test('an end that no calendar has', async () => {
    answers = [json({ id: 'g-1', expirationDateTime: 'tomorrow' })]
    const parameters = { resource: 'me/messages' }
    const result = await createSubscription(description('graph'), {}, { callbackUrl, parameters }, options())
    expect(result).toEqual({ ok: false, error: { reason: 'malformed_answer', name: 'expires', status: 200 } })
  })

  test('a subscription that was replaced, but not deleted', async () => {
    const calendar = description('calendar')
    answers = [json({ id: 'c-2', resourceId: 'r-2', expiration: now }), empty(503)]
    const old = {
      callback_url: callbackUrl,
      events: [],
      parameters: { calendar_id: 'c' },
      id: 'c-1',
      values: { resource_id: 'r-1' },
    }
    const result = await renewSubscription(calendar, { channel_token: 't' }, old, options())
    expect(result).toMatchObject({
      ok: true,
      subscription: { id: 'c-2' },
      leftover: { reason: 'unavailable', status: 503 },
    })
  })
})

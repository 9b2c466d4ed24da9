import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Events } from '../../generated/typescript/connectors/whatsapp-business-cloud.js'
import { webhook as hubspot } from '../../generated/typescript/webhooks/hubspot-crm.js'
import { webhook as linkedin } from '../../generated/typescript/webhooks/linkedin-api.js'
import { webhook as meta } from '../../generated/typescript/webhooks/meta-graph-api.js'
import { webhook as whatsapp } from '../../generated/typescript/webhooks/whatsapp-business-cloud.js'
import { webhook as zapier } from '../../generated/typescript/webhooks/zapier-webhook.js'
import { toEvents } from '../../generator/kit/delivery.ts'
import type { Unrouted } from '../../generator/kit/receive-all.ts'
import { handleWebhooks } from '../../generator/kit/receive-all.ts'
import type { EventRecorder } from '../../generator/kit/record.ts'
import type { AnyEvents, RoutedWebhook } from '../../generator/kit/webhook.ts'

const APP = { app_secret: 'app-secret', webhook_verify_token: 'verify-token' }

/** Organizations, each with the ids of the events that it received. */
class Organizations {
  readonly received: string[] = []

  clientOf(organization: string): EventRecorder {
    return {
      sendEvent: async (event) => {
        const { data } = event as { readonly data: Readonly<Record<string, unknown>> }
        this.received.push(
          `${organization}: ${data.message_id ?? data.page_id ?? data.hubspot_contact_id ?? data.lead_id}`,
        )
        return { ok: true, data: {} as never }
      },
    }
  }
}

function signed(body: string, secret = APP.app_secret): Request {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return new Request('https://hooks.example.com/all', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  })
}

interface Change {
  readonly number?: unknown
  readonly account?: unknown
  readonly id: string
}

/** A WhatsApp delivery with a message for each change. */
function messages(...changes: readonly Change[]): string {
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: changes.map(({ number, account = '1', id }) => ({
      id: account,
      changes: [
        {
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '15550000', phone_number_id: number },
            messages: [{ id, from: '4912345', timestamp: '1793442600', type: 'text', text: { body: 'Hello' } }],
          },
        },
      ],
    })),
  })
}

interface Known {
  readonly id: string
  readonly secret?: string
  readonly phone_number_id?: string
  readonly business_account_id?: string
}

/** An endpoint for WhatsApp installations, and what happens in it. */
function whatsappEndpoint(known: readonly Known[], options: { readonly secrets?: typeof APP } = {}) {
  const organizations = new Organizations()
  const [lookups, unrouted, refused]: [string[], Unrouted<Events>[], string[]] = [[], [], []]
  const handle = handleWebhooks(whatsapp, {
    ...options,
    installations(value, field) {
      lookups.push(`${field}=${value}`)
      return known
        .filter((one) => one[field] === value)
        .map(({ id, secret = APP.app_secret }) => ({
          id,
          secrets: { app_secret: secret, webhook_verify_token: `${id}-token` },
          hera: organizations.clientOf(id),
        }))
    },
    onUnrouted: (all) => unrouted.push(...all),
    onRefused: (reason) => refused.push(reason),
  })
  return {
    ...{ lookups, refused, received: organizations.received },
    unrouted: () => unrouted.map(({ reason, field, value, events }) => `${reason} ${field}=${value} ${events.length}`),
    async post(body: string, secret?: string) {
      const response = await handle(signed(body, secret))
      return [response.status, await response.json()]
    },
    get: (query: string) => handle(new Request(`https://hooks.example.com/all?${query}`)),
  }
}

describe('the secret belongs to the app', () => {
  test('a delivery is verified once, and each part goes to its own installation', async () => {
    const endpoint = whatsappEndpoint(
      [
        { id: 'a', phone_number_id: '11' },
        { id: 'b', phone_number_id: '22' },
      ],
      { secrets: APP },
    )
    const body = messages({ number: '11', id: 'm1' }, { number: '22', id: 'm2' }, { number: '11', id: 'm3' })
    expect(await endpoint.post(body)).toEqual([200, { received: 3, unrecognized: 0, unrouted: 0 }])
    expect(endpoint.received).toEqual(['a: m1', 'b: m2', 'a: m3'])
    expect(endpoint.lookups).toEqual(['phone_number_id=11', 'phone_number_id=22'])
    expect(endpoint.unrouted()).toEqual([])
  })

  test('nothing is looked up before the request is verified', async () => {
    const endpoint = whatsappEndpoint([{ id: 'a', phone_number_id: '11' }], { secrets: APP })
    expect((await endpoint.post(messages({ number: '11', id: 'm1' }), 'another'))[0]).toBe(401)
    expect(endpoint.lookups).toEqual([])
    expect(endpoint.refused).toEqual(['signature_mismatch'])
  })

  test('a handshake that needs the secret of the app is answered', async () => {
    const query = 'hub.mode=subscribe&hub.challenge=42&hub.verify_token='
    const endpoint = whatsappEndpoint([], { secrets: APP })
    expect(await (await endpoint.get(`${query}verify-token`)).text()).toBe('42')
    expect((await endpoint.get(`${query}another`)).status).toBe(403)
  })

  test('HubSpot portals, Meta pages and LinkedIn accounts are found by their values', async () => {
    const routesOf = async (webhook: RoutedWebhook<string, never>, body: unknown) => {
      const reading = await toEvents(webhook, JSON.stringify(body), 'application/json')
      return reading.readable
        ? reading.routes.map((routes) => routes.map(({ field, value }) => `${field}=${value}`))
        : []
    }
    const change = { subscriptionType: 'contact.creation', occurredAt: 1790000000000, eventId: 1, objectId: 1 }
    expect(
      await routesOf(hubspot as never, [
        { ...change, portalId: 33 },
        { ...change, portalId: 44 },
      ]),
    ).toEqual([['portal_id=33'], ['portal_id=44']])
    const lead = { leadgen_id: '1', page_id: '7', form_id: '1', created_time: 1793442650 }
    const entry = { id: '7', time: 1793442600, changes: [{ field: 'leadgen', value: lead }] }
    expect(await routesOf(meta as never, { object: 'page', entry: [entry, { ...entry, id: 8 }] })).toEqual([
      ['page_id=7'],
      ['page_id=8'],
    ])
    const mention = { id: '9', time: 1793442968, changes: [{ field: 'mentions', value: { media_id: '1' } }] }
    expect(await routesOf(meta as never, { object: 'instagram', entry: [mention] })).toEqual([
      ['instagram_business_account_id=9'],
    ])
    const note = { lastModifiedAt: 1691574506310, action: 'LIKE', notificationId: 1, sourcePost: 'urn:li:activity:1' }
    const notes = ['urn:li:organization:5', 'urn:li:other:6'].map((organizationalEntity) => ({
      ...note,
      organizationalEntity,
    }))
    expect(
      await routesOf(linkedin as never, { type: 'ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS', notifications: notes }),
    ).toEqual([['organization_id=5'], []])
  })
})

describe('the secret belongs to the installation', () => {
  const known = [
    { id: 'a', phone_number_id: '11', secret: 'secret-a' },
    { id: 'b', phone_number_id: '22', secret: 'secret-b' },
  ]

  test('the value chooses the secret', async () => {
    const endpoint = whatsappEndpoint(known)
    expect((await endpoint.post(messages({ number: '22', id: 'm1' }), 'secret-b'))[0]).toBe(200)
    expect(endpoint.received).toEqual(['b: m1'])
  })

  test('a delivery for one installation that another one signed is refused', async () => {
    const endpoint = whatsappEndpoint(known)
    expect((await endpoint.post(messages({ number: '22', id: 'm1' }), 'secret-a'))[0]).toBe(401)
    expect([endpoint.received, endpoint.unrouted()]).toEqual([[], []])
  })

  test('parts for another installation never reach it', async () => {
    const endpoint = whatsappEndpoint(known)
    const body = messages({ number: '11', id: 'm1' }, { number: '22', id: 'm2' })
    expect(await endpoint.post(body, 'secret-a')).toEqual([200, { received: 2, unrecognized: 0, unrouted: 1 }])
    expect(endpoint.received).toEqual(['a: m1'])
    expect(endpoint.unrouted()).toEqual(['not_verified phone_number_id=22 0'])
  })

  test('an account value does not decide where a number is present', async () => {
    const endpoint = whatsappEndpoint([{ id: 'a', business_account_id: '1', secret: 'secret-a' }])
    expect((await endpoint.post(messages({ number: '99', account: '1', id: 'm1' }), 'secret-a'))[0]).toBe(200)
    expect(endpoint.received).toEqual([])
    expect(endpoint.unrouted()).toEqual(['not_installed phone_number_id=99 1'])
  })

  test('a delivery without a signature is refused before its body is parsed', async () => {
    let lookups = 0
    const handle = handleWebhooks(whatsapp, {
      installations: () => {
        lookups += 1
        return []
      },
      enqueue: async () => undefined,
      onUnrouted: () => undefined,
    })
    const request = new Request('https://h.example', { method: 'POST', body: messages({ number: '11', id: 'm1' }) })
    expect((await handle(request)).status).toBe(401)
    expect(lookups).toBe(0)
  })

  test.each([
    ['absent', undefined],
    ['null', null],
    ['an object', { a: 1 }],
    ['a list', ['11']],
    ['a number that is not exact', 2 ** 60],
    ['true', true],
    ['empty', ''],
    ['too long', '1'.repeat(201)],
  ])('a value that is %s identifies nobody', async (_, number) => {
    const endpoint = whatsappEndpoint(known)
    expect((await endpoint.post(messages({ number, account: number ?? null, id: 'm1' }), 'secret-a'))[0]).toBe(403)
    expect([endpoint.refused, endpoint.received]).toEqual([['not_routed'], []])
  })

  test.each(['__proto__', 'constructor', 'toString', '{"a":1}'])('%s is a value as any other', async (number) => {
    const endpoint = whatsappEndpoint([{ id: 'a', phone_number_id: number, secret: 'secret-a' }])
    expect((await endpoint.post(messages({ number, id: 'm1' }), 'secret-a'))[0]).toBe(200)
    expect(endpoint.received).toEqual(['a: m1'])
  })

  test('a handshake that needs a secret of the installation is refused with a reason', async () => {
    const endpoint = whatsappEndpoint(known)
    const response = await endpoint.get('hub.mode=subscribe&hub.challenge=42&hub.verify_token=a-token')
    expect([response.status, await response.json()]).toEqual([403, { error: 'not_routed' }])
    expect(endpoint.refused).toEqual(['not_routed'])
  })
})

describe('installations that nobody has, or several', () => {
  test('an unknown value is reported, and the vendor does not repeat the delivery', async () => {
    const endpoint = whatsappEndpoint([])
    expect((await endpoint.post(messages({ number: '11', id: 'm1' })))[0]).toBe(200)
    expect(endpoint.unrouted()).toEqual(['not_installed phone_number_id=11 0', 'not_installed business_account_id=1 0'])
  })

  test('the events of an unknown part are reported', async () => {
    const endpoint = whatsappEndpoint([{ id: 'a', phone_number_id: '11' }])
    await endpoint.post(messages({ number: '11', id: 'm1' }, { number: '33', id: 'm2' }))
    expect(endpoint.received).toEqual(['a: m1'])
    expect(endpoint.unrouted()).toEqual(['not_installed phone_number_id=33 1'])
  })

  test('each installation with the value gets the event', async () => {
    const endpoint = whatsappEndpoint([
      { id: 'a', phone_number_id: '11' },
      { id: 'b', phone_number_id: '11' },
      { id: 'c', phone_number_id: '11', secret: 'outdated' },
    ])
    await endpoint.post(messages({ number: '11', id: 'm1' }))
    expect(endpoint.received).toEqual(['a: m1', 'b: m1'])
    expect(endpoint.unrouted()).toEqual(['not_verified phone_number_id=11 0'])
  })

  test('five installations get an event, and more are reported', async () => {
    const endpoint = whatsappEndpoint(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id, phone_number_id: '11' })))
    await endpoint.post(messages({ number: '11', id: 'm1' }))
    expect(endpoint.received).toHaveLength(5)
    expect(endpoint.unrouted()).toEqual(['too_many_installations phone_number_id=11 1'])
  })

  test('at most five different secrets are tried', async () => {
    const secrets = ['a', 'b', 'c', 'd', 'e', 'f']
    const endpoint = whatsappEndpoint(secrets.map((id) => ({ id, phone_number_id: id, secret: `secret-${id}` })))
    const body = messages(...secrets.map((number) => ({ number, id: `m-${number}` })))
    expect((await endpoint.post(body, 'secret-f'))[0]).toBe(401)
    expect((await endpoint.post(body, 'secret-e'))[0]).toBe(200)
    expect(endpoint.received).toEqual(['e: m-e'])
  })

  test('ten thousand values cost at most a thousand lookups, and twenty before the request is verified', async () => {
    const body = messages(...Array.from({ length: 10_000 }, (_, index) => ({ number: `n${index}`, id: `m${index}` })))
    const stranger = whatsappEndpoint([])
    expect((await stranger.post(body, 'unknown'))[0]).toBe(200)
    expect(stranger.lookups).toHaveLength(20)
    const endpoint = whatsappEndpoint([{ id: 'a', phone_number_id: 'n3' }])
    expect((await endpoint.post(body))[0]).toBe(200)
    expect(endpoint.lookups).toHaveLength(1000)
    expect(endpoint.received).toEqual(['a: m3'])
    expect(endpoint.unrouted()).toContain('too_many_values phone_number_id=n9999 1')
  })
})

describe('the application', () => {
  const body = messages({ number: '11', id: 'm1' })

  test('gets events with their installations for its own queue', async () => {
    const queue: string[] = []
    const handle = handleWebhooks(whatsapp, {
      secrets: APP,
      installations: async () => [{ id: 'a', organization: 'o' }],
      enqueue: async (events) => {
        queue.push(...events.map(({ event, installation }) => `${event.type} ${installation.organization}`))
      },
      onUnrouted: () => undefined,
    })
    expect((await handle(signed(body))).status).toBe(200)
    expect(queue).toEqual(['message_received o'])
  })

  test('a lookup that fails has the vendor repeat the delivery', async () => {
    const handle = handleWebhooks(whatsapp, {
      secrets: APP,
      installations: async () => Promise.reject(new Error('the database is down')),
      enqueue: async () => undefined,
      onUnrouted: () => undefined,
    })
    const response = await handle(signed(body))
    expect([response.status, await response.text()]).toEqual([500, '{"error":"internal_error"}'])
  })

  test('an event that HERA does not record is repeated', async () => {
    const handle = handleWebhooks(whatsapp, {
      secrets: APP,
      installations: () => [
        {
          id: 'a',
          hera: { sendEvent: async () => ({ ok: false as const, error: { reason: 'unreachable' as const } }) },
        },
      ],
      onUnrouted: () => undefined,
    })
    expect((await handle(signed(body))).status).toBe(503)
  })

  test('a connector without routing does not compile', () => {
    const options = { installations: () => [], enqueue: async () => undefined, onUnrouted: () => undefined }
    // @ts-expect-error Zapier has one address per installation.
    expect(handleWebhooks(zapier, options)).toBeTypeOf('function')
  })
})

describe('values that the vendor chooses in a handshake', () => {
  const asana: RoutedWebhook<'webhook_secret', AnyEvents, 'workspace'> = {
    connector: 'asana',
    signatures: [],
    handshakes: [
      {
        when: { method: 'POST', header: { 'X-Hook-Secret': true } },
        values: { key: { in: 'header', at: 'X-Hook-Secret' } },
        keeps: { webhook_secret: '{key}' },
        response: { headers: { 'X-Hook-Secret': '{key}' } },
      },
    ],
    routing: [{ from: ['request', 'query', 'workspace'], field: 'workspace' }],
    ...{ max_bytes: 10_000, time_limit_seconds: 5, content_types: ['application/json', 'none'] },
    ...{ deliveries: [], events: {} },
  }

  test('are stored for the installation that the request identifies', async () => {
    const kept: string[] = []
    const handle = handleWebhooks(asana, {
      installations: (value) => (value === 'w1' ? [{ id: 'a' }] : []),
      enqueue: async () => undefined,
      keep(values, { id }) {
        kept.push(`${id} ${values.webhook_secret}`)
        return true
      },
      onUnrouted: () => undefined,
    })
    const handshake = (query: string) =>
      handle(
        new Request(`https://hooks.example.com/asana${query}`, { method: 'POST', headers: { 'x-hook-secret': 'k1' } }),
      )
    expect((await handshake('?workspace=w1')).headers.get('x-hook-secret')).toBe('k1')
    expect(kept).toEqual(['a k1'])
    for (const query of ['', '?workspace=w2', '?workspace=w1&workspace=w2'])
      expect((await handshake(query)).status).toBe(403)
    expect(kept).toHaveLength(1)
  })
})

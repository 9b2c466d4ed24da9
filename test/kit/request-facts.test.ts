import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toEvents } from '../../generator/kit/delivery.ts'
import type { Event } from '../../generator/kit/event.ts'
import { idempotencyKey } from '../../generator/kit/event.ts'
import { handleWebhook } from '../../generator/kit/receive.ts'
import { connectorOf, edit, findingsIn, inspectedFindingsIn } from '../support/acme.ts'
import { webhookOf } from '../support/webhook.ts'

/** The smallest definition, with one event and a webhook. */
function definition(properties: string, webhook: string): string {
  const base = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'tide-tables.yaml'), 'utf8')
  return `${base}
events:
  tide_changed:
    summary: A tide changed
    direction: inbound
    source: webhook
    version: 1
    data:
      type: object
      additionalProperties: false
      required: [id]
      properties:
        id: { type: string, description: Id of the change. }
        ${properties}
    example: { id: "1" }
    idempotency_key: [/id]
    cites: tide-docs

webhook:
  summary: Tide Tables posts changes.
  ${webhook.trim()}
`
}

// Names of the headers: https://shopify.dev/docs/apps/build/webhooks and @shopify/shopify-api 13.1.0.
const shopify = definition(
  'topic: { type: string, description: Type of the change. }',
  `
  signatures:
    - name: X-Shopify-Hmac-Sha256
      algorithm: hmac-sha256
      signature: { in: header, at: X-Shopify-Hmac-Sha256 }
      encoding: base64
      secret: api_key
      signed: "{body}"
      description: The raw body is signed.
  deliveries:
    - event: tide_changed
      when: $.request.headers.x-shopify-topic == 'orders/create' && $.request.method == 'POST'
      data:
        id: $.request.headers.x-shopify-event-id
        topic: $.request.headers['x-shopify-topic']
  samples:
    - name: An order
      body: '{"id":7}'
      headers: { X-Shopify-Topic: orders/create, X-Shopify-Event-Id: e-1 }
      cites: tide-docs
      events: [tide_changed]
    - name: A type that the connector does not know
      body: '{"id":7}'
      headers: { X-Shopify-Topic: orders/paid, X-Shopify-Event-Id: e-2 }
      cites: tide-docs
      unrecognized: [$]
`,
)

// Names of the headers: https://developers.google.com/workspace/calendar/api/guides/push
const calendar = definition(
  'resource: { type: string, description: Id of the calendar. }',
  `
  signatures:
    - name: Channel token
      algorithm: token
      signature: { in: header, at: X-Goog-Channel-Token }
      secret: api_key
      description: The token of the channel comes back with each notification.
  content_types: [none]
  deliveries:
    - event: tide_changed
      when: $.request.headers.x-goog-resource-state == 'exists'
      data:
        id: $.request.headers.x-goog-message-number
        resource: $.request.headers.x-goog-resource-id
  samples:
    - name: A calendar changed
      content_type: none
      headers: { X-Goog-Resource-State: exists, X-Goog-Message-Number: "10", X-Goog-Resource-ID: ret08u3rv24htgh289g }
      cites: tide-docs
      events: [tide_changed]
`,
)

function receiver(text: string) {
  const events: Event[] = []
  const unrecognized: string[] = []
  const handler = handleWebhook(webhookOf(connectorOf(text)), {
    secrets: { api_key: 'made-up-key' },
    enqueue: async (some) => {
      events.push(...some)
    },
    onUnrecognized: (parts) => unrecognized.push(...parts.map(({ path }) => path)),
  })
  const receive = (init: RequestInit) =>
    handler(new Request('https://hooks.example.com/in', { method: 'POST', ...init }))
  return { events, unrecognized, receive }
}

describe('a type that only a header contains', () => {
  const send = (topic: string) => {
    const body = '{"id":7}'
    const signature = createHmac('sha256', 'made-up-key').update(body).digest('base64')
    const headers = { 'X-Shopify-Hmac-Sha256': signature, 'X-Shopify-Topic': topic, 'X-Shopify-Event-Id': 'e-9' }
    return { body, headers: { 'content-type': 'application/json', ...headers } }
  }

  test('selects the event, and the id in a header is its key', async () => {
    const { events, receive } = receiver(shopify)
    expect((await receive(send('orders/create'))).status).toBe(200)
    expect(events.map((event) => [event.data, idempotencyKey(event)])).toEqual([
      [{ id: 'e-9', topic: 'orders/create' }, 'tide-tables:tide_changed:e-9'],
    ])
  })

  test('that no rule knows is not recognized', async () => {
    const { events, unrecognized, receive } = receiver(shopify)
    expect((await receive(send('orders/paid'))).status).toBe(200)
    expect([events, unrecognized]).toEqual([[], ['$']])
  })
})

test('a delivery without a body becomes an event by its headers', async () => {
  const { events, receive } = receiver(calendar)
  const headers = {
    'X-Goog-Channel-Token': 'made-up-key',
    'X-Goog-Resource-State': 'exists',
    'X-Goog-Message-Number': '4',
  }
  const response = await receive({ headers })
  expect([response.status, events.map(({ data }) => data)]).toEqual([200, [{ id: '4' }]])
  expect((await receive({ headers: { ...headers, 'X-Goog-Channel-Token': 'other' } })).status).toBe(401)
})

test('a query parameter is a value unless it occurs twice', async () => {
  // A sample has no query, so only a second path can read it.
  const id = 'id: { from: [$.request.query.event, $.request.headers.x-shopify-event-id] }'
  const webhook = webhookOf(connectorOf(edit(shopify, ['id: $.request.headers.x-shopify-event-id', id])))
  const read = async (search: string) => {
    const headers = new Headers({ 'x-shopify-topic': 'orders/create' })
    const reading = await toEvents(webhook, '{}', {
      method: 'POST',
      headers,
      url: `https://hooks.example.com/in${search}`,
    })
    return reading.readable ? reading.events.map(({ data }) => (data as { readonly id: string }).id) : reading.reason
  }
  expect(await read('?event=e-3')).toEqual(['e-3'])
  expect(await read('?event=e-3&event=e-4')).toEqual([])
  expect(await read('')).toEqual([])
})

test('the content type alone will do where rules read nothing else', async () => {
  const reading = await toEvents(webhookOf(connectorOf(shopify)), '{"id":7}', 'application/json')
  expect(reading).toMatchObject({ readable: true, events: [], unrecognized: [{ path: '$' }] })
})

describe('a path into the request is checked', () => {
  test.each([
    [
      '$.request.headers.x-shopify-topic == ',
      '$.request.header.x == ',
      'a request has $.request.content_type, $.request.body_sha256, $.request.method, $.request.headers.<name>, $.request.query.<name>',
    ],
    [
      '$.request.headers.x-shopify-topic == ',
      '$.request.headers.X-Shopify-Topic == ',
      'header names are lower case in paths: write "x-shopify-topic"',
    ],
    [
      '$.request.headers.x-shopify-topic == ',
      '$.request.headers == ',
      'name one of the headers: $.request.headers.<name>',
    ],
    [
      'data:\n        id: $.request.headers.x-shopify-event-id',
      'data:\n        id: $.request.query[*]',
      'name one of the query parameters: $.request.query.<name>',
    ],
    ["$.request.method == 'POST'", "$.request.method.name == 'POST'", '$.request.method is a single value'],
  ])('instead of %s: %s', (right, wrong, message) => {
    const findings = findingsIn({ 'tide-tables.yaml': edit(shopify, [right, wrong]) })
    expect(findings.map((finding) => [finding.code, finding.message])).toEqual([['delivery/path-invalid', message]])
  })

  test('and a mistake is placed where the author wrote it', () => {
    const text = edit(shopify, [" == 'orders/create' &&", " == 'orders/create' & &"])
    expect(findingsIn({ 'tide-tables.yaml': text }).map(({ message }) => message)).toEqual([
      expect.stringContaining('at character 54'),
    ])
  })
})

test('the definitions of these tests have no findings', async () => {
  for (const text of [shopify, calendar]) expect(await inspectedFindingsIn({ 'tide-tables.yaml': text })).toEqual([])
})

test('a sample without a body has the content type none', () => {
  const findings = (text: string) => findingsIn({ 'tide-tables.yaml': text }).map(({ message }) => message)
  expect(findings(edit(calendar, ['      content_type: none\n', '']))).toEqual([
    'the sample "A calendar changed" has neither a file nor a body',
  ])
  expect(
    findings(edit(calendar, ['      content_type: none\n', "      body: '{}'\n      content_type: none\n"])),
  ).toEqual(['the sample "A calendar changed" has content_type none and a body'])
})

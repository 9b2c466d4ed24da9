import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { newDefinition } from '../../generator/commands/new.ts'
import type { FromReport } from '../../generator/commands/new-from.ts'
import type { Outcome } from '../../generator/commands/outcome.ts'
import type { Connector } from '../../generator/model/connector.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import type { Given } from '../../generator/scaffold/answers.ts'
import { eventDataOf } from '../../generator/scaffold/event-data.ts'
import { vendorDraft } from '../../generator/scaffold/vendor-draft.ts'
import { noColors } from '../../generator/terminal.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'hera-new-from-'))
  folders.push(made)
  return made
}

/** Files as a vendor publishes them; what is no text is written as JSON. */
function written(files: Readonly<Record<string, unknown>>): { readonly own: string; readonly from: readonly string[] } {
  const own = folder()
  const from = Object.entries(files).map(([name, content]) => {
    const path = join(own, name)
    writeFileSync(
      path,
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
    )
    return path
  })
  return { own, from }
}

interface Made {
  readonly outcome: Outcome
  readonly report: FromReport
  readonly connector: Connector
  readonly text: string
}

async function make(files: Readonly<Record<string, unknown>>, given: Given = { code: 'my-shop' }): Promise<Made> {
  const { own, from } = written(files)
  const definitions = join(own, 'definitions')
  const outcome = await newDefinition({ definitions: [definitions], given, from, today: '2026-11-24' })
  const { registry, diagnostics } = await readRegistry([definitions])
  expect(diagnostics).toEqual([])
  const [connector] = registry.connectors
  if (connector === undefined) throw new Error('no connector')
  const text = readFileSync(join(definitions, `${connector.code}.yaml`), 'utf8')
  return { outcome, report: outcome.json as FromReport, connector, text }
}

/** The fault that a try ends in, with its remedy; nothing may have been written. */
async function refusal(files: Readonly<Record<string, unknown>>, given: Given = { code: 'my-shop' }): Promise<string> {
  const { own, from } = written(files)
  const definitions = join(own, 'definitions')
  const fault = await newDefinition({ definitions: [definitions], given, from, today: '2026-11-24' }).then(
    () => expect.fail('a definition was written'),
    (error: unknown) => error as Error & { readonly help: string },
  )
  expect(fault.name).toBe('OperationalError')
  expect(existsSync(definitions)).toBe(false)
  return `${fault.message.replaceAll(`${own}/`, '')}; ${fault.help}`
}

const body = (schema: unknown) => ({ content: { 'application/json': { schema } } })

/** OpenAPI with everything that is imported. */
const shop = {
  openapi: '3.1.0',
  info: {
    title: 'Example Shop API',
    version: '2024-10',
    summary: 'Orders and customers.',
    description: 'All that the **shop** knows.\n\nSee [the guide](https://shop.example/guide).',
    contact: { url: 'https://shop.example/help' },
  },
  externalDocs: { url: 'https://shop.example/docs' },
  servers: [
    { url: 'https://{region}.shop.example/v2/', variables: { region: { default: 'eu' } } },
    { url: 'https://sandbox.shop.example' },
  ],
  security: [{ oauth: ['orders:read'] }],
  paths: {
    '/orders/{orderId}': {
      parameters: [{ name: 'orderId', in: 'path', required: true, description: 'Id of the order.', example: 'o_1' }],
      get: {
        operationId: 'getOrder',
        summary: 'Read an `order`.',
        security: [{ oauth: ['orders:read'] }],
        parameters: [
          { $ref: '#/components/parameters/Fields' },
          { name: 'limit', in: 'query', required: true, schema: { type: ['integer', 'null'], example: 20 } },
          {
            name: 'state',
            in: 'query',
            description: 'Only **these**.',
            schema: { $ref: '#/components/schemas/State' },
          },
          { name: 'filter', in: 'query', style: 'deepObject', schema: { type: 'object' } },
          { name: 'If-Match', in: 'header', schema: { type: 'string' }, example: 'v7' },
          { name: 'Accept', in: 'header', schema: { type: 'string' } },
          { name: 'session', in: 'cookie', schema: { type: 'string' } },
        ],
      },
      head: { operationId: 'headOrder' },
      delete: { deprecated: true, description: 'Cancel an order.' },
    },
    '/subscriptions': {
      post: {
        operationId: 'subscribe',
        callbacks: {
          stockChanged: {
            '{$request.body#/url}': { post: { requestBody: body({ $ref: '#/components/schemas/Stock' }) } },
          },
        },
      },
    },
  },
  webhooks: {
    orderPaid: {
      post: {
        summary: 'An order was paid.',
        description: 'Sent once the **money** has arrived.',
        parameters: [
          { name: 'X-Shop-Signature-256', in: 'header', example: 'sha256=6dcb09b5b57875f334f61aebed695e2e4193db5e' },
        ],
        requestBody: body({ $ref: '#/components/schemas/OrderPaid' }),
      },
    },
    orderSent: {
      post: {
        deprecated: true,
        requestBody: {
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/OrderSent' },
              examples: { usual: { value: { type: 'order.sent', id: 'evt_7', sent_at: '2026-02-03T04:05:06+02:00' } } },
            },
          },
        },
      },
    },
    photo: { post: { requestBody: { content: { 'image/png': {} } } } },
  },
  components: {
    parameters: {
      Fields: {
        name: 'fields',
        in: 'query',
        description: 'Names of members.',
        explode: false,
        schema: { type: 'array', items: { type: 'string', enum: ['id', 'total'] } },
      },
    },
    securitySchemes: {
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      oauth: {
        type: 'oauth2',
        flows: {
          authorizationCode: {
            authorizationUrl: 'https://shop.example/authorize',
            tokenUrl: '/token',
            scopes: { 'orders:read': 'Read orders.', 'orders:write': '' },
          },
        },
      },
    },
    schemas: {
      State: { type: 'string', enum: ['paid', 'sent'] },
      OrderPaid: {
        type: 'object',
        required: ['type', 'id', 'order', 'note'],
        properties: {
          type: { const: 'order.paid' },
          id: { type: 'string', description: 'Id of the *event*.' },
          order: { $ref: '#/components/schemas/Order' },
          note: { type: ['string', 'null'] },
          'event-data': { type: 'string' },
        },
      },
      OrderSent: {
        type: 'object',
        required: ['type', 'id'],
        properties: {
          type: { const: 'order.sent' },
          id: { type: 'string' },
          sent_at: { type: 'string', format: 'date-time' },
        },
      },
      Order: {
        type: 'object',
        required: ['total'],
        properties: { total: { type: 'number', multipleOf: 0.01 }, parent: { $ref: '#/components/schemas/Order' } },
      },
      Stock: { type: 'object', properties: { sku: { type: 'string' }, left: { type: 'integer' } } },
    },
  },
}

describe('an OpenAPI document', () => {
  test('gives address, authentication, endpoints, events and deliveries, each with its source', async () => {
    const { connector, text, report } = await make({ 'shop.json': shop }, {})
    expect(connector).toMatchObject({
      code: 'example-shop-api',
      name: 'Example Shop API',
      purpose: 'Orders and customers.',
      description: 'All that the shop knows.\n\nSee the guide.',
      links: { documentation: 'https://shop.example/docs', support: 'https://shop.example/help' },
      sources: {
        published: { title: 'Example Shop API (OpenAPI 3.1.0)', read: '2026-11-24', note: 'Read from shop.json.' },
      },
    })
    expect(connector.auth).toMatchObject({
      type: 'oauth2',
      authorization_url: 'https://shop.example/authorize',
      token_url: 'https://eu.shop.example/token',
      scopes: [
        { name: 'orders:read', required: true, description: 'Read orders.', cites: 'published' },
        { name: 'orders:write', required: false, cites: 'published' },
      ],
    })
    expect(connector.api).toMatchObject({
      base_url: 'https://eu.shop.example/v2',
      version: '2024-10',
      parameters: { order_id: { description: 'Id of the order.', example: 'o_1' } },
    })
    expect(connector.api.endpoints.map(({ name, method, path }) => [name, method, path])).toEqual([
      ['get_order', 'GET', '/orders/{order_id}'],
      ['delete_orders_order_id', 'DELETE', '/orders/{order_id}'],
      ['subscribe', 'POST', '/subscriptions'],
    ])
    expect(connector.api.endpoints[0]).toMatchObject({
      summary: 'Read an order.',
      query: {
        fields: { description: 'Names of members.', type: 'list', enum: ['id', 'total'], list: 'comma' },
        limit: { description: 'FILL IN', type: 'integer', required: true, example: 20 },
        state: { description: 'Only these.', enum: ['paid', 'sent'] },
      },
      headers: { 'If-Match': { description: 'FILL IN', example: 'v7' } },
      scopes: ['orders:read'],
      cites: 'published',
    })
    expect(connector.api.endpoints[0]?.query).not.toHaveProperty('filter')
    expect(connector.events.map(({ name, cites }) => [name, cites])).toEqual([
      ['order_paid', 'published'],
      ['order_sent', 'published'],
      ['stock_changed', 'published'],
    ])
    expect(connector.webhook?.deliveries.map(({ event, when, data }) => [event, when, data])).toEqual([
      [
        'order_paid',
        "$.delivery.type == 'order.paid'",
        {
          type: '$.delivery.type',
          id: '$.delivery.id',
          order: '$.delivery.order',
          note: '$.delivery.note',
          'event-data': "$.delivery['event-data']",
        },
      ],
      [
        'order_sent',
        "$.delivery.type == 'order.sent'",
        { type: '$.delivery.type', id: '$.delivery.id', sent_at: { from: '$.delivery.sent_at', as: 'date-time' } },
      ],
      ['stock_changed', '!$.delivery.type', { sku: '$.delivery.sku', left: '$.delivery.left' }],
    ])
    expect(connector.webhook).toMatchObject({ summary: 'FILL IN', signatures: [] })
    expect(text).toContain('name: Example Shop API # FILL IN')
    expect(report.notImported.map(({ what, places }) => `${what} ${places[0]?.pointer}`)).toEqual([
      'the variables of the server /servers/0/url',
      'a server /servers/1',
      'the security scheme "key" /components/securitySchemes/key',
      'the parameter "filter" /paths/~1orders~1{orderId}/get',
      'the method HEAD /paths/~1orders~1{orderId}/head',
      'the signature in the header X-Shop-Signature-256 /webhooks/orderPaid/post',
      'the webhook "photo" /webhooks/photo/post',
      'the keyword multipleOf /components/schemas/Order/properties/total/multipleOf',
      'what a value holds of its own kind /components/schemas/Order',
    ])
  })

  test('gives its own examples to its events, in the form that an event has', async () => {
    const { connector } = await make({ 'shop.json': shop })
    const sent = connector.events.find(({ name }) => name === 'order_sent')
    expect(sent?.examples[0]?.data).toEqual({ type: 'order.sent', id: 'evt_7', sent_at: '2026-02-03T02:05:06Z' })
    expect(sent?.deprecated?.reason).toBe('The published document marks it as deprecated.')
    expect(connector.webhook?.samples[1]).toMatchObject({
      body: '{"type":"order.sent","id":"evt_7","sent_at":"2026-02-03T04:05:06+02:00"}',
      events: ['order_sent'],
    })
  })

  test("gives no secret and nobody's address on", async () => {
    const token = `ghp_${'aB3'.repeat(12)}`
    const address = 'ada.lovelace@gmail.com'
    const described = {
      openapi: '3.1.0',
      info: { title: 'Example Shop', description: `Write to ${address}.` },
      webhooks: {
        orderPaid: {
          post: {
            description: `Ask ${address}.`,
            requestBody: {
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    properties: {
                      id: { type: 'string', example: token },
                      by: { type: 'string', description: `As ${address}.` },
                    },
                  },
                  example: { id: 'a', by: address },
                },
              },
            },
          },
        },
      },
    }
    const { connector, text, report } = await make({ 'a.json': described })
    expect(text).not.toContain(token)
    expect(text).not.toContain(address)
    expect(connector.description).toBe('Write to ….')
    expect(connector.events[0]?.summary).toBe('Ask ….')
    expect(connector.events[0]?.data.properties?.by?.description).toBe('As ….')
    expect(connector.events[0]?.data.properties?.id?.examples).toEqual(['example-secret'])
    expect(connector.events[0]?.examples[0]?.data).toEqual({ id: 'a', by: 'name@example.com' })
    expect(report.notImported.map(({ what, reason }) => `${what}: ${reason}`)).toEqual([
      'a value: it looks like a secret (GitHub Token); a made-up value replaces it',
      'an example of "orderPaid": it has an e-mail address at /by; a made-up value replaces it',
    ])
  })

  test('leaves out null at the top of a body, which an event does not know', async () => {
    const { connector } = await make({ 'shop.json': shop })
    const [paid] = connector.events
    expect(paid?.data.required).toEqual(['type', 'id', 'order'])
    expect(paid?.data.properties?.note?.type).toBe('string')
  })

  test('says in text and in JSON what was taken, what was left and what was not imported', async () => {
    const { outcome, report } = await make(
      { 'shop.json': shop },
      { code: 'my-shop', events: ['order*'], endpoints: ['/subscriptions'] },
    )
    expect(report).toMatchObject({
      from: { kind: 'OpenAPI 3.1.0' },
      events: { taken: ['order_paid', 'order_sent'], left: ['stock_changed'] },
      endpoints: { taken: ['subscribe'], left: ['get_order', 'delete_orders_order_id'] },
    })
    const text = outcome.text(noColors)
    expect(text).toContain('(OpenAPI 3.1.0): 2 events, 1 endpoint')
    expect(text).toContain('left out, for --events to pick from: stock_changed')
    expect(text).toContain('left out, for --endpoints to pick from: get_order, delete_orders_order_id')
    expect(text).toContain('  the webhook "photo": its body is not described as JSON\n    #/webhooks/photo/post')
  })

  test('takes twenty of many where nobody has said which, and says what was left', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `thing_${String.fromCharCode(97 + index)}_done`)
    const webhooks = Object.fromEntries(
      names.map((name) => [
        name,
        {
          post: {
            requestBody: body({ type: 'object', properties: { id: { type: 'string' }, type: { const: name } } }),
          },
        },
      ]),
    )
    const { report } = await make({ 'many.yaml': { openapi: '3.1.0', info: {}, webhooks } })
    expect(report.events.taken).toEqual(names.slice(0, 20))
    expect(report.events.left).toEqual(names.slice(20))
  })

  test('that says nothing gives a definition without invented parts', async () => {
    const { connector, text, report } = await make({ 'a.json': { openapi: '3.0.3', paths: {} } })
    expect(connector.events).toEqual([])
    expect(connector.webhook).toBeUndefined()
    expect(connector.auth).toMatchObject({ type: 'unknown', fields: [] })
    expect(connector.api.base_url).toBeUndefined()
    expect(connector.api.endpoints).toEqual([])
    expect(connector.links).toEqual({})
    expect(Object.keys(connector.sources)).toEqual(['published'])
    expect(text).not.toMatch(/example\.com|item_created|api_key:|hmac/)
    expect(report.notImported).toContainEqual(
      expect.objectContaining({ what: 'events', reason: 'the document describes none' }),
    )
  })

  test('takes the server for production, and no other', async () => {
    const servers = [
      { url: 'https://sandbox.bank.example', description: 'Sandbox' },
      { url: 'https://api.bank.example', description: 'Production; for tests use the sandbox' },
    ]
    const both = await make({ 'a.json': { openapi: '3.0.3', paths: {}, servers } })
    expect(both.connector.api.base_url).toBe('https://api.bank.example')
    const { connector, report } = await make({
      'a.json': { openapi: '3.0.3', paths: {}, servers: servers.slice(0, 1) },
    })
    expect(connector.api.base_url).toBeUndefined()
    expect(report.notImported).toContainEqual({
      what: 'a server',
      reason: 'it is not for production',
      places: [expect.objectContaining({ pointer: '/servers/0' })],
    })
  })

  test('has all keys that are needed together, and reports a scheme that cannot be combined', async () => {
    const key = (name: string) => ({ type: 'apiKey', in: 'header', name })
    const document = (security: object, more: object = {}) => ({
      ...{ openapi: '3.0.3', paths: {}, security: [security] },
      components: { securitySchemes: { clientId: key('X-Client-Id'), secret: key('X-Secret'), ...more } },
    })
    const joined = await make({ 'a.json': document({ clientId: [], secret: [] }) })
    expect(joined.connector.auth.fields.map(({ name, description }) => [name, description])).toEqual([
      ['client_id', 'A key that calls carry as the header X-Client-Id.'],
      ['secret', 'A key that calls carry as the header X-Secret.'],
    ])
    const mutual = await make({ 'a.json': document({ clientId: [], tls: [] }, { tls: { type: 'mutualTLS' } }) })
    expect(mutual.connector.auth.fields.map(({ name }) => name)).toEqual(['client_id'])
    expect(mutual.report.notImported.map(({ what, reason }) => `${what}: ${reason}`)).toContain(
      'the security scheme "tls": client certificates (mTLS) are not supported, and it is needed together with "clientId"',
    )
  })

  test('leaves out an idempotency key unless a field is named like the id of an event', async () => {
    const webhook = (properties: object) => ({
      openapi: '3.1.0',
      webhooks: { order_paid: { post: { requestBody: body({ type: 'object', properties }) } } },
    })
    const sentAt = { type: 'string', format: 'date-time' }
    const none = await make({ 'a.json': webhook({ sent_at: sentAt, id: { type: 'string' } }) })
    expect(none.connector.events[0]?.idempotency_key).toEqual([])
    expect(none.text).not.toContain('idempotency_key')
    const one = await make({ 'a.json': webhook({ sent_at: sentAt, event_id: { type: 'string' } }) })
    expect(one.text).toContain('[/event_id] # FILL IN')
  })

  test('reads the examples of schemas, and distinguishes events by them', async () => {
    const webhook = (type: string, more: object = {}) => ({
      post: {
        requestBody: body({
          type: 'object',
          properties: { type: { type: 'string' }, id: { type: 'string' } },
          example: { type, id: 'e1', ...more },
        }),
      },
    })
    const webhooks = {
      'booking.created': webhook('booking.created', { left: 1 }),
      'booking.cancelled': webhook('gone'),
    }
    const { connector, text } = await make({ 'a.json': { openapi: '3.1.0', webhooks } })
    expect(connector.events.map(({ examples }) => examples[0]?.data)).toEqual([
      { type: 'booking.created', id: 'e1' },
      { type: 'gone', id: 'e1' },
    ])
    expect(text).toContain("when: $.delivery.type == 'gone' # FILL IN: only the document's examples say so")
  })

  test('loses no event to a bad example, and reports it', async () => {
    const described = (example: unknown) => ({
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { type: { const: 'a' }, at: { type: 'string', format: 'date-time' } },
              },
              example,
            },
          },
        },
      },
    })
    const webhooks = { thing_made: described({ type: 'b' }), thing_kept: described('text'), thing_lost: described([]) }
    const { connector, report } = await make({
      'a.json': { openapi: '3.1.0', webhooks: { thing_made: webhooks.thing_made } },
    })
    expect(connector.events[0]?.examples[0]?.data).toMatchObject({ type: 'a' })
    expect(report.notImported.map(({ what }) => what)).toContain('an example of "thing_made"')
    const all = await make({ 'a.json': { openapi: '3.1.0', webhooks } })
    expect(all.connector.events).toHaveLength(3)
    expect(all.report.notImported.filter(({ what }) => what.startsWith('an example'))).toHaveLength(3)
  })

  test.each<[string, unknown, object]>([
    ['a bearer token', { type: 'http', scheme: 'Bearer' }, { type: 'api_key', fields: [{ name: 'main' }] }],
    [
      'basic authentication',
      { type: 'http', scheme: 'basic' },
      { fields: [{ name: 'username' }, { name: 'password' }] },
    ],
    [
      'a flow without an installer',
      { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://a.example/t', scopes: {} } } },
      { type: 'oauth2', token_url: 'https://a.example/t', fields: [{ name: 'client_id' }, { name: 'client_secret' }] },
    ],
    [
      'an implicit flow',
      {
        type: 'oauth2',
        flows: { implicit: { authorizationUrl: 'https://a.example/a', scopes: { 'odd scope': '', read: 'Read.' } } },
      },
      { type: 'oauth2', authorization_url: 'https://a.example/a', scopes: [{ name: 'read' }] },
    ],
    [
      'an address that is not https',
      {
        type: 'oauth2',
        flows: { authorizationCode: { authorizationUrl: 'http://a.example', tokenUrl: 'x', scopes: {} } },
      },
      { type: 'oauth2', scopes: [] },
    ],
  ])('is read with %s', async (_, main, want) => {
    const { connector } = await make({
      'a.json': { openapi: '3.0.3', paths: {}, components: { securitySchemes: { main } } },
    })
    expect(connector.auth).toMatchObject(want)
  })
})

describe('an AsyncAPI document', () => {
  const payload = (type: string) => ({
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, type: { const: type } },
  })

  test.each<[string, unknown]>([
    [
      'of version 2, in which clients subscribe to what the vendor sends',
      {
        asyncapi: '2.6.0',
        channels: {
          orders: {
            subscribe: {
              message: {
                oneOf: [{ $ref: '#/components/messages/OrderPaid' }, { name: 'orderSent', payload: payload('sent') }],
              },
            },
            publish: { message: { name: 'orderPlace', payload: payload('place') } },
          },
        },
        components: {
          messages: { OrderPaid: { payload: payload('paid'), examples: [{ payload: { id: 'o_1', type: 'paid' } }] } },
        },
      },
    ],
    [
      'of version 3, in which the vendor sends',
      {
        asyncapi: '3.0.0',
        channels: {
          orders: {
            messages: {
              OrderPaid: { payload: payload('paid'), examples: [{ payload: { id: 'o_1', type: 'paid' } }] },
              orderSent: {
                payload: { schemaFormat: 'application/schema+json;version=draft-07', schema: payload('sent') },
              },
            },
          },
          asks: { messages: { orderPlace: { payload: payload('place') } } },
        },
        operations: {
          onOrder: { action: 'send', channel: { $ref: '#/channels/orders' } },
          place: {
            action: 'receive',
            channel: { $ref: '#/channels/asks' },
            messages: [{ $ref: '#/channels/asks/messages/orderPlace' }],
          },
        },
      },
    ],
  ])('%s gives messages as events', async (_, document) => {
    const { connector } = await make({ 'a.json': document })
    expect(connector.events.map(({ name, direction, source }) => [name, direction, source]).sort()).toEqual([
      ['order_paid', 'inbound', 'webhook'],
      ['order_place', 'outbound', 'emitted'],
      ['order_sent', 'inbound', 'webhook'],
    ])
    expect(connector.events.find(({ name }) => name === 'order_paid')?.examples[0]?.data).toEqual({
      id: 'o_1',
      type: 'paid',
    })
    expect(connector.webhook?.deliveries.map(({ event }) => event)).toEqual(['order_paid', 'order_sent'])
  })

  test('says of which messages it can make nothing', async () => {
    const { report } = await make({
      'a.yaml': {
        asyncapi: '2.6.0',
        channels: { a: { subscribe: { message: { name: 'good', payload: payload('a') } } } },
        components: {
          messages: {
            avro: { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', payload: {} },
            bytes: { contentType: 'image/png', payload: { type: 'string' } },
            none: {},
            far: { $ref: 'other.yaml#/x' },
          },
        },
      },
    })
    expect(report.notImported.map(({ what, reason }) => `${what}: ${reason}`)).toEqual([
      'the message "far": it stands in another document, and no other document is read',
      'the message "avro": its payload is described in application/vnd.apache.avro;version=1.9.0, not in JSON Schema',
      'the message "bytes": its payload is image/png, not JSON',
      'the message "none": it has no payload',
    ])
  })
})

describe('a JSON Schema', () => {
  const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })

  test.each<[string, object, readonly string[]]>([
    ['of one body is one event, called by its title', object({ id: {} }, { title: 'Order paid' }), ['order_paid']],
    ['of one body without a title is called by its file', object({ id: {} }), ['order_sent']],
    [
      'of a choice is an event for each',
      {
        oneOf: [
          { $ref: '#/definitions/a$b' },
          { anyOf: [{ $ref: '#/definitions/c_d' }, { $ref: '#/definitions/a$b' }] },
        ],
        definitions: { a$b: object({ id: {} }), c_d: object({ no: {} }) },
      },
      ['a_b', 'c_d'],
    ],
    [
      'of definitions alone is an event for each that is an object',
      { $defs: { OrderPaid: object({ id: {} }), Money: { type: 'number' } } },
      ['order_paid'],
    ],
  ])('%s', async (_, schema, want) => {
    const { connector } = await make({ 'order-sent.schema.json': schema })
    expect(connector.events.map(({ name }) => name)).toEqual(want)
  })
})

describe('sample payloads', () => {
  test('are kept as they were sent, and make one event for each thing that they say', async () => {
    const paid = {
      type: 'order.paid',
      id: 'evt_1',
      order: { total: 9.5, at: '2026-01-02T03:04:05Z', note: null },
      big: '@',
    }
    const first = JSON.stringify(paid, null, 2).replace('"@"', '12345678901234567890')
    const { connector, text } = await make({
      'paid-1.json': first,
      'paid-2.json': { ...paid, id: 'evt_2', order: { total: 1, note: 'x' }, big: 1 },
      'sent.yaml': 'type: order.sent\nid: evt_3\n',
    })
    expect(connector.events.map(({ name }) => name)).toEqual(['order_paid', 'order_sent'])
    const [event] = connector.events
    expect(event?.data).toMatchObject({
      required: ['big', 'id', 'order', 'type'],
      properties: {
        type: { type: 'string', const: 'order.paid' },
        big: { type: ['integer', 'string'] },
        order: { $ref: '#/$defs/Order' },
      },
      $defs: {
        Order: {
          additionalProperties: true,
          required: ['note', 'total'],
          properties: {
            total: { type: 'number' },
            at: { type: 'string', format: 'date-time' },
            note: { type: ['string', 'null'] },
          },
        },
      },
    })
    expect(event?.examples[0]?.data).toMatchObject({ id: 'evt_1', big: '12345678901234567890' })
    expect(text).toContain('exact_numbers: true')
    expect(connector.webhook?.samples.map(({ name, body: sent, events }) => [name, sent.length, events])).toEqual([
      ['Paid 1', first.length, ['order_paid']],
      ['Paid 2', 73, ['order_paid']],
      ['Sent', 34, ['order_sent']],
    ])
  })

  test('are called by their files where they say nothing of themselves', async () => {
    const { connector } = await make({
      'order.paid.payload.json': { id: 1, paid: true },
      'order.sent-2.json': { id: 2, sent: true },
    })
    expect(connector.events.map(({ name }) => name)).toEqual(['order_paid', 'order_sent'])
    expect(connector.webhook?.deliveries.map(({ when }) => when)).toEqual(['$.delivery.paid', '$.delivery.sent'])
  })

  test('may be lists, of which each element is an event', async () => {
    const { connector } = await make({
      'batch.json': [
        { event: 'a_b', id: 1 },
        { event: 'c_d', id: 2 },
      ],
    })
    expect(connector.webhook?.samples[0]?.events).toEqual(['a_b', 'c_d'])
  })

  test('that cannot be distinguished are events without a delivery rule, and listed', async () => {
    const { connector, text, report } = await make({ 'order_paid.json': { id: 1 }, 'order_sent.json': { id: 2 } })
    expect(connector.webhook?.deliveries).toEqual([])
    expect(text).toContain(
      'source: webhook # FILL IN: add a delivery rule; nothing in the body distinguishes it from order_sent',
    )
    expect(report.notImported.map(({ reason }) => reason)).toContain(
      'nothing in the body distinguishes the event from order_sent',
    )
  })

  test('keep made-up values in place of personal data and secrets, which are listed', async () => {
    const { connector, report } = await make({
      'order_paid.json': `{"id":12345678901234567890,"from":["bob@biller.com","bob@biller.com"],"to":"eve@biller.com",
        "phone":"+491711234599","key":"ghp_${'aB3'.repeat(12)}"}`,
    })
    const [sample] = connector.webhook?.samples ?? []
    expect(sample?.body).toContain('"id":12345678901234567890')
    expect(JSON.parse(sample?.body ?? '')).toMatchObject({
      from: ['name@example.com', 'name@example.com'],
      to: 'name-2@example.com',
      phone: '+12025550100',
      key: 'example-secret',
    })
    expect(report.notImported.map(({ reason, places }) => [reason, places[0]?.pointer])).toEqual([
      ['it looks like an e-mail address; a made-up value replaces it', '/from/0'],
      ['it looks like a telephone number; a made-up value replaces it', '/phone'],
      ['it looks like a secret (GitHub Token); a made-up value replaces it', '/key'],
    ])
  })

  test('that cannot be read are left out as long as one can', async () => {
    const { connector, report } = await make({
      'order_paid.json': { id: 1 },
      'empty.json': [],
      'text.json': [{ a: 1 }, 'x'],
    })
    expect(connector.events.map(({ name }) => name)).toEqual(['order_paid'])
    expect(report.notImported.map(({ what, reason }) => `${what}: ${reason}`)).toEqual([
      'a sample: the list is empty',
      'a sample: a delivery is an object, or a list of objects',
    ])
  })
})

describe('a schema is imported', () => {
  const definitions = {
    Money: { type: 'object', required: ['amount'], properties: { amount: { type: 'integer' } } },
    Text: { type: 'string', description: 'Some text.' },
    Loop: { type: 'object', properties: { inside: { $ref: '#/definitions/Loop' } } },
    Cat: { type: 'object', properties: { kind: { type: 'string' }, lives: { type: 'integer' } } },
    Circle: { $ref: '#/definitions/Circle' },
    Dog: { type: 'object', properties: { kind: { type: 'string' } } },
  }

  /** The schema of a field, and what was not imported. */
  async function fieldOf(schema: unknown) {
    const document = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'order paid',
      type: 'object',
      properties: { id: { type: 'string' }, field: { type: 'object', properties: { x: schema } } },
      definitions,
    }
    const file = { file: 'a.json', text: JSON.stringify(document), value: document }
    const draft = await vendorDraft([file])
    const [event] = draft.events
    const read = event === undefined ? expect.fail() : eventDataOf(event, draft)
    if ('refused' in read) return expect.fail(read.refused)
    const { description: _, ...field } = read.data.properties?.field?.properties?.x ?? {}
    return {
      field,
      definitions: read.data.$defs,
      notes: draft.report.all().map(({ what, reason }) => `${what}: ${reason}`),
    }
  }

  test.each<[string, unknown, object]>([
    ['with a type', { type: 'string' }, { type: 'string' }],
    [
      'with null, as OpenAPI 3.0 has it',
      { type: 'string', nullable: true, enum: ['a'] },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    ['with null, as OpenAPI 3.1 has it', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
    [
      'with null as an alternative',
      { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
      { type: ['string', 'null'], format: 'date' },
    ],
    [
      'with alternatives that are types',
      { oneOf: [{ type: 'string' }, { type: 'integer' }] },
      { type: ['string', 'integer'] },
    ],
    [
      'with a nullable reference',
      { $ref: '#/definitions/Money', nullable: true },
      { anyOf: [{ $ref: '#/$defs/Money' }, { type: 'null' }] },
    ],
    [
      'with a nullable reference in allOf',
      { nullable: true, allOf: [{ $ref: '#/definitions/Money' }] },
      { anyOf: [{ $ref: '#/$defs/Money' }, { type: 'null' }] },
    ],
    [
      'with a limit that is exclusive by a switch',
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      { type: 'number', exclusiveMinimum: 1 },
    ],
    [
      'with a limit that is exclusive by itself',
      { type: 'number', exclusiveMaximum: 9 },
      { type: 'number', exclusiveMaximum: 9 },
    ],
    [
      'without a type, but with properties',
      { properties: { a: { type: 'null' } } },
      {
        type: 'object',
        additionalProperties: true,
        properties: { a: { type: 'null', description: 'Not described in the published document.' } },
      },
    ],
    [
      'closed',
      { type: 'object', properties: { a: true }, additionalProperties: false },
      { additionalProperties: false },
    ],
    [
      'as a map',
      { type: 'object', additionalProperties: { type: 'integer' } },
      { type: 'object', additionalProperties: { type: 'integer' } },
    ],
    [
      'with a required field that nothing declares',
      { type: 'object', required: ['a', 'a'] },
      { required: ['a'], properties: { a: { description: 'Not described in the published document.' } } },
    ],
    ['with a fixed value', { const: 'a' }, { const: 'a' }],
    ['with text that is short', { $ref: '#/definitions/Text' }, { type: 'string' }],
    [
      'with a list',
      { type: 'array', items: { $ref: '#/definitions/Money' }, minItems: 1, uniqueItems: true },
      { type: 'array', items: { $ref: '#/$defs/Money' }, minItems: 1, uniqueItems: true },
    ],
    [
      'with all of several',
      { allOf: [{ $ref: '#/definitions/Money' }, { required: ['b'], properties: { b: true } }] },
      { allOf: [{ $ref: '#/$defs/Money' }, { type: 'object', required: ['b'] }] },
    ],
    [
      'with examples that fit it, and without those that do not',
      { type: 'integer', example: 3, default: 'x', examples: ['a', 4] },
      { type: 'integer', examples: [3, 4] },
    ],
    [
      'with a discriminator',
      {
        oneOf: [{ $ref: '#/definitions/Cat' }, { $ref: '#/definitions/Dog' }],
        discriminator: { propertyName: 'kind', mapping: { cat: '#/definitions/Cat' } },
      },
      {
        oneOf: [
          { allOf: [{ $ref: '#/$defs/Cat' }, { properties: { kind: { const: 'cat' } } }] },
          { allOf: [{ $ref: '#/$defs/Dog' }, { properties: { kind: { const: 'Dog' } } }] },
        ],
      },
    ],
  ])('%s', async (_, schema, want) => {
    const { field, notes } = await fieldOf(schema)
    expect(field).toMatchObject(want)
    expect(Object.keys(field).sort()).toEqual([...new Set([...Object.keys(want), ...Object.keys(field)])].sort())
    expect(notes).toEqual([])
  })

  test.each<[string, unknown, object, string]>([
    [
      'a loop',
      { $ref: '#/definitions/Loop' },
      { $ref: '#/$defs/Loop' },
      'what a value holds of its own kind: references may not loop: one level is written out',
    ],
    [
      'a reference to another document',
      { $ref: 'https://a.example/b.json' },
      {},
      'the reference https://a.example/b.json: it stands in another document, and no other document is read',
    ],
    [
      'a reference to nothing',
      { $ref: '#/definitions/Gone' },
      {},
      'the reference #/definitions/Gone: nothing stands there',
    ],
    [
      'a reference that leads back to itself',
      { $ref: '#/definitions/Circle' },
      {},
      'the reference #/definitions/Circle: the reference leads back to itself',
    ],
    [
      'a negation',
      { type: 'string', not: { const: 'a' } },
      { type: 'string' },
      'the keyword not: definitions do not say what something is not',
    ],
    ['a condition', { type: 'string', if: true }, { type: 'string' }, 'the keyword if: definitions know no conditions'],
    [
      'a tuple',
      { type: 'array', items: [{ type: 'string' }, { type: 'integer' }], additionalItems: false },
      { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
      'the order of the elements (items): a list has one schema for all of its elements',
    ],
    [
      'a tuple of 2020-12',
      { type: 'array', prefixItems: [{ type: 'string' }] },
      { type: 'array' },
      'the order of the elements (prefixItems): a list has one schema for all of its elements',
    ],
    [
      'fields by pattern',
      { type: 'object', patternProperties: { '^x': {} } },
      { type: 'object' },
      'the keyword patternProperties: fields are described by name, not by pattern',
    ],
    [
      'objects as constants',
      { enum: [{ a: 1 }] },
      {},
      'the keyword enum: only text, numbers, true, false and null can be listed',
    ],
    ['a format', { type: 'string', format: 'iri' }, { type: 'string' }, 'the format iri: definitions do not know it'],
    [
      'a slow pattern',
      { type: 'string', pattern: '(a+)+$' },
      { type: 'string' },
      'a pattern: it can take exponential time',
    ],
    [
      'a broken pattern',
      { type: 'string', pattern: '[' },
      { type: 'string' },
      'a pattern: it is not a regular expression of ECMAScript with Unicode',
    ],
    [
      'a number that cannot be held',
      { type: 'integer', maximum: 2 ** 63 },
      { type: 'integer' },
      'the keyword maximum: the number cannot be held exactly',
    ],
    [
      'a secret',
      { type: 'string', example: `ghp_${'a'.repeat(36)}` },
      { type: 'string', examples: ['example-secret'] },
      'a value: it looks like a secret (GitHub Token); a made-up value replaces it',
    ],
    [
      'a name',
      { type: 'object', properties: JSON.parse('{"__proto__":{},"a":{}}') },
      { type: 'object' },
      'the property "__proto__": a definition can hold no field of that name',
    ],
    ['a type of nobody', { type: 'any' }, {}, 'the type "any": JSON Schema has no such type'],
    [
      'a field that cannot be',
      { type: 'object', properties: { a: false, b: true } },
      { type: 'object' },
      'the property "a": no value fits its schema',
    ],
  ])('without %s, which is listed', async (_, schema, want, note) => {
    const { field, notes } = await fieldOf(schema)
    expect(field).toMatchObject(want)
    expect(notes).toEqual([note])
  })
})

describe('nothing is written, and the fault says where and what to do,', () => {
  const webhook = (schema: unknown) => ({
    openapi: '3.1.0',
    webhooks: { order_paid: { post: { requestBody: body(schema) } } },
  })

  test.each<[string, Readonly<Record<string, unknown>>, Given, string]>([
    ['for an empty file', { 'a.json': ' ' }, {}, 'a.json: the file is empty; name the file'],
    [
      'for text',
      { 'a.txt': 'hello' },
      {},
      'a.txt: this is neither a description of an API nor a payload, but a single value; give --from',
    ],
    [
      'for what is neither JSON nor YAML',
      { 'a.json': '{"a": [1,}' },
      {},
      'a.json:1:10: this is neither JSON nor YAML: "[" is closed by "}"',
    ],
    [
      'for a wrong encoding',
      { 'a.json': new Uint8Array([0x7b, 0x22, 0xe4, 0x22, 0x7d]) },
      {},
      'a.json:1:3: the file is not UTF-8 from here on; save the file with the encoding UTF-8',
    ],
    ['for UTF-16', { 'a.json': new Uint8Array([0xff, 0xfe, 0x7b, 0x00]) }, {}, 'a.json:1:4: the file holds a NUL byte'],
    [
      'for endless nesting',
      { 'a.json': `${'['.repeat(100_000)}` },
      {},
      'a.json: nested more than 256 levels deep, or without end; look for',
    ],
    [
      'for deep nesting',
      { 'a.json': `${'[1,'.repeat(300)}1${']'.repeat(300)}` },
      {},
      'a.json: nested more than 256 levels deep',
    ],
    [
      'for an anchor inside of itself',
      { 'a.yaml': 'a: &a\n  b: *a\n' },
      {},
      'a.yaml: nested more than 256 levels deep, or without end',
    ],
    [
      'for aliases of aliases',
      {
        'a.yaml': [
          'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
          ...Array.from(
            { length: 9 },
            (_, index) =>
              `a${index + 1}: &a${index + 1} [${Array.from({ length: 10 }, () => `*a${index}`).join(', ')}]`,
          ),
        ].join('\n'),
      },
      {},
      'a.yaml: the aliases cannot be followed',
    ],
    [
      'for Swagger 2.0',
      { 'a.json': { swagger: '2.0', paths: {} } },
      {},
      'a.json: this is Swagger 2.0, which is not read; convert it to OpenAPI 3',
    ],
    [
      'for a Postman collection',
      { 'a.json': { info: { schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' } } },
      {},
      'a.json: this is a Postman collection',
    ],
    [
      'for an OpenAPI of another time',
      { 'a.json': { openapi: '4.0.0' } },
      {},
      'a.json#/openapi: OpenAPI 4.0.0 is not known here',
    ],
    [
      'for an AsyncAPI of another time',
      { 'a.json': { asyncapi: '1.2.0' } },
      {},
      'a.json#/asyncapi: AsyncAPI 1.2.0 is not known here',
    ],
    [
      'for two documents',
      { 'a.json': webhook({}), 'b.json': { id: 1 } },
      {},
      'a.json: this is an OpenAPI document, and such a document is read alone; name one document',
    ],
    [
      'for an event that is not there',
      { 'a.json': shop },
      { events: ['order_payed'] },
      'the document has no event "order_payed"; did you mean "order_paid"?; there are order_paid, order_sent, stock_changed',
    ],
    [
      'for events of a document without any',
      { 'a.json': { openapi: '3.0.3', paths: {} } },
      { events: ['BookingCreatedEvent'] },
      'the document has no events; leave out --events',
    ],
    [
      'for an endpoint that is not there',
      { 'a.json': shop },
      { endpoints: ['getOrders'] },
      'the document has no endpoint "getOrders"; did you mean "getOrder"?; there are get_order, delete_orders_order_id, subscribe',
    ],
    [
      'for endpoints of a document without any',
      { 'a.json': webhook({}) },
      { endpoints: ['x'] },
      'the document has no endpoint "x"; it has no endpoint at all',
    ],
    [
      'for a body that is no object',
      { 'a.json': webhook({ type: 'string' }) },
      {},
      'no event can be imported: the event "order_paid" (a.json#/webhooks/order_paid/post/requestBody/content/application~1json/schema): its body is text, and event data are an object with named fields',
    ],
    [
      'for a body that nothing fits',
      {
        'a.json': webhook({
          type: 'object',
          required: ['a'],
          properties: { a: { allOf: [{ type: 'string' }, { type: 'integer' }] } },
        }),
      },
      {},
      'no value fits its field "a"',
    ],
    ['for a sample of nothing', { 'a.json': [] }, {}, 'a.json: the list is empty'],
    ['for a sample of text', { 'a.json': [{ id: 1 }, 'x'] }, {}, 'a.json#/1: a delivery is an object'],
    [
      'for a name that no sample may have',
      { 'a.json': '{"id":1,"__proto__":{"a":1}}' },
      {},
      'a.json#: no key may be called "__proto__"',
    ],
    [
      'for a sample that nobody can name',
      { '注.json': { id: 1 } },
      {},
      '注.json: nothing of which an event could be named; rename the file',
    ],
  ])('%s', async (_, files, given, said) => {
    expect(await refusal(files, { code: 'my-shop', ...given })).toContain(said)
  })

  test('for a file that is not there, and for a folder', async () => {
    const own = folder()
    const started = (file: string) =>
      newDefinition({ definitions: [join(own, 'd')], given: { code: 'my-shop' }, from: [file], today: '2026-11-24' })
    await expect(started(join(own, 'gone.json'))).rejects.toThrow('there is no file')
    await expect(started(own)).rejects.toThrow('is a folder')
    expect(readdirSync(own)).toEqual([])
  })

  test('for a definition or a sample that is there already', async () => {
    const long = { id: 1, text: 'x'.repeat(500) }
    const { own, from } = written({ 'an-order-made.json': { ...long, made: true }, 'order-paid.json': long })
    const definitions = join(own, 'definitions')
    const started = (code: string) =>
      newDefinition({
        definitions: [definitions],
        given: { code, namespace: code.replace('-', '').toUpperCase() },
        from,
        today: '2026-11-24',
      })
    await started('one-shop')
    const before = readFileSync(join(definitions, 'one-shop.yaml'), 'utf8')
    await expect(started('one-shop')).rejects.toThrow('code "one-shop" is taken')
    const sample = join(definitions, 'samples', 'one-shop', 'order-paid.json')
    rmSync(join(definitions, 'one-shop.yaml'))
    await expect(started('one-shop')).rejects.toThrow(`an-order-made.json" already`)
    expect(existsSync(join(definitions, 'one-shop.yaml'))).toBe(false)
    rmSync(join(definitions, 'samples', 'one-shop', 'an-order-made.json'))
    await expect(started('one-shop')).rejects.toThrow(`there is "${sample}" already`)
    // What was written before the fault is taken away again.
    expect(readdirSync(join(definitions, 'samples', 'one-shop'))).toEqual(['order-paid.json'])
    writeFileSync(join(definitions, 'one-shop.yaml'), before)
    expect((await started('two-shop')).exitCode).toBe(0)
  })

  test('for endpoints without a document', async () => {
    await expect(
      newDefinition({ definitions: [folder()], given: { code: 'my-shop', endpoints: ['x'] }, today: '2026-11-24' }),
    ).rejects.toThrow('--endpoints picks from a document')
  })
})

describe('a document that is made to hurt', () => {
  const hurting = (properties: object, definitions: object) => ({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'order paid',
    type: 'object',
    properties: { id: { type: 'string' }, ...properties },
    $defs: definitions,
  })
  const chained = (length: number, part: (next: object, index: number) => object) =>
    Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `d${index}`,
        index === length - 1
          ? { type: 'object', properties: { x: { type: 'string' } } }
          : part({ $ref: `#/$defs/d${index + 1}` }, index),
      ]),
    )

  test.each<[string, object]>([
    [
      'a long chain of references',
      hurting(
        { a: { $ref: '#/$defs/d0' } },
        chained(5000, (next) => ({ type: 'object', properties: { next } })),
      ),
    ],
    [
      'parts that fan out',
      hurting(
        { a: { $ref: '#/$defs/d0' } },
        chained(20, (next) => ({ allOf: [next, next] })),
      ),
    ],
    [
      'alternatives that fan out',
      hurting(
        { a: { $ref: '#/$defs/d0' } },
        chained(20, (next) => ({ anyOf: [next, { allOf: [next] }] })),
      ),
    ],
    [
      'a body of parts that fan out',
      {
        ...hurting(
          {},
          chained(20, (next) => ({ allOf: [next, next] })),
        ),
        allOf: [{ $ref: '#/$defs/d0' }],
      },
    ],
    [
      'references that go round',
      hurting({ a: { $ref: '#/$defs/a' } }, { a: { $ref: '#/$defs/b' }, b: { allOf: [{ $ref: '#/$defs/a' }] } }),
    ],
  ])('by %s still gives a definition', async (_, document) => {
    const { connector } = await make({ 'a.json': document })
    expect(connector.events.map(({ name }) => name)).toEqual(['order_paid'])
  })

  test('by references that fan out is refused with the limit', async () => {
    const document = hurting(
      { a: { $ref: '#/$defs/d0' } },
      chained(18, (next) => ({ type: 'object', properties: { left: next, right: next } })),
    )
    expect(await refusal({ 'a.json': document })).toContain(
      'more than 10000 schemas once its references are written out',
    )
  })

  test('by its size is refused, and says how much is read', async () => {
    const properties = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, {}]))
    expect(await refusal({ 'a.json': hurting(properties, {}) })).toContain('it has more than 10000 schemas')
  })

  test('by thousands of events is read in the time of a few', async () => {
    const webhooks = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [
        `thing-${index}`,
        {
          post: {
            requestBody: body({
              type: 'object',
              required: ['id', `f${index}`],
              properties: { id: { type: 'string' }, [`f${index}`]: { type: 'string' } },
            }),
          },
        },
      ]),
    )
    const started = performance.now()
    const { connector } = await make(
      { 'a.json': { openapi: '3.1.0', webhooks } },
      { code: 'my-shop', events: ['thing-7'] },
    )
    expect(connector.webhook?.deliveries[0]?.when).toBe('$.delivery.f7')
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

test('names are events of at most sixty characters, all different, with a smart code that fits', async () => {
  const names = [
    'ping',
    'HTTPErrorSeen',
    'repository-vulnerability-alert-auto-reopened',
    'a.b',
    'a-b',
    'a_b_c_d_e_f_g_h',
    '2fa.enabled',
    'é',
    '注文',
  ]
  const webhooks = Object.fromEntries(
    names.map((name) => [
      name,
      {
        post: { requestBody: body({ type: 'object', properties: { id: { type: 'string' }, type: { const: name } } }) },
      },
    ]),
  )
  const { connector, report } = await make({ 'a.json': { openapi: '3.1.0', webhooks } })
  expect(connector.events.map(({ name, smart_code }) => [name, smart_code])).toEqual([
    ['ping', 'HERA.MYSHOP.EVENT.WORD_.PING.v1'],
    ['http_error_seen', 'HERA.MYSHOP.EVENT.HTTP.ERROR.SEEN.v1'],
    [
      'repository_vulnerability_alert_auto_reopened',
      'HERA.MYSHOP.EVENT.REPOSITORY.VULNERABILITY.ALERT.AUTO.REOPENED.v1',
    ],
    ['a_b', 'HERA.MYSHOP.EVENT.WORD_.A_B.v1'],
    ['a_b_2', 'HERA.MYSHOP.EVENT.WORD_.A_B_2.v1'],
    ['a_b_c_d_e_f_g_h', 'HERA.MYSHOP.EVENT.WORD_.A_B_C_D_E_F_G_H.v1'],
    ['n_2fa_enabled', 'HERA.MYSHOP.EVENT.WORD_.N_2FA_ENABLED.v1'],
  ])
  expect(report.notImported.map(({ what }) => what)).toEqual(['the webhook "é"', 'the webhook "注文"'])
})

test('the same document gives the same definition, byte for byte', async () => {
  const [first, second] = [await make({ 'shop.json': shop }), await make({ 'shop.json': shop })]
  expect(first.text).toBe(second.text)
})

test('a person is offered what the document has, and its own answers count', async () => {
  const { own, from } = written({ 'shop.json': shop })
  const definitions = join(own, 'definitions')
  const outcome = await newDefinition({
    definitions: [definitions],
    given: {},
    from,
    today: '2026-11-24',
    ask: async (given, choices) => {
      expect(choices.code).toBe('example-shop-api')
      expect(choices.auth).toBe('oauth2')
      expect(choices.usual('x-y').name).toBe('Example Shop API')
      expect(choices.events.map(({ name }) => name)).toEqual(['order_paid', 'order_sent', 'stock_changed'])
      expect(choices.endpoints).toHaveLength(3)
      return { ...given, code: 'asked', events: ['stock_changed'], endpoints: ['get_order'] }
    },
  })
  expect(outcome.json).toMatchObject({ events: { taken: ['stock_changed'] }, endpoints: { taken: ['get_order'] } })
})

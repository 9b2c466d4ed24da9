import { readdirSync, readFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { JSONPathEnvironment } from 'json-p3'
import { describe, expect, test } from 'vitest'
import { exampleErrors } from '../../generator/check/rules/example-errors.ts'
import type { DataSchema } from '../../generator/compiled/definition.ts'
import type { Reading } from '../../generator/kit/delivery.ts'
import { eventsIn, toEvents } from '../../generator/kit/delivery.ts'
import { createEvent, idempotencyKey, toEventRequest } from '../../generator/kit/event.ts'
import { everyOf, firstOf } from '../../generator/kit/mapping.ts'
import type { Webhook } from '../../generator/kit/webhook.ts'
import type { Connector, EventSchema } from '../../generator/model/connector.ts'
import { parsePath } from '../../generator/model/json-path.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { acme, connectorOf, edit } from '../support/acme.ts'
import { fc } from '../support/property.ts'
import { webhookOf } from '../support/webhook.ts'

const root = join(import.meta.dirname, '..', '..')
const { registry } = await readRegistry([join(root, 'definitions')])
/** The connectors whose events are compared in full; the samples of a definition prove those of every connector. */
const golden = readdirSync(join(root, 'test', 'golden', 'deliveries')).map((file) => parse(file).name)
const samples = registry.connectors.flatMap((connector) =>
  (connector.webhook?.samples ?? []).map((sample) => ({
    connector,
    sample,
    title: `${connector.code}: ${sample.name}`,
  })),
)

function connectorBy(code: string): Connector {
  const connector = registry.connectors.find((one) => one.code === code)
  if (connector === undefined) throw new Error(`no connector ${code}`)
  return connector
}

function webhookBy(code: string): Webhook {
  return webhookOf(connectorBy(code))
}

function schemaOf(connector: Connector, type: string): EventSchema {
  const event = connector.events.find(({ name }) => name === type)
  if (event === undefined) throw new Error(`no event ${type}`)
  return event.data
}

async function read(webhook: Webhook, body: string | Uint8Array<ArrayBuffer>, contentType?: string) {
  const reading = await toEvents(webhook, body, contentType)
  if (!reading.readable) throw new Error(reading.reason)
  return reading
}

describe('the sample deliveries', () => {
  test('are seen', () => {
    expect(samples.length).toBeGreaterThan(80)
  })

  test.each(golden)('of %s become these events', async (code) => {
    const lines: string[] = []
    for (const { name, body, content_type } of connectorBy(code).webhook?.samples ?? []) {
      const { events, unrecognized } = await read(webhookBy(code), body, content_type)
      lines.push(`# ${name}`)
      for (const event of events) lines.push(idempotencyKey(event) ?? 'no key', JSON.stringify(event.data, null, 2))
      lines.push(...unrecognized.map(({ path }) => `unrecognized: ${path}`), '')
    }
    await expect(lines.join('\n')).toMatchFileSnapshot(`../golden/deliveries/${code}.txt`)
  })

  test('give each event its own key, and a repeated delivery the same ones', async () => {
    const owners = new Map<string, string>()
    for (const { connector, sample } of samples) {
      const first = await read(webhookOf(connector), sample.body, sample.content_type)
      const again = await read(webhookOf(connector), sample.body, sample.content_type)
      expect(again.events.map(idempotencyKey)).toEqual(first.events.map(idempotencyKey))
      for (const event of first.events) {
        const key = idempotencyKey(event) ?? 'none'
        expect(key).toMatch(new RegExp(`^${connector.code}:${event.type}:.`))
        // Samples show one thing in several ways; what is named alike there is the same event.
        const names = JSON.stringify(event.idempotency.map((pointer) => valueAt(event.data, pointer) ?? null))
        expect(owners.get(key) ?? names).toBe(names)
        owners.set(key, names)
      }
    }
    expect(owners.size).toBeGreaterThan(40)
  })

  test("hold send times and attempt counters that do not change an event's key", async () => {
    const [hubspot, meta] = [webhookBy('hubspot-crm'), webhookBy('meta-graph-api')]
    const { body } = sampleOf('hubspot-crm', 'A contact was created')
    const repeated = body.replace(/"attemptNumber": ?0/, '"attemptNumber":3')
    expect(repeated).not.toBe(body)
    expect(await keysOf(hubspot, repeated)).toEqual(await keysOf(hubspot, body))
    const comment = sampleOf('meta-graph-api', 'A comment').body
    const later = comment.replace('1793442600', '1793449999')
    expect(later).not.toBe(comment)
    expect(await keysOf(meta, later)).toEqual(await keysOf(meta, comment))
  })
})

function sampleOf(code: string, name: string) {
  const found = samples.find(({ connector, sample }) => connector.code === code && sample.name === name)
  if (found === undefined) throw new Error(`no sample ${name}`)
  return found.sample
}

async function keysOf(webhook: Webhook, body: string) {
  return (await read(webhook, body)).events.map(idempotencyKey)
}

function valueAt(data: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name], data)
}

describe('a body', () => {
  const webhook = webhookBy('whatsapp-business-cloud')
  const text = sampleOf('whatsapp-business-cloud', 'A text').body

  test.each<[string, string | Uint8Array<ArrayBuffer>, string | undefined, Reading]>([
    ['that is empty', '', undefined, { readable: false, reason: 'empty_body' }],
    ['that is no JSON', '{"object":', undefined, { readable: false, reason: 'malformed_body' }],
    [
      'with a byte that is no UTF-8',
      Uint8Array.of(0x22, 0xff, 0x22),
      undefined,
      { readable: false, reason: 'malformed_body' },
    ],
    ['of another type', '<xml/>', 'text/xml', { readable: false, reason: 'unsupported_content_type' }],
    [
      'that is a form where none is sent',
      'a=1',
      'application/x-www-form-urlencoded',
      { readable: false, reason: 'unsupported_content_type' },
    ],
  ])('%s', async (_, body, contentType, expected) => {
    expect(await toEvents(webhook, body, contentType)).toEqual(expected)
  })

  test.each([
    'null',
    '1',
    '"text"',
    '[]',
    '{}',
    'true',
    '{"entry":1}',
    '{"object":"whatsapp_business_account","entry":{}}',
  ])('that holds %s and nothing else is not recognized', async (body) => {
    const { events, unrecognized } = await read(webhook, body)
    expect(events).toEqual([])
    expect(unrecognized).toEqual([{ path: '$', value: JSON.parse(body) }])
  })

  test('of another connector is not recognized, and says where', async () => {
    const { events, unrecognized } = await read(webhookBy('meta-graph-api'), text)
    expect(events).toEqual([])
    expect(unrecognized.map(({ path }) => path)).toEqual(["$['entry'][0]['changes'][0]"])
  })

  test('may begin with a byte order mark and name a character set', async () => {
    const bytes = new TextEncoder().encode(`\ufeff${text}`)
    expect((await read(webhook, bytes, 'Application/JSON; charset=UTF-8')).events).toHaveLength(1)
  })

  test('that nests without end does no harm', async () => {
    for (const code of registry.connectors.filter(({ webhook }) => webhook).map((connector) => connector.code)) {
      for (const deep of [
        `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`,
        '{"a":'.repeat(100_000),
        `{"id":1,"payload":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      ]) {
        const reading = await toEvents(webhookBy(code), deep)
        if (!reading.readable) expect(reading.reason).toBe('malformed_body')
        else expect(reading.events).toEqual([])
      }
    }
  })

  test('of three megabytes is read', async () => {
    const delivery = JSON.parse(text)
    const { messages } = delivery.entry[0].changes[0].value
    delivery.entry[0].changes[0].value.messages = Array.from({ length: 12_000 }, (_, index) => ({
      ...messages[0],
      id: `wamid.${index}`,
    }))
    const { events, unrecognized } = await read(webhook, JSON.stringify(delivery))
    expect(new Set(events.map(idempotencyKey)).size).toBe(12_000)
    expect(unrecognized).toEqual([])
  })
})

describe('numbers beyond 2^53', () => {
  const { body } = sampleOf('meta-graph-api', 'A lead with numbers beyond 2^53')

  test('keep their digits where the definition asks for it', async () => {
    const [event] = (await read(webhookBy('meta-graph-api'), body)).events
    expect(event?.data).toMatchObject({ leadgen_id: '16361294300268011', ad_id: '23843100000000002' })
  })

  test('are refused rather than rounded where it does not', async () => {
    const { parseExactly: _, ...webhook } = webhookBy('meta-graph-api')
    const { events, unrecognized } = await read(webhook, body)
    expect(events).toEqual([])
    expect(unrecognized.map(({ path, field }) => [path, field])).toEqual(
      ['/leadgen_id', '/ad_id', '/adgroup_id'].map((field) => ["$['entry'][0]['changes'][0]", field]),
    )
  })
})

describe('what does not fit its event', () => {
  const connector = connectorOf(acme)
  const webhook = webhookOf(connector)
  const change = (contact: object) => JSON.stringify({ changes: [{ type: 'contact.created', contact }] })

  test('is left out and named, and the rest of the event is kept', async () => {
    const { events, unrecognized } = await read(
      webhook,
      change({
        id: 'c_1',
        mail: 'ada@example.com',
        email: 'no address',
        score: 101,
        stage: 'none',
        created: '12 May',
        tags: ['a', 1, null, {}],
        address: { city: true },
      }),
    )
    expect(events.map(({ data }) => data)).toEqual([{ contact_id: 'c_1', email: 'ada@example.com', tags: ['a', '1'] }])
    expect(unrecognized.map(({ path, event, field }) => [path, event, field])).toEqual(
      ['/email', '/score', '/address/city', '/tags/-', '/created_at'].map((field) => [
        "$['changes'][0]",
        'contact_created',
        field,
      ]),
    )
  })

  test('takes the event with it where the field is required', async () => {
    for (const contact of [{}, { id: 'contact' }, { id: 1 }, { id: null }]) {
      const { events, unrecognized } = await read(webhook, change(contact))
      expect(events).toEqual([])
      expect(unrecognized).toMatchObject([{ path: "$['changes'][0]", event: 'contact_created', field: '/contact_id' }])
    }
  })

  test.each([
    [0, '1970-01-01T00:00:00Z'],
    [1795420800.25, '2026-11-23T08:00:00.250Z'],
    ['1795420800', '2026-11-23T08:00:00Z'],
    [253402300799, '9999-12-31T23:59:59Z'],
    [253402300800, undefined],
    [-1, undefined],
    ['', undefined],
  ])('the time %s becomes %s', async (created, expected) => {
    const [event] = (await read(webhook, change({ id: 'c_1', created }))).events
    expect(valueAt(event?.data, '/created_at')).toBe(expected)
  })

  test('never reaches an event, whatever a vendor sends', async () => {
    for (const { connector: one, sample } of samples) {
      const delivery: unknown =
        webhookOf(one).content_types[0] === sample.content_type ? JSON.parse(sample.body) : undefined
      if (delivery === undefined) continue
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), fc.jsonValue({ maxDepth: 2 }), async (place, value) => {
          const { events } = await read(webhookOf(one), JSON.stringify(replaced(delivery, place, value)))
          for (const { type, data } of events)
            expect(exampleErrors(schemaOf(one, type) as DataSchema, data)).toEqual([])
        }),
        { numRuns: 60 },
      )
    }
  }, 60_000)
})

/** Another value in place of the n-th inside of one. */
function replaced(value: unknown, place: number, other: unknown): unknown {
  const count = { left: place }
  const walk = (current: unknown): unknown => {
    count.left -= 1
    if (count.left < 0 && count.left >= -1) return other
    if (Array.isArray(current)) return current.map(walk)
    if (typeof current !== 'object' || current === null) return current
    return Object.fromEntries(Object.entries(current).map(([name, inside]) => [name, walk(inside)]))
  }
  return walk(value)
}

describe('a form', () => {
  test.each([
    ['invalid UTF-8', [0x69, 0x64, 0x3d, 0xff]],
    ['half of a character', [0x69, 0x64, 0x3d, 0xc3]],
  ])('with %s is malformed', async (_, bytes) => {
    const reading = await toEvents(
      webhookBy('zapier-webhook'),
      Uint8Array.from(bytes),
      'application/x-www-form-urlencoded',
    )
    expect(reading).toEqual({ readable: false, reason: 'malformed_body' })
  })

  test('gives a field that stands there twice as a list', async () => {
    const { events } = await read(
      webhookBy('zapier-webhook'),
      'id=7&tag=a&tag=b&x=',
      'application/x-www-form-urlencoded',
    )
    expect(events.map(({ data }) => data)).toEqual([
      { id: '7', content_type: 'application/x-www-form-urlencoded', payload: { id: '7', tag: ['a', 'b'], x: '' } },
    ])
  })

  test('with names that mean something to JavaScript is only data', async () => {
    const { events } = await read(
      webhookBy('zapier-webhook'),
      '__proto__=1&constructor=2',
      'application/x-www-form-urlencoded',
    )
    expect(JSON.stringify(events[0]?.data)).toContain('"__proto__":"1","constructor":"2"')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('paths are followed as RFC 9535 has it', () => {
  const environment = new JSONPathEnvironment()
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(1, 2, 'a', 'b', true, null),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'length', 'at'), tie('node'), { maxKeys: 3 }),
    ),
  })).node
  const step = fc.constantFrom(
    '.a',
    '.b',
    '.length',
    '.at',
    '[0]',
    '[-1]',
    '[*]',
    '[?@.a]',
    '[?@.a == 1]',
    '[?@.a != @.b]',
    "[?@.a == 'a' || @.b]",
    '[?!(@.a && @.b)]',
    '[?@.a < 2]',
    '[?@.a >= @.b]',
    '[?@.b[?@.a == 1]]',
    '[?@ == $.x.a]',
  )

  test('against a reference', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), value, (steps, given) => {
        const path = `$.x${steps.join('')}`
        const found: unknown[] = []
        everyOf(parsePath(path, ['x']), new Map([['x', 0]]))([given], (one) => found.push(one))
        const wanted = environment.query(path, { x: given } as never).values()
        // Whole objects and lists are not compared by the kit; no rule needs it.
        if (!path.includes('==') && !path.includes('!=') && !path.includes('>=')) expect(found).toEqual(wanted)
        else if (JSON.stringify(given).match(/[[{].*[[{].*[[{]/) === null) expect(found).toEqual(wanted)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('looking up elements of one list for those of another one', () => {
  /** Reads of the key of a contact, while a delivery with as many messages and contacts is read. */
  function reads(count: number, contactOf: (index: number) => object, messageOf: (index: number) => object): number {
    let reads = 0
    const counted = (contact: object) =>
      new Proxy(contact, {
        get(target, name) {
          reads += 1
          return Reflect.get(target, name)
        },
      })
    const indexes = Array.from({ length: count }, (_, index) => index)
    const value = {
      metadata: { phone_number_id: '1' },
      contacts: indexes.map((index) => counted(contactOf(index))),
      messages: indexes.map((index) => ({ id: `wamid.${index}`, type: 'text', timestamp: '1', ...messageOf(index) })),
    }
    const delivery = {
      object: 'whatsapp_business_account',
      entry: [{ id: '1', changes: [{ field: 'messages', value }] }],
    }
    const { events } = eventsIn(webhookBy('whatsapp-business-cloud'), delivery, { content_type: 'application/json' })
    expect(events).toHaveLength(count)
    return reads
  }

  test.each<[string, (index: number) => object, (index: number) => object]>([
    [
      'each message has a contact',
      (index) => ({ wa_id: `${index}`, profile: { name: 'N' } }),
      (index) => ({ from: `${index}` }),
    ],
    ['no message has a contact', (index) => ({ wa_id: `${index}` }), (index) => ({ from: `x${index}` })],
    ['all contacts are one, without a name', () => ({ wa_id: '1' }), () => ({ from: '1' })],
    [
      'all contacts are one, and each message has another second id',
      () => ({ wa_id: '1' }),
      (index) => ({ from: '1', from_user_id: `${index}` }),
    ],
  ])('takes steps in proportion to both where %s', (_, contactOf, messageOf) => {
    const few = reads(100, contactOf, messageOf)
    const many = reads(1000, contactOf, messageOf)
    expect(few).toBeLessThan(100 * 40)
    expect(many).toBeLessThan(few * 11)
  })

  const key = fc.constantFrom<unknown>('a', 'b', 'c', 1, null, undefined)
  const element = fc.record({ id: key, other: key, kind: fc.constantFrom('x', 'y'), name: key })

  test.each([
    '$.list[?@.id == $.item.id].name',
    '$.list[?$.item.other == @.other].name',
    "$.list[?@.kind == 'x' && @.id == $.item.id && @.other == $.item.other].name",
    '$.list[?@.id && @.id == $.item.id || @.other && @.other == $.item.other].name',
    "$.list[?@.id == $.item.id && (@.kind == 'x' || @.other == $.item.other)].name",
    "$.list[?$.item.kind == 'x' && @.id == $.item.id || $.item.kind == 'y'].name",
    '$.list[*].name',
    '$.list[?@.id != $.item.id].name',
    '$.list[?@.id >= $.item.id].name',
  ])('finds the same as going through the list: %s', (path) => {
    const names = ['list', 'item']
    const slots = new Map(names.map((name, place) => [name, place]))
    const parsed = parsePath(path, names)
    fc.assert(
      fc.property(
        fc.array(element, { minLength: 9, maxLength: 20 }),
        fc.array(element, { minLength: 1 }),
        (list, items) => {
          const first = firstOf(parsed, slots)
          const scope: unknown[] = [list, undefined]
          for (const item of items) {
            scope[1] = item
            const all: unknown[] = []
            everyOf(parsed, slots)(scope, (value) => all.push(value))
            expect(first(scope)).toBe(all.find((value) => value !== null) ?? all[0])
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('an object serves as a list, and its index ends with the delivery', () => {
    const slots = new Map([
      ['list', 0],
      ['item', 1],
    ])
    const first = firstOf(parsePath('$.list[?@.id == $.item.id].name', ['list', 'item']), slots)
    const list = Object.fromEntries(Array.from({ length: 20 }, (_, id) => [`k${id}`, { id, name: `n${id}` }]))
    expect(first([list, { id: 7 }])).toBe('n7')
    ;(list.k7 as { name: string }).name = 'other'
    expect(first([list, { id: 7 }])).toBe('other')
  })
})

describe('a string outside of a loop', () => {
  const outside = edit(acme, [
    'email: { from: [$.change.contact.email, $.change.contact.mail] }',
    'email: $.delivery.mail',
  ])
  const webhook = webhookOf(connectorOf(edit(outside, ['          format: email\n', ''])))
  const delivery = (mail: string, count: number) =>
    JSON.stringify({
      mail,
      changes: Array.from({ length: count }, (_, index) => ({
        type: 'contact.created',
        contact: { id: `c_${index}` },
      })),
    })
  const copiesIn = (events: readonly { readonly data: unknown }[]) =>
    events.map(({ data }) => valueAt(data, '/email')).filter((mail) => mail !== undefined)

  test('is copied into every event while it is short', async () => {
    const { events, unrecognized } = await read(webhook, delivery('x'.repeat(200), 60_000))
    expect(copiesIn(events)).toHaveLength(60_000)
    expect(unrecognized).toEqual([])
  })

  test('is copied up to ten million characters while it is long, and then reported', async () => {
    const { events, unrecognized } = await read(webhook, delivery('x'.repeat(1_000_000), 12))
    expect(events).toHaveLength(12)
    expect(copiesIn(events)).toHaveLength(10)
    expect(unrecognized.map(({ path, event, field }) => [path, event, field])).toEqual(
      [10, 11].map((index) => [`$['changes'][${index}]`, 'contact_created', '/email']),
    )
  })

  test('has the whole budget again in the next delivery', async () => {
    for (let index = 0; index < 3; index += 1)
      expect(copiesIn((await read(webhook, delivery('x'.repeat(1_000_000), 10))).events)).toHaveLength(10)
  })

  test('of a list does not use it up', async () => {
    const inside = edit(acme, [
      '"$.change.contact.tags[*]", data: $.item',
      '"$.change.contact.tags[*]", data: $.change.tag',
    ])
    const contact = { id: 'c_1', tags: Array.from({ length: 12 }, () => 1) }
    const { events } = await read(
      webhookOf(connectorOf(inside)),
      JSON.stringify({ changes: [{ type: 'contact.created', contact, tag: 'x'.repeat(1_000_000) }] }),
    )
    expect(valueAt(events[0]?.data, '/tags')).toHaveLength(10)
  })
})

describe('an event of our own', () => {
  test('has the key and the request that a delivered one has', () => {
    const event = createEvent(webhookBy('hubspot-crm'), 'contact_created', { hubspot_contact_id: '1:2', portal_id: 7 })
    expect(idempotencyKey(event)).toBe('hubspot-crm:contact_created:7:1%3A2')
    expect(toEventRequest(event)).toEqual({
      event_source: 'hubspot-crm',
      event_type: 'contact_created',
      connector_code: 'hubspot-crm',
      event_data: { hubspot_contact_id: '1:2', portal_id: 7 },
      smart_code: 'HERA.HUBSPOT.EVENT.CONTACT.CREATED.v1',
      idempotency_key: 'hubspot-crm:contact_created:7:1%3A2',
    })
  })

  test('that nothing names has no key', () => {
    const event = createEvent(webhookBy('zapier-webhook'), 'webhook_received', { payload: {} })
    expect(idempotencyKey(event)).toBeUndefined()
    expect(toEventRequest(event)).not.toHaveProperty('idempotency_key')
  })

  test('has a key of its own for every list of values', () => {
    const key = (...values: readonly unknown[]) =>
      idempotencyKey({ connector: 'c', type: 't', smart_code: '', idempotency: ['/0', '/1', '/2'], data: values })
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('', ':', '%', 'a', 'a:b', '%3A', undefined), { minLength: 3, maxLength: 3 }),
        fc.array(fc.constantFrom('', ':', '%', 'a', 'a:b', '%3A', undefined), { minLength: 3, maxLength: 3 }),
        (left, right) => {
          expect(key(...left) === key(...right)).toBe(JSON.stringify(left) === JSON.stringify(right))
        },
      ),
    )
  })
})

test('the vectors of real bytes become events too', async () => {
  const folder = join(root, 'test', 'fixtures', 'vectors', 'linkedin')
  const body = readFileSync(join(folder, 'body-lead-created.json'))
  const { events } = await read(webhookBy('linkedin-api'), new Uint8Array(body))
  expect(events.map(({ type }) => type)).toEqual(['lead_generated'])
})

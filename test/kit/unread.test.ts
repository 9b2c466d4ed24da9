import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventsIn, toEvents } from '../../generator/kit/delivery.ts'
import { handleWebhook } from '../../generator/kit/receive.ts'
import { sampleRequest } from '../../generator/model/sample-request.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { acme, connectorOf, edit, findingsIn } from '../support/acme.ts'
import { webhookOf } from '../support/webhook.ts'

const { registry } = await readRegistry([join(import.meta.dirname, '..', '..', 'definitions')])
const facts = { content_type: 'application/json' }
const created = (more: object) => ({ type: 'contact.created', contact: { id: 'c_1', created: 1795420800, ...more } })

function unreadOf(delivery: unknown, text = acme): readonly string[] {
  return eventsIn(webhookOf(connectorOf(text)), delivery, facts).unread
}

describe('values of recognized parts that no rule reads', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['do not occur if all are read', { changes: [created({})] }, []],
    [
      'of an element and around it',
      { sent: 1, changes: [created({ plan: 'a' })] },
      ['$.delivery.sent', '$.delivery.changes[*].contact.plan'],
    ],
    [
      'are each once',
      { changes: [created({ plan: 'a' }), created({ plan: 'b' })] },
      ['$.delivery.changes[*].contact.plan'],
    ],
    [
      'of a part that became no event are not unread, since the part is unrecognized',
      { changes: [created({}), { type: 'x', plan: 1 }] },
      [],
    ],
    ['of a delivery without events are not unread', { sent: 1 }, []],
    [
      'in objects and lists have their own path',
      { changes: [created({ a: { 'b-c': [{ d: null }] } })] },
      ['$.delivery.changes[*].contact.a["b-c"][*].d'],
    ],
    ['are values, not empty objects and lists', { changes: [created({ a: {}, b: [] })] }, []],
    [
      'are a value below 64 levels',
      { changes: [created({ a: nested(200) })] },
      [`$.delivery.changes[*].contact.a${'[*]'.repeat(60)}`],
    ],
  ])('%s', (_, delivery, unread) => {
    expect(unreadOf(delivery)).toEqual(unread)
  })

  const MERGED = `    - event: contact_created
      for: { merged: "$.delivery.changes[?@.type == 'contact.merged']" }
      data: { contact_id: $.merged.contact.id }
  routing:
`
  const merging = edit(
    acme,
    ['  routing:\n', MERGED],
    ['{"type":"contact.merged"}', '{"type":"contact.merged","contact":{"id":"c_2"}}'],
    [
      'events: [contact_created]\n      unrecognized: ["$[\'changes\'][1]"]',
      'events: [contact_created, contact_created]',
    ],
  )

  test('are values too that only rules of other events read', () => {
    const merged = { type: 'contact.merged', contact: { id: 'c_2', email: 'ada@example.com' } }
    expect(unreadOf({ changes: [merged] }, merging)).toEqual(['$.delivery.changes[*].contact.email'])
    expect(unreadOf({ changes: [created({ email: 'ada@example.com' })] }, merging)).toEqual([])
  })

  test('may be ignored although other rules read them', () => {
    const ignoring = (at: string) =>
      edit(merging, [
        '  routing:\n',
        `  ignored:\n    - { at: "${at}", reason: The merged contact has it. }\n  routing:\n`,
      ])
    const codes = (at: string) => findingsIn({ 'acme-crm.yaml': ignoring(at) }).map(({ code }) => code)
    expect(codes('$.delivery.changes[*].contact.email')).toEqual([])
    expect(codes('$.delivery.changes[*].contact.id')).toEqual(['delivery/ignored-read'])
    expect(codes('$.delivery.changes[*].contact')).toEqual(['delivery/ignored-read'])
    expect(codes('$.delivery.changes[*].type')).toEqual(['delivery/ignored-read'])
  })

  test('are at most a hundred', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, index]))
    expect(unreadOf({ changes: [created(many)] })).toHaveLength(100)
  })

  test('of an object that is carried whole are read', async () => {
    const zapier = registry.connectors.find(({ code }) => code === 'zapier-webhook')
    if (zapier === undefined) throw new Error('no zapier-webhook')
    const reading = await toEvents(webhookOf(zapier), '{"id":"1","a":{"b":[1]}}')
    expect(reading).toMatchObject({ readable: true, unread: [] })
  })

  test('are not reported where the definition ignores them', () => {
    const ignored =
      "\n  ignored:\n    - { at: '$.delivery.changes[*].contact.extra', reason: Made up. }\n  samples:\n    - name: Two changes\n"
    const text = edit(acme, ['\n  samples:\n    - name: Two changes\n', ignored])
    expect(unreadOf({ changes: [created({ extra: { a: [1, { b: 2 }] }, more: 1 })] }, text)).toEqual([
      '$.delivery.changes[*].contact.more',
    ])
  })

  test('reach the application, but not its answer', async () => {
    const told: string[] = []
    const zapier = registry.connectors.find(({ code }) => code === 'hubspot-crm')
    if (zapier === undefined) throw new Error('no hubspot-crm')
    const webhook = {
      ...webhookOf(zapier),
      signatures: [
        {
          name: 't',
          algorithm: 'token',
          signature: { in: 'header', at: ['x-token'], format: '{signature}', multiple: false },
          encoding: 'hex',
          secret: 'client_secret',
          secret_encoding: 'text',
          signed: '',
          weak: false,
        },
      ],
    } as const
    const handler = handleWebhook(webhook, {
      secrets: { client_secret: 'made-up' },
      enqueue: async () => undefined,
      onUnread: (paths) => told.push(...paths),
    })
    const body = JSON.stringify([
      { subscriptionType: 'contact.creation', objectId: 1, portalId: 2, eventId: 3, occurredAt: 4, newField: 5 },
    ])
    const request = new Request('https://hooks.example.com/in', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-token': 'made-up' },
    })
    expect((await handler(request)).status).toBe(200)
    expect(told).toEqual(['$.delivery[*].newField'])
  })
})

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}

test('no sample of the registry has unread values', async () => {
  for (const connector of registry.connectors) {
    if (connector.status === 'draft') continue
    for (const sample of connector.webhook?.samples ?? []) {
      const reading = await toEvents(webhookOf(connector), sample.body, sampleRequest(sample))
      expect([sample.name, reading.readable && reading.unread]).toEqual([sample.name, []])
    }
  }
})

describe('a finding', () => {
  const withIgnored = (at: string) =>
    edit(acme, [
      '\n  samples:\n    - name: Two changes\n',
      `\n  ignored:\n    - { at: '${at}', reason: Made up. }\n  samples:\n    - name: Two changes\n`,
    ])
  const codesOf = (text: string) =>
    findingsIn({ 'acme-crm.yaml': text }).map(({ code, message }) => `${code}: ${message}`)

  test('reports each unread value once, unless the definition is a draft', () => {
    const text = edit(acme, [
      '"created":1795420800}}',
      '"created":1795420800,"plan":1}},{"type":"contact.created","contact":{"id":"c_2","created":1795420800,"plan":2}}',
    ]).replace(
      'events: [contact_created]\n      unrecognized: ["$[\'changes\'][1]"]',
      'events: [contact_created, contact_created]\n      unrecognized: ["$[\'changes\'][2]"]',
    )
    const message = 'delivery/leaf-unread: no rule reads $.delivery.changes[*].contact.plan of "Two changes"'
    expect(codesOf(text)).toEqual([message])
    expect(codesOf(text.replace('status: active', 'status: draft'))).not.toContain(message)
  })

  test.each([
    ['$.delivery.changes[*].contact', 'a delivery rule reads a value below $.delivery.changes[*].contact'],
    ['$.delivery.changes[*].contact.id', 'every delivery rule reads $.delivery.changes[*].contact.id'],
    [
      '$.change.contact.extra',
      '"$.change.contact.extra" is not a path of names and [*] from $.delivery or $.request.query',
    ],
    [
      '$.delivery.changes[?@.type == 1].x'.replaceAll("'", ''),
      '"$.delivery.changes[?@.type == 1].x" is not a path of names and [*] from $.delivery or $.request.query',
    ],
  ])('is at the ignored place %s', (at, message) => {
    expect(codesOf(withIgnored(at))).toEqual([`delivery/ignored-read: ${message}`])
  })
})

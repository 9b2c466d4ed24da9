import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventsIn, toEvents } from '../../generator/kit/delivery.ts'
import type { Webhook } from '../../generator/kit/webhook.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { acme, connectorOf, edit, findingsIn } from '../support/acme.ts'
import { fc } from '../support/property.ts'
import { webhookOf } from '../support/webhook.ts'

const { registry } = await readRegistry([join(import.meta.dirname, '..', '..', 'definitions')])

function webhookBy(code: string): Webhook {
  const connector = registry.connectors.find((one) => one.code === code)
  if (connector === undefined) throw new Error(`no connector ${code}`)
  return webhookOf(connector)
}

async function read(webhook: Webhook, delivery: unknown) {
  const reading = await toEvents(webhook, JSON.stringify(delivery))
  if (!reading.readable) throw new Error(reading.reason)
  return reading
}

describe('events are in the order of the delivery', () => {
  test('within a list, whatever the order of the rules', async () => {
    const change = (subscriptionType: string, objectId: number) => ({
      ...{ subscriptionType, objectId, portalId: 7, eventId: objectId, occurredAt: 1790000000000 },
      ...{ propertyName: 'name', propertyValue: 'x' },
    })
    const types = ['company.propertyChange', 'contact.creation', 'deal.creation', 'contact.propertyChange']
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...types), { minLength: 1, maxLength: 30 }), async (chosen) => {
        const { events } = await read(webhookBy('hubspot-crm'), chosen.map(change))
        expect(events.map(({ data }) => Number(Object.values(data as object)[0]))).toEqual(chosen.map((_, id) => id))
      }),
    )
  })

  test('across lists, as the members of the object are ordered', async () => {
    const messages = [{ id: 'm', from: '1', type: 'text', timestamp: '1790000000', text: { body: 'x' } }]
    const statuses = [{ id: 's', status: 'read', recipient_id: '1', timestamp: '1790000000' }]
    const typesOf = async (value: object) => {
      const metadata = { phone_number_id: '1', display_phone_number: '1' }
      const changes = [{ field: 'messages', value: { metadata, ...value } }]
      const delivery = { object: 'whatsapp_business_account', entry: [{ id: '1', changes }] }
      return (await read(webhookBy('whatsapp-business-cloud'), delivery)).events.map(({ type }) => type)
    }
    expect(await typesOf({ messages, statuses })).toEqual(['message_received', 'message_read'])
    expect(await typesOf({ statuses, messages })).toEqual(['message_read', 'message_received'])
  })
})

describe('a loop over several containers', () => {
  const loop = "change: $.delivery.changes[?@.type == 'contact.created']"
  const paths = ["$.delivery.changes[?@.type == 'contact.created']", '$.delivery.batches[*].added[*].change']
  const several = edit(acme, [loop, `change: ["${paths.join('", "')}"]`])
  const contact = (id: string) => ({ type: 'contact.created', contact: { id, created: 1795420800 } })

  test('makes the event from each of them', async () => {
    const batches = [{ added: [{ change: contact('c_2') }, { change: contact('c_3') }] }]
    const { events, unrecognized } = await read(webhookOf(connectorOf(several)), { changes: [contact('c_1')], batches })
    expect(events.map(({ data }) => (data as { readonly contact_id: string }).contact_id)).toEqual([
      'c_1',
      'c_2',
      'c_3',
    ])
    expect(unrecognized).toEqual([])
  })

  test('reports elements of each without an event, and values that do not fit', async () => {
    const batches = [
      { added: [{ change: { contact: { id: 'c_2', created: 1795420800, score: 'high' } } }, { other: 1 }] },
    ]
    const { events, unrecognized } = await read(webhookOf(connectorOf(several)), { changes: [{ type: 'x' }], batches })
    expect(events).toHaveLength(1)
    expect(unrecognized.map(({ path, field }) => [path, field])).toEqual([
      ["$['changes'][0]", undefined],
      ["$['batches'][0]['added'][0]", '/score'],
      ["$['batches'][0]['added'][1]", undefined],
    ])
  })

  test('takes steps in proportion to all of them', () => {
    let reads = 0
    const counted = (id: number) =>
      new Proxy(contact(`c_${id}`), {
        get(target, name) {
          reads += 1
          return Reflect.get(target, name)
        },
      })
    const webhook = webhookOf(connectorOf(several))
    const readsOf = (count: number) => {
      reads = 0
      const changes = Array.from({ length: count }, (_, id) => counted(id))
      const batches = [{ added: changes.map((change) => ({ change })) }]
      const { events } = eventsIn(webhook, { changes, batches }, { content_type: 'application/json' })
      expect(events).toHaveLength(2 * count)
      return reads
    }
    expect(readsOf(1000)).toBe(10 * readsOf(100))
  })

  test('has a finding at the path that is wrong, and where one of them is another rule’s', () => {
    const wrong = edit(several, ['$.delivery.batches[*]', '$.batch.batches[*]'])
    expect(findingsIn({ 'acme-crm.yaml': wrong }).map(({ message }) => message)).toEqual([
      'nothing is called "batch" here; there are $.delivery, $.request',
    ])
    const rule = `\n    - event: contact_created\n      for: { entry: "${paths[1]}" }\n      data: { contact_id: $.entry.contact.id }\n  routing:`
    expect(findingsIn({ 'acme-crm.yaml': edit(several, ['\n  routing:', rule]) }).map(({ code }) => code)).toEqual([
      'delivery/rules-overlap',
    ])
  })
})

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventsIn, toEvents } from '../../generator/kit/delivery.ts'
import type { Unrouted } from '../../generator/kit/receive-all.ts'
import { handleWebhooks } from '../../generator/kit/receive-all.ts'
import type { AnyEvents, RoutedWebhook } from '../../generator/kit/webhook.ts'
import { routedSample } from '../../generator/sandbox/simulation.ts'
import { connectorOf, edit, findingsIn } from '../support/acme.ts'
import { webhookOf } from '../support/webhook.ts'

const beacon = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'beacon-pay.yaml'), 'utf8')

const FIELDS = `      example: acc_1
    mailbox:
      label: Mailbox
      type: text
      required: false
      used_for: [routing]
      description: Address of the mailbox.
      where_to_find: Console, Mail.
`
const EXAMPLE = '      example: acc_1\n'
const IGNORED = `  ignored:
    - { at: $.note.emailAddress, reason: The installation belongs to one mailbox. }
`

/** Beacon with a mailbox in each note that identifies the installation. */
const mail = edit(
  beacon,
  [EXAMPLE, FIELDS],
  [IGNORED, '  routing:\n    - { from: $.note.emailAddress, field: mailbox }\n'],
)

/** Beacon with an account in each payment of a delivery. */
const payments = edit(
  beacon,
  [EXAMPLE, FIELDS],
  [
    'used_for: [calls]\n      description: Id of your account',
    'used_for: [calls, routing]\n      description: Id of your account',
  ],
  ['      used_for: [routing]\n      description: Address', '      used_for: [delivery]\n      description: Address'],
  [
    "when: $.delivery.type == 'payment'\n      data: { payment_id: $.delivery.id, status: $.payment.status }",
    'data: { payment_id: $.part.id, status: $.payment.status }',
  ],
  [
    'fetch: { payment: { endpoint: get_payment, parameters: { id: $.delivery.id } } }',
    'for: { part: "$.delivery.parts[*]" }\n      fetch: { payment: { endpoint: get_payment, parameters: { id: $.part.id } } }',
  ],
  [`'{"id":"tr_1","type":"payment"}'`, `'{"parts":[{"id":"tr_1","account":"acc_1"}]}'`],
  [`'{"id":"tr_2","type":"payment"}'`, `'{"parts":[{"id":"tr_2"}]}'`],
  ['unrecognized: ["$, $.payment"]', `unrecognized: ["$['parts'][0], $.payment"]`],
  ['  samples:\n', '  routing:\n    - { from: "$.delivery.parts[*].account", field: account_id }\n  samples:\n'],
)

type Routed = RoutedWebhook<string, AnyEvents>

function webhook(text: string): Routed {
  return webhookOf(connectorOf(text)) as Routed
}

const packed = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')

interface Known {
  readonly id: string
  readonly key?: string
  readonly mailbox?: string
  readonly account_id?: string
}

function endpointOf(
  routed: Routed,
  known: readonly Known[],
  fetchResource?: (call: Request, installation: string) => Promise<Response>,
) {
  const [received, unrouted, problems]: [string[], Unrouted<AnyEvents>[], string[]] = [[], [], []]
  const handle = handleWebhooks(routed, {
    installations: (value, field) =>
      known
        .filter((one) => one[field as 'mailbox'] === value)
        .map(({ id, key = 'k', account_id }) => ({ id, secrets: { signing_key: key, account_id } })),
    enqueue: async (events) => {
      received.push(...events.map(({ event, installation }) => `${installation.id}: ${JSON.stringify(event.data)}`))
    },
    ...(fetchResource && { fetchResource: (call, { installation }) => fetchResource(call, installation.id) }),
    onUnrouted: (all) => unrouted.push(...all),
    onUnrecognized: (parts) => problems.push(...parts.map(({ path, problem }) => `${path} ${problem}`)),
  })
  return {
    ...{ received, problems },
    unrouted: () => unrouted.map(({ reason, value }) => `${reason} ${value}`),
    async post(body: unknown, key = 'k') {
      const text = JSON.stringify(body)
      const signature = createHmac('sha256', key).update(text).digest('hex')
      const headers = { 'content-type': 'application/json', 'beacon-signature': signature }
      return (await handle(new Request('https://hooks.example.com/', { method: 'POST', headers, body: text }))).status
    },
  }
}

describe('a value in unpacked JSON', () => {
  const message = (emailAddress: string, historyId: number) => ({ data: packed({ emailAddress, historyId }) })
  const two = { type: 'mail', messages: [message('ada@example.com', 7), message('bob@example.com', 8)] }

  test('identifies the installation of each part', async () => {
    const endpoint = endpointOf(webhook(mail), [
      { id: 'a', mailbox: 'ada@example.com' },
      { id: 'b', mailbox: 'bob@example.com' },
    ])
    expect(await endpoint.post(two)).toBe(200)
    expect(endpoint.received).toEqual(['a: {"history_id":"7"}', 'b: {"history_id":"8"}'])
  })

  test('chooses the secret before the delivery is verified', async () => {
    const endpoint = endpointOf(webhook(mail), [
      { id: 'a', mailbox: 'ada@example.com', key: 'ka' },
      { id: 'b', mailbox: 'bob@example.com', key: 'kb' },
    ])
    expect(await endpoint.post(two, 'kb')).toBe(200)
    expect([endpoint.received, endpoint.unrouted()]).toEqual([
      ['b: {"history_id":"8"}'],
      ['not_verified ada@example.com'],
    ])
    expect(await endpoint.post({ type: 'mail', messages: [message('ada@example.com', 9)] }, 'kb')).toBe(401)
  })

  test('is missing in what cannot be unpacked', async () => {
    const endpoint = endpointOf(webhook(mail), [{ id: 'a', mailbox: 'ada@example.com' }])
    for (const data of ['%%%', packed('text'), packed([]), 7, null, Buffer.from('{').toString('base64')])
      expect(await endpoint.post({ type: 'mail', messages: [{ data }] })).toBe(403)
    expect(endpoint.received).toEqual([])
  })

  test('counts as read, and is found in JSON in JSON', async () => {
    const reading = await toEvents(webhook(mail), JSON.stringify(two), 'application/json')
    expect(reading).toMatchObject({
      unread: [],
      routes: [[{ value: 'ada@example.com' }], [{ value: 'bob@example.com' }]],
    })
    const nested = webhook(
      edit(
        mail,
        ['unpack: { note: { from: $.message.data, as: base64-json } }', NESTED],
        ['eyJlbWFpbEFkZHJlc3MiOiJhZGFAZXhhbXBsZS5jb20iLCJoaXN0b3J5SWQiOjd9', packed({ note: NOTE })],
        ['eyJoaXN0b3J5SWQiOjh9', packed({ note: '{"historyId":8}' })],
      ),
    )
    expect(nested.routing).toEqual([
      {
        from: ['delivery', 'messages', { all: true }, 'data'],
        unpack: [
          { name: 'outer', as: 'base64-json', at: ['note'] },
          { name: 'note', as: 'json', at: ['emailAddress'] },
        ],
        field: 'mailbox',
      },
    ])
    const body = JSON.stringify({ type: 'mail', messages: [{ data: packed({ note: NOTE }) }] })
    expect(await toEvents(nested, body, 'application/json')).toMatchObject({
      routes: [[{ field: 'mailbox', value: 'ada@example.com' }]],
    })
    const sample = connectorOf(mail).webhook?.samples.find(({ name }) => name === 'Two messages')
    if (sample === undefined) throw new Error('no sample')
    const sent = await routedSample(nested, { ...sample, body }, { mailbox: 'own@example.com' })
    expect(await toEvents(nested, sent.body, 'application/json')).toMatchObject({
      events: [{ data: { history_id: '7' } }],
      routes: [[{ value: 'own@example.com' }]],
    })
  })

  test('is replaced in samples by that of the installation', async () => {
    const routed = webhook(mail)
    const sample = connectorOf(mail).webhook?.samples.find(({ name }) => name === 'Two messages')
    if (sample === undefined) throw new Error('no sample')
    const { body } = await routedSample(routed, sample, { mailbox: 'own@example.com' })
    expect(await toEvents(routed, body, 'application/json')).toMatchObject({
      events: [{ data: { history_id: '7' } }, { data: { history_id: '8' } }],
      routes: [[{ value: 'own@example.com' }], []],
    })
  })

  test.each([
    ['$.note[*].emailAddress', 'the path leads through a list in "note"'],
    ['$.payment.mailbox', '"payment" is fetched, which needs an installation'],
    [
      '$.nothing.mailbox',
      'nothing is called "nothing" here; there are $.delivery, $.request, $.payment, $.charge, $.order, $.note',
    ],
    ['$.note.address', 'no sample has a string or a number at $.note.address'],
  ])('cannot be at %s', (from, message) => {
    const found = findingsIn({ 'beacon-pay.yaml': edit(mail, ['from: $.note.emailAddress', `from: "${from}"`]) })
    expect(found.filter(({ code }) => code === 'routing/value-missing').map((one) => one.message)).toEqual([message])
  })
})

const NOTE = '{"emailAddress":"ada@example.com","historyId":7}'
const NESTED = 'unpack: { outer: { from: $.message.data, as: base64-json }, note: { from: $.outer.note, as: json } }'

describe('a fetched value in a delivery of several accounts', () => {
  const parts = [
    { id: 'tr_1', account: 'acc_1' },
    { id: 'tr_1', account: 'acc_2' },
    { id: 'tr_1', account: 'acc_1' },
    { id: 'tr_1', account: 'acc_3' },
    { id: 'tr_1' },
  ]
  const known = [
    { id: 'a', account_id: 'acc_1' },
    { id: 'b', account_id: 'acc_2' },
  ]

  test('is fetched with the credentials of its account', async () => {
    const calls: string[] = []
    const endpoint = endpointOf(webhook(payments), known, async ({ url }, installation) => {
      calls.push(`${installation}: ${new URL(url).pathname}`)
      return new Response(JSON.stringify({ status: `of ${installation}` }))
    })
    expect(await endpoint.post({ parts })).toBe(200)
    expect(calls).toEqual(['a: /v1/accounts/acc_1/payments/tr_1', 'b: /v1/accounts/acc_2/payments/tr_1'])
    expect(endpoint.received).toEqual([
      'a: {"payment_id":"tr_1","status":"of a"}',
      'b: {"payment_id":"tr_1","status":"of b"}',
      'a: {"payment_id":"tr_1","status":"of a"}',
    ])
    expect(endpoint.problems).toEqual(["$['parts'][3] refused", "$['parts'][4] refused"])
  })

  test('is not fetched for an account whose secret did not sign', async () => {
    const calls: string[] = []
    const endpoint = endpointOf(
      webhook(payments),
      known.map((one) => ({ ...one, key: one.id })),
      async (_, installation) => {
        calls.push(installation)
        return new Response('{}')
      },
    )
    expect(await endpoint.post({ parts: parts.slice(0, 2) }, 'b')).toBe(200)
    expect([calls, endpoint.received, endpoint.problems]).toEqual([
      ['b'],
      ['b: {"payment_id":"tr_1"}'],
      ["$['parts'][0] refused"],
    ])
  })

  test('is not fetched for a part of several accounts', async () => {
    const several = edit(
      payments,
      ['parts[*].account', 'accounts[*].id'],
      ['{"parts":[{"id":"tr_1","account":"acc_1"}]}', '{"parts":[{"id":"tr_1"}],"accounts":[{"id":"acc_1"}]}'],
    )
    const endpoint = endpointOf(webhook(several), known, async () => new Response('{}'))
    const body = (...ids: string[]) => ({ parts: [{ id: 'tr_1' }], accounts: ids.map((id) => ({ id })) })
    expect(await endpoint.post(body('acc_1', 'acc_2'))).toBe(200)
    expect(endpoint.received).toEqual([])
    expect(await endpoint.post(body('acc_1', 'acc_3'))).toBe(200)
    expect(endpoint.received).toEqual(['a: {"payment_id":"tr_1"}'])
  })
})

describe('a fetched list that many parts loop over', () => {
  const lines = edit(
    beacon,
    [
      'for: { line: "$.order.items[?@.paid == true]" }',
      'for: { part: "$.delivery.parts[*]", line: "$.order.items[?@.paid == true]" }',
    ],
    [
      'charge: { endpoint: get_payment, parameters: { id: $.delivery.id } }',
      'charge: { endpoint: get_payment, parameters: { id: $.part.id } }',
    ],
    ["when: $.delivery.type == 'order'\n", "when: $.part.type == 'order'\n"],
    [`'{"id":"tr_3","type":"order"}'`, `'{"parts":[{"id":"tr_3","type":"order"}]}'`],
  )

  /** The elements that are looked at, for a delivery of some parts and a fetched list of a thousand elements. */
  function looks(parts: number, size: number): { readonly looked: number; readonly reported: number } {
    let looked = 0
    const element = {
      get paid() {
        looked += 1
        return false
      },
    }
    const order = { id: 'or_1', items: Array(1000).fill(element) }
    const get = (key: string) =>
      JSON.parse(key)[0] === 'get_order' ? { value: order, size } : { value: { order: 'or_1' }, size: 10 }
    const delivery = { parts: Array.from({ length: parts }, () => ({ id: 'tr_3', type: 'order' })) }
    const { unrecognized } = eventsIn(webhookOf(connectorOf(lines)), delivery, { content_type: '' }, { get })
    return { looked, reported: unrecognized.filter(({ problem }) => problem === 'repeated_too_often').length }
  }

  test('is read again within a limit, and the other parts are reported', () => {
    expect(looks(1000, 4_000_000)).toEqual({ looked: 2000, reported: 998 })
    expect(looks(1000, 100_000).looked).toBeLessThan(50_000)
    expect(looks(1, 9_000_000)).toEqual({ looked: 1000, reported: 0 })
  })

  test('is read for each part if it is short', () => {
    expect(looks(1000, 1000)).toEqual({ looked: 1_000_000, reported: 0 })
  })
})

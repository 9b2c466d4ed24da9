import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DiffOptions } from '../../generator/commands/diff.ts'
import { diff } from '../../generator/commands/diff.ts'
import type { ChangeCode } from '../../generator/compatibility/change.ts'
import { kinds, severityFor, severityOf } from '../../generator/compatibility/change.ts'
import { compare } from '../../generator/compatibility/compare.ts'
import { bumpBetween, bumpFor } from '../../generator/compatibility/version-bump.ts'
import type { Connector, ConnectorEvent, EventSchema } from '../../generator/model/connector.ts'
import { noColors } from '../../generator/terminal.ts'
import { gitEnvironment } from '../../generator/text/git-environment.ts'
import { acme, connectorOf, edit, registryOf, zenith } from '../support/acme.ts'
import type { Answer } from '../support/runtime.ts'

type Edit = readonly [from: string, to: string]

const retired = `status: retired
deprecated:
  reason: Acme closed.
  instead: Use another one.`
const email = `        email:
          type: string
          format: email
          description: Mail address.
`
const oldEvent = acme.slice(acme.indexOf('  contact_added:\n'), acme.indexOf('\nwebhook:'))
const polled = acme.slice(acme.indexOf('  contact_polled:\n'), acme.indexOf('  contact_added:\n'))
const pollBlock = acme.slice(
  acme.indexOf('    source: poll\n'),
  acme.indexOf('    version: 1\n', acme.indexOf('    source: poll\n')),
)
const parameters = acme.slice(
  acme.indexOf('    contact_id:\n      description'),
  acme.indexOf('    subscription_id:\n'),
)
const environments = acme.slice(acme.indexOf('  environments:\n'), acme.indexOf('  version: v2\n'))
const weak = acme.slice(acme.indexOf('    - name: v1\n'), acme.indexOf('  delivery:\n'))
const subscription = acme.slice(acme.indexOf('  subscriptions:\n'), acme.indexOf('  exact_numbers:'))
const handshake = acme.slice(acme.indexOf('  handshakes:\n'), acme.indexOf('  signatures:\n'))
const endpoint = acme.slice(acme.indexOf('    update_contact:\n'), acme.indexOf('    subscribe:\n'))
const optionalScope = acme.slice(acme.indexOf('    - name: contacts.write\n'), acme.indexOf('    - name: contacts\n'))
const retiredScope = acme.slice(acme.indexOf('    - name: contacts\n'), acme.indexOf('  tokens:\n'))
const deprecatedCall = '      scopes: [contacts.write]\n'
const deprecation = '      deprecated: { reason: Acme renamed it., instead: Use contacts. }\n'
const alternatives =
  '  alternatives:\n    key: { summary: A key., credentials: [{ in: header, name: X-Key, value: "{client_secret}" }] }\n'
const tenant = '    tenant_id:\n      label: Tenant\n      type: text\n      required: false\n'

/** What is edited, which changes that is, and the same backwards where that is another kind. */
const cases: readonly (readonly [
  what: string,
  edits: readonly Edit[],
  forth: readonly ChangeCode[],
  back: readonly ChangeCode[],
])[] = [
  [
    'the status',
    [['status: active', retired]],
    ['connector/withdrawn', 'connector/deprecated'],
    ['connector/offered', 'connector/text-changed'],
  ],
  [
    'the namespace',
    [['namespace: ACME', 'namespace: OTHER']],
    ['connector/namespace-changed', 'event/smart-code-changed'],
    ['connector/namespace-changed', 'event/smart-code-changed'],
  ],
  ['a name', [['name: Acme CRM', 'name: Acme Suite']], ['connector/text-changed'], ['connector/text-changed']],
  ['a retention period', [['keep: P30D', 'keep: P60D']], ['privacy/retention-changed'], ['privacy/retention-changed']],
  ['an event', [[polled, '']], ['event/removed'], ['event/added']],
  ['a deprecated event', [[oldEvent, '']], ['event/removed-after-deprecation'], ['event/added']],
  [
    'the deprecation of an event',
    [
      ['    replaced_by: contact_created\n', ''],
      [
        '    deprecated:\n      since: "2025-01-01"\n      reason: Acme renamed it.\n      instead: Use contact_created.\n',
        '',
      ],
    ],
    ['event/text-changed'],
    ['event/deprecated', 'event/text-changed'],
  ],
  [
    'an idempotency key',
    [['[/contact_id]', '[/contact_id, /created_at]']],
    ['event/idempotency-key-changed'],
    ['event/idempotency-key-changed'],
  ],
  [
    'a direction',
    [['direction: inbound', 'direction: outbound']],
    ['event/direction-changed'],
    ['event/direction-changed'],
  ],
  [
    'a source',
    [[pollBlock, '    source: emitted\n']],
    ['event/source-changed', 'event/poll-changed', 'event/text-changed'],
    ['event/source-changed', 'event/poll-changed', 'event/text-changed'],
  ],
  [
    'a summary',
    [['summary: A contact was added', 'summary: A contact came']],
    ['event/text-changed'],
    ['event/text-changed'],
  ],
  [
    'a field',
    [
      [email, ''],
      ['email: { from: [$.change.contact.email, $.change.contact.mail] }\n        ', ''],
      ['      email: ada@example.com\n', ''],
      ['          email: grace@example.com\n', ''],
      ['[/email, /address/street]', '[/address/street]'],
    ],
    ['field/removed', 'privacy/personal-data-removed', 'webhook/mapping-changed', 'event/text-changed'],
    ['field/added', 'privacy/personal-data-added', 'webhook/mapping-changed', 'event/text-changed'],
  ],
  [
    'a required field',
    [
      ['required: [contact_id]', 'required: [contact_id, email]'],
      ['"contact":{"id":"c_1",', '"contact":{"id":"c_1","email":"a@example.com",'],
    ],
    ['field/made-required', 'connector/text-changed'],
    ['field/made-optional', 'connector/text-changed'],
  ],
  [
    'a type',
    [
      ['          type: number\n          x-unit', '          type: integer\n          x-unit'],
      ['score: 12.5', 'score: 12'],
    ],
    ['field/number-narrowed', 'event/text-changed'],
    ['field/number-widened', 'event/text-changed'],
  ],
  [
    'a type for another one',
    [['          type: number\n          x-unit', '          type: [number, "null"]\n          x-unit']],
    ['field/type-widened'],
    ['field/type-narrowed'],
  ],
  [
    'a value',
    [['enum: [lead, customer]', 'enum: [lead, customer, partner]']],
    ['field/value-added'],
    ['field/value-removed'],
  ],
  ['a list of values', [['          enum: [lead, customer]\n', '']], ['field/type-widened'], ['field/value-removed']],
  ['a limit', [['          maximum: 100\n', '']], ['field/limit-relaxed'], ['field/limit-tightened']],
  ['a bound', [['maximum: 100', 'maximum: 200']], ['field/limit-relaxed'], ['field/limit-tightened']],
  ['a unit', [['x-unit: percent', 'x-unit: ratio']], ['field/limit-changed'], ['field/limit-changed']],
  [
    'a pattern',
    [['pattern: "^c_[0-9]+$"', 'pattern: "^c_[0-9]{1,9}$"']],
    ['field/limit-changed'],
    ['field/limit-changed'],
  ],
  [
    'a description',
    [['description: Mail address.', 'description: The mail address.']],
    ['field/text-changed'],
    ['field/text-changed'],
  ],
  [
    'a deprecated field',
    [['description: Mail address.', 'description: Mail address.\n          deprecated: true']],
    ['field/deprecated'],
    ['field/text-changed'],
  ],
  [
    'an address of OAuth',
    [['acme.example/token', 'acme.example/tokens']],
    ['auth/address-changed'],
    ['auth/address-changed'],
  ],
  [
    'a required field of an installation',
    [[tenant, tenant.replace('false', 'true')]],
    ['auth/field-made-required'],
    ['auth/field-made-optional'],
  ],
  [
    'the pattern of one',
    [['pattern: "^[a-z0-9]{4,20}$"', 'pattern: "^[a-z0-9]{4,30}$"']],
    ['auth/field-changed'],
    ['auth/field-changed'],
  ],
  [
    'a field of an installation',
    [
      [
        '    tenant_id:\n      label',
        '    extra:\n      label: Extra\n      type: text\n      required: false\n      description: More.\n      where_to_find: Nowhere.\n    tenant_id:\n      label',
      ],
    ],
    ['auth/field-added'],
    ['auth/field-removed'],
  ],
  [
    'a required field more',
    [
      [
        '    tenant_id:\n      label',
        '    extra:\n      label: Extra\n      type: text\n      required: true\n      description: More.\n      where_to_find: Nowhere.\n    tenant_id:\n      label',
      ],
    ],
    ['auth/field-added-required'],
    ['auth/field-removed'],
  ],
  [
    'a scope',
    [
      [optionalScope, ''],
      ['      scopes: [contacts.write]\n', ''],
      ['[contacts.read, contacts.write]', '[contacts.read]'],
    ],
    ['auth/scope-removed', 'auth/flow-changed', 'api/endpoint-scopes-changed'],
    ['auth/scope-added', 'auth/flow-changed', 'api/endpoint-scopes-changed'],
  ],
  [
    'a required scope',
    [['    - name: contacts.write\n      required: false', '    - name: contacts.write\n      required: true']],
    ['auth/scope-added-required'],
    ['auth/scope-made-optional'],
  ],
  ['a retired scope', [[retiredScope, '']], ['auth/scope-removed-after-deprecation'], ['connector/text-changed']],
  [
    'other credentials',
    [['  scope_separator: " "\n', `${alternatives}  scope_separator: " "\n`]],
    ['auth/alternative-added'],
    ['auth/alternative-removed'],
  ],
  [
    'the place of the token',
    [
      [
        '  scope_separator: " "\n',
        '  credentials: [{ in: query, name: token, value: "{access_token}" }]\n  scope_separator: " "\n',
      ],
    ],
    ['auth/credentials-changed'],
    ['auth/credentials-changed'],
  ],
  ['the flow of OAuth', [['pkce: true', 'pkce: false']], ['auth/flow-changed'], ['auth/flow-changed']],
  [
    'the lifetime of a token',
    [['lifetime_seconds: 3600', 'lifetime_seconds: 60']],
    ['auth/token-changed'],
    ['auth/token-changed'],
  ],
  [
    'the purpose of a field',
    [['used_for: [oauth]', 'used_for: [oauth, calls]']],
    ['auth/field-purpose-changed'],
    ['auth/field-purpose-changed'],
  ],
  [
    'an order',
    [['[oauth, signatures]', '[signatures, oauth]']],
    ['connector/order-changed'],
    ['connector/order-changed'],
  ],
  ['a header', [['"2026-01"', '"2026-02"']], ['api/headers-changed'], ['api/headers-changed']],
  [
    'the deprecation of a call',
    [[deprecatedCall, `${deprecatedCall}${deprecation}`]],
    ['api/endpoint-deprecated'],
    ['connector/text-changed'],
  ],
  [
    'the scopes of an event',
    [['    scopes: [contacts.read]\n    data', '    scopes: [contacts.write]\n    data']],
    ['event/scopes-changed'],
    ['event/scopes-changed'],
  ],
  [
    'the scopes of a call',
    [['      scopes: [contacts.write]\n', '      scopes: [contacts.read]\n']],
    ['api/endpoint-scopes-changed'],
    ['api/endpoint-scopes-changed'],
  ],
  ['a capability', [['[contacts, companies]', '[contacts]']], ['capability/removed'], ['capability/added']],
  [
    'whether there must be a webhook',
    [['required: false\n  summary: Acme posts', 'required: true\n  summary: Acme posts']],
    ['webhook/made-required'],
    ['webhook/made-optional'],
  ],
  [
    'the size of a batch',
    [['batch_size: 100', 'batch_size: 10']],
    ['webhook/delivery-changed'],
    ['webhook/delivery-changed'],
  ],
  [
    'the condition of a delivery rule',
    [["== 'contact.created'", "!= 'contact.merged'"]],
    ['webhook/condition-changed'],
    ['webhook/condition-changed'],
  ],
  [
    'the base of all calls',
    [['acme.example/v2', 'acme.example/v3']],
    ['api/base-url-changed'],
    ['api/base-url-changed'],
  ],
  [
    'a call',
    [
      [endpoint, ''],
      [parameters, ''],
    ],
    ['api/endpoint-removed', 'connector/text-changed'],
    ['api/endpoint-added', 'connector/text-changed'],
  ],
  [
    'an environment',
    [
      [environments, ''],
      ['      used_for: [environment]\n', ''],
    ],
    ['api/environment-removed', 'auth/field-purpose-changed'],
    ['api/environment-added', 'auth/field-purpose-changed'],
  ],
  [
    'an address of an environment',
    [['https://auth.sandbox.acme.example/token', 'https://auth.sandbox.acme.example/v2/token']],
    ['auth/address-changed'],
    ['auth/address-changed'],
  ],
  [
    'the body of a call',
    [['      body: { $ref: "#/schemas/contact", description: Fields to change. }\n', '']],
    ['api/body-changed'],
    ['api/body-changed'],
  ],
  [
    'the response of a call',
    [['      response: { $ref: "#/schemas/contact" }\n', '']],
    ['api/response-changed'],
    ['api/response-changed'],
  ],
  [
    'a parameter of a call',
    [['        fields: {', '        page_id: { description: Id of a page. }\n        fields: {']],
    ['api/input-added'],
    ['api/input-changed'],
  ],
  [
    'the pages of a call',
    [['parameter: limit, value: 100', 'parameter: limit, value: 50']],
    ['api/pagination-changed'],
    ['api/pagination-changed'],
  ],
  ['the retries of calls', [['statuses: [403, 429]', 'statuses: [429]']], ['api/retry-changed'], ['api/retry-changed']],
  ['the method of a call', [['method: PATCH', 'method: PUT']], ['api/endpoint-changed'], ['api/endpoint-changed']],
  ['a signature', [[weak, '']], ['webhook/signature-removed'], ['webhook/signature-added']],
  [
    'how it is made',
    [['tolerance_seconds: 300', 'tolerance_seconds: 600']],
    ['webhook/signature-changed'],
    ['webhook/signature-changed'],
  ],
  [
    'the check of the address',
    [
      [handshake, ''],
      ['      used_for: [handshake]\n', ''],
    ],
    ['webhook/handshake-changed', 'auth/field-purpose-changed'],
    ['webhook/handshake-changed', 'auth/field-purpose-changed'],
  ],
  [
    'the answer to a delivery',
    [['  exact_numbers: true\n', '  response: { text: ok }\n  exact_numbers: true\n']],
    ['webhook/response-changed'],
    ['webhook/response-changed'],
  ],
  [
    'a subscription',
    [['      renew_before_seconds: 86400', '      renew_before_seconds: 43200']],
    ['webhook/subscription-changed'],
    ['webhook/subscription-changed'],
  ],
  ['a new subscription', [[subscription, '']], ['webhook/subscription-removed'], ['webhook/subscription-added']],
  [
    'the routing',
    [
      ['$.request.headers.x-acme-tenant', '$.request.headers.x-acme-account'],
      ['X-Acme-Tenant: "4711"', 'X-Acme-Account: "4711"'],
    ],
    ['webhook/routing-changed', 'connector/text-changed'],
    ['webhook/routing-changed', 'connector/text-changed'],
  ],
  [
    'an event that can be selected',
    [['events: { names: [contact.created],', 'events: { names: [contact.created, contact.merged],']],
    ['webhook/subscription-changed'],
    ['webhook/subscription-removed'],
  ],
  [
    'the methods of deliveries',
    [['  exact_numbers: true\n', '  methods: [POST, PUT]\n  exact_numbers: true\n']],
    ['webhook/delivery-changed'],
    ['webhook/delivery-changed'],
  ],
  [
    'a delivery rule',
    [['without: [none]', 'without: [nobody]']],
    ['webhook/mapping-changed'],
    ['webhook/mapping-changed'],
  ],
  ['a rate limit', [['limit: 110', 'limit: 120']], ['limits/raised'], ['limits/lowered']],
  ['the window of a rate limit', [['per: second', 'per: minute']], ['limits/changed'], ['limits/changed']],
]

const codesOf = (before: string, after: string) =>
  new Set(
    compare(registryOf({ 'acme-crm.yaml': before }), registryOf({ 'acme-crm.yaml': after })).map(({ code }) => code),
  )

const whole = connectorOf(acme)
const withEvent = (parts: Partial<ConnectorEvent>): Connector => ({
  ...whole,
  events: whole.events.map((event, index) => (index === 0 ? { ...event, ...parts } : event)),
})
const withData = (data: EventSchema) => withEvent({ data })
const changesOf = (old: Connector, now: Connector) => compare({ connectors: [old] }, { connectors: [now] })
const webhook = whole.webhook as NonNullable<Connector['webhook']>
const privacy = whole.privacy as NonNullable<Connector['privacy']>
const withDeliveries = (deliveries: typeof webhook.deliveries): Connector => ({
  ...whole,
  webhook: { ...webhook, deliveries },
})
const withEndpoints = (endpoints: Connector['api']['endpoints']): Connector => ({
  ...whole,
  api: { ...whole.api, endpoints },
})
const oldCall = {
  name: 'old',
  method: 'GET',
  path: '/old',
  summary: 'Old.',
  query: {},
  headers: {},
  scopes: [],
  deprecated: { reason: 'Gone.', instead: 'Use new.' },
} as const

/** Kinds that a single edit cannot produce alone. */
const made: readonly (readonly [code: ChangeCode, old: Connector, now: Connector])[] = [
  ['connector/field-changed', whole, { ...whole, unknown_part: true } as Connector],
  [
    'field/removed-after-deprecation',
    withData({ properties: { a: { deprecated: true } } }),
    withData({ properties: {} }),
  ],
  ['event/type-removed', withData({ $defs: { a: {} } }), withData({})],
  ['event/type-added', withData({}), withData({ $defs: { a: {} } })],
  ['api/endpoint-removed-after-deprecation', withEndpoints([oldCall]), withEndpoints([])],
  ['webhook/rule-added', withDeliveries([]), whole],
  ['webhook/rule-removed', whole, withDeliveries([])],
  [
    'privacy/personal-data-added',
    whole,
    { ...whole, privacy: { ...privacy, personal_data: [...privacy.personal_data, '/tags'] } },
  ],
]

describe('a change of', () => {
  test.each(cases)('%s is seen, there and back', (_, edits, forth, back) => {
    const edited = edit(acme, ...edits)
    expect(codesOf(acme, edited)).toEqual(new Set(forth))
    expect(codesOf(edited, acme)).toEqual(new Set(back))
  })

  test('a whole connector is seen', () => {
    const [one, two] = [
      registryOf({ 'acme-crm.yaml': acme }),
      registryOf({ 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenith }),
    ]
    expect(compare(one, two).map(({ code, connector }) => `${code} ${connector}`)).toEqual([
      'connector/added zenith-crm',
    ])
    expect(compare(two, one).map(({ code, connector }) => `${code} ${connector}`)).toEqual([
      'connector/removed zenith-crm',
    ])
    expect(compare(two, two)).toEqual([])
  })

  test('every kind that the table has is tried', () => {
    const tried = new Set([...cases.flatMap(([, , forth, back]) => [...forth, ...back]), ...made.map(([code]) => code)])
    // A connector of another type has other parts altogether; a new required field is one of an event that is sent.
    const elsewhere = ['connector/added', 'connector/removed', 'auth/type-changed', 'field/added-required']
    expect(
      Object.keys(kinds)
        .filter((code) => !tried.has(code as ChangeCode))
        .sort(),
    ).toEqual(elsewhere.sort())
  })

  test.each(made)('the model gives %s', (code, old, now) => {
    expect(changesOf(old, now).map((change) => change.code)).toEqual([code])
  })

  test('branches of a choice is reported only if it is more than their order or notation', () => {
    const choice = (...oneOf: readonly EventSchema[]) => withData({ properties: { a: { oneOf } } })
    const [card, cash]: readonly EventSchema[] = [{ enum: ['card'] }, { type: 'integer', minimum: 1 }]
    const again = choice(cash as EventSchema, { const: 'card' })
    expect(changesOf(choice(card as EventSchema, cash as EventSchema), again)).toEqual([])
    const described = choice({ ...cash, description: 'Cash.' }, { const: 'card' })
    expect(changesOf(again, described).map(({ code }) => code)).toEqual(['field/text-changed'])
    expect(changesOf(again, choice(cash as EventSchema)).map(({ code, detail }) => [code, detail])).toEqual([
      ['field/type-narrowed', 'oneOf: 2 branches → 1 branches'],
    ])
  })

  test.each([
    ['webhook', 'inbound', 'minor'],
    ['emitted', 'inbound', 'breaking'],
    ['emitted', 'outbound', 'breaking'],
  ] as const)('the constraints of an event (%s, %s) is %s to its consumers', (source, direction, severity) => {
    const event = (required: readonly string[]) =>
      withEvent({ source, direction, data: { properties: { a: { minLength: required.length } }, required } })
    const changes = changesOf(event([]), event(['a']))
    expect(changes.map(({ code }) => code)).toEqual(['field/made-required', 'field/limit-tightened'])
    expect(changes.map((change) => severityFor(change, 'consumers'))).toEqual([severity, severity])
  })

  test('a key shows whether only the order differs, and a limit shows its window', () => {
    const keyed = (...idempotency_key: readonly string[]) => withEvent({ idempotency_key })
    expect(changesOf(keyed('/a', '/b'), keyed('/b', '/a')).map(({ detail }) => detail)).toEqual([
      '/a /b → /b /a: the key contains the values in this order',
    ])
    const limited = (limit: number) =>
      ({ ...whole, rate_limits: [{ name: 'calls', scope: 'user', limit, per: 'minute' }] }) as Connector
    expect(
      changesOf(limited(100), limited(50)).map(({ code, subject, detail }) => `${code} ${subject}: ${detail}`),
    ).toEqual(['limits/lowered calls: 100 → 50 per minute'])
  })

  test('the way of authentication, and a required field more', () => {
    const registry = registryOf({ 'acme-crm.yaml': acme })
    const [connector] = registry.connectors
    if (connector === undefined) throw new Error('no connector')
    const keyed = { connectors: [{ ...connector, auth: { ...connector.auth, type: 'api_key' as const } }] }
    expect(compare(registry, keyed).map(({ code }) => code)).toEqual(['auth/type-changed'])
    const extra = edit(
      acme,
      ['required: [contact_id]', 'required: [contact_id, extra]'],
      [email, `${email}        extra: { type: string, description: More. }\n`],
      ['      contact_id: c_1\n', '      contact_id: c_1\n      extra: x\n'],
      ['          contact_id: c_2\n', '          contact_id: c_2\n          extra: x\n'],
      ['        email: { from', '        extra: $.change.extra\n        email: { from'],
      ['"contact":{"id":"c_1"', '"extra":"x","contact":{"id":"c_1"'],
    )
    expect(codesOf(acme, extra)).toEqual(
      new Set(['field/added-required', 'webhook/mapping-changed', 'event/text-changed', 'connector/text-changed']),
    )
  })

  test('a place below a shared schema is named where it stands, and once', () => {
    const deeper = edit(
      acme,
      [
        '            city:\n',
        '            inside:\n              $ref: "#/$defs/inside"\n              description: Within.\n            city:\n',
      ],
      [
        '      $defs:\n',
        '      $defs:\n        inside:\n          type: object\n          description: Within.\n          additionalProperties: false\n          properties:\n            floor:\n              type: integer\n              description: Floor.\n',
      ],
    )
    const found = compare(registryOf({ 'acme-crm.yaml': acme }), registryOf({ 'acme-crm.yaml': deeper }))
    expect(found.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'event/type-added contact_created',
      'field/added contact_created/address/inside',
    ])
  })
})

test.each([
  ['breaking', '1.2.3', 'major'],
  ['minor', '1.2.3', 'minor'],
  ['patch', '1.2.3', 'patch'],
  ['breaking', '0.2.3', 'minor'],
  ['minor', '0.2.3', 'patch'],
  [undefined, '1.2.3', 'none'],
] as const)('what is %s asks of %s for %s', (severity, version, bump) => {
  expect(bumpFor(severity, version)).toBe(bump)
})

test.each([
  ['1.2.3', '2.0.0', 'major'],
  ['1.2.3', '1.3.0', 'minor'],
  ['1.2.3', '1.2.4', 'patch'],
  ['1.2.3', '1.2.3', 'none'],
  ['1.2.3', '1.0.0', 'none'],
])('from %s to %s is %s', (old, now, bump) => {
  expect(bumpBetween(old, now)).toBe(bump)
})

describe('the command', () => {
  const repository = mkdtempSync(join(tmpdir(), 'hera-diff-'))
  const definitions = join(repository, 'registry', 'definitions')
  const file = join(definitions, 'acme-crm.yaml')
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    })

  beforeAll(() => {
    mkdirSync(definitions, { recursive: true })
    git('init', '-q')
    writeFileSync(file, acme)
    git('add', '-A')
    git('commit', '-qm', 'first')
    git('tag', 'v1')
    writeFileSync(join(repository, 'registry', 'other.txt'), 'x')
    writeFileSync(file, 'code: broken\n')
    git('add', '-A')
    git('commit', '-qm', 'broken')
  })
  afterAll(() => rmSync(repository, { recursive: true, force: true }))

  const run = (given: Partial<DiffOptions> = {}) =>
    diff({
      definitions: [definitions],
      ref: 'v1',
      folder: undefined,
      twoDot: false,
      failOn: [],
      environment: process.env,
      ...given,
    })

  test('finds nothing where nothing changed', async () => {
    writeFileSync(file, acme)
    const outcome = await run({ failOn: ['patch', 'bump'] })
    expect([outcome.exitCode, outcome.text(noColors), outcome.markdown?.()]).toEqual([
      0,
      'the same as v1',
      'Nothing changed since `v1`.',
    ])
  })

  test('names what changed, whom it concerns, and the version that follows', async () => {
    writeFileSync(
      file,
      edit(
        acme,
        ['enum: [lead, customer]', 'enum: [customer]'],
        ['stage: lead', 'stage: customer'],
        ['version: 1.2.3', 'version: 1.2.4'],
      ),
    )
    const outcome = await run()
    expect(outcome.text(noColors).split('\n')).toEqual([
      'acme-crm 1.2.3 → 1.2.4, but this asks for a major version',
      '  breaking field/value-removed contact_created/stage: "lead" (consumers, typescript)',
      '  patch    event/text-changed contact_created: examples (consumers, database)',
      '',
      '2 changes since v1: 1 breaking, 0 minor, 1 patch',
    ])
    expect(outcome.json).toMatchObject({
      severity: 'breaking',
      connectors: [
        {
          connector: 'acme-crm',
          needed: 'major',
          made: 'patch',
          changes: [{ audiences: { tenants: 'none', consumers: 'breaking' } }, { code: 'event/text-changed' }],
        },
      ],
    })
    expect(outcome.markdown?.()).toBe(`### \`acme-crm\` 1.2.3 → 1.2.4, but this asks for a major version

#### Breaking

- \`contact_created/stage\`: A value that was fine is refused. \`"lead"\` Concerns whoever sends or reads events, TypeScript users.

#### Reworded

- \`contact_created\`: The event is described differently. \`examples\` Concerns whoever sends or reads events, the database.
`)
    expect(outcome.exitCode).toBe(0)
    expect((await run({ failOn: ['breaking'] })).exitCode).toBe(1)
    expect((await run({ failOn: ['bump'] })).exitCode).toBe(1)
    writeFileSync(
      file,
      edit(
        acme,
        ['enum: [lead, customer]', 'enum: [customer]'],
        ['stage: lead', 'stage: customer'],
        ['version: 1.2.3', 'version: 2.0.0'],
      ),
    )
    expect((await run({ failOn: ['bump'] })).exitCode).toBe(0)
  })

  test('shows any text as that text', async () => {
    writeFileSync(
      file,
      edit(acme, ['instead: Use contact_created.', 'instead: "Use `a` ``b`` <b> | {{c}}"'], [polled, '']),
    )
    expect((await run()).markdown?.()).toContain(
      '`contact_polled`: An event is gone that nobody was told to stop using.',
    )
  })

  test.each<[string, Partial<DiffOptions>, string]>([
    ['no ref', { ref: 'nope' }, '"nope" is no commit'],
    ['an option of git', { ref: '--help' }, '"--help" is no commit'],
    ['a ref whose definitions do not validate', { ref: 'HEAD' }, 'the definitions of HEAD do not validate'],
    ['no folder', { folder: join(repository, 'nowhere') }, 'does not exist'],
  ])('says what is wrong: %s', async (_, given, said) => {
    writeFileSync(file, acme)
    await expect(run(given)).rejects.toThrow(said)
  })

  test('compares with a folder, and reports findings of the definitions first', async () => {
    const other = join(repository, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'zenith-crm.yaml'), zenith)
    writeFileSync(file, acme)
    const { json } = await run({ folder: other })
    expect((json as Answer).connectors.map(({ connector, changes }: Answer) => [connector, changes[0].code])).toEqual([
      ['acme-crm', 'connector/added'],
      ['zenith-crm', 'connector/removed'],
    ])
    writeFileSync(file, edit(acme, ['category: crm', 'category: nope']))
    expect(await run()).toMatchObject({ exitCode: 1, findings: [{ code: 'schema/enum' }] })
  })
})

describe('a branch that is behind', () => {
  const parent = mkdtempSync(join(tmpdir(), 'hera-merge-base-'))
  const origin = join(parent, 'origin')
  const environment = gitEnvironment(process.env)
  const git = (folder: string, ...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
      env: environment,
      stdio: 'pipe',
    }).trim()
  const commit = (folder: string, text: string) => {
    writeFileSync(join(folder, 'definitions', 'acme-crm.yaml'), text)
    git(folder, 'add', '-A')
    git(folder, 'commit', '-qm', 'change')
    return git(folder, 'rev-parse', 'HEAD')
  }
  const renamed = edit(acme, ['name: Acme CRM', 'name: Acme Suite'])
  let base = ''

  beforeAll(() => {
    mkdirSync(join(origin, 'definitions'), { recursive: true })
    git(origin, 'init', '-q', '-b', 'main')
    base = commit(origin, edit(acme, [polled, '']))
    git(origin, 'checkout', '-qb', 'behind')
    commit(origin, edit(renamed, [polled, '']))
    git(origin, 'checkout', '-q', 'main')
    commit(origin, acme)
    git(origin, 'checkout', '-q', 'behind')
  })
  afterAll(() => rmSync(parent, { recursive: true, force: true }))

  const run = (folder: string, given: Partial<DiffOptions> = {}) =>
    diff({
      definitions: [join(folder, 'definitions')],
      ref: 'main',
      folder: undefined,
      twoDot: false,
      failOn: ['breaking'],
      environment: process.env,
      ...given,
    })

  test('is compared with the merge base, which the output names', async () => {
    const outcome = await run(origin)
    expect(outcome).toMatchObject({ exitCode: 0, json: { commit: base } })
    expect(outcome.text(noColors)).toContain(
      `1 change since ${base.slice(0, 12)}, the merge base of HEAD and main: 0 breaking`,
    )
  })

  test('is compared with the ref itself on request', async () => {
    const outcome = await run(origin, { twoDot: true })
    expect(outcome.exitCode).toBe(1)
    expect(outcome.text(noColors)).toContain('event/removed contact_polled')
  })

  test('is read from its own repository, whatever a hook exports', async () => {
    const hook = { ...process.env, GIT_DIR: join(parent, 'elsewhere'), GIT_INDEX_FILE: join(parent, 'index') }
    expect((await run(origin, { environment: hook })).exitCode).toBe(0)
  })

  test('has no merge base in a shallow clone, nor with an unrelated history', async () => {
    const clone = join(parent, 'clone')
    git(parent, 'clone', '-q', '--depth', '1', '--no-single-branch', `file://${origin}`, clone)
    await expect(run(clone, { ref: 'origin/main' })).rejects.toThrow(
      'this shallow clone does not contain the merge base of HEAD and "origin/main"',
    )
    expect((await run(clone, { ref: 'origin/main', twoDot: true })).exitCode).toBe(1)
    git(origin, 'checkout', '-q', '--orphan', 'unrelated')
    commit(origin, acme)
    await expect(run(origin)).rejects.toThrow('HEAD and "main" have no merge base')
    git(origin, 'checkout', '-q', 'behind')
  })
})

test('every kind says what it means to somebody', () => {
  for (const [code, { summary, severity }] of Object.entries(kinds)) {
    expect(summary).toMatch(/^[A-Z].*\.$/)
    expect(Object.keys(severity).length).toBeGreaterThan(0)
    const change = { code: code as ChangeCode, connector: '', subject: '', detail: '' }
    expect(Object.values(severity)).toContain(severityOf(change))
  }
})

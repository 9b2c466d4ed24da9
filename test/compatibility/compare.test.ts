import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DiffOptions } from '../../generator/commands/diff.ts'
import { diff } from '../../generator/commands/diff.ts'
import type { ChangeCode } from '../../generator/compatibility/change.ts'
import { kinds, severityOf } from '../../generator/compatibility/change.ts'
import { compare } from '../../generator/compatibility/compare.ts'
import { bumpBetween, bumpFor } from '../../generator/compatibility/version-bump.ts'
import { noColors } from '../../generator/terminal.ts'
import { acme, edit, registryOf, zenith } from '../support/acme.ts'
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
const parameters = acme.slice(acme.indexOf('  parameters:\n'), acme.indexOf('  endpoints:\n'))
const weak = acme.slice(acme.indexOf('    - name: v1\n'), acme.indexOf('  delivery:\n'))
const handshake = acme.slice(acme.indexOf('  handshakes:\n'), acme.indexOf('  signatures:\n'))
const endpoint = acme.slice(acme.indexOf('    update_contact:\n'), acme.indexOf('\nrate_limits:'))
const optionalScope = acme.slice(acme.indexOf('    - name: contacts.write\n'), acme.indexOf('    - name: contacts\n'))
const tenant = '    tenant_id:\n      label: Tenant\n      type: text\n      required: false\n'

/** What is edited, which changes that is, and the same backwards where that is another kind. */
const cases: readonly (readonly [
  what: string,
  edits: readonly Edit[],
  forth: readonly ChangeCode[],
  back: readonly ChangeCode[],
])[] = [
  ['the status', [['status: active', retired]], ['connector/withdrawn', 'connector/deprecated'], ['connector/offered']],
  [
    'the namespace',
    [['namespace: ACME', 'namespace: OTHER']],
    ['connector/namespace-changed', 'event/smart-code-changed'],
    ['connector/namespace-changed', 'event/smart-code-changed'],
  ],
  ['a name', [['name: Acme CRM', 'name: Acme Suite']], ['connector/text-changed'], ['connector/text-changed']],
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
    [],
    ['event/deprecated'],
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
  ['a source', [[pollBlock, '    source: emitted\n']], ['event/source-changed'], ['event/source-changed']],
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
    ['field/removed', 'connector/text-changed', 'webhook/mapping-changed'],
    ['field/added', 'connector/text-changed', 'webhook/mapping-changed'],
  ],
  [
    'a required field',
    [
      ['required: [contact_id]', 'required: [contact_id, email]'],
      ['{"id":"c_1",', '{"id":"c_1","email":"a@example.com",'],
    ],
    ['field/made-required'],
    ['field/made-optional'],
  ],
  [
    'a type',
    [
      ['          type: number\n          x-unit', '          type: integer\n          x-unit'],
      ['score: 12.5', 'score: 12'],
    ],
    ['field/type-narrowed'],
    ['field/type-widened'],
  ],
  [
    'a value',
    [['enum: [lead, customer]', 'enum: [lead, customer, partner]']],
    ['field/value-added'],
    ['field/value-removed'],
  ],
  ['a list of values', [['          enum: [lead, customer]\n', '']], ['field/value-added'], ['field/value-removed']],
  ['a limit', [['          maximum: 100\n', '']], ['field/limit-removed'], ['field/limit-changed']],
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
    [],
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
    ['auth/scope-removed'],
    ['auth/scope-added'],
  ],
  [
    'a required scope',
    [['    - name: contacts.write\n      required: false', '    - name: contacts.write\n      required: true']],
    ['auth/scope-added-required'],
    [],
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
    ['api/endpoint-removed'],
    ['api/endpoint-added'],
  ],
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
    ['webhook/handshake-changed'],
    ['webhook/handshake-changed'],
  ],
  [
    'the answer to a delivery',
    [['  exact_numbers: true\n', '  response: { text: ok }\n  exact_numbers: true\n']],
    ['webhook/response-changed'],
    ['webhook/response-changed'],
  ],
  [
    'a delivery rule',
    [['without: [none]', 'without: [nobody]']],
    ['webhook/mapping-changed'],
    ['webhook/mapping-changed'],
  ],
  ['a rate limit', [['limit: 110', 'limit: 120']], ['limits/changed'], ['limits/changed']],
]

const codesOf = (before: string, after: string) =>
  new Set(
    compare(registryOf({ 'acme-crm.yaml': before }), registryOf({ 'acme-crm.yaml': after })).map(({ code }) => code),
  )

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
    const tried = new Set(cases.flatMap(([, , forth, back]) => [...forth, ...back]))
    // A connector of another type has other parts altogether; a new required field is one of an event that is sent.
    const elsewhere = ['connector/added', 'connector/removed', 'auth/type-changed', 'field/added-required']
    expect(
      Object.keys(kinds)
        .filter((code) => !tried.has(code as ChangeCode))
        .sort(),
    ).toEqual(elsewhere.sort())
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
    expect(codesOf(acme, extra)).toEqual(new Set(['field/added-required', 'webhook/mapping-changed']))
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
    diff({ definitions, ref: 'v1', folder: undefined, failOn: [], ...given })

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
      '',
      '1 change since v1: 1 breaking, 0 minor, 0 patch',
    ])
    expect(outcome.json).toMatchObject({
      severity: 'breaking',
      connectors: [
        {
          connector: 'acme-crm',
          needed: 'major',
          made: 'patch',
          changes: [{ audiences: { tenants: 'none', consumers: 'breaking' } }],
        },
      ],
    })
    expect(outcome.markdown?.()).toBe(`### \`acme-crm\` 1.2.3 → 1.2.4, but this asks for a major version

#### Breaking

- \`contact_created/stage\`: A value that was fine is refused. \`"lead"\` Concerns whoever sends or reads events, TypeScript users.
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

test('every kind says what it means to somebody', () => {
  for (const [code, { summary, severity }] of Object.entries(kinds)) {
    expect(summary).toMatch(/^[A-Z].*\.$/)
    expect(Object.keys(severity).length).toBeGreaterThan(0)
    const change = { code: code as ChangeCode, connector: '', subject: '', detail: '' }
    expect(Object.values(severity)).toContain(severityOf(change))
  }
})

import { describe, expect, test } from 'vitest'
import { renderText } from '../generator/diagnostics/render-text.ts'
import { acme, edit, findingsIn } from './support/acme.ts'
import { plain } from './support/plain-colors.ts'

type Edit = readonly [from: string, to: string]

/** Slips that a contributor makes, and the codes that must come of them: one slip, one finding. */
const slips: readonly (readonly [name: string, edits: readonly Edit[], want: readonly string[]])[] = [
  ['misspelled-top-level-field', [['purpose: Keep', 'purpos: Keep']], ['schema/unknown-field']],
  ['missing-required-field', [['vendor: Acme\n', '']], ['schema/missing-field']],
  ['unquoted-version', [['version: 1.2.3', 'version: 1.2']], ['schema/type']],
  ['version-with-letters', [['version: 1.2.3', 'version: v1.2.3']], ['schema/pattern']],
  ['unknown-status', [['status: active', 'status: activ']], ['schema/enum']],
  ['unknown-category', [['category: crm', 'category: customer relations']], ['schema/enum']],
  ['code-in-capitals', [['code: acme-crm', 'code: Acme_CRM']], ['schema/pattern']],
  ['namespace-with-underscore', [['namespace: ACME', 'namespace: ACME_CRM']], ['schema/pattern']],
  ['wrong-auth-type', [['  type: oauth2', '  type: oauth']], ['schema/enum']],
  [
    'field-type-unknown',
    [['      type: secret\n      required: true', '      type: password\n      required: true']],
    ['schema/enum'],
  ],
  [
    'required-as-text',
    [['      required: true\n      used_for: [oauth]\n', '      required: "yes"\n      used_for: [oauth]\n']],
    ['schema/type'],
  ],
  ['field-without-label', [['      label: Client ID\n', '']], ['schema/missing-field']],
  [
    'unknown-field-in-scope',
    [['      access: Needs a review', '      acess: Needs a review']],
    ['schema/unknown-field'],
  ],
  [
    'list-where-text-is-wanted',
    [['purpose: Keep contacts in step with Acme.', 'purpose: [Keep, contacts]']],
    ['schema/type'],
  ],
  [
    'text-where-list-is-wanted',
    [['capabilities:\n  sync_objects: [contacts, companies]', 'capabilities:\n  sync_objects: contacts']],
    ['schema/type'],
  ],
  ['empty-value', [['vendor: Acme', 'vendor:']], ['schema/type']],
  [
    'empty-list',
    [
      ['personal_data: [/email, /address/street]', 'personal_data: []'],
      [
        'troubleshooting:\n  - problem: Webhook Verification Failed\n    causes:\n      - The verify token differs.\n    fix: Set the same token in both places.\n',
        'troubleshooting: []\n',
      ],
    ],
    ['schema/empty'],
  ],
  [
    'same-entry-twice',
    [['sync_objects: [contacts, companies]', 'sync_objects: [contacts, contacts]']],
    ['schema/repeated'],
  ],
  ['date-written-badly', [['read: "2026-11-20"', 'read: 20.11.2026']], ['schema/format']],
  [
    'address-without-scheme',
    [['documentation: https://developers.acme.example/docs', 'documentation: developers.acme.example']],
    ['schema/format'],
  ],
  ['event-name-in-camel-case', [['  contact_polled:', '  contactPolled:']], ['schema/name']],
  [
    'direction-misspelled',
    [['    direction: inbound\n    source: poll', '    direction: incoming\n    source: poll']],
    ['schema/enum'],
  ],
  [
    'version-of-event-as-text',
    [
      [
        '    origin: type is "contact.created"\n    version: 1',
        '    origin: type is "contact.created"\n    version: one',
      ],
    ],
    ['schema/type'],
  ],
  [
    'key-instead-of-list',
    [['    idempotency_key: [/contact_id]\n    cites', '    idempotency_key: /contact_id\n    cites']],
    ['schema/type'],
  ],
  [
    'pointer-without-slash',
    [['    idempotency_key: [/contact_id]\n    cites', '    idempotency_key: [contact_id]\n    cites']],
    ['schema/pattern'],
  ],
  ['unknown-keyword-in-data', [['          minimum: 0\n', '          min: 0\n']], ['schema/unknown-field']],
  ['unknown-type-in-data', [['          type: number\n', '          type: float\n']], ['schema/enum']],
  ['object-that-says-nothing-of-others', [['      additionalProperties: true\n', '']], ['schema/missing-field']],
  ['citation-of-a-number', [['cites: [acme-docs, acme-blog]', 'cites: 7']], ['schema/type']],
  ['limit-of-zero', [['    limit: 110', '    limit: 0']], ['schema/minimum']],
  ['limit-as-text', [['    limit: 110', '    limit: 110 calls']], ['schema/type']],
  [
    'unknown-algorithm',
    [['      algorithm: hmac-sha256\n      header', '      algorithm: HMAC-SHA256\n      header']],
    ['schema/enum'],
  ],
  ['header-with-space', [['header: X-Acme-Hash', 'header: X Acme Hash']], ['schema/pattern']],
  [
    'mapping-instead-of-list',
    [['  - name: calls_per_account\n', '  - calls_per_account:\n']],
    ['schema/missing-field', 'schema/unknown-field'],
  ],
  [
    'nested-one-level-too-far',
    [
      ['links:\n  documentation', 'links:\n  links:\n   documentation'],
      ['  support: https', '   support: https'],
    ],
    ['schema/missing-field', 'schema/unknown-field'],
  ],
  ['broken-regular-expression', [['pattern: "^c_[0-9]+$"', 'pattern: "^c_[0-9+$"']], ['schema/format']],
]

describe('a slip gives a report that says what to do', () => {
  test.each(slips)('%s', async (name, edits, want) => {
    const text = edit(acme, ...edits)
    const findings = findingsIn({ 'acme-crm.yaml': text })
    const report = renderText(findings, { colors: plain, textOf: () => text })
    await expect(report).toMatchFileSnapshot(`golden/slips/${name}.txt`)
    expect([...new Set(findings.map(({ code }) => code))]).toEqual(want)
    for (const { help, message } of findings) {
      expect(help).not.toBe('')
      expect(`${message} ${help}`).not.toMatch(/undefined|\[object|must NOT|invalid/)
    }
  })
})

test.each([['text\n'], ['- a list\n'], ['42\n'], ['null\n']])(
  'a file that holds only %j is no definition, and says so',
  (text) => {
    expect(findingsIn({ 'acme-crm.yaml': text }).map(({ code }) => code)).toEqual(['schema/type'])
  },
)

test('an error in one part hides no finding in another', () => {
  const text = edit(
    acme,
    ['vendor: Acme\n', ''],
    ['stage: lead\n', 'stage: leed\n'],
    ['cites: [acme-docs, acme-blog]', 'cites: [acme-doc, acme-blog]'],
    ['limit: 110', 'limit: many'],
  )
  const codes = findingsIn({ 'acme-crm.yaml': text }).map(({ code }) => code)
  expect(codes).toEqual(['schema/missing-field', 'schema/type', 'event/example-mismatch'])
})

test('findings of all files come sorted by file and position', () => {
  const broken = edit(acme, ['stage: lead\n', 'stage: leed\n'], ['    limit: 110', '    limit: 0'])
  const findings = findingsIn({ 'b.yaml': 'a: [', 'acme-crm.yaml': broken })
  expect(findings.map(({ file, span }) => `${file}:${span.start.line}`)).toEqual([
    'acme-crm.yaml:131',
    'acme-crm.yaml:218',
    'b.yaml:1',
  ])
})

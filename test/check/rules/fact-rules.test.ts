import { expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../../support/acme.ts'

const codesIn = (text: string) => findingsIn({ 'acme-crm.yaml': text }).map(({ code }) => code)

test('a comment with FILL IN is a finding at the comment', () => {
  const text = edit(acme, ['    per: second\n', '    per: second # FILL IN: the unit\n'])
  const [finding, ...others] = findingsIn({ 'acme-crm.yaml': text })
  expect(others).toEqual([])
  expect(finding).toMatchObject({ code: 'text/unfinished', message: '"FILL IN" in an active definition' })
  expect(text.slice(finding?.span.start.offset, finding?.span.end.offset)).toBe('# FILL IN: the unit')
})

test.each([
  ['a value', ['legal: Acme terms of use.', 'legal: The terms were not looked up.']],
  [
    'a value with a line break between the words',
    ['legal: Acme terms of use.', 'legal: >-\n    The terms were not\n    looked up.'],
  ],
  ['a key', ['    Acme-Version: "2026-01"', '    Acme-Version: FILL IN']],
] as const)('"not looked up" and FILL IN in %s is one finding', (_, change) => {
  expect(codesIn(edit(acme, change))).toEqual(['text/unfinished'])
})

test('people may fill in a form', () => {
  expect(codesIn(edit(acme, ['legal: Acme terms of use.', 'legal: Contacts who fill in a form agree.']))).toEqual([])
})

test('FILL IN in the body of a sample is what the vendor sent', () => {
  expect(codesIn(edit(acme, ['{"type":"contact.merged"}', '{"type":"FILL IN"}']))).toEqual([])
})

test.each([
  ['example.com', 'Ask privacy@example.com.'],
  ['acme.test', 'See https://acme.test/retention.'],
  ['localhost:8080', 'See http://localhost:8080.'],
])('the reserved host %s is a finding outside examples', (host, retention) => {
  const text = edit(acme, ['description: Keep contacts as long as the customer does.', `description: ${retention}`])
  expect(findingsIn({ 'acme-crm.yaml': text })).toMatchObject([
    { code: 'text/reserved-host', message: `"${host}" is reserved for examples` },
  ])
})

test('a real vendor has no host below .example either', () => {
  const text = acme.replaceAll('developers.acme.example', 'developers.acme-crm.dev')
  const findings = findingsIn({ 'acme-crm.yaml': text })
  expect(findings.map(({ code }) => code)).toEqual(Array(5).fill('text/reserved-host'))
})

test('a path that ends like a reserved name is not a host', () => {
  expect(
    codesIn(edit(acme, ['description: Keep contacts as long as the customer does.', 'description: "See $.item.test"'])),
  ).toEqual([])
})

test.each(['auth', 'rate_limits', 'webhook'])(
  'the source of an enclosing object counts, its absence does not: %s',
  (part) => {
    const without = {
      auth: edit(acme, ['  verification: contacts\n  cites: acme-docs\n', '  verification: contacts\n']),
      rate_limits: edit(acme, ['    advice: Wait for the window to end.\n    cites: acme-docs\n', '']),
      webhook: edit(acme, ['/webhooks\n  cites: acme-docs\n', '/webhooks\n']),
    }[part]
    const findings = findingsIn({ 'acme-crm.yaml': without ?? '' })
    expect(findings.length).toBeGreaterThan(0)
    for (const { code, message } of findings) {
      expect(code).toBe('source/missing')
      expect(message.startsWith(part)).toBe(true)
    }
  },
)

test("the definition's own source counts for every fact", () => {
  const bare = acme.replaceAll(/^ +cites: .*\n/gm, '')
  expect(codesIn(bare)).toContain('source/missing')
  expect(codesIn(edit(bare, ['\nlinks:', '\ncites: acme-docs\n\nlinks:']))).toEqual([])
})

test('a draft may be unfinished', () => {
  const bare = acme.replaceAll(/^ +cites: .*\n/gm, '')
  const draft = edit(bare, ['status: active', 'status: draft'], ['legal: Acme terms of use.', 'legal: FILL IN'])
  expect(codesIn(draft)).toEqual([])
})

test('a waiver is needed as long as the definition is active, and not reported as unneeded afterwards', () => {
  const waived = `${edit(acme, ['legal: Acme terms of use.', 'legal: See https://acme.test.'])}
waivers:
  - rule: text/reserved-host
    at: /privacy/legal
    reason: Acme is made up.
`
  expect(codesIn(waived)).toEqual([])
  expect(codesIn(edit(waived, ['status: active', 'status: draft']))).toEqual([])
})

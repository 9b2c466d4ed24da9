import { expect, test } from 'vitest'
import type { Rule } from '../../generator/check/rules/rule.ts'
import { rules } from '../../generator/check/rules/rules.ts'
import { waiverRules } from '../../generator/check/waivers.ts'
import { acme, edit, findingsIn } from '../support/acme.ts'

/** Waiving these rules leaves the output right. */
const WAIVABLE = [
  'parameter/unused',
  'rate-limit/no-amount',
  'rate-limit/header-undescribed',
  'event/property-undescribed',
  'routing/missing',
  'delivery/container-missed',
  'url/host-unlimited',
  'delivery/rules-overlap',
  'delivery/sample-missing',
  'text/secret',
  'text/personal-data',
  'text/reserved-host',
]

const unusedParameter = [
  '      description: Id of a contact.\n      example: c_1\n',
  '      description: Id of a contact.\n      example: c_1\n    region:\n      description: Where the account lives.\n',
] as const

function waiver(entry: { readonly rule: string; readonly at: string }): string {
  return `waivers:\n  - rule: ${entry.rule}\n    at: ${entry.at}\n    reason: Acme documents it, and takes it in no path yet.\n`
}

function codesIn(text: string): readonly string[] {
  return findingsIn({ 'acme-crm.yaml': text }).map(({ code }) => code)
}

const unused = edit(acme, unusedParameter)

test('a waiver takes away the finding at its place', () => {
  expect(codesIn(unused)).toEqual(['parameter/unused'])
  expect(codesIn(unused + waiver({ rule: 'parameter/unused', at: '/api/parameters/region' }))).toEqual([])
})

test('a waiver of what is around a finding takes it away, too', () => {
  expect(codesIn(unused + waiver({ rule: 'parameter/unused', at: '/api/parameters' }))).toEqual([])
})

test.each([
  ['another rule', { rule: 'text/secret', at: '/api/parameters/region' }, ['parameter/unused', 'waiver/unneeded']],
  ['another place', { rule: 'parameter/unused', at: '/api/endpoints' }, ['parameter/unused', 'waiver/unneeded']],
  [
    'a place whose name only begins alike',
    { rule: 'parameter/unused', at: '/api/parameters/reg' },
    ['parameter/unused', 'waiver/unneeded'],
  ],
])('a waiver of %s takes nothing away, and is itself a finding', (_, entry, codes) => {
  expect(codesIn(unused + waiver(entry))).toEqual(codes)
})

test('a waiver that is no longer needed is a finding at its place', () => {
  const [finding] = findingsIn({
    'acme-crm.yaml': acme + waiver({ rule: 'parameter/unused', at: '/api/parameters/region' }),
  })
  expect(finding).toMatchObject({
    code: 'waiver/unneeded',
    message: 'nothing at "/api/parameters/region" breaks the rule "parameter/unused"',
    help: waiverRules['waiver/unneeded'].help,
  })
  expect(finding?.span.start.line).toBe(acme.split('\n').length + 2)
})

test('a rule without which the output would be wrong is not waived', () => {
  const broken = edit(acme, ['cites: [acme-docs, acme-blog]', 'cites: [acme-doc, acme-blog]'])
  const found = findingsIn({ 'acme-crm.yaml': broken + waiver({ rule: 'source/unknown', at: '/auth/scopes' }) })
  expect(found.map(({ code }) => code)).toEqual(['source/unknown', 'waiver/not-waivable'])
})

test('only these rules can be waived', () => {
  const waivable = Object.entries<Rule>(rules).filter(([, rule]) => rule.waivable === true)
  expect(waivable.map(([code]) => code).toSorted()).toEqual(WAIVABLE.toSorted())
})

test('a misspelled rule is named, with the one that was meant', () => {
  const found = findingsIn({
    'acme-crm.yaml': unused + waiver({ rule: 'parameters/unused', at: '/api/parameters' }),
  })
  expect(found.map(({ message }) => message)).toContain('no rule "parameters/unused"; did you mean "parameter/unused"?')
})

test('while the format finds something, nobody says that a waiver is not needed', () => {
  const text = edit(acme, ['category: crm', 'category: crn']) + waiver({ rule: 'parameter/unused', at: '/api' })
  expect(codesIn(text)).toEqual(['schema/enum'])
})

test('a waiver without a reason is none', () => {
  const text = `${unused}waivers:\n  - rule: parameter/unused\n    at: /api\n`
  expect(codesIn(text)).toEqual(['schema/missing-field'])
})

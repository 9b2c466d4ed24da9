import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findingKinds } from '../../generator/check/finding-kinds.ts'
import { registryFileRules } from '../../generator/check/registry-file.ts'
import { rules } from '../../generator/check/rules/rules.ts'
import { waiverRules } from '../../generator/check/waivers.ts'
import { explain } from '../../generator/commands/explain.ts'
import { noColors } from '../../generator/terminal.ts'

const generator = join(import.meta.dirname, '..', '..', 'generator')

/** Without the tables of explanations themselves. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(join(generator, folder), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('diagnostics.ts'),
  )
}

function codesWrittenIn(...path: readonly string[]): readonly string[] {
  const source = readFileSync(join(generator, ...path), 'utf8')
  return [...source.matchAll(/'((?:load|yaml|schema)\/[a-z-]+)'/g)].map(([, code = '']) => code)
}

/** Codes that the messages about the format use. */
function schemaCodes(): readonly string[] {
  const source = filesIn('check/messages')
    .map((file) => readFileSync(join(generator, 'check', 'messages', file), 'utf8'))
    .join('')
  const named = [
    ...source.matchAll(/(?:code|pattern|format|enum|maxLength|minimum|maximum|maxItems|maxProperties): '([a-z-]+)'/g),
  ]
  return named.map(([, code = '']) => `schema/${code}`)
}

test('every finding that there can be is explained, and no other', () => {
  const known = new Set([
    ...Object.keys(rules),
    ...Object.keys(waiverRules),
    ...Object.keys(registryFileRules),
    ...filesIn('load').flatMap((file) => codesWrittenIn('load', file)),
    ...filesIn('check').flatMap((file) => codesWrittenIn('check', file)),
    ...schemaCodes(),
  ])
  expect(known.size).toBeGreaterThan(90)
  expect(findingKinds.map(({ code }) => code).toSorted()).toEqual([...known].toSorted())
})

test('what an explanation is about is a field of the definition format', () => {
  const schema = JSON.parse(readFileSync(join(generator, '..', 'schema', 'connector.schema.json'), 'utf8'))
  const fields = findingKinds.flatMap(({ about }) => about)
  expect(fields.length).toBeGreaterThan(60)
  for (const field of fields) {
    const [part = '', name] = field.split('.')
    const node = part === 'definition' ? schema : schema.$defs[part]
    expect([field, node !== undefined && (name === undefined || Object.hasOwn(node.properties, name))]).toEqual([
      field,
      true,
    ])
  }
})

describe('explain', () => {
  test('shows what holds, why, both examples and how to waive it', () => {
    const shown = explain('parameter/unused').text(noColors)
    expect(shown).toContain('Every declared parameter stands in some path, or in a template of a subscription.')
    expect(shown).toContain('bad\n  path: /contacts\n')
    expect(shown).toContain('good\n  path: /contacts/{contact_id}\n')
    expect(shown).toContain('waivers: [{ rule: parameter/unused,')
    expect(explain('source/unknown').text(noColors)).toContain('It cannot be waived.')
  })

  test('lists every kind of finding when none is named', () => {
    const lines = explain(undefined).text(noColors).split('\n')
    expect(lines.length).toBe(findingKinds.length + 1)
  })

  test.each([
    ['webhook.handshakes', 'Zoom'],
    ['unpack', 'Google Pub/Sub'],
    ['fetch', 'Mollie'],
    ['keeps', 'Asana'],
    ['routing', 'portal_id'],
    ['subscription', 'Microsoft Graph'],
    ['algorithm', 'Paystack'],
    ['timeForm', 'Zendesk'],
    ['protected_by', 'Salesforce'],
    ['content_types', 'SendGrid'],
    ['response', 'Twilio'],
    ['jwt', 'Plaid'],
    ['multiple', 'PagerDuty'],
  ])('shows the field %s with a vendor and an example', (name, vendor) => {
    const shown = explain(name).text(noColors)
    expect(shown).toContain(vendor)
    expect(shown.includes('\nexample\n  ') || shown.includes(': ')).toBe(true)
  })

  test('shows an example of the format as YAML', () => {
    expect(explain('deliveryRule.unpack').text(noColors)).toContain(
      'example\n  unpack:\n    note:\n      from: $.delivery.message.data\n      as: base64-json\n',
    )
  })

  test('names the code that was meant', () => {
    expect(() => explain('rotuing')).toThrow('no finding or field is called "rotuing"; did you mean "routing"?')
    expect(() => explain('event/pointer-unresolvd')).toThrow(
      'no finding or field is called "event/pointer-unresolvd"; did you mean "event/pointer-unresolved"?',
    )
  })
})

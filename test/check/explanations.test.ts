import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findingKinds } from '../../generator/check/catalogue.ts'
import { rules } from '../../generator/check/rules/rules.ts'
import { waiverRules } from '../../generator/check/waivers.ts'
import { explain } from '../../generator/commands/explain.ts'
import { explanationByCode } from '../../generator/diagnostics/explanation.ts'
import { parse } from '../../generator/load/parse.ts'
import { noColors } from '../../generator/terminal.ts'
import { acme, edit, findingsIn, inspectedFindingsIn, zenith } from '../support/acme.ts'

type Files = Readonly<Record<string, string>>

const generator = join(import.meta.dirname, '..', '..', 'generator')

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(generator, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
}

function codesWrittenIn(...path: readonly string[]): readonly string[] {
  const source = readFileSync(join(generator, ...path), 'utf8')
  return [...source.matchAll(/'((?:load|yaml|schema)\/[a-z-]+)'/g)].map(([, code = '']) => code)
}

/** Codes that the format gives: what `schema-findings.ts` calls them, and keywords that are codes as they are. */
function schemaCodes(): readonly string[] {
  const source = filesIn('check/wordings')
    .map((file) => readFileSync(join(generator, 'check', 'wordings', file), 'utf8'))
    .join('')
  const named = [...source.matchAll(/(?:code|maxLength|minimum|maximum|maxItems|maxProperties): '([a-z-]+)'/g)]
  return ['pattern', 'format', ...named.map(([, code = '']) => code)].map((code) => `schema/${code}`)
}

test('every finding that there can be is explained, and no other', () => {
  const known = new Set([
    ...Object.keys(rules),
    ...Object.keys(waiverRules),
    ...filesIn('load').flatMap((file) => codesWrittenIn('load', file)),
    ...filesIn('check').flatMap((file) => codesWrittenIn('check', file)),
    ...schemaCodes(),
  ])
  expect(known.size).toBeGreaterThan(90)
  expect(Object.keys(explanationByCode).toSorted()).toEqual([...known].toSorted())
})

/** Replaces lines that must be there, whatever their indentation. */
function withPiece(text: string, [from, to]: readonly [from: string, to: string]): string {
  const lines = text.split('\n')
  const wanted = from.split('\n')
  const start = lines.findIndex((_, at) => {
    const indent = indentOf(lines[at] ?? '', wanted[0] ?? '')
    return indent !== undefined && wanted.every((line, index) => lines[at + index] === indent + line)
  })
  if (start === -1) throw new Error(`the definition does not hold:\n${from}`)
  const indent = indentOf(lines[start] ?? '', wanted[0] ?? '') ?? ''
  const replaced = to.split('\n').map((line) => indent + line)
  return lines.toSpliced(start, wanted.length, ...replaced).join('\n')
}

function indentOf(line: string, wanted: string): string | undefined {
  return line.endsWith(wanted) && line.slice(0, -wanted.length).trim() === ''
    ? line.slice(0, -wanted.length)
    : undefined
}

const waived = `${edit(acme, [
  '      example: c_1\n',
  '      example: c_1\n    region:\n      description: Where the account lives.\n',
])}waivers:
  - rule: parameter/unused
    at: /api/parameters/region
    reason: Acme documents it, and takes it in no path yet.
`

const inOneLine = edit(acme, [
  "      for:\n        change: $.delivery.changes[?@.type == 'contact.created']\n",
  '      for: { change: "$.delivery.changes[?@.type == \'contact.created\']" }\n',
])

/** Sound definitions that hold the good example, where that is not `acme` alone; the last file is the one to edit. */
const grounds: Readonly<Record<string, Files>> = {
  'changes/order': { 'acme-crm.yaml': `${acme}\nchanges:\n  - version: 1.2.3\n    notes: [The first version.]\n` },
  'waiver/not-waivable': { 'acme-crm.yaml': waived },
  'waiver/rule-unknown': { 'acme-crm.yaml': waived },
  'waiver/unneeded': { 'acme-crm.yaml': waived },
  'schema/too-many': { 'acme-crm.yaml': inOneLine },
  'event/reference-unknown': { 'acme-crm.yaml': edit(acme, [', /address/street]', ']']) },
  'registry/namespace-taken': { 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenith },
  'registry/smart-code-taken': {
    'acme-crm.yaml': acme,
    'zenith-crm.yaml': edit(zenith, [
      'stop at the first known contact.\n    version: 1\n',
      'stop at the first known contact.\n    version: 1\n    smart_code: HERA.ZENITH.EVENT.CONTACT.SEEN.v1\n',
    ]),
  },
  'registry/replacement-unknown': {
    'zenith-crm.yaml': zenith,
    'acme-crm.yaml': edit(acme, [
      'status: active\n',
      'status: deprecated\ndeprecated: { reason: Sold., instead: Use Zenith. }\nreplaced_by: zenith-crm\n',
    ]),
  },
}

/** What necessarily comes with a bad example, since one thing is said in two places. */
const alongside: Readonly<Record<string, readonly string[]>> = {
  'waiver/not-waivable': ['parameter/unused'],
  'waiver/rule-unknown': ['parameter/unused'],
  'waiver/unneeded': ['parameter/unused'],
  'delivery/sample-missing': ['delivery/sample-mismatch'],
}

/** What bytes, names and sizes of files are about cannot be shown as a piece of one; test/load/load.test.ts tries them. */
const told = [
  'file/name',
  'registry/name-clash',
  'load/encoding',
  'load/extension',
  'load/not-a-file',
  'load/sample',
  'load/symlink',
  'load/too-large',
  'load/too-many-values',
]

const shown = Object.entries(explanationByCode).filter(([code]) => !told.includes(code))

describe('of each pair of examples the good one is sound, and the bad one has the finding', () => {
  test.each(shown.filter(([code]) => !/^(?:load|yaml)\//.test(code) && code !== 'schema/no-definition'))(
    '%s',
    async (code, { good, bad }) => {
      const files: Files = grounds[code] ?? { 'acme-crm.yaml': acme }
      const [last = ''] = Object.keys(files).slice(-1)
      expect(await inspectedFindingsIn(files)).toEqual([])
      const broken = withPiece(files[last] ?? '', [good, bad])
      const codes = (await inspectedFindingsIn({ ...files, [last]: broken })).map((finding) => finding.code)
      expect([...new Set(codes)].toSorted()).toEqual([code, ...(alongside[code] ?? [])].toSorted())
    },
  )

  test.each(shown.filter(([code]) => /^(?:load|yaml)\//.test(code)))('%s', (code, { good, bad }) => {
    const codesIn = (text: string) => parse({ file: 'x.yaml', stem: 'x', text }).diagnostics.map((one) => one.code)
    expect([...new Set(codesIn(`${bad}\n`))]).toEqual([code])
    expect(codesIn(`${good}\n`)).toEqual([])
  })

  test('schema/no-definition', () => {
    const { bad = '' } = explanationByCode['schema/no-definition'] ?? {}
    expect(findingsIn({ 'acme-crm.yaml': bad }).map(({ code }) => code)).toEqual(['schema/no-definition'])
  })
})

test('what an explanation is about is a field of the definition format', () => {
  const schema = JSON.parse(readFileSync(join(generator, '..', 'schema', 'connector.schema.json'), 'utf8'))
  const fields = explanationFields()
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

function explanationFields(): readonly string[] {
  return Object.values(explanationByCode).flatMap(({ about }) => about)
}

test('every rule says which fields it is about', () => {
  expect(Object.keys(rules).filter((code) => explanationByCode[code]?.about.length === 0)).toEqual([])
})

describe('each explanation is a sentence that says why', () => {
  test.each(Object.entries(explanationByCode))('%s', (_, { why, good, bad }) => {
    expect(why).toMatch(/^[A-Z].*\.$/s)
    expect(bad).not.toBe(good)
  })
})

describe('explain', () => {
  test('shows what holds, why, both examples and how to waive it', () => {
    const shown = explain('parameter/unused').text(noColors)
    expect(shown).toContain('Every declared parameter stands in some path.')
    expect(shown).toContain('bad\n  path: /contacts\n')
    expect(shown).toContain('good\n  path: /contacts/{contact_id}\n')
    expect(shown).toContain('waivers: [{ rule: parameter/unused,')
    expect(explain('source/unknown').text(noColors)).toContain('It cannot be waived.')
  })

  test('lists every kind of finding when none is named', () => {
    const lines = explain(undefined).text(noColors).split('\n')
    expect(lines.length).toBe(findingKinds.length + 1)
  })

  test('names the code that was meant', () => {
    expect(() => explain('event/pointer-unresolvd')).toThrow(
      'no finding is called "event/pointer-unresolvd"; did you mean "event/pointer-unresolved"?',
    )
  })
})

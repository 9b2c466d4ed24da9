import { describe, expect, test } from 'vitest'
import { CheckBudget } from '../../generator/check/check-budget.ts'
import { exampleErrors } from '../../generator/check/rules/example-errors.ts'
import { loopFrom } from '../../generator/check/rules/loop.ts'
import { expandedSize } from '../../generator/check/rules/subschemas.ts'
import type { DataSchema } from '../../generator/compiled/definition.ts'
import { acme, findingsIn } from '../support/acme.ts'

/** Definitions that refer to the next one twice each. */
function doubling(levels: number): DataSchema {
  const $defs: Record<string, DataSchema> = { [`d${levels}`]: { type: 'string' } }
  for (let level = 0; level < levels; level += 1)
    $defs[`d${level}`] = { allOf: [{ $ref: `#/$defs/d${level + 1}` }, { $ref: `#/$defs/d${level + 1}` }] }
  return { type: 'object', $defs, properties: { value: { $ref: '#/$defs/d0' } } }
}

describe('the size of a schema with its references written out', () => {
  test.each<[string, DataSchema, number]>([
    ['without references', { type: 'object', properties: { a: {}, b: { items: {} } } }, 4],
    ['with a reference', { properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { items: {} } } }, 6],
    ['with one that leads nowhere', { properties: { a: { $ref: '#/$defs/x' } } }, 2],
    ['that doubles 20 times', doubling(20), 6_291_514],
    ['with a chain that is too long', doubling(200), Number.POSITIVE_INFINITY],
  ])('%s', (_, schema, size) => {
    expect(expandedSize(schema)).toBeGreaterThanOrEqual(Math.min(size, 1_000_000))
    if (size < 1000) expect(expandedSize(schema)).toBe(size)
  })

  test('that contains itself ends', () => {
    expect(expandedSize({ $ref: '#/$defs/a', $defs: { a: { items: { $ref: '#/$defs/a' } } } })).toBeLessThan(10)
  })
})

describe('the examples of a definition', () => {
  test('are not run against a schema that doubles', () => {
    expect(exampleErrors(doubling(40), { value: 1 })).toEqual([])
    expect(exampleErrors(doubling(3), { value: 1 })).not.toEqual([])
  })

  test('share a budget, which ends in one finding', () => {
    const budget = new CheckBudget()
    const schema: DataSchema = { type: 'array', items: { type: 'string' }, uniqueItems: true }
    const example = Array.from({ length: 2900 }, (_, index) => `${index}`)
    expect(budget.spend(schema, example)).toBe(true)
    expect(budget.problem).toBeUndefined()
    expect(budget.spend(schema, example)).toBe(true)
    expect(budget.spend(schema, example)).toBe(false)
    expect(budget.spend(schema, [])).toBe(false)
    expect(budget.problem).toBe('its examples take more than 20000000 steps to check')
  })
})

describe('a definition that would take too long has a finding', () => {
  test('at the data of an event whose references double', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) =>
        `        d${level}: { allOf: [{ $ref: "#/$defs/d${level + 1}" }, { $ref: "#/$defs/d${level + 1}" }] }\n`,
    )
    const last = '        d30: { type: string }\n'
    const text = acme.replace(/^ {6}\$defs:\n/m, (line) => `${line}${levels.join('')}${last}`)
    expect(text).not.toBe(acme)
    const doubled = text.replace(/city:\n( +)type: string\n/, 'city:\n$1$ref: "#/$defs/d0"\n')
    expect(doubled).not.toBe(text)
    const findings = findingsIn({ 'acme-crm.yaml': doubled }).filter(({ code }) => code === 'load/too-complex')
    expect(findings.map(({ message }) => message)).toEqual([
      'the data has more than 10000 schemas once its references are written out',
    ])
  })

  test('at the events whose examples are too large', () => {
    const tags = `[${Array.from({ length: 5000 }, (_, index) => `t${index}`).join(', ')}]`
    const text = acme.replace(/^( +tags:) \[.*\]$/m, `$1 ${tags}`)
    expect(text).not.toBe(acme)
    const unique = text.replace(/^( +)(tags:\n +type: array\n)/m, '$1$2$1  uniqueItems: true\n')
    expect(unique).not.toBe(text)
    const findings = findingsIn({ 'acme-crm.yaml': unique })
    expect(findings.map(({ code }) => code)).toContain('load/too-complex')
  })
})

test('a chain of 20,000 references is followed, and each name once', () => {
  const done = new Set<string>()
  let asked = 0
  const next = (name: string): readonly string[] => {
    asked += 1
    return name === 'n20000' ? [] : [`n${Number(name.slice(1)) + 1}`]
  }
  for (const start of ['n0', 'n1', 'n19999']) expect(loopFrom(start, next, done)).toBeUndefined()
  expect(asked).toBeLessThan(20_010)
  expect(loopFrom('a', (name) => (name === 'a' ? ['b'] : ['a']))).toEqual(['a', 'b', 'a'])
})

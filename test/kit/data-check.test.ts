import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import type { DataSchema } from '../../generator/kit/data-check.ts'
import { dataProblems } from '../../generator/kit/data-check.ts'

interface Event {
  readonly name: string
  readonly data: DataSchema
  readonly examples: readonly { readonly data: unknown }[]
}

const registry = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'generated', 'json', 'registry.json'), 'utf8'),
) as { readonly connectors: readonly { readonly code: string; readonly events: readonly Event[] }[] }
const events = registry.connectors.flatMap(({ code, events }) =>
  events.map((event) => [`${code}.${event.name}`, event] as const),
)

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)

const VALUES = [
  ...[null, true, 0, -1, 1.5, 1e300, '', 'x', 'é'.repeat(300), [], {}, [1, 1], ['a'], { a: 1 }],
  ...['2026-02-30T00:00:00Z', '2026-02-28T00:00:00Z', '2026-02-28T23:59:60Z', '2026-02-28', '12:00:00Z', 'P1D', 'P'],
  ...['a@example.com', 'a@b', 'https://a.example/b', 'not a uri', '7b0c1c5e-0000-4000-8000-000000000001', '10.0.0.1'],
  ...['10.0.0.256', '::1', '1::2::3', 'a.example', '-a.example'],
]

/** A value with each of its parts replaced, removed or extended. */
function* changesOf(value: unknown): Generator<unknown> {
  yield* VALUES
  if (Array.isArray(value)) {
    yield [...value, ...value]
    for (const [index, item] of value.entries())
      for (const changed of changesOf(item)) yield value.map((other, at) => (at === index ? changed : other))
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, 'an/unknown~field': 1 }
    for (const [name, inside] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))
      for (const changed of changesOf(inside)) yield { ...value, [name]: changed }
    }
  }
}

describe('data is checked as by a complete validator', () => {
  test.each(events)('%s', (_, { data: schema, examples }) => {
    const validate = ajv.compile(schema)
    const differences: unknown[] = []
    for (const { data } of examples) {
      expect(dataProblems(schema, data)).toBeUndefined()
      for (const changed of changesOf(data))
        if (validate(changed) !== (dataProblems(schema, changed) === undefined)) differences.push(changed)
    }
    expect(differences.slice(0, 3)).toEqual([])
  })
})

test.each<[DataSchema, unknown, string]>([
  [{ type: 'object', required: ['a'] }, {}, 'a is missing'],
  [{ additionalProperties: false }, { b: 1 }, 'has the unknown field "b"'],
  [{ properties: { 'a/b': { type: 'string' } } }, { 'a/b': 1 }, '/a~1b must be string'],
  [{ items: { $ref: '#/$defs/x' }, $defs: { x: { enum: [1, 2] } } }, [1, 3], '/1 must be one of 1, 2'],
  [
    { uniqueItems: true },
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    'must NOT have duplicate items',
  ],
  [{ oneOf: [{ type: 'string' }, { minLength: 1 }] }, 'x', 'must match exactly one schema in oneOf'],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 1, 'must match a schema in anyOf'],
])('%j refuses %j', (schema, data, problem) => {
  expect(dataProblems(schema, data)).toBe(problem)
})

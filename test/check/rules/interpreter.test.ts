import { expect, test } from 'vitest'
import { compileSchema } from '../../../generator/check/rules/compile-schema.ts'
import { interpreter } from '../../../generator/check/rules/interpreter.ts'
import type { DataSchema } from '../../../generator/compiled/definition.ts'
import { fc } from '../../support/property.ts'

const FORMATS = ['date-time', 'date', 'time', 'duration', 'email', 'uri', 'uuid', 'ipv4', 'ipv6', 'hostname'] as const

/** Texts near the edge of every format and pattern. */
const text = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'é', '😀', 'constructor', '12', '1.5'),
  fc.constantFrom(
    '2026-02-29',
    '2024-02-29',
    '2024-02-29T10:00:00Z',
    '2024-02-29 10:00:00+01:00',
    '2016-12-31T23:59:60Z',
  ),
  fc.constantFrom('10:00:00', '10:00:00Z', '24:00:00Z', 'P1D', 'P', 'P1Y2M', 'PT', 'P1W', 'PT1H'),
  fc.constantFrom('a@b.c', 'a@b', '"a b"@c.d', 'a@', 'https://a.b/c?d#e', 'a:b', '/a', 'http://[::1]/', 'http://a b'),
  fc.constantFrom('127.0.0.1', '256.0.0.1', '01.2.3.4', '::1', '1::2::3', '::ffff:1.2.3.4', 'a.b', 'a..b', '-a', 'a_b'),
  fc.constantFrom('7b0c1c5e-0000-4000-8000-000000000001', 'urn:uuid:7b0c1c5e-0000-4000-8000-000000000001'),
  fc.string({ maxLength: 4, unit: 'grapheme' }),
)
const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, -0, 1e21, 1.0, 2.000_000_1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null))
// ajv itself stumbles over values with a field `toString`.
const key = fc.constantFrom('a', 'b', 'c', 'x y', 'a/b', 'a~b', '%41')
const name = fc.oneof(key, fc.constant('toString'))

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
})).value

const amount = fc.integer({ min: 0, max: 3 })
const typeName = fc.constantFrom('string', 'number', 'integer', 'boolean', 'object', 'array', 'null')

const schema = fc.letrec<{ schema: DataSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    fc.record(
      {
        type: fc.oneof(typeName, fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 })),
        description: fc.constant('what it is'),
        'x-unit': fc.constant('ms'),
      },
      { requiredKeys: [] },
    ),
    fc.record({ type: fc.constant('string'), format: fc.constantFrom(...FORMATS) }),
    fc.record(
      {
        type: fc.constant('string'),
        minLength: amount,
        maxLength: amount,
        pattern: fc.constantFrom('^a', '^\\\\p{L}+$', 'b$', '('),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        type: fc.constantFrom('number', 'integer', ['number', 'null'], ['string', 'integer']),
        minimum: number,
        maximum: number,
        exclusiveMinimum: number,
        exclusiveMaximum: number,
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 3 }) }),
    fc.record({ const: scalar }),
    fc.record({ $ref: fc.constantFrom('#/$defs/one', '#/$defs/two') }),
    fc.record(
      {
        type: fc.constantFrom('array', ['array', 'null']),
        items: tie('schema'),
        minItems: amount,
        maxItems: amount,
        uniqueItems: fc.boolean(),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        type: fc.constantFrom('object', ['object', 'string'], undefined),
        properties: fc.dictionary(name, tie('schema'), { maxKeys: 3 }),
        required: fc.uniqueArray(name, { maxLength: 2 }),
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
        minProperties: amount,
        maxProperties: amount,
      },
      { requiredKeys: ['type', 'properties', 'additionalProperties'] },
    ),
    fc.record(
      {
        anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        type: typeName,
      },
      { requiredKeys: ['anyOf'] },
    ),
  ) as fc.Arbitrary<DataSchema>,
})).schema

const withDefinitions = fc
  .tuple(schema, schema, schema)
  .map(
    ([root, one, two]): DataSchema =>
      JSON.parse(JSON.stringify({ ...root, $defs: { one: withoutReferences(one), two: withoutReferences(two) } })),
  )

/** References that go round in a circle are refused before anything runs. */
function withoutReferences(part: DataSchema): DataSchema {
  return JSON.parse(JSON.stringify(part).replaceAll(/"\$ref":"[^"]*"/g, '"title":"no reference"'))
}

test('where the interpreter takes a schema, ajv takes it too and says the same of every value', () => {
  const seen = { fit: 0, misfit: 0 }
  fc.assert(
    fc.property(withDefinitions, fc.array(value, { minLength: 20, maxLength: 20 }), (definition, values) => {
      const fits = interpreter(definition)
      if (fits === undefined) return
      const validate = compileSchema(definition)
      if (typeof validate === 'string') throw new Error(validate)
      for (const one of values) {
        const plain: unknown = JSON.parse(JSON.stringify(one))
        expect(fits(plain), JSON.stringify(plain)).toBe(validate(plain))
        seen[fits(plain) ? 'fit' : 'misfit'] += 1
      }
    }),
    { numRuns: Number(process.env.EXAMPLE_RUNS ?? 400) },
  )
  expect(Math.min(seen.fit, seen.misfit)).toBeGreaterThan(100)
})

test.each([
  ['a keyword about another type', { type: 'string', minimum: 1 }],
  ['a keyword without a type', { minLength: 1 }],
  ['alternatives that narrow a type', { type: 'string', anyOf: [{ type: 'number' }] }],
  ['a pattern that is none', { type: 'string', pattern: '(' }],
  ['a name that every object has', { type: 'object', additionalProperties: false, properties: { toString: {} } }],
] satisfies readonly (readonly [string, DataSchema])[])('leaves %s to ajv', (_, part) => {
  expect(interpreter({ type: 'object', additionalProperties: false, properties: { part } })).toBeUndefined()
})

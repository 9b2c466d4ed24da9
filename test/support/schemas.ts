import { fc } from './property.ts'

/** Names that fields of real payloads have, and names that try to be something else. */
const names = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('id', 'type', 'event', 'action', 'name', 'email', 'created_at', 'items') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'default', 'examples', '$ref'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '+1', 'a b', 'é', "it's", 'x'.repeat(81), 'a/b~c', '0', '\u2028', 'enum'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 12, unit: 'binary' }) },
)

const references = fc.constantFrom(
  '#/$defs/A',
  '#/$defs/B',
  '#/$defs/C',
  '#',
  '#/nowhere',
  '#anchor',
  'https://example.com/remote.json',
)

const types = fc.constantFrom('object', 'array', 'string', 'integer', 'number', 'boolean', 'null', 'any')

const numbers = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.double(), fc.constant(2 ** 60))

const scalars = fc.oneof(fc.string({ maxLength: 6 }), numbers, fc.boolean(), fc.constant(null))

/** One keyword of JSON Schema, of any draft, of OpenAPI or of nobody. */
const keyword = (schema: fc.Arbitrary<unknown>) =>
  fc.oneof(
    fc.tuple(fc.constant('type'), fc.oneof(types, fc.array(types, { maxLength: 3 }))),
    fc.tuple(fc.constant('properties'), fc.dictionary(names, schema, { maxKeys: 4 })),
    fc.tuple(fc.constant('required'), fc.array(names, { maxLength: 3 })),
    fc.tuple(fc.constant('items'), fc.oneof(schema, fc.array(schema, { maxLength: 2 }))),
    fc.tuple(fc.constant('prefixItems'), fc.array(schema, { maxLength: 2 })),
    fc.tuple(fc.constantFrom('allOf', 'anyOf', 'oneOf'), fc.array(schema, { maxLength: 3 })),
    fc.tuple(fc.constantFrom('additionalProperties', 'not', 'if', 'contains', 'propertyNames'), schema),
    fc.tuple(fc.constant('patternProperties'), fc.dictionary(names, schema, { maxKeys: 1 })),
    fc.tuple(fc.constant('enum'), fc.array(fc.oneof(scalars, fc.constant({ a: 1 })), { maxLength: 3 })),
    fc.tuple(fc.constantFrom('const', 'default', 'example'), fc.oneof(scalars, fc.constant(['x']))),
    fc.tuple(
      fc.constantFrom('minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'multipleOf'),
      numbers,
    ),
    fc.tuple(fc.constantFrom('minProperties', 'maxProperties'), numbers),
    fc.tuple(fc.constantFrom('exclusiveMinimum', 'exclusiveMaximum'), fc.oneof(numbers, fc.boolean())),
    fc.tuple(fc.constantFrom('nullable', 'uniqueItems', 'deprecated', 'readOnly'), fc.boolean()),
    fc.tuple(
      fc.constant('format'),
      fc.constantFrom('date-time', 'date', 'uri', 'email', 'uuid', 'ipv6', 'int64', 'binary', 'x'),
    ),
    fc.tuple(fc.constant('pattern'), fc.constantFrom('^[a-z]{2,4}$', '(a+)+$', '[', '^\\d{3}-\\d{2}$', '\\p{L}+', '')),
    fc.tuple(fc.constantFrom('title', 'description'), fc.string({ maxLength: 30, unit: 'binary' })),
    fc.tuple(fc.constant('$ref'), references),
    fc.tuple(fc.constant('discriminator'), fc.record({ propertyName: names })),
    fc.tuple(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 })),
  )

const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.boolean(),
      types.map((type) => ({ type })),
      references.map((reference) => ({ $ref: reference })),
      fc.constant({ type: 'string', format: 'date-time' }),
    ),
    fc.array(keyword(tie('schema')), { maxLength: 5 }).map(objectOf),
  ),
}))

/** Own members, whatever they are called; of two of one name the later. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries)
}

/** JSON Schemas of bodies: most of them objects, many of them odd, with definitions that refer to each other. */
export const bodySchemas = fc
  .record({
    keywords: fc.array(keyword(schema), { maxLength: 4 }),
    properties: fc.dictionary(names, schema, { minKeys: 1, maxKeys: 5 }),
    definitions: fc.record({ A: schema, B: schema, C: schema }),
  })
  .map(({ keywords, properties, definitions }) => ({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'order paid',
    type: 'object',
    properties,
    ...objectOf(keywords),
    $defs: definitions,
  }))

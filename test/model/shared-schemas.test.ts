import { describe, expect, test } from 'vitest'
import type { DataSchema, Definition } from '../../generator/compiled/definition.ts'
import { withSharedSchemas, writtenPath } from '../../generator/model/shared-schemas.ts'

const ID: DataSchema = { type: 'string', description: 'An id.', maxLength: 9 }

function definitionWith(parts: Partial<Pick<Definition, 'schemas' | 'event_fields'>>, ...data: readonly DataSchema[]) {
  const events = Object.fromEntries(data.map((schema, index) => [`event_${index}`, { data: schema }]))
  return { ...parts, api: {}, events } as unknown as Definition
}

function expanded(parts: Parameters<typeof definitionWith>[0], data: DataSchema): DataSchema | undefined {
  return withSharedSchemas(definitionWith(parts, data), () => true).definition.events?.event_0?.data
}

describe('a reference to a shared schema is replaced by the schema', () => {
  test.each<[string, DataSchema, DataSchema]>([
    ['the whole data', { $ref: '#/schemas/id' }, ID],
    ['a property', { properties: { a: { $ref: '#/schemas/id' } } }, { properties: { a: ID } }],
    ['an item', { items: { $ref: '#/schemas/id' } }, { items: ID }],
    ['an alternative', { anyOf: [{ $ref: '#/schemas/id' }, {}] }, { anyOf: [ID, {}] }],
    ['further fields', { additionalProperties: { $ref: '#/schemas/id' } }, { additionalProperties: ID }],
    ['a definition', { $defs: { d: { $ref: '#/schemas/id' } } }, { $defs: { d: ID } }],
    ['a schema that refers to another one', { $ref: '#/schemas/list' }, { type: 'array', items: ID }],
  ])('%s', (_, written, want) => {
    const schemas: Definition['schemas'] = { id: ID, list: { type: 'array', items: { $ref: '#/schemas/id' } } }
    expect(expanded({ schemas }, written)).toEqual(want)
  })

  test('with the annotations beside the reference, in the order of the shared schema', () => {
    const data = expanded({ schemas: { id: ID } }, { $ref: '#/schemas/id', description: 'Id of the order.' })
    expect(JSON.stringify(data)).toBe('{"type":"string","description":"Id of the order.","maxLength":9}')
  })

  test.each<[string, DataSchema]>([
    ['it leads nowhere', { $ref: '#/schemas/none' }],
    ['it leads to a member of every object', { $ref: '#/schemas/constructor' }],
    ['it has a constraint beside it', { $ref: '#/schemas/id', maxLength: 3 }],
    ['it is one to a definition of the event', { $ref: '#/$defs/id' }],
  ])('unless %s', (_, written) => {
    expect(expanded({ schemas: { id: ID } }, written)).toEqual(written)
  })

  test('and a loop ends', () => {
    const data = expanded({ schemas: { a: { items: { $ref: '#/schemas/a' } } } }, { $ref: '#/schemas/a' })
    expect(data).toEqual({ items: { $ref: '#/schemas/a' } })
  })
})

describe('the fields of every event', () => {
  const event_fields: Definition['event_fields'] = {
    required: ['id', 'time'],
    properties: { id: { $ref: '#/schemas/id' }, time: { type: 'string' } },
  }

  test("come before the event's own, which replace them", () => {
    const own: DataSchema = {
      type: 'object',
      required: ['name', 'id'],
      properties: { name: {}, time: { type: 'number' } },
    }
    const data = expanded({ schemas: { id: ID }, event_fields }, own)
    expect(data).toEqual({
      type: 'object',
      required: ['id', 'time', 'name'],
      properties: { id: ID, time: { type: 'number' }, name: {} },
    })
    expect(Object.keys(data?.properties ?? {})).toEqual(['id', 'time', 'name'])
  })

  test('can be all that an event has', () => {
    expect(expanded({ event_fields: { properties: { id: ID } } }, { type: 'object' })).toEqual({
      type: 'object',
      properties: { id: ID },
    })
  })
})

test('events that would be too large are left as written, and the others are not', () => {
  const schemas: Record<string, DataSchema> = { d40: { type: 'string' } }
  for (let level = 0; level < 40; level += 1)
    schemas[`d${level}`] = { anyOf: [{ $ref: `#/schemas/d${level + 1}` }, { $ref: `#/schemas/d${level + 1}` }] }
  const small: DataSchema = { properties: { a: { $ref: '#/schemas/d38' } } }
  const large: DataSchema = { properties: { a: { $ref: '#/schemas/d0' } } }
  const { definition, tooLarge } = withSharedSchemas(definitionWith({ schemas }, small, large), () => true)
  expect(tooLarge).toEqual([['events', 'event_1', 'data']])
  expect(definition.events?.event_0?.data).not.toEqual(small)
  expect(definition.events?.event_1?.data).toEqual(large)
})

test('bodies and responses of endpoints are written out too, unless they would be too large', () => {
  const schemas: Record<string, DataSchema> = { id: ID, d0: { type: 'string' } }
  for (let level = 1; level < 40; level += 1)
    schemas[`d${level}`] = { anyOf: [{ $ref: `#/schemas/d${level - 1}` }, { $ref: `#/schemas/d${level - 1}` }] }
  const large: DataSchema = { $ref: '#/schemas/d39' }
  const endpoints = { create: { body: { $ref: '#/schemas/id' }, response: large }, list: {} }
  const written = { ...definitionWith({ schemas }), api: { endpoints } } as unknown as Definition
  const { definition, tooLarge } = withSharedSchemas(written, () => true)
  expect(definition.api.endpoints).toEqual({ create: { body: ID, response: large }, list: {} })
  expect(tooLarge).toEqual([['api', 'endpoints', 'create', 'response']])
  expect(withSharedSchemas(written, ([part]) => part !== 'api').definition.api.endpoints).toEqual(endpoints)
})

test('a chain of references can be longer than the stack of calls', () => {
  const schemas: Record<string, DataSchema> = { d20000: { type: 'string' } }
  for (let level = 0; level < 20_000; level += 1) schemas[`d${level}`] = { items: { $ref: `#/schemas/d${level + 1}` } }
  const definition = definitionWith({ schemas }, { $ref: '#/schemas/d0' })
  expect(withSharedSchemas(definition, () => true).tooLarge).toEqual([['events', 'event_0', 'data']])
})

describe('a path into expanded data leads to where it is written', () => {
  const definition = definitionWith(
    {
      schemas: {
        id: ID,
        order: { required: ['id', 'at'], properties: { id: { $ref: '#/schemas/id' }, items: { items: ID } } },
      },
      event_fields: { required: ['account'], properties: { account: { $ref: '#/schemas/id' }, at: {} } },
    },
    { $ref: '#/schemas/order' },
    {
      required: ['account', 'name'],
      properties: { name: { $ref: '#/schemas/id', description: 'A name.' }, at: { type: 'string' } },
    },
  )
  test.each([
    ['event_0 data', 'schemas order'],
    ['event_0 data properties id maxLength', 'schemas id maxLength'],
    ['event_0 data properties items items type', 'schemas order properties items items type'],
    ['event_0 data properties account', 'schemas id'],
    ['event_0 data properties at', 'event_fields properties at'],
    ['event_0 data required 0', 'event_fields required 0'],
    ['event_0 data required 2', 'schemas order required 1'],
    ['event_1 data required 0', 'event_fields required 0'],
    ['event_1 data required 1', 'events event_1 data required 1'],
    ['event_1 data properties name', 'events event_1 data properties name'],
    ['event_1 data properties name description', 'events event_1 data properties name description'],
    ['event_1 data properties name maxLength', 'schemas id maxLength'],
    ['event_1 data properties at type', 'events event_1 data properties at type'],
    ['event_1 example at', 'events event_1 example at'],
    ['event_2 data type', 'events event_2 data type'],
  ])('%s', (path, want) => {
    const segments = ['events', ...path.split(' ')].map((word) => (/^[0-9]$/.test(word) ? Number(word) : word))
    expect(writtenPath(definition, segments).join(' ')).toBe(want)
  })
})

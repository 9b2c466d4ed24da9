import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { newDefinition } from '../../generator/commands/new.ts'
import { OperationalError } from '../../generator/diagnostics/operational-error.ts'
import { flatSchema } from '../../generator/scaffold/flat-schema.ts'
import { snakeName, UniqueNames } from '../../generator/scaffold/names.ts'
import { References } from '../../generator/scaffold/references.ts'
import { TooLarge } from '../../generator/scaffold/schema-converter.ts'

const folder = mkdtempSync(join(tmpdir(), 'hera-hostile-documents-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0

/** Why no definition comes of a document; undefined where one does. */
async function refusalOf(document: unknown): Promise<string | undefined> {
  runs += 1
  const file = join(folder, `${runs}.json`)
  writeFileSync(file, JSON.stringify(document))
  try {
    await newDefinition({
      definitions: [join(folder, `${runs}`)],
      given: { code: 'x-crm' },
      from: [file],
      today: '2026-11-30',
    })
    return undefined
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    return error.message
  }
}

function body(value: object, more: object = {}): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    required: ['id', 'value'],
    properties: { id: { type: 'string' }, value },
    ...more,
  }
}

/** Schemas that refer to the next one twice each. */
function doubling(levels: number, schemaOf: (reference: string) => object): Record<string, object> {
  const schemas: Record<string, object> = { [`d${levels}`]: { type: 'string' } }
  for (let level = 0; level < levels; level += 1) schemas[`d${level}`] = schemaOf(`#/$defs/d${level + 1}`)
  return schemas
}

function nested(levels: number, keyword: string): object {
  if (levels === 0) return { type: 'object', properties: { leaf: { type: 'string' } } }
  return { [keyword]: [nested(levels - 1, keyword), nested(levels - 1, keyword)] }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`)

describe('a document that would take too long ends in a reason', () => {
  test.each<[string, object, RegExp]>([
    [
      'properties that double',
      body(
        { $ref: '#/$defs/d0' },
        {
          $defs: doubling(20, ($ref) => ({ type: 'object', properties: { x: { $ref }, y: { $ref } } })),
        },
      ),
      /more than 10000 schemas/,
    ],
    ...['allOf', 'anyOf', 'oneOf'].map((keyword): [string, object, RegExp] => [
      `a tree of ${keyword}`,
      { ...body({ type: 'string' }), ...nested(14, keyword) },
      /more than 10000 schemas/,
    ]),
    [
      '100,000 properties',
      body({ type: 'object', properties: Object.fromEntries(names(100_000).map((name) => [name, {}])) }),
      /more than 10000 schemas/,
    ],
    ['100,000 required fields', body({ type: 'object', required: names(100_000) }), /more than 10000 schemas/],
    ['a string of a billion characters', body({ type: 'string', minLength: 1e9 }), /no value could be made/],
    ['a list of a billion elements', body({ type: 'array', minItems: 1e9, items: {} }), /no value could be made/],
    [
      'a list of lists of lists',
      body({
        ...{ type: 'array', minItems: 1000 },
        items: { type: 'array', minItems: 1000, items: { type: 'array', minItems: 1000, items: { type: 'string' } } },
      }),
      /no value could be made/,
    ],
    [
      'a sample with 20,000 fields',
      Object.fromEntries(names(20_000).map((name) => [name, 1])),
      /has more than 3000 different fields/,
    ],
    [
      'samples of 501 events',
      names(501).map((name) => ({ type: name, id: '1' })),
      /the samples are of 501 events; at most 500 are read/,
    ],
  ])('%s', async (_, document, reason) => {
    expect(await refusalOf(document)).toMatch(reason)
  })
})

test('an example of a million required characters is not tried, and one of thousands is', () => {
  const flat = (minLength: number) =>
    flatSchema({ type: 'array', minItems: 10, items: { type: 'string', minLength } }, { alternative: 0, optionals: 1 })
  expect(() => flat(100_000)).toThrow(TooLarge)
  expect(flat(5000)).toMatchObject({ minItems: 10, items: { minLength: 5000 } })
})

test('a name of five megabytes is shortened as one of hundreds is', () => {
  const long = (length: number) => snakeName(`${'a'.repeat(length)}_${'b'.repeat(length)}_c`, 30)
  expect(long(2_500_000)).toBe(long(100))
  expect(long(100)).toBe('aaaaaaaaaaaaaa_bbbbbbbbbbbbb_c')
})

test('no number of a repeated name is tried twice', () => {
  const unique = new UniqueNames(30)
  const taken = Array.from({ length: 50_000 }, () => unique.take('get_thing'))
  expect(new Set(taken).size).toBe(50_000)
  expect(taken.slice(0, 2)).toEqual(['get_thing', 'get_thing_2'])
  expect(taken.at(-1)).toBe('get_thing_50000')
})

describe('a chain of references', () => {
  function chain(length: number, last: object) {
    let reads = 0
    const schemas = Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `s${index}`,
        index === length - 1 ? last : { $ref: `#/schemas/s${index + 1}` },
      ]),
    )
    const counted = new Proxy(schemas, {
      getOwnPropertyDescriptor(target, name) {
        reads += 1
        return Reflect.getOwnPropertyDescriptor(target, name)
      },
    })
    return { references: new References({ schemas: counted }), reads: () => reads }
  }

  test.each<[string, object, object]>([
    ['that ends', { type: 'string' }, { value: { type: 'string' } }],
    ['that leads nowhere', { $ref: '#/schemas/none' }, { reason: expect.any(String) }],
  ])('%s is followed once, however often it is used', (_, last, want) => {
    const { references, reads } = chain(500, last)
    const follow = (index: number) => references.follow({ value: { $ref: `#/schemas/s${index}` }, pointer: '' })
    expect(follow(0)).toMatchObject(want)
    const first = reads()
    expect(first).toBeGreaterThanOrEqual(500)
    for (let index = 0; index < 500; index += 1) expect(follow(index)).toMatchObject(want)
    expect(reads()).toBe(first)
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { patternProblem } from '../../generator/check/patterns/pattern-time.ts'

type Node = Readonly<Record<string, unknown>>

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'connector.schema.json'), 'utf8'),
) as Node

/** Every schema inside a schema, with its path. */
function subschemas(node: Node, path: string): readonly { readonly node: Node; readonly path: string }[] {
  const maps = ['properties', '$defs'].flatMap((keyword) =>
    Object.entries((node[keyword] ?? {}) as Record<string, Node>).flatMap(([name, child]) =>
      subschemas(child, `${path}/${keyword}/${name}`),
    ),
  )
  const lists = ['anyOf', 'oneOf', 'allOf'].flatMap((keyword) =>
    ((node[keyword] ?? []) as readonly Node[]).flatMap((child, index) =>
      subschemas(child, `${path}/${keyword}/${index}`),
    ),
  )
  const single = ['items', 'additionalProperties'].flatMap((keyword) => {
    const child = node[keyword]
    return typeof child === 'object' && child !== null ? subschemas(child as Node, `${path}/${keyword}`) : []
  })
  return [{ node, path }, ...maps, ...lists, ...single]
}

const all = subschemas(schema, '')
const definitions = schema.$defs as Readonly<Record<string, Node>>

/** A reference says what its target says. */
function said(node: Node, keyword: string): unknown {
  if (node[keyword] !== undefined) return node[keyword]
  const target = typeof node.$ref === 'string' ? definitions[node.$ref.slice('#/$defs/'.length)] : undefined
  return target === undefined ? undefined : said(target, keyword)
}

test('the walk sees the whole format', () => {
  expect(all.length).toBeGreaterThan(250)
})

describe('an editor finds help at every field', () => {
  test.each(all.filter(({ path }) => path !== ''))('$path', ({ node }) => {
    expect(said(node, 'title') ?? said(node, 'description')).toEqual(expect.stringMatching(/./))
    expect(said(node, 'examples')).toEqual(expect.arrayContaining([expect.anything()]))
  })
})

test('words for the values of an enumeration stand beside all of them, or none', () => {
  const described = all.filter(({ node }) => node.enumDescriptions !== undefined)
  expect(described.length).toBeGreaterThan(12)
  for (const { path, node } of described)
    expect({ path, words: (node.enumDescriptions as readonly string[]).length }).toEqual({
      path,
      words: (node.enum as readonly unknown[]).length,
    })
})

test('unknown fields are refused everywhere', () => {
  const open = all.filter(
    ({ node }) => node.type === 'object' && node.properties !== undefined && node.additionalProperties !== false,
  )
  expect(open.map(({ path }) => path)).toEqual([])
})

test("mappings with names of the writer's choice say how the names look", () => {
  const maps = all.filter(({ node }) => node.type === 'object' && typeof node.additionalProperties === 'object')
  expect(maps.length).toBeGreaterThan(8)
  const allowed = ['/$defs/dataSchema/properties/properties']
  expect(
    maps
      .filter(({ node }) => node.propertyNames === undefined)
      .map(({ path }) => path)
      .filter((path) => !allowed.includes(path)),
  ).toEqual([])
})

test('patterns run in linear time and are anchored', () => {
  const patterns = all.flatMap(({ node }) => {
    const names = node.propertyNames as Node | undefined
    return [node.pattern, names?.pattern].filter((pattern): pattern is string => typeof pattern === 'string')
  })
  expect(patterns.length).toBeGreaterThan(15)
  const problems = [...new Set(patterns)].flatMap((pattern) => {
    const problem = patternProblem(pattern)
    return problem === undefined ? [] : [`${pattern} ${problem}`]
  })
  expect(problems).toEqual([])
  for (const pattern of patterns) expect(pattern).toMatch(/^\^.*\$$/)
})

test('the examples fit the fields that they explain', () => {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  ajv.addSchema(schema, 'format')
  const wrong = all
    // An example of a whole part may leave out what its own fields explain.
    .filter(({ node }) => node.type !== 'object' && node.examples !== undefined && node.items === undefined)
    .filter(({ path, node }) => {
      const validate = ajv.compile({ $ref: `format#${path}` })
      return !(node.examples as readonly unknown[]).every((example) => validate(example))
    })
  expect(wrong.map(({ path }) => path)).toEqual([])
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { table } from '../../generator/compatibility/field-table.ts'
import { verdictsOf } from '../../generator/compatibility/verdict.ts'
import type { Definition } from '../../generator/compiled/definition.ts'
import type { Registry } from '../../generator/model/connector.ts'
import { model } from '../../generator/model/model.ts'
import { targets } from '../../generator/targets/targets.ts'
import { acme } from '../support/acme.ts'
import { emit } from '../support/emit.ts'

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly examples?: readonly unknown[]
}
type Fields = Readonly<Record<string, unknown>>
type Path = readonly (string | number)[]

const format: Schema & { readonly $defs: Readonly<Record<string, Schema>> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'connector.schema.json'), 'utf8'),
)
/** The schema of event data describes any schema, so its keywords are tried one by one instead. */
const EVENT_DATA = '#/$defs/dataSchema'

function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  return { ...format.$defs[schema.$ref.replace('#/$defs/', '')], ...schema }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value with every optional property that it lacks, as the format's examples show it. */
function completed(written: Schema, value: unknown): unknown {
  const schema = resolved(written)
  if (written.$ref === EVENT_DATA) return value
  if (Array.isArray(value))
    return value.map((item) => (schema.items === undefined ? item : completed(schema.items, item)))
  if (!isFields(value)) return value
  const { properties = {}, additionalProperties: others } = schema
  const names = new Set([...Object.keys(value), ...Object.keys(properties)])
  return Object.fromEntries(
    [...names].map((name) => {
      const inside = properties[name] ?? (typeof others === 'object' ? others : {})
      const example = resolved(inside).examples?.[0]
      if (value[name] === undefined && example === undefined) throw new Error(`"${name}" has no example`)
      return [name, completed(inside, value[name] ?? example)]
    }),
  )
}

/** A value changed in one place. */
interface Mutation {
  readonly path: Path
  readonly what: 'changed' | 'removed' | 'added'
  readonly value: unknown
}

/** Changes every leaf, removes everything that is optional, and adds a member to every list and mapping. */
function* mutations(written: Schema, value: unknown, path: Path = []): Generator<Mutation> {
  if (written.$ref === EVENT_DATA) return
  const schema = resolved(written)
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const put = (now: unknown) => value.with(index, now)
      for (const inside of mutations(schema.items ?? {}, item, [...path, index]))
        yield { ...inside, value: put(inside.value) }
      yield { path: [...path, index], what: 'removed', value: value.toSpliced(index, 1) }
    }
    if (typeof value[0] === 'string') yield { path, what: 'added', value: [...value, `${value[0]}x`] }
  } else if (isFields(value)) {
    const { properties = {}, additionalProperties: others, required = [] } = schema
    for (const [name, item] of Object.entries(value)) {
      const inside = properties[name] ?? (typeof others === 'object' ? others : {})
      const { [name]: _, ...rest } = value
      for (const mutation of mutations(inside, item, [...path, name]))
        yield { ...mutation, value: { ...value, [name]: mutation.value } }
      if (!required.includes(name)) yield { path: [...path, name], what: 'removed', value: rest }
      // A key that is also the name of a field elsewhere.
      if (properties[name] === undefined) yield { path, what: 'added', value: { ...value, description: item } }
    }
  } else yield { path, what: 'changed', value: changed(value) }
}

function changed(value: unknown): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  return value === complete.version ? '9.9.9' : `${value}x`
}

function registryOf(definition: unknown): Registry {
  return model([{ file: 'definitions/acme-crm.yaml', definition: definition as Definition }])
}

/** The order of keys is that of the text, and no field: both sides are emitted in the same one. */
async function filesOf(registry: Registry) {
  return Promise.all(targets.map((target) => emit(target, withSortedKeys(registry) as Registry)))
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys)
  if (!isFields(value)) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, withSortedKeys(value[name])]))
}

/** `diff` reports the change both ways, or no generated file may differ. */
async function expectSeen(before: unknown, after: unknown): Promise<void> {
  const [old, now] = [registryOf(before), registryOf(after)]
  const verdicts = [verdictsOf(old, now), verdictsOf(now, old)]
  if (verdicts.some((verdict) => verdict.length === 0)) {
    expect(verdicts).toEqual([[], []])
    expect(await filesOf(now)).toEqual(await filesOf(old))
  }
  const codes = verdicts.flat().flatMap(({ changes }) => changes.map(({ code }) => code))
  expect(codes, 'the field has no row in field-table.ts').not.toContain('connector/field-changed')
}

const complete = completed(format, parse(acme)) as Fields

/** One mutation for each place of the format, whatever the key or index. */
const perField = new Map(
  [...mutations(format, complete)].map((mutation) => [
    `${mutation.path.join('.').replaceAll(/\b\d+\b/g, '*')} ${mutation.what}`,
    mutation.value,
  ]),
)

describe('a change of any field is reported', () => {
  test.each([...perField])('%s', async (_, after) => expectSeen(complete, after))

  const keywords = Object.entries(format.$defs.dataSchema?.properties ?? {}).filter(([keyword]) => keyword !== '$ref')
  test.each(keywords)('keyword %s of event data', async (keyword, schema) => {
    const written = (field: Fields) => {
      const [name, event] = Object.entries(complete.events as Record<string, Fields>)[0] as [string, Fields]
      const data = event.data as Fields & { readonly properties: Fields }
      const properties = { ...data.properties, tried: { description: 'Tried.', ...field } }
      return {
        ...complete,
        events: { ...(complete.events as Fields), [name]: { ...event, data: { ...data, properties } } },
      }
    }
    const example = resolved(schema).examples?.[0]
    await expectSeen(written({}), written({ [keyword]: example }))
  })
})

test('every row has a kind of change or a reason to ignore the field, and applies to a field of the model', () => {
  for (const row of Object.values(table))
    if (typeof row === 'object' && 'ignored' in row) expect(row.ignored).not.toBe('')
  // The folder of a definition decides its registry.
  const connector = { ...registryOf(complete).connectors[0], registry: 'acme', is_base: true }
  const exists = (value: unknown, [segment, ...rest]: readonly string[]): boolean => {
    if (segment === undefined) return true
    if (typeof value !== 'object' || value === null) return false
    if (segment === '*') return Object.values(value).some((item) => exists(item, rest))
    return Object.hasOwn(value, segment) && exists((value as Fields)[segment], rest)
  }
  const patterns = Object.keys(table).filter((pattern) => !pattern.startsWith('**.'))
  expect(patterns.filter((pattern) => !exists(connector, pattern.split('.')))).toEqual([])
})

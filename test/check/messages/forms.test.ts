import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Form } from '../../../generator/check/messages/forms.ts'
import { corrections, misfitsIn } from '../../../generator/check/messages/forms.ts'

interface Patterned {
  readonly path: string
  readonly pattern: string
  readonly form: Form
  readonly examples: readonly string[]
}

const root = join(import.meta.dirname, '..', '..', '..')
const schema: unknown = JSON.parse(readFileSync(join(root, 'schema', 'connector.schema.json'), 'utf8'))

function patternsIn(node: unknown, path: string): readonly Patterned[] {
  if (typeof node !== 'object' || node === null) return []
  const { pattern, examples = [], 'x-form': form } = node as Partial<Patterned> & { readonly 'x-form'?: Form }
  const own =
    typeof pattern === 'string'
      ? [{ path, pattern, form: form as Form, examples: examples.filter((one) => typeof one === 'string') }]
      : []
  return [...own, ...Object.entries(node).flatMap(([key, child]) => patternsIn(child, `${path}/${key}`))]
}

const patterned = patternsIn(schema, '')

test('the walk finds the patterns of the format', () => {
  expect(patterned.length).toBeGreaterThan(35)
})

describe('a pattern has its words beside it', () => {
  test.each(patterned)('$path', ({ form, pattern, examples }) => {
    expect(form?.is).toEqual(expect.stringMatching(/^[^A-Z].*[^.]$|^HERA/))
    expect(form.correction === undefined || Object.hasOwn(corrections, form.correction)).toBe(true)
    for (const example of examples) {
      expect(example).toMatch(new RegExp(pattern))
      expect(misfitsIn(example, form)).toEqual([])
    }
  })
})

test('every correction belongs to a pattern', () => {
  const used = new Set(patterned.map(({ form }) => form.correction).filter((name) => name !== undefined))
  expect([...used].toSorted()).toEqual(Object.keys(corrections).toSorted())
})

test('the words for patterns stay out of everything generated', () => {
  const files = readdirSync(join(root, 'generated'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  expect(files.length).toBeGreaterThan(100)
  const holding = files.filter(({ parentPath, name }) =>
    readFileSync(join(parentPath, name), 'utf8').includes('x-form'),
  )
  expect(holding.map(({ name }) => name)).toEqual([])
})

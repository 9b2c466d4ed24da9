import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findingKinds } from '../../../generator/check/finding-kinds.ts'
import { definitionPage } from '../../../generator/targets/markdown/reference/definition-page.ts'
import { rulesPage } from '../../../generator/targets/markdown/reference/rules-page.ts'

interface Part {
  readonly properties?: Readonly<Record<string, Part>>
  readonly items?: Part
  readonly additionalProperties?: Part | boolean
  readonly anyOf?: readonly Part[]
  readonly default?: unknown
  readonly $defs?: Readonly<Record<string, Part>>
}

const schema: Part = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'schema', 'connector.schema.json'), 'utf8'),
)
const definition = definitionPage(findingKinds).text
const rules = rulesPage(findingKinds).text

/** The text of a page below a heading of the second level. */
function sectionOf(page: string, heading: string): string {
  return page.split(/^## /m).find((section) => section.startsWith(`${heading}\n`)) ?? ''
}

const parts = [['definition', schema] as const, ...Object.entries(schema.$defs ?? {})].filter(
  ([, part]) => part.properties !== undefined,
)

/** All fields of a part by path, with those of objects in it. */
function fieldsOf({ properties = {}, items, additionalProperties, anyOf = [] }: Part, path = ''): [string, Part][] {
  const dot = path === '' ? '' : `${path}.`
  return [
    ...Object.entries(properties).flatMap(([name, field]): [string, Part][] => [
      [dot + name, field],
      ...fieldsOf(field, dot + name),
    ]),
    ...(items === undefined ? [] : fieldsOf(items, `${path}[]`)),
    ...(typeof additionalProperties === 'object' ? fieldsOf(additionalProperties, `${path}.*`) : []),
    ...anyOf.flatMap((form) => fieldsOf(form, path)),
  ]
}

test.each(parts)('the reference shows every field and default of %s', (name, part) => {
  const section = sectionOf(definition, name)
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| field'))
  const fields = fieldsOf(name === 'definition' ? { properties: part.properties ?? {} } : part)
  expect(rows).toHaveLength(fields.length)
  for (const [index, [field, { default: usual }]] of fields.entries()) {
    expect(rows[index]).toContain(`| \`${field}\` |`)
    if (usual !== undefined) expect(rows[index]).toContain(JSON.stringify(usual))
  }
})

test('the reference links every rule where its fields are', () => {
  for (const { code, about, summary } of findingKinds.filter((kind) => kind.summary !== undefined)) {
    for (const field of about) {
      const [part = ''] = field.split('.')
      expect([summary, sectionOf(definition, part).includes(`rules.md#${code.replace('/', '')})`)]).toEqual([
        summary,
        true,
      ])
    }
  }
})

test('every finding has a heading on the page of rules, and says whether it can be waived', () => {
  const sections = rules.split(/^### /m).slice(1)
  expect(sections.map((section) => section.split('\n')[0]).toSorted()).toEqual(
    findingKinds.map(({ code }) => code).toSorted(),
  )
  for (const { code, waivable } of findingKinds) {
    const section = sections.find((candidate) => candidate.startsWith(`${code}\n`)) ?? ''
    expect([code, section.includes('It can be waived')]).toEqual([code, waivable])
  }
})

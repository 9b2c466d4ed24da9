import { describe, expect, test } from 'vitest'
import type { SchemaNode } from '../../generator/compiled/definition-schema.js'
import { definitionSchema } from '../../generator/compiled/definition-schema.js'
import { algorithmOf, algorithms } from '../../generator/kit/algorithms.ts'
import { timeForms } from '../../generator/kit/time.ts'
import { placeholders } from '../../generator/kit/verify.ts'
import { authElements, grantElements } from '../../generator/vocabulary/authentication.ts'
import { credentialElements } from '../../generator/vocabulary/credentials.ts'
import { protections, signatureElements } from '../../generator/vocabulary/signatures.ts'

/** The values of a member of a part of the format; each has a description, which editors show. */
function valuesOf(part: string, member?: string): readonly unknown[] {
  const node: SchemaNode | undefined = definitionSchema.$defs[part]
  const { enum: values = [], enumDescriptions = [] } = (member === undefined ? node : node?.properties?.[member]) ?? {}
  expect(enumDescriptions).toHaveLength(values.length)
  return values
}

describe('the schema, the checks and the kit have the same', () => {
  test('signature algorithms', () => {
    const written = valuesOf('algorithm')
    expect(Object.keys(signatureElements)).toEqual(written)
    const unsigned = ['token', 'jwt', 'none']
    expect(Object.keys(algorithms)).toEqual(written.filter((name) => !unsigned.includes(String(name))))
    expect(unsigned.map(algorithmOf)).toEqual([undefined, undefined, undefined])
  })

  test('forms of time', () => {
    expect(Object.keys(timeForms)).toEqual(valuesOf('timeForm'))
  })

  test('protections of unsigned webhooks', () => {
    const { items } = definitionSchema.$defs.signature?.properties?.protected_by ?? {}
    expect(Object.keys(protections)).toEqual(items?.enum)
  })

  test('types of authentication', () => {
    expect(Object.keys(authElements)).toEqual(valuesOf('auth', 'type'))
  })

  test('grants of OAuth', () => {
    const { grant } = definitionSchema.$defs.auth?.properties?.oauth?.properties ?? {}
    expect(Object.keys(grantElements)).toEqual(grant?.enum)
    expect(grant?.enumDescriptions).toHaveLength(grant?.enum?.length ?? 0)
  })

  test('places of credentials', () => {
    expect(Object.keys(credentialElements)).toEqual(valuesOf('credential', 'in'))
  })

  test('placeholders of what is signed', () => {
    const { description = '' } = definitionSchema.$defs.signature?.properties?.signed ?? {}
    for (const name of Object.keys(placeholders)) expect(description).toMatch(new RegExp(`\\{${name}[:}]`))
  })
})

test.each(Object.entries(timeForms))('%s reads what it writes', (_, { read, write, readValue }) => {
  const time = Date.UTC(2026, 10, 23, 9, 30)
  expect(read(write(time))).toBe(time)
  expect(readValue(write(time))).toBe(time)
})

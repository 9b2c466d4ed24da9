import { loadModule, parse } from 'libpg-query'
import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../generator/model/connector.ts'
import { HEADER_MARK } from '../../../generator/targets/header.ts'
import { jsonLiteral, textLiteral } from '../../../generator/targets/sql/sql.ts'
import { acme, edit, zenith } from '../../support/acme.ts'
import { hostile } from '../../support/adversarial-input.ts'
import { scriptsOf } from '../../support/seeds.ts'

beforeAll(() => loadModule())

const files = { 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenith }

test('there are seeds of all and of each, a verification, and the runtime with its indexes and rollback', async () => {
  expect(Object.keys(await scriptsOf(files)).sort()).toEqual([
    'connectors/acme-crm.sql',
    'connectors/zenith-crm.sql',
    'grant-authenticated.sql',
    'indexes.sql',
    'rollback.sql',
    'runtime.sql',
    'setup-prebuilt-connectors.sql',
    'verify.sql',
  ])
})

describe('every script', () => {
  test.each([
    'setup-prebuilt-connectors.sql',
    'connectors/acme-crm.sql',
    'verify.sql',
    'runtime.sql',
    'grant-authenticated.sql',
  ])('%s: the real parser reads it', async (path) => {
    const script = (await scriptsOf(files))[path] ?? ''
    const { stmts } = await parse(script)
    expect(stmts?.length).toBeGreaterThan(4)
    expect(script.slice(0, 100)).toContain(HEADER_MARK)
    expect(script).toMatch(/^[\n -~]*$/)
    expect(script).toMatch(/[^\n]\n$/)
    // psql would take a line that begins with a backslash for one of its own commands.
    expect(script).not.toMatch(/^\\/m)
  })

  test('comes out the same twice', async () => {
    expect(await scriptsOf(files)).toEqual(await scriptsOf(files))
  })
})

test('an edit of one connector changes no line about another', async () => {
  const before = (await scriptsOf(files))['setup-prebuilt-connectors.sql']?.split('\n') ?? []
  const edited = { ...files, 'acme-crm.yaml': edit(acme, ['Keep contacts in step', 'Keep all contacts in step']) }
  const after = (await scriptsOf(edited))['setup-prebuilt-connectors.sql']?.split('\n') ?? []
  const changed = after.filter((line, index) => line !== before[index])
  expect(after).toHaveLength(before.length)
  expect(changed.map((line) => line.trim().split(':')[0])).toEqual([
    '"description"',
    '"description"',
    '"content_digest"',
  ])
})

describe('a JSON literal', () => {
  /** What PostgreSQL takes for the text between the dollar quotes. */
  async function valueIn(literal: string): Promise<unknown> {
    const { stmts } = await parse(`select ${literal}`)
    expect(stmts).toHaveLength(1)
    const text = JSON.stringify(stmts)
    const [, constant = ''] = /"sval":\{"sval":("(?:[^"\\]|\\.)*")/.exec(text) ?? []
    return JSON.parse(JSON.parse(constant) as string)
  }

  test.each<[string, JsonObject]>([
    ['hostile text', { text: hostile }],
    ['the closing tag, whole, doubled and in pieces', { text: '$json$ $json$json$ $$json$$ $jso', more: '$verify$' }],
    ['a text that is the tag', { $json$: '$json$' }],
    ['control characters', { text: '\u0001\u001f\u007f\u0085' }],
  ])('holds %s as exactly that text', async (_, value) => {
    const literal = jsonLiteral(value)
    expect(literal).toMatch(/^[\n -~]*$/)
    expect(await valueIn(literal)).toEqual(value)
  })
})

test('a text literal takes plain text only', () => {
  expect(textLiteral("it's")).toBe("'it''s'")
  expect(() => textLiteral('back\\slash')).toThrow()
  expect(() => textLiteral('ä')).toThrow()
})

import { describe, expect, test } from 'vitest'
import { list } from '../../generator/commands/list.ts'
import { noColors } from '../../generator/terminal.ts'

interface Given {
  readonly search?: readonly string[]
  readonly category?: string
  readonly auth?: string
  readonly level?: string
}

function listed({ search = [], category, auth, level }: Given) {
  return list({ definitions: ['test/fixtures'], search, category, auth, level })
}

async function codes(given: Given): Promise<readonly string[]> {
  const { connectors } = (await listed(given)).json as { readonly connectors: readonly { readonly code: string }[] }
  return connectors.map(({ code }) => code)
}

describe('a search finds the connectors that contain all words', () => {
  test.each<[string, Given, readonly string[]]>([
    ['in the code', { search: ['tide'] }, ['tide-tables']],
    ['in upper case and with hyphens', { search: ['TIDE-TABLES'] }, ['tide-tables']],
    ['in the name of an event', { search: ['shipment_delivered'] }, ['shipment-desk']],
    ['in the summary of an event, in any order', { search: ['carrier', 'handed'] }, ['shipment-desk']],
    ['in one argument', { search: ['shipment delivered'] }, ['shipment-desk']],
    ['in the purpose', { search: ['counter', 'door'] }, ['shipment-desk']],
    ['in the category', { search: ['crm'] }, ['acme-crm', 'orbit-crm']],
    ['and none that lacks one of them', { search: ['crm', 'tide'] }, []],
    ['of one category', { category: 'logistics' }, ['shipment-desk']],
    ['of one type of authentication', { search: ['crm'], auth: 'oauth2' }, ['acme-crm']],
    ['of one level', { search: ['crm'], level: 'typed' }, ['acme-crm']],
    ['below the first level', { search: ['tide'], level: 'none' }, ['tide-tables']],
    ['by code, with a filter', { search: ['acme-crm'], auth: 'oauth2' }, ['acme-crm']],
  ])('%s', async (_, given, want) => {
    expect(await codes(given)).toEqual(want)
  })
})

test('a code alone shows what the connector lacks', async () => {
  expect((await listed({ search: ['shipment-desk'] })).json).toMatchObject({ connector: 'shipment-desk', level: null })
})

test('a connector in JSON has a fixed set of fields', async () => {
  expect((await listed({ search: ['tide', 'tables'] })).json).toEqual({
    ok: true,
    connectors: [
      {
        code: 'tide-tables',
        name: 'Tide Tables',
        version: '1.0.0',
        category: 'analytics',
        vendor: 'Harbour Data',
        purpose: expect.any(String),
        auth: 'api_key',
        events: [],
        status: 'draft',
        level: null,
        registry: null,
      },
    ],
  })
})

describe('a search without results', () => {
  test.each<[string, Given, RegExp, string | undefined]>([
    [
      'suggests a code',
      { search: ['acme-cmr'] },
      /no connector matches "acme-cmr"; did you mean "acme-crm"\?/,
      'acme-crm',
    ],
    [
      'corrects a word',
      { search: ['shipmnet', 'delivered'] },
      /did you mean "shipment delivered"\?/,
      'shipment delivered',
    ],
    ['suggests nothing far-fetched', { search: ['xylophone'] }, /no connector matches "xylophone"\n/, undefined],
    [
      'names filters that exclude all results',
      { search: ['acme-crm'], auth: 'webhook' },
      /no connector matches "acme-crm"\n {2}help: without --category, --auth and --level the search finds 1 connector/,
      undefined,
    ],
    [
      'shows control characters as escapes',
      { search: ['\u001b[31m'] },
      /no connector matches "\\u001b\[31m"\n/,
      undefined,
    ],
  ])('%s', async (_, given, text, suggestion) => {
    const outcome = await listed(given)
    expect(outcome.exitCode).toBe(0)
    expect(outcome.text(noColors)).toMatch(text)
    expect(outcome.json).toEqual({ ok: true, connectors: [], ...(suggestion === undefined ? {} : { suggestion }) })
  })
})

test('a category that no connector has is an error with a suggestion', async () => {
  await expect(listed({ category: 'cmr' })).rejects.toThrow('no connector has the category "cmr"; did you mean "crm"?')
})

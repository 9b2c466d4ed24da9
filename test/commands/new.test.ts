import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { CATEGORIES, newDefinition } from '../../generator/commands/new.ts'
import type { Outcome } from '../../generator/commands/outcome.ts'
import { simulate } from '../../generator/commands/simulate.ts'
import { watchAndValidate } from '../../generator/commands/validate.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import type { Given } from '../../generator/scaffold/answers.ts'
import { noColors } from '../../generator/terminal.ts'
import { hostile } from '../support/adversarial-input.ts'
import type { Answer } from '../support/runtime.ts'
import { LOCAL, startSandbox } from '../support/sandbox.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'hera-new-'))
  folders.push(made)
  return join(made, 'definitions')
}

const today = '2026-11-24'
const make = (definitions: string, given: Given) => newDefinition({ definitions, given, today })

test('offers the categories of the format', () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'connector.schema.json'), 'utf8'),
  )
  expect(CATEGORIES).toEqual(schema.properties.category.enum)
})

describe('a new definition', () => {
  test.each(['api_key', 'oauth2', 'webhook'] as const)('with %s is valid at once', async (auth) => {
    const definitions = folder()
    const outcome = await make(definitions, { code: 'my-shop', auth, events: ['order_paid', 'order_sent'] })
    expect(outcome.text(noColors)).toContain('npx hera-connectors validate')
    const { registry, diagnostics } = await readRegistry(definitions)
    expect(diagnostics).toEqual([])
    const [connector] = registry.connectors
    expect(connector).toMatchObject({
      code: 'my-shop',
      name: 'My Shop',
      vendor: 'My',
      namespace: 'MYSHOP',
      status: 'draft',
    })
    expect(connector?.events.map(({ smart_code }) => smart_code)).toEqual([
      'HERA.MYSHOP.EVENT.ORDER.PAID.v1',
      'HERA.MYSHOP.EVENT.ORDER.SENT.v1',
    ])
    const text = readFileSync(join(definitions, 'my-shop.yaml'), 'utf8')
    const marked = text.split('\n').filter((line) => line.includes('# FILL IN'))
    expect(outcome.json).toMatchObject({ ok: true, fillIn: marked.length })
    expect(marked.length).toBeGreaterThan(20)
    expect(text).toContain(`read: "${today}"`)
  })

  test('names the format where editors find it: beside the folder, or in the installed package', async () => {
    const definitions = folder()
    await make(definitions, { code: 'alone' })
    expect(readFileSync(join(definitions, 'alone.yaml'), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/schema\/connector\.schema\.json\n/,
    )
    const installed = join(dirname(definitions), 'node_modules', 'hera-connectors', 'schema')
    mkdirSync(installed, { recursive: true })
    writeFileSync(join(installed, 'connector.schema.json'), '{}')
    await make(definitions, { code: 'installed' })
    expect(readFileSync(join(definitions, 'installed.yaml'), 'utf8')).toContain(
      '$schema=../node_modules/hera-connectors/schema/connector.schema.json\n',
    )
    expect((await readRegistry(definitions)).diagnostics).toEqual([])
  })

  test('is not written with what looks like a secret', async () => {
    const definitions = folder()
    const name = `Shop ghp_${'a1B2c3D4e5F6'.repeat(3)}`
    await expect(make(definitions, { code: 'my-shop', name })).rejects.toThrow('looks like')
  })

  test('holds any name as exactly that text', async () => {
    const definitions = folder()
    const name = [...hostile]
      .filter((character) => character >= ' ')
      .join('')
      .slice(0, 60)
    for (const [index, given] of [
      name,
      "it's: # no comment",
      '"',
      '- a',
      '{a: b}',
      'null',
      '007',
      '@x',
      '%',
    ].entries()) {
      await make(definitions, { code: `hostile-${index}`, name: given, vendor: given, namespace: `HOSTILE${index}` })
    }
    const { registry, diagnostics } = await readRegistry(definitions)
    expect(diagnostics).toEqual([])
    expect(registry.connectors.map((connector) => connector.name)).toContain(name)
    expect(registry.connectors.map((connector) => connector.name)).toContain('007')
  })

  test.each<[string, Given, string]>([
    ['no code', {}, 'the new connector needs a code'],
    ['a strange code', { code: 'My Shop' }, 'code "My Shop" must be'],
    ['a code that is taken', { code: 'known' }, 'code "known" is taken'],
    ['a namespace that is taken', { code: 'known-two', namespace: 'KNOWN' }, 'namespace "KNOWN" is taken'],
    ['a category that is none', { code: 'x-y', category: 'social-media' }, 'category "social-media" is no category'],
    ['a plain address', { code: 'x-y', documentation: 'http://a.example' }, 'documentation "http://a.example" must be'],
    ['a strange event', { code: 'x-y', events: ['OrderPaid'] }, 'events "OrderPaid" must be'],
    ['a name of two lines', { code: 'x-y', name: 'a\nb' }, 'must be one line'],
  ])('is not written for %s', async (_, given, said) => {
    const definitions = folder()
    await make(definitions, { code: 'known' })
    await expect(make(definitions, given)).rejects.toThrow(said)
    expect(readdirSync(definitions)).toEqual(['known.yaml'])
  })

  test('is made of what a person answers, and not at all where he leaves', async () => {
    const definitions = folder()
    const asked = await newDefinition({
      definitions,
      given: { code: 'asked' },
      today,
      ask: async (given, { usual, problemOf }) => {
        expect(problemOf('code', 'Nope')).toContain('small letters')
        return { ...given, ...usual('asked'), category: 'crm' }
      },
    })
    expect(asked.exitCode).toBe(0)
    const left = await newDefinition({ definitions, given: { code: 'left' }, today, ask: async () => undefined })
    expect([left.exitCode, left.text(noColors)]).toEqual([1, 'cancelled; nothing was written'])
    expect(readdirSync(definitions)).toEqual(['asked.yaml'])
  })

  test('can be tried on the local runtime before anybody else is offered it', async () => {
    const definitions = folder()
    await make(definitions, { code: 'my-shop', events: ['order_paid', 'order_sent'] })
    const sandbox = await startSandbox({ definitions })
    try {
      const { json } = await simulate({
        definitions,
        connector: 'my-shop',
        event: undefined,
        sample: undefined,
        all: true,
        handshake: false,
        list: false,
        url: undefined,
        runtime: sandbox.url,
        data: sandbox.data,
        organization: LOCAL,
        secrets: {},
        set: [],
        times: 2,
        duplicates: 0,
        outOfOrder: false,
        badSignature: false,
        age: 0,
        concurrency: 1,
      })
      expect((json as Answer).sent.map(({ status }: Answer) => status)).toEqual([200, 200, 200, 200])
      const { body } = await sandbox.post('logs', { limit: 10 })
      expect(body.data.logs.map(({ event_type }: Answer) => event_type).sort()).toEqual([
        'order_paid',
        'order_paid',
        'order_sent',
        'order_sent',
      ])
    } finally {
      await sandbox.stop()
    }
  })
})

test('what is saved is validated again, until somebody has had enough', async () => {
  const definitions = folder()
  await make(definitions, { code: 'my-shop' })
  const path = join(definitions, 'my-shop.yaml')
  const text = readFileSync(path, 'utf8')
  const outcomes: Outcome[] = []
  const errors: unknown[] = []
  const stop = new AbortController()
  const watching = watchAndValidate({
    definitions,
    signal: stop.signal,
    onOutcome: (outcome) => outcomes.push(outcome),
    onRun: () => {},
    onError: (error) => errors.push(error),
  })
  const seen = (amount: number) => vi.waitFor(() => expect(outcomes).toHaveLength(amount), { timeout: 20_000 })
  await seen(1)
  writeFileSync(path, text.replace('category: productivity', 'category: nope'))
  await seen(2)
  writeFileSync(path, text)
  await seen(3)
  rmSync(definitions, { recursive: true })
  await vi.waitFor(() => expect(errors).not.toEqual([]), { timeout: 20_000 })
  stop.abort()
  expect((await watching).exitCode).toBe(0)
  expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 1, 0])
})

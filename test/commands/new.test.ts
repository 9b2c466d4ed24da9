import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { CATEGORIES, newDefinition } from '../../generator/commands/new.ts'
import type { Outcome } from '../../generator/commands/outcome.ts'
import { watchAndValidate } from '../../generator/commands/validate.ts'
import { definitionSchema } from '../../generator/compiled/definition-schema.js'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import type { Given } from '../../generator/scaffold/answers.ts'
import { noColors } from '../../generator/terminal.ts'
import { signatureElements } from '../../generator/vocabulary/signatures.ts'
import { hostile } from '../support/adversarial-input.ts'
import { manifest } from '../support/package.ts'

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

/** The comments of the one definition in a folder, without line breaks. */
function commentOf(definitions: string): string {
  const lines = readFileSync(join(definitions, 'my-shop.yaml'), 'utf8').split('\n')
  return lines.flatMap((line) => /(?<=# ?).*/.exec(line)?.[0].trim() ?? []).join(' ')
}

const make = (definitions: string, given: Given) => newDefinition({ definitions: [definitions], given, today })

test('offers the categories of the format', () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'connector.schema.json'), 'utf8'),
  )
  expect(CATEGORIES).toEqual(schema.properties.category.enum)
})

describe('a new definition', () => {
  test('contains only what was answered', async () => {
    const definitions = folder()
    await make(definitions, { code: 'my-shop' })
    const { registry, diagnostics } = await readRegistry([definitions])
    expect(diagnostics).toEqual([])
    const [connector] = registry.connectors
    expect(connector).toMatchObject({ purpose: 'FILL IN', description: 'FILL IN', sources: {}, links: {} })
    expect(connector).toMatchObject({ auth: { type: 'unknown', summary: 'FILL IN', fields: [] }, events: [] })
    expect(connector?.api).toEqual({
      headers: {},
      environments: {},
      response_headers: {},
      parameters: {},
      endpoints: [],
    })
    expect(connector?.webhook).toBeUndefined()
    for (const part of ['rate_limits', 'setup', 'troubleshooting'] as const) expect(connector?.[part]).toEqual([])
    expect(connector?.privacy).toBeUndefined()
    const text = readFileSync(join(definitions, 'my-shop.yaml'), 'utf8')
    expect(text).not.toMatch(/example\.com|item_created|api_key:|hmac/)
    expect(text).toContain('type: unknown # FILL IN: api_key, oauth2 or webhook\n')
  })

  test('can only be offered once nothing is missing', async () => {
    const definitions = folder()
    await make(definitions, { code: 'my-shop', events: ['order_paid'] })
    const path = join(definitions, 'my-shop.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replace('status: draft', 'status: active'))
    const { diagnostics } = await readRegistry([definitions])
    const missing = diagnostics.filter(({ code }) => code === 'status/incomplete').map(({ message }) => message)
    for (const name of ['sources', 'documentation', 'support', 'type', 'fields', 'base_url', 'endpoints'])
      expect(missing).toContain(`"${name}" is missing, and the status is active`)
    for (const name of ['signatures', 'delivery', 'setup', 'idempotency_key'])
      expect(missing).toContain(`"${name}" is missing, and the status is active`)
  })

  test.each(['api_key', 'oauth2', 'webhook'] as const)('with %s is valid at once', async (auth) => {
    const definitions = folder()
    const outcome = await make(definitions, { code: 'my-shop', auth, events: ['order_paid', 'order_sent'] })
    for (const command of ['validate', 'dev', 'simulate my-shop --all'])
      expect(outcome.text(noColors)).toContain(`${command} --definitions ${definitions}`)
    const { registry, diagnostics } = await readRegistry([definitions])
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
    const marked = text.split('\n').filter((line) => !line.startsWith('#') && line.includes('FILL IN'))
    expect(outcome.json).toMatchObject({ ok: true, fillIn: marked.length })
    expect(marked.length).toBeGreaterThan(15)
    expect(connector?.auth).toMatchObject({ type: auth, fields: [] })
  })

  test.each(Object.entries(signatureElements))('with the signature %s lists its members', async (name, { needs }) => {
    const definitions = folder()
    const algorithm = name as keyof typeof signatureElements
    await make(definitions, { code: 'my-shop', signature: algorithm })
    const { registry, diagnostics } = await readRegistry([definitions])
    expect(diagnostics).toEqual([])
    // Nothing is invented: the members are in a comment, and have no values.
    expect(registry.connectors[0]?.webhook?.signatures).toEqual([])
    const members = needs.map((need) => [need].flat().join(' or ')).join(', ')
    expect(commentOf(definitions)).toContain(
      `add signatures: [{ name, algorithm: ${name}, ${members} }]; delivery and setup, deliveries and samples`,
    )
  })

  test('with a handshake and a subscription lists their members, and nothing without them', async () => {
    const [plain, full] = [folder(), folder()]
    await make(plain, { code: 'my-shop' })
    await make(full, { code: 'my-shop', handshake: true, subscription: true })
    expect(commentOf(plain)).not.toMatch(/signatures|handshakes|subscriptions/)
    const comment = commentOf(full)
    expect(comment).toContain('add signatures: how the vendor signs; delivery and setup')
    for (const [part, known] of [
      ['handshakes', definitionSchema.$defs.handshake],
      ['subscriptions', definitionSchema.$defs.subscription],
    ] as const) {
      const [, written = ''] = new RegExp(`add ${part}: .*?\\{ ([a-z, ]+) \\}`).exec(comment) ?? []
      const members = written.split(', ')
      const allowed = Object.keys(known?.properties ?? {})
      expect([part, members.length > 2, members.filter((member) => !allowed.includes(member))]).toEqual([
        part,
        true,
        [],
      ])
    }
    expect((await readRegistry([full])).diagnostics).toEqual([])
  })

  test('names the format where editors find it: on the web, in the installed package, or beside the folder', async () => {
    const definitions = folder()
    await make(definitions, { code: 'alone' })
    expect(readFileSync(join(definitions, 'alone.yaml'), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=https:\/\/raw\.githubusercontent\.com\/\S+\/schema\/connector\.schema\.json\n/,
    )
    const installed = join(dirname(definitions), 'node_modules', manifest.name, 'schema')
    mkdirSync(installed, { recursive: true })
    writeFileSync(join(installed, 'connector.schema.json'), '{}')
    await make(definitions, { code: 'installed' })
    expect(readFileSync(join(definitions, 'installed.yaml'), 'utf8')).toContain(
      `$schema=../node_modules/${manifest.name}/schema/connector.schema.json\n`,
    )
    mkdirSync(join(definitions, '..', 'schema'))
    writeFileSync(join(definitions, '..', 'schema', 'connector.schema.json'), '{}')
    await make(definitions, { code: 'beside' })
    expect(readFileSync(join(definitions, 'beside.yaml'), 'utf8')).toContain(
      '$schema=../schema/connector.schema.json\n',
    )
    expect((await readRegistry([definitions])).diagnostics).toEqual([])
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
    const { registry, diagnostics } = await readRegistry([definitions])
    expect(diagnostics).toEqual([])
    expect(registry.connectors.map((connector) => connector.name)).toContain(name)
    expect(registry.connectors.map((connector) => connector.name)).toContain('007')
  })

  test.each<[string, Given, string]>([
    ['no code', {}, 'the new connector needs a code'],
    ['a strange code', { code: 'My Shop' }, 'code "My Shop" must be'],
    ['a code that is taken', { code: 'known' }, 'code "known" is taken'],
    ['a namespace that is taken', { code: 'known-two', namespace: 'KNOWN' }, 'namespace "KNOWN" is taken'],
    [
      'a category that is none',
      { code: 'x-y', category: 'social-media' },
      'category "social-media" is not a category; choose one of advertising, ai, ',
    ],
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
      definitions: [definitions],
      given: { code: 'asked' },
      today,
      ask: async (given, { usual, problemOf }) => {
        expect(problemOf('code', 'Nope')).toContain('small letters')
        return { ...given, ...usual('asked'), category: 'crm' }
      },
    })
    expect(asked.exitCode).toBe(0)
    const left = await newDefinition({
      definitions: [definitions],
      given: { code: 'left' },
      today,
      ask: async () => undefined,
    })
    expect([left.exitCode, left.text(noColors)]).toEqual([1, 'cancelled; nothing was written'])
    expect(readdirSync(definitions)).toEqual(['asked.yaml'])
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
    definitions: [definitions],
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

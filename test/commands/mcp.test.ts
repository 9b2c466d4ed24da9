import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findConnector } from '../../generator/commands/find-connector.ts'
import { mcpServer } from '../../generator/commands/mcp-server.ts'
import { sign } from '../../generator/kit/sign.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { kitWebhook } from '../../generator/targets/typescript/webhook-file.ts'
import { cli } from '../support/command.ts'

const root = join(import.meta.dirname, '..', '..')
const definitions = 'test/fixtures'

const client = new Client({ name: 'test', version: '1' })
beforeAll(async () => {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await mcpServer({ definitions: [definitions] }).connect(ours)
  await client.connect(theirs)
})
afterAll(() => client.close())

async function textOf(name: string, given: Readonly<Record<string, unknown>>) {
  const { content, isError = false } = (await client.callTool({ name, arguments: given })) as CallToolResult
  const [first] = content
  if (first?.type !== 'text') throw new Error('the result is not text')
  return { text: first.text, isError }
}

async function resultOf(name: string, given: Readonly<Record<string, unknown>>) {
  const { text, isError } = await textOf(name, given)
  expect({ isError, text }).toEqual({ isError: false, text: expect.stringMatching(/^\{/) })
  return JSON.parse(text)
}

test('all tools are read-only and describe their input', async () => {
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual([
    'search_connectors',
    'get_connector',
    'get_event',
    'validate_definition',
    'explain_finding',
    'interpret_delivery',
  ])
  for (const { annotations, description, inputSchema } of tools) {
    expect(annotations).toEqual({ readOnlyHint: true, openWorldHint: false })
    expect(description).toMatch(/\.$/)
    expect(Object.keys(inputSchema.properties ?? {})).not.toEqual([])
  }
})

test('a search finds connectors, or suggests another word', async () => {
  expect(await resultOf('search_connectors', { search: 'shipment delivered' })).toMatchObject({
    total: 1,
    connectors: [{ code: 'shipment-desk', events: ['shipment_sent', 'shipment_delivered'] }],
  })
  expect(await resultOf('search_connectors', { search: 'shipmnet' })).toMatchObject({
    total: 0,
    did_you_mean: 'shipment',
  })
  expect(await resultOf('search_connectors', { search: 'acme', level: 'typed' })).toMatchObject({ total: 1 })
})

test('a connector is described with what it lacks', async () => {
  expect(await resultOf('get_connector', { code: 'shipment-desk' })).toMatchObject({
    auth: { fields: [{ name: 'api_key' }, { name: 'signing_key' }] },
    events: [{ name: 'shipment_sent' }, { name: 'shipment_delivered' }],
    webhook: { signatures: [{ name: 'X-Shipment-Signature' }], samples: [{ events: ['shipment_sent'] }, {}] },
    level: { next: 'listed' },
  })
})

test('an event is shown with its schema and a delivery', async () => {
  const event = await resultOf('get_event', { connector: 'shipment-desk', event: 'shipment_sent' })
  expect(event).toMatchObject({
    schema: { type: 'object', required: ['shipment_id', 'occurred_at'], examples: [{ shipment_id: 'par_1' }] },
    delivery_rules: [{ when: "$.delivery.type == 'shipment.sent'" }],
    sample_delivery: { name: 'A shipment is sent', events: ['shipment_sent'] },
  })
})

test('a definition is validated with place and remedy, and not written', async () => {
  const text = readFileSync(join(root, 'test/fixtures/shipment-desk.yaml'), 'utf8')
  expect(await resultOf('validate_definition', { text })).toEqual({ valid: true, total: 0, findings: [] })
  const wrong = text.replace('status: draft', 'status: drafts')
  expect(await resultOf('validate_definition', { text: wrong })).toMatchObject({
    valid: false,
    findings: [{ code: 'schema/enum', message: expect.stringContaining('did you mean "draft"?') }],
  })
  expect(await resultOf('validate_definition', { text: '' })).toMatchObject({ valid: false })
  expect(readFileSync(join(root, 'test/fixtures/shipment-desk.yaml'), 'utf8')).toBe(text)
})

test('a finding is explained', async () => {
  expect(await resultOf('explain_finding', { code: 'event/pointer-unresolved' })).toMatchObject({
    code: 'event/pointer-unresolved',
    good: expect.any(String),
  })
})

describe('a delivery', () => {
  const body = '{"type":"shipment.delivered","time":"2026-11-21T14:00:00Z","shipment":{"id":"par_1"}}'
  const secrets = { signing_key: 'made-up' }
  const interpret = (given: object) => resultOf('interpret_delivery', { connector: 'shipment-desk', ...given })

  async function signed(key: string) {
    const { registry } = await readRegistry([definitions])
    const webhook = kitWebhook(findConnector(registry, 'shipment-desk'))
    if (webhook === undefined) throw new Error('the fixture has no webhook')
    const now = Date.parse('2026-11-21T14:00:00Z')
    const unsigned = { method: 'POST', url: 'https://hooks.example.com', headers: {}, body }
    const signing = await sign(webhook, unsigned, { signing_key: key }, { now })
    if (!signing.signed) throw new Error(signing.reason)
    return { body, headers: signing.headers, received_at: '2026-11-21T14:00:10Z' }
  }

  test('becomes events, unverified without secrets', async () => {
    expect(await interpret({ body })).toMatchObject({
      verification: { status: 'not checked' },
      total: 1,
      events: [{ type: 'shipment_delivered', data: { shipment_id: 'par_1' } }],
    })
  })

  test('is verified with secrets, at the time when it arrived', async () => {
    const delivery = await signed('made-up')
    expect(await interpret({ ...delivery, secrets })).toMatchObject({
      verification: { status: 'verified', scheme: 'X-Shipment-Signature' },
      events: [{ type: 'shipment_delivered' }],
    })
    expect(await interpret({ ...delivery, secrets, received_at: '2026-11-22T14:00:10Z' })).toMatchObject({
      verification: { status: 'refused', reason: 'timestamp_out_of_tolerance' },
    })
  })

  test('with a wrong signature is refused, and shows what it would become', async () => {
    const result = await interpret({ ...(await signed('another')), secrets })
    expect(result).toMatchObject({
      verification: { status: 'refused', reason: 'signature_mismatch' },
      events: [{ type: 'shipment_delivered' }],
    })
    expect(JSON.stringify(result)).not.toContain('made-up')
  })

  test.each<[string, object, object]>([
    [
      'that no rule matches',
      { body: '{"type":"shipment.lost"}' },
      { total: 0, reason: expect.stringMatching(/^no delivery rule matches/), rules: [{ event: 'shipment_sent' }, {}] },
    ],
    [
      'that lacks a fetched value',
      { connector: 'beacon-pay', body: '{"id":"tr_1","type":"payment"}' },
      {
        total: 0,
        unrecognized: [{ problem: 'missing_fetch' }],
        reason: expect.stringMatching(/this tool fetches nothing$/),
      },
    ],
    ['that is not JSON', { body: '{' }, { events: [], reason: 'the body cannot be read: malformed_body' }],
    ['by another method', { method: 'PUT', body }, { reason: expect.stringMatching(/^PUT is not a handshake/) }],
  ])('%s has a reason', async (_, given, want) => {
    expect(await interpret(given)).toMatchObject(want)
  })

  test('that is a handshake shows the answer', async () => {
    const handshake = {
      connector: 'acme-crm',
      method: 'GET',
      url: 'https://hooks.example.com/acme?mode=subscribe&token=made-up-token&challenge=c-1',
    }
    const fields = { verify_token: 'made-up-token', client_secret: 'made-up-secret' }
    expect(await interpret({ ...handshake, secrets: fields })).toMatchObject({ handshake: { answer: { status: 200 } } })
    expect(await interpret(handshake)).toMatchObject({ handshake: { refused: 'missing_secret' } })
  })
})

describe('wrong input is a tool error with a remedy', () => {
  test.each<[string, string, object, RegExp]>([
    [
      'an unknown connector',
      'get_connector',
      { code: 'acme-cmr' },
      /did you mean "acme-crm"\?\nhelp: the connectors are/,
    ],
    ['an unknown event', 'get_event', { connector: 'acme-crm', event: 'x' }, /has no event "x"\nhelp: its events are/],
    ['an unknown finding', 'explain_finding', { code: 'x/y' }, /no finding or field is called "x\/y"/],
    [
      'a connector without a webhook',
      'interpret_delivery',
      { connector: 'tide-tables' },
      /does not describe a webhook/,
    ],
    [
      'an unknown secret',
      'interpret_delivery',
      { connector: 'acme-crm', secrets: { client_secrets: 'x' } },
      /has no authentication field "client_secrets"; did you mean "client_secret"\?/,
    ],
    [
      'a header that cannot be sent',
      'interpret_delivery',
      { connector: 'acme-crm', headers: { 'a b': 'x' } },
      /a header cannot be sent.*\nhelp:/,
    ],
    ['a value of another type', 'get_connector', { code: 1 }, /expected string, received number/],
    [
      'a body that is too long',
      'interpret_delivery',
      { connector: 'acme-crm', body: 'x'.repeat(2 ** 20 + 1) },
      /Too big/,
    ],
    ['a definition that is too long', 'validate_definition', { text: 'x'.repeat(2 ** 20 + 1) }, /Too big/],
    [
      'too many headers',
      'interpret_delivery',
      { connector: 'acme-crm', headers: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`h${at}`, ''])) },
      /at most 100 entries/,
    ],
    ['an unknown tool', 'write_definition', {}, /write_definition not found/],
  ])('%s', async (_, name, given, want) => {
    expect(await textOf(name, { ...given })).toEqual({ isError: true, text: expect.stringMatching(want) })
  })

  test('a folder that does not exist', async () => {
    const other = new Client({ name: 'test', version: '1' })
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    await mcpServer({ definitions: ['nowhere'] }).connect(ours)
    await other.connect(theirs)
    expect(await other.callTool({ name: 'search_connectors', arguments: {} })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('the definitions folder "nowhere" does not exist') }],
    })
    await other.close()
  })
})

describe('the built command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hera-mcp-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('serves on stdin and stdout, reads changed definitions again, and writes nothing into the folder of the client', async () => {
    const [cwd, own] = [join(folder, 'client'), join(folder, 'definitions')]
    for (const path of [cwd, own]) mkdirSync(path)
    const write = (name: string, text: string) =>
      writeFileSync(join(own, 'tide-tables.yaml'), text.replace('name: Tide Tables', `name: ${name}`))
    const text = readFileSync(join(root, definitions, 'tide-tables.yaml'), 'utf8')
    write('First', text)
    const other = new Client({ name: 'test', version: '1' })
    const args = [cli, 'mcp', '--definitions', own]
    await other.connect(new StdioClientTransport({ command: process.execPath, args, cwd, stderr: 'ignore' }))
    expect((await other.listTools()).tools).toHaveLength(6)
    const search = async () =>
      (await other.callTool({ name: 'search_connectors', arguments: { search: 'tide' } })).content
    expect(await search()).toMatchObject([{ text: expect.stringContaining('"name":"First"') }])
    expect(await search()).toMatchObject([{ text: expect.stringContaining('"name":"First"') }])
    write('Second', text)
    expect(await search()).toMatchObject([{ text: expect.stringContaining('"name":"Second"') }])
    await other.close()
    expect(readdirSync(cwd)).toEqual([])
  })
})

test('a client may stop reading', () => {
  const call = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'get_connector', arguments: { code: 'acme-crm' } },
  }
  const command = `"${process.execPath}" "${cli}" mcp --definitions ${definitions} | true`
  const input = `${JSON.stringify(call)}\n`
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: root, input, encoding: 'utf8', timeout: 30_000 })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('it answers what was asked, writes nothing else to stdout, and ends with stdin', () => {
  const messages = [
    'not JSON',
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'search_connectors', arguments: {} } },
    { jsonrpc: '2.0', id: 2, method: 'ping' },
  ]
  const input = messages
    .map((message) => `${typeof message === 'string' ? message : JSON.stringify(message)}\n`)
    .join('')
  const args = [cli, 'mcp', '--definitions', definitions]
  const ended = spawnSync(process.execPath, args, { cwd: root, input, encoding: 'utf8', timeout: 30_000 })
  expect(ended.status).toBe(0)
  expect(ended.stderr).toMatch(/^error .*JSON/)
  const { stdout } = ended
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(answers.map(({ id }) => id).sort()).toEqual([1, 2])
})

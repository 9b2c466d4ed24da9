import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const docs = join(root, 'generated', 'docs')
const folder = mkdtempSync(join(tmpdir(), 'hera-docs-code-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Block {
  readonly page: string
  readonly language: string
  readonly source: string
}

const blocks: readonly Block[] = readdirSync(docs, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .sort()
  .flatMap((page) =>
    [...readFileSync(join(docs, page), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)\n```$/gm)].map(
      ([, language = '', source = '']) => ({
        page,
        language,
        source,
      }),
    ),
  )

/** Blocks of the patterns page that name a file are modules; they import each other under that name. */
const modules = blocks.flatMap(({ page, source }) => {
  const [, path] = /^\/\/ (\S+\.ts)\n/.exec(source) ?? []
  return page === 'patterns.md' && path !== undefined ? [{ name: path.split('/').at(-1) ?? '', source }] : []
})

beforeAll(() => {
  for (const { name, source } of modules) writeFileSync(join(folder, name), source)
  const calls = blocks.filter(({ language, source }) => language === 'ts' && /^const \w+ = await fetch/.test(source))
  expect(calls.length).toBeGreaterThan(50)
  for (const [index, { page, source }] of calls.entries()) {
    const head = `// ${page}\ndeclare const token: string\ndeclare const orgId: string\n`
    writeFileSync(join(folder, `call-${index}.ts`), `${head}${source}\nexport {}\n`)
  }
  mkdirSync(join(folder, 'generated'))
  cpSync(join(root, 'generated', 'typescript'), join(folder, 'generated', 'typescript'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023'],
    types: ['node'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    noEmit: true,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
})

test('the modules of the patterns are found', () => {
  expect(modules.map(({ name }) => name)).toEqual(['hera.ts', 'route.ts', 'sync-customer.ts', 'trigger-automation.ts'])
})

describe('every TypeScript sample compiles against the generated types', () => {
  test.each([
    ['typescript-5', 'lib/tsc.js'],
    ['typescript', 'bin/tsc'],
  ])('with %s', async (name, path) => {
    await run(process.execPath, [join(root, 'node_modules', name, path), '-p', folder]).catch(
      ({ stdout }: { stdout: string }) => {
        throw new Error(stdout)
      },
    )
  })
})

test('every JSON sample is JSON', () => {
  const samples = blocks.filter(({ language }) => language === 'json')
  expect(samples.length).toBeGreaterThan(50)
  for (const { source } of samples) expect(() => JSON.parse(source)).not.toThrow()
})

describe('the webhook endpoint of the patterns page runs', () => {
  const secret = 'test-app-secret'
  const recorded: unknown[] = []
  let route: { GET: (request: Request) => Promise<Response>; POST: (request: Request) => Promise<Response> }
  const hera = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    recorded.push({
      url: request.url,
      organization: request.headers['x-organization-id'],
      body: JSON.parse(Buffer.concat(chunks).toString()),
    })
    response.end('{"rid":"r","data":{}}')
  })

  beforeAll(async () => {
    await new Promise<void>((resolve) => hera.listen(0, '127.0.0.1', resolve))
    Object.assign(process.env, {
      HERA_URL: `http://127.0.0.1:${(hera.address() as AddressInfo).port}`,
      HERA_TOKEN: 'token',
      HERA_ORGANIZATION_ID: '7b0c1c5e-0000-4000-8000-000000000001',
      WHATSAPP_VERIFY_TOKEN: 'meatyhamhock',
      WHATSAPP_APP_SECRET: secret,
    })
    await build({
      entryPoints: [join(folder, 'route.ts')],
      outfile: join(folder, 'route.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
    })
    route = await import(pathToFileURL(join(folder, 'route.mjs')).href)
  })
  afterAll(() => hera.close())

  const handshake = (token: string) =>
    new Request(`https://example.com/?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`)

  test('it answers the handshake, and refuses a wrong token', async () => {
    const right = await route.GET(handshake('meatyhamhock'))
    expect({ status: right.status, body: await right.text() }).toEqual({ status: 200, body: '1158201444' })
    expect((await route.GET(handshake('wrong'))).status).toBe(403)
    expect((await route.GET(handshake(''))).status).toBe(403)
  })

  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '1',
        changes: [
          {
            field: 'messages',
            value: {
              messages: [{ id: 'wamid.A', from: '16505551234', timestamp: '1790000000', text: { body: 'äöü' } }],
            },
          },
        ],
      },
      {
        id: '1',
        changes: [
          { field: 'messages', value: { messages: [{ id: 'wamid.B', timestamp: '1790000001' }] } },
          { field: 'messages', value: { statuses: [] } },
        ],
      },
    ],
  })
  const signed = (text: string, key: string) => `sha256=${createHmac('sha256', key).update(text).digest('hex')}`
  const delivery = (signature: string | undefined) =>
    new Request('https://example.com/', {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        ...(signature === undefined ? {} : { 'x-hub-signature-256': signature }),
      },
    })

  test('it records every message of a signed delivery, with keys that a retry repeats', async () => {
    for (const _ of [1, 2]) expect((await route.POST(delivery(signed(body, secret)))).status).toBe(200)
    const keys = recorded.map((call) => (call as { body: { idempotency_key: string } }).body.idempotency_key)
    expect(keys).toEqual([
      'whatsapp-business-cloud:message_received:wamid.A',
      'whatsapp-business-cloud:message_received:wamid.B',
      'whatsapp-business-cloud:message_received:wamid.A',
      'whatsapp-business-cloud:message_received:wamid.B',
    ])
    expect(recorded[0]).toMatchObject({
      url: '/api/v2/integrations/events',
      body: {
        event_data: {
          message_id: 'wamid.A',
          from: '16505551234',
          message: 'äöü',
          timestamp: '2026-09-21T14:13:20Z',
        },
      },
    })
  })

  test.each([
    ['no signature', undefined],
    ['a wrong key', signed(body, 'other')],
    ['another body', signed(`${body} `, secret)],
    ['no prefix', signed(body, secret).slice(7)],
    ['upper case', signed(body, secret).toUpperCase()],
    ['half of it', signed(body, secret).slice(0, 40)],
  ])('it refuses %s', async (_, signature) => {
    const before = recorded.length
    expect((await route.POST(delivery(signature))).status).toBe(401)
    expect(recorded).toHaveLength(before)
  })
})

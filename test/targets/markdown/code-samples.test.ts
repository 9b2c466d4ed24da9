import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toEvents } from '../../../generator/kit/delivery.ts'
import { toEventRequest } from '../../../generator/kit/event.ts'
import type { Webhook } from '../../../generator/kit/webhook.ts'
import { fullSuite } from '../../support/full-suite.ts'
import { calls, modules, samples, subscriptionSamples } from '../../support/samples.ts'
import { mayRun } from '../../support/servers.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..', '..')
const docs = join(root, 'generated', 'docs')
const folder = mkdtempSync(join(tmpdir(), 'hera-docs-code-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What the body of a call must be, by endpoint. */
const REQUESTS: Readonly<Record<string, string>> = {
  connectors: 'ConnectorsRequest',
  events: 'EventRequest',
  logs: 'LogsRequest',
}

/** A call with its body held against the generated types; what it takes from the environment is text. */
function typed({ page, source, endpoint }: (typeof calls)[number]): string {
  const names = [...new Set([...source.matchAll(/process\.env\.(\w+)/g)].map(([, name = '']) => name))]
  const request = REQUESTS[endpoint] ?? 'never'
  return [
    `// ${page}`,
    `import type { ${request} } from './generated/typescript/index.js'`,
    'declare const token: string',
    'declare const orgId: string',
    `declare const process: { env: { ${names.map((name) => `${name}: string`).join('; ')} } }`,
    `declare function bodyOf(request: ${request}): string`,
    source.replace('body: JSON.stringify(', 'body: bodyOf('),
    'export {}',
    '',
  ].join('\n')
}

/** The parts of a subscription that the application has. */
const SUBSCRIBER = `declare const configuration: Readonly<Record<string, string>>
declare function send(request: Request): Promise<Response>
declare function save(values: object): Promise<void>
`

beforeAll(() => {
  for (const { name, source } of modules) writeFileSync(join(folder, name), source)
  expect(calls.length).toBeGreaterThan(50)
  for (const [index, call] of calls.entries()) writeFileSync(join(folder, `call-${index}.ts`), typed(call))
  expect(subscriptionSamples.length).toBeGreaterThan(4)
  for (const [index, { page, source }] of subscriptionSamples.entries())
    writeFileSync(join(folder, `subscription-${index}.ts`), `// ${page}\n${SUBSCRIBER}${source}`)
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

test('the modules are found', () => {
  const names = modules.map(({ name }) => name)
  expect(names.filter((name) => name.endsWith('-webhook.ts')).length).toBeGreaterThan(4)
  expect(names.filter((name) => name.endsWith('-calls.ts')).length).toBeGreaterThan(2)
  expect(names.filter((name) => !/-(?:webhook|calls)\.ts$/.test(name))).toEqual([
    'call-again.ts',
    'hera.ts',
    'route.ts',
    'fetch-resource.ts',
    'database.ts',
    'all-installations.ts',
    'sync-customer.ts',
    'trigger-automation.ts',
    'poll-hubspot.ts',
    'gateway.ts',
  ])
})

describe('every TypeScript sample compiles against the generated types', () => {
  test.each([
    ...(mayRun(fullSuite) ? [['typescript-5', 'lib/tsc.js'] as const] : []),
    ['typescript', 'bin/tsc'] as const,
  ])('with %s', async (name, path) => {
    await run(process.execPath, [join(root, 'node_modules', name, path), '-p', folder]).catch(
      ({ stdout }: { stdout: string }) => {
        throw new Error(stdout)
      },
    )
  })
})

test('every block of code is in a language whose samples are tried', () => {
  // What forms send is text. The page on private registries is followed by another test.
  const tried = ['bash', 'json', 'sql', 'text', 'ts']
  const others = samples.filter(({ page }) => page !== 'private-registry.md')
  expect(others.filter(({ language }) => !tried.includes(language))).toEqual([])
  const ts = samples.filter(({ language }) => language === 'ts')
  expect(ts).toHaveLength(calls.length + modules.length + subscriptionSamples.length)
})

describe('JSON samples are true', () => {
  const json = samples.filter(({ language }) => language === 'json')
  const examples = json.filter(({ lead }) => lead.startsWith('Another example.'))
  const events = samples.filter(({ lead }) => /The kit makes this event of it:|one of them is:/.test(lead))
  const deliveries = samples.filter(({ lead }) => /^What .+ delivers\./.test(lead))
  const ajv = addFormats.default(new Ajv2020({ strict: false }))

  test('all of them are seen', () => {
    expect(examples.length).toBeGreaterThan(20)
    expect(events.length).toBeGreaterThan(20)
    expect(deliveries.length).toBe(events.length)
    const others = deliveries.filter(({ language }) => language !== 'json')
    expect(json).toHaveLength(examples.length + events.length + deliveries.length - others.length)
  })

  /** The schema that the page itself links. */
  const fits = (page: string, event: string, data: unknown) => {
    const schemas = JSON.parse(readFileSync(join(docs, page.replace(/md$/, 'schema.json')), 'utf8'))
    const validate = ajv.getSchema(schemas.$defs[event].$id) ?? ajv.compile(schemas.$defs[event])
    return { page, event, valid: validate(data), errors: validate.errors }
  }

  test('examples fit the schema of their event', () => {
    for (const { page, heading, source } of examples)
      expect(fits(page, heading, JSON.parse(source))).toMatchObject({ valid: true, errors: null })
    expect(fits(examples[0]?.page ?? '', examples[0]?.heading ?? '', 1)).toMatchObject({ valid: false })
  })

  test('a delivery becomes the event that stands below it', async () => {
    for (const [index, { page, heading, language, source }] of deliveries.entries()) {
      const code = page.slice('connectors/'.length, -'.md'.length)
      const { webhook } = await import(join(root, 'generated', 'typescript', 'webhooks', `${code}.ts`))
      const type = language === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
      const reading = await toEvents(webhook as Webhook, source, type)
      const made = reading.readable ? reading.events.find((event) => event.type === heading) : undefined
      const shown = JSON.parse(events[index]?.source ?? '')
      expect([page, heading, shown]).toEqual([page, heading, made && toEventRequest(made)])
      expect(fits(page, heading, shown.event_data)).toMatchObject({ valid: true })
    }
  })
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

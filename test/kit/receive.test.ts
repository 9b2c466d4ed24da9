import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Events } from '../../generated/typescript/connectors/whatsapp-business-cloud.js'
import { webhook as hubspot } from '../../generated/typescript/webhooks/hubspot-crm.js'
import { webhook as meta } from '../../generated/typescript/webhooks/meta-graph-api.js'
import { webhook as whatsapp } from '../../generated/typescript/webhooks/whatsapp-business-cloud.js'
import { webhook as zapier } from '../../generated/typescript/webhooks/zapier-webhook.js'
import type { Event } from '../../generator/kit/event.ts'
import type { Hera } from '../../generator/kit/hera.ts'
import { createHera } from '../../generator/kit/hera.ts'
import { handleWebhook, type ReceiveOptions } from '../../generator/kit/receive.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'

const root = join(import.meta.dirname, '..', '..')
const { registry } = await readRegistry([join(root, 'definitions')])
const ORGANIZATION = '7c1f4a5e-0d5b-4a83-9a55-3a2f0f6b8c11'
const TOKEN = 'hera-token-that-nobody-may-see'

interface Recorded {
  readonly event_type: string
  readonly idempotency_key: string
}

/** HERA's events endpoint as its callers know it, holding every body against the published schemas. */
class FakeHera {
  readonly recorded = new Map<string, Recorded>()
  readonly requests: unknown[] = []
  readonly problems: string[] = []
  /** Statuses with which the next requests are answered instead. */
  readonly failures: (readonly [status: number, headers: Readonly<Record<string, string>>])[] = []
  delay = 0
  readonly #server: Server
  readonly #ajv = new Ajv2020({ allErrors: true, strict: false })
  url = ''

  constructor() {
    addFormats.default(this.#ajv)
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => this.problems.push(String(error)))
    })
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  reset(): void {
    this.recorded.clear()
    this.requests.length = 0
    this.problems.length = 0
    this.failures.length = 0
    this.delay = 0
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request)
    const body = JSON.parse(text)
    this.requests.push(body)
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay))
    const reply = (status: number, answer: object, headers: Readonly<Record<string, string>> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer))
    }
    const failure = this.failures.shift()
    if (failure !== undefined) return reply(failure[0], { error: `not now, ${TOKEN}`, rid: 'r-0' }, failure[1])
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return reply(401, { error: 'unauthorized', rid: 'r-1' })
    if (request.headers['x-organization-id'] !== ORGANIZATION) return reply(403, { error: 'forbidden', rid: 'r-2' })
    const problem = this.#problemOf(body)
    if (problem !== undefined) {
      this.problems.push(problem)
      return reply(400, { error: problem, rid: 'r-3' })
    }
    const duplicate = this.recorded.has(body.idempotency_key)
    this.recorded.set(body.idempotency_key, body)
    reply(200, { rid: 'r-4', data: { duplicate, event_id: `e-${this.recorded.size}` }, actor: {}, org: {} })
  }

  #problemOf(body: Readonly<Record<string, string>>): string | undefined {
    for (const name of ['event_source', 'event_type', 'connector_code', 'event_data', 'smart_code', 'idempotency_key'])
      if (body[name] === undefined) return `no ${name}`
    const connector = registry.connectors.find(({ code }) => code === body.connector_code)
    const event = connector?.events.find(({ name }) => name === body.event_type)
    if (connector === undefined || event === undefined) return `no event ${body.event_type}`
    if (event.smart_code !== body.smart_code) return 'another smart code'
    const path = join(root, 'generated', 'json', 'events', `${event.code}.schema.json`)
    const schema = JSON.parse(readFileSync(path, 'utf8'))
    const validate = this.#ajv.getSchema(schema.$id) ?? this.#ajv.compile(schema)
    return validate(body.event_data) ? undefined : this.#ajv.errorsText(validate.errors)
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** A plain server in front of a handler, as a reader of the README would write it. */
async function served(
  handler: (request: Request) => Promise<Response>,
): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
  const server = createServer(async (incoming, outgoing) => {
    const headers = new Headers()
    for (let index = 0; index < incoming.rawHeaders.length; index += 2)
      headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '')
    const { method = 'GET' } = incoming
    const body = method === 'GET' || method === 'HEAD' ? undefined : ReadableStream.from(incoming)
    const request = new Request(`http://localhost${incoming.url}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    } as RequestInit)
    const response = await handler(request)
    outgoing
      .writeHead(response.status, Object.fromEntries(response.headers))
      .end(Buffer.from(await response.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const fake = new FakeHera()
let hera: Hera
beforeAll(async () => {
  await fake.start()
  hera = createHera({ baseUrl: fake.url, token: TOKEN, organizationId: ORGANIZATION, timeout: 3000 })
})
afterAll(() => fake.stop())
beforeEach(() => fake.reset())

function sampleBody(code: string, name: string): string {
  const sample = registry.connectors.find((one) => one.code === code)?.webhook?.samples.find((one) => one.name === name)
  if (sample === undefined) throw new Error(`no sample ${name}`)
  return sample.body
}

const text = sampleBody('whatsapp-business-cloud', 'A text')
const batch = sampleBody('whatsapp-business-cloud', 'A message and a status in one delivery')
const secrets = { app_secret: 'app-secret', webhook_verify_token: 'verify-token' }

function signed(body: string, headers: Readonly<Record<string, string>> = {}): RequestInit {
  const signature = createHmac('sha256', secrets.app_secret).update(body).digest('hex')
  return {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}`, ...headers },
  }
}

type Options = Extract<ReceiveOptions<'app_secret' | 'webhook_verify_token', Events>, { readonly hera: unknown }>

function receiver(options: Partial<Options> = {}) {
  return handleWebhook(whatsapp, { secrets, hera, ...options })
}

async function answerTo(init: RequestInit, options?: Partial<Options>) {
  const response = await receiver(options)(new Request('https://hooks.example.com/', init))
  return [response.status, await response.json()]
}

describe('behind a real server', () => {
  let server: Awaited<ReturnType<typeof served>>
  beforeAll(async () => {
    server = await served(receiver())
  })
  afterAll(() => server.stop())

  test('the handshake is answered', async () => {
    const query = 'hub.mode=subscribe&hub.challenge=42&hub.verify_token=verify-token'
    const response = await fetch(`${server.url}/?${query}`)
    expect([response.status, await response.text()]).toEqual([200, '42'])
    expect((await fetch(`${server.url}/?${query}x`)).status).toBe(403)
  })

  test('every event of a delivery reaches HERA, once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const response = await fetch(server.url, signed(batch))
      expect([response.status, await response.json()]).toEqual([200, { received: 2, unrecognized: 0 }])
    }
    expect(fake.problems).toEqual([])
    expect([...fake.recorded.values()].map(({ event_type }) => event_type).sort()).toEqual([
      'message_read',
      'message_received',
    ])
    expect(fake.requests).toHaveLength(6)
  })

  test('a body in pieces, of three megabytes, and one above the limit', async () => {
    const pieces = ReadableStream.from(text.match(/.{1,100}/gs)?.map((piece) => new TextEncoder().encode(piece)) ?? [])
    const inPieces = await fetch(server.url, { ...signed(text), body: pieces, duplex: 'half' } as RequestInit)
    expect(inPieces.status).toBe(200)
    const padded = (size: number) => `${text.trimEnd().slice(0, -1)},"x":"${'x'.repeat(size)}"}`
    const large = await fetch(server.url, signed(padded(3 * 2 ** 20 - text.length - 20)))
    expect([large.status, await large.json()]).toEqual([200, { received: 1, unrecognized: 0 }])
    const tooLarge = await fetch(server.url, signed(padded(3 * 2 ** 20)))
    expect([tooLarge.status, await tooLarge.json()]).toEqual([413, { error: 'body_too_large' }])
  })

  test.each([
    ['two signatures', ['X-Hub-Signature-256: sha256=00', 'X-Hub-Signature-256: sha256=11'], 401],
    ['bytes beyond ASCII', [`X-Hub-Signature-256: sha256=${'\u00e9'.repeat(64)}`], 401],
    ['no signature', ['X-Other: 1'], 401],
    ['an empty signature', ['X-Hub-Signature-256:'], 401],
  ])('raw headers: %s', async (_, lines, status) => {
    const head = [
      'POST / HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Length: 2',
      'Connection: close',
      ...lines,
    ]
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n{}`, 'latin1')),
      )
      let received = ''
      socket.on('data', (data) => {
        received += data
      })
      socket.on('end', () => resolve(received))
      socket.on('error', reject)
    })
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(fake.requests).toEqual([])
  })
})

describe('bad input has an answer', () => {
  test.each<[string, RequestInit, number, string]>([
    ['another signature', { ...signed(text), body: `${text} ` }, 401, 'signature_mismatch'],
    ['no signature', { method: 'POST', body: text }, 401, 'missing_signature'],
    ['a signature of another kind', signed(text, { 'x-hub-signature-256': 'sha1=00' }), 401, 'malformed_signature'],
    ['malformed JSON', signed('{"object":'), 400, 'malformed_body'],
    ['an empty body', signed(''), 400, 'empty_body'],
    ['a form', signed('a=1', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'unsupported_content_type'],
    ['XML', signed('<a/>', { 'content-type': 'text/xml' }), 415, 'unsupported_content_type'],
    ['another method', { method: 'PUT', body: text }, 405, 'method_not_allowed'],
    ['a page view', { method: 'GET' }, 405, 'method_not_allowed'],
  ])('%s', async (_, init, status, error) => {
    expect(await answerTo(init)).toEqual([status, { error }])
    expect(fake.requests).toEqual([])
  })

  test('nests deeply, or belongs to another connector: nothing is recognized, and nothing repeated', async () => {
    for (const body of [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, sampleBody('meta-graph-api', 'A comment')]) {
      const parts: unknown[] = []
      const answer = await answerTo(signed(body), { onUnrecognized: (found) => parts.push(...found) })
      expect(answer).toEqual([200, { received: 0, unrecognized: 1 }])
      expect(parts).toHaveLength(1)
    }
  })

  test('a missing secret is our fault, and the vendor tries again', async () => {
    expect(await answerTo(signed(text), { secrets: {} })).toEqual([500, { error: 'missing_secret' }])
    expect(await answerTo(signed(text), { secrets: () => undefined })).toEqual([404, { error: 'not_installed' }])
  })

  test('what the application throws is answered and told to nobody', async () => {
    const thrown = () => {
      throw new Error('app-secret')
    }
    expect(await answerTo(signed(text), { secrets: thrown })).toEqual([500, { error: 'internal_error' }])
    expect(await answerTo(signed(text), { hera: { sendEvent: thrown } })).toEqual([503, { error: 'not_recorded' }])
    expect(await answerTo({ method: 'POST', body: '' }, { onRefused: thrown })).toEqual([
      401,
      { error: 'missing_signature' },
    ])
    const unknown = sampleBody('whatsapp-business-cloud', 'Errors of the account')
    expect((await answerTo(signed(unknown), { onUnrecognized: thrown }))[0]).toBe(200)
  })
})

describe('when HERA does not answer as it should', () => {
  test('a passing failure is repeated with the same key', async () => {
    fake.failures.push([503, {}], [429, { 'retry-after': '1' }])
    const start = performance.now()
    expect((await answerTo(signed(text)))[0]).toBe(200)
    expect(performance.now() - start).toBeGreaterThan(1000)
    expect(new Set(fake.requests.map((body) => (body as Recorded).idempotency_key)).size).toBe(1)
    expect(fake.recorded.size).toBe(1)
  })

  test('the vendor is told to come back, within its limit', async () => {
    fake.delay = 10_000
    const start = performance.now()
    expect(await answerTo(signed(text))).toEqual([503, { error: 'not_recorded' }])
    expect(performance.now() - start).toBeLessThan(5000)
  })

  test('an event that it refuses for good is the application’s, or the vendor’s again', async () => {
    fake.failures.push([400, {}])
    expect((await answerTo(signed(text)))[0]).toBe(503)
    fake.failures.push([400, {}])
    const taken: unknown[] = []
    const onRejected = (event: Event<Events>, error: object) => taken.push([event.type, error])
    expect((await answerTo(signed(text), { onRejected }))[0]).toBe(200)
    expect(taken).toEqual([
      ['message_received', { reason: 'refused', status: 400, message: 'not now, •••', rid: 'r-0' }],
    ])
  })

  test('a queue can take the events instead', async () => {
    const kept: string[] = []
    const enqueue = async (events: readonly Event<Events>[]) => {
      kept.push(...events.map(({ type }) => type))
    }
    const handler = handleWebhook(whatsapp, { secrets, enqueue })
    expect((await handler(new Request('https://hooks.example.com/', signed(batch)))).status).toBe(200)
    expect(kept).toEqual(['message_received', 'message_read'])
    const failing = handleWebhook(whatsapp, { secrets, enqueue: () => Promise.reject(new Error('full')) })
    expect((await failing(new Request('https://hooks.example.com/', signed(batch)))).status).toBe(503)
  })

  test('the answer can come first', async () => {
    fake.delay = 200
    const work: Promise<void>[] = []
    const start = performance.now()
    expect((await answerTo(signed(text), { waitUntil: (promise) => work.push(promise) }))[0]).toBe(200)
    expect(performance.now() - start).toBeLessThan(150)
    await Promise.all(work)
    expect(fake.recorded.size).toBe(1)
  })

  test('what fails after the answer is the application’s', async () => {
    fake.failures.push([401, {}])
    const work: Promise<void>[] = []
    const lost: unknown[] = []
    const options: Partial<Options> = {
      waitUntil: (promise) => work.push(promise),
      onRejected: ({ type }, { reason }) => lost.push([type, reason]),
    }
    expect((await answerTo(signed(text), options))[0]).toBe(200)
    await Promise.all(work)
    expect(lost).toEqual([['message_received', 'unauthorized']])
  })

  test('nothing is written to the console', async () => {
    const methods = ['log', 'info', 'warn', 'error', 'debug'] as const
    const spies = methods.map((method) => vi.spyOn(console, method))
    fake.failures.push([400, {}], [503, {}])
    for (const init of [signed(text), signed(text), signed('{'), { method: 'POST', body: text }]) await answerTo(init)
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled()
      spy.mockRestore()
    }
  })
})

describe('other connectors', () => {
  test('HubSpot signs the registered URL', async () => {
    const body = sampleBody('hubspot-crm', 'Several events in one delivery')
    const url = 'https://hooks.example.com/hubspot'
    const timestamp = String(Date.now())
    const handler = handleWebhook(hubspot, {
      secrets: { client_secret: ['old', 'new'] },
      url,
      hera,
    })
    const signature = createHmac('sha256', 'new').update(`POST${url}${body}${timestamp}`).digest('base64')
    const request = new Request('http://10.0.0.1/internal', {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-hubspot-signature-v3': signature,
        'x-hubspot-request-timestamp': timestamp,
      },
    })
    expect((await handler(request)).status).toBe(200)
    expect(fake.problems).toEqual([])
    expect([...fake.recorded.keys()].map((key) => key.split(':')[1])).toEqual(['contact_created', 'deal_updated'])
  })

  test('Zapier sends a form with a token', async () => {
    const handler = handleWebhook(zapier, { secrets: { inbound_token: 't0ken' }, hera })
    const response = await handler(
      new Request('https://hooks.example.com/zapier', {
        method: 'POST',
        body: new URLSearchParams({ id: 'row-1', name: 'Ada' }),
        headers: { authorization: 'Bearer t0ken' },
      }),
    )
    expect([response.status, fake.problems]).toEqual([200, []])
    expect([...fake.recorded.keys()]).toEqual(['zapier-webhook:webhook_received:row-1'])
  })

  test("Meta's numbers beyond 2^53 arrive whole", async () => {
    const body = sampleBody('meta-graph-api', 'A lead with numbers beyond 2^53')
    const handler = handleWebhook(meta, { secrets, hera })
    expect((await handler(new Request('https://hooks.example.com/', signed(body)))).status).toBe(200)
    expect([...fake.recorded.keys()]).toEqual(['meta-graph-api:lead_generated:16361294300268011'])
  })
})

import { createHash, createHmac, createSign, generateKeyPairSync, randomBytes, sign as signWith } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { VerifyOptions } from '../../generator/kit/verify.ts'
import { verify } from '../../generator/kit/verify.ts'
import type { Secrets, SignatureScheme, SignedWebhook, Webhook } from '../../generator/kit/webhook.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { kitWebhook } from '../../generator/targets/typescript/webhook-file.ts'
import { fullSuite } from '../support/full-suite.ts'
import { fc } from '../support/property.ts'
import { mayRun } from '../support/servers.ts'

const root = join(import.meta.dirname, '..', '..')
const vectors = join(root, 'test', 'fixtures', 'vectors')
const { registry } = await readRegistry([join(root, 'definitions')])

function bytesOf(folder: string, file: string | undefined): Uint8Array<ArrayBuffer> {
  return file === undefined ? new Uint8Array() : Uint8Array.from(readFileSync(join(vectors, folder, file)))
}

function json(folder: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(vectors, folder, 'vectors.json'), 'utf8'))
}

/** What is generated for a connector. */
function webhookOf(code: string): Webhook {
  const connector = registry.connectors.find((one) => one.code === code)
  const described = connector === undefined ? undefined : kitWebhook(connector)
  if (described === undefined) throw new Error(`no webhook of ${code}`)
  return described
}

interface Sent {
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | string
}

/** `verified <scheme>`, or the reason. */
async function outcome(
  webhook: SignedWebhook,
  sent: Sent,
  secrets: Secrets,
  options: VerifyOptions = {},
): Promise<string> {
  const body = typeof sent.body === 'string' ? new TextEncoder().encode(sent.body) : sent.body
  const delivery = { method: sent.method ?? 'POST', headers: new Headers(sent.headers), body }
  const result = await verify(webhook, delivery, secrets, options)
  return result.verified ? `verified ${result.scheme}` : result.reason
}

describe('Meta', () => {
  const { app_secret, vectors: cases } = json('meta') as {
    app_secret: string
    vectors: readonly { file: string; x_hub_signature_256: string; x_hub_signature_legacy_sha1: string }[]
  }
  const secrets = { app_secret }
  const header = 'X-Hub-Signature-256'
  const first = cases[0] as (typeof cases)[number]
  const body = bytesOf('meta', first.file)

  test.each(cases)('$file', async (one) => {
    for (const code of ['meta-graph-api', 'whatsapp-business-cloud']) {
      const webhook = webhookOf(code)
      const sent = { headers: { [header]: one.x_hub_signature_256 }, body: bytesOf('meta', one.file) }
      expect(await outcome(webhook, sent, secrets)).toBe(`verified ${header}`)
      const others = cases.filter(({ file }) => file !== one.file)
      for (const { file } of others) {
        expect(await outcome(webhook, { ...sent, body: bytesOf('meta', file) }, secrets)).toBe('signature_mismatch')
      }
      const old = { headers: { 'X-Hub-Signature': one.x_hub_signature_legacy_sha1 }, body: sent.body }
      expect(await outcome(webhook, old, secrets)).toBe('missing_signature')
    }
    const old = { headers: { 'X-Hub-Signature': one.x_hub_signature_legacy_sha1 }, body: bytesOf('meta', one.file) }
    expect(await outcome(webhookOf('meta-graph-api'), old, secrets, { allowWeak: ['X-Hub-Signature'] })).toBe(
      'verified X-Hub-Signature',
    )
  })

  const good = first.x_hub_signature_256

  test('hex is accepted in either case', async () => {
    const headers = { [header]: `sha256=${good.slice(7).toUpperCase()}` }
    expect(await outcome(webhookOf('meta-graph-api'), { headers, body }, secrets)).toBe(`verified ${header}`)
  })

  test.each([
    ['no header', undefined, 'missing_signature'],
    ['an empty header', '', 'missing_signature'],
    ['the older digest', first.x_hub_signature_legacy_sha1, 'malformed_signature'],
    ['no prefix', good.slice('sha256='.length), 'malformed_signature'],
    ['a prefix in upper case', good.replace('sha256', 'SHA256'), 'malformed_signature'],
    ['a truncated signature', good.slice(0, -2), 'malformed_signature'],
    ['a signature that is too long', `${good}00`, 'malformed_signature'],
    ['no signature', 'sha256=', 'malformed_signature'],
    ['bytes beyond ASCII', 'sha256=\u00e4\u00f6', 'malformed_signature'],
    ['two headers', `${good}, ${good}`, 'malformed_signature'],
    ['two headers, the first one forged', `sha256=${'0'.repeat(64)}, ${good}`, 'malformed_signature'],
    ['another signature', `sha256=${'0'.repeat(64)}`, 'signature_mismatch'],
  ])('%s', async (_, value, reason) => {
    const headers: Record<string, string> = value === undefined ? {} : { [header]: value }
    expect(await outcome(webhookOf('meta-graph-api'), { headers, body }, secrets)).toBe(reason)
  })

  test('a line break behind the body, and a secret that was decoded, do not verify', async () => {
    const longer = Uint8Array.from([...body, 10])
    const sent = { headers: { [header]: good }, body }
    expect(await outcome(webhookOf('meta-graph-api'), { ...sent, body: longer }, secrets)).toBe('signature_mismatch')
    const decoded = Buffer.from(app_secret, 'hex').toString('latin1')
    expect(await outcome(webhookOf('meta-graph-api'), sent, { app_secret: decoded })).toBe('signature_mismatch')
  })

  test('a secret may be a list, and an empty one is none', async () => {
    const webhook = webhookOf('meta-graph-api')
    const sent = { headers: { [header]: good }, body }
    expect(await outcome(webhook, sent, { app_secret: ['new', app_secret] })).toBe(`verified ${header}`)
    for (const missing of [undefined, '', [], ['']]) {
      expect(await outcome(webhook, sent, { app_secret: missing })).toBe('missing_secret')
    }
  })

  test('a request is read once, up to the limit, and its bytes are handed back', async () => {
    const webhook = webhookOf('meta-graph-api')
    const request = (given: Uint8Array<ArrayBuffer>) =>
      new Request('https://example.com/', { method: 'POST', headers: { [header]: good }, body: given })
    const result = await verify(webhook, request(body), secrets)
    expect(result).toMatchObject({ verified: true, body })
    const large = new Uint8Array(webhook.max_bytes + 1)
    expect(await verify(webhook, request(large), secrets)).toEqual({ verified: false, reason: 'body_too_large' })
    expect(await outcome(webhook, { headers: { [header]: good }, body: large }, secrets)).toBe('body_too_large')
    const broken = new ReadableStream({
      pull(controller) {
        controller.error(new Error('cut'))
      },
    })
    const cut = new Request('https://example.com/', { method: 'POST', body: broken, duplex: 'half' } as RequestInit)
    expect(await verify(webhook, cut, secrets)).toEqual({ verified: false, reason: 'unreadable_body' })
  })
})

describe('LinkedIn', () => {
  const { vectors: cases } = json('linkedin') as {
    vectors: readonly {
      id: string
      kind: string
      secret: string
      body_file?: string
      expected_header: string
      must_not_match: { without_prefix: string }
    }[]
  }
  const signed = cases.filter(({ kind }) => kind === 'X-LI-Signature')

  test.each(signed)('$id', async ({ secret, body_file, expected_header, must_not_match }) => {
    const body = bytesOf('linkedin', body_file)
    const of = (value: string) =>
      outcome(webhookOf('linkedin-api'), { headers: { 'X-LI-Signature': value }, body }, { client_secret: secret })
    expect(await of(expected_header)).toMatch(/^verified/)
    expect(await of(must_not_match.without_prefix)).toBe('signature_mismatch')
    expect(await of(`hmacsha256=${expected_header}`)).toBe('malformed_signature')
  })
})

describe('HubSpot', () => {
  interface Vector {
    readonly id: string
    readonly version: string
    readonly secret: string
    readonly method?: string
    readonly uri?: string
    readonly body_file?: string
    readonly timestamp?: string
    readonly expected: string
    readonly must_not_match?: Readonly<Record<string, string>>
  }
  const { vectors: cases } = json('hubspot') as { vectors: readonly Vector[] }
  const webhook = webhookOf('hubspot-crm')
  const everything = ['v2', 'v1']

  test.each(cases)('$id', async (vector) => {
    const { version, secret, method = 'POST', uri, body_file, timestamp = '', expected } = vector
    const name = version === 'v3' ? 'X-HubSpot-Signature-v3' : 'X-HubSpot-Signature'
    const of = (value: string, options: VerifyOptions = {}) =>
      outcome(
        webhook,
        {
          method,
          headers: { [name]: value, 'X-HubSpot-Request-Timestamp': timestamp },
          body: bytesOf('hubspot', body_file),
        },
        { client_secret: secret },
        { url: uri, now: Number(timestamp), allowWeak: everything, ...options },
      )
    expect(await of(expected)).toBe(`verified ${version}`)
    for (const wrong of Object.values(vector.must_not_match ?? {})) expect(await of(wrong)).toBe('signature_mismatch')
    if (version !== 'v3') {
      expect(await of(expected, { allowWeak: [] })).toBe('missing_signature')
      return
    }
    const at = (milliseconds: number) => of(expected, { now: Number(timestamp) + milliseconds })
    expect(await at(300_000)).toBe('verified v3')
    expect(await at(-300_000)).toBe('verified v3')
    expect(await at(300_001)).toBe('timestamp_out_of_tolerance')
    expect(await at(-300_001)).toBe('timestamp_out_of_tolerance')
    expect(await of(expected, { url: undefined })).toBe('missing_url')
  })

  test('a time that is no time is refused', async () => {
    for (const timestamp of ['1e12', '1790000001', '17900000010000', ' ', '-1790000001000', '1790000001000.0']) {
      const headers = {
        'X-HubSpot-Signature-v3': randomBytes(32).toString('base64'),
        'X-HubSpot-Request-Timestamp': timestamp,
      }
      const result = await outcome(webhook, { headers, body: '[]' }, { client_secret: 's' }, { url: 'https://x.test/' })
      expect(result).toBe(timestamp === ' ' ? 'missing_timestamp' : 'malformed_timestamp')
    }
  })

  test('a weak signature does not make up for a strong one that is wrong', async () => {
    const secret = 'secret'
    const headers = {
      'X-HubSpot-Signature-v3': randomBytes(32).toString('base64'),
      'X-HubSpot-Request-Timestamp': '1790000001000',
      // Version 1 is SHA-256 over the secret and the body.
      'X-HubSpot-Signature': createHash('sha256').update(`${secret}[]`).digest('hex'),
    }
    const options = { url: 'https://x.test/', now: 1790000001000, allowWeak: everything }
    expect(await outcome(webhook, { headers, body: '[]' }, { client_secret: secret }, options)).toBe(
      'signature_mismatch',
    )
  })
})

describe('Zapier', () => {
  test.each([
    ['the token', 'Bearer t0ken', 'verified Inbound token'],
    ['another token', 'Bearer token', 'signature_mismatch'],
    ['no scheme', 't0ken', 'malformed_signature'],
    ['basic authentication', 'Basic dDprZW4=', 'malformed_signature'],
    ['two headers', 'Bearer t0ken, Bearer t0ken', 'malformed_signature'],
  ])('%s', async (_, value, expected) => {
    const sent = { headers: { authorization: value }, body: '{}' }
    expect(await outcome(webhookOf('zapier-webhook'), sent, { inbound_token: 't0ken' })).toBe(expected)
  })
})

/** Schemes that the format can express, in the words of its own documentation. */
const base = {
  encoding: 'hex',
  secret: 'key',
  secret_encoding: 'text',
  weak: false,
} as const

function only(scheme: Omit<SignatureScheme, keyof typeof base> & Partial<SignatureScheme>): SignedWebhook {
  return { max_bytes: 1_000_000, signatures: [{ ...base, ...scheme }] }
}

const slack = only({
  name: 'slack',
  algorithm: 'hmac-sha256',
  signature: { in: 'header', at: ['X-Slack-Signature'], format: 'v0={signature}', multiple: false },
  signed: 'v0:{timestamp}:{body}',
  timestamp: { in: 'header', at: 'X-Slack-Request-Timestamp', form: 'unix-seconds', tolerance_seconds: 300 },
})
const stripe = only({
  name: 'stripe',
  algorithm: 'hmac-sha256',
  signature: { in: 'header', at: ['Stripe-Signature'], format: 't={timestamp},v1={signature}', multiple: true },
  signed: '{timestamp}.{body}',
  timestamp: { form: 'unix-seconds', tolerance_seconds: 300 },
})
const standard = only({
  name: 'standard',
  algorithm: 'hmac-sha256',
  signature: { in: 'header', at: ['webhook-signature'], format: 'v1,{signature}', multiple: true },
  encoding: 'base64',
  secret_encoding: 'base64',
  secret_prefix: 'whsec_',
  signed: '{header:webhook-id}.{timestamp}.{body}',
  timestamp: { in: 'header', at: 'webhook-timestamp', form: 'unix-seconds', tolerance_seconds: 300 },
})

describe("what the vendors' own libraries sign", () => {
  const body = '{"text":"Größe 👍","id":1}'
  const now = Math.floor(Date.now() / 1000)

  async function agreed(webhook: SignedWebhook, sent: Sent, key: string, options: VerifyOptions = {}): Promise<void> {
    expect(await outcome(webhook, sent, { key, client_secret: key, app_secret: key }, options)).toMatch(/^verified/)
    const tampered = { ...sent, body: `${sent.body} ` }
    const secrets = { key, client_secret: key, app_secret: key }
    expect(await outcome(webhook, tampered, secrets, options)).toBe('signature_mismatch')
  }

  describe.runIf(mayRun(fullSuite))(fullSuite.missing ?? "in the vendors' libraries", () => {
    test('HubSpot', async () => {
      const { Signature } = await import('@hubspot/api-client')
      const url = 'https://hooks.example.com/hubspot'
      const timestamp = Date.now()
      const value = Signature.getSignature('POST', 'v3', {
        url,
        requestBody: body,
        clientSecret: 'secret',
        timestamp,
        signature: '',
      })
      const headers = { 'X-HubSpot-Signature-v3': value, 'X-HubSpot-Request-Timestamp': String(timestamp) }
      await agreed(webhookOf('hubspot-crm'), { headers, body }, 'secret', { url })
    })

    test('GitHub, whose scheme is that of Meta', async () => {
      const { sign: githubSignature } = await import('@octokit/webhooks-methods')
      const headers = { 'X-Hub-Signature-256': await githubSignature('secret', body) }
      await agreed(webhookOf('meta-graph-api'), { headers, body }, 'secret')
    })

    test('Stripe, also while a key is replaced', async () => {
      const { default: Stripe } = await import('stripe')
      const header = new Stripe('sk_test_x').webhooks.generateTestHeaderString({ payload: body, secret: 'whsec_test' })
      await agreed(stripe, { headers: { 'Stripe-Signature': header }, body }, 'whsec_test')
      const several = `${header},v1=${'0'.repeat(64)},v0=${'1'.repeat(64)}`
      await agreed(stripe, { headers: { 'Stripe-Signature': several }, body }, 'whsec_test')
    })

    test('Standard Webhooks', async () => {
      const { Webhook: StandardWebhook } = await import('standardwebhooks')
      const secret = `whsec_${randomBytes(24).toString('base64')}`
      const value = new StandardWebhook(secret).sign('msg_1', new Date(now * 1000), body)
      const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(now), 'webhook-signature': value }
      await agreed(standard, { headers, body }, secret)
      const several = { ...headers, 'webhook-signature': `v1a,AAAA v1,${randomBytes(32).toString('base64')} ${value}` }
      await agreed(standard, { headers: several, body }, secret)
      expect(await outcome(standard, { headers, body }, { key: 'whsec_?' })).toBe('malformed_secret')
    })

    test("Slack's library accepts what this one accepts", async () => {
      const value = `v0=${createHmac('sha256', 'secret').update(`v0:${now}:${body}`).digest('hex')}`
      const headers = { 'X-Slack-Signature': value, 'X-Slack-Request-Timestamp': String(now) }
      const { verifySlackRequest } = await import('@slack/bolt')
      verifySlackRequest({
        signingSecret: 'secret',
        body,
        headers: { 'x-slack-signature': value, 'x-slack-request-timestamp': now },
      })
      await agreed(slack, { headers, body }, 'secret')
    })
  })

  test.each([
    ['hmac-sha1', 'sha1'],
    ['hmac-sha512', 'sha512'],
  ] as const)('%s', async (algorithm, hash) => {
    const scheme = only({
      name: hash,
      algorithm,
      signature: { in: 'header', at: ['X-Signature'], format: '{signature}', multiple: false },
      signed: '{body}',
    })
    const headers = { 'X-Signature': createHmac(hash, 'secret').update(body).digest('hex') }
    await agreed(scheme, { headers, body }, 'secret')
  })

  test('keys in pairs: ed25519 and ECDSA', async () => {
    const ed = generateKeyPairSync('ed25519')
    const raw = ed.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
    const edScheme = only({
      name: 'ed25519',
      algorithm: 'ed25519',
      signature: { in: 'header', at: ['X-Signature'], format: '{signature}', multiple: false },
      secret_encoding: 'hex',
      signed: '{body}',
    })
    const edHeaders = { 'X-Signature': signWith(null, Buffer.from(body), ed.privateKey).toString('hex') }
    await agreed(edScheme, { headers: edHeaders, body }, raw.toString('hex'))

    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const ecScheme = only({
      name: 'ecdsa',
      algorithm: 'ecdsa-p256-sha256',
      signature: { in: 'header', at: ['X-Signature'], format: '{signature}', multiple: false },
      encoding: 'base64',
      secret_encoding: 'base64',
      signed: '{body}',
    })
    const key = ec.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    // Leading zeros make the encoding of the numbers shorter or longer.
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const signature = createSign('sha256').update(body).sign(ec.privateKey).toString('base64')
      const headers = { 'X-Signature': signature }
      expect(await outcome(ecScheme, { headers, body }, { key })).toBe('verified ecdsa')
    }
    expect(await outcome(ecScheme, { headers: { 'X-Signature': 'AAAA' }, body }, { key })).toBe('signature_mismatch')
    expect(await outcome(ecScheme, { headers: { 'X-Signature': 'AAAA' }, body }, { key: 'AAAA' })).toBe(
      'malformed_secret',
    )
  })
})

describe('the work that a stranger can cause', () => {
  const key = 'secret'
  const body = new TextEncoder().encode('{"id":1}')
  const timestamp = '1790000001'
  const now = 1790000001000
  const wrong = '0'.repeat(64)
  afterEach(() => vi.restoreAllMocks())

  /** How often the body is hashed, however that is asked for. */
  function hashing(): () => number {
    const spies = (['sign', 'verify', 'digest'] as const).map((name) => vi.spyOn(crypto.subtle, name))
    return () => spies.reduce((count, { mock }) => count + mock.calls.length, 0)
  }

  const hash = (text: string) => createHmac('sha256', key).update(text).digest('hex')
  const right = hash(`${timestamp}.{"id":1}`)
  const header = (...signatures: readonly string[]) =>
    [`t=${timestamp}`, ...signatures.map((signature) => `v1=${signature}`)].join(',')

  test.each([
    ['the only one', [right], 'verified stripe', 1],
    ['the last of five', [wrong, wrong, wrong, wrong, right], 'verified stripe', 1],
    ['five wrong ones', Array(5).fill(wrong), 'signature_mismatch', 1],
    ['the last of six', [wrong, wrong, wrong, wrong, wrong, right], 'malformed_signature', 0],
    ['200 wrong ones', Array(200).fill(wrong), 'malformed_signature', 0],
  ])('%s of the signatures that a vendor sends costs one hash', async (_, signatures, expected, hashes) => {
    const count = hashing()
    const sent = { headers: { 'Stripe-Signature': header(...signatures) }, body }
    expect(await outcome(stripe, sent, { key }, { now })).toBe(expected)
    expect(count()).toBe(hashes)
  })

  test('several signatures are refused where the vendor sends one', async () => {
    const count = hashing()
    const scheme = stripe.signatures[0] as SignatureScheme
    const single = only({
      ...scheme,
      signature: { in: 'header', at: ['Stripe-Signature'], format: 't={timestamp},v1={signature}', multiple: false },
    })
    const twice = { headers: { 'Stripe-Signature': header(right, right) }, body }
    expect(await outcome(single, twice, { key }, { now })).toBe('malformed_signature')
    const meta = webhookOf('meta-graph-api')
    const value = `sha256=${hash('{"id":1}')}`
    const spaced = { headers: { 'X-Hub-Signature-256': `${value} ${value}` }, body }
    expect(await outcome(meta, spaced, { app_secret: key })).toBe('malformed_signature')
    expect(count()).toBe(0)
  })

  test('two times are refused, since nobody can say which one was signed', async () => {
    const sent = { headers: { 'Stripe-Signature': `t=${timestamp},${header(right)}` }, body }
    expect(await outcome(stripe, sent, { key }, { now })).toBe('malformed_signature')
  })

  test('the body is hashed once for each key while a secret is replaced', async () => {
    const count = hashing()
    const sent = { headers: { 'Stripe-Signature': header(wrong, wrong, wrong, wrong, wrong) }, body }
    expect(await outcome(stripe, sent, { key: ['new', key] }, { now })).toBe('signature_mismatch')
    expect(count()).toBe(2)
  })
})

describe('a body that arrives', () => {
  const webhook = webhookOf('meta-graph-api')
  const secrets = { app_secret: 'secret' }
  afterEach(() => {
    vi.useRealTimers()
  })

  function streamed(body: ReadableStream<Uint8Array>): Request {
    return new Request('https://example.com/', { method: 'POST', body, duplex: 'half' } as RequestInit)
  }

  test('that announces too much is refused unread', async () => {
    const pull = vi.fn()
    const request = new Request('https://example.com/', {
      ...{ method: 'POST', body: new ReadableStream({ pull }, { highWaterMark: 0 }), duplex: 'half' },
      headers: { 'content-length': String(webhook.max_bytes + 1) },
    } as RequestInit)
    expect(await verify(webhook, request, secrets)).toEqual({ verified: false, reason: 'body_too_large' })
    expect(pull).not.toHaveBeenCalled()
  })

  test.each([
    ['in ten seconds', {}, 10_000],
    ['in the time that is given', { bodyTimeout: 200 }, 200],
  ])('not completely %s is refused, and its stream is cancelled', async (_, options, deadline) => {
    vi.useFakeTimers()
    let isCancelled = false
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      cancel: () => {
        isCancelled = true
      },
    })
    const result = verify(webhook, streamed(stream), secrets, options)
    await vi.advanceTimersByTimeAsync(deadline - 1)
    expect(isCancelled).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await result).toEqual({ verified: false, reason: 'body_timeout' })
    expect(isCancelled).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('in views of large buffers is copied, so that nothing keeps these buffers', async () => {
    const large = new Uint8Array(1_000_000).fill(120)
    let left = 40
    const stream = new ReadableStream({
      pull(controller) {
        if (left === 0) controller.close()
        else controller.enqueue(large.subarray(0, 1000))
        left -= 1
      },
    })
    const signature = createHmac('sha256', 'secret').update('x'.repeat(40_000)).digest('hex')
    const request = streamed(stream)
    request.headers.set('x-hub-signature-256', `sha256=${signature}`)
    const result = await verify(webhook, request, secrets)
    expect(result).toMatchObject({ verified: true })
    expect(result.verified && [result.body.byteLength, result.body.buffer.byteLength]).toEqual([40_000, 40_000])
  })
})

describe('an error has the real cause', () => {
  const webhook = webhookOf('meta-graph-api')
  const body = new TextEncoder().encode('{}')
  const headers = new Headers({
    'x-hub-signature-256': `sha256=${createHmac('sha256', 'secret').update(body).digest('hex')}`,
  })

  test('a request of another realm is read', async () => {
    const request = new Request('https://example.com/', { method: 'POST', headers, body })
    // As one looks that is not an instance of this realm's class.
    const foreign = { method: 'POST', headers, body: request.body } as Request
    expect(await verify(webhook, foreign, { app_secret: 'secret' })).toMatchObject({ verified: true })
  })

  test.each<[string, unknown]>([
    ['a number', 4711],
    ['a list with a number', ['secret', 4711]],
    ['an object', { key: 'secret' }],
  ])('a secret that is %s is malformed', async (_, app_secret) => {
    const secrets = { app_secret } as unknown as Secrets
    expect(await verify(webhook, { method: 'POST', headers, body }, secrets)).toEqual({
      verified: false,
      reason: 'malformed_secret',
    })
  })

  test('an argument of another kind cannot be read', async () => {
    const odd = { method: 'POST', headers: {}, body } as unknown as Request
    expect(await verify(webhook, odd, {})).toEqual({ verified: false, reason: 'unreadable_request' })
    const text = { method: 'POST', headers, body: '{}' } as unknown as Request
    expect(await verify(webhook, text, {})).toEqual({ verified: false, reason: 'unreadable_body' })
  })

  test('an algorithm that the runtime lacks is unsupported', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('no', 'NotSupportedError'))
    const delivery = { method: 'POST', headers, body }
    const result = await verify(webhook, delivery, { app_secret: 'secret' })
    vi.restoreAllMocks()
    expect(result).toEqual({ verified: false, reason: 'unsupported_algorithm' })
  })
})

describe('whatever is sent', () => {
  const key = 'secret'
  const now = 1790000001000
  const url = 'https://hooks.example.com/hubspot'
  const body = Uint8Array.from(readFileSync(join(vectors, 'hubspot', 'body-batch.json')))
  const signed = (webhook: string): Sent => {
    if (webhook === 'hubspot-crm') {
      const message = Buffer.concat([Buffer.from(`POST${url}`), body, Buffer.from(String(now))])
      const signature = createHmac('sha256', key).update(message).digest('base64')
      return { headers: { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': String(now) }, body }
    }
    const prefix = webhook === 'linkedin-api' ? 'hmacsha256=' : ''
    const signature = createHmac('sha256', key).update(prefix).update(body).digest('hex')
    return webhook === 'linkedin-api'
      ? { headers: { 'x-li-signature': signature }, body }
      : { headers: { 'x-hub-signature-256': `sha256=${signature}` }, body }
  }
  const codes = ['hubspot-crm', 'linkedin-api', 'meta-graph-api', 'whatsapp-business-cloud']
  const secrets = { client_secret: key, app_secret: key }

  const inLowerCase = ({ headers, body }: Sent) => ({ body, headers: JSON.stringify(headers).toLowerCase() })

  test('100,000 deliveries that were changed on the way never throw and are never accepted', async () => {
    const random = fc.sample(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { numRuns: 100_000 })
    const webhooks = codes.map((code) => ({ webhook: webhookOf(code), sent: signed(code) }))
    for (const { webhook, sent } of webhooks) {
      expect(await outcome(webhook, sent, secrets, { url, now, allowWeak: ['v2', 'v1'] })).toMatch(/^verified/)
    }
    const reasons = new Map<string, number>()
    for (const seed of random) {
      const { webhook, sent } = webhooks[seed % webhooks.length] as (typeof webhooks)[number]
      const delivery = changed(sent, seed >>> 2)
      // A hex digit in the other case is the same signature; HubSpot writes Base64.
      if (webhook.connector !== 'hubspot-crm' && isDeepStrictEqual(inLowerCase(delivery), inLowerCase(sent))) continue
      const result = await outcome(webhook, delivery, secrets, {
        url,
        now,
        allowWeak: ['v2', 'v1', 'X-Hub-Signature'],
      })
      reasons.set(result, (reasons.get(result) ?? 0) + 1)
    }
    expect([...reasons.keys()].sort()).toEqual([
      'malformed_signature',
      'malformed_timestamp',
      'missing_signature',
      'missing_timestamp',
      'signature_mismatch',
      'timestamp_out_of_tolerance',
    ])
  }, 120_000)

  /** One change: a bit of the body, its length, or a character of a header. Always another delivery. */
  function changed(sent: Sent, seed: number): Sent {
    const given = sent.body as Uint8Array<ArrayBuffer>
    const place = seed >>> 4
    switch (seed % 4) {
      case 0: {
        const flipped = Uint8Array.from(given)
        const index = place % flipped.length
        flipped[index] = (flipped[index] ?? 0) ^ (1 << (place % 8))
        return { ...sent, body: flipped }
      }
      case 1:
        return { ...sent, body: given.slice(0, place % given.length) }
      case 2: {
        const names = Object.keys(sent.headers)
        const name = names[place % names.length] ?? ''
        const value = sent.headers[name] ?? ''
        const index = place % value.length
        // From the visible characters of Latin-1, and never the one that stands there.
        const characters = Array.from({ length: 94 + 96 }, (_, code) =>
          String.fromCharCode(code < 94 ? code + 33 : code + 66),
        )
        const others = characters.filter((character) => character !== value[index])
        const other = others[(place >>> 3) % others.length] ?? ''
        return { ...sent, headers: { ...sent.headers, [name]: value.slice(0, index) + other + value.slice(index + 1) } }
      }
      default: {
        const names = Object.keys(sent.headers)
        const name = names[place % names.length] ?? ''
        const value = sent.headers[name] ?? ''
        return { ...sent, headers: { ...sent.headers, [name]: value.slice(0, place % value.length) } }
      }
    }
  }
})

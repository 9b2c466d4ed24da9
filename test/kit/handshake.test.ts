import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { KeptValues } from '../../generator/kit/handshake.ts'
import { handleWebhook } from '../../generator/kit/receive.ts'
import type { Handshake, Secrets, SignatureScheme, Webhook } from '../../generator/kit/webhook.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { webhookOf as webhookOfConnector } from '../support/webhook.ts'

const root = join(import.meta.dirname, '..', '..')
const { registry } = await readRegistry([join(root, 'definitions')])

function webhookOf(code: string): Webhook {
  const connector = registry.connectors.find((one) => one.code === code)
  if (connector === undefined) throw new Error(`no connector ${code}`)
  return webhookOfConnector(connector)
}

interface Receiver {
  readonly secrets?: Secrets
  readonly kept?: KeptValues[]
  readonly allowReplacement?: boolean
  readonly refused?: string[]
}

/** The answer of an endpoint that stores kept values in `kept` if that is given. */
function answerOf(
  webhook: Webhook,
  request: Request,
  { secrets = {}, kept, allowReplacement = false, refused }: Receiver = {},
): Promise<Response> {
  return handleWebhook(webhook, {
    secrets,
    allowReplacement,
    enqueue: async () => undefined,
    ...(refused === undefined ? {} : { onRefused: (reason: string) => refused.push(reason) }),
    ...(kept === undefined
      ? {}
      : {
          keep: (values: KeptValues) => {
            kept.push(values)
            return true
          },
        }),
  })(request)
}

function get(query: string): Request {
  return new Request(`https://hooks.example.com/vendor?${query}`)
}

function post(body: string, headers: Readonly<Record<string, string>> = {}, query = ''): Request {
  return new Request(`https://hooks.example.com/vendor${query}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

/** A webhook with nothing but what the handshake needs. */
function vendor(handshake: Handshake | undefined, rest: Partial<Webhook> = {}): Webhook {
  return {
    connector: 'vendor',
    signatures: [],
    ...(handshake === undefined ? {} : { handshakes: [handshake] }),
    max_bytes: 100_000,
    time_limit_seconds: 5,
    content_types: ['application/json'],
    deliveries: [],
    events: {},
    ...rest,
  }
}

describe.each(['meta-graph-api', 'whatsapp-business-cloud'])('%s', (code) => {
  const secrets = { webhook_verify_token: 'meatyhamhock' }
  const good = 'hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock'

  test('the challenge comes back as it was, as text that no browser takes for a page', async () => {
    const response = await answerOf(webhookOf(code), get(good), { secrets })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toBe('1158201444')
    const odd = await answerOf(webhookOf(code), get(good.replace('1158201444', '007%24%26')), { secrets })
    expect(await odd.text()).toBe('007$&')
  })

  test.each<[string, string, Secrets, number, string]>([
    ['another token', good.replace('meaty', 'fishy'), secrets, 403, 'unexpected_value'],
    ['no token', 'hub.mode=subscribe&hub.challenge=1', secrets, 403, 'unexpected_value'],
    ['two tokens', `${good}&hub.verify_token=meatyhamhock`, secrets, 403, 'unexpected_value'],
    ['another mode', good.replace('subscribe', 'unsubscribe'), secrets, 403, 'unexpected_value'],
    [
      'an empty token against an empty secret',
      good.replace('meatyhamhock', ''),
      { webhook_verify_token: '' },
      403,
      'missing_secret',
    ],
    ['no secret', good, {}, 403, 'missing_secret'],
    ['a challenge that is too long', good.replace('1158201444', '1'.repeat(1025)), secrets, 400, 'malformed_value'],
    ['two challenges', `${good}&hub.challenge=1`, secrets, 405, 'method_not_allowed'],
    ['no challenge', 'hub.mode=subscribe&hub.verify_token=meatyhamhock', secrets, 405, 'method_not_allowed'],
  ])('%s', async (_, query, given, status, error) => {
    const response = await answerOf(webhookOf(code), get(query), { secrets: given })
    expect([response.status, await response.json()]).toEqual([status, { error }])
  })

  test('a secret that is being replaced is accepted in both forms', async () => {
    const both = { webhook_verify_token: ['new', 'meatyhamhock'] }
    expect((await answerOf(webhookOf(code), get(good), { secrets: both })).status).toBe(200)
  })
})

describe('linkedin-api', () => {
  const { vectors } = JSON.parse(
    readFileSync(join(root, 'test', 'fixtures', 'vectors', 'linkedin', 'vectors.json'), 'utf8'),
  ) as { vectors: readonly Readonly<Record<string, string>>[] }

  test.each(vectors.filter(({ kind }) => kind === 'challenge'))('$id', async (vector) => {
    const { secret = '', challengeCode = '', expected_challengeResponse } = vector
    const secrets = { client_secret: secret }
    const response = await answerOf(webhookOf('linkedin-api'), get(`challengeCode=${challengeCode}`), { secrets })
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ challengeCode, challengeResponse: expected_challengeResponse })
  })

  test('without a secret there is no answer', async () => {
    expect((await answerOf(webhookOf('linkedin-api'), get('challengeCode=1'))).status).toBe(403)
  })
})

test('a connector without a handshake answers none', async () => {
  expect((await answerOf(webhookOf('hubspot-crm'), get('challenge=1'))).status).toBe(405)
})

function hmacHex(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}

describe('Zoom', () => {
  const zoom = vendor({
    when: { method: 'POST', body: { '/event': 'endpoint.url_validation' } },
    values: { token: { in: 'body', at: '/payload/plainToken' } },
    proof: { algorithm: 'hmac-sha256', encoding: 'hex', secret: 'secret_token', signed: '{token}' },
    response: { json: { plainToken: '{token}', encryptedToken: '{proof}' } },
  })
  const secrets = { secret_token: 'zoom-secret-token' }
  const body = (token: unknown) =>
    JSON.stringify({ payload: { plainToken: token }, event_ts: 1654503849680, event: 'endpoint.url_validation' })

  test('the published validation gets its proof', async () => {
    const plainToken = 'qgg8vlvZRS6UYooatFL8Aw'
    const response = await answerOf(zoom, post(body(plainToken)), { secrets })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(await response.json()).toEqual({ plainToken, encryptedToken: hmacHex('zoom-secret-token', plainToken) })
    expect(hmacHex('zoom-secret-token', plainToken)).toBe(
      'd9e0d764a78494688ba3f2d5c0ed4ca311394b4834d959759213424d2df961e3',
    )
  })

  test.each<[string, string]>([
    ['no body', ''],
    ['half of a body', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no token', '{"event":"endpoint.url_validation"}'],
    ['an empty token', body('')],
    ['a token that is an object', body({})],
    ['a token that is a list', body(['a'])],
    ['another event', body('a').replace('url_validation', 'created')],
    ['a token that is inherited', '{"event":"endpoint.url_validation","payload":{"__proto__":{"plainToken":"a"}}}'],
    ['a large body', body('a').replace('{', `{"x":"${'x'.repeat(20_000)}",`)],
  ])('not a validation, so the signature decides: %s', async (_, text) => {
    expect((await answerOf(zoom, post(text), { secrets })).status).toBe(401)
  })

  test('a body of another type is not read', async () => {
    const request = post(body('a'), { 'content-type': 'application/x-www-form-urlencoded' })
    expect((await answerOf(zoom, request, { secrets })).status).toBe(401)
  })

  test('markup and placeholders in a token come back as JSON text', async () => {
    const token = '</script>{proof}{token}"\r\n$&'
    const response = await answerOf(zoom, post(body(token)), { secrets })
    expect(await response.json()).toEqual({ plainToken: token, encryptedToken: hmacHex('zoom-secret-token', token) })
  })

  test('a token that is too long is refused', async () => {
    const refused: string[] = []
    expect((await answerOf(zoom, post(body('a'.repeat(1025))), { secrets, refused })).status).toBe(400)
    expect(refused).toEqual(['malformed_value'])
  })
})

describe('Discord', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const scheme: SignatureScheme = {
    name: 'ed25519',
    algorithm: 'ed25519',
    ...signatureHeader('X-Signature-Ed25519'),
    encoding: 'hex',
    secret: 'public_key',
    secret_encoding: 'hex',
    signed: '{timestamp}{body}',
    timestamp: timestampHeader('X-Signature-Timestamp'),
    weak: false,
  }
  const discord = vendor(
    { when: { body: { '/type': 1 } }, verified: true, response: { json: { type: 1 } } },
    { signatures: [scheme], response: { json: { type: 5 } } },
  )
  const secrets = { public_key: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex') }
  const signed = (body: string, key = privateKey) => {
    const timestamp = String(Math.floor(Date.now() / 1000))
    const signature = signBytes(null, Buffer.from(timestamp + body), key).toString('hex')
    return post(body, { 'x-signature-ed25519': signature, 'x-signature-timestamp': timestamp })
  }

  test('a signed PING is answered with a number', async () => {
    const response = await answerOf(discord, signed('{"type":1}'), { secrets })
    expect([response.status, await response.text()]).toEqual([200, '{"type":1}'])
  })

  test('a PING without the right signature is refused', async () => {
    const stranger = generateKeyPairSync('ed25519').privateKey
    expect((await answerOf(discord, signed('{"type":1}', stranger), { secrets })).status).toBe(401)
    expect((await answerOf(discord, post('{"type":1}'), { secrets })).status).toBe(401)
  })

  test('other interactions get the response for deliveries', async () => {
    const response = await answerOf(discord, signed('{"type":2}'), { secrets })
    expect([response.status, await response.json()]).toEqual([200, { type: 5 }])
    // A constant has a type.
    expect(await (await answerOf(discord, signed('{"type":"1"}'), { secrets })).json()).toEqual({ type: 5 })
  })
})

describe('Slack', () => {
  const slack = vendor(
    {
      when: { method: 'POST', body: { '/type': 'url_verification' } },
      verified: true,
      values: { challenge: { in: 'body', at: '/challenge' } },
      response: { text: '{challenge}' },
    },
    { signatures: [bodySignature('X-Slack-Signature', 'signing_secret')] },
  )
  const secrets = { signing_secret: 'made-up' }
  const body = '{"token":"x","challenge":"3eZbrw1a","type":"url_verification"}'

  test('the challenge is answered once the signature is verified', async () => {
    const response = await answerOf(slack, signedPost(body, 'X-Slack-Signature', 'made-up'), { secrets })
    expect([response.status, await response.text()]).toEqual([200, '3eZbrw1a'])
  })

  test('without the signature it is refused', async () => {
    expect((await answerOf(slack, post(body), { secrets })).status).toBe(401)
    expect((await answerOf(slack, signedPost(body, 'X-Slack-Signature', 'other'), { secrets })).status).toBe(401)
  })
})

describe('Asana', () => {
  const asana = vendor(
    {
      when: { method: 'POST', header: { 'X-Hook-Secret': true } },
      values: { key: { in: 'header', at: 'X-Hook-Secret' } },
      keeps: { webhook_secret: '{key}' },
      response: { headers: { 'X-Hook-Secret': '{key}' } },
    },
    { signatures: [bodySignature('X-Hook-Signature', 'webhook_secret')] },
  )
  const handshake = (secret: string) => post('', { 'x-hook-secret': secret })

  test('the secret is stored, and comes back in the header', async () => {
    const kept: KeptValues[] = []
    const response = await answerOf(asana, handshake('b537207f20cbfa02357cf448134da559'), { kept })
    expect([response.status, response.headers.get('x-hook-secret'), await response.text()]).toEqual([
      200,
      'b537207f20cbfa02357cf448134da559',
      '',
    ])
    expect(kept).toEqual([{ webhook_secret: 'b537207f20cbfa02357cf448134da559' }])
  })

  test('an empty list is a heartbeat', async () => {
    const secrets = { webhook_secret: 'key-1' }
    const request = signedPost('{"events":[]}', 'X-Hook-Signature', 'key-1')
    expect((await answerOf(asana, request, { secrets })).status).toBe(200)
  })

  test('a stranger cannot replace a stored secret', async () => {
    const kept: KeptValues[] = []
    const refused: string[] = []
    const secrets = { webhook_secret: 'key-1' }
    const response = await answerOf(asana, handshake('key-of-a-stranger'), { secrets, kept, refused })
    expect([response.status, response.headers.get('x-hook-secret')]).toEqual([403, null])
    expect([kept, refused]).toEqual([[], ['secret_already_set']])
  })

  test('the same secret again is answered, and not stored again', async () => {
    const kept: KeptValues[] = []
    for (const webhook_secret of ['key-1', ['key-0', 'key-1']]) {
      const response = await answerOf(asana, handshake('key-1'), { secrets: { webhook_secret }, kept })
      expect([response.status, response.headers.get('x-hook-secret')]).toEqual([200, 'key-1'])
    }
    expect(kept).toEqual([])
  })

  test('the application may allow replacements', async () => {
    const kept: KeptValues[] = []
    const receiver = { secrets: { webhook_secret: 'key-1' }, kept, allowReplacement: true }
    expect((await answerOf(asana, handshake('key-2'), receiver)).status).toBe(200)
    expect(kept).toEqual([{ webhook_secret: 'key-2' }])
  })

  test.each<[string, string]>([
    ['two secrets', 'key-1, key-2'],
    ['a comma', 'a,b'],
  ])('not a handshake, so the signature decides: %s', async (_, secret) => {
    const kept: KeptValues[] = []
    expect((await answerOf(asana, handshake(secret), { kept })).status).toBe(401)
    expect(kept).toEqual([])
  })

  test.each<[string, string]>([
    ['a secret that is too long', 'a'.repeat(1025)],
    ['a secret beyond ASCII', 'schl\u00fcssel'],
  ])('%s is refused', async (_, secret) => {
    const kept: KeptValues[] = []
    expect((await answerOf(asana, handshake(secret), { kept })).status).toBe(400)
    expect(kept).toEqual([])
  })

  const storing = (keep?: () => boolean | Promise<boolean>) =>
    handleWebhook(asana, {
      secrets: {},
      enqueue: async () => undefined,
      ...(keep === undefined ? {} : { keep }),
    })(handshake('key-1'))

  test.each<[string, (() => boolean | Promise<boolean>) | undefined, number, string]>([
    ['an application that stores nothing', undefined, 500, 'missing_keep'],
    ['a store that fails', () => Promise.reject(new Error('no disk, key-1')), 503, 'not_kept'],
    ['another secret that was stored in the meantime', () => false, 403, 'secret_already_set'],
  ])('%s', async (_, keep, status, error) => {
    const response = await storing(keep)
    expect([response.status, await response.json()]).toEqual([status, { error }])
    expect(response.headers.get('x-hook-secret')).toBeNull()
  })

  test('the vendor is answered after the secret is stored', async () => {
    const order: string[] = []
    const response = storing(async () => {
      await Promise.resolve()
      order.push('stored')
      return true
    }).then(() => order.push('answered'))
    await response
    expect(order).toEqual(['stored', 'answered'])
  })
})

describe('Notion', () => {
  const notion = vendor(
    {
      when: { method: 'POST', body: { '/type': false } },
      values: { token: { in: 'body', at: '/verification_token' } },
      keeps: { verification_token: '{token}' },
      response: { status: 200 },
    },
    { signatures: [bodySignature('X-Notion-Signature', 'verification_token', 'sha256={signature}')] },
  )

  test('the token is stored, and the answer is empty', async () => {
    const kept: KeptValues[] = []
    const response = await answerOf(notion, post('{"verification_token":"secret_tMrlL1"}'), { kept })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(kept).toEqual([{ verification_token: 'secret_tMrlL1' }])
  })

  test.each<[string, string]>([
    ['a line break', '{"verification_token":"a\\r\\nb"}'],
    ['a space at the end', '{"verification_token":"a "}'],
    ['a null character', '{"verification_token":"a\\u0000"}'],
  ])('a token with %s is not stored', async (_, body) => {
    const kept: KeptValues[] = []
    expect((await answerOf(notion, post(body), { kept })).status).toBe(400)
    expect(kept).toEqual([])
  })

  test('a delivery that contains a token is a delivery', async () => {
    const kept: KeptValues[] = []
    const body = '{"type":"page.created","verification_token":"stranger"}'
    expect((await answerOf(notion, post(body), { kept })).status).toBe(401)
    expect(kept).toEqual([])
  })
})

describe('probes without a challenge', () => {
  test('Trello sends HEAD', async () => {
    const trello = vendor({ when: { method: ['HEAD', 'GET'] }, response: { status: 200 } })
    for (const method of ['HEAD', 'GET']) {
      const response = await answerOf(trello, new Request('https://hooks.example.com/trello', { method }))
      expect([response.status, await response.text()]).toEqual([200, ''])
    }
    expect((await answerOf(trello, post('{}'))).status).toBe(401)
    const put = await answerOf(trello, new Request('https://hooks.example.com/trello', { method: 'PUT', body: '{}' }))
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  })

  test('Mailchimp sends GET', async () => {
    const mailchimp = vendor(
      { when: { method: 'GET' }, response: { text: 'ok' } },
      { content_types: ['application/x-www-form-urlencoded'] },
    )
    expect(await (await answerOf(mailchimp, get('secret=x'))).text()).toBe('ok')
    const head = await answerOf(mailchimp, new Request('https://hooks.example.com/', { method: 'HEAD' }))
    expect(head.status).toBe(405)
  })

  test('WooCommerce posts a form that is not signed', async () => {
    const woocommerce = vendor(
      {
        when: { method: 'POST', header: { 'X-WC-Webhook-Signature': false }, body: { '/webhook_id': true } },
        response: { status: 200 },
      },
      {
        content_types: ['application/json', 'application/x-www-form-urlencoded'],
        signatures: [bodySignature('X-WC-Webhook-Signature', 'secret')],
      },
    )
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await answerOf(woocommerce, post('webhook_id=4', form))).status).toBe(200)
    const secrets = { secret: 'made-up' }
    const forged = post('webhook_id=4', { ...form, 'x-wc-webhook-signature': '00' })
    expect((await answerOf(woocommerce, forged, { secrets })).status).toBe(401)
    expect((await answerOf(woocommerce, post('{"id":1}'), { secrets })).status).toBe(401)
  })
})

describe('challenges that are repeated', () => {
  test('Dropbox: as text', async () => {
    const dropbox = vendor({
      when: { method: 'GET' },
      values: { challenge: { in: 'query', at: 'challenge' } },
      response: { text: '{challenge}' },
    })
    const response = await answerOf(dropbox, get('challenge=%3Cb%3Ehi%3C%2Fb%3E'))
    expect(await response.text()).toBe('<b>hi</b>')
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('Microsoft Graph: the decoded token of a POST without JSON', async () => {
    const graph = vendor({
      when: { method: 'POST', query: { validationToken: true } },
      values: { token: { in: 'query', at: 'validationToken' } },
      response: { text: '{token}' },
    })
    const token = 'Validation: Testing client application reachability for subscription Request-Id: a+b/c='
    const request = post('', { 'content-type': 'text/plain' }, `?validationToken=${encodeURIComponent(token)}`)
    expect(await (await answerOf(graph, request)).text()).toBe(token)
  })

  test('monday: as JSON', async () => {
    const monday = vendor({
      when: { method: 'POST', body: { '/event': false } },
      values: { challenge: { in: 'body', at: '/challenge' } },
      response: { json: { challenge: '{challenge}' } },
    })
    const body = '{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}'
    expect(await (await answerOf(monday, post(body))).text()).toBe(body)
  })

  test('a number is repeated only as it was sent', async () => {
    const numbered = vendor({
      when: { method: 'POST' },
      values: { challenge: { in: 'body', at: '/challenge' } },
      response: { text: '{challenge}' },
    })
    expect(await (await answerOf(numbered, post('{"challenge":9007199254740991}'))).text()).toBe('9007199254740991')
    expect((await answerOf(numbered, post('{"challenge":9007199254740993}'))).status).toBe(401)
  })

  test('a line break does not reach a header', async () => {
    const odd = vendor({
      when: { method: 'GET' },
      values: { challenge: { in: 'query', at: 'challenge' } },
      response: { headers: { 'X-Challenge': 'of {challenge}' } },
    })
    const response = await answerOf(odd, get('challenge=a%0d%0aset-cookie:%20b'))
    expect([response.status, response.headers.get('x-challenge')]).toEqual([400, null])
    expect((await answerOf(odd, get('challenge=a'))).headers.get('x-challenge')).toBe('of a')
  })

  test('names of the prototype are names like others', async () => {
    const odd = vendor({
      when: { method: 'GET', query: { constructor: true } },
      values: { constructor: { in: 'query', at: 'constructor' } as const, has: { in: 'query', at: '__proto__' } },
      response: { text: '{constructor} {has} {valueOf} {to_string}' },
    })
    expect((await answerOf(odd, get('constructor=a'))).status).toBe(405)
    expect(await (await answerOf(odd, get('constructor=a&__proto__=b'))).text()).toBe('a b {valueOf} {to_string}')
  })

  test('the first of several handshakes answers', async () => {
    const two = vendor(undefined, {
      handshakes: [
        { when: { query: { mode: 'a' } }, response: { text: 'first' } },
        { when: { method: 'GET' }, response: { text: 'second' } },
      ],
    })
    expect(await (await answerOf(two, get('mode=a'))).text()).toBe('first')
    expect(await (await answerOf(two, get('mode=b'))).text()).toBe('second')
  })
})

describe('the answer to a delivery', () => {
  const signature = bodySignature('X-Signature', 'key')
  const secrets = { key: 'made-up' }
  const deliver = (response: NonNullable<Webhook['response']>, headers: Readonly<Record<string, string>> = {}) =>
    answerOf(
      vendor(undefined, { signatures: [signature], response }),
      signedPost('{}', 'X-Signature', 'made-up', headers),
      {
        secrets,
      },
    )

  test('plain text', async () => {
    const response = await deliver({ text: '[accepted]' })
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/plain',
      '[accepted]',
    ])
  })

  test('XML', async () => {
    const response = await deliver({ content_type: 'text/xml', text: '<Response/>' })
    expect([response.headers.get('content-type'), await response.text()]).toEqual(['text/xml', '<Response/>'])
  })

  test('JSON, without placeholders', async () => {
    expect(await (await deliver({ status: 202, json: { text: '{proof}' } })).text()).toBe('{"text":"{proof}"}')
  })

  test('an empty body, also where the signature is wrong, as Xero has it', async () => {
    const right = await deliver({ status: 200 })
    expect([right.status, await right.text(), right.headers.get('content-type')]).toEqual([200, '', null])
    const wrong = await deliver({ status: 200 }, { 'x-signature': '00' })
    expect([wrong.status, await wrong.text(), wrong.headers.get('content-type')]).toEqual([401, '', null])
  })

  test('no content', async () => {
    expect((await deliver({ status: 204 })).status).toBe(204)
  })

  test('a failure of the application is not answered as a success', async () => {
    const webhook = vendor(undefined, {
      signatures: [signature],
      response: { text: '[accepted]' },
      deliveries: [{ event: 'made', for: [], data: { fields: { id: { value: 'a' } }, required: [] } }],
      events: { made: { smart_code: 'HERA.VENDOR.EVENT.MADE.v1', idempotency: [] } },
    })
    const failing = handleWebhook(webhook, { secrets, enqueue: () => Promise.reject(new Error('full')) })
    const response = await failing(signedPost('{}', 'X-Signature', 'made-up'))
    expect([response.status, await response.json()]).toEqual([503, { error: 'not_recorded' }])
  })
})

function signatureHeader(name: string, format = '{signature}'): Pick<SignatureScheme, 'signature'> {
  return { signature: { in: 'header', at: [name], format, multiple: false } }
}

function timestampHeader(at: string): NonNullable<SignatureScheme['timestamp']> {
  return { in: 'header', at, form: 'unix-seconds', tolerance_seconds: 300 }
}

function bodySignature(header: string, secret: string, format = '{signature}'): SignatureScheme {
  return {
    name: header,
    algorithm: 'hmac-sha256',
    ...signatureHeader(header, format),
    encoding: 'hex',
    secret,
    secret_encoding: 'text',
    signed: '{body}',
    weak: false,
  }
}

function signedPost(
  body: string,
  header: string,
  secret: string,
  headers: Readonly<Record<string, string>> = {},
): Request {
  return post(body, { [header.toLowerCase()]: hmacHex(secret, body), ...headers })
}

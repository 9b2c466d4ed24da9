import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { respondToHandshake } from '../../generator/kit/handshake.ts'
import type { CheckedWebhook, Webhook } from '../../generator/kit/webhook.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { kitWebhook } from '../../generator/targets/typescript/webhook-file.ts'

const root = join(import.meta.dirname, '..', '..')
const { registry } = await readRegistry(join(root, 'definitions'))

function webhookOf(code: string): Webhook {
  const connector = registry.connectors.find((one) => one.code === code)
  const described = connector === undefined ? undefined : kitWebhook(connector)
  if (described === undefined) throw new Error(`no webhook of ${code}`)
  return described
}

function get(query: string): Request {
  return new Request(`https://hooks.example.com/meta?${query}`)
}

describe.each(['meta-graph-api', 'whatsapp-business-cloud'])('%s', (code) => {
  const secrets = { webhook_verify_token: 'meatyhamhock' }
  const good = 'hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock'

  test('the challenge comes back as it was, as text that no browser takes for a page', async () => {
    const response = await respondToHandshake(webhookOf(code), get(good), secrets)
    expect(response?.status).toBe(200)
    expect(response?.headers.get('content-type')).toBe('text/plain')
    expect(response?.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response?.text()).toBe('1158201444')
    const odd = await respondToHandshake(webhookOf(code), get(good.replace('1158201444', '007%24%26')), secrets)
    expect(await odd?.text()).toBe('007$&')
  })

  test.each([
    ['another token', good.replace('meaty', 'fishy'), secrets, 403],
    ['no token', 'hub.mode=subscribe&hub.challenge=1', secrets, 403],
    ['an empty token against an empty secret', good.replace('meatyhamhock', ''), { webhook_verify_token: '' }, 403],
    ['no secret', good, {}, 403],
    ['two tokens', `${good}&hub.verify_token=meatyhamhock`, secrets, 403],
    ['another mode', good.replace('subscribe', 'unsubscribe'), secrets, 403],
    ['a challenge that is too long', good.replace('1158201444', '1'.repeat(1025)), secrets, 400],
  ])('%s', async (_, query, given, status) => {
    const response = await respondToHandshake(webhookOf(code), get(query), given)
    expect(response?.status).toBe(status)
    expect(await response?.text()).toBe('')
  })

  test('other requests are left to others', async () => {
    expect(await respondToHandshake(webhookOf(code), get('hub.mode=subscribe'), secrets)).toBeUndefined()
    const post = new Request(`https://hooks.example.com/meta?${good}`, { method: 'POST', body: '{}' })
    expect(await respondToHandshake(webhookOf(code), post, secrets)).toBeUndefined()
  })
})

describe('linkedin-api', () => {
  const { vectors } = JSON.parse(
    readFileSync(join(root, 'test', 'fixtures', 'vectors', 'linkedin', 'vectors.json'), 'utf8'),
  ) as { vectors: readonly Readonly<Record<string, string>>[] }

  test.each(vectors.filter(({ kind }) => kind === 'challenge'))('$id', async (vector) => {
    const { secret = '', challengeCode = '', expected_challengeResponse } = vector
    const request = get(`challengeCode=${challengeCode}`)
    const response = await respondToHandshake(webhookOf('linkedin-api'), request, { client_secret: secret })
    expect(response?.headers.get('content-type')).toBe('application/json')
    expect(await response?.json()).toEqual({ challengeCode, challengeResponse: expected_challengeResponse })
  })

  test('without a secret there is no answer', async () => {
    expect((await respondToHandshake(webhookOf('linkedin-api'), get('challengeCode=1'), {}))?.status).toBe(403)
  })
})

test('a connector without a handshake answers none', async () => {
  expect(await respondToHandshake(webhookOf('hubspot-crm'), get('challenge=1'), {})).toBeUndefined()
})

describe('a challenge in the body', () => {
  const slack: CheckedWebhook = {
    max_bytes: 1000,
    handshake: {
      method: 'POST',
      challenge: { in: 'body', name: 'challenge' },
      expect: [{ in: 'body', name: 'type', equals: 'url_verification' }],
      answer: { content_type: 'text/plain', text: '{challenge}' },
    },
  }
  const post = (body: string) => new Request('https://hooks.example.com/slack', { method: 'POST', body })

  test('is answered, and the body can still be read', async () => {
    const request = post('{"type":"url_verification","challenge":"3eZbrw1a"}')
    expect(await (await respondToHandshake(slack, request, {}))?.text()).toBe('3eZbrw1a')
    expect(await request.text()).toContain('3eZbrw1a')
  })

  test.each([
    '',
    '{',
    '[]',
    'null',
    '{"challenge":1}',
    '{"__proto__":{"challenge":"1"}}',
    `{"a":"${'x'.repeat(2000)}"}`,
  ])('no challenge: %j', async (body) => {
    expect(await respondToHandshake(slack, post(body), {})).toBeUndefined()
  })
})

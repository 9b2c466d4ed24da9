import { describe, expect, expectTypeOf, test } from 'vitest'
import type { ContactCreatedData } from '../../generated/typescript/connectors/hubspot-crm.js'
import type { LinkedinApiInstallation } from '../../generated/typescript/connectors/linkedin-api.js'
import { installation as hubspotInstallation } from '../../generated/typescript/installations/hubspot-crm.js'
import { installation as linkedinInstallation } from '../../generated/typescript/installations/linkedin-api.js'
import { installation as zapierInstallation } from '../../generated/typescript/installations/zapier-webhook.js'
import { webhook as hubspot } from '../../generated/typescript/webhooks/hubspot-crm.js'
import { webhook as zapier } from '../../generated/typescript/webhooks/zapier-webhook.js'
import { createEvent } from '../../generator/kit/event.ts'
import { createHera } from '../../generator/kit/hera.ts'
import { configurationProblems } from '../../generator/kit/installation.ts'
import { sendTrigger, syncAndRecord } from '../../generator/kit/recipes.ts'

const ORGANIZATION = '7c1f4a5e-0d5b-4a83-9a55-3a2f0f6b8c11'
const SECRET = 'client-secret-4711'

interface Seen {
  readonly url: string
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

type Reply = Response | Error | ((seen: Seen) => Response | Promise<Response>)

/** Answers requests one after the other, the last reply over and over, and remembers what was asked. */
function network(...replies: readonly Reply[]) {
  const seen: Seen[] = []
  const own: typeof fetch = async (input, init) => {
    const request = new Request(input as Request, init)
    const one = { url: request.url, headers: request.headers, body: (await request.clone().json()) as Seen['body'] }
    seen.push(one)
    const reply = replies[Math.min(seen.length, replies.length) - 1]
    if (reply instanceof Error) throw reply
    if (typeof reply === 'function') {
      const aborted = new Promise<never>((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason))
      })
      return Promise.race([reply(one), aborted])
    }
    return reply?.clone() ?? new Response(null, { status: 500 })
  }
  const options = { baseUrl: 'https://hera.example.com', token: 'tok-secret', organizationId: ORGANIZATION, fetch: own }
  return { seen, fetch: own, hera: createHera(options), options }
}

const fine = (data: object = {}) => Response.json({ rid: 'r', data, actor: {}, org: {} })
const event = createEvent(hubspot, 'contact_deleted', { hubspot_contact_id: '1' })
const nameless = createEvent(zapier, 'webhook_received', { payload: {} })

describe('a client of HERA', () => {
  test('sends what the endpoints want', async () => {
    const { hera, seen } = network(fine({ connectors: [], logs: [] }))
    await hera.listAvailable()
    await hera.listAvailable({ connector_type: 'crm', summary: true, limit: 10, after: 'a' })
    await hera.list({ connector_code: 'hubspot-crm' })
    await hera.install(hubspotInstallation, { client_id: 'id', client_secret: SECRET })
    await hera.configure(hubspotInstallation, { portal_id: null })
    await hera.pause({ connector_code: 'hubspot-crm' })
    await hera.resume({ connector_code: 'hubspot-crm' })
    await hera.uninstall({ installation_id: 'i-1' })
    await hera.sendEvent(event)
    await hera.logs({ status: 'error' })
    expect(seen.map(({ url, body }) => [new URL(url).pathname, body])).toEqual([
      ['/api/v2/integrations/connectors', { operation: 'LIST_AVAILABLE' }],
      [
        '/api/v2/integrations/connectors',
        { operation: 'LIST_AVAILABLE', connector_type: 'crm', options: { summary: true, limit: 10, after: 'a' } },
      ],
      ['/api/v2/integrations/connectors', { operation: 'LIST', connector_code: 'hubspot-crm' }],
      [
        '/api/v2/integrations/connectors',
        {
          operation: 'INSTALL',
          connector_code: 'hubspot-crm',
          installation_config: { client_id: 'id', client_secret: SECRET },
        },
      ],
      [
        '/api/v2/integrations/connectors',
        { operation: 'CONFIGURE', connector_code: 'hubspot-crm', installation_config: { portal_id: null } },
      ],
      ['/api/v2/integrations/connectors', { operation: 'PAUSE', connector_code: 'hubspot-crm' }],
      ['/api/v2/integrations/connectors', { operation: 'RESUME', connector_code: 'hubspot-crm' }],
      [
        '/api/v2/integrations/connectors',
        { operation: 'UNINSTALL', installation_id: 'i-1', options: { installation_id: 'i-1' } },
      ],
      [
        '/api/v2/integrations/events',
        {
          event_source: 'hubspot-crm',
          event_type: 'contact_deleted',
          connector_code: 'hubspot-crm',
          event_data: { hubspot_contact_id: '1' },
          smart_code: 'HERA.HUBSPOT.EVENT.CONTACT.DELETED.v1',
          idempotency_key: 'hubspot-crm:contact_deleted::1',
        },
      ],
      ['/api/v2/integrations/logs', { limit: 50, status: 'error' }],
    ])
    for (const { headers } of seen) {
      expect(headers.get('authorization')).toBe('Bearer tok-secret')
      expect(headers.get('x-organization-id')).toBe(ORGANIZATION)
      expect(headers.get('content-type')).toBe('application/json')
    }
  })

  test.each([
    ['an event with a key', 3, async ({ hera }: ReturnType<typeof network>) => hera.sendEvent(event)],
    ['a list', 3, async ({ hera }: ReturnType<typeof network>) => hera.list()],
    ['an event without a key', 1, async ({ hera }: ReturnType<typeof network>) => hera.sendEvent(nameless)],
    [
      'an installation',
      1,
      async ({ hera }: ReturnType<typeof network>) =>
        hera.install(hubspotInstallation, { client_id: 'id', client_secret: SECRET }),
    ],
  ])('repeats %s: %i requests', async (_, requests, call) => {
    const down = new Response('', { status: 503 })
    const net = network(down, new TypeError('connection reset'), fine())
    const result = await call(net)
    expect(net.seen).toHaveLength(requests)
    expect(result.ok).toBe(requests > 1)
  })

  test('waits as long as it is told, and says how long where that is too long', async () => {
    const start = performance.now()
    const soon = network(new Response('{}', { status: 429, headers: { 'retry-after': '1' } }), fine())
    expect((await soon.hera.sendEvent(event)).ok).toBe(true)
    expect(performance.now() - start).toBeGreaterThan(990)
    const late = network(
      Response.json({ error: 'slow down', rid: 'r-9' }, { status: 429, headers: { 'retry-after': '3600' } }),
    )
    expect(await late.hera.sendEvent(event)).toEqual({
      ok: false,
      error: { reason: 'rate_limited', status: 429, message: 'slow down', rid: 'r-9', retry_after_seconds: 3600 },
    })
    expect(late.seen).toHaveLength(1)
  })

  test('gives up in time, also on a server that never answers', async () => {
    const { options } = network(() => new Promise<Response>(() => undefined))
    const start = performance.now()
    const result = await createHera({ ...options, timeout: 300 }).sendEvent(event)
    expect(result).toEqual({ ok: false, error: { reason: 'timeout' } })
    expect(performance.now() - start).toBeLessThan(2000)
  })

  test.each<[string, Response, object]>([
    [
      'no token',
      Response.json({ error: 'no token', rid: 'r' }, { status: 401 }),
      { reason: 'unauthorized', status: 401, message: 'no token', rid: 'r' },
    ],
    [
      'another organization',
      Response.json({ error: 'no', rid: 'r' }, { status: 403 }),
      { reason: 'forbidden', status: 403, message: 'no', rid: 'r' },
    ],
    [
      'a wrong request',
      Response.json({ error: 'integration_validation:EVENT_TYPE_REQUIRED' }, { status: 400 }),
      { reason: 'refused', status: 400, message: 'integration_validation:EVENT_TYPE_REQUIRED' },
    ],
    [
      'a page of a proxy',
      new Response('<html>', { status: 404 }),
      { reason: 'refused', status: 404, message: 'HERA answered 404' },
    ],
    ['no JSON', new Response('<html>'), { reason: 'malformed_answer' }],
    ['other JSON', Response.json([1]), { reason: 'malformed_answer' }],
  ])('turns %s into a value', async (_, reply, error) => {
    expect(await network(reply).hera.sendEvent(event)).toEqual({ ok: false, error })
  })

  test('never tells a secret, whatever HERA or the network says', async () => {
    const said = `bad config ${SECRET} for tok-secret`
    const config = { client_id: 'id', client_secret: SECRET }
    const replies: readonly Reply[] = [
      Response.json({ error: said, rid: 'r' }, { status: 400 }),
      new Response(said, { status: 500 }),
      new TypeError(said),
    ]
    for (const reply of replies) {
      const result = await network(reply).hera.install(hubspotInstallation, config)
      expect(result.ok).toBe(false)
      expect(JSON.stringify(result)).not.toMatch(/client-secret-4711|tok-secret/)
    }
    const refusing = createHera({ ...network(fine()).options, token: () => Promise.reject(new Error(said)) })
    expect(await refusing.list()).toEqual({ ok: false, error: { reason: 'unreachable' } })
  })

  test('takes an event that was refused for what it is, also where the gateway passes it on as an answer', async () => {
    const refused = { success: false, error: 'integration_refused:CONNECTOR_PAUSED', message: 'hubspot-crm is paused' }
    const { hera } = network(fine(refused))
    expect(await hera.sendEvent(event)).toEqual({
      ok: false,
      error: {
        reason: 'refused',
        status: 200,
        message: 'integration_refused:CONNECTOR_PAUSED: hubspot-crm is paused',
        rid: 'r',
      },
    })
  })

  test('does not send a token in clear text', () => {
    const { options } = network(fine())
    expect(() => createHera({ ...options, baseUrl: 'http://hera.example.com' })).toThrow(/https/)
    expect(() => createHera({ ...options, baseUrl: 'http://127.0.0.1:3000' })).not.toThrow()
  })

  test('is typed by connector and event', () => {
    expectTypeOf(
      createEvent(hubspot, 'contact_created', { hubspot_contact_id: '1' }).data,
    ).toEqualTypeOf<ContactCreatedData>()
    // @ts-expect-error: no such event
    expect(() => createEvent(hubspot, 'contact_create', {})).toThrow()
    // @ts-expect-error: hubspot_contact_id is missing
    createEvent(hubspot, 'contact_created', {})
    // @ts-expect-error: the client secret is missing
    const call = () => network(fine()).hera.install(hubspotInstallation, { client_id: 'id' })
    expect(call).toBeTypeOf('function')
  })
})

describe('a configuration', () => {
  test('is refused before it is sent, with everything that is wrong', async () => {
    const { hera, seen } = network(fine())
    const wrong: object = { client_secret: '', ad_account_id: 'act 1', organization_id: 5, clientid: 'x' }
    const result = await hera.install(linkedinInstallation, wrong as LinkedinApiInstallation)
    expect(result).toEqual({
      ok: false,
      error: {
        reason: 'invalid_configuration',
        problems: [
          { field: 'client_id', problem: 'missing' },
          { field: 'client_secret', problem: 'missing' },
          { field: 'ad_account_id', problem: 'malformed' },
          { field: 'organization_id', problem: 'not_text' },
          { field: 'clientid', problem: 'unknown' },
        ],
      },
    })
    expect(seen).toEqual([])
  })

  test('wants complete https addresses', () => {
    const of = (webhook_url: string) => configurationProblems(zapierInstallation, { webhook_url })
    expect(of('http://hooks.zapier.com/hooks/catch/1/a/')).toEqual([{ field: 'webhook_url', problem: 'no_url' }])
    expect(of('https://hooks.zapier.com/hooks/catch/1/a/')).toEqual([])
    for (const unsafe of ['https://169.254.169.254/', 'https://localhost:5432/', 'https://user:pw@x.example/'])
      expect(of(unsafe)).toEqual([{ field: 'webhook_url', problem: 'unsafe_url' }])
    const allow = ['localhost:5432']
    const local = { webhook_url: 'https://localhost:5432/' }
    expect(configurationProblems(zapierInstallation, local, { allow })).toEqual([])
  })
})

describe('the sync pattern', () => {
  test('writes first, and records under a key that names the pair', async () => {
    const { hera, seen } = network(fine({ duplicate: false }))
    const write = async () => ({
      hera_customer_id: 'c-1',
      hubspot_contact_id: '33451',
      sync_direction: 'hera_to_hubspot',
      synced_fields: ['email'],
    })
    expect((await syncAndRecord(hera, hubspot, 'contact_created', write)).ok).toBe(true)
    expect(seen.map(({ body }) => body.idempotency_key)).toEqual(['hubspot-crm:contact_created::33451'])
  })

  test('records nothing where nothing was written', async () => {
    const { hera, seen } = network(fine())
    const write = () => Promise.reject(new Error('HubSpot is down'))
    await expect(syncAndRecord(hera, hubspot, 'contact_created', write)).rejects.toThrow('HubSpot is down')
    expect(seen).toEqual([])
  })
})

describe('the automation trigger pattern', () => {
  const trigger = { trigger_type: 'appointment_completed', appointment: { id: 'appt_889', service: 'Haircut' } }
  const webhookUrl = 'https://hooks.zapier.com/hooks/catch/1234567/f8f22dgg/'
  const receipt = { id: 'i', request_id: 'q', attempt: 'a', status: 'success' }

  test('sends to the address with its header, and records what was answered', async () => {
    const zap = network(new Response('{}', { status: 429 }), Response.json({ ...receipt, other: 1 }))
    const { hera, seen } = network(fine())
    const result = await sendTrigger(hera, zapier, trigger, {
      webhookUrl,
      authorization: 'Key 1',
      eventId: 'e-1',
      fetch: zap.fetch,
    })
    expect(result).toEqual({ sent: true, receipt, recorded: { ok: true, data: {}, rid: 'r' } })
    expect(zap.seen.map(({ url, body, headers }) => [url, body, headers.get('authorization')])).toEqual(
      Array(2).fill([webhookUrl, { ...trigger, event_id: 'e-1' }, 'Key 1']),
    )
    expect(seen.map(({ body }) => [body.event_data, body.idempotency_key])).toEqual([
      [{ ...trigger, event_id: 'e-1', receipt }, 'zapier-webhook:trigger_sent:e-1:appointment_completed::appt_889'],
    ])
  })

  test('takes an empty answer for received', async () => {
    const { hera, seen } = network(fine())
    const result = await sendTrigger(hera, zapier, trigger, { webhookUrl, fetch: network(new Response('')).fetch })
    expect(result).toMatchObject({ sent: true, receipt: {} })
    expect(seen[0]?.body.event_data).not.toHaveProperty('receipt')
  })

  test.each<[string, Reply, object]>([
    ['a subscription that has ended', new Response('', { status: 410 }), { sent: false, reason: 'gone', status: 410 }],
    ['a refusal', new Response('', { status: 400 }), { sent: false, reason: 'refused', status: 400 }],
    ['a dead network', new TypeError('no route'), { sent: false, reason: 'unreachable' }],
  ])('records nothing after %s', async (_, reply, expected) => {
    const { hera, seen } = network(fine())
    const result = await sendTrigger(hera, zapier, trigger, { webhookUrl, fetch: network(reply).fetch, timeout: 3000 })
    expect(result).toEqual(expected)
    expect(seen).toEqual([])
  })
})

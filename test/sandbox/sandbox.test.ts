import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { installation as hubspotInstallation } from '../../generated/typescript/installations/hubspot-crm.js'
import { webhook as hubspot } from '../../generated/typescript/webhooks/hubspot-crm.ts'
import { simulate } from '../../generator/commands/simulate.ts'
import { createEvent } from '../../generator/kit/event.ts'
import { createHera } from '../../generator/kit/hera.ts'
import { sign } from '../../generator/kit/sign.ts'
import { edit } from '../support/acme.ts'
import type { Answer } from '../support/runtime.ts'
import type { Sandbox } from '../support/sandbox.ts'
import { configurations, install, LOCAL, OTHER, signIn, startSandbox, webhookUrl } from '../support/sandbox.ts'
import type { Server } from '../support/servers.ts'
import { mayRun, servers } from '../support/servers.ts'

const root = join(import.meta.dirname, '..', '..')
const codes = Object.keys(configurations) as (keyof typeof configurations)[]

const message = {
  event_source: 'whatsapp-business-cloud',
  event_type: 'message_received',
  connector_code: 'whatsapp-business-cloud',
  event_data: { message_id: 'wamid.1', from: '+1234567890', message: 'Hello' },
}

describe('the local runtime', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await startSandbox({ allowOrigin: ['https://app.example.com'], allowHost: ['hera.test'] })
    for (const code of codes) await install(sandbox, code)
  })
  afterAll(() => sandbox?.stop())

  const simulated = (connector: string, given: object = {}) =>
    simulate({
      definitions: [join(root, 'definitions')],
      connector,
      event: undefined,
      sample: undefined,
      all: false,
      handshake: false,
      list: false,
      url: undefined,
      runtime: sandbox.url,
      data: sandbox.data,
      organization: LOCAL,
      secrets: {},
      set: [],
      times: 1,
      duplicates: 0,
      outOfOrder: false,
      badSignature: false,
      connectorAddress: false,
      age: 0,
      concurrency: 1,
      ...given,
    })

  const installationOf = async (organization: string) => {
    const given = {
      ...{ operation: 'LIST', connector_code: 'hubspot-crm' },
      connector_type: 'INTEGRATION_CONNECTOR_INSTALL',
    }
    const { body } = await sandbox.post('connectors', given, { 'X-Organization-Id': organization })
    return body.data.connectors[0].id as string
  }

  test('keeps its secrets in files that only their owner reads', () => {
    for (const name of ['token', 'connectors.key'])
      expect(statSync(join(sandbox.folder, name)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(sandbox.folder, 'token'), 'utf8').trim()).toBe(sandbox.token)
  })

  describe('answers what it refuses with a code and the id of the request', () => {
    const deep = `{"event_data":${'['.repeat(200)}${']'.repeat(200)}}`
    test.each<[string, string, unknown, Readonly<Record<string, string>>, number, string]>([
      ['no token', 'logs', {}, { Authorization: '' }, 401, 'invalid_token'],
      ['another token', 'logs', {}, { Authorization: 'Bearer nope' }, 401, 'invalid_token'],
      ['no organization', 'logs', {}, { 'X-Organization-Id': '' }, 400, 'no_organization_context'],
      ['a strange organization', 'logs', {}, { 'X-Organization-Id': 'acme' }, 400, 'no_organization_context'],
      [
        'an organization of others',
        'logs',
        {},
        { 'X-Organization-Id': '7b0c1c5e-0000-4000-8000-000000000009' },
        403,
        'actor_not_member',
      ],
      ['no JSON', 'logs', '{', {}, 400, 'integration_validation:BODY_MALFORMED'],
      ['a list', 'logs', [], {}, 400, 'integration_validation:BODY_NO_OBJECT'],
      ['a form', 'logs', 'limit=1', { 'Content-Type': 'text/plain' }, 400, 'integration_validation:CONTENT_TYPE'],
      ['deep nesting', 'events', deep, {}, 413, 'integration_validation:BODY_TOO_DEEP'],
      ['a large body', 'logs', `{"a":"${'x'.repeat(1024 * 1024)}"}`, {}, 413, 'integration_validation:BODY_TOO_LARGE'],
      ['a page of no size', 'logs', { limit: 0 }, {}, 400, 'integration_validation:REQUEST_INVALID'],
      ['no operation', 'connectors', {}, {}, 400, 'integration_validation:OPERATION_REQUIRED'],
      [
        'an unknown operation',
        'connectors',
        { operation: 'toString' },
        {},
        400,
        'integration_validation:OPERATION_UNKNOWN',
      ],
      [
        'no event type',
        'events',
        { event_source: 'x', connector_code: 'x' },
        {},
        400,
        'integration_validation:EVENT_TYPE_REQUIRED',
      ],
      [
        'a zero byte',
        'events',
        { ...message, event_data: { message_id: '\u0000' } },
        {},
        400,
        'integration_validation:VALUE_UNSUPPORTED',
      ],
      [
        'an unknown connector',
        'events',
        { ...message, connector_code: 'nope' },
        {},
        404,
        'integration_refused:CONNECTOR_UNKNOWN',
      ],
      [
        'an unknown event',
        'events',
        { ...message, event_type: 'nope' },
        {},
        400,
        'integration_refused:EVENT_TYPE_UNKNOWN',
      ],
      [
        'another smart code',
        'events',
        { ...message, smart_code: 'HERA.X.Y.Z.A.v1' },
        {},
        400,
        'integration_refused:SMART_CODE_MISMATCH',
      ],
      [
        'what is installed',
        'connectors',
        { operation: 'INSTALL', connector_code: 'hubspot-crm', installation_config: configurations['hubspot-crm'] },
        {},
        409,
        'integration_conflict:ALREADY_INSTALLED',
      ],
      [
        'a configuration that does not fit',
        'connectors',
        { operation: 'CONFIGURE', connector_code: 'hubspot-crm', installation_config: { colour: 'red' } },
        {},
        400,
        'integration_validation:CONFIGURATION_INVALID',
      ],
      [
        'what is not there',
        'connectors',
        { operation: 'PAUSE', connector_code: 'nope' },
        {},
        404,
        'integration_not_found:INSTALLATION',
      ],
    ])('%s', async (_, path, body, headers, status, error) => {
      const reply = await sandbox.post(path, body, headers)
      expect([reply.status, reply.body.error]).toEqual([status, error])
      expect(reply.body.rid).toMatch(/^[0-9a-f-]{36}$/)
      expect(reply.headers.get('x-request-id')).toBe(reply.body.rid)
    })

    test('no time, and a time that drivers stumble over', async () => {
      expect(await sandbox.post('logs', { before: 'yesterday' })).toMatchObject({ status: 400 })
      expect(await sandbox.post('logs', { before: '2024-06-30T23:59:60Z' })).toMatchObject({ status: 200 })
      expect(
        (await fetch(`${sandbox.url}/hub/log?before=foo`, { headers: { cookie: await signIn(sandbox) } })).status,
      ).toBe(400)
    })

    test('another method', async () => {
      const reply = await fetch(`${sandbox.url}/api/v2/integrations/logs`)
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST'])
      expect((await fetch(`${sandbox.url}/nothing`)).status).toBe(404)
    })

    test('all that is wrong with a configuration at once, and no secret', async () => {
      const { body } = await sandbox.post(
        'connectors',
        {
          operation: 'INSTALL',
          connector_code: 'whatsapp-business-cloud',
          installation_config: { access_token: 7, phone_number_id: 'top-secret', extra: 'top-secret' },
        },
        { 'X-Organization-Id': OTHER },
      )
      expect(body.message.split('; ')).toEqual([
        'access_token must be a text, and is of type number',
        'phone_number_id must match ^[0-9]{1,30}$',
        'business_account_id is missing',
        'webhook_verify_token is missing',
        'extra is not a field of this connector',
        expect.stringContaining('the fields are those of'),
      ])
      expect(JSON.stringify(body)).not.toContain('top-secret')
    })
  })

  test('keeps numbers that JavaScript cannot hold', async () => {
    const { body } = await sandbox.post(
      'events',
      '{"event_source":"zapier-webhook","event_type":"webhook_received","connector_code":"zapier-webhook","event_data":{"payload":{"id":12345678901234567890123}}}',
    )
    const page = await signedIn(sandbox, `/hub/events/${body.data.event_id}`)
    expect(body.data.success).toBe(true)
    // The page itself reads the data as JavaScript does; the database has all digits.
    expect(page).toContain('webhook_received')
  })

  test('answers a repeated event as a duplicate, also when fifty race', async () => {
    const event = { ...message, event_data: { message_id: 'raced' }, idempotency_key: 'raced' }
    const replies = await Promise.all(Array.from({ length: 50 }, () => sandbox.post('events', event)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(replies.map(({ body }) => body.data.event_id)).size).toBe(1)
    expect(replies.filter(({ body }) => body.data.duplicate === false)).toHaveLength(1)
  })

  describe('is safe in a browser', () => {
    test('is not called by other names', async () => {
      const hostOf = (host: string) =>
        new Promise<number>((resolve, reject) => {
          const { hostname, port } = new URL(sandbox.url)
          import('node:http').then(({ request }) =>
            request({ hostname, port, path: '/health', headers: { host } }, (response) =>
              resolve(response.statusCode ?? 0),
            )
              .on('error', reject)
              .end(),
          )
        })
      expect(await hostOf('evil.example')).toBe(421)
      expect(await hostOf(`evil.example:${new URL(sandbox.url).port}`)).toBe(421)
      expect(await hostOf('hera.test')).toBe(200)
      expect(await hostOf('LOCALHOST:80')).toBe(200)
    })

    test('lets no other origin read, but those that are allowed', async () => {
      const preflight = (origin: string) =>
        fetch(`${sandbox.url}/api/v2/integrations/logs`, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization',
          },
        })
      expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
      expect((await preflight('https://app.example.com')).headers.get('access-control-allow-origin')).toBe(
        'https://app.example.com',
      )
    })

    test('takes no form from another origin, and shows nothing without the token', async () => {
      const cookie = await signIn(sandbox)
      const pause = (headers: Readonly<Record<string, string>>) =>
        fetch(`${sandbox.url}/hub/connectors/hubspot-crm/pause`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
          redirect: 'manual',
        })
      expect((await pause({ cookie, origin: 'https://evil.example' })).status).toBe(403)
      expect((await pause({ cookie, 'sec-fetch-site': 'cross-site', origin: 'null' })).status).toBe(403)
      expect((await pause({ origin: sandbox.url })).status).toBe(401)
      const page = await fetch(`${sandbox.url}/hub/log`, { redirect: 'manual' })
      expect([page.status, page.headers.get('location')]).toEqual([303, '/login'])
      expect((await fetch(`${sandbox.url}/?token=nope`, { redirect: 'manual' })).headers.get('set-cookie')).toBeNull()
    })
  })

  test('forms that are none, or too large, are refused', async () => {
    const form = (type: string, body: string) =>
      fetch(`${sandbox.url}/login`, { method: 'POST', headers: { origin: sandbox.url, 'content-type': type }, body })
    expect((await form('multipart/form-data', 'x')).status).toBe(400)
    expect((await form('multipart/form-data; boundary=a', 'x')).status).toBe(400)
    expect((await form('application/x-www-form-urlencoded', `token=${'x'.repeat(100_000)}`)).status).toBe(413)
    const signed = await fetch(`${sandbox.url}/dev/sign`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.token}`, 'x-organization-id': LOCAL },
      body: 'x'.repeat(9 * 1024 * 1024),
    })
    expect(signed.status).toBe(413)
  })

  describe('webhooks', () => {
    test.each(codes)('%s: every sample that is simulated is taken, and what is tampered with is not', async (code) => {
      const { json } = await simulated(code, { list: true })
      const { samples } = json as { readonly samples: readonly { readonly name: string }[] }
      expect(samples.length).toBeGreaterThan(2)
      const taken = (await simulated(code, { all: true, concurrency: 4 })).json as Answer
      expect(taken.sent.map(({ status }: Answer) => status)).toEqual(samples.map(() => 200))
      const refused = (await simulated(code, { all: true, concurrency: 4, badSignature: true })).json as Answer
      expect(refused.ok).toBe(true)
      expect(new Set(refused.sent.map(({ answer }: Answer) => answer))).toEqual(
        new Set(['{"error":"signature_mismatch"}']),
      )
      const { body } = await sandbox.post('logs', { connector_code: code, limit: 1000 })
      const failures = body.data.logs.filter(
        // Some samples of a vendor have the same ids, and differ otherwise.
        ({ status, message }: Answer) => status === 'error' && !/nope|with other data/.test(message),
      )
      expect(failures.filter(({ event_type }: Answer) => event_type !== 'message_received')).toEqual([])
    })

    test('a delivery is recorded once, however often and in whatever order it comes', async () => {
      const count = async () =>
        (await sandbox.post('logs', { connector_code: 'hubspot-crm', limit: 1000 })).body.data.logs.length
      const before = await count()
      const given = {
        times: 5,
        duplicates: 2,
        outOfOrder: true,
        concurrency: 4,
        set: [{ place: '/0/objectId', value: '777' }],
      }
      const { json, text } = await simulated('hubspot-crm', given)
      expect(json).toMatchObject({ ok: true })
      expect((json as Answer).sent).toHaveLength(15)
      expect(text({ green: String, red: String, bold: String } as never)).toContain('15 sent, all as wanted')
      expect(await count()).toBe(before + 5)
    })

    test('an old delivery is refused where its time is signed', async () => {
      expect((await simulated('hubspot-crm', { age: 400 })).json).toMatchObject({
        ok: true,
        sent: [{ status: 401, answer: '{"error":"timestamp_out_of_tolerance"}' }],
      })
      expect((await simulated('hubspot-crm', { age: 100 })).json).toMatchObject({ sent: [{ status: 200 }] })
    })

    test('an event that no vendor delivers goes to the events endpoint', async () => {
      const { json } = await simulated('zapier-webhook', { event: 'trigger_sent', times: 2 })
      expect(json).toMatchObject({ ok: true, sent: [{ kind: 'delivery' }, { kind: 'duplicate' }] })
    })

    test.each<[string, object, string]>([
      ['a connector', { connector: 'hubspot' }, 'there is no connector "hubspot"'],
      ['an event', { event: 'contact_create' }, 'hubspot-crm has no event "contact_create"; did you mean'],
      ['a sample', { sample: '99' }, 'hubspot-crm has no sample "99"'],
      ['a place', { set: [{ place: '/5/objectId', value: '1' }] }, 'the sample has no /5'],
      ['no pointer', { set: [{ place: 'objectId', value: '1' }] }, '"objectId" is no JSON Pointer'],
      ['a runtime', { runtime: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1 cannot be reached'],
      ['a secret', { url: 'http://127.0.0.1:1/hook' }, 'the delivery cannot be signed without client_secret'],
      ['a token', { data: join(tmpdir(), 'hera-nowhere', 'database') }, 'the local runtime refuses: invalid_token'],
    ])('simulate says what is wrong: %s', async (_, given, said) => {
      await expect(simulated('hubspot-crm', given)).rejects.toThrow(said)
      rmSync(join(tmpdir(), 'hera-nowhere'), { recursive: true, force: true })
    })

    test('an address of all installations leads to the one that the values identify, signed with its own secret', async () => {
      const configured = async (portal_id: string, client_secret: string, organization: string) => {
        const body = {
          ...{ operation: 'CONFIGURE', connector_code: 'hubspot-crm' },
          installation_config: { portal_id, client_secret },
        }
        await sandbox.post('connectors', body, { 'X-Organization-Id': organization })
      }
      const recorded = async (organization: string) => {
        const { body } = await sandbox.post(
          'logs',
          { connector_code: 'hubspot-crm', limit: 1000 },
          { 'X-Organization-Id': organization },
        )
        return body.data.logs.length as number
      }
      const shared = (given: object) => simulated('hubspot-crm', { connectorAddress: true, ...given })
      await install(sandbox, 'hubspot-crm', OTHER)
      await configured('4711', 'hs-secret', LOCAL)
      await configured('4712', 'other-secret', OTHER)
      const [local, other] = [await recorded(LOCAL), await recorded(OTHER)]
      expect((await shared({ set: [{ place: '/0/objectId', value: '8801' }] })).json).toMatchObject({ ok: true })
      expect([await recorded(LOCAL), await recorded(OTHER)]).toEqual([local + 1, other])
      const { url, path } = (await (
        await fetch(`${sandbox.url}/dev/address?installation_id=${await installationOf(LOCAL)}&shared=true`, {
          headers: { authorization: `Bearer ${sandbox.token}`, 'x-organization-id': LOCAL },
        })
      ).json()) as Answer
      const sent = async (portalId: number, client_secret: string) => {
        const change = { subscriptionType: 'contact.creation', eventId: 1, occurredAt: 1790000000000, objectId: 8802 }
        const headers = { 'content-type': 'application/json' }
        const signing = await sign(
          hubspot,
          { method: 'POST', url, body: JSON.stringify([{ ...change, portalId }]), headers },
          { client_secret },
        )
        if (!signing.signed) throw new Error(signing.reason)
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...headers, ...signing.headers },
          body: signing.body,
        })
        return [response.status, await response.json()]
      }
      expect(path).toMatch(/^\/webhooks\/hubspot-crm\/[0-9a-f]{32}$/)
      expect(await sent(4712, 'hs-secret')).toEqual([401, { error: 'signature_mismatch' }])
      expect(await sent(9999, 'hs-secret')).toEqual([200, { received: 0, unrecognized: 0 }])
      expect([await recorded(LOCAL), await recorded(OTHER)]).toEqual([local + 1, other])
      expect(await sent(4712, 'other-secret')).toEqual([200, { received: 1, unrecognized: 0, unrouted: 0 }])
      expect([await recorded(LOCAL), await recorded(OTHER)]).toEqual([local + 1, other + 1])
      const wrong = await fetch(`${sandbox.url}/webhooks/hubspot-crm/${'0'.repeat(32)}`, { method: 'POST', body: '[]' })
      expect(wrong.status).toBe(404)
      const uninstall = { operation: 'UNINSTALL', connector_code: 'hubspot-crm' }
      await sandbox.post('connectors', uninstall, { 'X-Organization-Id': OTHER })
      await expect(simulated('zapier-webhook', { connectorAddress: true })).rejects.toThrow(
        'no address of all installations',
      )
    })

    test('simulate sends to any address, signed with the secrets that it is given', async () => {
      const seen: { readonly headers: Headers; readonly body: string }[] = []
      const server = createServer((request, response) => {
        let body = ''
        request.on('data', (chunk) => {
          body += chunk
        })
        request.on('end', () => {
          seen.push({ headers: new Headers(request.headers as Record<string, string>), body })
          response.end('taken')
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
      const { json } = await simulated('hubspot-crm', { url, secrets: { client_secret: 'mine' } })
      server.close()
      expect(json).toMatchObject({ ok: true, sent: [{ status: 200, answer: 'taken' }] })
      const { verify } = await import('../../generator/kit/verify.ts')
      const delivery = {
        method: 'POST',
        headers: seen[0]?.headers ?? new Headers(),
        body: new TextEncoder().encode(seen[0]?.body),
      }
      expect(await verify(hubspot, delivery, { client_secret: 'mine' }, { url })).toMatchObject({ verified: true })
    })

    test('the vendor that checks the address is answered', async () => {
      const { body } = await sandbox.post('connectors', {
        operation: 'LIST',
        connector_code: 'whatsapp-business-cloud',
      })
      const hook = await webhookUrl(sandbox, body.data.connectors[0].id)
      const query = 'hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token='
      const answer = await fetch(`${hook}?${query}your_webhook_token`)
      expect([answer.status, await answer.text()]).toEqual([200, '1158201444'])
      expect((await fetch(`${hook}?${query}nope`)).status).toBe(403)
    })

    test('a delivery that cannot be stored is refused for good, and in the log with its reason', async () => {
      const given = {
        set: [
          { place: '/0/changeSource', value: '"\\u0000"' },
          { place: '/0/objectId', value: '4711' },
        ],
      }
      expect((await simulated('hubspot-crm', given)).json).toMatchObject({ sent: [{ status: 200 }] })
      const { body } = await sandbox.post('logs', { connector_code: 'hubspot-crm', status: 'error', limit: 1 })
      expect(body.data.logs).toMatchObject([
        { event_type: 'contact_created', message: expect.stringMatching(/unicode/i) },
      ])
    })

    test('no other method is looked at', async () => {
      const { body } = await sandbox.post('connectors', { operation: 'LIST', connector_code: 'hubspot-crm' })
      const hook = await webhookUrl(sandbox, body.data.connectors[0].id)
      expect((await fetch(hook, { method: 'PUT', body: '{}' })).status).toBe(405)
      const { hostname, port, pathname } = new URL(hook)
      const { request } = await import('node:http')
      const trace = new Promise((resolve, reject) =>
        request({ hostname, port, path: pathname, method: 'TRACE' }, ({ statusCode }) => resolve(statusCode))
          .on('error', reject)
          .end(),
      )
      expect(await trace).toBe(405)
    })

    test('there is none where nothing is installed', async () => {
      const { body } = await sandbox.post('connectors', { operation: 'LIST', connector_code: 'hubspot-crm' })
      const id = body.data.connectors[0].id
      const address = await webhookUrl(sandbox, id)
      const key = address.slice(address.lastIndexOf('/') + 1)
      const paths = [
        `linkedin-api/${id}/${key}`,
        `hubspot-crm/${LOCAL}/${key}`,
        `hubspot-crm/x/${key}`,
        `nope/x/${key}`,
      ]
      for (const path of [...paths, `hubspot-crm/${id}`, `hubspot-crm/${id}/`, `hubspot-crm/${id}/${'0'.repeat(32)}`])
        expect((await fetch(`${sandbox.url}/webhooks/${path}`, { method: 'POST', body: '{}' })).status).toBe(404)
    })

    test('a paused connector lets the vendor come again, and loses nothing', async () => {
      await sandbox.post('connectors', { operation: 'PAUSE', connector_code: 'linkedin-api' })
      const given = {
        event: 'lead_generated',
        set: [{ place: '/leadGenFormResponse', value: 'urn:li:leadGenFormResponse:paused' }],
      }
      expect((await simulated('linkedin-api', given)).json).toMatchObject({ ok: false, sent: [{ status: 503 }] })
      await sandbox.post('connectors', { operation: 'RESUME', connector_code: 'linkedin-api' })
      expect((await simulated('linkedin-api', given)).json).toMatchObject({ ok: true, sent: [{ status: 200 }] })
    })
  })

  test("serves the kit's client from the catalogue to the log", async () => {
    const hera = createHera({ baseUrl: sandbox.url, token: sandbox.token, organizationId: OTHER })
    const available = await hera.listAvailable()
    expect(available.ok && available.data.connectors.map(({ code }) => code)).toEqual(
      expect.arrayContaining([...codes]),
    )
    expect(await hera.install(hubspotInstallation, { client_id: 'a', client_secret: 'b' })).toMatchObject({ ok: true })
    expect(await hera.install(hubspotInstallation, { client_id: 'a', client_secret: 'b' })).toMatchObject({
      ok: false,
      error: { reason: 'refused', status: 409, message: expect.stringContaining('ALREADY_INSTALLED') },
    })
    expect(await hera.configure(hubspotInstallation, { portal_id: '987654321' })).toMatchObject({ ok: true })
    const event = createEvent(hubspot, 'contact_deleted', { hubspot_contact_id: '1' })
    expect(await hera.sendEvent(event)).toMatchObject({ ok: true, data: { duplicate: false } })
    expect(await hera.sendEvent(event)).toMatchObject({ ok: true, data: { duplicate: true } })
    expect(await hera.pause({ connector_code: 'hubspot-crm' })).toMatchObject({ ok: true })
    const another = createEvent(hubspot, 'contact_deleted', { hubspot_contact_id: '2' })
    expect(await hera.sendEvent(another)).toMatchObject({ ok: false, error: { status: 409 } })
    expect(await hera.resume({ connector_code: 'hubspot-crm' })).toMatchObject({ ok: true })
    const first = await hera.logs({ limit: 1 })
    const before = first.ok ? (first.data.next_before ?? '') : ''
    expect(first).toMatchObject({ data: { logs: [{ status: 'error', message: 'hubspot-crm is paused' }] } })
    expect(await hera.logs({ limit: 1, before })).toMatchObject({ data: { logs: [{ status: 'success' }] } })
    expect(await hera.uninstall({ connector_code: 'hubspot-crm' })).toMatchObject({ ok: true })
  })

  test('describes itself as valid OpenAPI', async () => {
    const document = (await (await fetch(`${sandbox.url}/openapi.json`)).json()) as Answer
    const { valid, errors } = await new Validator().validate(document)
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(Object.keys(document.paths)).toContain('/webhooks/{connector}/{installation}/{key}')
    expect(document.servers[0].url).toBe(sandbox.url)
  })

  test('reported no error', () => {
    expect(sandbox.errors).toEqual([])
  })
})

describe('signing', () => {
  test('gives what verification takes, by every scheme that has a shared secret', async () => {
    const { verify } = await import('../../generator/kit/verify.ts')
    const body = new TextEncoder().encode('{"a":1}')
    const place = { in: 'header', at: ['X-Signature'], format: '{signature}', multiple: false } as const
    const scheme = {
      signature: place,
      secret: 'secret',
      secret_encoding: 'text',
      encoding: 'hex',
      signed: '{body}',
      weak: false,
    } as const
    for (const extra of [
      { name: 'a', algorithm: 'hmac-sha1' },
      { name: 'b', algorithm: 'hmac-sha512', encoding: 'base64' },
      { name: 'c', algorithm: 'sha256', signed: '{secret}{body}' },
      { name: 'd', algorithm: 'token', signature: { ...place, format: 'Bearer {signature}' } },
      {
        name: 'e',
        algorithm: 'hmac-sha256',
        signature: { ...place, format: 't={timestamp},v1={signature}' },
        signed: '{timestamp}.{body}',
        timestamp: { form: 'unix-seconds', tolerance_seconds: 300 },
      },
      {
        name: 'f',
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        signature: { ...place, format: 'v1,{signature}' },
        secret_encoding: 'base64',
        secret_prefix: 'whsec_',
        signed: '{header:webhook-id}.{timestamp}.{body}',
        timestamp: { in: 'header', at: 'webhook-timestamp', form: 'unix-seconds', tolerance_seconds: 300 },
      },
    ] as const) {
      const webhook = { signatures: [{ ...scheme, ...extra }], max_bytes: 1000 }
      const secrets = { secret: extra.name === 'f' ? 'whsec_c2VjcmV0' : 'top' }
      const signing = await sign(webhook, { method: 'POST', url: 'https://a.example', body }, secrets)
      expect(signing).toMatchObject({ signed: true })
      const headers = new Headers(signing.signed ? signing.headers : {})
      expect([extra.name, await verify(webhook, { method: 'POST', headers, body }, secrets)]).toMatchObject([
        extra.name,
        { verified: true },
      ])
    }
  })

  test('says why it cannot be', async () => {
    const scheme = {
      name: 'a',
      signature: { in: 'header', at: ['X'], format: '{signature}', multiple: false },
      secret: 's',
      secret_encoding: 'hex',
      encoding: 'hex',
      signed: '{body}',
      weak: false,
    } as const
    const unsigned = { method: 'POST', url: 'https://a.example/', body: '' }
    const signed = (algorithm: 'hmac-sha256' | 'ed25519', secrets: Readonly<Record<string, string>>, name?: string) =>
      sign({ signatures: [{ ...scheme, algorithm }], max_bytes: 1000 }, unsigned, secrets, { scheme: name })
    expect(await signed('hmac-sha256', {})).toEqual({ signed: false, reason: 'missing_secret', field: 's' })
    expect(await signed('hmac-sha256', { s: 'no hex' })).toMatchObject({ reason: 'malformed_secret' })
    expect(await signed('ed25519', { s: 'aa' })).toMatchObject({ reason: 'missing_private_key' })
    expect(await signed('hmac-sha256', { s: 'aa' }, 'b')).toMatchObject({ reason: 'unknown_scheme' })
  })
})

test("holds callers to the vendors' limits, and says when to come back", async () => {
  const definitions = mkdtempSync(join(tmpdir(), 'hera-limits-'))
  cpSync(join(root, 'definitions'), definitions, { recursive: true })
  const path = join(definitions, 'zapier-webhook.yaml')
  // Thirty per second as Zapier has them, but within a window that no slow machine outlasts.
  writeFileSync(
    path,
    edit(readFileSync(path, 'utf8'), [
      '    limit: 30\n    per: second\n',
      '    limit: 30\n    per: minute\n    periods: 5\n',
    ]),
  )
  const sandbox = await startSandbox({ definitions: [definitions], rateLimits: true })
  try {
    await install(sandbox, 'zapier-webhook')
    const event = {
      event_source: 'zapier-webhook',
      event_type: 'workflow_triggered',
      connector_code: 'zapier-webhook',
      event_data: {},
    }
    const replies = await Promise.all(Array.from({ length: 40 }, () => sandbox.post('events', event)))
    const limited = replies.filter(({ status }) => status === 429)
    expect(limited).toHaveLength(10)
    expect(Number(limited[0]?.headers.get('retry-after'))).toBeOneOf(
      Array.from({ length: 300 }, (_, index) => index + 1),
    )
    expect(limited[0]?.body).toMatchObject({ error: 'rate_limited' })
    expect((await sandbox.post('events', event, { 'X-Organization-Id': OTHER })).status).toBe(404)
  } finally {
    await sandbox.stop()
    rmSync(definitions, { recursive: true, force: true })
  }
})

describe('definitions that change', () => {
  test('are served at once; one with a mistake is reported, and what was there stays', async () => {
    const definitions = mkdtempSync(join(tmpdir(), 'hera-definitions-'))
    copyFileSync(join(root, 'test', 'fixtures', 'acme-crm.yaml'), join(definitions, 'acme-crm.yaml'))
    const path = join(definitions, 'acme-crm.yaml')
    const text = readFileSync(path, 'utf8')
    const sandbox = await startSandbox({ definitions: [definitions], watch: true })
    const nameOf = async () => {
      const { body } = await sandbox.post('connectors', { operation: 'LIST_AVAILABLE' })
      return body.data.connectors.map(({ name }: Answer) => name)
    }
    try {
      expect(await nameOf()).toEqual(['Acme CRM'])
      writeFileSync(path, text.replace('name: Acme CRM', 'name: Acme Suite'))
      await vi.waitFor(() => expect(sandbox.changes).toHaveLength(1), { timeout: 20_000 })
      expect(await nameOf()).toEqual(['Acme Suite'])
      writeFileSync(path, text.replace('category: crm', 'category: nope'))
      await vi.waitFor(() => expect(sandbox.changes).toHaveLength(2), { timeout: 20_000 })
      expect(sandbox.changes[1]).toMatchObject({ exitCode: 1, json: { ok: false, findings: [{}] } })
      expect(await nameOf()).toEqual(['Acme Suite'])
    } finally {
      await sandbox.stop()
      rmSync(definitions, { recursive: true, force: true })
    }
  })
})

const server = servers.find(({ missing }) => missing === undefined) ?? servers[0]
describe.runIf(server !== undefined && mayRun(server))('real tokens', () => {
  let database: Server
  let sandbox: Sandbox
  let keys: { readonly url: string; readonly close: () => void }
  const issuer = 'https://project.example.com/auth/v1'
  const member = 'eeeeeeee-0000-4000-8000-000000000001'
  let privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

  beforeAll(async () => {
    database = (await server?.start()) as Server
    const sql = postgres(database.url('postgres'), { max: 1, onnotice: () => {} })
    await sql.unsafe(readFileSync(join(root, 'schema', 'hera.sql'), 'utf8')).simple()
    const pair = await generateKeyPair('ES256')
    privateKey = pair.privateKey
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256', use: 'sig' }] })
    const served = createServer((_, response) => response.setHeader('content-type', 'application/json').end(jwks))
    await new Promise<void>((resolve) => served.listen(0, '127.0.0.1', resolve))
    keys = {
      url: `http://127.0.0.1:${(served.address() as AddressInfo).port}/jwks.json`,
      close: () => served.close(),
    }
    sandbox = await startSandbox({ databaseUrl: database.url('postgres'), jwks: keys.url, issuer })
    await sql.unsafe(`
      insert into core_entities (id, organization_id, entity_type, entity_name, smart_code, created_by, updated_by) values
        ('${member}', '${LOCAL}', 'USER', 'Ann', 'HERA.PLATFORM.USER.ENTITY.ANN.v1', '${member}', '${member}'),
        ('${LOCAL}', '${LOCAL}', 'ORGANIZATION', 'Local', 'HERA.PLATFORM.ORG.ENTITY.LOCAL.v1', '${member}', '${member}');
      insert into core_relationships (organization_id, from_entity_id, to_entity_id, relationship_type, smart_code, created_by, updated_by)
      values ('${LOCAL}', '${member}', '${LOCAL}', 'MEMBER_OF', 'HERA.PLATFORM.USER.MEMBER.ORG.v1', '${member}', '${member}')`)
    await sql.end()
  })
  afterAll(async () => {
    await sandbox?.stop()
    keys?.close()
    await database?.stop()
  })

  const token = (claims: { readonly sub?: string; readonly iss?: string; readonly exp?: string } = {}) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'ES256' })
      .setSubject(claims.sub ?? member)
      .setIssuer(claims.iss ?? issuer)
      .setExpirationTime(claims.exp ?? '5m')
      .sign(privateKey)
  const list = async (bearer: string, organization = LOCAL) =>
    sandbox.post(
      'connectors',
      { operation: 'LIST' },
      { Authorization: `Bearer ${bearer}`, 'X-Organization-Id': organization },
    )

  test('let a member into his organization, and into no other', async () => {
    expect(await list(await token())).toMatchObject({ status: 200, body: { actor: { user_id: member } } })
    expect(await list(await token(), OTHER)).toMatchObject({ status: 403, body: { error: 'actor_not_member' } })
    expect((await list(await token({ sub: 'eeeeeeee-0000-4000-8000-000000000009' }))).status).toBe(403)
  })

  test('that are old, of another issuer, of nobody or of another key let nobody in', async () => {
    const { privateKey: other } = await generateKeyPair('ES256')
    const forged = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256' })
      .setSubject(member)
      .setIssuer(issuer)
      .setExpirationTime('5m')
      .sign(other)
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ sub: member, iss: issuer, exp: 4e9 }))}.`
    for (const bearer of [
      await token({ exp: '-1m' }),
      await token({ iss: 'https://evil.example' }),
      await token({ sub: 'nobody' }),
      forged,
      unsigned,
    ])
      expect(await list(bearer)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
  })
})

async function signedIn(sandbox: Sandbox, path: string): Promise<string> {
  const response = await fetch(`${sandbox.url}${path}`, { headers: { cookie: await signIn(sandbox) } })
  return response.text()
}

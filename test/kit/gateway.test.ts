import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { tokenVerifier } from '../../generator/kit/bearer-token.ts'
import type { CallFunction } from '../../generator/kit/database.ts'
import { DatabaseError } from '../../generator/kit/database.ts'
import type { GatewayOptions } from '../../generator/kit/gateway.ts'
import { gateway } from '../../generator/kit/gateway.ts'
import { webhookAddress } from '../../generator/kit/gateway-webhooks.ts'
import { sign } from '../../generator/kit/sign.ts'
import type { CallerRequest } from '../fixtures/hera-callers.ts'
import {
  availableConnector,
  controlCenter,
  event,
  hub,
  installedConnector,
  logEntry,
} from '../fixtures/hera-callers.ts'
import { acme, connectorOf, edit } from '../support/acme.ts'
import type { TestDatabase } from '../support/databases.ts'
import { databases, openAsProduction } from '../support/databases.ts'
import { callOf, JWT_SECRET, makeUser, tokenOf, verifyToken } from '../support/gateway.ts'
import type { Answer } from '../support/runtime.ts'
import { KEY, prepareRuntime } from '../support/runtime.ts'
import { mayRun } from '../support/servers.ts'
import { webhookOf } from '../support/webhook.ts'

const A = 'aaaaaaaa-0000-4000-8000-000000000001'
const B = 'bbbbbbbb-0000-4000-8000-000000000001'
const [ADMIN, MEMBER, STRANGER, OTHER] = [1, 2, 3, 4].map((number) => ({
  id: `eeeeeeee-0000-4000-8000-00000000000${number}`,
  subject: `dddddddd-0000-4000-8000-00000000000${number}`,
})) as [User, User, User, User]
type User = Readonly<Record<'id' | 'subject', string>>

/** A connector with one secret, whose name the hub does not know. */
const tides = edit(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'tide-tables.yaml'), 'utf8'),
  ['status: draft', 'status: active'],
  ['    api_key:\n', '    account_key:\n'],
  ['{api_key}', '{account_key}'],
)
const files = { 'acme-crm.yaml': acme, 'tide-tables.yaml': tides }
const connector = connectorOf(acme)
const webhook = webhookOf(connector)
const schemas = Object.fromEntries(connector.events.map(({ name, data }) => [name, data])) as never
const configuration = { client_id: 'acme0001', client_secret: 'top-secret-one', tenant_id: '4711' }
const contact = {
  ...{ event_source: 'acme-crm', event_type: 'contact_created', connector_code: 'acme-crm' },
  ...{ event_data: { contact_id: 'c_1' }, smart_code: 'HERA.ACME.EVENT.CONTACT.CREATED.v1' },
}
const webhooks = { url: 'https://app.example.com/api/v2/integrations', key: 'k'.repeat(32) }
const ajv = new Ajv2020({ allErrors: true })

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Answer
}

describe.each(databases)('$name', (kind) => {
  const title = kind.missing === undefined ? 'the gateway' : `the gateway (skipped: ${kind.missing})`
  describe.runIf(mayRun(kind))(title, () => {
    let database: TestDatabase
    let calls: string[] = []
    let handle: (request: Request) => Promise<Response>

    const options = (given: Partial<GatewayOptions> = {}): GatewayOptions => {
      const call = callOf(database)
      const counting: CallFunction = (name, args) => {
        calls.push(name)
        return call(name, args)
      }
      return { call: counting, verifyToken, connectors: { 'acme-crm': { schemas, webhook } }, webhooks, ...given }
    }

    beforeAll(async () => {
      database = await kind.open()
      await openAsProduction(database)
      await prepareRuntime(database, files, [A, B])
    })
    afterAll(() => database?.close())

    beforeEach(async () => {
      await database.exec(`
        reset role;
        set hera.connectors_key = '${KEY}';
        delete from core_entities where organization_id in ('${A}', '${B}') or entity_type = 'USER' or entity_code = 'my-shop'`)
      await makeUser(database, { ...ADMIN, organization: A, role: 'ORG_ADMIN' })
      await makeUser(database, { ...MEMBER, organization: A })
      await makeUser(database, STRANGER)
      await makeUser(database, { ...OTHER, organization: B, role: 'ORG_OWNER' })
      calls = []
      handle = gateway(options())
    })

    const post = async (
      path: string,
      body: unknown,
      { user = ADMIN, headers = {} }: { readonly user?: User; readonly headers?: object } = {},
    ): Promise<Reply> => {
      const response = await handle(
        new Request(`https://app.example.com/api/v2/integrations/${path}`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${tokenOf(user.subject)}`,
            'x-organization-id': user === OTHER ? B : A,
            'content-type': 'application/json',
            ...headers,
          },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      )
      return { status: response.status, headers: response.headers, body: await response.json() }
    }
    const send = ({ endpoint, body }: CallerRequest, by: object = {}) => post(endpoint, body, by)
    const install = (user = ADMIN) =>
      post(
        'connectors',
        { operation: 'INSTALL', connector_code: 'acme-crm', installation_config: configuration },
        { user },
      )

    describe('refuses, and calls no function as service_role,', () => {
      const future = Math.floor(Date.now() / 1000) + 3600
      const list = hub.available.body
      test.each<[string, string, unknown, object, number, string]>([
        ['without a token', 'connectors', list, { headers: { authorization: '' } }, 401, 'invalid_token'],
        ['with another scheme', 'connectors', list, { headers: { authorization: 'Basic eDp5' } }, 401, 'invalid_token'],
        [
          'with a token of another secret',
          'connectors',
          list,
          { headers: { authorization: `Bearer ${tokenOf(ADMIN.subject, {}, 'x'.repeat(40))}` } },
          401,
          'invalid_token',
        ],
        ...(
          [
            ['that has expired', { exp: 1 }, 'HS256'],
            ['that is not valid yet', { nbf: future }, 'HS256'],
            ['for another audience', { aud: 'anon' }, 'HS256'],
            ['without a subject', { sub: undefined }, 'HS256'],
            ['without an end', { exp: undefined }, 'HS256'],
            ['that nobody has signed', {}, 'none'],
            ['of an unknown algorithm', {}, 'RS256'],
          ] as const
        ).map(
          ([name, claims, alg]) =>
            [
              `with a token ${name}`,
              'connectors',
              list,
              { headers: { authorization: `Bearer ${tokenOf(ADMIN.subject, claims, JWT_SECRET, alg)}` } },
              401,
              'invalid_token',
            ] as [string, string, unknown, object, number, string],
        ),
        [
          'without an organization',
          'logs',
          {},
          { headers: { 'x-organization-id': '' } },
          400,
          'no_organization_context',
        ],
        [
          'with one that is not a UUID',
          'logs',
          {},
          { headers: { 'x-organization-id': "a' or" } },
          400,
          'no_organization_context',
        ],
      ])('%s', async (_, path, body, by, status, error) => {
        const reply = await post(path, body, by)
        expect(reply).toMatchObject({ status, body: { error, rid: expect.stringMatching(/^[\da-f-]{36}$/) } })
        expect(reply.headers.get('x-request-id')).toBe(reply.body.rid)
        expect(calls).toEqual([])
      })

      const resolved = ['hera_integration_access_v1']
      const nobody = { id: STRANGER.id, subject: 'dddddddd-0000-4000-8000-000000000009' }
      test.each<[string, string, object, object, number, string]>([
        ['for a sign-in without a user', 'logs', {}, { user: nobody }, 403, 'actor_unknown'],
        ['for a user without membership', 'logs', {}, { user: STRANGER }, 403, 'actor_not_member'],
        [
          'for a member of another organization',
          'logs',
          {},
          { user: OTHER, headers: { 'x-organization-id': A } },
          403,
          'actor_not_member',
        ],
        ['for an event of a stranger', 'events', contact, { user: STRANGER }, 403, 'actor_not_member'],
        ...['INSTALL', 'CONFIGURE', 'PAUSE', 'RESUME', 'UNINSTALL', 'CREATE_DEFINITION', 'EXPLODE'].map(
          (operation) =>
            [
              `for ${operation} by a member without a role`,
              'connectors',
              { operation, connector_code: 'acme-crm' },
              { user: MEMBER },
              403,
              'actor_not_connector_administrator',
            ] as [string, string, object, object, number, string],
        ),
        [
          'for a smart code that the guardrail refuses',
          'events',
          { ...contact, smart_code: 'HERA.INTEGRATION.EVENT.CONTACT_CREATED.v1' },
          {},
          400,
          'guardrail_violation:SMARTCODE_REGEX_FAIL',
        ],
        [
          'for a smart code in a list',
          'connectors',
          { operation: 'LIST', smart_code: 'x' },
          {},
          400,
          'guardrail_violation:SMARTCODE_REGEX_FAIL',
        ],
        [
          'for a body of another type',
          'logs',
          {},
          { headers: { 'content-type': 'text/plain' } },
          400,
          'integration_validation:CONTENT_TYPE',
        ],
        [
          'for an event without its type',
          'events',
          { ...contact, event_type: '' },
          {},
          400,
          'integration_validation:EVENT_TYPE_REQUIRED',
        ],
        [
          'for an event without its source',
          'events',
          { ...contact, event_source: undefined },
          {},
          400,
          'integration_validation:EVENT_SOURCE_REQUIRED',
        ],
        [
          'for an event without its connector',
          'events',
          { ...contact, connector_code: undefined },
          {},
          400,
          'integration_validation:CONNECTOR_CODE_REQUIRED',
        ],
      ])('%s', async (_, path, body, by, status, error) => {
        expect(await post(path, body, by)).toMatchObject({ status, body: { error, rid: expect.any(String) } })
        expect(calls).toEqual(resolved)
      })

      test('for malformed JSON, a list, or a body that is too large', async () => {
        for (const body of ['{', '[]', 'null', '"x"', `{"a":"${'x'.repeat(1_100_000)}"}`]) {
          const { status } = await post('logs', body)
          expect(status).toBeGreaterThanOrEqual(400)
          expect(status).toBeLessThan(500)
        }
        const deep = `{"event_data":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
        expect(await post('events', deep)).toMatchObject({
          status: 400,
          body: { error: 'integration_validation:BODY_TOO_DEEP' },
        })
        expect(new Set(calls)).toEqual(new Set(resolved))
      })

      test('at other addresses and by other methods', async () => {
        expect(await post('nothing', {})).toMatchObject({ status: 404 })
        expect(await post('toString', {})).toMatchObject({ status: 404 })
        const response = await handle(new Request('https://app.example.com/api/v2/integrations/logs'))
        expect(response.status).toBe(405)
        expect(response.headers.get('allow')).toBe('POST')
        expect(calls).toEqual([])
      })
    })

    describe('serves the pages of HERA', () => {
      const matches = (schema: object, values: readonly unknown[]) => {
        expect(values.length).toBeGreaterThan(0)
        for (const value of values) {
          const validate = ajv.compile(schema)
          expect({ value, errors: validate(value) ? null : validate.errors }).toEqual({ value, errors: null })
        }
      }

      test('the hub, from the catalogue to the log', async () => {
        const available = (await send(hub.available)).body.data
        matches(availableConnector, available.connectors)
        expect(available.connectors.map(({ code, is_installed }: Answer) => [code, is_installed])).toEqual([
          ['acme-crm', false],
          ['tide-tables', false],
        ])
        const installed = await send(hub.install('tide-tables', { api_key: 'top-secret' }))
        expect(installed).toMatchObject({ status: 200, body: { data: { success: true }, org: { organization_id: A } } })
        const { installation_id: id } = installed.body.data
        expect((await send(hub.available)).body.data.connectors[1]).toMatchObject({
          is_installed: true,
          installation_id: id,
        })
        matches(installedConnector, (await send(hub.installed)).body.data.connectors)
        expect((await send(hub.pause(id))).body.data).toMatchObject({ success: true, status: 'paused' })
        expect((await send(hub.installed)).body.data.connectors[0]).toMatchObject({ status: 'paused' })
        await install()
        expect(await send(event(contact))).toMatchObject({ status: 200, body: { data: { duplicate: false } } })
        expect(await send(event({ ...contact, event_data: { contact_id: 'wrong' } }))).toMatchObject({
          status: 400,
          body: {
            error: 'integration_refused:EVENT_DATA_INVALID',
            message: expect.stringContaining('/contact_id must match pattern'),
          },
        })
        const { logs } = (await send(hub.logs)).body.data
        matches(logEntry, logs)
        expect(logs.map(({ status }: Answer) => status)).toEqual(['error', 'success'])
        const [acmeCrm] = (await send(hub.installed)).body.data.connectors
        expect(acmeCrm).toMatchObject({ events_today: 2, success_rate: 50, last_sync: expect.stringMatching(/^20/) })
      })

      test('the hub is told what it cannot know', async () => {
        const several = await send(hub.install('acme-crm', { api_key: 'x' }))
        expect(several).toMatchObject({
          status: 400,
          body: {
            error: 'integration_validation:CONFIGURATION_INVALID',
            message: expect.stringContaining(
              'api_key is short for the only secret of a connector, and this one has client_secret, verify_token',
            ),
          },
        })
        const address = await send(hub.install('tide-tables', { api_key: 'x', webhook_url: 'https://a.example' }))
        expect(address.body.message).toContain(
          'webhook_url is short for the only address of a connector, and this one has none',
        )
        expect(
          (await send(hub.install('acme-crm', { ...configuration, enabled_events: ['nope'] }))).body.message,
        ).toContain('nope')
      })

      test('an installation with some events skips the others, and logs that', async () => {
        const config = { ...configuration, enabled_events: ['contact_polled'] }
        await post('connectors', { operation: 'INSTALL', connector_code: 'acme-crm', installation_config: config })
        const given = event({ ...contact, idempotency_key: 'k' })
        for (let time = 0; time < 2; time += 1)
          expect(await send(given)).toMatchObject({ status: 200, body: { data: { skipped: true, duplicate: false } } })
        const { logs } = (await send(hub.logs)).body.data
        expect(logs).toMatchObject([{ attempts: 2, message: expect.stringContaining('skipped') }])
        const all = { ...configuration, enabled_events: '' }
        await post('connectors', { operation: 'CONFIGURE', connector_code: 'acme-crm', installation_config: all })
        expect((await send(given)).body.data).toMatchObject({ success: true, duplicate: false })
      })

      test('the control center makes definitions that nobody else sees, and seeds leave alone', async () => {
        const config = { display_name: 'My shop', supported_events: ['order_paid'] }
        const made = await send(controlCenter.createDefinition('my-shop', config))
        expect(made).toMatchObject({ status: 200, body: { data: { success: true } } })
        expect((await send(controlCenter.list)).body.data.connectors).toMatchObject([{ code: 'my-shop' }])
        matches(availableConnector, (await send(hub.available)).body.data.connectors)
        const others = (await send(hub.available, { user: OTHER })).body.data.connectors
        expect(others.map(({ code }: Answer) => code)).not.toContain('my-shop')
        expect((await send(hub.install('my-shop'))).body.data).toMatchObject({ success: true })
        const paid = { event_source: 'my-shop', event_type: 'order_paid', connector_code: 'my-shop', event_data: {} }
        expect((await send(event(paid))).body.data).toMatchObject({
          smart_code: 'HERA.CUSTOM.MY_SHOP.EVENT.ORDER_PAID.v1',
        })
        for (const [code, wrong] of [
          ['acme-crm', config],
          ['My Shop', config],
          ['my-shop', []],
          ['my-shop', { supported_events: 'x' }],
          ['my-shop', { event_mappings: { a_b: { hera_smart_code: 'x' } } }],
        ] as const)
          expect((await send(controlCenter.createDefinition(code, wrong))).status).toBeGreaterThanOrEqual(400)
      })

      test('a definition without a name has its code as its name', async () => {
        const config = { display_name: null, supported_events: ['order_paid'] }
        expect(await send(controlCenter.createDefinition('my-shop', config as never))).toMatchObject({ status: 200 })
      })

      test('lists are read page by page, and as summaries', async () => {
        const first = await post('connectors', { operation: 'LIST_AVAILABLE', options: { summary: true, limit: 1 } })
        expect(first.body.data).toMatchObject({ connectors: [{ code: 'acme-crm' }], next_after: 'acme-crm' })
        expect(first.body.data.connectors[0]).not.toHaveProperty('config')
        const second = await post('connectors', {
          operation: 'LIST_AVAILABLE',
          options: { limit: 1, after: 'acme-crm' },
        })
        expect(second.body.data.connectors).toMatchObject([{ code: 'tide-tables', config: {} }])
        for (const limit of [0, 1001, 'x', 1.5])
          expect(await post('connectors', { operation: 'LIST', options: { limit } })).toMatchObject({ status: 400 })
      })
    })

    describe('receives webhooks', () => {
      const deliver = async (address: string, given: Partial<Record<'secret' | 'tenant' | 'contact', string>> = {}) => {
        const { secret = 'top-secret-one', tenant = '4711', contact: contactId = 'c_1' } = given
        const body = JSON.stringify({ changes: [{ type: 'contact.created', contact: { id: contactId } }] })
        const headers = { 'x-acme-tenant': tenant, 'content-type': 'application/json' }
        const signed = await sign(webhook, { method: 'POST', url: address, body, headers }, { client_secret: secret })
        if (!signed.signed) throw new Error(signed.reason)
        return handle(new Request(address, { method: 'POST', headers: signed.headers, body: signed.body }))
      }

      test('at the address of an installation, which a list shows', async () => {
        const { installation_id: id } = (await install()).body.data
        const [{ webhook_url: address }] = (await send(hub.installed)).body.data.connectors
        expect(address).toBe(await webhookAddress(webhooks, 'acme-crm', id))
        expect((await deliver(address)).status).toBe(200)
        expect((await deliver(address, { secret: 'another' })).status).toBe(401)
        expect((await send(hub.logs)).body.data.logs).toMatchObject([
          { event_type: 'contact_created', status: 'success' },
        ])
        const otherKey = await webhookAddress({ ...webhooks, key: 'x'.repeat(32) }, 'acme-crm', id)
        expect((await deliver(otherKey)).status).toBe(404)
        await send(hub.pause(id))
        expect((await deliver(address)).status).toBe(200)
        await post('connectors', { operation: 'UNINSTALL', connector_code: 'acme-crm' })
        expect((await deliver(address)).status).toBe(404)
      })

      test('at the address of all installations, each for its own organization', async () => {
        await install()
        await post(
          'connectors',
          {
            operation: 'INSTALL',
            connector_code: 'acme-crm',
            installation_config: { ...configuration, client_secret: 'top-secret-two', tenant_id: '4712' },
          },
          { user: OTHER },
        )
        const address = await webhookAddress(webhooks, 'acme-crm')
        expect((await deliver(address)).status).toBe(200)
        expect((await send(hub.logs)).body.data.logs).toHaveLength(1)
        expect((await send(hub.logs, { user: OTHER })).body.data.logs).toEqual([])
        expect((await deliver(address, { tenant: '4712' })).status).toBe(401)
        expect((await deliver(address, { tenant: '4712', secret: 'top-secret-two' })).status).toBe(200)
        expect((await send(hub.logs, { user: OTHER })).body.data.logs).toHaveLength(1)
      })

      test('with the secrets of the app only for organizations whose account the vendor has named', async () => {
        const { installation_id: id } = (await install()).body.data
        await install(OTHER)
        const unrouted: string[] = []
        const shared = {
          ...webhooks,
          appSecrets: { 'acme-crm': { client_secret: 'top-secret-app' } },
          onUnrouted: (_: string, all: readonly { readonly reason: string }[]) =>
            unrouted.push(...all.map(({ reason }) => reason)),
        }
        const address = await webhookAddress(webhooks, 'acme-crm')
        const amounts = async () => [
          (await send(hub.logs)).body.data.logs.length,
          (await send(hub.logs, { user: OTHER })).body.data.logs.length,
        ]
        handle = gateway(options({ webhooks: shared }))
        expect((await deliver(address, { secret: 'top-secret-app' })).status).toBe(200)
        expect(await amounts()).toEqual([0, 0])
        expect(unrouted).toEqual(['not_proven'])
        handle = gateway(options({ webhooks: { ...shared, trustTypedValues: ['acme-crm'] } }))
        expect((await deliver(address, { secret: 'top-secret-app' })).status).toBe(200)
        expect(await amounts()).toEqual([1, 1])
        await callOf(database)('hera_integration_tokens_v1', {
          ...{ p_organization_id: A, p_installation_id: id, p_operation: 'SAVE' },
          ...{ p_tokens: { access_token: 'top-secret-token' }, p_kept: { tenant_id: '4711' } },
        })
        handle = gateway(options({ webhooks: shared }))
        expect((await deliver(address, { secret: 'top-secret-app', contact: 'c_2' })).status).toBe(200)
        expect(await amounts()).toEqual([2, 1])
        expect(unrouted).toEqual(['not_proven'])
      })

      test('for a paused installation: its own address is repeated, the one of all is not', async () => {
        const { installation_id: id } = (await install()).body.data
        await send(hub.pause(id))
        expect((await deliver(await webhookAddress(webhooks, 'acme-crm', id))).status).toBe(503)
        expect((await deliver(await webhookAddress(webhooks, 'acme-crm'), { contact: 'c_2' })).status).toBe(200)
        const { logs } = (await send(hub.logs)).body.data
        expect(logs.map(({ status }: Answer) => status)).toEqual(['error', 'error'])
        expect(JSON.stringify(logs)).toMatch(/paused/i)
      })

      test('within limits for each sender and installation', async () => {
        const { installation_id: id } = (await install()).body.data
        handle = gateway(options({ webhooks: { ...webhooks, limits: { perInstallation: 2 } } }))
        const address = await webhookAddress(webhooks, 'acme-crm', id)
        const statuses = []
        for (let time = 0; time < 4; time += 1) statuses.push((await deliver(address)).status)
        expect(statuses).toEqual([200, 200, 429, 429])
        handle = gateway(options({ webhooks: { ...webhooks, limits: { perSender: 1 } } }))
        // Senders that nobody knows do not share a limit.
        for (let time = 0; time < 2; time += 1) expect((await deliver(address)).status).toBe(200)
        const from = (sender: string) =>
          handle(
            new Request('https://app.example.com/api/v2/integrations/webhooks/acme-crm/nothing', {
              method: 'POST',
              headers: { 'x-forwarded-for': sender },
            }),
          )
        expect((await from(`${'x'.repeat(64)}1`)).status).toBe(404)
        const limited = await from(`${'x'.repeat(64)}2`)
        expect(limited.status).toBe(429)
        expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(await limited.json()).toMatchObject({ error: 'rate_limit_exceeded', rid: expect.any(String) })
      })
    })

    test('answers pages of other hosts that are named, and no others', async () => {
      handle = gateway(options({ origins: ['https://hera.example.com'] }))
      const preflight = (origin: string) =>
        handle(
          new Request('https://app.example.com/api/v2/integrations/logs', {
            method: 'OPTIONS',
            headers: { origin, 'access-control-request-method': 'POST' },
          }),
        )
      const allowed = await preflight('https://hera.example.com')
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://hera.example.com')
      expect((await preflight('https://evil.example.com')).headers.get('access-control-allow-origin')).toBeNull()
    })

    test.each(['57014', '55P03', '40P01'])('answers 503 for %s of a busy database', async (code) => {
      const call: CallFunction = async () => {
        throw new DatabaseError({ code, message: 'busy' })
      }
      handle = gateway(options({ call }))
      expect(await post('logs', {})).toMatchObject({ status: 503, body: { error: 'integration_unavailable:DATABASE' } })
    })

    test('answers 503 while there are no keys for tokens, also between two attempts', async () => {
      const fetchKeys: typeof fetch = async () => new Response('', { status: 500 })
      const keys = 'https://id.example.com/jwks'
      handle = gateway(options({ verifyToken: tokenVerifier({ keys, fetch: fetchKeys }) }))
      const headers = { authorization: `Bearer ${tokenOf('u', {}, JWT_SECRET, 'ES256')}` }
      for (let time = 0; time < 2; time += 1)
        expect(await post('logs', {}, { headers })).toMatchObject({
          status: 503,
          body: { error: 'integration_unavailable:TOKEN_KEYS' },
        })
    })

    test('reports what nobody expected, and does not show it to the caller', async () => {
      const seen: unknown[] = []
      const call: CallFunction = async () => {
        throw new Error('top-secret')
      }
      handle = gateway(options({ call, onError: (error) => seen.push(error) }))
      const reply = await post('logs', {})
      expect(reply).toMatchObject({ status: 500, body: { error: 'internal_error', rid: expect.any(String) } })
      expect(JSON.stringify(reply.body)).not.toContain('top-secret')
      expect(seen).toHaveLength(1)
    })
  })
})

describe('tokens', () => {
  test('are verified by public keys, which are fetched once', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const jwk = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'one', alg: 'ES256' }
    let fetched = 0
    const send: typeof fetch = async () => {
      fetched += 1
      return Response.json({ keys: [jwk] })
    }
    const signed = async (header: object, claims: object) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const text = `${part({ alg: 'ES256', kid: 'one', ...header })}.${part({ sub: 'u', aud: 'authenticated', exp: 4e9, ...claims })}`
      const bytes = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, Buffer.from(text))
      return `${text}.${Buffer.from(bytes).toString('base64url')}`
    }
    const rules = { keys: 'https://id.example.com/jwks', issuer: 'https://id.example.com', fetch: send }
    const verify = tokenVerifier(rules)
    expect(await verify(await signed({}, { iss: rules.issuer }))).toBe('u')
    expect(await verify(await signed({}, { iss: 'https://evil.example.com' }))).toBeUndefined()
    expect(await verify(await signed({ crit: ['x'] }, { iss: rules.issuer }))).toBeUndefined()
    // A public key is not a shared secret.
    const forged = tokenOf('u', { iss: rules.issuer }, JSON.stringify(jwk))
    expect(await verify(forged)).toBeUndefined()
    for (let id = 0; id < 20; id += 1)
      expect(await verify(await signed({ kid: `unknown ${id}` }, { iss: rules.issuer }))).toBeUndefined()
    expect(fetched).toBeLessThanOrEqual(2)
    for (const text of ['', '.', '..', 'a.b.c', 'a.b', 'x'.repeat(20_000)]) expect(await verify(text)).toBeUndefined()
  })
})

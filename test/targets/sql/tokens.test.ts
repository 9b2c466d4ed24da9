import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CallFunction } from '../../../generator/kit/database.ts'
import { installationLookup } from '../../../generator/kit/installation-lookup.ts'
import type { OAuth } from '../../../generator/kit/oauth.ts'
import { tokenSource } from '../../../generator/kit/token-source.ts'
import { tokenStore } from '../../../generator/kit/token-store.ts'
import { acme, edit } from '../../support/acme.ts'
import type { TestDatabase } from '../../support/databases.ts'
import { databases, openAsProduction } from '../../support/databases.ts'
import type { Answer } from '../../support/runtime.ts'
import { ACTOR, call, fault, KEY, prepareRuntime } from '../../support/runtime.ts'
import { scriptsOf } from '../../support/seeds.ts'
import { mayRun } from '../../support/servers.ts'

const A = 'aaaaaaaa-0000-4000-8000-000000000001'
const B = 'bbbbbbbb-0000-4000-8000-000000000001'
const configuration = { client_id: 'acme0001', client_secret: 'top-secret-one' }
const shops = edit(
  acme,
  ['code: acme-crm', 'code: shop-crm'],
  ['namespace: ACME', 'namespace: SHOP'],
  ['      example: "4711"\n', '      example: shop.acme.example\n      suffix: .acme.example\n'],
)
const files = { 'acme-crm.yaml': acme, 'shop-crm.yaml': shops }
const tokens = { access_token: 'at-top-secret', refresh_token: 'rt-top-secret', expires_at: '2031-07-08T09:10:11.000Z' }

const description: OAuth = {
  ...{ connector: 'acme-crm', grant: 'authorization_code', authorization_url: 'https://v.example.com/a' },
  ...{ token_url: 'https://v.example.com/t', client_id: 'client_id', client_secret: 'client_secret' },
  ...{ client_authentication: 'client_secret_post', scopes: [], scope_separator: ' ', pkce: false },
  ...{ token_method: 'POST', refresh: 'refresh_token', refresh_before_seconds: 60 },
}

/** A vendor whose refresh tokens are valid once. */
function vendor(first: string) {
  let valid = first
  let requests = 0
  const send: typeof fetch = async (input, init) => {
    const sent = new URLSearchParams(await new Request(input, init).text()).get('refresh_token')
    requests += 1
    if (sent !== valid) return Response.json({ error: 'invalid_grant' }, { status: 400 })
    valid = `rt-${requests}`
    return Response.json({ access_token: `at-${requests}`, refresh_token: valid, expires_in: 3600 })
  }
  return { options: { fetch: send }, requests: () => requests }
}

describe.each(databases)('$name', (kind) => {
  const title = kind.missing === undefined ? 'tokens and routing' : `tokens and routing (skipped: ${kind.missing})`
  describe.runIf(mayRun(kind))(title, () => {
    let database: TestDatabase

    beforeAll(async () => {
      database = await kind.open()
      await openAsProduction(database)
      await prepareRuntime(database, files, [A, B])
    })
    afterAll(() => database?.close())

    beforeEach(async () => {
      await database.exec(`
        reset role;
        set request.jwt.claims = '';
        set hera.connectors_key = '${KEY}';
        set hera.connectors_key_previous = '';
        delete from core_entities where organization_id in ('${A}', '${B}')`)
    })

    const operate = (operation: string, given: object = {}, organization = A): Promise<Answer> =>
      call(database, 'hera_integration_connector_v1', {
        p_actor_user_id: ACTOR,
        p_organization_id: organization,
        p_operation: operation,
        p_connector_code: 'acme-crm',
        ...given,
      })
    const install = async (given: object = {}, organization = A, code = 'acme-crm'): Promise<string> => {
      const config = { p_connector_code: code, p_installation_config: { ...configuration, ...given } }
      return (await operate('INSTALL', config, organization)).installation_id
    }
    const request = (id: string, operation: string, given: object = {}, organization = A): Promise<Answer> =>
      call(database, 'hera_integration_tokens_v1', {
        p_organization_id: organization,
        p_installation_id: id,
        p_operation: operation,
        ...given,
      })
    const route = (value: string, given: object = {}, code = 'acme-crm'): Promise<Answer> =>
      call(database, 'hera_integration_route_v1', { p_connector_code: code, p_value: value, ...given })
    const callOf =
      (session: Pick<TestDatabase, 'exec'>): CallFunction =>
      (name, given) =>
        call(session, name, given)
    /** The rows of an installation as text. */
    const stored = async (id: string): Promise<string> => {
      const { rows } = await database.exec(
        `select coalesce(string_agg(to_jsonb(d)::text, ''), '') as text from core_dynamic_data d where entity_id = '${id}'`,
      )
      return String(rows[0]?.text)
    }

    describe('tokens', () => {
      test('are stored encrypted, given back, and deleted', async () => {
        const id = await install()
        expect(await request(id, 'GET')).toEqual({ success: true, tokens: null, version: null })
        const saved = await request(id, 'SAVE', { p_tokens: tokens })
        expect(saved).toMatchObject({ success: true, saved: true })
        expect(await request(id, 'GET')).toEqual({ success: true, tokens, version: saved.version })
        expect(await stored(id)).not.toMatch(/top-secret|2031-07-08/)
        expect(JSON.stringify(await operate('LIST'))).not.toContain('top-secret')
        await request(id, 'DELETE')
        expect(await request(id, 'GET')).toMatchObject({ tokens: null })
      })

      test('end with the installation', async () => {
        const id = await install()
        await request(id, 'SAVE', { p_tokens: tokens })
        await operate('UNINSTALL')
        expect((await fault(request(id, 'GET'))).message).toBe(`integration_not_found:INSTALLATION: ${id}`)
        await install()
        expect(await request(id, 'GET')).toMatchObject({ tokens: null })
      })

      test('are for service_role, and for the installation of the organization', async () => {
        const id = await install()
        await request(id, 'SAVE', { p_tokens: tokens })
        expect(await fault(request(id, 'GET', {}, B))).toMatchObject({ code: 'HC404' })
        await database.exec((await scriptsOf(files))['grant-authenticated.sql'] ?? '')
        for (const role of ['anon', 'authenticated']) {
          await database.exec(`reset role; set role ${role}`)
          expect((await fault(request(id, 'GET'))).code).toBe('42501')
          expect((await fault(route('4711'))).code).toBe('42501')
        }
        await database.exec('reset role; set role service_role')
        expect(await request(id, 'GET')).toMatchObject({ tokens })
      })

      test.each<[string, object, string]>([
        ['EXPLODE', {}, 'OPERATION_UNKNOWN: EXPLODE'],
        ['SAVE', { p_tokens: {} }, 'TOKENS_INVALID'],
        ['SAVE', { p_tokens: [] }, 'TOKENS_INVALID'],
        ['SAVE', { p_tokens: { access_token: 'x'.repeat(70_000) } }, 'TOKENS_INVALID'],
        ['LEASE', { p_lease_seconds: 0 }, 'LEASE_OUT_OF_RANGE'],
        ['LEASE', { p_lease_seconds: 601 }, 'LEASE_OUT_OF_RANGE'],
      ])('are refused in %s %j', async (operation, given, message) => {
        const id = await install()
        expect(await fault(request(id, operation, given))).toEqual({
          code: 'HC400',
          message: `integration_validation:${message}`,
        })
        expect(await request(id, 'GET')).toMatchObject({ tokens: null })
      })

      test('are leased to one caller, until it releases, saves or is too late', async () => {
        const id = await install()
        await request(id, 'SAVE', { p_tokens: tokens })
        const first = await request(id, 'LEASE')
        expect(first).toMatchObject({ leased: true, tokens })
        const second = await request(id, 'LEASE')
        expect(second).toMatchObject({ leased: false, version: first.version })
        expect(second.wait_ms).toBeGreaterThan(50_000)
        await request(id, 'RELEASE', { p_lease_id: '00000000-0000-4000-8000-000000000009' })
        expect(await request(id, 'LEASE')).toMatchObject({ leased: false })
        await request(id, 'RELEASE', { p_lease_id: first.lease_id })
        const third = await request(id, 'LEASE', { p_lease_seconds: 1 })
        expect(third).toMatchObject({ leased: true })
        await database.exec(`
          update core_dynamic_data set field_value_json = jsonb_set(field_value_json, '{lease,until}', '"2020-01-01"'), updated_by = '${ACTOR}'
           where entity_id = '${id}' and field_name = 'installation_tokens'`)
        const fourth = await request(id, 'LEASE')
        expect(fourth).toMatchObject({ leased: true })
        const newer = { access_token: 'newer' }
        const by = { p_lease_id: fourth.lease_id, p_version: fourth.version }
        expect(await request(id, 'SAVE', { ...by, p_tokens: newer })).toMatchObject({ saved: true })
        // The third caller comes back with tokens of before.
        const late = { p_lease_id: third.lease_id, p_version: third.version, p_tokens: { access_token: 'older' } }
        expect(await request(id, 'SAVE', late)).toMatchObject({ saved: false })
        expect(await request(id, 'GET')).toMatchObject({ tokens: newer })
        expect(await request(id, 'LEASE')).toMatchObject({ leased: true })
      })

      test('take a new key', async () => {
        const id = await install()
        await request(id, 'SAVE', { p_tokens: tokens })
        await database.exec(`set hera.connectors_key = 'the second key of the tests, which is long too'`)
        expect((await fault(request(id, 'GET'))).message).toBe('integration_unavailable:SECRET_KEY_CHANGED')
        await database.exec(`set hera.connectors_key_previous = '${KEY}'`)
        expect(await call(database, 'hera_integration_rotate_key_v1', {})).toMatchObject({ rotated: 2, remaining: 0 })
        await database.exec(`set hera.connectors_key_previous = ''`)
        expect(await request(id, 'GET')).toMatchObject({ tokens })
      })

      test('come with values that the vendor gave, which are fields from then on', async () => {
        const id = await install()
        await request(id, 'SAVE', { p_tokens: tokens, p_kept: { tenant_id: '4711', verify_token: 'top-secret-kept' } })
        const [{ installation_config: shown }] = (await operate('LIST')).connectors
        expect(shown).toEqual({
          client_id: 'acme0001',
          client_secret: '********',
          tenant_id: '4711',
          verify_token: '********',
        })
        const secrets = { p_organization_id: A, p_installation_id: id }
        expect(await call(database, 'hera_integration_secrets_v1', secrets)).toEqual({
          client_secret: 'top-secret-one',
          tenant_id: '4711',
          verify_token: 'top-secret-kept',
        })
        // Somebody without an account can write to the row, but cannot encrypt.
        await database.exec(`
          update core_dynamic_data set field_value_json = field_value_json || '{"tenant_id": "evil"}', updated_by = '${ACTOR}'
           where entity_id = '${id}' and field_name = 'installation_config'`)
        expect(await call(database, 'hera_integration_secrets_v1', secrets)).toMatchObject({ tenant_id: '4711' })
        const answer = await request(id, 'SAVE', { p_tokens: { access_token: 'next' }, p_kept: { colour: 'red' } })
        expect(answer).toMatchObject({
          saved: true,
          problem: 'integration_validation:CONFIGURATION_INVALID: colour is not a field of this connector',
        })
        expect(await request(id, 'GET')).toMatchObject({ tokens: { access_token: 'next' } })
      })

      test('are renewed once by racing servers, and all of them get the new ones', async () => {
        const id = await install()
        const old = { ...tokens, refresh_token: 'rt-0', expires_at: new Date(Date.now() + 30_000).toISOString() }
        await request(id, 'SAVE', { p_tokens: old })
        const { options, requests } = vendor('rt-0')
        const sessions = await Promise.all(Array.from({ length: 20 }, () => database.another?.()))
        try {
          await Promise.all(sessions.map((session) => session?.exec(`set hera.connectors_key = '${KEY}'`)))
          const results = await Promise.all(
            sessions.map((session = database) => {
              const store = tokenStore(callOf(session), { organizationId: A, installationId: id })
              return tokenSource(description, configuration, store, options).get()
            }),
          )
          const found = results.map((result) => (result.ok ? result.tokens.access_token : result.error.reason))
          expect(new Set(found)).toEqual(new Set(['at-1']))
          expect(found).toHaveLength(20)
          expect(requests()).toBe(1)
          expect(await request(id, 'LEASE')).toMatchObject({ leased: true, tokens: { refresh_token: 'rt-1' } })
        } finally {
          await Promise.all(sessions.map((session) => session?.close()))
        }
      })

      test('that cannot be renewed leave no lease behind', async () => {
        const id = await install()
        const store = tokenStore(callOf(database), { organizationId: A, installationId: id })
        await store.save({ ...tokens, refresh_token: 'revoked' }, {})
        const { options } = vendor('rt-0')
        const result = await tokenSource(description, configuration, store, options).get({
          rejected: tokens.access_token,
        })
        expect(result).toMatchObject({ ok: false, error: { reason: 'reconnect' } })
        expect(await request(id, 'LEASE')).toMatchObject({ leased: true })
        await store.remove()
        expect(await store.load()).toBeUndefined()
        await expect(store.save(tokens, { colour: 'red' })).rejects.toMatchObject({ code: 'HC400' })
        expect(await store.load()).toEqual(tokens)
      })
    })

    describe('routing', () => {
      test('finds the installations of all organizations that have the value', async () => {
        const [own, other] = [await install({ tenant_id: '4711' }), await install({ tenant_id: '4711' }, B)]
        await install({ tenant_id: '4711' }, A, 'shop-crm')
        const found = { field: 'tenant_id', proven: false }
        const both = [
          { installation_id: own, organization_id: A, ...found },
          { installation_id: other, organization_id: B, ...found },
        ]
        expect(await route('4711')).toEqual(both)
        expect(await route('4711', { p_field: 'tenant_id' })).toEqual(both)
        expect(await route('4711', { p_field: 'client_id' })).toEqual([])
        // Deliveries are not routed by this field, though it is public.
        expect(await route('acme0001')).toEqual([])
        for (const value of ['4712', '', 'x'.repeat(2000), '********']) expect(await route(value)).toEqual([])
        expect(await route('4711', {}, 'nope')).toEqual([])
        await operate('UNINSTALL')
        expect(await route('4711')).toEqual([both[1]])
      })

      test('knows a value with and without the text that the form shows around it', async () => {
        const bare = await install({ tenant_id: 'my-shop' }, A, 'shop-crm')
        const whole = await install({ tenant_id: 'my-shop.acme.example' }, B, 'shop-crm')
        for (const value of ['my-shop', 'my-shop.acme.example'])
          expect((await route(value, {}, 'shop-crm')).map(({ installation_id: id }: Answer) => id)).toEqual([
            bare,
            whole,
          ])
        expect(await route('.acme.example', {}, 'shop-crm')).toEqual([])
      })

      test('leaves out who has only entered a value that the vendor gave to another one', async () => {
        const [stranger, owner] = [await install({ tenant_id: '4711' }), await install({}, B)]
        expect(await route('4711')).toMatchObject([{ installation_id: stranger, proven: false }])
        await request(owner, 'SAVE', { p_tokens: tokens, p_kept: { tenant_id: '4711' } }, B)
        expect(await route('4711')).toEqual([
          { installation_id: owner, organization_id: B, field: 'tenant_id', proven: true },
        ])
        // A value that somebody else has written to the tables proves nothing.
        await database.exec(`
          update core_dynamic_data mine set field_value_json = theirs.field_value_json, updated_by = '${ACTOR}'
            from core_dynamic_data theirs
           where mine.entity_id = '${stranger}' and theirs.entity_id = '${owner}'
             and mine.field_name = 'installation_secrets' and theirs.field_name = 'installation_secrets'`)
        expect(await route('4711')).toMatchObject([{ installation_id: owner }])
        await operate('CONFIGURE', { p_installation_config: { tenant_id: '4711' } }, B)
        expect(await route('4711')).toHaveLength(2)
      })

      test('gives an endpoint its candidates, with their secrets', async () => {
        const id = await install({ tenant_id: '4711' })
        const heraOf = (organizationId: string) => ({
          sendEvent: async () => ({ ok: true, data: { organizationId } }) as never,
        })
        const lookup = installationLookup(callOf(database), { connector: 'acme-crm' }, { heraOf })
        expect(await lookup('4711', 'tenant_id')).toMatchObject([
          { id, organizationId: A, proven: false, secrets: { client_secret: 'top-secret-one' } },
        ])
        expect(await lookup('4711', 'client_id')).toEqual([])
        const bare = installationLookup(callOf(database), { connector: 'acme-crm' }, { heraOf, readsSecrets: false })
        expect((await bare('4711', 'tenant_id'))[0]).not.toHaveProperty('secrets')
      })

      test('reads an index, however many rows there are', async () => {
        await install({ tenant_id: '4711' })
        await database.exec(`
          insert into core_entities (id, organization_id, entity_type, entity_code, entity_name, smart_code, created_by)
          select md5('e' || n)::uuid, '${B}', 'INTEGRATION_CONNECTOR_INSTALL', 'acme-crm', 'Acme', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_INSTALL.ACME.v1', '${ACTOR}'
            from generate_series(1, 5000) as n;
          insert into core_dynamic_data (organization_id, entity_id, field_name, field_type, field_value_json, smart_code, created_by)
          select '${B}', md5('e' || n)::uuid, 'installation_config', 'json', jsonb_build_object('tenant_id', n::text), 'HERA.PLATFORM.INTEGRATION.CONNECTOR_INSTALL.ACME.CONFIG.v1', '${ACTOR}'
            from generate_series(1, 5000) as n;
          analyze core_entities; analyze core_dynamic_data`)
        const { rows } = await database.exec(`
          set hera.test = '';
          explain (format json) select entity_id from core_dynamic_data config
           where config.field_name = 'installation_config'
             and config.field_value_json @> jsonb_build_object('tenant_id', '4711'::text)`)
        expect(JSON.stringify(rows)).toContain('hera_connectors_route_idx')
        expect(await route('4711')).toHaveLength(2)
      })
    })
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { acme, edit, zenith } from '../../support/acme.ts'
import { hostile } from '../../support/adversarial-input.ts'
import type { TestDatabase } from '../../support/databases.ts'
import { databases, openAsProduction } from '../../support/databases.ts'
import { fc } from '../../support/property.ts'
import type { Answer } from '../../support/runtime.ts'
import { ACTOR, call, fault, KEY, prepareRuntime } from '../../support/runtime.ts'
import { scriptsOf } from '../../support/seeds.ts'
import { mayRun } from '../../support/servers.ts'

const A = 'aaaaaaaa-0000-4000-8000-000000000001'
const B = 'bbbbbbbb-0000-4000-8000-000000000001'
const TABLES = [
  'core_entities',
  'core_dynamic_data',
  'core_relationships',
  'universal_transactions',
  'universal_transaction_lines',
]

const files = {
  'acme-crm.yaml': acme,
  'zenith-crm.yaml': zenith,
  'gone-crm.yaml': edit(
    acme,
    ['code: acme-crm', 'code: gone-crm'],
    ['namespace: ACME', 'namespace: GONE'],
    ['status: active', 'status: draft'],
  ),
}

/** A test of several sessions, which the embedded database does not have; `dev` is raced over HTTP there. */
function testOf(kind: (typeof databases)[number]): typeof test | (() => void) {
  return kind.name === 'embedded database' ? () => {} : test
}

const configuration = { client_id: 'acme0001', client_secret: 'top-secret-one', verify_token: 'top-secret-two' }

describe.each(databases)('$name', (kind) => {
  const title = kind.missing === undefined ? 'the runtime' : `the runtime (skipped: ${kind.missing})`
  describe.runIf(mayRun(kind))(title, () => {
    let database: TestDatabase
    const withSessions = testOf(kind)

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
        delete from universal_transactions;
        delete from core_entities where organization_id in ('${A}', '${B}')`)
    })

    const operate = (operation: string, given: object = {}, organization = A): Promise<Answer> =>
      call(database, 'hera_integration_connector_v1', {
        p_actor_user_id: ACTOR,
        p_organization_id: organization,
        p_operation: operation,
        ...given,
      })
    const install = (organization = A, code = 'acme-crm', given: object = configuration): Promise<Answer> =>
      operate('INSTALL', { p_connector_code: code, p_installation_config: given }, organization)
    const record = (given: object = {}, organization = A): Promise<Answer> =>
      call(database, 'hera_integration_event_in_v1', {
        p_actor_user_id: ACTOR,
        p_organization_id: organization,
        p_event_source: 'acme-crm',
        p_event_type: 'contact_created',
        p_event_data: { contact_id: 'c_1' },
        p_connector_code: 'acme-crm',
        ...given,
      })
    const logs = (given: object = {}, organization = A): Promise<Answer> =>
      call(database, 'hera_integration_logs_v1', { p_organization_id: organization, ...given })
    const secrets = (installation: string, organization = A): Promise<Answer> =>
      call(database, 'hera_integration_secrets_v1', {
        p_organization_id: organization,
        p_installation_id: installation,
      })

    /** Everything that the five tables hold of an organization, as text. */
    async function stored(organization: string): Promise<string> {
      const texts = await Promise.all(
        TABLES.map(async (table) => {
          const { rows } = await database.exec(
            `select to_jsonb(t)::text as row from ${table} t where organization_id = '${organization}'`,
          )
          return rows.map(({ row }) => String(row)).join('\n')
        }),
      )
      return texts.join('')
    }

    test('runs twice and changes nothing the second time', async () => {
      const functions = () =>
        database.exec(`select proname, prosrc, proacl::text, proconfig from pg_proc
                        where pronamespace in ('hera_connectors'::regnamespace, 'public'::regnamespace)
                          and (proname like 'hera\\_integration%' or pronamespace = 'hera_connectors'::regnamespace)
                        order by proname`)
      const before = await functions()
      await database.exec((await scriptsOf(files))['runtime.sql'] ?? '')
      expect(await functions()).toEqual(before)
      expect(before.rows.length).toBeGreaterThan(10)
      const { rows } = await database.exec(`select count(*)::int as tables from pg_tables where schemaname = 'public'`)
      expect(rows[0]?.tables).toBe(6)
    })

    test('every function has a search path of its own, and only those of the API are to be called', async () => {
      const { rows } = await database.exec(`
        select oid::regprocedure::text as name, proconfig is not null as fixed, prosecdef as definer,
               has_function_privilege('anon', oid, 'execute') as anon,
               has_function_privilege('authenticated', oid, 'execute') as authenticated,
               has_function_privilege('service_role', oid, 'execute') as service
          from pg_proc
         where pronamespace = 'hera_connectors'::regnamespace
            or (pronamespace = 'public'::regnamespace and proname like 'hera\\_integration%')`)
      expect(rows.filter(({ fixed }) => fixed !== true)).toEqual([])
      expect(rows.filter(({ anon }) => anon === true)).toEqual([])
      const named = (by: string) =>
        rows
          .filter((row) => row[by] === true)
          .map(({ name }) => String(name).replace(/\(.*/, ''))
          .sort()
      const forUsers = ['hera_integration_connector_v1', 'hera_integration_event_in_v1', 'hera_integration_logs_v1']
      const forService = [
        'hera_integration_access_v1',
        'hera_integration_erase_v1',
        'hera_integration_installation_v1',
        'hera_integration_purge_v1',
        'hera_integration_rotate_key_v1',
        'hera_integration_route_v1',
        'hera_integration_secrets_v1',
        'hera_integration_tokens_v1',
      ]
      expect(named('authenticated')).toEqual([])
      expect(named('service')).toEqual([...forUsers, ...forService].sort())
      expect(named('definer')).toEqual([...forUsers, ...forService].sort())
    })

    describe('the catalogue', () => {
      test('holds what is offered, and says what is installed', async () => {
        await install()
        const { success, connectors } = await operate('LIST_AVAILABLE')
        expect(success).toBe(true)
        expect(connectors.map(({ code, installed }: Answer) => [code, installed])).toEqual([
          ['acme-crm', true],
          ['zenith-crm', false],
        ])
        expect(connectors[0].config.supported_events).toContain('contact_created')
        expect((await operate('LIST_AVAILABLE', {}, B)).connectors[0].installed).toBe(false)
      })

      test('is filtered by category and by code', async () => {
        const { connectors } = await operate('LIST_AVAILABLE', { p_connector_code: 'zenith-crm' })
        expect(connectors).toHaveLength(1)
        expect((await operate('LIST_AVAILABLE', { p_connector_type: 'crm' })).connectors).toHaveLength(2)
        expect((await operate('LIST_AVAILABLE', { p_connector_type: 'social' })).connectors).toEqual([])
      })

      test('of the platform organization is listed with its definitions, as callers do today', async () => {
        const { connectors } = await operate('LIST', {}, '00000000-0000-0000-0000-000000000000')
        expect(connectors.map(({ code, type }: Answer) => `${type} ${code}`)).toEqual([
          'INTEGRATION_CONNECTOR_DEF acme-crm',
          'INTEGRATION_CONNECTOR_DEF gone-crm',
          'INTEGRATION_CONNECTOR_DEF zenith-crm',
        ])
        expect(connectors[0].config.event_mappings.contact_created.hera_smart_code).toMatch(/^HERA\.ACME\./)
      })
    })

    describe('an installation', () => {
      test('is made, linked, listed with its secrets masked, and its secrets stand nowhere', async () => {
        const { installation_id, ...answer } = await install()
        expect(answer).toEqual({
          success: true,
          message: 'Connector installed',
          status: 'active',
          smart_code: 'HERA.PLATFORM.INTEGRATION.CONNECTOR_INSTALL.ACME_CRM.v1',
        })
        const { connectors } = await operate('LIST')
        expect(connectors).toHaveLength(1)
        expect(connectors[0]).toMatchObject({
          id: installation_id,
          code: 'acme-crm',
          type: 'INTEGRATION_CONNECTOR_INSTALL',
          status: 'active',
          config: { display_name: 'Acme CRM', category: 'crm' },
          installation_config: { client_id: 'acme0001', client_secret: '********', verify_token: '********' },
        })
        expect(await secrets(installation_id)).toEqual({
          client_secret: 'top-secret-one',
          verify_token: 'top-secret-two',
        })
        const everything = await stored(A)
        expect(everything).toContain('acme0001')
        expect(everything).not.toContain('top-secret')
        const { rows } = await database.exec(
          `select relationship_type from core_relationships where from_entity_id = '${installation_id}'`,
        )
        expect(rows).toEqual([{ relationship_type: 'CONNECTOR_BASED_ON' }])
      })

      test('holds any text as exactly that text', async () => {
        const text = hostile.replaceAll('\u0000', '')
        const { installation_id } = await install(A, 'acme-crm', {
          ...configuration,
          client_secret: text,
          tenant_id: text,
        })
        expect((await secrets(installation_id)).client_secret).toBe(text)
        expect((await operate('LIST')).connectors[0].installation_config.tenant_id).toBe(text)
      })

      test.each<[string, unknown, readonly string[]]>([
        [
          'all fields that are wrong',
          { client_id: 'NO!', verify_token: 7, colour: 'red', shape: {} },
          [
            'client_id must match ^[a-z0-9]{4,20}$',
            'client_secret is missing',
            'verify_token must be a text, and is of type number',
            'colour is not a field of this connector',
            'shape is not a field of this connector',
          ],
        ],
        [
          'empty and null values',
          { client_id: '', client_secret: null },
          ['client_id is missing', 'client_secret is missing'],
        ],
        ['a list', [], ['installation_config must be an object']],
      ])('is refused with %s, and leaves nothing', async (_, given, problems) => {
        const { code, message } = await fault(install(A, 'acme-crm', given as object))
        expect(code).toBe('HC400')
        expect(message).toBe(`integration_validation:CONFIGURATION_INVALID: ${problems.join('; ')}`)
        expect(await stored(A)).toBe('')
      })

      test('is refused without a key, or with one that is too short', async () => {
        await database.exec(`set hera.connectors_key = ''`)
        expect(await fault(install())).toMatchObject({
          code: 'HC503',
          message: 'integration_unavailable:SECRET_KEY_MISSING',
        })
        await database.exec(`set hera.connectors_key = 'short'`)
        expect((await fault(install())).message).toBe('integration_unavailable:SECRET_KEY_TOO_SHORT')
        expect(await stored(A)).toBe('')
      })

      test('takes its key from the vault before a setting', async () => {
        await database.exec(`
          create schema vault;
          create view vault.decrypted_secrets as
            select 'hera_connectors_key' as name, repeat('v', 40) as decrypted_secret, now() as created_at`)
        try {
          const { installation_id } = await install()
          await database.exec(`set hera.connectors_key = ''`)
          expect(await secrets(installation_id)).toMatchObject({ client_secret: 'top-secret-one' })
        } finally {
          await database.exec('drop schema vault cascade')
        }
      })

      test.each<[string, () => Promise<unknown>, string, string]>([
        ['of an unknown connector', () => install(A, 'nope'), 'HC404', 'integration_not_found:CONNECTOR: nope'],
        [
          'of one that is not offered',
          () => install(A, 'gone-crm'),
          'HC409',
          'integration_conflict:CONNECTOR_NOT_OFFERED: gone-crm',
        ],
        [
          'without a code',
          () => operate('INSTALL', { p_installation_config: configuration }),
          'HC400',
          'integration_validation:CONNECTOR_CODE_REQUIRED',
        ],
        [
          'in the platform organization',
          () => install('00000000-0000-0000-0000-000000000000'),
          'HC400',
          'integration_validation:ORGANIZATION_IS_PLATFORM',
        ],
        [
          'in no organization that there is',
          () => install('cccccccc-0000-4000-8000-000000000001'),
          'HC404',
          'integration_not_found:ORGANIZATION',
        ],
        [
          'by an unknown operation',
          () => operate('EXPLODE'),
          'HC400',
          'integration_validation:OPERATION_UNKNOWN: EXPLODE',
        ],
        [
          'by nobody',
          () => operate('INSTALL', { p_actor_user_id: null, p_connector_code: 'acme-crm' }),
          'HC400',
          'integration_validation:ACTOR_REQUIRED',
        ],
        [
          'that is not there, to pause it',
          () => operate('PAUSE', { p_connector_code: 'acme-crm' }),
          'HC404',
          'integration_not_found:INSTALLATION: acme-crm',
        ],
        [
          'with an id that is none',
          () => operate('PAUSE', { p_options: { installation_id: 'x' } }),
          'HC400',
          'integration_validation:INSTALLATION_ID_INVALID',
        ],
      ])('%s is refused', async (_, calling, code, message) => {
        expect(await fault(calling())).toEqual({ code, message })
        expect(await stored(A)).toBe('')
      })

      test('is refused a second time, taken away, and comes back with its history', async () => {
        const { installation_id } = await install()
        expect(await fault(install())).toEqual({
          code: 'HC409',
          message: 'integration_conflict:ALREADY_INSTALLED: acme-crm is active',
        })
        const removed = await operate('UNINSTALL', { p_connector_code: 'acme-crm' })
        expect(removed).toMatchObject({ success: true, status: 'inactive', installation_id })
        expect(await secrets(installation_id)).toEqual({})
        expect((await operate('UNINSTALL', { p_connector_code: 'acme-crm' })).message).toBe(
          'Connector was uninstalled before',
        )
        expect((await install()).installation_id).toBe(installation_id)
        const { connectors } = await operate('LIST')
        expect(connectors[0].history.map(({ operation, actor_user_id }: Answer) => [operation, actor_user_id])).toEqual(
          [
            ['INSTALL', ACTOR],
            ['UNINSTALL', ACTOR],
            ['REINSTALL', ACTOR],
          ],
        )
        expect(await secrets(installation_id)).toMatchObject({ client_secret: 'top-secret-one' })
      })

      test('is paused and resumed by its id or its code', async () => {
        const { installation_id } = await install()
        expect((await operate('PAUSE', { p_options: { installation_id } })).status).toBe('paused')
        expect((await operate('PAUSE', { p_options: { installation_id } })).status).toBe('paused')
        expect((await operate('RESUME', { p_connector_code: 'acme-crm' })).status).toBe('active')
        const { connectors } = await operate('LIST')
        expect(connectors[0].history).toHaveLength(3)
        expect(
          await fault(operate('PAUSE', { p_connector_code: 'zenith-crm', p_options: { installation_id } })),
        ).toMatchObject({ code: 'HC404' })
      })

      test('has a bounded configuration and history', async () => {
        const large = { ...configuration, tenant_id: 'x'.repeat(70_000) }
        expect((await fault(install(A, 'acme-crm', large))).message).toMatch(
          /^integration_validation:CONFIGURATION_TOO_LARGE: 70\d\d\d bytes, at most 65536$/,
        )
        await install()
        for (let round = 0; round < 60; round += 1) {
          await operate('PAUSE', { p_connector_code: 'acme-crm' })
          await operate('RESUME', { p_connector_code: 'acme-crm' })
        }
        const [{ history }] = (await operate('LIST')).connectors
        expect(history).toHaveLength(100)
        expect(history.at(-1)).toMatchObject({ operation: 'RESUME' })
      })

      test('is configured field by field; a mask keeps what is there', async () => {
        const { installation_id } = await install()
        await operate('CONFIGURE', {
          p_connector_code: 'acme-crm',
          p_installation_config: { client_secret: '********', verify_token: 'new-secret', tenant_id: '4711' },
        })
        expect(await secrets(installation_id)).toEqual({ client_secret: 'top-secret-one', verify_token: 'new-secret' })
        await operate('CONFIGURE', { p_connector_code: 'acme-crm', p_installation_config: { verify_token: null } })
        expect(await secrets(installation_id)).toEqual({ client_secret: 'top-secret-one' })
        expect((await operate('LIST')).connectors[0].installation_config).toEqual({
          client_id: 'acme0001',
          client_secret: '********',
          tenant_id: '4711',
        })
        expect(
          (
            await fault(
              operate('CONFIGURE', { p_connector_code: 'acme-crm', p_installation_config: { client_secret: null } }),
            )
          ).message,
        ).toBe('integration_validation:CONFIGURATION_INVALID: client_secret is missing')
        expect(await stored(A)).not.toContain('new-secret')
      })

      test('shows its secrets to nobody under another key, in another place or organization', async () => {
        const { installation_id } = await install()
        expect(await secrets(installation_id, B)).toEqual({})
        await database.exec(`set hera.connectors_key = 'another key of the tests, which is long too'`)
        expect((await fault(secrets(installation_id))).message).toBe('integration_unavailable:SECRET_KEY_CHANGED')
        // Another field can be set all the same.
        await operate('CONFIGURE', { p_connector_code: 'acme-crm', p_installation_config: { verify_token: 'x' } })
        expect(await secrets(installation_id)).toEqual({ verify_token: 'x' })
        await database.exec(`set hera.connectors_key = '${KEY}'`)
        const { installation_id: other } = await install(B)
        await database.exec(`
          update core_dynamic_data mine set field_value_json = theirs.field_value_json, updated_by = '${ACTOR}'
            from core_dynamic_data theirs
           where mine.entity_id = '${other}' and theirs.entity_id = '${installation_id}'
             and mine.field_name = 'installation_secrets' and theirs.field_name = 'installation_secrets'`)
        expect((await fault(secrets(other, B))).message).toBe('integration_unavailable:SECRET_MISPLACED')
      })

      test('takes a new key, a batch at a time, while both keys read', async () => {
        const rotate = (given: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
          call(database, 'hera_integration_rotate_key_v1', given)
        const of = [
          [A, (await install()).installation_id],
          [B, (await install(B)).installation_id],
          [A, (await install(A, 'zenith-crm')).installation_id],
        ] as const
        const unchanged = async () => {
          for (const [organization, id] of of)
            expect(await secrets(id, organization)).toEqual({
              client_secret: 'top-secret-one',
              verify_token: 'top-secret-two',
            })
        }
        expect(await rotate()).toMatchObject({ rotated: 0, remaining: 0, next_after: null })
        await database.exec(`
          set hera.connectors_key_previous = '${KEY}';
          set hera.connectors_key = 'the second key of the tests, which is long too'`)
        await unchanged()
        const first = await rotate({ p_limit: 1 })
        expect(first).toMatchObject({ rotated: 2, unreadable: 0, remaining: 4, next_after: expect.any(String) })
        await unchanged()
        // Interrupted here, and called again from the start.
        const second = await rotate({ p_limit: 1 })
        expect(second).toMatchObject({ rotated: 2, remaining: 2 })
        // A value that neither key reads keeps nothing else from being rotated.
        await database.exec(`
          update core_dynamic_data set field_value_json = jsonb_set(field_value_json, '{fields,client_secret}', '"AAAA"'),
                 updated_by = '${ACTOR}'
           where field_name = 'installation_secrets' and field_value_json -> 'keys' ->> 'client_secret'
                 = left(encode(sha256(convert_to('hera_connectors_key ${KEY}', 'UTF8')), 'hex'), 16)`)
        expect(await rotate({ p_limit: 1, p_after: second.next_after })).toMatchObject({
          rotated: 1,
          unreadable: 1,
          remaining: 1,
        })
        await database.exec(`set hera.connectors_key_previous = ''`)
        const read = await Promise.all(of.map(([organization, id]) => secrets(id, organization)))
        expect(read.filter(({ client_secret }) => client_secret === 'top-secret-one')).toHaveLength(2)
        expect(read.every(({ verify_token }) => verify_token === 'top-secret-two')).toBe(true)
        await database.exec('set role authenticated')
        expect((await fault(rotate())).code).toBe('42501')
      })

      test('never has the mask for a secret', async () => {
        await install()
        await operate('UNINSTALL', { p_connector_code: 'acme-crm' })
        const [{ installation_config: shown }] = (await operate('LIST')).connectors
        expect(shown).toEqual({ client_id: 'acme0001' })
        const masked = { client_id: 'acme0001', client_secret: '********', verify_token: '********' }
        expect((await fault(install(A, 'acme-crm', masked))).message).toBe(
          'integration_validation:CONFIGURATION_INVALID: client_secret must be entered again; verify_token must be entered again',
        )
        await install()
        const changes = { p_connector_code: 'acme-crm', p_installation_config: { verify_token: null } }
        await operate('CONFIGURE', changes)
        const again = { p_connector_code: 'acme-crm', p_installation_config: { verify_token: '********' } }
        expect((await fault(operate('CONFIGURE', again))).code).toBe('HC400')
      })

      test('follows a definition that drops a field, or calls one a secret', async () => {
        const { installation_id } = await install(A, 'acme-crm', { ...configuration, tenant_id: 'top-secret-three' })
        // Only another field that is not a secret can identify the account then.
        const rerouted = edit(
          acme,
          ['field: tenant_id }', 'field: client_id }'],
          ['used_for: [oauth]', 'used_for: [oauth, routing]'],
        )
        const scripts = async (...edits: [from: string, to: string][]) => {
          const changed = { ...files, 'acme-crm.yaml': edit(rerouted, ...edits) }
          await database.exec((await scriptsOf(changed))['setup-prebuilt-connectors.sql'] ?? '')
        }
        const field = acme.slice(acme.indexOf('    tenant_id:\n'), acme.indexOf('    environment:\n'))
        const path = 'path: /tenants/{tenant_id}/contacts'
        try {
          const secret = field
            .replace('type: text', 'type: secret')
            .replace('[routing]', '[calls]')
            .replace('      example: "4711"\n', '')
          await scripts([field, secret])
          expect(JSON.stringify(await operate('LIST'))).not.toContain('top-secret')
          await scripts([field, ''], [path, 'path: /contacts'])
          await operate('CONFIGURE', { p_connector_code: 'acme-crm', p_installation_config: { client_id: 'acme0002' } })
          const [{ installation_config: shown }] = (await operate('LIST')).connectors
          expect(shown).toEqual({ client_id: 'acme0002', client_secret: '********', verify_token: '********' })
          expect(await secrets(installation_id)).toMatchObject({ client_secret: 'top-secret-one' })
        } finally {
          await database.exec((await scriptsOf(files))['setup-prebuilt-connectors.sql'] ?? '')
        }
      })

      test('keeps its secrets when somebody else has written to the catalogue', async () => {
        const { installation_id } = await install()
        const seed = (await scriptsOf(files))['setup-prebuilt-connectors.sql'] ?? ''
        try {
          await database.exec(`
            update core_dynamic_data
               set field_value_json = replace(replace(field_value_json::text, '"type": "password"', '"type": "text"'),
                                              '"sensitive": true', '"sensitive": false')::jsonb,
                   updated_by = '${ACTOR}'
             where field_name = 'connector_config'`)
          await operate('CONFIGURE', {
            p_connector_code: 'acme-crm',
            p_installation_config: { verify_token: 'top-secret-three' },
          })
          expect(await secrets(installation_id)).toMatchObject({ verify_token: 'top-secret-three' })
          expect(JSON.stringify(await operate('LIST'))).not.toContain('top-secret')
          expect(await stored(A)).not.toContain('top-secret')
        } finally {
          await database.exec(seed)
        }
      })

      test('of a hand-written definition has no public fields', async () => {
        await database.exec(`
          insert into core_entities (id, organization_id, entity_type, entity_code, entity_name, smart_code, created_by, updated_by)
          values ('dddddddd-0000-4000-8000-000000000001', '00000000-0000-0000-0000-000000000000',
                  'INTEGRATION_CONNECTOR_DEF', 'by-hand', 'By hand',
                  'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.BY_HAND.v1', '${ACTOR}', '${ACTOR}');
          insert into core_dynamic_data (organization_id, entity_id, field_name, field_type, field_value_json, smart_code, created_by, updated_by)
          values ('00000000-0000-0000-0000-000000000000', 'dddddddd-0000-4000-8000-000000000001', 'connector_config', 'json',
                  '{"status": "active", "authentication": {"fields": [
                     {"name": "hook", "type": "url", "required": true, "pattern": "(?<x>y)"},
                     {"name": "password", "type": "password"},
                     {"name": "odd", "type": "text", "pattern": "(?<year>[0-9]+"}]},
                    "event_mappings": {"it_came": {"hera_smart_code": "HERA.HAND.EVENT.IT.CAME.v1"}}}',
                  'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.BY_HAND.CONFIG.v1', '${ACTOR}', '${ACTOR}')`)
        try {
          expect((await fault(install(A, 'by-hand', { hook: 'http://example.com' }))).message).toContain(
            'hook must be an https address',
          )
          await install(A, 'by-hand', { hook: 'https://example.com/a', password: 'top-secret', odd: 'x' })
          expect(await stored(A)).not.toContain('top-secret')
          // Nothing of a connector that the registry does not know is public.
          expect((await operate('LIST')).connectors[0].installation_config).toEqual({
            hook: '********',
            password: '********',
            odd: '********',
          })
          const answer = await record({ p_event_source: 'by-hand', p_connector_code: null, p_event_type: 'it_came' })
          expect(answer).toMatchObject({ success: true, smart_code: 'HERA.HAND.EVENT.IT.CAME.v1' })
        } finally {
          await database.exec(`delete from core_entities where entity_code = 'by-hand'`)
        }
      })
    })

    describe('an event', () => {
      test('is recorded, linked to its installation, and answered as callers know it', async () => {
        const { installation_id } = await install()
        const { event_id, ...answer } = await record({ p_smart_code: 'HERA.ACME.EVENT.CONTACT.CREATED.v1' })
        expect(answer).toEqual({
          success: true,
          message: 'Event recorded',
          smart_code: 'HERA.ACME.EVENT.CONTACT.CREATED.v1',
          connector_id: installation_id,
          transaction_id: null,
          duplicate: false,
        })
        const { rows } = await database.exec(`
          select entity.entity_type, link.relationship_type, link.to_entity_id::text as connector,
                 (select jsonb_object_agg(field_name, coalesce(field_value_json, to_jsonb(field_value_text)))
                    from core_dynamic_data where entity_id = entity.id and field_name <> 'processed_at') as fields
            from core_entities entity join core_relationships link on link.from_entity_id = entity.id
           where entity.id = '${event_id}'`)
        expect(rows).toEqual([
          {
            entity_type: 'INTEGRATION_EVENT',
            relationship_type: 'PROCESSED_BY',
            connector: installation_id,
            fields: { event_source: 'acme-crm', event_type: 'contact_created', event_data: { contact_id: 'c_1' } },
          },
        ])
      })

      test('with the same key is recorded once, whatever becomes of the installation', async () => {
        await install()
        const first = await record({ p_idempotency_key: 'k:1', p_options: { create_transaction: true } })
        const again = { ...first, duplicate: true, message: 'Event was recorded before' }
        expect(first.transaction_id).toMatch(/^[0-9a-f-]{36}$/)
        expect(await record({ p_idempotency_key: 'k:1' })).toEqual(again)
        await operate('PAUSE', { p_connector_code: 'acme-crm' })
        expect(await record({ p_idempotency_key: 'k:1' })).toEqual(again)
        await operate('UNINSTALL', { p_connector_code: 'acme-crm' })
        expect(await record({ p_idempotency_key: 'k:1' })).toEqual(again)
        const { rows } = await database.exec('select count(*)::int as rows from universal_transactions')
        expect(rows[0]?.rows).toBe(1)
        expect((await logs()).logs).toHaveLength(1)
      })

      test('with the same key and other data is not called a duplicate', async () => {
        await install()
        await record({ p_idempotency_key: 'k:1' })
        const answer = await record({ p_idempotency_key: 'k:1', p_event_data: { contact_id: 'c_2' } })
        expect(answer).toMatchObject({
          success: false,
          duplicate: false,
          error: 'integration_refused:IDEMPOTENCY_KEY_REUSED',
          message: 'the idempotency key belongs to an event contact_created with other data',
        })
      })

      test('that is refused again and again is stored once, with the number of attempts', async () => {
        const data = { text: 'x'.repeat(100_000) }
        const ids = new Set<string>()
        for (let attempt = 0; attempt < 20; attempt += 1)
          ids.add((await record({ p_idempotency_key: 'k', p_event_data: data })).event_id)
        expect(ids.size).toBe(1)
        expect((await logs()).logs).toMatchObject([{ attempts: 20, status: 'error' }])
        expect((await stored(A)).length).toBeLessThan(150_000)
        await install()
        expect(await record({ p_idempotency_key: 'k', p_event_data: data })).toMatchObject({ success: true })
      })

      test('is bounded in size and depth, also where it would be refused', async () => {
        const nested = (levels: number) => JSON.parse(`${'{"a[{":['.repeat(levels)}"]}\\""${']}'.repeat(levels)}`)
        expect(await fault(record({ p_event_data: nested(450) }))).toEqual({
          code: 'HC400',
          message: 'integration_validation:EVENT_DATA_TOO_DEEP: at most 100 levels',
        })
        expect(await record({ p_event_data: nested(50) })).toMatchObject({ success: false })
        const { code, message } = await fault(record({ p_event_data: { text: 'x'.repeat(3_000_000) } }))
        expect(code).toBe('HC400')
        expect(message).toMatch(/^integration_validation:EVENT_DATA_TOO_LARGE: 30000\d\d bytes, at most 2097152$/)
        const wide = await record({ p_event_data: { list: Array.from({ length: 5000 }, () => ({})) } })
        expect(wide).toMatchObject({ success: false, error: 'integration_refused:CONNECTOR_NOT_INSTALLED' })
      })

      test('keeps to its organization and connector with its key', async () => {
        await Promise.all([install(), install(B), install(A, 'zenith-crm')])
        const ids = [
          await record({ p_idempotency_key: 'same' }),
          await record({ p_idempotency_key: 'same' }, B),
          await record({ p_idempotency_key: 'same', p_event_source: 'zenith-crm', p_connector_code: 'zenith-crm' }),
          await record(),
          await record(),
        ].map(({ event_id, duplicate }) => `${duplicate} ${event_id}`)
        expect(new Set(ids).size).toBe(5)
        expect(ids.every((id) => id.startsWith('false'))).toBe(true)
      })

      test('that was refused is recorded when it comes again', async () => {
        const refused = await record({ p_idempotency_key: 'k' })
        expect(refused).toMatchObject({ success: false, error: 'integration_refused:CONNECTOR_NOT_INSTALLED' })
        await install()
        expect(await record({ p_idempotency_key: 'k' })).toMatchObject({ success: true, duplicate: false })
      })

      test.each<[string, object, string, string]>([
        ['of an unknown connector', { p_connector_code: 'nope' }, 'CONNECTOR_UNKNOWN', 'there is no connector nope'],
        [
          'of a connector that is not installed',
          { p_connector_code: 'zenith-crm' },
          'CONNECTOR_NOT_INSTALLED',
          'zenith-crm is not installed',
        ],
        ['of an unknown type', { p_event_type: 'nope' }, 'EVENT_TYPE_UNKNOWN', 'acme-crm has no event nope'],
        [
          'with another smart code',
          { p_smart_code: 'HERA.ACME.EVENT.CONTACT.GONE.v1' },
          'SMART_CODE_MISMATCH',
          'the smart code of contact_created is HERA.ACME.EVENT.CONTACT.CREATED.v1',
        ],
        [
          'with the key of another event',
          { p_event_type: 'contact_updated', p_idempotency_key: 'taken' },
          'IDEMPOTENCY_KEY_REUSED',
          'the idempotency key already belongs to an event contact_created',
        ],
        [
          'with an option that is none',
          { p_options: { create_transaction: 'yes' } },
          'OPTION_INVALID',
          'create_transaction must be true or false',
        ],
      ])('%s is refused, and logged without its secrets', async (_, given, reason, message) => {
        await install()
        await record({ p_idempotency_key: 'taken' })
        const data = { note: 'kept', nested: [{ client_secret: 'top-secret', api_key: 'top-secret' }] }
        const answer = await record({ p_event_data: data, ...given })
        expect(answer).toMatchObject({ success: false, error: `integration_refused:${reason}`, message })
        const { logs: entries } = await logs({ p_status: 'error' })
        expect(entries).toMatchObject([
          { id: answer.event_id, status: 'error', message, payload_size: expect.any(Number) },
        ])
        const everything = await stored(A)
        expect(everything).toContain('kept')
        expect(everything).not.toContain('top-secret')
      })

      test('that is refused is logged without its secrets, however they are written', async () => {
        const data = {
          'x-api-key': 'top-secret',
          accessKey: 'top-secret',
          private_key: { pem: 'top-secret' },
          Cookie: 'top-secret',
          pwd: 'top-secret',
          headers: [{ name: 'Authorization', value: 'Bearer top-secret' }, 'authorization: bearer top-secret'],
          url: 'https://user:top-secret@a.example/?access_token=top-secret&page=2',
          passenger: 'kept',
          value: 'kept too',
        }
        await record({ p_event_type: 'nope', p_event_data: data })
        const everything = await stored(A)
        expect(everything).not.toContain('top-secret')
        for (const kept of ['"passenger": "kept"', 'kept too', 'a.example', 'page=2'])
          expect(everything).toContain(kept)
      })

      test('whose key is of no use is refused, and says so', async () => {
        await install()
        const first = await record({ p_idempotency_key: 'k' })
        // Somebody else's row under the id that follows from the key.
        await database.exec(`
          delete from core_entities where id = '${first.event_id}';
          insert into core_entities (id, organization_id, entity_type, entity_name, smart_code, created_by)
          values ('${first.event_id}', '${B}', 'OTHER', 'Other', 'HERA.PLATFORM.OTHER.THING.KIND.v1', '${ACTOR}')`)
        expect(await record({ p_idempotency_key: 'k' })).toMatchObject({
          success: false,
          error: 'integration_refused:IDEMPOTENCY_KEY_UNUSABLE',
          message: expect.stringContaining('cannot be used'),
        })
      })

      test('through a paused connector is refused', async () => {
        await install()
        await operate('PAUSE', { p_connector_code: 'acme-crm' })
        expect(await record()).toMatchObject({ success: false, error: 'integration_refused:CONNECTOR_PAUSED' })
      })

      test.each<[string, object]>([
        ['EVENT_TYPE_REQUIRED', { p_event_type: '' }],
        ['EVENT_SOURCE_REQUIRED', { p_event_source: null }],
        ['EVENT_DATA_NO_OBJECT', { p_event_data: [1] }],
        ['IDEMPOTENCY_KEY_EMPTY', { p_idempotency_key: '' }],
        ['IDEMPOTENCY_KEY_TOO_LONG', { p_idempotency_key: 'k'.repeat(1001) }],
        ['NAME_TOO_LONG', { p_event_type: 'n'.repeat(201) }],
        ['ACTOR_REQUIRED', { p_actor_user_id: null }],
      ])('that makes no sense is a fault: %s', async (reason, given) => {
        expect(await fault(record(given))).toEqual({ code: 'HC400', message: `integration_validation:${reason}` })
      })

      withSessions('that fifty callers race for is recorded once', async () => {
        await install()
        const sessions = await Promise.all(Array.from({ length: 50 }, () => database.another?.()))
        try {
          const answers = await Promise.all(
            sessions.map((session) =>
              session === undefined
                ? undefined
                : call(session, 'hera_integration_event_in_v1', {
                    p_actor_user_id: ACTOR,
                    p_organization_id: A,
                    p_event_source: 'acme-crm',
                    p_event_type: 'contact_created',
                    p_event_data: { contact_id: 'c_1' },
                    p_connector_code: 'acme-crm',
                    p_idempotency_key: 'raced',
                  }),
            ),
          )
          expect(answers).toHaveLength(50)
          expect(new Set(answers.map(({ event_id }) => event_id)).size).toBe(1)
          expect(answers.filter(({ duplicate }) => duplicate === false)).toHaveLength(1)
          expect((await logs()).logs).toHaveLength(1)
        } finally {
          await Promise.all(sessions.map((session) => session?.close()))
        }
      })

      withSessions('installed by ten at once is installed once', async () => {
        const sessions = await Promise.all(Array.from({ length: 10 }, () => database.another?.()))
        try {
          const outcomes = await Promise.allSettled(
            sessions.map(async (session) => {
              if (session === undefined) return
              await session.exec(`set hera.connectors_key = '${KEY}'`)
              await call(session, 'hera_integration_connector_v1', {
                p_actor_user_id: ACTOR,
                p_organization_id: A,
                p_operation: 'INSTALL',
                p_connector_code: 'acme-crm',
                p_installation_config: configuration,
              })
            }),
          )
          expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
          const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
          expect(new Set(reasons)).toEqual(new Set(['HC409']))
        } finally {
          await Promise.all(sessions.map((session) => session?.close()))
        }
      })
    })

    describe('a row that somebody else has written', () => {
      test('breaks neither the log nor a list', async () => {
        await install()
        await install(A, 'zenith-crm')
        for (const p_idempotency_key of ['a', 'b', 'c', 'd']) await record({ p_idempotency_key })
        const bad = ['{"payload_size": "12 KB", "attempts": []}', '[1]', '"text"', 'null']
        for (const [index, metadata] of bad.entries())
          await database.exec(`
            update core_entities set metadata = '${metadata}', updated_by = '${ACTOR}'
             where id = (select id from core_entities where organization_id = '${A}' and entity_type = 'INTEGRATION_EVENT'
                          order by created_at offset ${index} limit 1)`)
        expect((await logs()).logs).toHaveLength(4)
        expect((await logs({ p_status: 'success' })).logs).toHaveLength(4)
        for (const value of ['[1]', '"text"', 'null', '7']) {
          await database.exec(`
            update core_dynamic_data set field_value_json = '${value}', updated_by = '${ACTOR}'
             where organization_id = '${A}' and field_name like 'installation\\_%'
               and entity_id = (select id from core_entities where organization_id = '${A}' and entity_code = 'acme-crm')`)
          const { connectors } = await operate('LIST')
          expect(connectors).toHaveLength(2)
          expect(connectors[1].installation_config.client_id).toBe('acme0001')
          expect(await operate('PAUSE', { p_connector_code: 'acme-crm' })).toMatchObject({ status: 'paused' })
          expect(await operate('RESUME', { p_connector_code: 'acme-crm' })).toMatchObject({ status: 'active' })
        }
        const again = { p_connector_code: 'acme-crm', p_installation_config: configuration }
        expect(await operate('CONFIGURE', again)).toMatchObject({ success: true })
      })

      test('of the catalogue breaks no list', async () => {
        await install()
        const seed = (await scriptsOf(files))['setup-prebuilt-connectors.sql'] ?? ''
        try {
          for (const value of [
            '[1]',
            '"text"',
            'null',
            '{"status": "active", "authentication": {"fields": {"a": 1}}}',
          ]) {
            await database.exec(`
              update core_dynamic_data set field_value_json = '${value}', updated_by = '${ACTOR}'
               where field_name = 'connector_config'
                 and entity_id = (select id from core_entities where entity_type = 'INTEGRATION_CONNECTOR_DEF' and entity_code = 'acme-crm')`)
            expect((await operate('LIST')).connectors).toHaveLength(1)
            expect((await operate('LIST_AVAILABLE')).connectors.length).toBeGreaterThan(0)
            expect((await record()).success).toBe(false)
          }
        } finally {
          await database.exec(seed)
        }
      })
    })

    describe('the log', () => {
      test('is read page by page, and no entry is lost or shown twice', async () => {
        await install()
        await database.exec(`
          select public.hera_integration_event_in_v1('${ACTOR}', '${A}', 'acme-crm', case n % 3 when 0 then 'nope' else 'contact_created' end, '{}')
            from generate_series(1, 60) as n`)
        // Five at every instant, so that a page of seven ends among those of one.
        await database.exec(`
          update core_entities entity set created_at = timestamptz '2026-01-01' + position / 5 * interval '1 second', updated_by = '${ACTOR}'
            from (select id, row_number() over (order by created_at, id) - 1 as position from core_entities
                   where organization_id = '${A}' and entity_type = 'INTEGRATION_EVENT') as placed
           where entity.id = placed.id`)
        const seen: Answer[] = []
        let before: string | null = null
        do {
          const page: Answer = await logs({ p_limit: 7, p_before: before })
          seen.push(...page.logs)
          before = page.next_before
        } while (before !== null)
        expect(seen).toHaveLength(60)
        expect(new Set(seen.map(({ id }) => id)).size).toBe(60)
        const times = seen.map(({ timestamp }) => timestamp)
        expect(times).toEqual([...times].sort().reverse())
        expect((await logs({ p_status: 'error' })).logs).toHaveLength(20)
        expect((await logs({ p_status: 'success', p_limit: 1000 })).logs).toHaveLength(40)
        expect((await logs({ p_status: 'pending' })).logs).toEqual([])
        expect((await logs({ p_connector_code: 'zenith-crm' })).logs).toEqual([])
      })

      test.each<[object, string]>([
        [{ p_limit: 0 }, 'integration_validation:LIMIT_OUT_OF_RANGE'],
        [{ p_limit: 1001 }, 'integration_validation:LIMIT_OUT_OF_RANGE'],
        [{ p_status: 'odd' }, 'integration_validation:STATUS_UNKNOWN'],
      ])('refuses %j', async (given, message) => {
        expect(await fault(logs(given))).toEqual({ code: 'HC400', message })
      })
    })

    describe('a user', () => {
      const user = 'eeeeeeee-0000-4000-8000-000000000001'
      const subject = 'eeeeeeee-0000-4000-8000-000000000002'
      const role = 'eeeeeeee-0000-4000-8000-000000000003'
      const club = 'eeeeeeee-0000-4000-8000-000000000004'
      const installing = { p_actor_user_id: user, p_connector_code: 'acme-crm', p_installation_config: configuration }

      beforeAll(async () => {
        await database.exec((await scriptsOf(files))['grant-authenticated.sql'] ?? '')
      })
      afterAll(async () => {
        await database.exec(`reset role; ${(await scriptsOf(files))['runtime.sql'] ?? ''}`)
      })

      beforeEach(() =>
        database.exec(`
          insert into core_entities (id, organization_id, entity_type, entity_code, entity_name, smart_code, metadata, created_by) values
            ('${user}', '${A}', 'USER', null, 'Ann', 'HERA.PLATFORM.USER.ENTITY.ANN.v1', '{"provider_uid": "${subject}"}', '${ACTOR}'),
            ('${A}', '${A}', 'ORGANIZATION', 'TEST', 'Acme', 'HERA.PLATFORM.ORG.ENTITY.ACME.v1', '{}', '${ACTOR}'),
            ('${club}', '${A}', 'LOYALTY_CLUB', 'CLUB', 'Club', 'HERA.PLATFORM.CLUB.ENTITY.ACME.v1', '{}', '${ACTOR}'),
            ('${role}', '${A}', 'ROLE', 'ORG_ADMIN', 'Admin', 'HERA.PLATFORM.ROLE.ENTITY.ADMIN.v1', '{"canonical_type": "ROLE"}', '${ACTOR}')`),
      )

      const relate = (type: string, to: string, data: object = {}) =>
        database.exec(`
          insert into core_relationships (organization_id, from_entity_id, to_entity_id, relationship_type, relationship_data, smart_code, created_by)
          values ('${A}', '${user}', '${to}', '${type}', '${JSON.stringify(data)}', 'HERA.PLATFORM.USER.RELATION.ORG.v1', '${ACTOR}')`)

      async function signIn(sub: string = subject): Promise<void> {
        await relate('USER_MEMBER_OF_ORG', A)
        await relate('HAS_ROLE', role)
        await database.exec(
          `set request.jwt.claims = '${JSON.stringify({ sub, role: 'authenticated' })}'; set role authenticated`,
        )
      }

      test('works in the organization that he is a member of, under his own name', async () => {
        await signIn()
        expect(await operate('INSTALL', installing)).toMatchObject({ success: true })
        expect(await record({ p_actor_user_id: subject })).toMatchObject({ success: true })
        expect((await logs()).logs).toHaveLength(1)
      })

      test.each<[string, () => Promise<unknown>]>([
        ['lists another organization', () => operate('LIST', { p_actor_user_id: user }, B)],
        ['reads its log', () => logs({}, B)],
        ['sends it events', () => record({ p_actor_user_id: user }, B)],
        ['acts as somebody else', () => operate('LIST')],
        ['wants secrets', () => secrets('dddddddd-0000-4000-8000-000000000001')],
        ['calls a helper', () => database.exec("select hera_connectors.secret_key('')")],
      ])('is refused where he %s', async (_, calling) => {
        await signIn()
        expect((await fault(calling())).code).toBe('42501')
      })

      test.each([
        'is_active = false',
        "expiration_date = now() - interval '1 day'",
        "effective_date = now() + interval '1 day'",
      ])('is refused with a membership or a role that is not in force: %s', async (change) => {
        await signIn()
        const changed = (type: string) =>
          database.exec(`reset role; update core_relationships set ${change}, updated_by = '${ACTOR}'
                            where relationship_type = '${type}'; set role authenticated`)
        await changed('HAS_ROLE')
        expect((await logs()).logs).toEqual([])
        expect((await fault(operate('INSTALL', installing))).message).toBe('actor_not_connector_administrator')
        await changed('USER_MEMBER_OF_ORG')
        expect((await fault(logs())).message).toBe('actor_not_member')
      })

      test('is refused without an identity', async () => {
        await signIn()
        await database.exec(`set request.jwt.claims = ''`)
        expect((await fault(logs())).message).toBe('actor_not_member')
      })

      describe('on whose behalf the gateway calls', () => {
        const list = () => operate('LIST', { p_actor_user_id: user })

        test('is nobody as a member of a club of the organization', async () => {
          await relate('MEMBER_OF', club)
          await relate('HAS_ROLE', role)
          await database.exec('set role service_role')
          for (const calling of [list, () => operate('INSTALL', installing), () => record({ p_actor_user_id: user })])
            expect((await fault(calling())).message).toBe('actor_not_member')
        })

        test('reads as a member, and changes nothing', async () => {
          await relate('MEMBER_OF', A, { role: 'ORG_EMPLOYEE' })
          await database.exec('set role service_role')
          expect(await list()).toMatchObject({ success: true })
          expect(await record({ p_actor_user_id: user })).toMatchObject({ success: false })
          for (const operation of ['INSTALL', 'CONFIGURE', 'PAUSE', 'RESUME', 'UNINSTALL'])
            expect((await fault(operate(operation, installing))).message).toBe('actor_not_connector_administrator')
        })

        test.each<[string, () => Promise<unknown>]>([
          ['the role of an administrator', () => relate('HAS_ROLE', role)],
          ['the role of an owner', () => relate('HAS_ROLE', role, { role_code: 'ORG_OWNER' })],
          ['the scope', () => relate('HAS_ROLE', role, { role_code: 'OTHER', scopes: ['integration_admin'] })],
        ])('administers connectors with %s', async (_, grant) => {
          await relate('MEMBER_OF', A)
          await grant()
          await database.exec('set role service_role')
          expect(await operate('INSTALL', installing)).toMatchObject({ success: true })
          expect(await operate('PAUSE', { ...installing, p_actor_user_id: subject })).toMatchObject({
            status: 'paused',
          })
        })
      })

      test('who is nobody may call nothing; service_role may all', async () => {
        await database.exec('set role anon')
        for (const calling of [() => logs(), () => operate('LIST'), () => record()])
          expect((await fault(calling())).code).toBe('42501')
        await database.exec('set role service_role')
        const { installation_id } = await install()
        expect(await secrets(installation_id)).toMatchObject({ client_secret: 'top-secret-one' })
        expect(await record()).toMatchObject({ success: true })
      })
    })

    test('a thousand random calls of two organizations show neither anything of the other', async () => {
      const owner = new Map<string, string>()
      const step = fc.record({
        organization: fc.constantFrom(A, B),
        what: fc.constantFrom('INSTALL', 'PAUSE', 'RESUME', 'UNINSTALL', 'CONFIGURE', 'LIST', 'event', 'event', 'logs'),
        code: fc.constantFrom('acme-crm', 'zenith-crm'),
        key: fc.option(fc.integer({ min: 0, max: 20 })),
        status: fc.constantFrom(null, 'error', 'success'),
      })
      let refusals = 0
      const steps = fc.sample(step, { numRuns: 1000 })
      for (const { organization, what, code, key, status } of steps) {
        const mark = `of-${organization.slice(0, 1)}`
        const calling =
          what === 'event'
            ? record(
                {
                  p_event_source: code,
                  p_connector_code: code,
                  p_event_data: { mark },
                  p_idempotency_key: key === null ? null : `key ${key}`,
                },
                organization,
              )
            : what === 'logs'
              ? logs({ p_status: status, p_limit: 1000 }, organization)
              : operate(
                  what,
                  {
                    p_connector_code: what === 'LIST' ? null : code,
                    p_installation_config:
                      what === 'CONFIGURE' ? { tenant_id: mark } : { ...configuration, tenant_id: mark },
                  },
                  organization,
                )
        const answer: Answer = await calling.catch(({ code: fault }: { readonly code: string }) => {
          expect(['HC404', 'HC409']).toContain(fault)
          refusals += 1
          return {}
        })
        const ids = [
          answer.installation_id,
          answer.event_id,
          answer.connector_id,
          ...(answer.logs ?? []).map(({ id }: Answer) => id),
          ...(answer.connectors ?? []).map(({ id }: Answer) => id),
        ].filter((id) => typeof id === 'string')
        for (const id of ids) {
          expect(owner.get(id) ?? organization).toBe(organization)
          owner.set(id, organization)
        }
        expect(JSON.stringify(answer)).not.toContain(organization === A ? 'of-b' : 'of-a')
      }
      expect(owner.size).toBeGreaterThan(100)
      expect(refusals).toBeGreaterThan(50)
      for (const [organization, foreign] of [
        [A, 'of-b'],
        [B, 'of-a'],
      ] as const)
        expect(await stored(organization)).not.toContain(foreign)
    })

    describe('data', () => {
      const purge = (given: Readonly<Record<string, unknown>>): Promise<Answer> =>
        call(database, 'hera_integration_purge_v1', given)
      const erase = (given: Readonly<Record<string, unknown>>): Promise<Answer> =>
        call(database, 'hera_integration_erase_v1', { p_actor_user_id: ACTOR, p_organization_id: A, ...given })

      test('of before a date is purged in batches, after a dry run', async () => {
        await Promise.all([install(), install(B)])
        for (const p_idempotency_key of ['a', 'b', 'c']) await record({ p_idempotency_key })
        await record({ p_event_type: 'nope' })
        await record({ p_options: { create_transaction: true } })
        await record({}, B)
        await database.exec(`
          update core_entities set created_at = '2020-01-01', updated_by = '${ACTOR}' where entity_type = 'INTEGRATION_EVENT'`)
        await record({ p_idempotency_key: 'new' })
        const old = { p_before: '2021-01-01', p_organization_id: A }
        expect(await purge(old)).toEqual({ success: true, dry_run: true, deleted: 0, remaining: 4, kept: 1 })
        expect(await purge({ ...old, p_limit: 3, p_dry_run: false })).toMatchObject({ deleted: 3, remaining: 1 })
        expect(await purge({ ...old, p_limit: 3, p_dry_run: false })).toMatchObject({
          deleted: 1,
          remaining: 0,
          kept: 1,
        })
        expect((await logs()).logs).toHaveLength(2)
        expect((await logs({}, B)).logs).toHaveLength(1)
        expect(await purge({ p_before: '2021-01-01', p_dry_run: false })).toMatchObject({ deleted: 1 })
        const { rows } = await database.exec(`
          select count(*)::int as rows from core_dynamic_data where field_name = 'event_data'`)
        expect(rows[0]?.rows).toBe(2)
        expect((await fault(purge({ p_before: '2999-01-01' }))).message).toBe(
          'integration_validation:DATE_OUT_OF_RANGE',
        )
      })

      test('is purged by the retention periods of its event', async () => {
        const text = '    periods: [{ keep: P30D, events: [contact_created] }]\n'
        const periods =
          '    periods:\n      - { keep: PT48H, events: [contact_created] }\n      - { keep: P1Y, events: [contact_created] }\n'
        const kept = { ...files, 'acme-crm.yaml': edit(acme, [text, periods]) }
        await database.exec((await scriptsOf(kept))['runtime.sql'] ?? '')
        try {
          await install()
          for (const p_idempotency_key of ['a', 'b']) await record({ p_idempotency_key })
          await record({ p_event_type: 'nope' })
          await database.exec(`
            update core_entities set created_at = now() - interval '47 hours', updated_by = '${ACTOR}' where entity_type = 'INTEGRATION_EVENT'`)
          expect(await purge({})).toMatchObject({ dry_run: true, deleted: 0, remaining: 0 })
          await database.exec(`
            update core_entities set created_at = now() - interval '49 hours', updated_by = '${ACTOR}' where entity_type = 'INTEGRATION_EVENT'`)
          expect(await purge({ p_limit: 1, p_dry_run: false })).toMatchObject({ deleted: 1, remaining: 1 })
          expect(await purge({ p_dry_run: false })).toMatchObject({ deleted: 1, remaining: 0 })
          expect((await logs()).logs).toMatchObject([{ event_type: 'nope' }])
        } finally {
          await database.exec((await scriptsOf(files))['runtime.sql'] ?? '')
        }
      })

      test('of a person is erased by key or by value, and what repeats it is a duplicate', async () => {
        await Promise.all([install(), install(B)])
        const ann = { contact_id: 'c_1', person: { 'e/mail': 'ann@example.com' } }
        const by = { p_idempotency_key: 'ann@example.com:1', p_event_data: ann }
        const { event_id } = await record(by)
        await record({ p_event_type: 'nope', p_event_data: ann })
        await record({ p_idempotency_key: 'other' })
        await record({ p_event_data: ann }, B)
        const subject = { p_pointer: '/person/e~1mail', p_value: 'ann@example.com' }
        expect(await erase({ ...subject, p_dry_run: true })).toMatchObject({ dry_run: true, erased: 2 })
        expect(await stored(A)).toContain('ann@example.com')
        const answer = await erase(subject)
        expect(answer).toMatchObject({ success: true, erased: 2 })
        expect(answer.events[0]).toMatchObject({ id: event_id, event_type: 'contact_created' })
        expect(await stored(A)).not.toContain('ann@example.com')
        expect(await stored(B)).toContain('ann@example.com')
        expect(await record(by)).toMatchObject({ success: true, duplicate: true, event_id })
        expect(await stored(A)).not.toContain('ann@example.com')

        const other = { p_connector_code: 'acme-crm', p_idempotency_key: 'other' }
        expect(await erase(other)).toMatchObject({ erased: 1 })
        expect(await erase({ ...other, p_idempotency_key: 'unknown' })).toMatchObject({ erased: 0, events: [] })
        for (const given of [{}, { p_pointer: '/a' }, { p_idempotency_key: 'k' }, { p_pointer: 'a', p_value: 'b' }])
          expect((await fault(erase(given))).message).toBe('integration_validation:SUBJECT_REQUIRED')
      })
    })

    describe('the script refuses', () => {
      test('functions of the same name with other arguments', async () => {
        await database.exec(
          'create function hera_integration_logs_v1(p_organization_id uuid, p_page text) returns text language sql as $$ select p_page $$',
        )
        try {
          const { code, message } = await fault(database.exec((await scriptsOf(files))['runtime.sql'] ?? ''))
          expect(code).toBe('HC006')
          expect(message).toContain('hera_integration_logs_v1(uuid,text)')
        } finally {
          await database.exec('drop function hera_integration_logs_v1(uuid, text)')
        }
      })

      test('a role that may not', async () => {
        await database.exec('set role authenticated')
        expect((await fault(database.exec((await scriptsOf(files))['runtime.sql'] ?? ''))).code).toBe('HC003')
      })
    })
  })
})

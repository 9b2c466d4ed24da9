import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acme } from '../../support/acme.ts'
import type { TestDatabase } from '../../support/databases.ts'
import { databases, openAsProduction } from '../../support/databases.ts'
import type { Answer } from '../../support/runtime.ts'
import { ACTOR, call, fault, prepareRuntime } from '../../support/runtime.ts'
import { scriptsOf, verifyOf } from '../../support/seeds.ts'
import { mayRun } from '../../support/servers.ts'

const A = 'aaaaaaaa-0000-4000-8000-000000000001'
const files = { 'acme-crm.yaml': acme }
const configuration = { client_id: 'acme0001', client_secret: 'top-secret-one', verify_token: 'top-secret-two' }

describe.each(databases)('$name', (kind) => {
  const title = kind.missing === undefined ? "tables as open as production's" : `open tables (skipped: ${kind.missing})`
  describe.runIf(mayRun(kind))(title, () => {
    let database: TestDatabase
    let installation = ''

    const operate = (operation: string, given: object = {}): Promise<Answer> =>
      call(database, 'hera_integration_connector_v1', {
        p_actor_user_id: ACTOR,
        p_organization_id: A,
        p_operation: operation,
        p_connector_code: 'acme-crm',
        ...given,
      })
    const become = (role: 'anon' | 'authenticated') =>
      database.exec(
        `set request.jwt.claims = '{"role": "${role}", "sub": "eeeeeeee-0000-4000-8000-000000000001"}'; set role ${role}`,
      )
    const verified = async () => (await database.exec(await verifyOf(files))).notices

    beforeAll(async () => {
      database = await kind.open()
      await openAsProduction(database)
      await prepareRuntime(database, files, [A])
      installation = (await operate('INSTALL', { p_installation_config: configuration })).installation_id
    })
    afterAll(() => database?.close())

    test('show nobody a secret, whatever is written to them', async () => {
      await become('anon')
      await database.exec(`
        update core_dynamic_data
           set field_value_json = replace(replace(field_value_json::text, '"password"', '"text"'), '"sensitive": true', '"sensitive": false')::jsonb,
               updated_by = '${ACTOR}'
         where field_name = 'connector_config'`)
      const { rows } = await database.exec(
        `select field_value_json->>'status' as status from core_dynamic_data where field_name = 'connector_config'`,
      )
      expect(rows).toEqual([{ status: 'active' }])
      await database.exec(`reset role; set request.jwt.claims = ''`)
      await operate('CONFIGURE', { p_installation_config: { verify_token: 'top-secret-three' } })
      expect(JSON.stringify(await operate('LIST'))).not.toContain('top-secret')
      await become('anon')
      const seen = await database.exec(
        `select string_agg(to_jsonb(d)::text, '') as everything from core_dynamic_data d`,
      )
      expect(seen.rows[0]?.everything).toContain('acme0001')
      expect(seen.rows[0]?.everything).not.toContain('top-secret')
      for (const role of ['anon', 'authenticated'] as const) {
        await database.exec('reset role')
        await become(role)
        for (const calling of [
          () => operate('LIST'),
          () => call(database, 'hera_integration_logs_v1', { p_organization_id: A }),
          () => call(database, 'hera_integration_rotate_key_v1', {}),
          () =>
            call(database, 'hera_integration_secrets_v1', { p_organization_id: A, p_installation_id: installation }),
        ])
          expect((await fault(calling())).code).toBe('42501')
      }
      await database.exec(`reset role; set request.jwt.claims = ''`)
      await database.exec((await scriptsOf(files))['setup-prebuilt-connectors.sql'] ?? '')
    })

    test('functions are called by no role that default privileges or a former function let in', async () => {
      await database.exec(`
        create role reporting nologin;
        grant usage on schema public to reporting;
        alter default privileges in schema public grant execute on functions to reporting;
        grant execute on function public.hera_integration_secrets_v1 to reporting with grant option`)
      try {
        expect((await verified()).filter((line) => line.startsWith('reporting may call'))).toHaveLength(1)
        await database.exec((await scriptsOf(files))['runtime.sql'] ?? '')
        expect((await verified()).filter((line) => line.includes('may call'))).toEqual([])
        await database.exec('set role reporting')
        const secrets = { p_organization_id: A, p_installation_id: installation }
        expect((await fault(call(database, 'hera_integration_secrets_v1', secrets))).code).toBe('42501')
      } finally {
        await database.exec('reset role; drop owned by reporting; drop role reporting')
      }
    })

    test('are reported by verify, with the statements that close them', async () => {
      await database.exec('grant create on schema public to authenticated')
      const { rows } = await database.exec('select * from pg_policies order by tablename')
      const lines = await verified()
      expect(lines).toContain(
        'anon may select, insert, update, delete, truncate, trigger on public.core_dynamic_data; to close it: revoke select, insert, update, delete, truncate, trigger on public.core_dynamic_data from anon;',
      )
      expect(lines.some((line) => line.startsWith('authenticated may create functions in schema public'))).toBe(true)
      await database.exec((await scriptsOf(files))['grant-authenticated.sql'] ?? '')
      expect((await verified()).filter((line) => line.includes('may call'))).toHaveLength(3)
      expect((await database.exec('select * from pg_policies order by tablename')).rows).toEqual(rows)

      for (const line of await verified()) await database.exec(line.replace(/^.*; to close it: /s, ''))
      expect(await verified()).toEqual([])
      await become('anon')
      expect((await fault(database.exec('select * from core_dynamic_data'))).code).toBe('42501')
      await database.exec(`reset role; set request.jwt.claims = ''`)
    })
  })
})

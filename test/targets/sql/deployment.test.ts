import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indexStatements } from '../../../generator/targets/sql/sql-target.ts'
import { acme, edit } from '../../support/acme.ts'
import type { TestDatabase } from '../../support/databases.ts'
import { databases } from '../../support/databases.ts'
import { ACTOR, call, fault } from '../../support/runtime.ts'
import { scriptsOf, verifyOf } from '../../support/seeds.ts'
import { mayRun } from '../../support/servers.ts'

const A = 'aaaaaaaa-0000-4000-8000-000000000001'
const files = { 'acme-crm.yaml': acme }
const changed = { 'acme-crm.yaml': edit(acme, ['version: 1.2.3', 'version: 1.2.4'], ['keep: P30D', 'keep: P31D']) }
/** A function of HERA's own migration, which ours replaces. */
const HERAS = `create or replace function public.hera_integration_logs_v1(
  p_organization_id uuid, p_limit integer default 50, p_connector_code text default null, p_status text default null,
  p_before timestamptz default null) returns jsonb language sql as $$ select '"of HERA"'::jsonb $$`

describe.each(databases)('$name', (kind) => {
  const title = kind.missing === undefined ? 'a deployment' : `a deployment (skipped: ${kind.missing})`
  describe.runIf(mayRun(kind))(title, () => {
    let database: TestDatabase
    let scripts: Readonly<Record<string, string>>

    const run = (name: string) => database.exec(scripts[name] ?? '')
    const functions = async () => {
      const { rows } = await database.exec(`
        select oid::regprocedure::text as name, pg_get_functiondef(oid) as definition, obj_description(oid, 'pg_proc') as comment,
               array(select acl.grantee::text from aclexplode(coalesce(proacl, acldefault('f', proowner))) as acl order by 1) as grantees
          from pg_proc
         where pronamespace = to_regnamespace('hera_connectors') and proname <> 'former'
            or pronamespace = 'public'::regnamespace and proname like 'hera\\_integration%'
         order by 1`)
      return rows
    }

    beforeAll(async () => {
      database = await kind.open()
      scripts = await scriptsOf(files)
      await database.exec(HERAS)
      await run('setup-prebuilt-connectors.sql')
    })
    afterAll(() => database?.close())

    test('lists the missing indexes, and creates none', async () => {
      const { notices } = await run('runtime.sql')
      expect(notices.join()).toContain('hera_connectors_connector_events_idx')
      const { notices: warnings } = await database.exec(await verifyOf(files))
      expect(
        warnings.filter((line) => /index hera_connectors_\w+ is missing; to close it: run indexes.sql/.test(line)),
      ).toHaveLength(3)
      // Concurrently in another test, since the embedded database has one session.
      for (let time = 0; time < 2; time += 1)
        for (const statement of indexStatements({ concurrently: false })) await database.exec(statement)
      expect((await run('runtime.sql')).notices).toEqual([])
      expect((await database.exec(await verifyOf(files))).notices.join()).not.toContain('index')
    })

    test('can be taken back, to what was there before', async () => {
      await database.exec(`grant execute on function hera_integration_logs_v1 to public`)
      await run('rollback.sql')
      expect((await database.exec(`select hera_integration_logs_v1('${A}') as answer`)).rows).toEqual([
        { answer: 'of HERA' },
      ])
      expect(await functions()).toHaveLength(1)
      expect((await fault(run('rollback.sql'))).code).toBe('HC002')

      await run('runtime.sql')
      const before = await functions()
      await database.exec((await scriptsOf(changed))['runtime.sql'] ?? '')
      await database.exec((await scriptsOf(changed))['runtime.sql'] ?? '')
      expect(await functions()).not.toEqual(before)
      await run('rollback.sql')
      expect(await functions()).toEqual(before)
      expect((await database.exec(await verifyOf(files))).rows[0]).toMatchObject({ connectors: 1 })
    })

    test('is verified: functions, grants and exposure', async () => {
      await database.exec(HERAS)
      const replaced = await fault(database.exec(await verifyOf(files)))
      expect(replaced).toEqual({
        code: 'HC001',
        message: expect.stringMatching(
          /^1 difference between the database and runtime.sql: function .*hera_integration_logs_v1\(.*\) is not the one that runtime.sql created$/,
        ),
      })
      await run('runtime.sql')
      await database.exec(
        'drop function hera_integration_purge_v1; revoke execute on function hera_integration_logs_v1 from service_role',
      )
      const { message } = await fault(database.exec(await verifyOf(files)))
      expect(message).toContain('function public.hera_integration_purge_v1 is missing')
      expect(message).toContain('service_role may not call')
      await run('runtime.sql')
      await database.exec(
        `create role authenticator; alter role authenticator set pgrst.db_schemas = 'public, hera_connectors'`,
      )
      const { notices } = await database.exec(await verifyOf(files))
      expect(notices.join()).toContain('PostgREST serves the schema hera_connectors')
      await database.exec('drop role authenticator')
    })

    test('blocks nobody who writes, and waits for nobody for long', async () => {
      const writer = await database.another?.()
      if (writer === undefined) return
      try {
        await writer.exec(
          `begin; update core_entities set updated_by = '${ACTOR}'; update core_dynamic_data set updated_by = '${ACTOR}'`,
        )
        await run('runtime.sql')
        await run('rollback.sql').catch(() => undefined)
        await run('runtime.sql')
        await writer.exec('commit')
        for (const statement of indexStatements({ concurrently: true })) await database.exec(statement)
      } finally {
        await writer.close()
      }
    })

    test('reads a bounded number of entries, whatever is in the log', async () => {
      await database.exec(`
        insert into core_organizations (id, organization_name, organization_code, created_by) values ('${A}', 'Test', 'TEST', '${ACTOR}');
        insert into core_entities (organization_id, entity_type, entity_code, entity_name, smart_code, metadata, created_at, created_by)
        select '${A}', 'INTEGRATION_EVENT', n::text, 'Event', 'HERA.ACME.EVENT.CONTACT.CREATED.v1',
               jsonb_build_object('connector_code', 'busy-crm', 'status', case n % 1000 when 0 then 'error' else 'success' end),
               now() - n * interval '1 second', '${ACTOR}'
          from generate_series(1, 30000) as n;
        analyze core_entities`)
      const read = async (connector: string | null, status: string) => {
        const { rows } = await database.exec(`
          explain (analyze, format json)
          select event.id from core_entities event
           where event.organization_id = '${A}' and event.entity_type = 'INTEGRATION_EVENT'
             ${connector === null ? '' : `and event.metadata ->> 'connector_code' = '${connector}'`}
             and coalesce(event.metadata ->> 'status', 'success') = '${status}' and event.created_at < 'infinity'
           order by event.created_at desc fetch first 50 rows with ties`)
        return JSON.stringify(rows)
      }
      for (const connector of [null, 'busy-crm', 'silent-crm'])
        for (const status of ['success', 'error', 'pending']) {
          const plan = await read(connector, status)
          expect(plan).toMatch(/hera_connectors_(?:connector_)?events_idx/)
          expect(plan).not.toContain('Seq Scan')
          expect(plan).not.toContain('Rows Removed by Filter')
        }
      const logs = (given: object) => call(database, 'hera_integration_logs_v1', { p_organization_id: A, ...given })
      // A hundred pages of a connector without events: each would take as long as reading all of the log.
      const start = performance.now()
      for (let time = 0; time < 100; time += 1) await logs({ p_connector_code: 'silent-crm' })
      expect(performance.now() - start).toBeLessThan(2000)
      expect((await logs({ p_status: 'error' })).logs).toHaveLength(30)
    })
  })
})

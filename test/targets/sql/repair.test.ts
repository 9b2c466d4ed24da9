import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ALLOW_ARCHIVING } from '../../../generator/targets/sql/sql-target.ts'
import { acme, connectorOf, edit, zenith } from '../../support/acme.ts'
import type { Row, TestDatabase } from '../../support/databases.ts'
import { databases } from '../../support/databases.ts'
import { scriptsOf, seedOf, verifyOf } from '../../support/seeds.ts'
import { mayRun } from '../../support/servers.ts'

const PLATFORM = '00000000-0000-0000-0000-000000000000'
const OPERATOR = '00000000-0000-0000-0000-0000000000aa'

type Files = Readonly<Record<string, string>>

const both: Files = { 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenith }
const acmeOnly: Files = { 'acme-crm.yaml': acme }
const renamed: Files = { 'acme-crm.yaml': edit(acme, ['name: Acme CRM', 'name: Acme']) }
const retired: Files = {
  'acme-crm.yaml': edit(acme, [
    'status: active',
    'status: retired\ndeprecated: { reason: Closed., instead: Use Zenith. }',
  ]),
}

describe.each(databases)('$name', (kind) => {
  const title = kind.missing === undefined ? 'with the tables of HERA' : `skipped: ${kind.missing}`
  describe.runIf(mayRun(kind))(title, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await kind.open()
    })
    beforeEach(async () => {
      await database.exec('truncate core_organizations cascade')
    })
    afterAll(() => database?.close())

    async function run(script: string): Promise<Row> {
      return (await rows(script))[0] ?? {}
    }

    async function rows(script: string): Promise<readonly Row[]> {
      return (await database.exec(script)).rows
    }

    async function row(query: string): Promise<Row> {
      const found = await rows(query)
      expect(found).toHaveLength(1)
      return found[0] ?? {}
    }

    function entity(code: string): Promise<Row> {
      return row(`select * from core_entities where entity_code = '${code}'`)
    }

    async function differences(files: Files): Promise<readonly string[]> {
      try {
        await run(await verifyOf(files))
        return []
      } catch (error) {
        const { code, detail = '' } = error as { code?: string; detail?: string }
        if (code !== 'HC001') throw error
        return detail.split('\n')
      }
    }

    /** A row of core_entities that somebody made without this project. */
    function handMade({ id, code }: { readonly id: string; readonly code: string }): string {
      return `
    insert into core_entities (id, organization_id, entity_type, entity_code, entity_name, smart_code, created_by, updated_by)
    values ('${id}', '${PLATFORM}', 'INTEGRATION_CONNECTOR_DEF', '${code}', 'Mine', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.MINE.v1', '${OPERATOR}', '${OPERATOR}')`
    }

    describe('the session may be set up in any way', () => {
      test.each([
        ['an empty search path', "set search_path = ''"],
        ['old string syntax', 'set standard_conforming_strings = off; set backslash_quote = on'],
        ['snapshots for a whole transaction', "set default_transaction_isolation = 'repeatable read'"],
        ['serializable transactions', "set default_transaction_isolation = 'serializable'"],
        ['another date style and encoding', "set datestyle = 'German'; set client_encoding = 'UTF8'"],
        ['planning by habit', 'set enable_hashjoin = off; set enable_mergejoin = off'],
      ])('with %s', async (_, settings) => {
        try {
          await database.exec(settings)
          expect(await run(await seedOf(both))).toMatchObject({ inserted: 2, events_inserted: 6 })
          expect(await run(await seedOf(both))).toMatchObject({ unchanged: 2, events_unchanged: 6 })
          expect(await differences(both)).toEqual([])
        } finally {
          await database.exec('reset all')
        }
      })

      test('transactions that are read-only are refused with a reason', async () => {
        await database.exec('set default_transaction_read_only = on')
        try {
          await expect(run(await seedOf(both))).rejects.toMatchObject({
            code: 'HC003',
            message: expect.stringContaining('read-only'),
          })
        } finally {
          await database.exec('reset all')
        }
      })
    })

    describe('a role that may not do everything is refused before anything is written', () => {
      test.each([
        [
          'link',
          'revoke insert, update on core_relationships from seeder',
          /may not: insert on public.core_relationships/,
        ],
        ['read organizations', 'revoke select on core_organizations from seeder', /may not: select on public.core_org/],
        ['make temporary tables', 'revoke temporary on database postgres from public', /temporary tables in database/],
      ])('one that may not %s', async (_, revoke, message) => {
        const seed = await seedOf(both)
        await database.exec(`
      create role seeder bypassrls;
      grant usage on schema public to seeder;
      grant select, insert, update on all tables in schema public to seeder;
      ${revoke};
      set role seeder`)
        try {
          await expect(run(seed)).rejects.toMatchObject({ code: 'HC003', message: expect.stringMatching(message) })
        } finally {
          await database.exec(`
        reset role; grant temporary on database postgres to public; drop owned by seeder; drop role seeder`)
        }
        expect(await rows('select * from core_organizations')).toEqual([])
      })

      test('one that may do all that is needed is not refused', async () => {
        const seed = await seedOf(both)
        await database.exec(`
      create role seeder bypassrls;
      grant usage on schema public to seeder;
      grant select, insert, update on all tables in schema public to seeder;
      set role seeder`)
        try {
          expect(await run(seed)).toMatchObject({ inserted: 2 })
        } finally {
          await database.exec('reset role; drop owned by seeder; drop role seeder')
        }
      })
    })

    test('a schema that keeps neither time nor version of data and links gets the content all the same', async () => {
      const tables = ['core_dynamic_data', 'core_relationships']
      await database.exec(tables.map((table) => `alter table ${table} drop version, drop updated_at`).join('; '))
      try {
        await run(await seedOf(both))
        expect(await run(await seedOf(renamed))).toMatchObject({ updated: 1, archived: 1 })
        expect(await entity('acme-crm')).toMatchObject({ entity_name: 'Acme', version: 2 })
        expect(await differences(renamed)).toEqual([])
      } finally {
        await database.exec(
          tables
            .map(
              (table) => `alter table ${table} add version integer default 1, add updated_at timestamptz default now()`,
            )
            .join('; '),
        )
      }
    })

    describe('the stamps of a change', () => {
      test('are one version up and the time of the change, on the rows that changed and on no other', async () => {
        await run(await seedOf(both))
        await database.exec("update core_dynamic_data set updated_at = '2020-01-01', updated_by = created_by")
        await run(await seedOf({ ...both, ...renamed }))
        const stamps = await rows(`
      select field.field_name, entity.entity_code, field.version, field.updated_at > '2021-01-01' as is_fresh
        from core_dynamic_data field join core_entities entity on entity.id = field.entity_id
       where field.version > 1 or field.updated_at > '2021-01-01'`)
        expect(stamps).toEqual([
          { field_name: 'connector_config', entity_code: 'acme-crm', version: 2, is_fresh: true },
        ])
        expect(await entity('acme-crm')).toMatchObject({ version: 2 })
        expect(await entity('zenith-crm')).toMatchObject({ version: 1 })
      })
    })

    describe('ids', () => {
      test('a row of ours that lost its code is found again by its id', async () => {
        await run(await seedOf(acmeOnly))
        const { id } = await entity('acme-crm')
        await database.exec(
          `update core_entities set entity_code = 'old', updated_by = '${OPERATOR}' where id = '${id}'`,
        )
        expect(await run(await seedOf(acmeOnly))).toMatchObject({ inserted: 0, updated: 1 })
        expect(await entity('acme-crm')).toMatchObject({ id })
        expect(await differences(acmeOnly)).toEqual([])
      })

      test("two rows of ours that swapped codes are put right under their codes' ids", async () => {
        await run(await seedOf(both))
        await database.exec(`
      update core_entities set entity_code = 'swap', updated_by = created_by where entity_code = 'acme-crm';
      update core_entities set entity_code = 'acme-crm', updated_by = created_by where entity_code = 'zenith-crm';
      update core_entities set entity_code = 'zenith-crm', updated_by = created_by where entity_code = 'swap'`)
        await run(await seedOf(both))
        expect(await entity('acme-crm')).toMatchObject({ entity_name: 'Acme CRM' })
        expect(await differences(both)).toEqual([])
      })

      test('a row of ours that took the code of another item serves that item, and its own item gets a new row', async () => {
        await run(await seedOf(acmeOnly))
        const { id } = await entity('acme-crm')
        await database.exec(
          `update core_entities set entity_code = 'zenith-crm', updated_by = created_by where id = '${id}'`,
        )
        expect(await run(await seedOf(both))).toMatchObject({ inserted: 1, updated: 1 })
        expect(await entity('zenith-crm')).toMatchObject({ id })
        expect(await differences(both)).toEqual([])
      })

      test("somebody else's row that has the derived id stays as it is", async () => {
        const { id } = connectorOf(acme)
        await run(await seedOf({ 'zenith-crm.yaml': zenith }))
        await database.exec(handMade({ id, code: 'mine' }))
        const before = await entity('mine')
        expect(await run(await seedOf(both))).toMatchObject({ inserted: 1 })
        expect(await entity('mine')).toEqual(before)
        expect((await entity('acme-crm')).id).not.toBe(id)
        expect(await differences(both)).toEqual([])
        expect(await run(await seedOf(both))).toMatchObject({ unchanged: 2 })
      })

      test('data and links that were put aside keep their ids, and new ones are added', async () => {
        await run(await seedOf(acmeOnly))
        await database.exec(`
      update core_dynamic_data set field_name = 'put_aside', updated_by = created_by;
      update core_relationships set relationship_type = 'PUT_ASIDE', updated_by = created_by`)
        expect(await run(await seedOf(acmeOnly))).toMatchObject({ updated: 1, events_updated: 3 })
        expect(await differences(acmeOnly)).toEqual([])
        expect(await row("select count(*)::int as rows from core_dynamic_data where field_name = 'put_aside'")).toEqual(
          {
            rows: 4,
          },
        )
      })
    })

    describe('archiving', () => {
      test('what an operator archived stays so through a retirement and a return, with the note about it', async () => {
        await run(await seedOf(acmeOnly))
        await database.exec(`
      update core_entities
         set status = 'archived', metadata = metadata || '{"archived_by": "ops", "reason": "contract"}', updated_by = '${OPERATOR}'
       where entity_code = 'acme-crm'`)
        for (const files of [acmeOnly, retired, acmeOnly]) await run(await seedOf(files))
        expect(await entity('acme-crm')).toMatchObject({
          status: 'archived',
          metadata: { archived_by: 'ops', reason: 'contract', managed_by: 'hera-connectors' },
        })
      })

      test('what a retirement archived comes back with the definition', async () => {
        for (const files of [acmeOnly, retired, acmeOnly]) await run(await seedOf(files))
        expect(await entity('acme-crm')).toMatchObject({ status: 'active' })
        expect((await entity('acme-crm')).metadata).not.toHaveProperty('archived_by')
      })

      test('an empty registry archives all that is ours, and verifies', async () => {
        await run(await seedOf(both))
        const emptied = await run(ALLOW_ARCHIVING + (await seedOf({})))
        expect(await rows(`select coalesce(current_setting('hera.allow_archiving', true), '') as setting`)).toEqual([
          { setting: '' },
        ])
        expect(emptied).toMatchObject({ inserted: 0, archived: 2, events_archived: 6 })
        expect(await rows('select distinct status from core_entities')).toEqual([{ status: 'archived' }])
        expect(await differences({})).toEqual([])
      })

      test('what left the registry is kept archived in its data and links too', async () => {
        await run(await seedOf(both))
        await run(await seedOf(acmeOnly))
        await database.exec(`
      update core_dynamic_data set field_value_json = field_value_json || '{"status": "active"}', updated_by = created_by
       where entity_id = (select id from core_entities where entity_code = 'zenith-crm');
      update core_relationships set is_active = true, updated_by = created_by`)
        expect(await differences(acmeOnly)).toEqual([
          'zenith-crm: left the registry, but a link of it is active',
          'zenith-crm: left the registry, but connector_config.status is "active"',
          'zenith-crm.contact_added: left the registry, but a link of it is active',
          'zenith-crm.contact_created: left the registry, but a link of it is active',
          'zenith-crm.contact_polled: left the registry, but a link of it is active',
        ])
        await run(await seedOf(acmeOnly))
        expect(await differences(acmeOnly)).toEqual([])
      })

      test("one connector's file archives nothing of another, not even what left the registry", async () => {
        await run(await seedOf(both))
        await run((await scriptsOf(acmeOnly))['connectors/acme-crm.sql'] ?? '')
        expect(await entity('zenith-crm')).toMatchObject({ status: 'active', version: 1 })
      })
    })

    describe('links', () => {
      const link = "where to_entity_id = (select id from core_entities where entity_code = 'acme-crm.contact_created')"

      test('with another smart code are found and mended', async () => {
        await run(await seedOf(acmeOnly))
        await database.exec(
          `update core_relationships set smart_code = 'HERA.PLATFORM.SOME.OTHER.CODE.v1', updated_by = created_by ${link}`,
        )
        expect(await differences(acmeOnly)).toEqual([
          expect.stringMatching(/^acme-crm.contact_created: the link to its connector has the smart code/),
        ])
        await run(await seedOf(acmeOnly))
        expect(await differences(acmeOnly)).toEqual([])
      })

      test('that stand twice are inactive together', async () => {
        await run(await seedOf(acmeOnly))
        await database.exec(`
      insert into core_relationships (organization_id, from_entity_id, to_entity_id, relationship_type, smart_code, created_by, updated_by)
      select organization_id, from_entity_id, to_entity_id, relationship_type, smart_code, created_by, updated_by
        from core_relationships ${link}`)
        await run(await seedOf(retired))
        expect(await rows(`select is_active from core_relationships ${link}`)).toEqual([
          { is_active: false },
          { is_active: false },
        ])
        expect(await differences(retired)).toEqual([])
      })
    })

    test('the message of a failed verification begins with the differences, for clients that show no detail', async () => {
      await run(await seedOf(acmeOnly))
      await database.exec(`delete from core_entities where entity_code = 'acme-crm.contact_added'`)
      await expect(run(await verifyOf(acmeOnly))).rejects.toThrow(
        '1 difference between the database and the registry: acme-crm.contact_added: missing',
      )
      await database.exec('truncate core_entities cascade')
      await expect(run(await verifyOf(acmeOnly))).rejects.toThrow(
        '4 differences between the database and the registry: acme-crm: missing; acme-crm.contact_added: missing; acme-crm.contact_created: missing; and 1 more',
      )
    })
  })
})

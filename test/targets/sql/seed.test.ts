import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { acme, edit, zenith } from '../../support/acme.ts'
import { hostile } from '../../support/adversarial-input.ts'
import type { Row, TestDatabase } from '../../support/databases.ts'
import { databases } from '../../support/databases.ts'
import { fc } from '../../support/property.ts'
import { scriptsOf, seedOf, verifyOf } from '../../support/seeds.ts'
import { mayRun } from '../../support/servers.ts'

const PLATFORM = '00000000-0000-0000-0000-000000000000'
const ACTOR = '00000000-0000-0000-0000-000000000001'
const OPERATOR = '00000000-0000-0000-0000-0000000000aa'

type Files = Readonly<Record<string, string>>

const files: Files = { 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenith }
const oneFile: Files = { 'acme-crm.yaml': acme }

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

    interface Ran {
      readonly row: Row
      readonly notices: readonly string[]
    }

    async function run(script: string): Promise<Ran> {
      const { rows: found, notices } = await database.exec(script)
      return { row: found[0] ?? {}, notices }
    }

    async function rows(query: string): Promise<readonly Row[]> {
      return (await database.exec(query)).rows
    }

    /** Every column of every row, with the transaction that wrote it. */
    async function everything(): Promise<readonly (readonly Row[])[]> {
      const tables = ['core_organizations', 'core_entities', 'core_dynamic_data', 'core_relationships']
      return Promise.all(
        tables.map((table) => rows(`select xmin::text, to_jsonb(t) as row from ${table} t order by id`)),
      )
    }

    async function entity(code: string): Promise<Row> {
      const [row] = await rows(`select * from core_entities where entity_code = '${code}'`)
      if (row === undefined) throw new Error(`no ${code}`)
      return row
    }

    async function config(code: string): Promise<Row> {
      const [row] = await rows(
        `select field_value_json from core_dynamic_data where field_name = 'connector_config' and entity_id = (select id from core_entities where entity_code = '${code}')`,
      )
      return row?.field_value_json as Row
    }

    async function differences(given: Files): Promise<readonly string[]> {
      try {
        expect((await run(await verifyOf(given))).row).toMatchObject({ verified: expect.any(String) })
        return []
      } catch (error) {
        const { code, detail = '' } = error as { code?: string; detail?: string }
        if (code !== 'HC001') throw error
        return detail.split('\n')
      }
    }

    describe('a first seed', () => {
      test('creates the platform organization, connectors, events and links, and verifies', async () => {
        const { row } = await run(await seedOf(files))
        expect(row).toEqual({
          inserted: 2,
          updated: 0,
          unchanged: 0,
          archived: 0,
          events_inserted: 6,
          events_updated: 0,
          events_unchanged: 0,
          events_archived: 0,
        })
        expect(
          await rows(
            'select id, organization_name, organization_code, organization_type, created_by, updated_by from core_organizations',
          ),
        ).toEqual([
          {
            id: PLATFORM,
            organization_name: 'HERA PLATFORM',
            organization_code: 'HERA_PLATFORM',
            organization_type: 'platform',
            created_by: ACTOR,
            updated_by: ACTOR,
          },
        ])
        expect(await entity('acme-crm')).toMatchObject({
          organization_id: PLATFORM,
          entity_type: 'INTEGRATION_CONNECTOR_DEF',
          entity_name: 'Acme CRM',
          smart_code: 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.ACME_CRM.v1',
          status: 'active',
          created_by: ACTOR,
          updated_by: ACTOR,
          metadata: {
            managed_by: 'hera-connectors',
            definition_version: '1.2.3',
            content_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
        })
        expect(
          await rows(
            "select field_type, smart_code from core_dynamic_data where field_name = 'connector_config' order by smart_code",
          ),
        ).toEqual([
          { field_type: 'json', smart_code: 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.ACME_CRM.CONFIG.v1' },
          { field_type: 'json', smart_code: 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.ZENITH_CRM.CONFIG.v1' },
        ])
        expect(
          await rows(
            "select count(*)::int as links from core_relationships where relationship_type = 'CONNECTOR_SUPPORTS' and is_active",
          ),
        ).toEqual([{ links: 6 }])
        expect(await differences(files)).toEqual([])
      })

      test('leaves the platform organization alone where it is there', async () => {
        await database.exec(
          `insert into core_organizations (id, organization_name, organization_code, created_by, updated_by) values ('${PLATFORM}', 'Mine', 'MINE', '${OPERATOR}', '${OPERATOR}')`,
        )
        await run(await seedOf(files))
        expect(await rows('select organization_name from core_organizations')).toEqual([{ organization_name: 'Mine' }])
      })
    })

    describe('a second seed', () => {
      test('changes nothing: no version, no time, no transaction', async () => {
        await run(await seedOf(files))
        const before = await everything()
        const { row } = await run(await seedOf(files))
        expect(row).toMatchObject({ inserted: 0, updated: 0, unchanged: 2, archived: 0, events_unchanged: 6 })
        expect(await everything()).toEqual(before)
      })

      test('an edited definition updates its own rows and no other', async () => {
        await run(await seedOf(files))
        const [acmeBefore, zenithBefore] = [await entity('acme-crm'), await entity('zenith-crm')]
        const edited = { ...files, 'acme-crm.yaml': edit(acme, ['Keep contacts in step', 'Keep all contacts in step']) }
        const { row } = await run(await seedOf(edited))
        expect(row).toMatchObject({ inserted: 0, updated: 1, unchanged: 1, events_updated: 0, events_unchanged: 6 })
        const after = await entity('acme-crm')
        expect(after).toMatchObject({
          id: acmeBefore.id,
          created_at: acmeBefore.created_at,
          version: 2,
          updated_by: ACTOR,
        })
        expect(await config('acme-crm')).toMatchObject({ description: 'Keep all contacts in step with Acme.' })
        expect(await entity('zenith-crm')).toEqual(zenithBefore)
        expect(await differences(edited)).toEqual([])
      })

      test("one connector's file touches no other connector", async () => {
        await run(await seedOf(files))
        const before = await entity('zenith-crm')
        const edited = { ...files, 'acme-crm.yaml': edit(acme, ['name: Acme CRM', 'name: Acme']) }
        const { row } = await run((await scriptsOf(edited))['connectors/acme-crm.sql'] ?? '')
        expect(row).toMatchObject({ updated: 1, unchanged: 0, archived: 0 })
        expect(await entity('zenith-crm')).toEqual(before)
        expect(await differences(edited)).toEqual([])
      })
    })

    describe('what leaves the registry', () => {
      test('is archived, said to be inactive, unlinked, and never deleted; when it comes back it is active again', async () => {
        await run(await seedOf(files))
        const { id } = await entity('zenith-crm')
        expect((await run(await seedOf(oneFile))).row).toMatchObject({ unchanged: 1, archived: 1, events_archived: 3 })
        expect(await entity('zenith-crm')).toMatchObject({ id, status: 'archived', version: 2 })
        expect(await config('zenith-crm')).toMatchObject({ status: 'inactive' })
        expect(
          await rows('select is_active, count(*)::int from core_relationships group by is_active order by is_active'),
        ).toEqual([
          { is_active: false, count: 3 },
          { is_active: true, count: 3 },
        ])
        expect(await differences(oneFile)).toEqual([])
        const quiet = await everything()
        await run(await seedOf(oneFile))
        expect(await everything()).toEqual(quiet)
        expect((await run(await seedOf(files))).row).toMatchObject({ updated: 1, events_updated: 3 })
        expect(await entity('zenith-crm')).toMatchObject({ id, status: 'active' })
        expect(await differences(files)).toEqual([])
      })

      test("an event that leaves is archived and its link inactive, also by the connector's own file", async () => {
        await run(await seedOf(files))
        const fewer = { ...files, 'acme-crm.yaml': acme.replace(/ {2}contact_added:[\s\S]*?(?=\nwebhook:)/, '') }
        expect((await run((await scriptsOf(fewer))['connectors/acme-crm.sql'] ?? '')).row).toMatchObject({
          updated: 1,
          archived: 0,
          events_archived: 1,
        })
        expect(await entity('acme-crm.contact_added')).toMatchObject({ status: 'archived' })
        expect(await entity('zenith-crm.contact_added')).toMatchObject({ status: 'active' })
        expect(await differences(fewer)).toEqual([])
      })

      test('a retired definition is archived, a draft is inactive', async () => {
        await run(await seedOf(files))
        const changed = {
          'acme-crm.yaml': edit(acme, [
            'status: active',
            'status: retired\ndeprecated: { reason: Closed., instead: Use Zenith. }',
          ]),
          'zenith-crm.yaml': edit(zenith, ['status: active', 'status: draft']),
        }
        await run(await seedOf(changed))
        expect(await entity('acme-crm')).toMatchObject({ status: 'archived' })
        expect(await entity('zenith-crm')).toMatchObject({ status: 'inactive' })
        expect(await config('acme-crm')).toMatchObject({ status: 'inactive' })
        expect(await config('zenith-crm')).toMatchObject({ status: 'inactive' })
        expect(await differences(changed)).toEqual([])
        const quiet = await everything()
        await run(await seedOf(changed))
        expect(await everything()).toEqual(quiet)
        await run(await seedOf(files))
        expect(await differences(files)).toEqual([])
      })
    })

    describe('what other people did', () => {
      test('what an operator archived stays archived, and is reported', async () => {
        await run(await seedOf(files))
        await database.exec(
          `update core_entities set status = 'archived', updated_by = '${OPERATOR}' where entity_code = 'zenith-crm'`,
        )
        const { notices } = await run(await seedOf(files))
        expect(notices).toEqual(['archived by an operator, and left so: zenith-crm'])
        expect(await entity('zenith-crm')).toMatchObject({ status: 'archived' })
        expect(await config('zenith-crm')).toMatchObject({ status: 'inactive' })
        const quiet = await everything()
        await run(await seedOf(files))
        expect(await everything()).toEqual(quiet)
        expect(await differences(files)).toContain('zenith-crm: status is "archived", should be "active"')
      })

      test('a connector that somebody made by hand is never touched', async () => {
        await run(await seedOf(files))
        await database.exec(`
      insert into core_entities (organization_id, entity_type, entity_code, entity_name, smart_code, created_by, updated_by)
      values ('${PLATFORM}', 'INTEGRATION_CONNECTOR_DEF', 'made-by-hand', 'Mine', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.MADE_BY_HAND.v1', '${OPERATOR}', '${OPERATOR}')`)
        const before = await entity('made-by-hand')
        await run(await seedOf(oneFile))
        expect(await entity('made-by-hand')).toEqual(before)
        expect(await differences(oneFile)).toEqual([])
      })

      test("the old script's rows are adopted in place", async () => {
        const id = '11111111-1111-4111-8111-111111111111'
        await database.exec(`
      insert into core_organizations (id, organization_name, organization_code, created_by, updated_by) values ('${PLATFORM}', 'HERA PLATFORM', 'HERA_PLATFORM', '${OPERATOR}', '${OPERATOR}');
      insert into core_entities (id, organization_id, entity_type, entity_code, entity_name, smart_code, metadata, created_by, updated_by)
      values ('${id}', '${PLATFORM}', 'INTEGRATION_CONNECTOR_DEF', 'acme-crm', 'Old name', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.OLD.v1', '{"kept": true}', '${OPERATOR}', '${OPERATOR}');
      insert into core_dynamic_data (organization_id, entity_id, field_name, field_type, field_value_json, smart_code, created_by, updated_by)
      values ('${PLATFORM}', '${id}', 'connector_config', 'json', '{"old": true}', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.OLD.CONFIG.v1', '${OPERATOR}', '${OPERATOR}')`)
        expect((await run(await seedOf(oneFile))).row).toMatchObject({ inserted: 0, updated: 1, events_inserted: 3 })
        expect(await entity('acme-crm')).toMatchObject({
          id,
          entity_name: 'Acme CRM',
          created_by: OPERATOR,
          updated_by: ACTOR,
          version: 2,
          metadata: { kept: true, managed_by: 'hera-connectors' },
        })
        expect(await config('acme-crm')).not.toHaveProperty('old')
        expect(await differences(oneFile)).toEqual([])
      })

      test('two rows with one code are an error that names both, and nothing changes', async () => {
        await run(await seedOf(files))
        await database.exec(`
      insert into core_entities (id, organization_id, entity_type, entity_code, entity_name, smart_code, created_by, updated_by)
      values ('22222222-2222-4222-8222-222222222222', '${PLATFORM}', 'INTEGRATION_CONNECTOR_DEF', 'acme-crm', 'Twin', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.ACME_CRM.v1', '${OPERATOR}', '${OPERATOR}')`)
        const before = await everything()
        const { id } =
          (await rows("select id from core_entities where entity_name = 'Acme CRM' and entity_code = 'acme-crm'"))[0] ??
          {}
        const edited = { ...files, 'acme-crm.yaml': edit(acme, ['name: Acme CRM', 'name: Acme']) }
        await expect(run(await seedOf(edited))).rejects.toMatchObject({
          code: 'HC005',
          message: expect.stringMatching(new RegExp(`acme-crm \\(.*${String(id)}`)),
        })
        await expect(run(await seedOf(edited))).rejects.toMatchObject({
          message: expect.stringContaining('22222222-2222-4222-8222-222222222222'),
        })
        expect(await everything()).toEqual(before)
        expect(await differences(files)).toEqual([expect.stringContaining('several rows with this code')])
      })

      test('a code that another kind of row has taken is an error too', async () => {
        await run(await seedOf(oneFile))
        await database.exec(`
      insert into core_entities (organization_id, entity_type, entity_code, entity_name, smart_code, created_by, updated_by)
      values ('${PLATFORM}', 'SOMETHING_ELSE', 'zenith-crm', 'Other', 'HERA.PLATFORM.SOMETHING.ELSE.OTHER.v1', '${OPERATOR}', '${OPERATOR}')`)
        await expect(run(await seedOf(files))).rejects.toMatchObject({ code: 'HC005' })
      })
    })

    describe('a database that does not fit is left as it was, with one clear error', () => {
      async function refused(change: string, undo: string): Promise<string> {
        await database.exec(change)
        try {
          const messageOf = (script: string) =>
            run(script).then(
              () => '',
              (error: Error) => error.message,
            )
          const message = await messageOf(await seedOf(files))
          expect(await messageOf(await verifyOf(files))).toBe(message)
          return message
        } finally {
          await database.exec(undo)
        }
      }

      test('missing columns and tables are named, all of them', async () => {
        expect(
          await refused(
            'alter table core_entities rename smart_code to code_smart; alter table core_dynamic_data rename to dynamic_data',
            'alter table core_entities rename code_smart to smart_code; alter table dynamic_data rename to core_dynamic_data',
          ),
        ).toBe(
          'this is no HERA database that the connectors fit into; it lacks: column public.core_entities.smart_code, table public.core_dynamic_data',
        )
      })

      test.each(['anon', 'authenticated'])('role %s is told that it may not', async (role) => {
        const seed = await seedOf(files)
        await database.exec(`set role ${role}`)
        await expect(run(seed)).rejects.toMatchObject({ code: 'HC003', message: expect.stringContaining(role) })
        await database.exec('reset role')
        expect(await rows('select count(*)::int as rows from core_entities')).toEqual([{ rows: 0 }])
      })

      test('service_role may', async () => {
        await database.exec('set role service_role')
        expect((await run(await seedOf(files))).row).toMatchObject({ inserted: 2 })
        expect(await differences(files)).toEqual([])
        await database.exec('reset role')
      })

      test('a platform organization that cannot be created is asked for', async () => {
        await database.exec('alter table core_organizations add column tax_number text not null')
        await expect(run(await seedOf(files))).rejects.toMatchObject({
          code: 'HC004',
          message: expect.stringContaining(PLATFORM),
          hint: expect.stringContaining('create that row'),
        })
        await database.exec('alter table core_organizations drop column tax_number')
      })
    })

    describe('variants of the schema', () => {
      test.each([
        [
          'a unique index on the codes of entities',
          'create unique index variant on core_entities (organization_id, entity_type, entity_code)',
          'drop index variant',
        ],
        [
          'checked field types and statuses',
          "alter table core_dynamic_data add constraint variant check (field_type in ('text', 'number', 'boolean', 'date', 'datetime', 'json')); alter table core_entities add constraint variant check (status in ('active', 'inactive', 'archived'))",
          'alter table core_dynamic_data drop constraint variant; alter table core_entities drop constraint variant',
        ],
      ])('%s', async (_, change, undo) => {
        await database.exec(change)
        await run(await seedOf(files))
        await run(await seedOf(oneFile))
        await run(await seedOf(files))
        expect(await differences(files)).toEqual([])
        await database.exec(undo)
      })

      test('relationships with other column names are done without, and that is said', async () => {
        await database.exec('alter table core_relationships rename from_entity_id to source_entity_id')
        const { notices } = await run(await seedOf(files))
        expect(notices).toEqual(['core_relationships lacks from_entity_id: events are not linked to their connectors'])
        expect(await differences(files)).toEqual([])
        await database.exec('alter table core_relationships rename source_entity_id to from_entity_id')
      })

      test('a schema called extensions is not needed', async () => {
        await database.exec('alter schema extensions rename to elsewhere')
        expect((await run(await seedOf(files))).row).toMatchObject({ inserted: 2 })
        await database.exec('alter schema elsewhere rename to extensions')
      })
    })

    describe("verify finds every tampering, and the seed mends what is the seed's", () => {
      const ours = "organization_id = '00000000-0000-0000-0000-000000000000'"
      const by = `updated_by = '${OPERATOR}'`
      const acmeRow = `where ${ours} and entity_code = 'acme-crm'`
      const acmeConfig = `where field_name = 'connector_config' and entity_id = (select id from core_entities ${acmeRow})`
      test.each<[name: string, sql: string, want: string | RegExp, mended?: boolean]>([
        [
          'a renamed connector',
          `update core_entities set entity_name = 'X', ${by} ${acmeRow}`,
          'acme-crm: name is "X", should be "Acme CRM"',
        ],
        [
          'another description',
          `update core_entities set entity_description = null, ${by} ${acmeRow}`,
          'acme-crm: description is missing, should be "Keep contacts in step with Acme."',
        ],
        [
          'another smart code',
          `update core_entities set smart_code = 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.X1.v1', ${by} ${acmeRow}`,
          /acme-crm: smart_code is "HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.X1.v1", should be/,
        ],
        [
          'lost tags',
          `update core_entities set tags = null, ${by} ${acmeRow}`,
          /acme-crm: tags is missing, should be \["integration"/,
        ],
        ['another code', `update core_entities set entity_code = 'acme', ${by} ${acmeRow}`, 'acme-crm: missing'],
        ['a deleted connector', `delete from core_entities ${acmeRow}`, 'acme-crm: missing'],
        [
          'a deleted event',
          "delete from core_entities where entity_code = 'acme-crm.contact_polled'",
          'acme-crm.contact_polled: missing',
        ],
        [
          'archived by somebody',
          `update core_entities set status = 'archived', ${by} ${acmeRow}`,
          'acme-crm: status is "archived", should be "active"',
          false,
        ],
        [
          'another status',
          `update core_entities set status = 'paused', ${by} ${acmeRow}`,
          'acme-crm: status is "paused", should be "active"',
        ],
        [
          'no mark',
          `update core_entities set metadata = '{}', ${by} ${acmeRow}`,
          'acme-crm: metadata.managed_by is missing, should be "hera-connectors"',
        ],
        [
          'another version in the mark',
          `update core_entities set metadata = metadata || '{"definition_version": "9.9.9"}', ${by} ${acmeRow}`,
          'acme-crm: metadata.definition_version is "9.9.9", should be "1.2.3"',
        ],
        [
          'another digest',
          `update core_entities set metadata = metadata || '{"content_digest": "0"}', ${by} ${acmeRow}`,
          /acme-crm: metadata.content_digest is "0", should be/,
        ],
        ['no configuration', `delete from core_dynamic_data ${acmeConfig}`, 'acme-crm: connector_config is missing'],
        [
          'an empty configuration',
          `update core_dynamic_data set field_value_json = null, ${by} ${acmeConfig}`,
          'acme-crm: connector_config is empty',
        ],
        [
          'a changed value',
          `update core_dynamic_data set field_value_json = jsonb_set(field_value_json, '{icon}', '"x"'), ${by} ${acmeConfig}`,
          'acme-crm: connector_config.icon is "x", should be "users"',
        ],
        [
          'a changed value deep inside',
          `update core_dynamic_data set field_value_json = jsonb_set(field_value_json, '{authentication,fields,0,label}', '"x"'), ${by} ${acmeConfig}`,
          'acme-crm: connector_config.authentication.fields.0.label is "x", should be "Client ID"',
        ],
        [
          'a key too many',
          `update core_dynamic_data set field_value_json = field_value_json || '{"extra": {"deep": 1}}', ${by} ${acmeConfig}`,
          'acme-crm: connector_config.extra.deep is 1, should not be there',
        ],
        [
          'a key too few',
          `update core_dynamic_data set field_value_json = field_value_json - 'vendor', ${by} ${acmeConfig}`,
          'acme-crm: connector_config.vendor is missing, should be "Acme"',
        ],
        [
          'a list emptied',
          `update core_dynamic_data set field_value_json = jsonb_set(field_value_json, '{supported_events}', '[]'), ${by} ${acmeConfig}`,
          /acme-crm: connector_config.supported_events is \[\], should not be there/,
        ],
        [
          'another field type',
          `update core_dynamic_data set field_type = 'text', ${by} ${acmeConfig}`,
          'acme-crm: connector_config (field_type) is "text", should be "json"',
        ],
        [
          'another smart code of the data',
          `update core_dynamic_data set smart_code = 'HERA.PLATFORM.INTEGRATION.X1.CONFIG.v1', ${by} ${acmeConfig}`,
          /acme-crm: connector_config \(smart_code\) is/,
        ],
        [
          'a changed event',
          "update core_dynamic_data set field_value_json = jsonb_set(field_value_json, '{data_schema,type}', '\"array\"'), updated_by = created_by where field_name = 'event_definition' and entity_id = (select id from core_entities where entity_code = 'acme-crm.contact_created')",
          'acme-crm.contact_created: event_definition.data_schema.type is "array", should be "object"',
        ],
        [
          'a cut link',
          "delete from core_relationships where to_entity_id = (select id from core_entities where entity_code = 'acme-crm.contact_created')",
          'acme-crm.contact_created: is not linked to its connector',
        ],
        [
          'an inactive link',
          `update core_relationships set is_active = false, ${by} where to_entity_id = (select id from core_entities where entity_code = 'acme-crm.contact_created')`,
          'acme-crm.contact_created: the link to its connector is inactive',
        ],
        [
          'a left-over connector',
          `insert into core_entities (organization_id, entity_type, entity_code, entity_name, smart_code, metadata, created_by, updated_by) values ('${PLATFORM}', 'INTEGRATION_CONNECTOR_DEF', 'gone', 'Gone', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.GONE.v1', '{"managed_by": "hera-connectors"}', '${OPERATOR}', '${OPERATOR}')`,
          'gone: left the registry, but its status is "active"',
        ],
      ])('%s', async (_, sql, want, mended = true) => {
        await run(await seedOf(files))
        await database.exec(sql)
        const found = await differences(files)
        expect(found).toContainEqual(typeof want === 'string' ? want : expect.stringMatching(want))
        // One cause does not flood the report with others.
        expect(found.length).toBeLessThanOrEqual(6)
        await run(await seedOf(files))
        expect((await differences(files)).length === 0).toBe(mended)
      })

      test('it writes nothing and asks for no temporary table', async () => {
        await run(await seedOf(files))
        const before = await everything()
        await database.exec('set default_transaction_read_only = on')
        expect(await differences(files)).toEqual([])
        await database.exec('set default_transaction_read_only = off')
        expect(await everything()).toEqual(before)
      })
    })

    describe('text', () => {
      test('hostile text arrives as exactly that text', async () => {
        const quoted = JSON.stringify(hostile)
        const given = {
          'acme-crm.yaml': edit(
            acme,
            ['purpose: Keep contacts in step with Acme.', `purpose: ${JSON.stringify(hostile.slice(0, 200))}`],
            ['      description: Your account at Acme.', `      description: ${quoted}`],
            ['email: ada@example.com', 'email: ada@example.com'],
            ['    summary: A contact was added', `    summary: ${JSON.stringify(hostile.slice(-100))}`],
          ),
        }
        await run(await seedOf(given))
        const { authentication, description } = (await config('acme-crm')) as {
          authentication: { fields: readonly Row[] }
          description: string
        }
        expect(authentication.fields.find(({ name }) => name === 'tenant_id')?.description).toBe(hostile)
        expect(description).toBe(hostile.slice(0, 200))
        expect((await entity('acme-crm')).entity_description).toBe(hostile.slice(0, 200))
        expect(await differences(given)).toEqual([])
      })

      test('so does any text that validate lets through', async () => {
        await run(await seedOf(oneFile))
        const anything = fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
          .filter((text) => text.isWellFormed() && !text.includes('\0'))
        await fc.assert(
          fc.asyncProperty(anything, async (text) => {
            await run(
              await seedOf({
                'acme-crm.yaml': edit(acme, [
                  '      description: Your account at Acme.',
                  `      description: ${JSON.stringify(text)}`,
                ]),
              }),
            )
            const { authentication } = (await config('acme-crm')) as { authentication: { fields: readonly Row[] } }
            expect(authentication.fields.find(({ name }) => name === 'tenant_id')?.description).toBe(text)
          }),
          { numRuns: 60 },
        )
      })
    })
  })
})

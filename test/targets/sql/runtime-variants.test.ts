import type { PGlite } from '@electric-sql/pglite'
import { afterEach, expect, test } from 'vitest'
import { acme } from '../../support/acme.ts'
import { heraDatabase } from '../../support/databases.ts'
import type { Answer } from '../../support/runtime.ts'
import { ACTOR, call, fault, KEY } from '../../support/runtime.ts'
import { scriptsOf } from '../../support/seeds.ts'

const A = 'aaaaaaaa-0000-4000-8000-000000000001'
const files = { 'acme-crm.yaml': acme }

let database: PGlite
afterEach(() => database.close())

/** What applications do with the runtime, on a database that was changed before it came. */
async function used(change: string): Promise<readonly Answer[]> {
  const scripts = await scriptsOf(files)
  database = await heraDatabase()
  await database.exec(scripts['setup-prebuilt-connectors.sql'] ?? '')
  await database.exec(change)
  for (let time = 0; time < 2; time += 1) await database.exec(scripts['runtime.sql'] ?? '')
  await database.exec(`
    insert into core_organizations (id, organization_name, organization_code, created_by)
    values ('${A}', 'Test', 'TEST', '${ACTOR}');
    set hera.connectors_key = '${KEY}'`)
  const session = {
    exec: async (script: string) => ({
      rows: ((await database.exec(script)).at(-1)?.rows ?? []) as Readonly<Record<string, unknown>>[],
      notices: [],
    }),
  }
  const operate = (operation: string, given: object = {}) =>
    call(session, 'hera_integration_connector_v1', {
      p_actor_user_id: ACTOR,
      p_organization_id: A,
      p_operation: operation,
      p_connector_code: 'acme-crm',
      ...given,
    })
  const record = (given: object = {}) =>
    call(session, 'hera_integration_event_in_v1', {
      p_actor_user_id: ACTOR,
      p_organization_id: A,
      p_event_source: 'acme-crm',
      p_event_type: 'contact_created',
      p_event_data: { contact_id: 'c_1' },
      ...given,
    })
  const configuration = { client_id: 'acme0001', client_secret: 'top-secret' }
  return [
    await operate('INSTALL', { p_installation_config: configuration }),
    await record({ p_idempotency_key: 'k', p_options: { create_transaction: true } }),
    await record({ p_idempotency_key: 'k' }),
    await record({ p_event_type: 'nope' }),
    await operate('CONFIGURE', { p_installation_config: { tenant_id: '4711' } }),
    await operate('PAUSE'),
    await operate('RESUME'),
    await operate('UNINSTALL'),
    await operate('INSTALL', { p_installation_config: configuration }),
    await call(session, 'hera_integration_logs_v1', { p_organization_id: A }),
  ]
}

const WANTED = [
  { success: true, status: 'active' },
  { success: true, duplicate: false },
  { success: true, duplicate: true },
  { success: false, error: 'integration_refused:EVENT_TYPE_UNKNOWN' },
  { status: 'active' },
  { status: 'paused' },
  { status: 'active' },
  { status: 'inactive' },
  { success: true },
  { logs: [{ status: 'error' }, { status: 'success' }] },
]

test('runs where status and field_type are checked, and codes are unique', async () => {
  const answers = await used(`
    alter table core_entities add check (status in ('active', 'inactive', 'archived'));
    alter table core_dynamic_data add check (field_type in ('text', 'number', 'boolean', 'date', 'datetime', 'json'));
    create unique index on core_entities (organization_id, entity_type, entity_code)`)
  expect(answers).toMatchObject(WANTED)
})

test('runs as it is where the tables are partitioned by organization', async () => {
  const partitioned = ['core_entities', 'core_dynamic_data', 'core_relationships', 'universal_transactions']
    .map(
      (table) => `
    alter table ${table} rename to old_${table};
    create table ${table} (like old_${table} including defaults including constraints, primary key (organization_id, id))
      partition by hash (organization_id);
    create table ${table}_0 partition of ${table} for values with (modulus 2, remainder 0);
    create table ${table}_1 partition of ${table} for values with (modulus 2, remainder 1);
    insert into ${table} select * from old_${table};
    create trigger enforce_actor_audit before insert or update on ${table}
      for each row execute function enforce_actor_audit();`,
    )
    .join('')
  const answers = await used(`${partitioned}
    create unique index on core_dynamic_data (organization_id, entity_id, field_name);
    drop table old_core_dynamic_data, old_core_relationships, universal_transaction_lines, old_universal_transactions, old_core_entities`)
  expect(answers).toMatchObject(WANTED)

  // There an id is only unique within its organization: another one's row of the same id makes nobody a member.
  const [member, stranger, other] = ['e1', 'e2', 'bb'].map((start) => `${start}aaaaaa-0000-4000-8000-000000000001`)
  await database.exec(`
    insert into core_organizations (id, organization_name, organization_code, created_by)
    values ('${other}', 'Other', 'OTHER', '${ACTOR}');
    insert into core_entities (id, organization_id, entity_type, entity_name, smart_code, metadata, created_by) values
      ('${member}', '${A}', 'USER', 'Ann', 'HERA.PLATFORM.USER.ENTITY.ANN.v1', '{}', '${ACTOR}'),
      ('${member}', '${other}', 'USER', 'Eve', 'HERA.PLATFORM.USER.ENTITY.EVE.v1', '{"supabase_user_id": "${stranger}"}', '${ACTOR}');
    insert into core_relationships (organization_id, from_entity_id, to_entity_id, relationship_type, smart_code, created_by)
    values ('${A}', '${member}', '${A}', 'MEMBER_OF', 'HERA.PLATFORM.USER.MEMBER.ORG.v1', '${ACTOR}');
    ${(await scriptsOf(files))['grant-authenticated.sql']}
    set role authenticated`)
  const logsAs = async (subject: string | undefined) => {
    await database.exec(`set request.jwt.claims = '{"sub": "${subject}"}'`)
    return database.query(`select hera_integration_logs_v1('${A}')`)
  }
  expect((await logsAs(member)).rows).toHaveLength(1)
  expect((await fault(logsAs(stranger))).code).toBe('42501')
})

test.each([
  ['a column of the relationships', 'alter table core_relationships rename from_entity_id to source_entity_id'],
  ['a table', 'drop table core_dynamic_data cascade'],
])('says what is missing, and changes nothing: %s', async (_, change) => {
  expect((await fault(used(change))).code).toBe('HC002')
  await database.exec('rollback')
  const { rows } = await database.query("select 1 from pg_proc where proname like 'hera\\_integration%'")
  expect(rows).toEqual([])
})

import type { PGlite } from '@electric-sql/pglite'
import { beforeAll, describe, expect, test } from 'vitest'
import { heraSchema } from '../../generator/compiled/hera-schema.js'
import { heraDatabase } from '../support/databases.ts'

const PLATFORM = '00000000-0000-0000-0000-000000000000'
const ACTOR = '00000000-0000-0000-0000-000000000001'

let database: PGlite
beforeAll(async () => {
  database = await heraDatabase()
  await database.exec(`
    insert into core_organizations (id, organization_name, organization_code, created_by)
    values ('${PLATFORM}', 'HERA PLATFORM', 'HERA_PLATFORM', '${ACTOR}')`)
})

/** Runs statements, takes them back, and gives the SQLSTATE of what went wrong. */
async function refusal(script: string): Promise<string | undefined> {
  try {
    await database.exec(`begin; ${script}`)
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  } finally {
    await database.exec('rollback')
  }
}

interface EntityChoice {
  readonly type?: string
  readonly code?: string
  readonly organization?: string
  readonly createdBy?: string
}

function entity(smartCode: string, { type = 'X', code = 'x', organization = PLATFORM, createdBy }: EntityChoice = {}) {
  return `insert into public.core_entities (id, organization_id, entity_type, entity_code, entity_name, smart_code, created_by)
    values ('11111111-1111-4111-8111-111111111111', '${organization}', '${type}', '${code}', 'X', '${smartCode}', ${createdBy ?? `'${ACTOR}'`});`
}

const good = entity('HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.X1.v1')

function field(smartCode: string): string {
  return `${good} insert into core_dynamic_data (organization_id, entity_id, field_name, field_type, smart_code, created_by)
    values ('${PLATFORM}', '11111111-1111-4111-8111-111111111111', 'f', 'json', '${smartCode}', '${ACTOR}');`
}

const CHECK = '23514'
const NOT_NULL = '23502'
const FOREIGN_KEY = '23503'

describe('the smart code of an entity', () => {
  test.each<[string, string, string | undefined]>([
    ['ends in its version', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.X1.v1', undefined],
    ['may be written in lower case', 'hera.platform.integration.connector_def.x1.v1', undefined],
    ['needs its version', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.X1', CHECK],
    ['has a v in lower case', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.X1.V1', CHECK],
    ['has nothing after its version', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.X1.v1.CONFIG', CHECK],
    ['has a namespace without underscore', 'HERA.PLAT_FORM.INTEGRATION.CONNECTOR_DEF.X1.v1', CHECK],
    ['has a namespace of 15 characters at most', 'HERA.PLATFORMPLATFORM.INTEGRATION.CONNECTOR_DEF.X1.v1', CHECK],
    ['has segments of two characters at least', 'HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.X.v1', CHECK],
    ['has three segments at least', 'HERA.PLATFORM.INTEGRATION.X1.v1', CHECK],
    ['has 100 characters at most', `HERA.PLATFORM${`.${'A'.repeat(22)}`.repeat(4)}.v1`, '22001'],
  ])('%s', async (_, smartCode, want) => {
    expect(await refusal(entity(smartCode))).toBe(want)
  })
})

describe('every rule of the production schema', () => {
  test.each<[string, string, string | undefined]>([
    ['data: a smart code with a suffix after the version', field('HERA.PLATFORM.INTEGRATION.X1.v1.CONFIG'), CHECK],
    ['data: a smart code in any case', field('hera.platform.integration.x1.config.v1'), undefined],
    [
      'data: one value a field',
      field('HERA.PLATFORM.INTEGRATION.X1.CONFIG.v1') +
        field('HERA.PLATFORM.INTEGRATION.X1.CONFIG.v1').slice(good.length),
      '23505',
    ],
    ['no organization', entity('HERA.PLATFORM.A1.B1.C1.v1', { organization: ACTOR }), FOREIGN_KEY],
    ['no actor on insert', entity('HERA.PLATFORM.A1.B1.C1.v1', { createdBy: 'null' }), NOT_NULL],
    ['no actor on update', `${good} update core_entities set entity_name = 'Y'`, NOT_NULL],
    ['an actor on update', `${good} update core_entities set entity_name = 'Y', updated_by = created_by`, undefined],
    [
      'a relationship of a row with itself',
      `${good} insert into core_relationships (organization_id, from_entity_id, to_entity_id, relationship_type, smart_code, created_by)
       select organization_id, id, id, 'X', smart_code, created_by from core_entities`,
      CHECK,
    ],
    ['an empty search path', `set local search_path = ''; ${good}`, '42883'],
    ['a person without canonical type', entity('HERA.PLATFORM.A1.B1.C1.v1', { type: 'PERSON' }), CHECK],
    ['two rows with one code', good + good.replace('11111111-1111-4111', '22222222-2222-4222'), undefined],
    ['role authenticated', `set local role authenticated; ${good}`, '42P17'],
    ['role anon', `set local role anon; ${good}`, '42501'],
    ['role service_role', `set local role service_role; ${good}`, undefined],
  ])('%s', async (_, script, want) => {
    expect(await refusal(script)).toBe(want)
  })

  test('data is marked invalid when it comes, and valid when it is written again', async () => {
    await database.exec(`begin; ${field('HERA.PLATFORM.INTEGRATION.X1.CONFIG.v1')}`)
    const statuses = () => database.query('select validation_status from core_dynamic_data')
    expect((await statuses()).rows).toEqual([{ validation_status: 'invalid' }])
    await database.exec('update core_dynamic_data set field_order = 2, updated_by = created_by')
    expect((await statuses()).rows).toEqual([{ validation_status: 'valid' }])
    await database.exec('rollback')
  })
})

test('the schema is applied any number of times and keeps the rows', async () => {
  await database.exec(heraSchema)
  expect((await database.query('select organization_code from core_organizations')).rows).toEqual([
    { organization_code: 'HERA_PLATFORM' },
  ])
})

test('the schema has six tables and no other', async () => {
  const { rows } = await database.query("select tablename from pg_tables where schemaname = 'public' order by 1")
  expect(rows.map((row) => (row as { tablename: string }).tablename)).toEqual([
    'core_dynamic_data',
    'core_entities',
    'core_organizations',
    'core_relationships',
    'universal_transaction_lines',
    'universal_transactions',
  ])
})

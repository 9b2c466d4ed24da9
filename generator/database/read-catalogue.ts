import type { Database } from './database.ts'

/** One connector as the database has it. */
export interface CatalogueRow {
  readonly code: string
  /** Name of the registry that owns it; empty if it has none. */
  readonly registry: string
  readonly name: string
  readonly category: string
  readonly auth: string
  readonly events: number
  readonly status: string
}

const QUERY = `
select entity.entity_code as code,
       entity.metadata ->> 'registry' as registry,
       entity.entity_name as name,
       config.field_value_json ->> 'category' as category,
       config.field_value_json ->> 'auth_type' as auth,
       jsonb_array_length(coalesce(config.field_value_json -> 'supported_events', '[]')) as events,
       entity.status as status
  from public.core_entities entity
  left join public.core_dynamic_data config
    on config.organization_id = entity.organization_id
   and config.entity_id = entity.id
   and config.field_name = 'connector_config'
 where entity.organization_id = '00000000-0000-0000-0000-000000000000'
   and entity.entity_type = 'INTEGRATION_CONNECTOR_DEF'
 order by entity.entity_code collate "C"`

/** The connectors that the platform organization offers, by code. */
export async function readCatalogue(database: Database): Promise<readonly CatalogueRow[]> {
  const { rows } = await database.run(QUERY)
  return rows.map((row) => ({
    code: String(row.code),
    registry: String(row.registry ?? ''),
    name: String(row.name),
    category: String(row.category ?? ''),
    auth: String(row.auth ?? ''),
    events: Number(row.events ?? 0),
    status: String(row.status),
  }))
}

const STATE = `
select coalesce(jsonb_object_agg(registry, digests), '{}') as digests,
       (select obj_description(oid, 'pg_namespace') from pg_catalog.pg_namespace where nspname = 'hera_connectors') as runtime
  from (
    select coalesce(entity.metadata ->> 'registry', '') as registry,
           jsonb_object_agg(entity.entity_code, entity.metadata ->> 'content_digest') as digests
      from public.core_entities entity
     where entity.organization_id = '00000000-0000-0000-0000-000000000000'
       and entity.metadata ->> 'managed_by' = 'hera-connectors'
       and entity.status <> 'archived'
     group by 1
  ) as seeded`

/** What a database was last given: the digest of each row in use, and what the runtime says of itself. */
export interface SeedState {
  /** By the name of the registry, which may be empty, and the code of the row. */
  readonly digests: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly runtime: string | undefined
}

export async function seedState(database: Database): Promise<SeedState> {
  const { rows } = await database.run(STATE)
  const { digests, runtime } = rows[0] ?? {}
  return {
    digests: (digests ?? {}) as SeedState['digests'],
    runtime: typeof runtime === 'string' ? runtime : undefined,
  }
}

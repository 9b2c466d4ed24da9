/** An index of the functions in `runtime.sql`. */
interface Index {
  readonly name: string
  /** Its purpose, as a comment. */
  readonly purpose: string
  /** Everything after the name. */
  readonly definition: string
}

/** All partial, so that rows of other parts of HERA cost nothing. */
export const INDEXES: readonly Index[] = [
  {
    name: 'hera_connectors_events_idx',
    purpose: 'The log of an organization, newest first, for each status.',
    definition: `on public.core_entities (organization_id, (coalesce(metadata ->> 'status', 'success')), created_at desc)
  where entity_type = 'INTEGRATION_EVENT'`,
  },
  {
    name: 'hera_connectors_connector_events_idx',
    purpose: 'The log of a connector, newest first, for each status.',
    definition: `on public.core_entities (organization_id, (metadata ->> 'connector_code'),
    (coalesce(metadata ->> 'status', 'success')), created_at desc)
  where entity_type = 'INTEGRATION_EVENT'`,
  },
  {
    name: 'hera_connectors_route_idx',
    purpose: 'Deliveries find their installation by a value of its configuration.',
    definition: `on public.core_dynamic_data using gin (field_value_json jsonb_path_ops)
  where field_name = 'installation_config'`,
  },
]

/** Indexes of older versions, which nothing uses now. */
export const FORMER_INDEXES: readonly string[] = ['hera_connectors_log_idx', 'hera_connectors_trouble_idx']

import type { Caller, Queries } from '../database/database.ts'
import type { CallFunction } from '../kit/database.ts'
import { readInstallation } from '../kit/database.ts'
import type { LogEntry } from '../kit/hera.ts'
import type { Checkpoint } from '../kit/poll.ts'
import type { Json, JsonObject } from '../model/connector.ts'

/** On whose behalf something is done. */
export interface Actor {
  readonly organizationId: string
  readonly userId: string
  /** A user whom the database itself has to let in; the local runtime is trusted. */
  readonly caller?: Caller
}

/** What the connectors function is asked for. */
export interface Operation {
  readonly operation: string
  readonly connector_type?: string
  readonly connector_code?: string
  readonly installation_id?: string
  readonly connector_config?: JsonObject
  readonly installation_config?: JsonObject
  readonly options?: JsonObject
}

/** An event, with its data as the text of a JSON object that holds it as `event_data`. */
export interface RecordedEvent {
  readonly event_source: string
  readonly event_type: string
  readonly connector_code: string
  readonly smart_code?: string
  readonly idempotency_key?: string
  readonly options?: JsonObject
  readonly text: string
  /** What does not fit the event's schema; such an event is refused and logged. */
  readonly problems?: string
}

/** What the database answers to an event. */
export interface EventAnswer {
  readonly success: boolean
  readonly message: string
  readonly error?: string
  readonly event_id: string
  readonly smart_code: string | null
  readonly connector_id: string | null
  readonly transaction_id: string | null
  readonly duplicate: boolean
}

export interface LogsQuery {
  readonly limit?: number
  readonly connector_code?: string
  readonly status?: string
  readonly before?: string
}

export interface LogPage {
  readonly logs: readonly LogEntry[]
  readonly next_before: string | null
}

/** An installation with the secrets that verify its webhooks. */
export interface Installed {
  readonly id: string
  readonly organizationId: string
  readonly code: string
  readonly status: string
  readonly configuration: Readonly<Record<string, string>>
}

/** The functions of `generated/sql/runtime.sql`, called by named arguments as HERA's gateway calls them. */
export interface Runtime {
  readonly operate: (actor: Actor, operation: Operation) => Promise<JsonObject>
  readonly record: (actor: Actor, event: RecordedEvent) => Promise<EventAnswer>
  readonly logs: (actor: Actor, query: LogsQuery) => Promise<LogPage>
  /** What an event was recorded with; undefined where the organization has no such event. */
  readonly event: (organizationId: string, id: string) => Promise<JsonObject | undefined>
  readonly installed: (installationId: string) => Promise<Installed | undefined>
  /** The ids of a connector's installations, the oldest first; with `route` those whose field has the value. */
  readonly installations: (
    connector: string,
    route?: { readonly field: string; readonly value: string },
  ) => Promise<readonly string[]>
  /** Calls another function by named arguments. */
  readonly call: CallFunction
  /** The checkpoint of a poll, and storing one. */
  readonly checkpoint: (actor: Actor, at: CheckpointPlace) => Promise<Checkpoint | undefined>
  readonly saveCheckpoint: (actor: Actor, at: CheckpointPlace, checkpoint: Checkpoint) => Promise<void>
}

export interface CheckpointPlace {
  readonly installation: string
  readonly event: string
  /** The part of the poll, as in `createPoller`. */
  readonly part: string
}

const OPERATE = `select public.hera_integration_connector_v1(
  p_actor_user_id => $1::uuid, p_organization_id => $2::uuid, p_operation => $3, p_connector_type => $4,
  p_connector_code => $5, p_connector_config => $6::text::jsonb, p_installation_config => $7::text::jsonb,
  p_options => $8::text::jsonb) as answer`

// The data goes as it came: read by JavaScript and written again, numbers beyond 2^53 would not be the same.
const RECORD = `select public.hera_integration_event_in_v1(
  p_actor_user_id => $1::uuid, p_organization_id => $2::uuid, p_event_source => $3, p_event_type => $4,
  p_event_data => coalesce($5::text::jsonb -> 'event_data', '{}'), p_connector_code => $6, p_idempotency_key => $7,
  p_smart_code => $8, p_options => $9::text::jsonb) as answer`

// Times go as text: a driver's own dates know no microseconds, and a page would lose what came within one millisecond.
const LOGS = `select public.hera_integration_logs_v1(
  p_organization_id => $1::uuid, p_limit => $2::int, p_connector_code => $3, p_status => $4,
  p_before => $5::text::timestamptz) as answer`

const EVENT = `select to_jsonb(entity) - 'ai_insights' || jsonb_build_object(
         'fields', coalesce((
           select jsonb_object_agg(field.field_name, coalesce(field.field_value_json, to_jsonb(field.field_value_text),
                                                              to_jsonb(field.field_value_date)))
             from public.core_dynamic_data field
            where field.organization_id = entity.organization_id
              and field.entity_id = entity.id), '{}')) as answer
    from public.core_entities entity
   where entity.organization_id = $1::uuid
     and entity.id = $2::uuid
     and entity.entity_type = 'INTEGRATION_EVENT'`

const INSTALLED = `select entity.organization_id::text as organization, entity.entity_code as code, entity.status,
         entity.version, entity.updated_at::text as changed
    from public.core_entities entity
   where entity.id = $1::uuid
     and entity.entity_type = 'INTEGRATION_CONNECTOR_INSTALL'
     and entity.status <> 'inactive'`

/** Installations that are listed at most: more than the kit uses of one value, so that it can report the others. */
export const MOST_INSTALLATIONS = 20

const INSTALLATIONS = `select entity.id::text as id
    from public.core_entities entity
   where entity.entity_code = $1
     and entity.entity_type = 'INTEGRATION_CONNECTOR_INSTALL'
     and entity.status <> 'inactive'
   order by entity.created_at, entity.id
   limit ${MOST_INSTALLATIONS}`

const ROUTE = `select found ->> 'installation_id' as id
    from jsonb_array_elements(public.hera_integration_route_v1($1, $2, $3)) as found`

const CHECKPOINT = `select field_value_json #> array[$3::text, $4::text] as answer
    from public.core_dynamic_data
   where organization_id = $1::uuid
     and entity_id = $2::uuid
     and field_name = 'poll_checkpoints'`

const SAVE_CHECKPOINT = `select hera_connectors.put_field(
           entity, 'poll_checkpoints', null,
           jsonb_set(
             coalesce(stored.field_value_json, '{}') || jsonb_build_object($3::text, coalesce(stored.field_value_json -> $3::text, '{}')),
             array[$3::text, $4::text], $5::text::jsonb),
           $6::uuid) as answer
    from public.core_entities entity
    left join public.core_dynamic_data stored
      on stored.organization_id = entity.organization_id
     and stored.entity_id = entity.id
     and stored.field_name = 'poll_checkpoints'
   where entity.organization_id = $1::uuid
     and entity.id = $2::uuid`

/** How many installations' secrets are kept; decrypting them is slow by design. */
const KEPT = 1000

export function runtimeOf({ query }: Pick<Queries, 'query'>): Runtime {
  const kept = new Map<string, { readonly version: string; readonly configuration: Readonly<Record<string, string>> }>()
  const answered = async (statement: string, parameters: readonly unknown[], caller?: Caller): Promise<Json> => {
    const [row] = await query(statement, parameters, caller)
    return (row?.answer ?? null) as Json
  }
  const call: CallFunction = async (name, given) => {
    const parameters = Object.entries(given).filter(([, value]) => value !== undefined)
    const list = parameters.map(([argument, value], index) => {
      const isJson = typeof value === 'object' && value !== null
      return `${argument} => $${index + 1}${isJson ? '::text::jsonb' : ''}`
    })
    const values = parameters.map(([, value]) =>
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    )
    return answered(`select public.${name}(${list.join(', ')}) as answer`, values)
  }
  return {
    async operate({ organizationId, userId, caller }, given) {
      const { operation, connector_type, connector_code, installation_id } = given
      const { connector_config = {}, installation_config = {} } = given
      const options = installation_id === undefined ? given.options : { ...given.options, installation_id }
      const parameters = [
        userId,
        organizationId,
        operation,
        connector_type ?? null,
        connector_code ?? null,
        JSON.stringify(connector_config),
        JSON.stringify(installation_config),
        JSON.stringify(options ?? {}),
      ]
      return (await answered(OPERATE, parameters, caller)) as JsonObject
    },
    async record({ organizationId, userId, caller }, event) {
      const { event_source, event_type, connector_code, smart_code, idempotency_key, options = {} } = event
      // Only the runtime itself says what does not fit.
      const { data_problems: _, ...own } = options
      const parameters = [
        userId,
        organizationId,
        event_source,
        event_type,
        event.text,
        connector_code,
        idempotency_key ?? null,
        smart_code ?? null,
        JSON.stringify(event.problems === undefined ? own : { ...own, data_problems: event.problems }),
      ]
      return (await answered(RECORD, parameters, caller)) as unknown as EventAnswer
    },
    async logs({ organizationId, caller }, { limit = 50, connector_code, status, before }) {
      const parameters = [organizationId, limit, connector_code ?? null, status ?? null, before ?? null]
      return (await answered(LOGS, parameters, caller)) as unknown as LogPage
    },
    async event(organizationId, id) {
      return ((await answered(EVENT, [organizationId, id])) ?? undefined) as JsonObject | undefined
    },
    async installations(connector, route) {
      const rows =
        route === undefined
          ? await query(INSTALLATIONS, [connector])
          : await query(ROUTE, [connector, route.value, route.field])
      return rows.map(({ id }) => String(id))
    },
    async installed(installationId) {
      const [row] = await query(INSTALLED, [installationId])
      if (row === undefined) return undefined
      const { organization, code, status, version, changed } = row
      const current = `${version} ${changed}`
      let known = kept.get(installationId)
      if (known?.version !== current) {
        const stored = await readInstallation(call, installationId)
        if (stored === undefined) return undefined
        known = { version: current, configuration: stored.configuration as Readonly<Record<string, string>> }
        if (kept.size >= KEPT) kept.clear()
        kept.set(installationId, known)
      }
      const { configuration } = known
      const facts = { organizationId: String(organization), code: String(code), status: String(status) }
      return { id: installationId, ...facts, configuration }
    },
    call,
    async checkpoint({ organizationId }, { installation, event, part }) {
      const answer = await answered(CHECKPOINT, [organizationId, installation, event, part])
      return (answer ?? undefined) as unknown as Checkpoint | undefined
    },
    async saveCheckpoint({ organizationId, userId }, { installation, event, part }, checkpoint) {
      const parameters = [organizationId, installation, event, part, JSON.stringify(checkpoint), userId]
      await query(SAVE_CHECKPOINT, parameters)
    },
  }
}

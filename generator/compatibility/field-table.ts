import { isAvailable } from '../model/availability.ts'
import type { Connector, EventSchema } from '../model/connector.ts'
import { valueAt } from '../model/json-pointer.ts'
import type { ChangeCode } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'
import { fromTo } from './detail.ts'

/** A field, and what it is part of, before and after. A missing value is undefined. */
export interface Difference {
  readonly old: unknown
  readonly now: unknown
  readonly oldOwner: unknown
  readonly nowOwner: unknown
}

/** A kind of change, or how to tell which one it is. */
export type Classification = ChangeCode | ((difference: Difference) => ChangeCode)

/** Reports a difference inside of a field; `suffix` extends the subject. */
type ReportInside = (code: ChangeCode, suffix: string, detail: string) => void
export type CompareInside = (difference: Difference, report: ReportInside) => void

/** The meaning of a change of a field. */
export type Row =
  /** The same for the field and everything below it without a row. */
  | ChangeCode
  /** Nothing, for this reason. */
  | { readonly ignored: string }
  /** Depends on whether the field is new, gone or different; `changed` also covers what is below it. */
  | {
      readonly added?: Classification
      readonly removed?: Classification
      readonly changed?: Classification
      readonly detail?: (difference: Difference) => string
    }
  /** The value is compared as a whole. */
  | { readonly whole: ChangeCode; readonly detail?: (difference: Difference) => string }
  | { readonly compare: CompareInside }

const TEXT = 'connector/text-changed'
const EVENT_TEXT = 'event/text-changed'
const derived = { ignored: 'derived from fields that have a row' } as const
const identity = { ignored: 'identifies the item: with another one, it is another item' } as const

/**
 * Every field of the model. `*` is any key of a mapping and any item of a list; `**` is any place where no row is more
 * exact. A field without a row is reported as `connector/field-changed`.
 */
export const table: Readonly<Record<string, Row>> = {
  '**.cites': TEXT,
  '**.description': TEXT,
  '**.note': TEXT,
  '**.review_by': TEXT,
  '**.summary': TEXT,

  level: derived,
  file: { ignored: 'where the definition is, not what it contains' },
  registry: { ignored: 'where the definition is, not what it contains' },
  is_base: { ignored: 'connectors of bases are not compared' },
  code: identity,
  id: derived,
  upper_code: derived,
  type_name: derived,
  variable_name: derived,
  smart_code: derived,
  version: { ignored: 'heads the list of changes' },

  name: TEXT,
  status: { changed: statusChange },
  deprecated: { added: 'connector/deprecated', changed: TEXT },
  replaced_by: TEXT,
  category: TEXT,
  vendor: TEXT,
  icon: TEXT,
  namespace: 'connector/namespace-changed',
  purpose: TEXT,
  'sources.*': TEXT,
  links: TEXT,
  setup: TEXT,
  troubleshooting: TEXT,
  changes: TEXT,
  waivers: TEXT,
  privacy: TEXT,
  'privacy.retention.periods': 'privacy/retention-changed',
  'privacy.personal_data.*': { added: 'privacy/personal-data-added', removed: 'privacy/personal-data-removed' },
  'capabilities.*': { added: 'capability/added', removed: 'capability/removed' },
  'capabilities.*.*': { added: 'capability/added', removed: 'capability/removed' },

  'auth.type': 'auth/type-changed',
  'auth.authorization_url': 'auth/address-changed',
  'auth.token_url': 'auth/address-changed',
  'auth.revocation_url': 'auth/flow-changed',
  'auth.introspection_url': 'auth/flow-changed',
  'auth.scope_separator': 'auth/flow-changed',
  'auth.oauth': 'auth/flow-changed',
  'auth.refresh': 'auth/token-changed',
  'auth.credentials': { whole: 'auth/credentials-changed' },
  'auth.alternatives.*': {
    added: 'auth/alternative-added',
    removed: 'auth/alternative-removed',
    changed: 'auth/credentials-changed',
  },
  'auth.alternatives.*.credentials': { whole: 'auth/credentials-changed' },
  'auth.verification': TEXT,
  'auth.verification_expects': TEXT,
  'auth.tokens.*': 'auth/token-changed',
  'auth.fields.*': {
    added: ({ now }) => (valueAt(now, '/required') === true ? 'auth/field-added-required' : 'auth/field-added'),
    removed: 'auth/field-removed',
  },
  'auth.fields.*.name': identity,
  'auth.fields.*.required': { changed: whether('auth/field-made-required', 'auth/field-made-optional') },
  'auth.fields.*.type': 'auth/field-changed',
  'auth.fields.*.pattern': 'auth/field-changed',
  'auth.fields.*.options': { whole: 'auth/field-changed' },
  'auth.fields.*.default': 'auth/field-changed',
  'auth.fields.*.prefix': 'auth/field-changed',
  'auth.fields.*.suffix': 'auth/field-changed',
  'auth.fields.*.hosts': { whole: 'auth/field-changed' },
  'auth.fields.*.sensitive': 'auth/field-changed',
  'auth.fields.*.used_for': 'auth/field-purpose-changed',
  'auth.fields.*.label': TEXT,
  'auth.fields.*.where_to_find': TEXT,
  'auth.fields.*.example': TEXT,
  'auth.scopes.*': { added: addedScope, removed: removedScope },
  'auth.scopes.*.name': identity,
  'auth.scopes.*.required': { changed: whether('auth/scope-added-required', 'auth/scope-made-optional') },
  'auth.scopes.*.access': TEXT,
  'auth.scopes.*.deprecated': { added: 'auth/scope-removed', removed: 'auth/scope-added', changed: TEXT },
  'auth.scopes.*.replaced_by': 'auth/flow-changed',

  'api.base_url': 'api/base-url-changed',
  'api.environments.*': { added: 'api/environment-added', removed: 'api/environment-removed' },
  'api.environments.*.base_url': 'api/base-url-changed',
  'api.environments.*.authorization_url': 'auth/address-changed',
  'api.environments.*.token_url': 'auth/address-changed',
  'api.pagination': derived,
  'api.retry': 'api/retry-changed',
  'api.version': TEXT,
  'api.versioning': TEXT,
  'api.headers.*': 'api/headers-changed',
  'api.response_headers.*': TEXT,
  'api.parameters.*': TEXT,
  'api.parameters.*.encoded': 'api/input-changed',
  'api.endpoints.*': {
    added: 'api/endpoint-added',
    removed: ({ old }) => (isDeprecated(old) ? 'api/endpoint-removed-after-deprecation' : 'api/endpoint-removed'),
  },
  'api.endpoints.*.name': identity,
  'api.endpoints.*.method': 'api/endpoint-changed',
  'api.endpoints.*.path': 'api/endpoint-changed',
  'api.endpoints.*.base_url': 'api/endpoint-changed',
  ...inputRows('query'),
  ...inputRows('headers'),
  'api.endpoints.*.body': { whole: 'api/body-changed' },
  'api.endpoints.*.body_type': 'api/body-changed',
  'api.endpoints.*.response': { whole: 'api/response-changed' },
  'api.endpoints.*.pagination': 'api/pagination-changed',
  'api.endpoints.*.scopes': 'api/endpoint-scopes-changed',
  'api.endpoints.*.deprecated': { added: 'api/endpoint-deprecated', changed: TEXT },

  'rate_limits.*': 'limits/changed',
  'rate_limits.*.limit': { changed: comparedLimits, detail: limitDetail },
  'rate_limits.*.applies_to': 'limits/changed',
  'rate_limits.*.headers': TEXT,
  'rate_limits.*.error': TEXT,
  'rate_limits.*.advice': TEXT,

  'events.*': {
    added: 'event/added',
    removed: ({ old }) => (isDeprecated(old) ? 'event/removed-after-deprecation' : 'event/removed'),
  },
  'events.*.name': identity,
  'events.*.code': derived,
  'events.*.id': derived,
  'events.*.type_name': derived,
  'events.*.personal_data': derived,
  'events.*.version': { changed: versionChange },
  'events.*.smart_code': 'event/smart-code-changed',
  'events.*.direction': 'event/direction-changed',
  'events.*.source': 'event/source-changed',
  'events.*.poll': 'event/poll-changed',
  'events.*.poll.description': EVENT_TEXT,
  'events.*.poll.body': { whole: 'event/poll-changed' },
  'events.*.poll.for': { whole: 'event/poll-changed' },
  'events.*.poll.data': { whole: 'event/poll-changed' },
  'events.*.poll.samples': EVENT_TEXT,
  'events.*.scopes': 'event/scopes-changed',
  'events.*.data': {
    compare: ({ old, now }, report) => compareSchemas((old ?? {}) as EventSchema, (now ?? {}) as EventSchema, report),
  },
  'events.*.idempotency_key': { whole: 'event/idempotency-key-changed', detail: keyDetail },
  'events.*.deprecated': { added: 'event/deprecated', changed: EVENT_TEXT },
  'events.*.replaced_by': EVENT_TEXT,
  'events.*.summary': EVENT_TEXT,
  'events.*.description': EVENT_TEXT,
  'events.*.origin': EVENT_TEXT,
  'events.*.examples': EVENT_TEXT,
  'events.*.cites': EVENT_TEXT,

  'webhook.required': { changed: whether('webhook/made-required', 'webhook/made-optional') },
  'webhook.handshakes.*': 'webhook/handshake-changed',
  'webhook.handshakes.*.when': { whole: 'webhook/handshake-changed' },
  'webhook.handshakes.*.values.*': 'webhook/handshake-changed',
  'webhook.handshakes.*.keeps.*': 'webhook/handshake-changed',
  'webhook.handshakes.*.response': { whole: 'webhook/handshake-changed' },
  'webhook.handshakes.*.samples': TEXT,
  'webhook.subscriptions.*': {
    added: 'webhook/subscription-added',
    removed: 'webhook/subscription-removed',
    changed: 'webhook/subscription-changed',
  },
  'webhook.subscriptions.*.events.names.*': {
    added: 'webhook/subscription-changed',
    removed: 'webhook/subscription-removed',
  },
  'webhook.methods': 'webhook/delivery-changed',
  'webhook.response': { whole: 'webhook/response-changed' },
  'webhook.signatures.*': {
    added: 'webhook/signature-added',
    removed: 'webhook/signature-removed',
    changed: 'webhook/signature-changed',
  },
  'webhook.delivery': 'webhook/delivery-changed',
  'webhook.delivery.success': TEXT,
  'webhook.delivery.retry': TEXT,
  'webhook.content_types': 'webhook/delivery-changed',
  'webhook.exact_numbers': 'webhook/mapping-changed',
  'webhook.deliveries.*': { added: 'webhook/rule-added', removed: 'webhook/rule-removed' },
  'webhook.deliveries.*.event': identity,
  'webhook.deliveries.*.for.*': { whole: 'webhook/condition-changed' },
  'webhook.deliveries.*.unpack.*': { whole: 'webhook/mapping-changed' },
  'webhook.deliveries.*.fetch.*': { whole: 'webhook/mapping-changed' },
  'webhook.deliveries.*.when': 'webhook/condition-changed',
  'webhook.deliveries.*.data.*': { whole: 'webhook/mapping-changed' },
  'webhook.routing.*': 'webhook/routing-changed',
  'webhook.ignored': TEXT,
  'webhook.samples': TEXT,
  'webhook.setup': TEXT,
}

/** A required input that callers do not send yet breaks their calls. */
function inputRows(part: 'query' | 'headers'): Readonly<Record<string, Row>> {
  const at = `api.endpoints.*.${part}.*`
  return {
    [at]: {
      added: ({ now }) => (valueAt(now, '/required') === true ? 'api/input-changed' : 'api/input-added'),
      removed: 'api/input-changed',
    },
    [`${at}.example`]: TEXT,
    [`${at}.type`]: 'api/input-changed',
    [`${at}.enum`]: 'api/input-changed',
    [`${at}.list`]: 'api/input-changed',
    [`${at}.value`]: 'api/input-changed',
    [`${at}.required`]: { changed: whether('api/input-changed', 'api/input-added') },
  }
}

function whether(on: ChangeCode, off: ChangeCode): (difference: Difference) => ChangeCode {
  return ({ now }) => (now === true ? on : off)
}

function statusChange({ oldOwner, nowOwner }: Difference): ChangeCode {
  const [before, after] = [isAvailable(oldOwner as Connector), isAvailable(nowOwner as Connector)]
  if (before === after) return TEXT
  return after ? 'connector/offered' : 'connector/withdrawn'
}

/** A smart code that the definition sets itself does not contain the version. */
function versionChange({ oldOwner, nowOwner }: Difference): ChangeCode {
  const isKept = valueAt(oldOwner, '/smart_code') === valueAt(nowOwner, '/smart_code')
  return isKept ? EVENT_TEXT : 'event/smart-code-changed'
}

function isDeprecated(item: unknown): boolean {
  return valueAt(item, '/deprecated') !== undefined
}

/** A deprecated scope is only listed, never requested. */
function addedScope({ now }: Difference): ChangeCode {
  if (isDeprecated(now)) return TEXT
  return valueAt(now, '/required') === true ? 'auth/scope-added-required' : 'auth/scope-added'
}

function removedScope({ old }: Difference): ChangeCode {
  return isDeprecated(old) ? 'auth/scope-removed-after-deprecation' : 'auth/scope-removed'
}

function comparedLimits({ old, now }: Difference): ChangeCode {
  if (typeof old !== 'number' || typeof now !== 'number') return 'limits/changed'
  return now > old ? 'limits/raised' : 'limits/lowered'
}

function limitDetail({ old, now, nowOwner }: Difference): string {
  const [per, periods] = [valueAt(nowOwner, '/per'), valueAt(nowOwner, '/periods')]
  const window = per === undefined ? '' : ` per ${periods === undefined ? per : `${periods} ${per}s`}`
  return `${fromTo(String(old ?? 'nothing'), String(now ?? 'nothing'))}${window}`
}

function keyDetail({ old, now }: Difference): string {
  const [before, after] = [old, now].map((pointers) => [pointers ?? []].flat().map(String)) as [string[], string[]]
  const isReordered = before.length === after.length && before.every((pointer) => after.includes(pointer))
  const why = isReordered ? ': the key contains the values in this order' : ''
  return `${fromTo(before.join(' '), after.join(' '))}${why}`
}

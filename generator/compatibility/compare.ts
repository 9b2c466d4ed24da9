import { isDeepStrictEqual } from 'node:util'
import { isAvailable } from '../model/availability.ts'
import type { Connector, ConnectorEvent, Registry } from '../model/connector.ts'
import { compareText } from '../text/compare-text.ts'
import type { Change, ChangeCode } from './change.ts'
import type { Field } from './schema-fields.ts'
import { fieldsOf } from './schema-fields.ts'

/** Reports a difference of one connector. */
type Report = (code: ChangeCode, subject: string, detail: string) => void

/** Everything that differs between two registries, by connector and subject. */
export function compare(before: Registry, after: Registry): readonly Change[] {
  const changes: Change[] = []
  for (const { name, old, now } of pairs(before.connectors, after.connectors, ({ code }) => code)) {
    const report: Report = (code, subject, detail) => changes.push({ code, connector: name, subject, detail })
    if (old === undefined) report('connector/added', '', 'new')
    else if (now === undefined) report('connector/removed', '', `was ${old.status}`)
    else compareConnectors(old, now, report)
  }
  return changes
}

interface Pair<Item> {
  readonly name: string
  readonly old: Item | undefined
  readonly now: Item | undefined
}

function pairs<Item>(
  old: readonly Item[],
  now: readonly Item[],
  nameOf: (item: Item) => string,
): readonly Pair<Item>[] {
  const before = new Map(old.map((item) => [nameOf(item), item]))
  const after = new Map(now.map((item) => [nameOf(item), item]))
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(compareText)
  return names.map((name) => ({ name, old: before.get(name), now: after.get(name) }))
}

function compareConnectors(old: Connector, now: Connector, report: Report): void {
  compareStatus(old, now, report)
  if (old.namespace !== now.namespace) report('connector/namespace-changed', '', fromTo(old.namespace, now.namespace))
  compareAuth(old, now, report)
  compareApi(old, now, report)
  compareWebhook(old, now, report)
  if (!isDeepStrictEqual(old.rate_limits, now.rate_limits)) report('limits/changed', '', 'see the rate limits')
  for (const pair of pairs(old.events, now.events, ({ name }) => name)) compareEvents(pair, report)
  const textOf = ({
    name,
    vendor,
    category,
    icon,
    purpose,
    description,
    sources,
    links,
    privacy,
    capabilities,
    setup,
    troubleshooting,
  }: Connector) => ({
    name,
    vendor,
    category,
    icon,
    purpose,
    description,
    sources,
    links,
    privacy,
    capabilities,
    setup,
    troubleshooting,
  })
  const [was, is] = [textOf(old), textOf(now)] as [Record<string, unknown>, Record<string, unknown>]
  const parts = Object.keys(was).filter((part) => !isDeepStrictEqual(was[part], is[part]))
  if (parts.length > 0) report('connector/text-changed', '', parts.join(', '))
}

function compareStatus(old: Connector, now: Connector, report: Report): void {
  const [before, after] = [isAvailable(old), isAvailable(now)]
  if (before && !after) report('connector/withdrawn', '', fromTo(old.status, now.status))
  else if (!before && after) report('connector/offered', '', fromTo(old.status, now.status))
  if (old.deprecated === undefined && now.deprecated !== undefined)
    report('connector/deprecated', '', now.deprecated.instead)
}

function compareAuth({ auth: old }: Connector, { auth: now }: Connector, report: Report): void {
  if (old.type !== now.type) report('auth/type-changed', '', fromTo(old.type, now.type))
  for (const name of ['authorization_url', 'token_url'] as const)
    if (old[name] !== now[name]) report('auth/address-changed', name, fromTo(old[name], now[name]))
  for (const { name, old: was, now: is } of pairs(old.fields, now.fields, (field) => field.name)) {
    if (was === undefined) report(is?.required === true ? 'auth/field-added-required' : 'auth/field-added', name, 'new')
    else if (is === undefined) report('auth/field-removed', name, 'gone')
    else {
      if (!was.required && is.required) report('auth/field-made-required', name, 'was optional')
      if (was.required && !is.required) report('auth/field-made-optional', name, 'was required')
      const taken = ({ type, pattern, sensitive }: typeof was) => ({ type, pattern, sensitive })
      if (!isDeepStrictEqual(taken(was), taken(is)))
        report('auth/field-changed', name, fromTo(shown(taken(was)), shown(taken(is))))
    }
  }
  const asked = (scopes: typeof old.scopes) => scopes.filter(({ deprecated }) => deprecated === undefined)
  for (const { name, old: was, now: is } of pairs(asked(old.scopes), asked(now.scopes), (scope) => scope.name)) {
    if (is === undefined) report('auth/scope-removed', name, 'asked for no more')
    else if (is.required && was?.required !== true)
      report('auth/scope-added-required', name, was === undefined ? 'new' : 'was optional')
    else if (was === undefined) report('auth/scope-added', name, 'new')
  }
}

function compareApi({ api: old }: Connector, { api: now }: Connector, report: Report): void {
  if (old.base_url !== now.base_url) report('api/base-url-changed', '', fromTo(old.base_url, now.base_url))
  for (const { name, old: was, now: is } of pairs(old.endpoints, now.endpoints, (endpoint) => endpoint.name)) {
    const called = (endpoint: typeof was) => `${endpoint?.method} ${endpoint?.base_url ?? ''}${endpoint?.path}`
    if (was === undefined) report('api/endpoint-added', name, called(is))
    else if (is === undefined) report('api/endpoint-removed', name, called(was))
    else if (called(was) !== called(is)) report('api/endpoint-changed', name, fromTo(called(was), called(is)))
  }
}

function compareWebhook({ webhook: old }: Connector, { webhook: now }: Connector, report: Report): void {
  const verified = ({ description: _, cites: __, ...scheme }: (typeof old.signatures)[number]) => scheme
  for (const { name, old: was, now: is } of pairs(old.signatures, now.signatures, (scheme) => scheme.name)) {
    if (was === undefined) report('webhook/signature-added', name, 'new')
    else if (is === undefined) report('webhook/signature-removed', name, 'gone')
    else if (!isDeepStrictEqual(verified(was), verified(is)))
      report('webhook/signature-changed', name, fromTo(shown(verified(was)), shown(verified(is))))
  }
  const checked = ({ handshakes }: typeof old) =>
    handshakes.map(({ description: _, cites: __, samples: ___, ...handshake }) => handshake)
  if (!isDeepStrictEqual(checked(old), checked(now))) report('webhook/handshake-changed', '', 'see the handshakes')
  if (!isDeepStrictEqual(old.response, now.response))
    report('webhook/response-changed', '', fromTo(shown(old.response), shown(now.response)))
  if (!isDeepStrictEqual(old.deliveries, now.deliveries))
    report('webhook/mapping-changed', '', 'see the delivery rules')
}

function compareEvents({ name, old, now }: Pair<ConnectorEvent>, report: Report): void {
  if (old === undefined) report('event/added', name, now?.summary ?? '')
  else if (now === undefined) {
    const code = old.deprecated === undefined ? 'event/removed' : 'event/removed-after-deprecation'
    report(code, name, old.deprecated?.instead ?? 'it was not deprecated before')
  } else compareKept(name, old, now, report)
}

function compareKept(name: string, old: ConnectorEvent, now: ConnectorEvent, report: Report): void {
  if (old.smart_code !== now.smart_code)
    report('event/smart-code-changed', name, fromTo(old.smart_code, now.smart_code))
  if (!isDeepStrictEqual(old.idempotency_key, now.idempotency_key))
    report('event/idempotency-key-changed', name, fromTo(old.idempotency_key.join(' '), now.idempotency_key.join(' ')))
  if (old.direction !== now.direction) report('event/direction-changed', name, fromTo(old.direction, now.direction))
  if (old.source !== now.source) report('event/source-changed', name, fromTo(old.source, now.source))
  if (old.deprecated === undefined && now.deprecated !== undefined)
    report('event/deprecated', name, now.deprecated.instead)
  if (old.summary !== now.summary || old.description !== now.description)
    report('event/text-changed', name, now.summary)
  const [before, after] = [fieldsOf(old.data), fieldsOf(now.data)]
  const gone = [...before.keys()].filter((pointer) => !after.has(pointer))
  const come = [...after.keys()].filter((pointer) => !before.has(pointer))
  // What lies below a field that came or went says nothing more.
  for (const pointer of outermost(gone)) report('field/removed', `${name}${pointer}`, 'gone')
  for (const pointer of outermost(come)) {
    const isRequired = after.get(pointer)?.required === true
    report(isRequired ? 'field/added-required' : 'field/added', `${name}${pointer}`, 'new')
  }
  for (const [pointer, field] of after) {
    const was = before.get(pointer)
    if (was !== undefined) compareFields(was, field, (code, detail) => report(code, `${name}${pointer}`, detail))
  }
}

function outermost(pointers: readonly string[]): readonly string[] {
  return pointers.filter((pointer) => !pointers.some((other) => pointer.startsWith(`${other}/`)))
}

function compareFields(old: Field, now: Field, report: (code: ChangeCode, detail: string) => void): void {
  if (!old.required && now.required) report('field/made-required', 'was optional')
  if (old.required && !now.required) report('field/made-optional', 'was required')
  compareTypes(old.types, now.types, report)
  compareValues(old.values, now.values, report)
  if (!old.deprecated && now.deprecated) report('field/deprecated', 'deprecated')
  for (const name of [...new Set([...Object.keys(old.limits), ...Object.keys(now.limits)])].sort(compareText)) {
    const [was, is] = [old.limits[name], now.limits[name]]
    if (isDeepStrictEqual(was, is)) continue
    const opened = is === undefined || (name === 'additionalProperties' && is === true)
    report(opened ? 'field/limit-removed' : 'field/limit-changed', `${name}: ${fromTo(shown(was), shown(is))}`)
  }
  if (old.text !== now.text) report('field/text-changed', 'described differently')
}

/** No type at all means any. */
function compareTypes(
  old: readonly string[],
  now: readonly string[],
  report: (code: ChangeCode, detail: string) => void,
) {
  if (isDeepStrictEqual(old, now)) return
  const detail = fromTo(old.join(' or ') || 'any', now.join(' or ') || 'any')
  // Every whole number is a number.
  const covers = (wide: readonly string[], type: string) =>
    wide.length === 0 || wide.includes(type) || (type === 'integer' && wide.includes('number'))
  const isNarrower = old.length === 0 || old.some((type) => !covers(now, type))
  const isWider = now.length === 0 || now.some((type) => !covers(old, type))
  if (isNarrower) report('field/type-narrowed', detail)
  else if (isWider) report('field/type-widened', detail)
}

function compareValues(
  old: readonly string[] | undefined,
  now: readonly string[] | undefined,
  report: (code: ChangeCode, detail: string) => void,
) {
  // No list of values at all means any.
  if (old === undefined && now !== undefined) report('field/value-removed', `only ${now.join(', ')}`)
  if (old !== undefined && now === undefined) report('field/value-added', 'any value')
  if (old === undefined || now === undefined) return
  const removed = old.filter((value) => !now.includes(value))
  const added = now.filter((value) => !old.includes(value))
  if (removed.length > 0) report('field/value-removed', removed.join(', '))
  if (added.length > 0) report('field/value-added', added.join(', '))
}

function fromTo(old: string | undefined, now: string | undefined): string {
  return `${old ?? 'nothing'} → ${now ?? 'nothing'}`
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

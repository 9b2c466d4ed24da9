import { isDeepStrictEqual } from 'node:util'
import type { EventSchema } from '../model/connector.ts'
import { compareText } from '../text/compare-text.ts'
import type { ChangeCode } from './change.ts'
import { fromTo, shown } from './detail.ts'
import type { Field } from './schema-fields.ts'
import { annotationsOf, fieldsOf } from './schema-fields.ts'

/** Reports a difference at a pointer into the event's data. */
type Report = (code: ChangeCode, pointer: string, detail: string) => void

/** Reports every difference between two schemas of one event's data. */
export function compareSchemas(old: EventSchema, now: EventSchema, report: Report): void {
  compareDefinitions(old.$defs ?? {}, now.$defs ?? {}, report)
  const [before, after] = [fieldsOf(old), fieldsOf(now)]
  const gone = [...before.keys()].filter((pointer) => !after.has(pointer))
  const come = [...after.keys()].filter((pointer) => !before.has(pointer))
  // Fields below one that was added or removed add nothing to the report.
  for (const pointer of outermost(gone)) {
    const isDeprecated = before.get(pointer)?.deprecated === true
    report(isDeprecated ? 'field/removed-after-deprecation' : 'field/removed', pointer, 'gone')
  }
  for (const pointer of outermost(come)) {
    const isRequired = after.get(pointer)?.required === true
    report(isRequired ? 'field/added-required' : 'field/added', pointer, 'new')
  }
  for (const [pointer, field] of after) {
    const was = before.get(pointer)
    if (was !== undefined) compareFields(was, field, (code, detail) => report(code, pointer, detail))
  }
  const kept = (fields: typeof before, others: typeof before) => [...fields.keys()].filter((key) => others.has(key))
  if (!isDeepStrictEqual(kept(before, after), kept(after, before)))
    report('event/text-changed', '', 'fields in another order')
}

/** Each definition becomes an exported type in TypeScript. */
function compareDefinitions(
  old: NonNullable<EventSchema['$defs']>,
  now: NonNullable<EventSchema['$defs']>,
  report: Report,
): void {
  for (const [name, schema] of Object.entries(old)) {
    const is = now[name]
    if (is === undefined) report('event/type-removed', '', name)
    else if (annotationsOf(schema) !== annotationsOf(is)) report('event/text-changed', '', `type ${name}`)
  }
  for (const name of Object.keys(now)) if (old[name] === undefined) report('event/type-added', '', name)
}

function outermost(pointers: readonly string[]): readonly string[] {
  return pointers.filter((pointer) => !pointers.some((other) => pointer.startsWith(`${other}/`)))
}

type ReportField = (code: ChangeCode, detail: string) => void

function compareFields(old: Field, now: Field, report: ReportField): void {
  if (!old.required && now.required) report('field/made-required', 'was optional')
  if (old.required && !now.required) report('field/made-optional', 'was required')
  compareTypes(old.types, now.types, report)
  compareValues(old.values, now.values, report)
  if (!old.deprecated && now.deprecated) report('field/deprecated', 'deprecated')
  if (old.deprecated && !now.deprecated) report('field/text-changed', 'no longer deprecated')
  for (const keyword of keysOf(old.choices, now.choices)) compareChoices(keyword, old, now, report)
  for (const keyword of keysOf(old.limits, now.limits)) {
    const [was, is] = [old.limits[keyword], now.limits[keyword]]
    if (!isDeepStrictEqual(was, is))
      report(limitChange(keyword, was, is), `${keyword}: ${fromTo(shown(was), shown(is))}`)
  }
  // With other branches, their wording follows.
  if (old.annotations !== now.annotations && isDeepStrictEqual(old.choices, now.choices))
    report('field/text-changed', 'described differently')
}

function keysOf(old: object, now: object): readonly string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort(compareText)
}

/** Without types, any type is accepted. */
function compareTypes(old: readonly string[], now: readonly string[], report: ReportField): void {
  if (isDeepStrictEqual(old, now)) return
  const detail = fromTo(old.join(' or ') || 'any', now.join(' or ') || 'any')
  // Every integer is a number.
  const covers = (wide: readonly string[], type: string) =>
    wide.length === 0 || wide.includes(type) || (type === 'integer' && wide.includes('number'))
  const isNarrower = old.length === 0 || old.some((type) => !covers(now, type))
  const isWider = now.length === 0 || now.some((type) => !covers(old, type))
  const numeric = (types: readonly string[]) => types.map((type) => (type === 'integer' ? 'number' : type)).sort()
  // TypeScript has one type for both.
  const isSameInTypescript = isDeepStrictEqual(numeric(old), numeric(now))
  if (isNarrower) report(isSameInTypescript ? 'field/number-narrowed' : 'field/type-narrowed', detail)
  else if (isWider) report(isSameInTypescript ? 'field/number-widened' : 'field/type-widened', detail)
}

function compareValues(
  old: readonly string[] | undefined,
  now: readonly string[] | undefined,
  report: ReportField,
): void {
  // Without a list, any value is accepted.
  if (old === undefined && now !== undefined) report('field/value-removed', `only ${now.join(', ')}`)
  if (old !== undefined && now === undefined) report('field/type-widened', `only ${old.join(', ')} → any value`)
  if (old === undefined || now === undefined) return
  const removed = old.filter((value) => !now.includes(value))
  const added = now.filter((value) => !old.includes(value))
  if (removed.length > 0) report('field/value-removed', removed.join(', '))
  if (added.length > 0) report('field/value-added', added.join(', '))
  if (removed.length + added.length === 0 && !isDeepStrictEqual(old, now))
    report('field/text-changed', 'values in another order')
}

function compareChoices(keyword: string, old: Field, now: Field, report: ReportField): void {
  const [was, is] = [old.choices[keyword], now.choices[keyword]]
  if (isDeepStrictEqual(was, is)) return
  const branches = (choice: readonly string[] | undefined) =>
    choice === undefined ? 'no choice' : `${choice.length} branches`
  const isAddedTo = was?.every((branch) => is?.includes(branch)) === true
  const isRemovedFrom = is?.every((branch) => was?.includes(branch)) === true
  const isWider = keyword === 'allOf' ? isRemovedFrom : isAddedTo
  const isNarrower = keyword === 'allOf' ? isAddedTo : isRemovedFrom
  const code =
    isWider || is === undefined
      ? 'field/type-widened'
      : isNarrower || was === undefined
        ? 'field/type-narrowed'
        : 'field/limit-changed'
  const detail = was?.length === is?.length ? 'other branches' : fromTo(branches(was), branches(is))
  report(code, `${keyword}: ${detail}`)
}

const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']

function limitChange(keyword: string, was: unknown, is: unknown): ChangeCode {
  // A unit does not say which values are accepted, but what they mean.
  if (keyword === 'x-unit') return 'field/limit-changed'
  if (is === undefined || is === false) return keyword === 'additionalProperties' ? closed(is) : 'field/limit-relaxed'
  if (was === undefined || was === false) return 'field/limit-tightened'
  const [from, to] = [Number(was), Number(is)]
  if (UPPER.includes(keyword)) return to > from ? 'field/limit-relaxed' : 'field/limit-tightened'
  if (LOWER.includes(keyword)) return to < from ? 'field/limit-relaxed' : 'field/limit-tightened'
  return 'field/limit-changed'
}

function closed(additionalProperties: unknown): ChangeCode {
  return additionalProperties === false ? 'field/limit-tightened' : 'field/limit-relaxed'
}

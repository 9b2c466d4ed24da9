import type { Condition, DeliveryRule, Form, MappedValue, NamedValue, Path, Step } from '../../kit/mapping.ts'
import { indexableBy, isNamedValue } from '../../kit/mapping.ts'

/** A place in a delivery rule that multiplies two lists of a delivery. */
export interface QuadraticPlace {
  /** Below the rule. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/**
 * The places where a rule takes time, or makes data, in proportion to the product of two lists: a loop over a list that
 * is not inside of the loop around it, a list or object that every round of a loop copies, and a filter that no index
 * can answer.
 */
export function quadraticPlaces({ for: entries, when, data }: DeliveryRule): readonly QuadraticPlace[] {
  const places: QuadraticPlace[] = []
  let round: Round = { innermost: 'delivery', names: new Set(['delivery']) }
  for (const entry of entries) {
    if (isNamedValue(entry)) {
      places.push(...quadraticSources(entry, round))
      const isInside =
        round.innermost === 'delivery' || pathsOf(entry).some(({ path: [start] }) => round.names.has(start))
      if (isInside) round = { ...round, names: new Set([...round.names, entry.name]) }
    } else {
      const [name, ...paths] = entry
      for (const [index, path] of paths.entries()) {
        const at = paths.length === 1 ? ['for', name] : ['for', name, index]
        places.push(...crossed(path, round).map((message) => ({ path: at, message })))
      }
      round = roundOf(name)
    }
  }
  if (when !== undefined && !isLinearCondition(when, round)) places.push({ path: ['when'], message: FILTER })
  for (const [name, value] of Object.entries(data.fields))
    places.push(...quadraticValues(value, round).map((message) => ({ path: ['data', name], message })))
  return places
}

/** The innermost loop around a path, and the names of what belongs to one round of it. */
interface Round {
  readonly innermost: string
  readonly names: ReadonlySet<string>
}

function roundOf(name: string): Round {
  return { innermost: name, names: new Set([name]) }
}

function quadraticSources(value: NamedValue, round: Round): readonly QuadraticPlace[] {
  const conditions = value.when === undefined || isLinearCondition(value.when, round) ? [] : [['when']]
  const paths = pathsOf(value).filter(({ path }) => !isLinearPath(path, round))
  return [...conditions, ...paths.map(({ at }) => at)].map((path) => ({ path, message: FILTER }))
}

/** The paths that a value is made of, and where they are in the rule. */
function pathsOf(value: NamedValue): readonly { readonly path: Path; readonly at: readonly string[] }[] {
  const { name } = value
  if ('unpack' in value) return [{ path: value.unpack, at: ['unpack', name, 'from'] }]
  return Object.entries(value.parameters).map(([parameter, path]) => ({
    path,
    at: ['fetch', name, 'parameters', parameter],
  }))
}

const FILTER = 'the filter compares every element of one list with every element of another one'

function crossed(path: Path, round: Round): readonly string[] {
  const [start, ...steps] = path
  if (round.names.has(start)) return isLinearPath(path, round) ? [] : [FILTER]
  return steps.some((step) => typeof step === 'object')
    ? [`the loop starts at "${start}" and is repeated for every "${round.innermost}"`]
    : []
}

function quadraticValues(value: MappedValue, round: Round): readonly string[] {
  if ('value' in value) return []
  if ('fields' in value) return Object.values(value.fields).flatMap((field) => quadraticValues(field, round))
  if ('each' in value) return [...crossed(value.each, round), ...quadraticValues(value.item, roundOf('item'))]
  if (!value.from.every((path) => isLinearPath(path, round))) return [FILTER]
  const isCopied =
    CAN_CONTAIN.has(value.as) && value.from.some(([start]) => !round.names.has(start) && start !== 'request')
  return isCopied
    ? [`a list or an object outside of "${round.innermost}" is copied for every "${round.innermost}"`]
    : []
}

/** Forms of values that can contain others; the kit limits how much text is copied. */
const CAN_CONTAIN: ReadonlySet<Form> = new Set(['any', 'list', 'object'])

/** A list inside of the innermost element is gone through once for it; any other list needs an index. */
function isLinearPath([start, ...steps]: Path, round: Round): boolean {
  const at = steps.findIndex((step) => typeof step === 'object')
  const step = steps[at]
  if (typeof step !== 'object') return true
  const others = steps.slice(at + 1)
  if (!round.names.has(start) && indexableBy(step, others) === undefined) return false
  return [step, ...others].every(isLinearStep)
}

function isLinearStep(step: Step): boolean {
  return typeof step !== 'object' || 'all' in step || isLinearCondition(step.where, roundOf('@'))
}

function isLinearCondition(condition: Condition, round: Round): boolean {
  if ('or' in condition) return condition.or.every((part) => isLinearCondition(part, round))
  if ('and' in condition) return condition.and.every((part) => isLinearCondition(part, round))
  if ('not' in condition) return isLinearCondition(condition.not, round)
  if ('exists' in condition) return isLinearPath(condition.exists, round)
  return [condition.left, condition.right].every((operand) => !('path' in operand) || isLinearPath(operand.path, round))
}

import type { Condition, DeliveryRule, Form, MappedValue, Path, Step } from '../../kit/mapping.ts'
import { indexableBy } from '../../kit/mapping.ts'

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
export function quadraticPlaces({ for: loops, when, data }: DeliveryRule): readonly QuadraticPlace[] {
  const places: QuadraticPlace[] = []
  let innermost = 'delivery'
  for (const [name, ...paths] of loops) {
    for (const [index, path] of paths.entries()) {
      const at = paths.length === 1 ? ['for', name] : ['for', name, index]
      places.push(...crossed(path, innermost).map((message) => ({ path: at, message })))
    }
    innermost = name
  }
  if (when !== undefined && !isLinearCondition(when, innermost)) places.push({ path: ['when'], message: FILTER })
  for (const [name, value] of Object.entries(data.fields))
    places.push(...quadraticValues(value, innermost).map((message) => ({ path: ['data', name], message })))
  return places
}

const FILTER = 'the filter compares every element of one list with every element of another one'

function crossed(path: Path, innermost: string): readonly string[] {
  const [start, ...steps] = path
  if (start === innermost) return isLinearPath(path, innermost) ? [] : [FILTER]
  return steps.some((step) => typeof step === 'object')
    ? [`the loop starts at "${start}" and is repeated for every "${innermost}"`]
    : []
}

function quadraticValues(value: MappedValue, innermost: string): readonly string[] {
  if ('value' in value) return []
  if ('fields' in value) return Object.values(value.fields).flatMap((field) => quadraticValues(field, innermost))
  if ('each' in value) return [...crossed(value.each, innermost), ...quadraticValues(value.item, 'item')]
  if (!value.from.every((path) => isLinearPath(path, innermost))) return [FILTER]
  const isCopied = CAN_CONTAIN.has(value.as) && value.from.some(([start]) => start !== innermost && start !== 'request')
  return isCopied ? [`a list or an object outside of "${innermost}" is copied for every "${innermost}"`] : []
}

/** Forms of values that can contain others; the kit limits how much text is copied. */
const CAN_CONTAIN: ReadonlySet<Form> = new Set(['any', 'list', 'object'])

/** A list inside of the innermost element is gone through once for it; any other list needs an index. */
function isLinearPath([start, ...steps]: Path, innermost: string): boolean {
  const at = steps.findIndex((step) => typeof step === 'object')
  const step = steps[at]
  if (typeof step !== 'object') return true
  const others = steps.slice(at + 1)
  if (start !== innermost && indexableBy(step, others) === undefined) return false
  return [step, ...others].every(isLinearStep)
}

function isLinearStep(step: Step): boolean {
  return typeof step !== 'object' || 'all' in step || isLinearCondition(step.where, '@')
}

function isLinearCondition(condition: Condition, innermost: string): boolean {
  if ('or' in condition) return condition.or.every((part) => isLinearCondition(part, innermost))
  if ('and' in condition) return condition.and.every((part) => isLinearCondition(part, innermost))
  if ('not' in condition) return isLinearCondition(condition.not, innermost)
  if ('exists' in condition) return isLinearPath(condition.exists, innermost)
  return [condition.left, condition.right].every(
    (operand) => !('path' in operand) || isLinearPath(operand.path, innermost),
  )
}

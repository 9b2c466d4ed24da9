import { isObject } from '../kit/mapping.ts'
import { member } from './json.ts'

export type TypeName = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null'
const TYPE_NAMES: readonly TypeName[] = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']

export type Scalar = string | number | boolean | null
/** The types that a schema of any draft names. */
export function writtenTypes(value: unknown): readonly TypeName[] {
  const written = member(value, 'type')
  const names = (Array.isArray(written) ? written : [written]).filter((name) => TYPE_NAMES.includes(name))
  const types = [...new Set<TypeName>(names)]
  return types.includes('number') ? types.filter((type) => type !== 'integer') : types
}

/** The types that are among both; an integer is a number. */
export function bothOf(left: readonly TypeName[], right: readonly TypeName[]): readonly TypeName[] {
  return left.flatMap((type): readonly TypeName[] => {
    if (right.includes(type)) return [type]
    if (type === 'integer' && right.includes('number')) return ['integer']
    return type === 'number' && right.includes('integer') ? ['integer'] : []
  })
}

export function typeOf(value: unknown): TypeName {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value as 'string' | 'boolean' | 'object'
}

/** Whether a value is of one of these types. */
export function isOfType(value: unknown, types: readonly TypeName[]): boolean {
  return bothOf([typeOf(value)], types).length > 0
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

/** Whether a value comes back from YAML and PostgreSQL as what it was. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\u0000') && value.isWellFormed()
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
  if (Array.isArray(value)) return value.every(isStorable)
  if (!isObject(value)) return value === null || typeof value === 'boolean'
  return Object.entries(value).every(([name, inside]) => name !== '__proto__' && isStorable(name) && isStorable(inside))
}

import type { EventSchema } from '../model/connector.ts'
import { canonical } from './json.ts'
import { bothOf, type Scalar, type TypeName } from './schema-types.ts'

export type Combined = Readonly<Record<string, readonly EventSchema[]>>

/** A schema and its combinations; where it says nothing itself and there is one part alone, that part. */
export function joined(own: EventSchema, combined: Combined): EventSchema {
  const { description, deprecated, examples: _, default: __, type, ...rest } = own
  const [first, ...others] = Object.entries(combined)
  const [part, ...parts] = first?.[1] ?? []
  const isBare = Object.keys(rest).length === 0 && (type === undefined || part?.$ref !== undefined)
  if (part === undefined || others.length > 0 || parts.length > 0 || !isBare) return { ...own, ...combined }
  return {
    ...part,
    ...(description === undefined ? {} : { description }),
    ...(deprecated === undefined ? {} : { deprecated }),
  }
}

/**
 * The same schema, its branches only of types that it allows around them: JSON Schema lets others stand there and never
 * hold, ajv's strict mode does not.
 */
export function narrowed(schema: EventSchema, types: readonly TypeName[] | undefined): EventSchema {
  if (types === undefined) return schema
  const fitting = (branch: EventSchema): readonly EventSchema[] => {
    if (branch.$ref !== undefined) return [branch]
    if (branch.type === undefined) return [narrowed(branch, types)]
    const left = bothOf([branch.type].flat(), types)
    return left.length === 0
      ? []
      : [narrowed({ ...branch, type: left.length === 1 ? (left[0] as TypeName) : left }, left)]
  }
  const { anyOf: some, oneOf, allOf, ...rest } = schema
  const kept = { anyOf: some?.flatMap(fitting), oneOf: oneOf?.flatMap(fitting), allOf: allOf?.flatMap(fitting) }
  return { ...rest, ...Object.fromEntries(Object.entries(kept).filter(([, branches]) => (branches?.length ?? 0) > 0)) }
}

/** Alternatives that differ in their type alone, or by null, are one schema with several types. */
export function compact(schema: EventSchema): EventSchema {
  const { anyOf: some, oneOf, ...rest } = schema
  const branches = some ?? oneOf ?? []
  if (branches.length < 2 || (some !== undefined && oneOf !== undefined) || !isAnything(rest)) return schema
  const [only, ...others] = branches.filter((branch) => !isOnly(branch, 'null'))
  if (
    only?.type !== undefined &&
    others.length === 0 &&
    [only.anyOf, only.oneOf, only.allOf, only.const].every((part) => part === undefined)
  )
    return { ...nullableOf(only), ...rest }
  const types = branches.map((branch) => branch.type)
  const isTypes = branches.every((branch, index) => typeof branch.type === 'string' && isOnly(branch, types[index]))
  return isTypes ? { type: [...new Set(types)] as TypeName[], ...rest } : schema
}

function isOnly({ type, ...rest }: EventSchema, wanted: EventSchema['type']): boolean {
  return type === wanted && Object.keys(rest).length === 0
}

/** One schema for what fits any of these. */
export function anyOf(schemas: readonly EventSchema[]): EventSchema | undefined {
  const [first, ...others] = distinct(schemas)
  if (first === undefined) return undefined
  return others.length === 0 ? first : { anyOf: [first, ...others] }
}

export function distinct(schemas: readonly EventSchema[]): readonly EventSchema[] {
  return [...new Map(schemas.map((schema) => [canonical(schema), schema])).values()]
}

export function isAnything(schema: EventSchema): boolean {
  return Object.keys(schema).every((keyword) => ANNOTATIONS.has(keyword))
}

/** The same, or null. */
export function nullableOf(schema: EventSchema): EventSchema {
  const { description, ...rest } = schema
  const said = description === undefined ? {} : { description }
  if (
    rest.type !== undefined &&
    rest.const === undefined &&
    rest.anyOf === undefined &&
    rest.oneOf === undefined &&
    rest.allOf === undefined
  ) {
    const types = [rest.type].flat()
    const values = rest.enum === undefined ? {} : { enum: [...new Set([...rest.enum, null])] as [Scalar, ...Scalar[]] }
    return { ...schema, ...values, type: types.includes('null') ? types : [...types, 'null'] }
  }
  if (isAnything(schema)) return schema
  const branches = Object.keys(rest).length === 1 ? (rest.anyOf ?? rest.oneOf) : undefined
  const isNullable = branches?.some(({ type }) => type !== undefined && [type].flat().includes('null')) === true
  if (isNullable) return schema
  return { anyOf: [...(branches ?? [rest]), { type: 'null' }], ...said }
}

/** They describe, and decide nothing. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  'description',
  'title',
  'default',
  'example',
  'examples',
  'deprecated',
])

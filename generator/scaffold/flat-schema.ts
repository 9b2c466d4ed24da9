import type { EventSchema } from '../model/connector.ts'
import { referenced } from '../model/json-pointer.ts'
import { TooLarge } from './schema-converter.ts'
import { bothOf, isOfType, type TypeName } from './schema-types.ts'

export interface Flattening {
  /** Which of several alternatives is taken; where there are fewer, it begins anew. */
  readonly alternative: number
  /** Levels down to which fields stand that need not be there. */
  readonly optionals: number
}

/** Schemas in the flat one; references that fan out could make it as large as they like. */
const MOST_SCHEMAS = 20_000
/** Characters and elements that a value must have. */
const LONGEST_VALUE = 100_000
const DEEPEST = 60

/**
 * One way to satisfy a schema: without references, its parts put together and one alternative taken, so that values can
 * be made of it field by field.
 */
export function flatSchema(root: EventSchema, { alternative, optionals }: Flattening): EventSchema {
  let schemas = 0
  let length = 0
  /** `copies` is how many values of the schema one value of the root has at least. */
  const flat = (schema: EventSchema, depth: number, copies: number): EventSchema => {
    schemas += 1
    const own = typed(chosen(partsTogether(schema)))
    const { required = [], minLength = 0, minItems = 0 } = own
    length += copies * Math.max(minLength, minItems)
    if (schemas > MOST_SCHEMAS || depth > DEEPEST || length > LONGEST_VALUE)
      throw new TooLarge('an example of it would be too large')
    const items = own.items === undefined ? undefined : flat(own.items, depth + 1, copies * Math.max(1, minItems))
    const properties = Object.entries(own.properties ?? {}).filter(
      ([name]) => depth < optionals || required.includes(name),
    )
    return {
      ...own,
      ...(own.properties && {
        properties: Object.fromEntries(properties.map(([name, property]) => [name, flat(property, depth + 1, copies)])),
        additionalProperties: false,
      }),
      // A list of what cannot be is an empty one.
      ...(items && (isPossible(items) ? { items } : { items: {}, maxItems: 0 })),
    }
  }
  const partsTogether = ({ $ref, $defs: _, allOf = [], ...own }: EventSchema): EventSchema => {
    schemas += 1
    if (schemas > MOST_SCHEMAS) throw new TooLarge('an example of it would be too large')
    const parts = [...($ref === undefined ? [] : [referenced(root, $ref) ?? {}]), ...allOf]
    return parts.map(partsTogether).reduce(together, own)
  }
  /** An alternative can have alternatives of its own. */
  const chosen = (schema: EventSchema): EventSchema => {
    const { anyOf, oneOf, ...own } = schema
    const branches = anyOf ?? oneOf
    if (branches === undefined || branches.length === 0) return own
    const others = anyOf === undefined || oneOf === undefined ? {} : { oneOf }
    const whole = { ...own, ...others }
    const possible = branches.map((branch) => together(partsTogether(branch), whole)).filter(isPossible)
    return chosen(possible[alternative % Math.max(1, possible.length)] ?? whole)
  }
  return flat(root, 0, 1)
}

/** Listed values that are of none of the types can never stand there. */
function typed(schema: EventSchema): EventSchema {
  const { type, enum: values } = schema
  if (type === undefined || values === undefined) return schema
  return { ...schema, enum: values.filter((value) => isOfType(value, [type].flat())) as never }
}

function isPossible(schema: EventSchema): boolean {
  const { type, enum: values } = typed(schema)
  return (type === undefined || type.length > 0) && (values === undefined || values.length > 0)
}

/** What fits both schemas; parts of them are put together when their turn comes. */
function together(left: EventSchema, right: EventSchema): EventSchema {
  const both: { -readonly [Key in keyof EventSchema]: EventSchema[Key] } = { ...right, ...left }
  if (left.type !== undefined && right.type !== undefined) {
    const types = bothOf([left.type].flat(), [right.type].flat())
    both.type = types.length === 1 ? (types[0] as TypeName) : types
  }
  const sets = [left, right].flatMap(({ const: only, enum: values }) =>
    only === undefined ? ((values ?? []).length === 0 ? [] : [values ?? []]) : [[only]],
  )
  if (sets.length === 2) {
    const { const: _, ...rest } = both
    return together({ ...rest, enum: sets.reduce(intersected) as never }, {})
  }
  for (const [keyword, tighter] of LIMITS) {
    const limits = [left[keyword], right[keyword]].filter((limit) => limit !== undefined)
    if (limits.length === 2) both[keyword] = tighter(...limits)
  }
  if (left.required !== undefined && right.required !== undefined)
    both.required = [...new Set([...left.required, ...right.required])]
  if (left.items !== undefined && right.items !== undefined) both.items = { allOf: [left.items, right.items] }
  if (left.properties !== undefined && right.properties !== undefined) both.properties = propertiesOf(left, right)
  if (left.additionalProperties === false || right.additionalProperties === false) both.additionalProperties = false
  if (left.anyOf !== undefined && right.anyOf !== undefined) both.anyOf = pairs(left.anyOf, right.anyOf)
  if (left.oneOf !== undefined && right.oneOf !== undefined) both.oneOf = pairs(left.oneOf, right.oneOf)
  return both
}

function intersected<Value>(one: readonly Value[], other: readonly Value[]): readonly Value[] {
  const allowed = new Set(other)
  return one.filter((value) => allowed.has(value))
}

const LIMITS = [
  ['minLength', Math.max],
  ['maxLength', Math.min],
  ['minimum', Math.max],
  ['maximum', Math.min],
  ['exclusiveMinimum', Math.max],
  ['exclusiveMaximum', Math.min],
  ['minItems', Math.max],
  ['maxItems', Math.min],
  ['minProperties', Math.max],
  ['maxProperties', Math.min],
] as const

/** A field that one of them does not name is left out where that one allows no others. */
function propertiesOf(left: EventSchema, right: EventSchema): NonNullable<EventSchema['properties']> {
  const names = [...new Set([...Object.keys(left.properties ?? {}), ...Object.keys(right.properties ?? {})])]
  const own = ({ properties = {} }: EventSchema, name: string) =>
    Object.hasOwn(properties, name) ? properties[name] : undefined
  return Object.fromEntries(
    names.flatMap((name) => {
      const [one, other] = [own(left, name), own(right, name)]
      if (one !== undefined && other !== undefined) return [[name, { allOf: [one, other] }] as const]
      const isClosed = (one === undefined ? left : right).additionalProperties === false
      const only = one ?? other
      return isClosed || only === undefined ? [] : [[name, only] as const]
    }),
  )
}

/** Pairs of alternatives that are tried. */
const MOST_PAIRS = 16

function pairs(left: readonly EventSchema[], right: readonly EventSchema[]): readonly EventSchema[] {
  return left.flatMap((one) => right.map((other) => ({ allOf: [one, other] }))).slice(0, MOST_PAIRS)
}

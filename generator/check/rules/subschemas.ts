import type { DataSchema } from '../../compiled/definition.ts'
import type { ValuePath } from '../../load/source-document.ts'

interface Subschema {
  readonly schema: DataSchema
  readonly path: ValuePath
}

/** Nearly every rule about events asks for those of the same schemas. */
const known = new WeakMap<DataSchema, readonly Subschema[]>()

/** A schema and every schema inside it, with paths from the given one. */
export function subschemas(schema: DataSchema): readonly Subschema[] {
  const before = known.get(schema)
  if (before !== undefined) return before
  const found: Subschema[] = []
  collect({ schema, path: [] }, found)
  known.set(schema, found)
  return found
}

function collect(whole: Subschema, found: Subschema[]): void {
  const { schema, path } = whole
  found.push(whole)
  for (const keyword of ['properties', '$defs'] as const) {
    for (const [name, child] of Object.entries(schema[keyword] ?? {}))
      collect({ schema: child, path: [...path, keyword, name] }, found)
  }
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    for (const [index, child] of (schema[keyword] ?? []).entries())
      collect({ schema: child, path: [...path, keyword, index] }, found)
  }
  if (schema.items !== undefined) collect({ schema: schema.items, path: [...path, 'items'] }, found)
  if (typeof schema.additionalProperties === 'object')
    collect({ schema: schema.additionalProperties, path: [...path, 'additionalProperties'] }, found)
}

/** The names under $defs that one of them refers to directly. */
export function referencesOf(root: DataSchema, name: string): readonly string[] {
  const definitions = root.$defs ?? {}
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
  if (definition === undefined) return []
  return subschemas(definition).flatMap(({ schema: { $ref } }) =>
    $ref?.startsWith('#/$defs/') === true ? [$ref.slice('#/$defs/'.length)] : [],
  )
}

/** Whether a schema requires what it does not declare: nothing fits it, whatever it is. */
export function isContradictory(data: DataSchema): boolean {
  return subschemas(data).some(({ schema: { required = [], properties = {} } }) =>
    required.some((name) => !Object.hasOwn(properties, name)),
  )
}

/**
 * How many schemas there are once every reference is written out. References that refer to one another twice each grow
 * without bound in a few lines, so that the number is Infinity where it, or a chain of references, is beyond all use.
 */
export function expandedSize(root: DataSchema): number {
  const known = new Map<string, number>()
  const sizeOf = (schema: DataSchema, depth: number): number => {
    if (depth > DEEPEST_REFERENCES) return Number.POSITIVE_INFINITY
    return subschemas(schema).reduce((size, { schema: { $ref } }) => size + 1 + referredSize($ref, depth), 0)
  }
  const referredSize = ($ref: string | undefined, depth: number): number => {
    const name = $ref?.slice('#/$defs/'.length) ?? ''
    const target = Object.hasOwn(root.$defs ?? {}, name) ? root.$defs?.[name] : undefined
    if (target === undefined) return 0
    const before = known.get(name)
    if (before !== undefined) return before
    // Another rule reports loops.
    known.set(name, 0)
    const size = sizeOf(target, depth + 1)
    known.set(name, size)
    return size
  }
  return sizeOf(root, 0)
}

const DEEPEST_REFERENCES = 100

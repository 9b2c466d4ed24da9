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
    $ref === undefined ? [] : [$ref.slice('#/$defs/'.length)],
  )
}

/** Whether a schema requires what it does not declare: nothing fits it, whatever it is. */
export function isContradictory(data: DataSchema): boolean {
  return subschemas(data).some(({ schema: { required = [], properties = {} } }) =>
    required.some((name) => !Object.hasOwn(properties, name)),
  )
}

import type { DataSchema } from '../../compiled/definition.ts'
import type { ValuePath } from '../../load/source-document.ts'

interface Subschema {
  readonly schema: DataSchema
  readonly path: ValuePath
}

/** A schema and every schema inside it, with paths from the given one. */
export function subschemas(schema: DataSchema, path: ValuePath = []): readonly Subschema[] {
  const named = (['properties', '$defs'] as const).flatMap((keyword) =>
    Object.entries(schema[keyword] ?? {}).flatMap(([name, child]) => subschemas(child, [...path, keyword, name])),
  )
  const listed = (['anyOf', 'oneOf', 'allOf'] as const).flatMap((keyword) =>
    (schema[keyword] ?? []).flatMap((child, index) => subschemas(child, [...path, keyword, index])),
  )
  const items = schema.items === undefined ? [] : subschemas(schema.items, [...path, 'items'])
  const others =
    typeof schema.additionalProperties === 'object'
      ? subschemas(schema.additionalProperties, [...path, 'additionalProperties'])
      : []
  return [{ schema, path }, ...named, ...listed, ...items, ...others]
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
  return subschemas(data).some(({ schema }) =>
    (schema.required ?? []).some((name) => !Object.hasOwn(schema.properties ?? {}, name)),
  )
}

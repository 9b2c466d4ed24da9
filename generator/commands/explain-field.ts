import { stringify } from 'yaml'
import type { SchemaNode } from '../compiled/definition-schema.js'
import { definitionSchema } from '../compiled/definition-schema.js'

/** A field of the definition format, as editors and the reference explain it. */
export interface FieldExplanation {
  /** The part of the format that has it, and its name, such as `webhook.handshakes`. */
  readonly field: string
  readonly description: string
  /** The meaning of each value. */
  readonly values: Readonly<Record<string, string>>
  /** The fields inside of it. */
  readonly fields: Readonly<Record<string, string>>
  /** As YAML. */
  readonly example?: string
}

const REFERENCE = '#/$defs/'

const parts: readonly (readonly [string, SchemaNode])[] = [
  ['definition', definitionSchema],
  ...Object.entries(definitionSchema.$defs),
]

/** Every name that `fieldsNamed` knows. */
export const fieldNames: readonly string[] = [
  ...new Set(parts.flatMap(([part, { properties = {} }]) => [part, ...Object.keys(properties)])),
]

/** A part of the format, or its fields with a name: `handshake`, `unpack`, `webhook.routing`. */
export function fieldsNamed(name: string): readonly FieldExplanation[] {
  return parts.flatMap(([part, node]) => [
    ...(part === name ? [explanationOf(part, node)] : []),
    ...Object.entries(node.properties ?? {})
      .filter(([field]) => field === name || `${part}.${field}` === name)
      .map(([field, inside]) => explanationOf(`${part}.${field}`, inside)),
  ])
}

function explanationOf(field: string, written: SchemaNode): FieldExplanation {
  const node = resolved(written)
  const element = resolved(
    node.items ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : node),
  )
  const { enum: values = [], enumDescriptions = [], properties = {} } = element
  const [example = element.examples?.[0]] = node.examples ?? []
  return {
    field,
    description: node.description ?? '',
    values: Object.fromEntries(enumDescriptions.map((meaning, index) => [String(values[index]), meaning])),
    fields: Object.fromEntries(
      Object.entries(properties).map(([name, inside]) => [name, resolved(inside).description ?? '']),
    ),
    ...(example === undefined ? {} : { example: exampleText(field, example) }),
  }
}

function resolved(node: SchemaNode): SchemaNode {
  const target = node.$ref === undefined ? undefined : definitionSchema.$defs[node.$ref.slice(REFERENCE.length)]
  return { ...target, ...node }
}

function exampleText(field: string, example: unknown): string {
  const [, name] = field.split('.')
  return stringify(name === undefined ? example : { [name]: example }, { lineWidth: 0 }).trimEnd()
}

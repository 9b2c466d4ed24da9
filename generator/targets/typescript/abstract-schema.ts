import type { JSONSchema } from 'json-schema-to-typescript'
import type { EventSchema } from '../../model/connector.ts'
import { type Code, type Documentation, documentationComment, identifier, scalar, typeKey } from './code.ts'
import { schemaDocumentation } from './documentation.ts'

/** What stands for a definition's texts while json-schema-to-typescript prints: `key3`, `Type1`, `literal7`, `doc12`. */
export class Placeholders {
  readonly #codes = new Map<string, Code>()
  readonly #names = new Map<string, string>()

  forKey(name: string): string {
    return this.#shared('key', name, typeKey(name))
  }

  forType(name: string): string {
    return this.#shared('Type', name, identifier(name))
  }

  /** Equal values share one placeholder, so that the library sees repeated alternatives. */
  forLiteral(value: string | number | boolean | null): string {
    return this.#shared('literal', JSON.stringify(value), scalar(value))
  }

  forComment(documentation: Documentation): string | undefined {
    const comment = documentationComment(documentation)
    return comment === undefined ? undefined : this.#next('doc', comment)
  }

  codeOf(placeholder: string): Code {
    const found = this.#codes.get(placeholder)
    if (found === undefined) throw new Error(`unexpected name in the printed types: ${placeholder}`)
    return found
  }

  #shared(kind: string, text: string, code: Code): string {
    const known = this.#names.get(`${kind} ${text}`)
    if (known !== undefined) return known
    const placeholder = this.#next(kind, code)
    this.#names.set(`${kind} ${text}`, placeholder)
    return placeholder
  }

  #next(kind: string, code: Code): string {
    const placeholder = `${kind}${this.#codes.size}`
    this.#codes.set(placeholder, code)
    return placeholder
  }
}

interface Context {
  readonly placeholders: Placeholders
  /** The name of the type that a reference of this event means. */
  readonly typeName: (reference: string) => string
  /** The schema that a reference of this event means. */
  readonly target: (reference: string) => EventSchema | undefined
}

/** The part of a schema that decides the type, with a placeholder for every text. */
export function structure(schema: EventSchema, context: Context): JSONSchema {
  const { $ref, ...beside } = schema
  if ($ref !== undefined) {
    const reference = { tsType: context.placeholders.forType(context.typeName($ref)) }
    const rest = structure(beside, context)
    return rest.tsType === 'unknown' ? reference : { allOf: [reference, rest] }
  }
  if (schema.const !== undefined) return literals([schema.const], context)
  if (schema.enum !== undefined) return literals(schema.enum, context)
  if (isEmptyObject(schema)) return { tsType: 'Record<string, never>' }
  const parts = { ...typePart(schema), ...objectPart(schema, context), ...combinedPart(schema, context) }
  return Object.keys(parts).length === 0 ? { tsType: 'unknown' } : parts
}

/** Without this, the type would be `{}`, which takes every value. */
function isEmptyObject({ type, properties, additionalProperties }: EventSchema): boolean {
  return type === 'object' && additionalProperties === false && Object.keys(properties ?? {}).length === 0
}

function literals(values: readonly (string | number | boolean | null)[], { placeholders }: Context): JSONSchema {
  return { anyOf: values.map((value) => ({ tsType: placeholders.forLiteral(value) })) }
}

function typePart({ type }: EventSchema): JSONSchema {
  if (type === undefined) return {}
  return { type: typeof type === 'string' ? type : [...type] }
}

/** The same with a comment, where the printed type has a place for one. */
function commented(schema: EventSchema, context: Context): JSONSchema {
  const { $ref, description = $ref === undefined ? undefined : context.target($ref)?.description } = schema
  const described = description === undefined ? schema : { ...schema, description }
  const comment = context.placeholders.forComment(schemaDocumentation(described))
  return comment === undefined ? structure(schema, context) : { ...structure(schema, context), description: comment }
}

function objectPart(schema: EventSchema, context: Context): JSONSchema {
  const { properties, required, additionalProperties, items } = schema
  const key = (name: string) => context.placeholders.forKey(name)
  return {
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [key(name), commented(property, context)]),
      ),
    }),
    ...(required && { required: required.map(key) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean' ? additionalProperties : commented(additionalProperties, context),
    }),
    // What an element is stands in the list's own comment: a comment inside `T[]` has no place.
    ...(items && { items: structure(items, context) }),
  }
}

function combinedPart({ anyOf, oneOf, allOf }: EventSchema, context: Context): JSONSchema {
  const all = (schemas: readonly EventSchema[]) => schemas.map((schema) => structure(schema, context))
  return {
    ...(anyOf && { anyOf: all(anyOf) }),
    ...(oneOf && { oneOf: all(oneOf) }),
    ...(allOf && { allOf: all(allOf) }),
  }
}

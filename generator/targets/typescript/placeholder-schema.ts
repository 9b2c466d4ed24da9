import type { JSONSchema } from 'json-schema-to-typescript'
import type { EventSchema } from '../../model/connector.ts'
import { type Code, documentationComment, identifier, scalar, typeKey } from './code.ts'
import { schemaDocumentation } from './documentation.ts'

/** What stands for a definition's texts while json-schema-to-typescript prints: `key3`, `Type1`, `literal7`, `doc12`. */
export class Placeholders {
  readonly #codes = new Map<string, Code>()
  readonly #names = new Map<string, string>()
  readonly #comments = new Map<string, Code>()
  readonly #structures = new Map<string, JSONSchema>()

  /** A key with a comment has a placeholder of its own; the comment is filled in with it. */
  forKey(name: string, comment?: Code): string {
    if (comment === undefined) return this.#shared('key', name, typeKey(name))
    const placeholder = this.#next('key', typeKey(name))
    this.#comments.set(placeholder, comment)
    return placeholder
  }

  forType(name: string): string {
    return this.#shared('Type', name, identifier(name))
  }

  /** Equal values share one placeholder, so that the library sees repeated alternatives. */
  forLiteral(value: string | number | boolean | null): string {
    return this.#shared('literal', JSON.stringify(value), scalar(value))
  }

  forComment(comment: Code): string {
    return this.#next('doc', comment)
  }

  /** One object for equal structures: the library does all its work once an object. */
  once(structure: JSONSchema): JSONSchema {
    const text = JSON.stringify(structure)
    const known = this.#structures.get(text) ?? structure
    this.#structures.set(text, known)
    return known
  }

  codeOf(placeholder: string): Code {
    const found = this.#codes.get(placeholder)
    if (found === undefined) throw new Error(`unexpected name in the printed types: ${placeholder}`)
    return found
  }

  /** The comment above the line that starts with this key. */
  commentOf(key: string): Code | undefined {
    return this.#comments.get(key)
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
export function placeholderSchema(schema: EventSchema, context: Context): JSONSchema {
  if (schema.$ref !== undefined) {
    const { $ref, ...beside } = schema
    const reference = { tsType: context.placeholders.forType(context.typeName($ref)) }
    const rest = part(beside, context)
    return rest.tsType === 'unknown' ? reference : { allOf: [reference, rest] }
  }
  if (schema.const !== undefined) return literals([schema.const], context)
  if (schema.enum !== undefined) return literals(schema.enum, context)
  if (isEmptyObject(schema)) return { tsType: 'Record<string, never>' }
  const parts = {
    ...typePart(schema),
    ...objectPart(schema, context),
    ...listPart(schema, context),
    ...combinedPart(schema, context),
  }
  return Object.keys(parts).length === 0 ? { tsType: 'unknown' } : parts
}

function part(schema: EventSchema, context: Context): JSONSchema {
  return context.placeholders.once(placeholderSchema(schema, context))
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

/** What is said of a property; where it refers to a type that is described, the description of that. */
function commentOn(schema: EventSchema, { target }: Context): Code | undefined {
  const { $ref, description } = schema
  const referred = $ref === undefined || description !== undefined ? undefined : target($ref)?.description
  return documentationComment(
    schemaDocumentation(referred === undefined ? schema : { ...schema, description: referred }),
  )
}

function objectPart(schema: EventSchema, context: Context): JSONSchema {
  const { properties, required, additionalProperties } = schema
  if (properties === undefined && required === undefined && additionalProperties === undefined) return {}
  const declared = Object.entries(properties ?? {})
  const keys = new Map(
    declared.map(([name, property]) => [name, context.placeholders.forKey(name, commentOn(property, context))]),
  )
  const key = (name: string) => keys.get(name) ?? context.placeholders.forKey(name)
  return {
    ...(properties && {
      properties: Object.fromEntries(declared.map(([name, property]) => [key(name), part(property, context)])),
    }),
    ...(required && { required: required.map(key) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean' ? additionalProperties : others(additionalProperties, context),
    }),
  }
}

/** What an element is stands in the list's own comment: a comment inside `T[]` has no place. */
function listPart({ items }: EventSchema, context: Context): JSONSchema {
  return items === undefined ? {} : { items: part(items, context) }
}

/** The type of properties that have no name, and so no key for their comment to stand with. */
function others(schema: EventSchema, context: Context): JSONSchema {
  const comment = commentOn(schema, context)
  const type = placeholderSchema(schema, context)
  return comment === undefined ? type : { ...type, description: context.placeholders.forComment(comment) }
}

function combinedPart({ anyOf, oneOf, allOf }: EventSchema, context: Context): JSONSchema {
  const all = (schemas: readonly EventSchema[]) => schemas.map((schema) => part(schema, context))
  return {
    ...(anyOf && { anyOf: all(anyOf) }),
    ...(oneOf && { oneOf: all(oneOf) }),
    ...(allOf && { allOf: all(allOf) }),
  }
}

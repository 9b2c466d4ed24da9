import type { Schema } from '@cfworker/json-schema'
import { format, validate } from '@cfworker/json-schema'
import type { Format } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import type { DataSchema } from '../../compiled/definition.ts'
import { subschemas } from './subschemas.ts'

// The interpreter's own formats differ from ajv's in places: one meaning of a format is enough.
Object.assign(format, Object.fromEntries(Object.entries(fullFormats).map(([name, made]) => [name, matcher(made)])))

/**
 * Says whether a value fits a schema, without the 20 ms that compiling one costs; undefined for schemas about which an
 * interpreter and ajv might not agree. Those, and values that do not fit, are for ajv to explain.
 */
export function interpreter(schema: DataSchema): ((value: unknown) => boolean) | undefined {
  if (!isPlain(schema)) return undefined
  // References lead to $defs alone: the library need not look for others, which it does by writing into the schema.
  const targets = Object.entries(schema.$defs ?? {}).map(([name, target]) => [`#/$defs/${name}`, target as Schema])
  const lookup: Record<string, Schema> = Object.fromEntries(targets)
  return (value) => validate(value, schema as Schema, '2020-12', lookup).valid
}

function matcher(made: Format): (text: string) => boolean {
  if (made instanceof RegExp) return (text) => made.test(text)
  if (typeof made === 'function') return (text) => made(text)
  if (typeof made === 'object' && !(made.validate instanceof RegExp) && typeof made.validate === 'function') {
    const { validate } = made as { readonly validate: (text: string) => boolean }
    return (text) => validate(text)
  }
  return () => true
}

/** What each keyword speaks about, as ajv's strict mode knows it. */
const SUBJECT: Readonly<Record<string, 'string' | 'number' | 'array' | 'object'>> = {
  format: 'string',
  pattern: 'string',
  minLength: 'string',
  maxLength: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  items: 'array',
  minItems: 'array',
  maxItems: 'array',
  uniqueItems: 'array',
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  minProperties: 'object',
  maxProperties: 'object',
}

/**
 * Whether ajv's strict mode surely takes the schema: no keyword about a type that is not named beside it, no
 * alternatives that narrow a type, patterns that are regular expressions, and no field with a name that every
 * JavaScript object has. Rather too narrow than too wide: what is not plain only costs time.
 */
function isPlain(schema: DataSchema): boolean {
  return subschemas(schema).every(({ schema: part }) => isSound(part) && hasPlainNames(part) && isRegular(part))
}

function isSound(schema: DataSchema): boolean {
  const types: readonly string[] = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  const { anyOf = [], oneOf = [], allOf = [] } = schema
  if (anyOf.length + oneOf.length + allOf.length > 0 && types.length > 0) return false
  return Object.keys(schema).every((keyword) => {
    const subject = SUBJECT[keyword]
    return subject === undefined || types.includes(subject) || (subject === 'number' && types.includes('integer'))
  })
}

function hasPlainNames({ properties = {}, required = [] }: DataSchema): boolean {
  return [...Object.keys(properties), ...required].every((name) => !(name in Object.prototype))
}

function isRegular({ pattern }: DataSchema): boolean {
  if (pattern === undefined) return true
  try {
    return new RegExp(pattern, 'u').source !== ''
  } catch {
    return false
  }
}

import type { ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import safe from 'safe-regex2'
import type { EventSchema } from '../model/connector.ts'
import { canonical } from './json.ts'
import { isOfType, isStorable } from './schema-types.ts'

const ajv = new Ajv2020({ strict: false, validateFormats: true })
addFormats.default(ajv)
const validators = new Map<string, ValidateFunction>()

/** Whether a value is valid against a schema without properties and references; only the event itself has examples of those. */
export function isValidValue(schema: EventSchema, value: unknown, isNullable: boolean): boolean {
  if (value === null) return isNullable || isOfType(value, [schema.type ?? []].flat())
  const { properties, additionalProperties, ...rest } = schema
  const key = canonical(rest)
  if (properties !== undefined || typeof additionalProperties === 'object' || key.includes('"$ref"')) return false
  const validate = validators.get(key) ?? ajv.compile(rest)
  validators.set(key, validate)
  return validate(value) === true
}

/** Why a definition must not contain a pattern. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > 200) return 'it is longer than 200 characters'
  if (pattern === '' || !isStorable(pattern)) return 'it cannot be stored'
  try {
    new RegExp(pattern, 'u')
  } catch {
    return 'it is no regular expression of ECMAScript with Unicode'
  }
  return safe(pattern) ? undefined : 'it can take exponential time'
}

import type { ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { PatternChecker } from '../check/patterns/pattern-time.ts'
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
export function patternProblem(pattern: string, patterns: PatternChecker): string | undefined {
  if (pattern.length > 200) return 'it is longer than 200 characters'
  if (pattern === '' || !isStorable(pattern)) return 'it cannot be stored'
  const problem = patterns.problem(pattern)
  return problem === undefined ? undefined : `it ${problem}`
}

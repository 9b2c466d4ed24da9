import type { ErrorObject } from 'ajv'
import validate from '../compiled/validate-definition.js'
import type { PathSegment, SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import { tokensOf } from '../model/json-pointer.ts'
import { closest, suggestion } from '../text/closest.ts'
import type { Finding } from './finding.ts'
import { schemaFix } from './schema-fix.ts'

interface Wording {
  readonly code: string
  readonly message: string
  readonly help: string
  /** Below the value at which the schema failed. */
  readonly below?: PathSegment
  readonly at: 'key' | 'value'
}

type SchemaNode = Readonly<Record<string, unknown>>

/** Holds a document against the definition format. */
export function schemaFindings(document: SourceDocument): readonly Finding[] {
  if (validate(document.value)) return []
  return primary(validate.errors ?? []).map((error) => findingOf(document, error))
}

/**
 * One cause gives one finding: the errors of the branches of an `anyOf` are dropped in favour of the branch that got
 * furthest, or of the `anyOf` itself where none got past the value's type; a misspelled field is not missing as well;
 * a name is reported as a name, and not by the pattern that it breaks.
 */
function primary(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf')
  return errors.filter((error) => {
    if (error.propertyName !== undefined || isMisspelled(error, errors)) return false
    const union = unions.find((candidate) => candidate !== error && isInside(error, candidate))
    if (error.keyword === 'anyOf') return !errors.some((other) => isInside(other, error) && isDeeper(other, error))
    return union === undefined || isDeeper(error, union)
  })
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  if (error === union || !error.instancePath.startsWith(union.instancePath)) return false
  // A branch that is a reference reports under the referenced definition's own path.
  const branches = (union.schema as readonly SchemaNode[]).flatMap(({ $ref }) =>
    typeof $ref === 'string' ? [$ref] : [],
  )
  return (
    error.schemaPath.startsWith(`${union.schemaPath}/`) ||
    branches.some((ref) => error.schemaPath.startsWith(`${ref}/`))
  )
}

/** Whether a branch says more than that the value has another type. */
function isDeeper(error: ErrorObject, union: ErrorObject): boolean {
  return error.instancePath.length > union.instancePath.length || error.keyword !== 'type'
}

function isMisspelled(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (error.keyword !== 'required') return false
  const known = Object.keys((error.parentSchema as SchemaNode).properties ?? {})
  return errors.some(
    (other) =>
      other.keyword === 'additionalProperties' &&
      other.instancePath === error.instancePath &&
      closest(String(other.params.additionalProperty), known) === error.params.missingProperty,
  )
}

function findingOf(document: SourceDocument, error: ErrorObject): Finding {
  const base = pathIn(document.value, error.instancePath)
  const { code, message, help, below, at } = wordingOf(error, base)
  const path = below === undefined ? base : [...base, below]
  const span = at === 'key' ? locateKey(document, path) : locateValue(document, path)
  const fix = schemaFix(document, error, base)
  const diagnostic = { code: `schema/${code}`, file: document.file, span, message, help }
  return { path, diagnostic: fix === undefined ? diagnostic : { ...diagnostic, fix } }
}

function wordingOf(error: ErrorObject, path: ValuePath): Wording {
  const schema = (error.parentSchema ?? {}) as SchemaNode
  const shown = show(error.data)
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(error, schema)
    case 'required':
      return missingField(error, schema)
    case 'dependentRequired':
      return {
        code: 'missing-field',
        message: `an object schema that names properties must also say "${error.params.missingProperty}"`,
        help: `add "${error.params.missingProperty}: false", or true where other fields may stand there`,
        at: 'key',
      }
    case 'propertyNames':
      return {
        code: 'name',
        message: `the name "${error.params.propertyName}" does not fit here`,
        help: 'use lower-case words joined by underscores, such as contact_created (hyphens where the field says so)',
        below: String(error.params.propertyName),
        at: 'key',
      }
    case 'type':
      return {
        code: 'type',
        message: `expected ${typeWords(error.params.type)}, got ${shown}`,
        help: typeHelp(error, schema),
        at: 'value',
      }
    case 'anyOf':
      return {
        code: 'type',
        message: `${shown} fits none of the forms that are allowed here`,
        help: describe(schema),
        at: 'value',
      }
    case 'enum':
      return oneOf(error, schema)
    case 'minProperties':
    case 'minItems':
    case 'minLength':
      return { code: 'empty', message: `"${nameOf(path)}" is empty or too short`, help: describe(schema), at: 'value' }
    case 'uniqueItems':
      return {
        code: 'repeated',
        message: `entries ${Math.min(error.params.i, error.params.j) + 1} and ${Math.max(error.params.i, error.params.j) + 1} are the same`,
        help: 'keep one of them',
        below: Math.max(error.params.i, error.params.j),
        at: 'value',
      }
    default:
      return {
        code: error.keyword.toLowerCase(),
        message: `${shown} ${misfit(error)}`,
        help: describe(schema),
        at: 'value',
      }
  }
}

function unknownField(error: ErrorObject, schema: SchemaNode): Wording {
  const name = String(error.params.additionalProperty)
  const known = Object.keys((schema.properties ?? {}) as object)
  const listed = known.length > 12 ? `${known.slice(0, 12).join(', ')}, …` : known.join(', ')
  return {
    code: 'unknown-field',
    message: `unknown field "${name}"${suggestion(name, known)}`,
    help: known.length === 0 ? 'remove it' : `the fields here are ${listed}`,
    below: name,
    at: 'key',
  }
}

function missingField(error: ErrorObject, schema: SchemaNode): Wording {
  const name = String(error.params.missingProperty)
  const properties = (schema.properties ?? {}) as Readonly<Record<string, SchemaNode | undefined>>
  return {
    code: 'missing-field',
    message: `the field "${name}" is missing`,
    help: `add it: ${describe(properties[name] ?? {}) || 'see the definition format'}`,
    at: 'key',
  }
}

function oneOf(error: ErrorObject, schema: SchemaNode): Wording {
  const allowed = (error.params.allowedValues as readonly unknown[]).map(String)
  return {
    code: 'enum',
    message: `${show(error.data)} is not one of the values allowed here${suggestion(String(error.data), allowed)}`,
    help: `write one of: ${allowed.map((value) => (value.trim() === '' ? `"${value}"` : value)).join(', ')}${typeof schema.description === 'string' ? `. ${schema.description}` : ''}`,
    at: 'value',
  }
}

function misfit(error: ErrorObject): string {
  switch (error.keyword) {
    case 'pattern':
      return 'is not written as this field wants it'
    case 'format':
      return FORMAT_WORDS[String(error.params.format)] ?? `is not of the form ${error.params.format}`
    case 'maxLength':
      return `is longer than ${error.params.limit} characters`
    case 'minimum':
      return `is below ${error.params.limit}`
    case 'maximum':
      return `is above ${error.params.limit}`
    default:
      return error.message ?? 'does not fit'
  }
}

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  uri: 'is not a complete web address',
  date: 'is not a date of the form 2026-11-23',
  regex: 'is not a regular expression',
}

function typeHelp(error: ErrorObject, schema: SchemaNode): string {
  const wanted = [error.params.type].flat()
  if (wanted.includes('string') && ['number', 'boolean'].includes(typeof error.data))
    return `put the value in quotes. ${describe(schema)}`
  if (error.data === null) return `fill it in: ${describe(schema)}`
  return describe(schema)
}

function typeWords(type: unknown): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    object: 'a mapping of names to values',
    array: 'a list',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    null: 'nothing',
  }
  return [type]
    .flat()
    .map((name) => words[String(name)] ?? String(name))
    .join(' or ')
}

/** What the definition format says of a field: its description and an example. */
function describe(schema: SchemaNode): string {
  const description = typeof schema.description === 'string' ? schema.description : String(schema.title ?? '')
  const [example] = (schema.examples ?? []) as readonly unknown[]
  const shown = example === undefined ? '' : JSON.stringify(example)
  const separator = description === '' || shown === '' ? '' : ' '
  return `${description}${separator}${shown === '' || shown.length > 100 ? '' : `For example: ${shown}`}`.trim()
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…"` : text
}

function nameOf(path: ValuePath): string {
  return String(path.at(-1) ?? 'the definition')
}

/** ajv writes list positions and names alike; the value tells which is which. */
function pathIn(root: unknown, instancePath: string): ValuePath {
  const path: PathSegment[] = []
  let current = root
  for (const token of tokensOf(instancePath)) {
    path.push(Array.isArray(current) ? Number(token) : token)
    current = (current as Readonly<Record<string, unknown>> | null | undefined)?.[token]
  }
  return path
}

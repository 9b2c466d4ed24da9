import type { ErrorObject } from 'ajv'
import type { Part } from '../compiled/format.js'
import { parts } from '../compiled/format.js'
import validate from '../compiled/validate-definition.js'
import type { PathSegment, SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import { tokensOf } from '../model/json-pointer.ts'
import { closest, suggestion } from '../text/closest.ts'
import type { Finding } from './finding.ts'
import { isInWrapper, wrapperAmong, wrapperFinding } from './nesting.ts'
import { schemaFix } from './schema-fix.ts'
import { swallowed } from './swallowed.ts'
import type { Wording } from './wording.ts'

type SchemaNode = Readonly<Record<string, unknown>>

/** Holds a document against the definition format. */
export function schemaFindings(document: SourceDocument): readonly Finding[] {
  if (validate(document.value)) return []
  const errors = validate.errors ?? []
  if (isNoDefinition(document.value, errors)) return [rootFinding(document, errors) ?? noDefinition(document)]
  return together(primary(errors)).map((error) =>
    wrapperAmong(error, errors) ? wrapped(document, error) : findingOf(document, error),
  )
}

/** A breach of the format, by the path of the value; `name` is the field that is missing, or one too many. */
export interface FormatBreach {
  readonly path: ValuePath
  readonly name?: string
}

/** Breaches of the format in a value, for those who try out what it could have been. */
export function formatBreaches(value: unknown): readonly FormatBreach[] {
  if (validate(value)) return []
  return primary(validate.errors ?? []).map(({ instancePath, params }) => {
    const name = params.additionalProperty ?? params.missingProperty
    return { path: tokensOf(instancePath), ...(name === undefined ? {} : { name: String(name) }) }
  })
}

/** Whether the file is something else altogether: a mapping without one field of a definition. */
function isNoDefinition(value: unknown, errors: readonly ErrorObject[]): boolean {
  const missing = errors.find(({ keyword, instancePath }) => keyword === 'required' && instancePath === '')
  if (missing === undefined || isNearAny(Object.keys(value as object), missing)) return false
  return Object.keys(value as object).length > 0
}

/** An export often puts everything below one name. */
function rootFinding(document: SourceDocument, errors: readonly ErrorObject[]): Finding | undefined {
  const [name, ...others] = Object.keys(document.value as object)
  if (name === undefined || others.length > 0 || !errors.some((error) => wrapperAmong(error, errors))) return undefined
  return wrapperFinding(document, [name], `the definition stands inside "${name}"`)
}

function isNearAny(written: readonly string[], { parentSchema }: ErrorObject): boolean {
  const known = Object.keys((parentSchema as SchemaNode).properties as object)
  return written.some((name) => closest(name, known) !== undefined)
}

function noDefinition(document: SourceDocument): Finding {
  const diagnostic = {
    code: 'schema/no-definition',
    file: document.file,
    span: locateKey(document, []),
    message: 'the file has none of the fields of a definition',
    help: '`hera-connectors new` writes a definition to start from; files of other kinds belong elsewhere',
  }
  return { path: [], diagnostic }
}

/** What is missing in one place is one finding. */
function together(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const first = new Map<string, ErrorObject>()
  for (const error of errors) {
    const key = error.keyword === 'required' ? `required ${error.instancePath}` : `${first.size}`
    const before = first.get(key)
    if (before === undefined)
      first.set(key, { ...error, params: { ...error.params, missing: [error.params.missingProperty] } })
    else before.params.missing.push(error.params.missingProperty)
  }
  return [...first.values()]
}

/**
 * One cause gives one finding: the errors of the branches of an `anyOf` are dropped in favour of the branch that got
 * furthest, or of the `anyOf` itself where none got past the value's type; a misspelled field is not missing as well;
 * a name is reported as a name, and not by the pattern that it breaks.
 */
function primary(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf')
  return errors.filter((error) => {
    if (error.propertyName !== undefined || isMisspelled(error, errors) || isInWrapper(error, errors)) return false
    if (error.keyword === 'type' && errors.some((other) => other.keyword === 'enum' && isSamePlace(other, error)))
      return false
    const union = unions.find((candidate) => candidate !== error && isInside(error, candidate))
    if (error.keyword === 'anyOf') return !errors.some((other) => isInside(other, error) && isDeeper(other, error))
    return union === undefined || isDeeper(error, union)
  })
}

/** Said by one schema of one value: what is none of the values is of another type as well. */
function isSamePlace(left: ErrorObject, right: ErrorObject): boolean {
  return left.instancePath === right.instancePath && left.parentSchema === right.parentSchema
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
  if (error.instancePath.length > union.instancePath.length) return true
  return error.keyword !== 'type' && !(error.keyword === 'enum' && typeof error.data !== 'string')
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

function wrapped(document: SourceDocument, error: ErrorObject): Finding {
  const path = [...pathIn(document.value, error.instancePath), String(error.params.additionalProperty)]
  const [name, owner = 'the definition'] = path.toReversed().map(String)
  const message =
    name === owner ? `"${name}" stands once more inside "${owner}"` : `the fields of "${owner}" stand inside "${name}"`
  return wrapperFinding(document, path, message)
}

function findingOf(document: SourceDocument, error: ErrorObject): Finding {
  const base = pathIn(document.value, error.instancePath)
  const { code, message, help, below, at, ...given } =
    swallowed({ document, error, path: base }) ?? wordingOf(error, base)
  const path = below === undefined ? base : [...base, below]
  const span = given.span ?? (at === 'key' ? locateKey(document, path) : locateValue(document, path))
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
        code: LIMIT_CODES[error.keyword] ?? error.keyword.toLowerCase(),
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

/** Fields that are named one by one when they are missing; of more only the names are worth reading. */
const FEW = 3

function missingField(error: ErrorObject, schema: SchemaNode): Wording {
  const names = (error.params.missing as readonly string[]).map(String)
  const properties = (schema.properties ?? {}) as Readonly<Record<string, SchemaNode | undefined>>
  const listed = names.map((name) => `"${name}"`).join(', ')
  const about = names.map((name) =>
    names.length === 1 ? describe(properties[name] ?? {}) : `${name} (${gist(properties[name] ?? {})})`,
  )
  return {
    code: 'missing-field',
    message: names.length === 1 ? `the field ${listed} is missing` : `the fields ${listed} are missing`,
    help:
      names.length > FEW
        ? 'add them; `hera-connectors new` writes a definition that has them all'
        : `add ${names.length === 1 ? 'it' : 'them'}: ${about.join(', ')}`,
    at: 'key',
  }
}

function oneOf(error: ErrorObject, schema: SchemaNode): Wording {
  const allowed = (error.params.allowedValues as readonly unknown[]).map(String)
  return {
    code: 'enum',
    message: `${show(error.data)} is not one of the values allowed here${typeof error.data === 'string' ? suggestion(error.data, allowed) : ''}`,
    help: [`write one of: ${allowed.map(visible).join(', ')}`, schema.description, meanings(schema, allowed)]
      .filter((part) => typeof part === 'string')
      .join('. ')
      .replaceAll('.. ', '. '),
    at: 'value',
  }
}

function visible(value: string): string {
  return value.trim() === '' ? `"${value}"` : value
}

/** Of a few values, what each means; the names of many have to speak for themselves. */
const MOST_MEANINGS = 8

function meanings({ enumDescriptions }: SchemaNode, allowed: readonly string[]): string | undefined {
  if (!Array.isArray(enumDescriptions) || allowed.length > MOST_MEANINGS) return undefined
  return allowed.map((value, index) => `${visible(value)}: ${enumDescriptions[index]}`).join(' ')
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
    case 'maxItems':
    case 'maxProperties':
      return `has more than ${error.params.limit} entries`
    default:
      return error.message ?? 'does not fit'
  }
}

const LIMIT_CODES: Readonly<Record<string, string>> = {
  maxLength: 'too-long',
  minimum: 'too-small',
  maximum: 'too-large',
  maxItems: 'too-many',
  maxProperties: 'too-many',
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
function describe(field: SchemaNode): string {
  const schema = { ...partOf(field), ...field }
  const description = typeof schema.description === 'string' ? schema.description : String(schema.title ?? '')
  const [example] = (schema.examples ?? []) as readonly unknown[]
  const shown = example === undefined ? '' : JSON.stringify(example)
  const separator = description === '' || shown === '' ? '' : ' '
  return `${description}${separator}${shown === '' || shown.length > 100 ? '' : `For example: ${shown}`}`.trim()
}

/** The first sentence, or what stands before the first colon. */
function gist(field: SchemaNode): string {
  const { description = field.title } = { ...partOf(field), ...field }
  const [first = ''] = String(description).split(/[.:;](?:\s|$)/)
  return first.charAt(0).toLowerCase() + first.slice(1)
}

function partOf({ $ref }: SchemaNode): Part {
  return typeof $ref === 'string' ? (parts[$ref.slice('#/$defs/'.length)] ?? {}) : {}
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

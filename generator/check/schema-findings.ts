import type { ErrorObject } from 'ajv'
import validate from '../compiled/validate-definition.js'
import type { PathSegment, SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import { tokensOf } from '../model/json-pointer.ts'
import { closest } from '../text/closest.ts'
import type { Finding } from './finding.ts'
import { isNamedByKey } from './messages/fields.ts'
import type { SchemaNode } from './messages/message.ts'
import { nameOf } from './messages/message.ts'
import { messageFor } from './messages/message-for.ts'
import { schemaFix } from './schema-fix.ts'
import { isInWrapper, wrapperAmong, wrapperFinding } from './wrapped-fields.ts'

/** Holds a document against the definition format. */
export function schemaFindings(document: SourceDocument): readonly Finding[] {
  if (validate(document.value)) return []
  const errors = validate.errors ?? []
  if (isNoDefinition(document.value, errors)) return [rootFinding(document, errors) ?? noDefinition(document)]
  return findingsOf(document, errors)
}

/** The findings about the violations that a validator found in a document. */
export function findingsOf(document: SourceDocument, errors: readonly ErrorObject[]): readonly Finding[] {
  return together(primary(errors)).map((error) =>
    wrapperAmong(error, errors) ? wrapped(document, error) : findingOf(document, error),
  )
}

/** A violation of the format, by the path of the value; `name` is the field that is missing, or one too many. */
export interface FormatViolation {
  readonly path: ValuePath
  readonly name?: string
}

/** Violations of the format in a value, for repairs that try out what it could have been. */
export function formatViolations(value: unknown): readonly FormatViolation[] {
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
  // A schema that refers to itself reports under its own root.
  if (error.keyword === 'type' && error.instancePath === union.instancePath) return true
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
  if (error.keyword !== 'required' && error.keyword !== 'dependentRequired') return false
  if (
    error.params.missingProperty === 'name' &&
    errors.some((other) => other.instancePath === error.instancePath && isNamedByKey(other))
  )
    return true
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
  const name = String(path.at(-1))
  const owner = nameOf(path.slice(0, -1))
  const message =
    name === owner
      ? `"${name}" stands once more inside "${owner}"`
      : `the fields of "${owner}" stand one level too deep, inside "${name}"`
  return wrapperFinding(document, path, message)
}

function findingOf(document: SourceDocument, error: ErrorObject): Finding {
  const base = pathIn(document.value, error.instancePath)
  const described = messageFor({ document, error, path: base })
  const path = described.below === undefined ? base : [...base, described.below]
  const span = described.span ?? (described.at === 'key' ? locateKey(document, path) : locateValue(document, path))
  const fix = described.fix ?? schemaFix(document, error, base)
  const { message, help } = described
  const diagnostic = { code: `schema/${described.code}`, file: document.file, span, message, help }
  return { path, diagnostic: fix === undefined ? diagnostic : { ...diagnostic, fix } }
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

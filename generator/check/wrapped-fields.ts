import type { ErrorObject } from 'ajv'
import type { Fix } from '../diagnostics/diagnostic.ts'
import { isObject } from '../kit/mapping.ts'
import { indentationOf, lineAt } from '../load/line.ts'
import type { SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import type { Finding } from './finding.ts'

/** A field that is one too many, and holds the fields that are missing beside it. */
export function wrapperAmong(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (error.keyword !== 'additionalProperties') return false
  const inside: unknown = (error.data as Readonly<Record<string, unknown>>)[String(error.params.additionalProperty)]
  if (!isObject(inside)) return false
  return missingBeside(error, errors).some((name) => Object.hasOwn(inside, name)) || isOwnName(error, inside)
}

/** Whether a field contains a field with the same name, and that one the fields that belong one level higher. */
function isOwnName({ instancePath, params, parentSchema }: ErrorObject, inside: object): boolean {
  const known: unknown = parentSchema?.properties
  return (
    instancePath.endsWith(`/${String(params.additionalProperty)}`) &&
    isObject(known) &&
    Object.keys(inside).some((name) => Object.hasOwn(known, name))
  )
}

/** Whether what is missing stands one level too deep, and has a finding there. */
export function isInWrapper(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return (
    error.keyword === 'required' &&
    errors.some((other) => other.instancePath === error.instancePath && wrapperAmong(other, errors))
  )
}

function missingBeside({ instancePath }: ErrorObject, errors: readonly ErrorObject[]): readonly string[] {
  return errors
    .filter((other) => other.keyword === 'required' && other.instancePath === instancePath)
    .map(({ params }) => String(params.missingProperty))
}

/** The line that puts everything below it one level too deep. */
export function wrapperFinding(document: SourceDocument, path: ValuePath, message: string): Finding {
  const fix = unwrapped(document, path)
  const diagnostic = {
    code: 'schema/unknown-field',
    file: document.file,
    span: locateKey(document, path),
    message,
    help:
      path.length > 1 && typeof path.at(-2) === 'number'
        ? 'delete the name, and begin with its first field after the dash'
        : 'delete this line, and indent what stands below it less',
  }
  return { path, diagnostic: fix === undefined ? diagnostic : { ...diagnostic, fix } }
}

function unwrapped(document: SourceDocument, path: ValuePath): Fix | undefined {
  const { text } = document
  const [key, value] = [locateKey(document, path), locateValue(document, path)]
  const line = lineAt(text, key.start.offset)
  const first = lineAt(text, value.start.offset)
  // Behind a dash, or between brackets, there is no line to delete.
  if (line.from + indentationOf(line) !== key.start.offset || first.from === line.from) return undefined
  const from = text.indexOf('\n', line.from) + 1
  const less = indentationOf(first) - indentationOf(line)
  const inside = text.slice(from, value.end.offset).split('\n')
  if (less <= 0 || inside.some((one) => !/^\s*(?:#|$)/.test(one) && one.search(/\S/) < less)) return undefined
  const edit = {
    from: line.from,
    to: value.end.offset,
    text: inside.map((one) => one.slice(Math.min(less, one.length - one.trimStart().length))).join('\n'),
  }
  return { summary: 'take the level out', edits: [edit] }
}

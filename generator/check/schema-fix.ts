import type { ErrorObject } from 'ajv'
import type { Edit, Fix, Span } from '../diagnostics/diagnostic.ts'
import type { SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import { closest } from '../text/closest.ts'
import { listed } from './list-fix.ts'

type SchemaNode = Readonly<Record<string, unknown>>

/** The fix for a violation of the format, where there is one right answer; undefined where the author has to decide. */
export function schemaFix(document: SourceDocument, error: ErrorObject, path: ValuePath): Fix | undefined {
  switch (error.keyword) {
    case 'additionalProperties':
      return renamed(document, error, path)
    case 'type':
      return retyped(document, error, path)
    case 'anyOf':
      return flagged(document, error, path)
    case 'enum':
      return spelled(document, error, path)
    default:
      return undefined
  }
}

function renamed(document: SourceDocument, error: ErrorObject, path: ValuePath): Fix | undefined {
  const written = String(error.params.additionalProperty)
  const known = Object.keys(((error.parentSchema as SchemaNode).properties ?? {}) as object)
  const meant = closest(written, known)
  const others = Object.keys(error.data as object).filter((name) => name !== written)
  // Where two mean the same field, one of them has to go, and only the author knows which.
  if (meant === undefined || others.some((name) => name === meant || isMeantFor(name, meant, known))) return undefined
  // A line of a diff; a rename would keep what was removed.
  if (/^[+-]/.test(written)) return undefined
  return { summary: `rename it to ${meant}`, edits: [replacing(locateKey(document, [...path, written]), meant)] }
}

function isMeantFor(name: string, meant: string, known: readonly string[]): boolean {
  return !known.includes(name) && closest(name, known) === meant
}

const FLAGS: Readonly<Record<string, string>> = {
  true: 'true',
  yes: 'true',
  on: 'true',
  false: 'false',
  no: 'false',
  off: 'false',
}

/** `no` where a flag is one of the forms that fit. */
function flagged(document: SourceDocument, error: ErrorObject, path: ValuePath): Fix | undefined {
  const isFlag = (error.schema as readonly SchemaNode[]).some(({ type }) => type === 'boolean')
  const flag = typeof error.data === 'string' ? FLAGS[error.data.toLowerCase()] : undefined
  if (!isFlag || flag === undefined) return undefined
  return { summary: `write ${flag}`, edits: [replacing(locateValue(document, path), flag)] }
}

function retyped(document: SourceDocument, error: ErrorObject, path: ValuePath): Fix | undefined {
  const wanted = [error.params.type].flat().map(String)
  const span = locateValue(document, path)
  const source = document.text.slice(span.start.offset, span.end.offset)
  const value: unknown = error.data
  if (value === null && wanted.includes('string')) return uncovered(document, path)
  if (wanted.includes('string') && (typeof value === 'number' || typeof value === 'boolean'))
    return { summary: 'put the value in quotes', edits: [replacing(span, JSON.stringify(source))] }
  if (typeof value !== 'string') return undefined
  const flag = FLAGS[value.toLowerCase()]
  if (wanted.includes('boolean') && flag !== undefined)
    return { summary: `write ${flag}`, edits: [replacing(span, flag)] }
  if ((wanted.includes('integer') || wanted.includes('number')) && /^(?:0|[1-9][0-9]{0,14})$/.test(value))
    return { summary: 'take the quotes off the number', edits: [replacing(span, value)] }
  return wanted.includes('array') ? listed(error.parentSchema as SchemaNode, span, source) : undefined
}

/** The sign after a key with which YAML begins a comment or an anchor, where nothing else is the value. */
export function signBehindKey(
  document: SourceDocument,
  path: ValuePath,
): { readonly sign: '#' | '&'; readonly text: string; readonly span: Span } | undefined {
  const { end } = locateKey(document, path)
  const [, before = '', rest = ''] = /^(["']?:[ ]+)([#&]\S[^\r\n]*)/.exec(document.text.slice(end.offset)) ?? []
  const text = rest.trimEnd()
  if (text === '') return undefined
  const moved = (by: number) => ({ ...end, column: end.column + by, offset: end.offset + by })
  const span = { start: moved(before.length), end: moved(before.length + text.length) }
  return { sign: text.startsWith('#') ? '#' : '&', text, span }
}

/** What looks like a note for oneself is a comment, and no text that lacks its quotes. */
const NO_NOTE = /^(?:&|#[0-9/])/

function uncovered(document: SourceDocument, path: ValuePath): Fix | undefined {
  const found = signBehindKey(document, path)
  if (found === undefined || !NO_NOTE.test(found.text)) return undefined
  return { summary: 'put the text in quotes', edits: [replacing(found.span, JSON.stringify(found.text))] }
}

/** The value that is written right but for capitals and what joins its words. */
function spelled(document: SourceDocument, error: ErrorObject, path: ValuePath): Fix | undefined {
  const { data }: { data?: unknown } = error
  if (typeof data !== 'string') return data === null ? nullInQuotes(document, error, path) : undefined
  const allowed = error.params.allowedValues as readonly unknown[]
  const meant = allowed.filter((value) => typeof value === 'string' && bare(value) === bare(data))
  const [only] = meant
  if (typeof only !== 'string' || meant.length > 1 || bare(only) === '') return undefined
  return { summary: `write ${only}`, edits: [replacing(locateValue(document, path), only)] }
}

/** `null` among the names of types; elsewhere an empty value is nobody's word. */
function nullInQuotes(document: SourceDocument, error: ErrorObject, path: ValuePath): Fix | undefined {
  const span = locateValue(document, path)
  if (!isBareNull(document, error, path)) return undefined
  return { summary: 'write "null"', edits: [replacing(span, '"null"')] }
}

/** Whether somebody wrote `null` where the text "null" is one of the values. */
export function isBareNull(document: SourceDocument, error: ErrorObject, path: ValuePath): boolean {
  const { start, end } = locateValue(document, path)
  const allowed = [error.params.allowedValues].flat()
  return error.data === null && allowed.includes('null') && document.text.slice(start.offset, end.offset) === 'null'
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function replacing({ start, end }: Span, text: string): Edit {
  return { from: start.offset, to: end.offset, text }
}

import type { ErrorObject } from 'ajv'
import type { Edit, Fix, Span } from '../diagnostics/diagnostic.ts'
import type { SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import { closest } from '../text/closest.ts'

type SchemaNode = Readonly<Record<string, unknown>>

/** What mends a breach of the format, where there is one right answer; undefined where the author has to decide. */
export function schemaFix(document: SourceDocument, error: ErrorObject, path: ValuePath): Fix | undefined {
  switch (error.keyword) {
    case 'additionalProperties':
      return renamed(document, error, path)
    case 'type':
      return retyped(document, error, path)
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
  // Where both stand there, one of them has to go, and only the author knows which.
  if (meant === undefined || Object.hasOwn(error.data as object, meant)) return undefined
  return { summary: `rename it to ${meant}`, edits: [replacing(locateKey(document, [...path, written]), meant)] }
}

const FLAGS: Readonly<Record<string, string>> = {
  true: 'true',
  yes: 'true',
  on: 'true',
  false: 'false',
  no: 'false',
  off: 'false',
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
  if (wanted.includes('array') && /^-\S/.test(source)) return spaced(span, source)
  if (wanted.includes('array') && holdsText(error.parentSchema as SchemaNode) && !/[\r\n]/.test(source))
    return { summary: 'make a list of it', edits: [replacing(span, `[${inFlow(source)}]`)] }
  return undefined
}

/** The sign behind a key with which YAML begins a comment or an anchor, where nothing else is the value. */
export function signBehindKey(document: SourceDocument, path: ValuePath): '#' | '&' | undefined {
  const key = locateKey(document, path)
  const [, sign] = /^["']?:[ ]+([#&])\S/.exec(document.text.slice(key.end.offset)) ?? []
  return sign === '#' || sign === '&' ? sign : undefined
}

function uncovered(document: SourceDocument, path: ValuePath): Fix | undefined {
  if (signBehindKey(document, path) === undefined) return undefined
  const { end } = locateKey(document, path)
  const [, before = '', rest = ''] = /^(["']?:[ ]+)([^\r\n]*)/.exec(document.text.slice(end.offset)) ?? []
  const from = end.offset + before.length
  const text = rest.trimEnd()
  return { summary: 'put the text in quotes', edits: [{ from, to: from + text.length, text: JSON.stringify(text) }] }
}

/** `-entry` on each line. */
function spaced(span: Span, source: string): Fix | undefined {
  const lines = source.split('\n')
  if (!lines.every((line) => /^\s*-\S/.test(line))) return undefined
  const text = lines.map((line) => line.replace('-', '- ')).join('\n')
  return { summary: 'add the space', edits: [replacing(span, text)] }
}

function holdsText({ items }: SchemaNode): boolean {
  const { type, $ref } = (items ?? {}) as SchemaNode
  return type === 'string' || $ref === '#/$defs/pointer'
}

/** A scalar as it can stand between brackets; quoted ones can as they are. */
function inFlow(source: string): string {
  return /^["']/.test(source) || !/[,[\]{}]/.test(source) ? source : JSON.stringify(source)
}

/** The value that is written right but for capitals and what joins its words. */
function spelled(document: SourceDocument, error: ErrorObject, path: ValuePath): Fix | undefined {
  const allowed = error.params.allowedValues as readonly unknown[]
  const meant = allowed.filter((value) => typeof value === 'string' && bare(value) === bare(String(error.data)))
  const [only] = meant
  if (typeof only !== 'string' || meant.length > 1 || bare(only) === '') return undefined
  return { summary: `write ${only}`, edits: [replacing(locateValue(document, path), only)] }
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function replacing({ start, end }: Span, text: string): Edit {
  return { from: start.offset, to: end.offset, text }
}

import type { Fix, Span } from '../diagnostics/diagnostic.ts'

type SchemaNode = Readonly<Record<string, unknown>>

/** What makes a list of a text that was written where the format wants a list of texts. */
export function listed(schema: SchemaNode, span: Span, source: string): Fix | undefined {
  if (beginsWithMark(source)) return spaced(span, source)
  if (!holdsText(schema) || /[\r\n]/.test(source)) return undefined
  return replacing(span, 'make a list of it', `[${entriesOf(source).map(inFlow).join(', ')}]`)
}

/** A hyphen without its space, other dashes, bullets and numbers, with which people begin an entry. */
const MARK = /^(\s*)(?:[-\u2010-\u2015*\u2022+] *|[0-9]+[.)] +)(?=\S)/

/** Whether a text begins as people begin the entries of a list. */
export function beginsWithMark(text: string): boolean {
  return MARK.test(text)
}

/** Marked lines, if all of them are. */
function spaced(span: Span, source: string): Fix | undefined {
  const lines = source.split('\n')
  if (!lines.every(beginsWithMark)) return undefined
  return replacing(span, 'begin each entry with "- "', lines.map((line) => line.replace(MARK, '$1- ')).join('\n'))
}

function holdsText({ items }: SchemaNode): boolean {
  const { type, $ref } = (items ?? {}) as SchemaNode
  return type === 'string' || $ref === '#/$defs/pointer'
}

/** `a, b`, `(a, b)` and `"[a, b]"` are lists of words; prose that holds a comma is one entry. */
function entriesOf(source: string): readonly string[] {
  const [, inside = source] =
    /^\((.*)\)$/.exec(source) ?? /^"\[(.*)\]"$/.exec(source) ?? /^'\[(.*)\]'$/.exec(source) ?? []
  const words = inside.split(',').map((word) => word.trim())
  return words.every((word) => /^[^\s"']+$/.test(word)) ? words : [source]
}

/** A scalar as it can stand between brackets; quoted ones can as they are. */
function inFlow(source: string): string {
  return /^["']/.test(source) || !/[,[\]{}]/.test(source) ? source : JSON.stringify(source)
}

function replacing({ start, end }: Span, summary: string, text: string): Fix {
  return { summary, edits: [{ from: start.offset, to: end.offset, text }] }
}

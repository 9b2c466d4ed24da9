import type { YAMLError } from 'yaml'
import type { Fix } from '../../diagnostics/diagnostic.ts'
import { indentationOf, type Line } from '../line.ts'

/** The author's mistake that makes a file unreadable as YAML. The parser only knows the symptom. */
export interface SyntaxDiagnosis {
  readonly code: `yaml/${SyntaxCode}`
  readonly message: string
  readonly help: string
  /** Offsets in the text. */
  readonly from: number
  readonly to: number
  readonly fix?: Fix
  /** Later errors may only be consequences of this one. */
  readonly isLast?: true
}

type SyntaxCode = 'brackets' | 'character' | 'colon' | 'documents' | 'indentation' | 'quotes' | 'syntax' | 'tab' | 'tag'

/** A bracket that is never closed. */
export interface OpenBracket {
  readonly offset: number
  readonly sign: string
}

/** An error of the parser, with the text that it reads. */
export interface ParserError {
  readonly error: YAMLError
  readonly text: string
  /** Unclosed brackets of the whole text, in order. */
  readonly open: readonly OpenBracket[]
}

/** Recognizes one cause. */
export type Detector = (error: ParserError) => SyntaxDiagnosis | undefined

export function diagnosisAt(
  error: YAMLError,
  diagnosis: Pick<SyntaxDiagnosis, 'code' | 'message' | 'help'>,
): SyntaxDiagnosis {
  const [from, to] = error.pos
  return { ...diagnosis, from, to }
}

/** A value on one line, with its offsets in the file. */
export interface ValueOnLine {
  readonly value: string
  readonly from: number
  readonly to: number
}

/** The value of `key: value` or `- value` if it matches the pattern, without the comment after it. */
export function valueOn(line: Line, beginning: RegExp): ValueOnLine | undefined {
  const [, before = '', rest = ''] = /^(\s*(?:- +)*(?:"?[A-Za-z0-9_.-]+"?: +)?)(.*)$/.exec(line.text) ?? []
  const value = rest.replace(/\s+#.*$/, '').trimEnd()
  if (before.trim() === '' || !beginning.test(value)) return undefined
  return { value, from: line.from + before.length, to: line.from + before.length + value.length }
}

/** A value that needs quotes. The fix adds them unless a comment may be part of the value. */
export function missingQuotes(line: Line, found: ValueOnLine, message: string): SyntaxDiagnosis {
  const place = { code: 'yaml/quotes', message, from: found.from, to: found.to } as const
  // What looks like a comment may belong to the text.
  const isCut = /^\s+#\S/.test(line.text.slice(found.to - line.from))
  if (isCut) return { ...place, help: 'put the whole text in quotes; without them " #" begins a comment' }
  const edit = { from: found.from, to: found.to, text: JSON.stringify(found.value) }
  return {
    ...place,
    help: 'put the whole text in quotes',
    fix: { summary: 'put the text in quotes', edits: [edit] },
  }
}

/** A line that continues the text of the field above it, but is not indented enough. */
export function continuationTooFarLeft(line: Line, key: string, indent: string): SyntaxDiagnosis {
  return {
    code: 'yaml/indentation',
    message: `the line belongs to the text above, but is not indented deeper than "${key}"`,
    help: `indent it by ${indent.length + 2} spaces`,
    from: line.from + indentationOf(line),
    to: line.from + line.text.trimEnd().length,
  }
}

export function singleEdit(
  summary: string,
  edit: { readonly from: number; readonly to: number; readonly text: string },
): Fix {
  return { summary, edits: [edit] }
}

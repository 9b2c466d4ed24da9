import type { YAMLError } from 'yaml'
import type { Fix } from '../diagnostics/diagnostic.ts'
import { type Line, widthOf } from './line-at.ts'

/** What an author did that YAML cannot be read: the cause, where a parser only knows the symptom. */
export interface Slip {
  readonly code: `yaml/${SyntaxCode}`
  readonly message: string
  readonly help: string
  /** Offsets in the text. */
  readonly from: number
  readonly to: number
  readonly fix?: Fix
  /** Nothing after it can be told apart from its echo. */
  readonly isLast?: true
}

type SyntaxCode = 'brackets' | 'character' | 'colon' | 'documents' | 'indentation' | 'quotes' | 'syntax' | 'tab' | 'tag'

/** A bracket that nothing closes. */
export interface OpenBracket {
  readonly offset: number
  readonly sign: string
}

/** Where a parser stopped understanding. */
export interface Stumble {
  readonly error: YAMLError
  readonly text: string
  /** Brackets of the whole text that nothing closes, in order. */
  readonly open: readonly OpenBracket[]
}

/** Recognizes one cause. */
export type Detector = (stumble: Stumble) => Slip | undefined

export function slipAt(error: YAMLError, slip: Pick<Slip, 'code' | 'message' | 'help'>): Slip {
  const [from, to] = error.pos
  return { ...slip, from, to }
}

/** A text on one line, and where it stands in the file. */
export interface TextOnLine {
  readonly value: string
  readonly from: number
  readonly to: number
}

/** `key: text` or `- text`, where the text begins as the pattern says; a comment after it is none of it. */
export function textOn(line: Line, beginning: RegExp): TextOnLine | undefined {
  const [, before = '', rest = ''] = /^(\s*(?:- +)*(?:"?[A-Za-z0-9_.-]+"?: +)?)(.*)$/.exec(line.text) ?? []
  const value = rest.replace(/\s+#.*$/, '').trimEnd()
  if (before.trim() === '' || !beginning.test(value)) return undefined
  return { value, from: line.from + before.length, to: line.from + before.length + value.length }
}

/** A text that lacks quotes, and gets them where that cannot cut anything off. */
export function unquoted(line: Line, found: TextOnLine, message: string): Slip {
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

/** A line that was to go on with the text of the field above it. */
export function tooFarLeft(line: Line, key: string, indent: string): Slip {
  return {
    code: 'yaml/indentation',
    message: `the line belongs to the text above, but is not indented deeper than "${key}"`,
    help: `indent it by ${indent.length + 2} spaces`,
    from: line.from + widthOf(line),
    to: line.from + line.text.trimEnd().length,
  }
}

export function replacement(
  summary: string,
  edit: { readonly from: number; readonly to: number; readonly text: string },
): Fix {
  return { summary, edits: [edit] }
}

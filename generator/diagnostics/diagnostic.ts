import { compareText } from '../text/compare-text.ts'

/** A place in a text. Lines and columns count from 1; columns and offsets count UTF-16 code units. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly offset: number
}

/** From `start` up to, and without, `end`. */
export interface Span {
  readonly start: Position
  readonly end: Position
}

/** Text that takes the place of what stands between two offsets of a file. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The one right answer to a finding, where there is one. */
export interface Fix {
  /** What it does, as a remedy: `quote the value`. */
  readonly summary: string
  /** Of the finding's own file, apart from each other. */
  readonly edits: readonly Edit[]
}

/** One finding about what a user gave us. */
export interface Diagnostic {
  /** Stable name of the kind of finding, such as `event/pointer-unresolved`. */
  readonly code: string
  /** Path of the file, as the user would type it. */
  readonly file: string
  readonly span: Span
  /** What is wrong, in lower case and in the author's words. */
  readonly message: string
  /** What to do about it. */
  readonly help: string
  /** The text at the span must not be shown again: reports end up in logs. */
  readonly confidential?: true
  /** Makes the finding go away and touches nothing else. */
  readonly fix?: Fix
}

/** Where a file as a whole is meant. */
export const FILE_START: Span = {
  start: { line: 1, column: 1, offset: 0 },
  end: { line: 1, column: 1, offset: 0 },
}

/** By file, position, code and message: the same findings always stand in the same order. */
export function compareDiagnostics(left: Diagnostic, right: Diagnostic): number {
  return (
    compareText(left.file, right.file) ||
    left.span.start.offset - right.span.start.offset ||
    compareText(left.code, right.code) ||
    compareText(left.message, right.message)
  )
}

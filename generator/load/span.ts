import type { LineCounter } from 'yaml'
import type { Position, Span } from '../diagnostics/diagnostic.ts'

/** The span between two offsets of a text whose line starts are known. */
export function spanBetween(lines: LineCounter, from: number, to: number): Span {
  return { start: positionAt(lines, from), end: positionAt(lines, Math.max(from, to)) }
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col), offset }
}

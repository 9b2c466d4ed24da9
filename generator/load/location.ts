import type { LineCounter } from 'yaml'
import type { Position, Span } from '../diagnostics/diagnostic.ts'
import type { Located, PathSegment } from './source-document.ts'

/** Offsets of the first character and of what follows the last; the parser adds others. */
export type Range = readonly [from: number, to: number, ...rest: readonly number[]]

/** The location of one value. Computes lines and columns on demand: few of them are ever used. */
export class LocatedNode implements Located {
  readonly children?: ReadonlyMap<PathSegment, Located>
  readonly #lines: LineCounter
  readonly #value: Range
  /** Set by the mapping that contains the value. */
  keyRange: Range | undefined

  constructor(lines: LineCounter, value: Range, children?: ReadonlyMap<PathSegment, Located>) {
    this.#lines = lines
    this.#value = value
    if (children !== undefined) this.children = children
  }

  get value(): Span {
    return spanOf(this.#lines, this.#value)
  }

  get key(): Span | undefined {
    return this.keyRange === undefined ? undefined : spanOf(this.#lines, this.keyRange)
  }
}

export function spanOf(lines: LineCounter, [from, to]: Range): Span {
  return spanBetween(lines, from, to)
}

/** The span between two offsets of a text whose line starts are known. */
export function spanBetween(lines: LineCounter, from: number, to: number): Span {
  return { start: positionAt(lines, from), end: positionAt(lines, Math.max(from, to)) }
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col), offset }
}

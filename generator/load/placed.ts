import type { LineCounter } from 'yaml'
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Located, PathSegment } from './source-document.ts'
import { spanBetween } from './span.ts'

/** Offsets of the first character and of what follows the last; the parser adds others. */
export type Range = readonly [from: number, to: number, ...rest: readonly number[]]

/** Lines and columns are found out when somebody asks: every value has them, and few are ever looked at. */
export class Placed implements Located {
  readonly children?: ReadonlyMap<PathSegment, Located>
  readonly #lines: LineCounter
  readonly #value: Range
  /** Said by the mapping around the value, once it is made. */
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

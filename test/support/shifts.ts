/** A sound definition with one line, or one line and all that belongs to it, at another column. */
export interface Shifted {
  readonly text: string
  /** Counted from 1. */
  readonly line: number
  readonly by: number
}

/** Moves a line by some spaces, where there is room for that; undefined where the line is empty or a comment. */
export function shiftedAt(
  text: string,
  { line, by, isWhole }: { readonly line: number; readonly by: number; readonly isWhole: boolean },
): Shifted | undefined {
  const lines = text.split('\n')
  const column = columnOf(lines[line - 1])
  if (column === undefined || column + by < 0 || by === 0) return undefined
  let end = line
  while (isWhole && end < lines.length && (columnOf(lines[end]) ?? Number.POSITIVE_INFINITY) > column) end += 1
  const moved = lines.map((one, index) => (index >= line - 1 && index < end ? moveLine(one, by) : one))
  return { text: moved.join('\n'), line, by }
}

function columnOf(line: string | undefined): number | undefined {
  return line === undefined || /^\s*(?:#|$)/.test(line) ? undefined : line.search(/\S/)
}

function moveLine(line: string, by: number): string {
  if (line.trim() === '') return line
  return by > 0 ? ' '.repeat(by) + line : line.slice(Math.min(-by, line.search(/\S/)))
}

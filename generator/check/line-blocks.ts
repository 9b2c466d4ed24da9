/** The lines of a text, numbered from 1. */
export interface Lines {
  readonly text: string
  readonly count: number
  readonly at: (line: number) => string
  /** Offset at which a line begins; of the one after the last, the end of the text. */
  readonly from: (line: number) => number
  /** The column of the first sign of a line; of an empty line or a comment, beyond all others. */
  readonly columnOf: (line: number) => number
}

export function linesOf(text: string): Lines {
  const lines = text.split('\n')
  const starts = [0]
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1)
  const at = (line: number) => lines[line - 1] ?? ''
  return {
    text,
    count: lines.length,
    at,
    from: (line) => Math.min(starts[line - 1] ?? text.length, text.length),
    columnOf: (line) => (/^\s*(?:#|$)/.test(at(line)) ? Number.POSITIVE_INFINITY : at(line).search(/\S/)),
  }
}

/** Lines that may have been moved together. */
export interface Block {
  /** The first of them. */
  readonly line: number
  readonly count: number
  readonly column: number
  /** The field with which they begin. */
  readonly name?: string
  /** Offsets in the text. */
  readonly from: number
  readonly to: number
}

/** Lines above and below a finding that may be its cause. */
const REACH = 3
/** Neighbours at one column that may have been moved together. */
const MAX_NEIGHBOURS = 16

/** What may have been moved near a line: single lines, lines with all that belongs to them, several of these in a row. */
export function blocksAround(lines: Lines, line: number): readonly Block[] {
  return nearby(lines, line).flatMap((first, index) => {
    const ends = index < 2 ? endsOf(lines, first, MAX_NEIGHBOURS) : [first + 1, ...endsOf(lines, first, 1)]
    return [...new Set(ends.map((end) => lastFilled(lines, end)))].map((end) => blockOf(lines, first, end))
  })
}

/** Lines before which a block may end: each that begins a further child or a further neighbour of the first. */
function endsOf(lines: Lines, first: number, most: number): readonly number[] {
  const column = lines.columnOf(first)
  const level = most === 1 ? column : Math.max(column, childColumn(lines, first))
  const ends: number[] = []
  for (let end = first + 1; ends.length < most && end <= lines.count + 1; end += 1) {
    const here = end > lines.count ? -1 : lines.columnOf(end)
    if (here <= level) ends.push(end)
    if (here < column) break
  }
  return ends
}

function childColumn(lines: Lines, line: number): number {
  const [below] = linesFrom(lines, line, 1)
  return below === undefined ? 0 : lines.columnOf(below)
}

/** The line itself, those around it, and the ones above it that stand less deep. */
function nearby(lines: Lines, line: number): readonly number[] {
  const found = [line, ...linesFrom(lines, line, 1), ...linesFrom(lines, line, -1)]
  let column = lines.columnOf(line)
  for (let above = line - 1; above > 0 && column > 0; above -= 1) {
    if (lines.columnOf(above) > column) continue
    if (lines.columnOf(above) < column || found.length < 12) found.push(above)
    column = Math.min(column, lines.columnOf(above))
  }
  return [...new Set(found)].filter((number) => lines.columnOf(number) !== Number.POSITIVE_INFINITY)
}

function linesFrom(lines: Lines, line: number, direction: 1 | -1): readonly number[] {
  const found: number[] = []
  for (let next = line + direction; next > 0 && next <= lines.count && found.length < REACH; next += direction) {
    if (lines.columnOf(next) !== Number.POSITIVE_INFINITY) found.push(next)
  }
  return found
}

/** Empty lines and comments at the end belong to what follows. */
function lastFilled(lines: Lines, end: number): number {
  let last = end
  while (last > 1 && lines.columnOf(last - 1) === Number.POSITIVE_INFINITY) last -= 1
  return last
}

function blockOf(lines: Lines, line: number, end: number): Block {
  const [, name] = /^\s*(?:- +)?"?([A-Za-z0-9_.$-]+)"?:(?:\s|$)/.exec(lines.at(line)) ?? []
  const [from, to] = [lines.from(line), lines.from(end)]
  return { line, count: end - line, column: lines.columnOf(line), from, to, ...(name === undefined ? {} : { name }) }
}

/** Columns at which a block could begin: those of what is above it and may go on, one level deeper, and what follows. */
export function columnsFor(lines: Lines, block: Block): readonly number[] {
  const spine = spineAbove(lines, block.line)
  const columns = spine.flatMap((line) =>
    (isEntry(lines, line) ? [0, 2] : [0]).map((more) => lines.columnOf(line) + more),
  )
  const [nearest = -2] = columns
  const below = linesFrom(lines, block.line + block.count - 1, 1).map((line) => lines.columnOf(line))
  return [...new Set([...columns, nearest + 2, ...below])].filter((column) => column !== block.column)
}

/** The lines above one that are less and less deep. */
function spineAbove(lines: Lines, line: number): readonly number[] {
  const found: number[] = []
  let limit = Number.POSITIVE_INFINITY
  for (let above = line - 1; above > 0 && limit > 0; above -= 1) {
    if (lines.columnOf(above) >= limit) continue
    found.push(above)
    limit = lines.columnOf(above)
  }
  return found
}

function isEntry(lines: Lines, line: number): boolean {
  return /^\s*- /.test(lines.at(line))
}

/** Whether a line at a column would stand one level below what it then belongs to. */
export function isUsualColumn(lines: Lines, line: number, column: number): boolean {
  const owner = spineAbove(lines, line).find((above) => lines.columnOf(above) < column)
  return owner !== undefined && column - lines.columnOf(owner) === 2
}

/** The text with a block at another column. */
export function moveBlock(lines: Lines, { from, to, column }: Block, wanted: number): string {
  const change = wanted - column
  const moved = lines.text
    .slice(from, to)
    .split('\n')
    .map((line) => (line.trim() === '' ? line : moveLine(line, change)))
  return lines.text.slice(0, from) + moved.join('\n') + lines.text.slice(to)
}

function moveLine(line: string, change: number): string {
  if (change >= 0) return ' '.repeat(change) + line
  return line.slice(Math.min(-change, line.search(/\S/)))
}

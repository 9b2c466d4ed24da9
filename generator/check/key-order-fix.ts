import type { Edit } from '../diagnostics/diagnostic.ts'
import type { Located } from '../load/source-document.ts'

interface Mapping {
  readonly text: string
  readonly located: Located
  /** All keys as they should stand. */
  readonly order: readonly string[]
  /** Anchors must stand before what repeats them: a mapping that contains either is left alone. */
  readonly isAnchored: boolean
}

interface Entry {
  readonly key: string
  /** Offset of the key itself. */
  readonly at: number
  /** Offset behind the value. */
  readonly to: number
}

/**
 * The edit that puts the entries of a mapping in order, each with the comments above it and not a byte of it changed;
 * undefined where that cannot be done without touching something else.
 */
export function keyOrderFix({ text, located, order, isAnchored }: Mapping): Edit | undefined {
  const entries = entriesOf(located)
  const [first] = entries
  if (first === undefined || isAnchored) return undefined
  // Nobody knows where a key belongs that the format does not know.
  if (entries.some(({ key }) => !order.includes(key))) return undefined
  const sorted = entries.toSorted((left, right) => order.indexOf(left.key) - order.indexOf(right.key))
  return text[located.value.start.offset] === '{' ? inFlow(text, entries, sorted) : inBlock(text, entries, sorted)
}

function entriesOf(located: Located): readonly Entry[] {
  return [...(located.children ?? [])]
    .flatMap(([key, { key: span, value }]) =>
      span === undefined
        ? []
        : [{ key: String(key), at: span.start.offset, to: Math.max(span.end.offset, value.end.offset) }],
    )
    .sort((left, right) => left.at - right.at)
}

/** `{ b: 2, a: 1 }`: the entries change places, and what stands between them stays. */
function inFlow(text: string, entries: readonly Entry[], sorted: readonly Entry[]): Edit | undefined {
  const between = entries.slice(1).map(({ at }, index) => text.slice(entries[index]?.to, at))
  if (between.some((separator) => !/^\s*,\s*$/.test(separator))) return undefined
  const moved = sorted.map(({ at, to }, index) => `${index === 0 ? '' : between[index - 1]}${text.slice(at, to)}`)
  return spanning(entries, moved.join(''))
}

function spanning(entries: readonly Entry[], text: string): Edit {
  return { from: entries[0]?.at ?? 0, to: entries.at(-1)?.to ?? 0, text }
}

/** The whole lines of one entry of a block mapping: the comments above it, and everything up to the next one. */
interface Block {
  readonly entry: Entry
  readonly from: number
  readonly to: number
}

function inBlock(text: string, entries: readonly Entry[], sorted: readonly Entry[]): Edit | undefined {
  const [first] = entries
  if (first === undefined) return undefined
  const indent = ' '.repeat(first.at - lineStart(text, first.at))
  // Behind the dash of a list entry, or behind the comments at the top of the file, stands only the first key.
  const blocks = blocksOf(text, entries, indent.length)
  const blockOf = new Map(blocks.map((block) => [block.entry, block]))
  const moved: string[] = []
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  for (const entry of sorted) {
    const block = blockOf.get(entry)
    if (block === undefined) return undefined
    const lines = ended(text.slice(block.from, block.to), lineEnd)
    const isFirst = moved.length === 0
    if (entry === first) moved.push(isFirst ? lines : indent + lines)
    else if (!isFirst) moved.push(lines)
    else if (lines.startsWith(indent) && block.from + indent.length === entry.at) moved.push(lines.slice(indent.length))
    // A comment cannot follow the dash of a list entry, nor stay behind at the top of the file.
    else return undefined
  }
  const to = blocks.at(-1)?.to ?? first.to
  const joined = moved.join('')
  return { from: first.at, to, text: text.slice(first.at, to).endsWith('\n') ? joined : joined.replace(/\r?\n$/, '') }
}

function blocksOf(text: string, entries: readonly Entry[], column: number): readonly Block[] {
  const ends = entries.map(({ to }) => endOfLine(text, to))
  return entries.map((entry, index) => {
    const next = entries[index + 1]
    const from = index === 0 ? entry.at : commentsAbove(text, { from: ends[index - 1] ?? 0, to: entry.at, column })
    const to =
      next === undefined
        ? (ends[index] ?? entry.to)
        : commentsAbove(text, { from: ends[index] ?? 0, to: next.at, column })
    return { entry, from, to }
  })
}

/** The start of the comments and empty lines that belong to the key at `to`; more indented ones belong to the key above. */
function commentsAbove(
  text: string,
  gap: { readonly from: number; readonly to: number; readonly column: number },
): number {
  let start = lineStart(text, gap.to)
  while (start > gap.from) {
    const before = lineStart(text, start - 1)
    const line = text.slice(before, start)
    if (before < gap.from || line.length - line.trimStart().length > gap.column) return start
    start = before
  }
  return start
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Behind the line break of the line on which a value ends; a block scalar has it already. */
function endOfLine(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset
  const found = text.indexOf('\n', offset)
  return found === -1 ? text.length : found + 1
}

function ended(lines: string, lineEnd: string): string {
  return lines.endsWith('\n') ? lines : `${lines}${lineEnd}`
}

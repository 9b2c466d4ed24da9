import type { CST } from 'yaml'

type Collection = CST.BlockMap | CST.BlockSequence | CST.FlowCollection

/** What a gap between two values follows: the end of a line, or text in the same line. */
type Before = 'line' | 'text'

/**
 * Whether there is nothing but blanks and comments between two values, and the sign that belongs there, once. Tabs and
 * comments that touch a value are for the composer to judge.
 */
export function isGap(
  tokens: readonly CST.SourceToken[] | undefined,
  before: Before,
  sign?: CST.SourceToken['type'],
): boolean {
  let isBlankBefore = before === 'line'
  let signs = 0
  for (const { type, source } of tokens ?? []) {
    if (type === 'space' ? source.includes('\t') : type === 'comment' && !isBlankBefore) return false
    if (type === sign) signs += 1
    else if (type !== 'space' && type !== 'newline' && type !== 'comment') return false
    isBlankBefore = type === 'space' || type === 'newline'
  }
  return signs === (sign === undefined ? 0 : 1)
}

interface Contents {
  readonly items: readonly CST.CollectionItem[]
  /** Blanks and comments behind the last item. */
  readonly rest: readonly CST.SourceToken[]
}

/** What a collection holds; undefined where anything is unusual between its items. */
export function contentsOf(collection: Collection): Contents | undefined {
  const all = collection.items as readonly CST.CollectionItem[]
  const last = all.at(-1)
  const isRest = last !== undefined && isNothing(last) && isEnd(last.start, collection, all.length - 1)
  const contents = isRest ? { items: all.slice(0, -1), rest: last.start } : { items: all, rest: [] }
  return contents.items.every(({ start }, index) => isStart(start, collection, index)) ? contents : undefined
}

/** The parser gives blanks at the end of a collection as one more item. */
function isNothing({ key, sep, value }: CST.CollectionItem): boolean {
  return !key && sep === undefined && value === undefined
}

function isEnd(start: readonly CST.SourceToken[], { type }: Collection, index: number): boolean {
  if (type !== 'flow-collection') return isGap(start, 'line')
  return isGap(start, 'text') || (index > 0 && isGap(start, 'text', 'comma'))
}

function isStart(start: readonly CST.SourceToken[], { type }: Collection, index: number): boolean {
  if (type === 'block-map') return isGap(start, 'line')
  if (type === 'block-seq') return isGap(start, 'line', 'seq-item-ind')
  return index === 0 ? isGap(start, 'text') : isGap(start, 'text', 'comma')
}

/** Where the composer says that a collection ends, and where the next node can begin; undefined where it is not closed. */
export function rangeOf(
  collection: Collection,
  rest: readonly CST.SourceToken[],
  behindItems: number,
): Range | undefined {
  if (collection.type !== 'flow-collection') return [collection.offset, behindItems, behindItems + lengthOf(rest)]
  const [close, ...behind] = collection.end
  if (close?.source !== (collection.start.source === '{' ? '}' : ']') || !isGap(behind, 'text')) return undefined
  const to = close.offset + close.source.length
  return [collection.offset, to, to + lengthOf(behind)]
}

type Range = readonly [from: number, to: number, after: number]

function lengthOf(tokens: readonly CST.SourceToken[]): number {
  return tokens.reduce((length, { source }) => length + source.length, 0)
}

/** The key of an item, where it is text in one line, with a colon right behind it and a value that may follow that. */
export function keyOf(
  { key, sep, value }: CST.CollectionItem,
  map: CST.BlockMap | CST.FlowCollection,
): CST.FlowScalar | undefined {
  if (!isFlowScalar(key) || key.end !== undefined || key.source.includes('\n')) return undefined
  if (map.type === 'block-map' && (key.indent !== map.indent || key.source.length > LONGEST_KEY)) return undefined
  if (sep?.[0]?.type !== 'map-value-ind' || !isGap(sep, 'text', 'map-value-ind')) return undefined
  const isUsual = !isBlock(value) || (map.type === 'block-map' && sep.some(({ type }) => type === 'newline'))
  return isUsual ? key : undefined
}

/** UTF-16 code units, a limit of YAML itself. */
const LONGEST_KEY = 1024

function isFlowScalar(token: CST.Token | null | undefined): token is CST.FlowScalar {
  return token?.type === 'scalar' || token?.type === 'single-quoted-scalar' || token?.type === 'double-quoted-scalar'
}

/** The value of an item of a sequence, where it is no pair and may stand there. */
export function itemOf(
  { key, sep, value }: CST.CollectionItem,
  sequence: CST.BlockSequence | CST.FlowCollection,
): CST.Token | undefined {
  if (key !== undefined || sep !== undefined) return undefined
  return sequence.type === 'flow-collection' && isBlock(value) ? undefined : value
}

/** Whether a token is a collection that is told by its indentation, which cannot stand in brackets. */
function isBlock(token: CST.Token | undefined): boolean {
  return token?.type === 'block-map' || token?.type === 'block-seq'
}

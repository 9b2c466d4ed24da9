import type { LineCounter, ScalarTag } from 'yaml'
import { CST, isScalar, Schema } from 'yaml'
import { DEEPEST, holdsControl, holdsNul, isExact, isWindowsPath, MOST_VALUES } from './accepted.ts'
import { Placed, type Range } from './placed.ts'
import { contentsOf, isGap, itemOf, keyOf, rangeOf } from './plain-syntax.ts'
import type { PathSegment } from './source-document.ts'

interface PlainTree {
  readonly value: unknown
  readonly root: Placed
}

/**
 * The value of a syntax tree in which everything is as definitions usually are, with its positions; undefined where
 * anything is not: a mistake of whatever kind, a tag, an anchor, an alias, a directive, an empty value, a key that is no
 * text. To compose a document and read that would give the same, but takes several times as long, most of it for what
 * nobody asks for: comments, blank lines, how to write each value again.
 */
export function plainTree(text: string, tokens: readonly CST.Token[], lines: LineCounter): PlainTree | undefined {
  if (!isUsualText(text)) return undefined
  const [document, ...others] = tokens.filter(({ type }) => type !== 'comment' && type !== 'newline')
  if (document?.type !== 'document' || others.length > 0) return undefined
  const { start, value, end } = document
  if (value?.type !== 'block-map' || !isGap(start, 'line') || !isGap(end, 'line')) return undefined
  return new TreeReader(lines).root(value)
}

interface Node {
  readonly value: unknown
  readonly located: Placed
  /** Behind the blanks and comments that belong to the node. */
  readonly after: number
}

/** Guards how many values there are, and whether the library complained about one of them. */
class TreeReader {
  readonly #lines: LineCounter
  readonly #complain = (): void => {
    this.#isWrong = true
  }
  #isWrong = false
  #values = 0

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  root(token: CST.BlockMap): PlainTree | undefined {
    const node = this.#node(token, 0)
    return node === undefined || this.#isWrong ? undefined : { value: node.value, root: node.located }
  }

  #node(token: CST.Token | undefined, depth: number): Node | undefined {
    this.#values += 1
    if (token === undefined || this.#values > MOST_VALUES || depth > DEEPEST) return undefined
    switch (token.type) {
      case 'block-map':
        return this.#map(token, depth)
      case 'block-seq':
        return this.#sequence(token, depth)
      case 'flow-collection':
        return token.start.source === '{' ? this.#map(token, depth) : this.#sequence(token, depth)
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
      case 'block-scalar':
        return this.#scalar(token)
      default:
        return undefined
    }
  }

  #map(token: CST.BlockMap | CST.FlowCollection, depth: number): Node | undefined {
    const value: Record<string, unknown> = {}
    const children = new Map<PathSegment, Placed>()
    const contents = contentsOf(token)
    if (contents === undefined) return undefined
    let after = token.offset
    for (const item of contents.items) {
      const key = this.#key(keyOf(item, token))
      if (key === undefined) return undefined
      const child = this.#node(item.value, depth + 1)
      if (child === undefined) return undefined
      child.located.keyRange = key.range
      value[key.text] = child.value
      children.set(key.text, child.located)
      after = child.after
    }
    const isTwice = children.size < contents.items.length
    return isTwice ? undefined : this.#collection({ value, children, range: rangeOf(token, contents.rest, after) })
  }

  #sequence(token: CST.BlockSequence | CST.FlowCollection, depth: number): Node | undefined {
    const value: unknown[] = []
    const children = new Map<PathSegment, Placed>()
    const contents = contentsOf(token)
    if (contents === undefined) return undefined
    let after = token.offset
    for (const item of contents.items) {
      const child = this.#node(itemOf(item, token), depth + 1)
      if (child === undefined) return undefined
      children.set(value.length, child.located)
      value.push(child.value)
      after = child.after
    }
    return this.#collection({ value, children, range: rangeOf(token, contents.rest, after) })
  }

  #collection({ value, children, range }: CollectionParts): Node | undefined {
    if (range === undefined) return undefined
    return { value, located: new Placed(this.#lines, range, children), after: range[2] }
  }

  #key(token: CST.FlowScalar | undefined): Key | undefined {
    if (token === undefined) return undefined
    const { value: text, range } = CST.resolveAsScalar(token, true, this.#complain)
    if (token.type === 'scalar' && typeof typed(text) !== 'string') return undefined
    return text === '__proto__' || !isUsualValue(text, token) ? undefined : { text, range }
  }

  #scalar(token: CST.FlowScalar | CST.BlockScalar): Node | undefined {
    const { value: text, range } = CST.resolveAsScalar(token, true, this.#complain)
    const value = token.type === 'scalar' ? typed(text) : text
    const isUsual = typeof value === 'number' ? isExact(value, text) : isUsualValue(text, token)
    if (!isUsual) return undefined
    return { value, located: new Placed(this.#lines, range), after: range[2] }
  }
}

interface CollectionParts {
  readonly value: unknown
  readonly children: ReadonlyMap<PathSegment, Placed>
  readonly range: readonly [from: number, to: number, after: number] | undefined
}

interface Key {
  readonly text: string
  readonly range: Range
}

function isUsualText(text: string): boolean {
  return !holdsControl(text) && !holdsNul(text) && text.isWellFormed()
}

/** Only escapes can give a value what is nowhere in the file. */
function isUsualValue(value: string, { type, source }: CST.FlowScalar | CST.BlockScalar): boolean {
  return type !== 'double-quoted-scalar' || (isUsualText(value) && !isWindowsPath(source))
}

/** How text without quotes is told from numbers, truth values and nothing. */
const tags = new Schema({ schema: 'core' }).tags.filter(
  (tag): tag is ScalarTag => !tag.collection && tag.default === true,
)

/** What everything looks like that is not text; most text looks otherwise and needs no closer look. */
const LIKE_OTHERS = /^(?:[-+.\d~]|(?:null|true|false)?$)/i

function typed(text: string): unknown {
  if (!LIKE_OTHERS.test(text)) return text
  const tag = tags.find(({ test }) => test?.test(text))
  if (tag === undefined) return text
  const value = tag.resolve(text, () => undefined, {})
  return isScalar(value) ? value.value : value
}

import type { Alias, Document, LineCounter, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { LocatedNode, type Range, spanBetween, spanOf } from './location.ts'
import {
  BRACES,
  CONTROL_CHARACTER,
  duplicateKey,
  ENDLESS,
  escaped,
  INEXACT,
  KEY_FORBIDDEN,
  KEY_NOT_TEXT,
  MAX_DEPTH,
  MAX_ENTRIES,
  MAX_VALUES,
  NUL,
  type Refusal,
  type Repeated,
  repeatedKeys,
  SURROGATE,
  TOO_DEEP,
  TOO_LONG,
  TOO_MANY,
  UNKNOWN_ALIAS,
} from './refusals.ts'
import type { Alias as AliasPlace, Anchor, Located, PathSegment } from './source-document.ts'

interface Input {
  readonly text: string
  readonly file: string
  readonly document: Document.Parsed
  readonly lines: LineCounter
}

interface Output {
  readonly value: unknown
  readonly root: Located
  readonly anchors: readonly Anchor[]
  readonly aliases: readonly AliasPlace[]
  readonly diagnostics: readonly Diagnostic[]
}

interface LocatedValue {
  readonly value: unknown
  readonly located: LocatedNode
}

/** Turns a parsed document into a plain value and remembers where each key and value stands. */
export function plainValue(input: Input): Output {
  const builder = new ValueBuilder(input)
  const { value, located } = builder.build(input.document.contents, [])
  const { anchors, aliases, diagnostics } = builder
  return { value, root: located, anchors, aliases, diagnostics }
}

/** Guards what grows while it walks the document: the values made, the anchors met, the findings. */
class ValueBuilder {
  readonly diagnostics: Diagnostic[] = []
  readonly #input: Input
  readonly #anchors = new Map<string, Node>()
  readonly #anchorSpans = new Map<Node, AliasPlace>()
  readonly #repeated = new Set<Node>()
  readonly #aliases = new Map<Node, AliasPlace>()
  #values = 0

  constructor(input: Input) {
    this.#input = input
  }

  get anchors(): readonly Anchor[] {
    return [...this.#anchorSpans].map(([node, place]) => ({ ...place, isRepeated: this.#repeated.has(node) }))
  }

  get aliases(): readonly AliasPlace[] {
    return [...this.#aliases.values()]
  }

  /** `above` holds the nodes that are being written out, so that an alias to one of them is seen as endless. */
  build(node: Node | null | undefined, above: readonly Node[], rangeOfNothing = rangeOf(null)): LocatedValue {
    if (node === null || node === undefined) return { value: null, located: this.#located(rangeOfNothing) }
    const range = rangeOf(node)
    this.#values += 1
    if (this.#values > MAX_VALUES) return this.#refuse(range, TOO_MANY)
    if (above.length > MAX_DEPTH) return this.#refuse(range, TOO_DEEP)
    if (isAlias(node)) return this.#aliased(node, above, range)
    this.#remember(node, above)
    if (isMap(node)) return this.#map(node, above, range)
    if (isSeq(node)) return this.#sequence(node, above, range)
    return this.#scalar(node as Scalar, range)
  }

  #aliased(node: Alias, above: readonly Node[], range: Range): LocatedValue {
    const target = this.#anchors.get(node.source)
    this.#aliases.set(node, { name: node.source, span: this.#spanOf(range) })
    if (target === undefined) return this.#refuse(range, UNKNOWN_ALIAS)
    this.#repeated.add(target)
    if (above.includes(target)) return this.#refuse(range, ENDLESS)
    return this.build(target, [...above, node])
  }

  /** An alias means the nearest anchor above it, so anchors count where they stand and not where they are repeated. */
  #remember(node: Node, above: readonly Node[]): void {
    const { anchor } = node as { readonly anchor?: string }
    if (anchor === undefined || above.some(isAlias)) return
    this.#anchors.set(anchor, node)
    this.#anchorSpans.set(node, { name: anchor, span: this.#spanOfAnchor(anchor, node) })
  }

  /** The sign itself: a node begins behind its anchor. */
  #spanOfAnchor(anchor: string, node: Node): Span {
    const { lines, text } = this.#input
    const from = text.lastIndexOf(`&${anchor}`, node.range?.[0] ?? 0)
    return from === -1 ? this.#spanOf(rangeOf(node)) : spanBetween(lines, from, from + anchor.length + 1)
  }

  #map(node: YAMLMap, above: readonly Node[], range: Range): LocatedValue {
    const value: Record<string, unknown> = {}
    const children = new Map<PathSegment, LocatedNode>()
    const inside = [...above, node]
    const repeated: Repeated[] = []
    for (const pair of node.items as readonly Pair<Node | null, Node | null>[]) {
      const key = this.#key(pair.key)
      if (key === undefined) continue
      const keyRange = rangeOf(pair.key)
      const first = children.get(key)?.keyRange
      if (first !== undefined)
        repeated.push({ key, first: this.#spanOf(first), again: this.#spanOf(keyRange), range: keyRange })
      const child = this.build(pair.value, inside, pair.value === null ? keyRange : undefined)
      value[key] = child.value
      child.located.keyRange = first ?? keyRange
      children.set(key, child.located)
    }
    this.#refuseRepeated(repeated, above.length === 0)
    return { value, located: this.#located(range, children) }
  }

  /** Many repeated keys in a row are one mistake: a file or an entry that continues where another should begin. */
  #refuseRepeated(repeated: readonly Repeated[], isRoot: boolean): void {
    const [start] = repeated
    const names = new Set(repeated.map(({ key }) => key))
    if (start !== undefined && names.size > (isRoot ? 2 : 1)) this.#refuse(start.range, repeatedKeys(start, isRoot))
    else for (const one of repeated) this.#refuse(one.range, duplicateKey(one))
  }

  #sequence(node: YAMLSeq, above: readonly Node[], range: Range): LocatedValue {
    if (node.items.length > MAX_ENTRIES) return this.#refuse(range, TOO_LONG)
    const inside = [...above, node]
    const built = (node.items as readonly (Node | null)[]).map((item) => this.build(item, inside))
    return {
      value: built.map((item) => item.value),
      located: this.#located(range, new Map(built.map((item, index) => [index, item.located]))),
    }
  }

  #scalar(node: Scalar, range: Range): LocatedValue {
    const { value } = node
    if (typeof value === 'string') {
      this.#checkText(value, range)
      this.#checkControls(node, range)
    }
    if (typeof value === 'bigint' || (typeof value === 'number' && !isExact(value, node.source))) {
      return this.#refuse(range, INEXACT)
    }
    return { value, located: this.#located(range) }
  }

  #key(node: Node | null): string | undefined {
    const range = rangeOf(node)
    if (isMap(node) && this.#input.text[range[0] - 1] === '{') {
      this.#refuse(range, BRACES)
      return undefined
    }
    if (!isScalar(node) || typeof node.value !== 'string') {
      this.#refuse(range, KEY_NOT_TEXT)
      return undefined
    }
    this.#checkText(node.value, range)
    if (node.value === '__proto__') {
      this.#refuse(range, KEY_FORBIDDEN)
      return undefined
    }
    return node.value
  }

  #checkText(text: string, range: Range): void {
    if (hasNul(text)) this.#refuse(range, NUL)
    if (!text.isWellFormed()) this.#refuse(range, SURROGATE)
  }

  /** A backslash of a pattern or path that means a control character in double quotes, or such a character itself. */
  #checkControls({ value, type }: Scalar, range: Range): void {
    const [from, to] = range
    const written = this.#input.text.slice(from, to)
    if (!hasControl(String(value)) && !(type === 'QUOTE_DOUBLE' && isWindowsPath(written))) return
    const lone = [...written.matchAll(/\\[^\r\n]/g)].filter(([pair]) => pair !== '\\\\' && pair !== '\\"')
    const [first] = lone
    if (type !== 'QUOTE_DOUBLE' || first === undefined) this.#refuse(range, CONTROL_CHARACTER)
    else
      this.#refuse(
        range,
        escaped(
          first[0],
          lone.map(({ index }) => from + index),
        ),
      )
  }

  #refuse(range: Range, refusal: Refusal): LocatedValue {
    const { file } = this.#input
    // One endless or overflowing alias meets its limit many times: once is enough to say so.
    const known = this.diagnostics.some(({ code }) => code === refusal.code)
    if (!known || refusal.every)
      this.diagnostics.push({ code: refusal.code, file, span: this.#spanOf(range), ...refusal.text })
    return { value: null, located: this.#located(range) }
  }

  #spanOf(range: Range): Span {
    return spanOf(this.#input.lines, range)
  }

  #located(range: Range, children?: ReadonlyMap<PathSegment, Located>): LocatedNode {
    return new LocatedNode(this.#input.lines, range, children)
  }
}

const START: Range = [0, 0]

function rangeOf(node: Node | null): Range {
  return node?.range ?? START
}

/** Control characters that no text of a definition may contain; tabs and line ends are fine. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/

function hasControl(text: string): boolean {
  return CONTROL.test(text)
}

function hasNul(text: string): boolean {
  return text.includes('\u0000')
}

/** Whether a value, as written, is a Windows path whose backslashes are escape sequences. */
function isWindowsPath(written: string): boolean {
  return /^"[A-Za-z]:\\[a-z]/.test(written)
}

/** Whether a number is read as written: not infinite, and without lost digits beyond 2^53. */
function isExact(value: number, source: string | undefined): boolean {
  if (!Number.isFinite(value)) return false
  return !Number.isInteger(value) || Number.isSafeInteger(value) || /[.eE]/.test(source ?? '')
}

import type { Alias, Document, LineCounter, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Diagnostic, Fix, Span } from '../diagnostics/diagnostic.ts'
import { DEEPEST, holdsControl, holdsNul, isExact, isWindowsPath, MOST_VALUES } from './accepted.ts'
import { Placed, type Range, spanOf } from './placed.ts'
import type { Alias as AliasPlace, Anchor, Located, PathSegment } from './source-document.ts'
import { spanBetween } from './span.ts'

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

interface Built {
  readonly value: unknown
  readonly located: Placed
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
  build(node: Node | null | undefined, above: readonly Node[], rangeOfNothing = rangeOf(null)): Built {
    if (node === null || node === undefined) return { value: null, located: this.#placed(rangeOfNothing) }
    const range = rangeOf(node)
    this.#values += 1
    if (this.#values > MOST_VALUES) return this.#refuse(range, TOO_MANY)
    if (above.length > DEEPEST) return this.#refuse(range, TOO_DEEP)
    if (isAlias(node)) return this.#aliased(node, above, range)
    this.#remember(node, above)
    if (isMap(node)) return this.#map(node, above, range)
    if (isSeq(node)) return this.#sequence(node, above, range)
    return this.#scalar(node as Scalar, range)
  }

  #aliased(node: Alias, above: readonly Node[], range: Range): Built {
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

  #map(node: YAMLMap, above: readonly Node[], range: Range): Built {
    const value: Record<string, unknown> = {}
    const children = new Map<PathSegment, Placed>()
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
    return { value, located: this.#placed(range, children) }
  }

  /** Many keys in a row are one slip: a file or an entry that goes on where another should begin. */
  #refuseRepeated(repeated: readonly Repeated[], isRoot: boolean): void {
    const [start] = repeated
    const names = new Set(repeated.map(({ key }) => key))
    if (start !== undefined && names.size > (isRoot ? 2 : 1)) this.#refuse(start.range, repeatedKeys(start, isRoot))
    else for (const one of repeated) this.#refuse(one.range, duplicateKey(one))
  }

  #sequence(node: YAMLSeq, above: readonly Node[], range: Range): Built {
    const inside = [...above, node]
    const built = (node.items as readonly (Node | null)[]).map((item) => this.build(item, inside))
    return {
      value: built.map((item) => item.value),
      located: this.#placed(range, new Map(built.map((item, index) => [index, item.located]))),
    }
  }

  #scalar(node: Scalar, range: Range): Built {
    const { value } = node
    if (typeof value === 'string') {
      this.#checkText(value, range)
      this.#checkControls(node, range)
    }
    if (typeof value === 'bigint' || (typeof value === 'number' && !isExact(value, node.source))) {
      return this.#refuse(range, INEXACT)
    }
    return { value, located: this.#placed(range) }
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
    if (holdsNul(text)) this.#refuse(range, NUL)
    if (!text.isWellFormed()) this.#refuse(range, SURROGATE)
  }

  /** A backslash of a pattern or path that means a control character in double quotes, or such a character itself. */
  #checkControls({ value, type }: Scalar, range: Range): void {
    const [from, to] = range
    const written = this.#input.text.slice(from, to)
    if (!holdsControl(String(value)) && !(type === 'QUOTE_DOUBLE' && isWindowsPath(written))) return
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

  #refuse(range: Range, refusal: Refusal): Built {
    const { file } = this.#input
    // One endless or overflowing alias meets its limit many times: once is enough to say so.
    const known = this.diagnostics.some(({ code }) => code === refusal.code)
    if (!known || refusal.every)
      this.diagnostics.push({ code: refusal.code, file, span: this.#spanOf(range), ...refusal.text })
    return { value: null, located: this.#placed(range) }
  }

  #spanOf(range: Range): Span {
    return spanOf(this.#input.lines, range)
  }

  #placed(range: Range, children?: ReadonlyMap<PathSegment, Located>): Placed {
    return new Placed(this.#input.lines, range, children)
  }
}

const START: Range = [0, 0]

function rangeOf(node: Node | null): Range {
  return node?.range ?? START
}

interface Refusal {
  readonly code: string
  readonly every: boolean
  readonly text: { readonly message: string; readonly help: string; readonly fix?: Fix }
}

const CONTROL_CHARACTER: Refusal = {
  code: 'load/control-character',
  every: true,
  text: { message: 'the text holds a control character', help: 'remove it; nobody can see it' },
}

const NAMES: Readonly<Record<string, string>> = {
  b: 'a backspace',
  t: 'a tab',
  n: 'a line break',
  r: 'a line break',
  f: 'a form feed',
  a: 'a bell',
  e: 'an escape character',
  v: 'a vertical tab',
}

function escaped(pair: string, places: readonly number[]): Refusal {
  const letter = pair.charAt(1)
  return {
    code: 'load/control-character',
    every: true,
    text: {
      message: `"${pair}" in double quotes is ${NAMES[letter] ?? 'a control character'}, not a backslash and ${letter}`,
      help: 'write \\\\ for a backslash, or put the text in single quotes',
      fix: {
        summary: places.length === 1 ? 'double the backslash' : 'double the backslashes',
        edits: places.map((at) => ({ from: at, to: at, text: '\\' })),
      },
    },
  }
}

const TOO_MANY: Refusal = {
  code: 'load/too-many-values',
  every: false,
  text: {
    message: `the file holds more than ${MOST_VALUES} values once its aliases are written out`,
    help: 'do not build aliases out of aliases: write the values out',
  },
}
const TOO_DEEP: Refusal = {
  code: 'load/too-deep',
  every: false,
  text: {
    message: `nested more than ${DEEPEST} levels deep`,
    help: 'look for brackets or dashes that are opened and never closed',
  },
}
const UNKNOWN_ALIAS: Refusal = {
  code: 'load/unknown-alias',
  every: true,
  text: {
    message: 'the alias names no anchor above it',
    help: 'put text that begins with "*" in quotes, or define the anchor (&name) first',
  },
}
interface Repeated {
  readonly key: string
  readonly first: Span
  readonly again: Span
  readonly range: Range
}

function repeatedKeys({ first, again }: Repeated, isRoot: boolean): Refusal {
  const text = isRoot
    ? { message: `from line ${again.start.line} the file repeats itself`, help: 'delete one of the two copies' }
    : {
        message: `from here the fields are those that began on line ${first.start.line}`,
        help: 'begin each entry of a list with "- ", and each field with its own name',
      }
  return { code: 'load/duplicate-key', every: true, text }
}

function duplicateKey({ key, first }: Repeated): Refusal {
  return {
    code: 'load/duplicate-key',
    every: true,
    text: {
      message: `"${key}" stands here once more; the first is on line ${first.start.line}`,
      help: 'keep one of them; the last would hide the others',
    },
  }
}
const ENDLESS: Refusal = {
  code: 'load/endless-alias',
  every: true,
  text: { message: 'the alias stands for something that contains it', help: 'write the value out instead' },
}
const INEXACT: Refusal = {
  code: 'load/inexact-number',
  every: true,
  text: {
    message: 'the number cannot be held exactly',
    help: 'quote it: ids are text; infinity and NaN have no place in a definition',
  },
}
const KEY_NOT_TEXT: Refusal = {
  code: 'load/key-not-text',
  every: true,
  text: { message: 'a name must be text', help: 'write it in words, or put it in quotes' },
}
const BRACES: Refusal = {
  code: 'load/key-not-text',
  every: true,
  text: { message: 'text that begins with "{" needs quotes', help: 'put the whole text in quotes' },
}
const KEY_FORBIDDEN: Refusal = {
  code: 'load/forbidden-key',
  every: true,
  text: { message: 'no key may be called "__proto__"', help: 'choose another name' },
}
const NUL: Refusal = {
  code: 'load/nul',
  every: true,
  text: { message: 'the text holds a NUL character', help: 'remove it: PostgreSQL cannot store it' },
}
const SURROGATE: Refusal = {
  code: 'load/lone-surrogate',
  every: true,
  text: {
    message: 'the text holds half of a surrogate pair',
    help: 'write the character itself, or \\U with eight digits: PostgreSQL cannot store half a pair',
  },
}

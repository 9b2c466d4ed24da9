import type { Position, Span } from '../../diagnostics/diagnostic.ts'
import { namesIn } from '../../load/samples.ts'
import type { Located, PathSegment, SourceDocument, ValuePath } from '../../load/source-document.ts'
import { leavesOf } from '../rules/leaves.ts'

/** A piece of what makes a definition, as text, and where it stands. */
export interface ScannedText {
  readonly text: string
  readonly path: ValuePath
  /** Missing where the path says it. */
  readonly span?: Span
  /** The file that the text comes from, where it is not the definition itself. */
  readonly sample?: string
}

/** Everything that a definition brings into the registry: its values and keys, its comments, its sample deliveries. */
export function scannedTextsOf(document: SourceDocument): readonly ScannedText[] {
  const found: ScannedText[] = []
  for (const scanned of [...valuesIn(document), ...commentsIn(document), ...samplesOf(document)]) {
    const text = unescaped(scanned.text)
    found.push(scanned)
    if (text !== scanned.text) found.push({ ...scanned, text })
  }
  return found
}

/** Each value behind its key, which tells a telephone number from an id. */
function valuesIn({ value: whole }: SourceDocument): readonly ScannedText[] {
  const found: ScannedText[] = []
  for (const { value, path } of leavesOf(whole)) {
    if (typeof value !== 'string' && typeof value !== 'number') continue
    found.push({ text: `${path.findLast((segment) => typeof segment === 'string') ?? ''}: ${value}`, path })
  }
  return found
}

/** The sign comes first, so that nothing is tried where there is none. */
const COMMENT = /#(?<=(?:^|[ \t])#)[^\n\r]*/gm

/** A sign # inside of a value is taken for a comment too: what is found there is found twice, and told once. */
function commentsIn({ text, root }: SourceDocument): readonly ScannedText[] {
  const found: ScannedText[] = []
  let last: Position = { line: 1, column: 1, offset: 0 }
  for (const match of text.matchAll(COMMENT)) {
    const start = positionAfter(text, last, match.index)
    const end = { ...start, column: start.column + match[0].length, offset: start.offset + match[0].length }
    found.push({ text: match[0], path: pathNear(root, match.index), span: { start, end } })
    last = start
  }
  return found
}

function samplesOf({ value, samples = new Map() }: SourceDocument): readonly ScannedText[] {
  const files = new Map(
    namesIn(value)
      .map(({ name, path }) => [name, path] as const)
      .reverse(),
  )
  return [...samples].map(([sample, text]) => ({ text, sample, path: files.get(sample) ?? [] }))
}

function positionAfter(text: string, from: Position, offset: number): Position {
  const between = text.slice(from.offset, offset)
  const lines = between.split('\n')
  const before = lines.at(-1)?.length ?? 0
  return { line: from.line + lines.length - 1, column: lines.length === 1 ? from.column + before : before + 1, offset }
}

/** The path of what an offset lies in, or, between two values, of the one above; it is never that of the whole file. */
function pathNear(root: Located, offset: number): ValuePath {
  const path: PathSegment[] = []
  let located: Located | undefined = root
  while (located?.children !== undefined && located.children.size > 0) {
    const children: readonly (readonly [PathSegment, Located])[] = [...located.children]
    const above = children.findLast(([, child]) => (child.key ?? child.value).start.offset <= offset)
    const next = above ?? (path.length === 0 ? children[0] : undefined)
    if (next === undefined) return path
    path.push(next[0])
    located = next[1].value.end.offset < offset ? undefined : next[1]
  }
  return path
}

/** JSON and forms have other ways of writing the signs that addresses and tokens are made of. */
function unescaped(text: string): string {
  if (!/\\[/u]|%[2-7]/.test(text)) return text
  return text
    .replaceAll('\\/', '/')
    .replace(/(?:\\u00|%)([2-7][0-9A-Fa-f])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

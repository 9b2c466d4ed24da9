import type { Span } from '../diagnostics/diagnostic.ts'

export type PathSegment = string | number
/** From the root of a document to one of its values: `['events', 'lead_generated', 'idempotency_key', 0]`. */
export type ValuePath = readonly PathSegment[]

/** Where a value stands, its key if it has one, and the same of everything inside it. */
export interface Located {
  readonly value: Span
  readonly key?: Span | undefined
  readonly children?: ReadonlyMap<PathSegment, Located>
}

/** `&name` before a value. */
export interface Anchor extends Alias {
  /** Whether some alias stands for the value. */
  readonly isRepeated: boolean
}

/** `*name` in place of a value. */
export interface Alias {
  readonly name: string
  readonly span: Span
}

/** One YAML file as a plain value, with the place of every key and value. */
export interface SourceDocument {
  /** Path of the file, as the user would type it. */
  readonly file: string
  /** File name without folder and extension. */
  readonly stem: string
  readonly text: string
  readonly value: unknown
  readonly root: Located
  readonly anchors: readonly Anchor[]
  /** Where an anchor is repeated. */
  readonly aliases: readonly Alias[]
  /** Texts of the sample files that the document names, by the name that it gives them. */
  readonly samples?: ReadonlyMap<string, string>
  /** What the scan for secrets and personal data found in all of this; missing before the scan. */
  readonly sensitiveData?: readonly SensitiveData[]
  /** Why verification refused samples that have a proof, by their index; missing before verification. */
  readonly refusals?: ReadonlyMap<number, string>
  /** Differences between the answers in sample handshakes and those of the kit; missing before verification. */
  readonly mismatches?: readonly Mismatch[]
}

/** A place where a sample differs from what the kit does. */
export interface Mismatch {
  readonly path: ValuePath
  readonly message: string
  readonly help?: string
}

/** Something in a document, or in one of its samples, that looks like a secret or like data of a person. */
export interface SensitiveData {
  readonly kind: 'secret' | 'personal data'
  /** What it looks like, with its article. */
  readonly what: string
  readonly path: ValuePath
  /** Where the path does not say it, as for comments. */
  readonly span?: Span
  /** Where it stands in a sample file. */
  readonly sample?: { readonly file: string; readonly line: number }
}

/** The span of the value at a path; where it is missing, of the nearest thing around it that is there. */
export function locateValue(document: SourceDocument, path: ValuePath): Span {
  const { located, complete } = walk(document.root, path)
  // The whole body of a mapping says less than its key when something inside it is missing.
  return complete ? located.value : (located.key ?? startOf(located.value))
}

/** The span of the key at a path; for what has no key, of its value. */
export function locateKey(document: SourceDocument, path: ValuePath): Span {
  const { located } = walk(document.root, path)
  return located.key ?? startOf(located.value)
}

function walk(root: Located, path: ValuePath): { readonly located: Located; readonly complete: boolean } {
  let located = root
  for (const segment of path) {
    const child = located.children?.get(segment)
    if (child === undefined) return { located, complete: false }
    located = child
  }
  return { located, complete: true }
}

function startOf(span: Span): Span {
  return { start: span.start, end: span.start }
}

import type { ErrorObject } from 'ajv'
import type { Fix, Span } from '../../diagnostics/diagnostic.ts'
import type { PathSegment, SourceDocument, ValuePath } from '../../load/source-document.ts'
import { locateValue } from '../../load/source-document.ts'

/** What a breach of the format is called, and where it is shown. */
export interface Wording {
  readonly code: string
  readonly message: string
  readonly help: string
  /** Below the value at which the schema failed. */
  readonly below?: PathSegment
  readonly at: 'key' | 'value'
  /** Where neither is what the finding is about. */
  readonly span?: Span
  /** Where there is one right answer that the wording itself names. */
  readonly fix?: Fix
}

/** A breach of the format, as the validator gives it, and the path of the value. */
export interface Breach {
  readonly document: SourceDocument
  readonly error: ErrorObject
  readonly path: ValuePath
}

export type SchemaNode = Readonly<Record<string, unknown>>

/** What the format says of the value that a breach is about. */
export function schemaOf({ error }: Breach): SchemaNode {
  return (error.parentSchema ?? {}) as SchemaNode
}

/** A value as its author wrote it. */
export function writtenAt({ document, path }: Breach): { readonly text: string; readonly span: Span } {
  const span = locateValue(document, path)
  return { text: document.text.slice(span.start.offset, span.end.offset), span }
}

/** Puts another text in the place of a value. */
export function rewriting({ start, end }: Span, text: string): Fix {
  return { summary: `write ${text}`, edits: [{ from: start.offset, to: end.offset, text }] }
}

/** The nearest name on the way to a value; of an entry of a list, that of the list. */
export function nameOf(path: ValuePath): string {
  return String(path.findLast((segment) => typeof segment === 'string') ?? 'the definition')
}

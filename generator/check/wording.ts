import type { ErrorObject } from 'ajv'
import type { Span } from '../diagnostics/diagnostic.ts'
import type { PathSegment, SourceDocument, ValuePath } from '../load/source-document.ts'

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
}

/** A breach of the format, as the validator gives it, and the path of the value. */
export interface Breach {
  readonly document: SourceDocument
  readonly error: ErrorObject
  readonly path: ValuePath
}

import type { ErrorObject } from 'ajv'
import type { Fix, Span } from '../../diagnostics/diagnostic.ts'
import type { PathSegment, SourceDocument, ValuePath } from '../../load/source-document.ts'
import { locateValue } from '../../load/source-document.ts'
import type { schemaDiagnostics } from '../schema-diagnostics.ts'

type Unprefixed<Code> = Code extends `schema/${infer Name}` ? Name : never

export type SchemaCode = Unprefixed<keyof typeof schemaDiagnostics>

/** How a violation of the format is reported: its code, its words and its place. */
export interface Message {
  /** Without its folder: `type` for schema/type. */
  readonly code: SchemaCode
  readonly message: string
  readonly help: string
  /** Below the value at which the schema failed. */
  readonly below?: PathSegment
  readonly at: 'key' | 'value'
  /** Where neither is what the finding is about. */
  readonly span?: Span
  /** Where there is one right answer that the message itself proposes. */
  readonly fix?: Fix
}

/** A violation of the format, as the validator gives it, and the path of the value. */
export interface SchemaViolation {
  readonly document: SourceDocument
  readonly error: ErrorObject
  readonly path: ValuePath
}

const CODES: Readonly<Record<string, SchemaCode>> = {
  pattern: 'pattern',
  format: 'format',
  enum: 'enum',
  maxLength: 'too-long',
  minimum: 'too-small',
  maximum: 'too-large',
  maxItems: 'too-many',
  maxProperties: 'too-many',
}

/** The code of a keyword that limits a value of the right type. */
export function codeOf({ error }: SchemaViolation): SchemaCode {
  return CODES[error.keyword] ?? 'type'
}

export type SchemaNode = Readonly<Record<string, unknown>>

/** What the format says of the value that a violation is about. */
export function schemaOf({ error }: SchemaViolation): SchemaNode {
  return (error.parentSchema ?? {}) as SchemaNode
}

/** A value as its author wrote it. */
export function writtenAt({ document, path }: SchemaViolation): { readonly text: string; readonly span: Span } {
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

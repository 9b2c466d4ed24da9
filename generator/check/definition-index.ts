import type { Definition, Event } from '../compiled/definition.ts'
import type { ValuePath } from '../load/source-document.ts'

/** What rules across definitions read of one: small enough to keep that of a whole registry in memory. */
export interface DefinitionIndex {
  /** Path of the file, as the user would type it. */
  readonly file: string
  /** The top-level parts that are valid by the format; an optional one may be absent. */
  readonly validParts: readonly string[]
  readonly definition: IndexedDefinition
}

export interface IndexedDefinition extends Pick<Definition, 'code' | 'namespace' | 'replaced_by'> {
  /** Name of the registry; missing if it has none. */
  readonly registry?: string
  readonly events: Readonly<Record<string, Pick<Event, 'version' | 'smart_code'>>>
}

/** A finding of a rule across definitions, about one of them. */
export interface CrossFileFinding {
  readonly file: string
  readonly code: string
  readonly path: ValuePath
  readonly message: string
  readonly help: string
  /** Whether it is about the key or the value at the path. */
  readonly at: 'key' | 'value'
}

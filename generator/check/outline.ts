import type { Definition, Event } from '../compiled/definition.ts'
import type { ValuePath } from '../load/source-document.ts'

/** What rules across definitions see of one: little enough to hold that of a whole registry in memory. */
export interface Outline {
  /** Path of the file, as the user would type it. */
  readonly file: string
  /** The top-level parts that are there, where they have to be, and fit the format. */
  readonly sound: readonly string[]
  readonly definition: Outlined
}

export interface Outlined extends Pick<Definition, 'code' | 'namespace' | 'replaced_by'> {
  readonly events: Readonly<Record<string, Pick<Event, 'version' | 'smart_code'>>>
}

/** What a rule across definitions says of one of them. */
export interface AcrossFinding {
  readonly file: string
  readonly code: string
  readonly path: ValuePath
  readonly message: string
  readonly help: string
  /** Whether it is about the key or the value at the path. */
  readonly at: 'key' | 'value'
}

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { ValuePath } from '../load/source-document.ts'

/** A diagnostic, and the path of the value that it is about: waivers and later checks go by the path. */
export interface Finding {
  readonly path: ValuePath
  readonly diagnostic: Diagnostic
}

import { basename } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { withSoundFixes } from './mending.ts'
import { withCauses } from './misplaced.ts'

/** The findings of one file as they are reported: what has one cause as one, and no fix that would not mend it. */
export function reviewed(
  { file, text }: { readonly file: string; readonly text: string },
  findings: readonly Diagnostic[],
): readonly Diagnostic[] {
  const source = { file, stem: stemOf(file), text }
  return withSoundFixes(source, withCauses(source, findings))
}

/** File name without folder and extension. */
export function stemOf(file: string): string {
  return basename(file, '.yaml')
}

import { basename } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { withVerifiedFixes } from './apply-fixes.ts'
import { withRootCauses } from './indentation-repair.ts'

/** The findings of one file as they are reported: findings of one cause as one, and only fixes that are verified. */
export function reviewed(
  { file, text }: { readonly file: string; readonly text: string },
  findings: readonly Diagnostic[],
): readonly Diagnostic[] {
  const source = { file, stem: stemOf(file), text }
  return withVerifiedFixes(source, withRootCauses(source, findings))
}

/** File name without folder and extension. */
export function stemOf(file: string): string {
  return basename(file, '.yaml')
}

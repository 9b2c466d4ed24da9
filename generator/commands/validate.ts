import { count } from '../text/count.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import { readRegistry } from './read-registry.ts'

/** Holds every definition against the format and the rules. */
export async function validate(options: { readonly definitions: string }): Promise<Outcome> {
  const reading = await readRegistry(options.definitions)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  return {
    exitCode: 0,
    findings: [],
    json: { ok: true, files: reading.fileCount, findings: [] },
    text: (colors) => `${colors.green('valid')}: ${count(reading.fileCount, 'definition')}`,
  }
}

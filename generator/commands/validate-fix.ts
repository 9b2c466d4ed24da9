import type { AppliedFix } from '../check/apply-fixes.ts'
import { applyFixes, withoutFix } from '../check/apply-fixes.ts'
import { stemOf } from '../check/review.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { replaceFile } from '../files/replace.ts'
import { fileOf, listDefinitions } from '../load/list-definitions.ts'
import { readDefinition } from '../load/load.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import type { RegistryReading } from '../pipeline/pipeline.ts'
import { readRegistry } from '../pipeline/pipeline.ts'

/** Applies every fix in folders of definitions, and puts fields in order; returns the fixes and the findings that remain. */
export async function fixDefinitions(
  folders: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly fixed: readonly AppliedFix[]; readonly reading: RegistryReading }> {
  const before = await readRegistry(folders, options)
  const fixed: AppliedFix[] = []
  // Files without findings too: the order of fields is not a finding.
  for (const folder of folders) {
    for (const name of listDefinitions(folder)) {
      const text = readDefinition(folder, name)
      if (typeof text === 'string') fixed.push(...(await fixFile(fileOf(folder, name), text)))
    }
  }
  const reading = fixed.length === 0 ? before : await readRegistry(folders, options)
  // A fix that could not be applied is not offered again.
  return { fixed, reading: { ...reading, diagnostics: reading.diagnostics.map(withoutFix) } }
}

async function fixFile(file: string, before: string): Promise<readonly AppliedFix[]> {
  const { text: after, fixed } = applyFixes({ file, stem: stemOf(file), text: before })
  if (fixed.length > 0 && !(await replaceFile({ path: file, before, after })))
    throw new OperationalError(`"${file}" was changed while it was being fixed`, {
      help: 'save it, and run the command again',
    })
  return fixed
}

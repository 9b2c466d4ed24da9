import type { Mended } from '../check/mending.ts'
import { mendText, withoutFix } from '../check/mending.ts'
import { stemOf } from '../check/review.ts'
import { Fault } from '../diagnostics/fault.ts'
import { replaceFile } from '../files/replace.ts'
import type { RunOptions } from '../pipeline/build.ts'
import type { RegistryReading } from '../pipeline/pipeline.ts'
import { readRegistry } from '../pipeline/pipeline.ts'

/** Applies every fix in a folder of definitions; returns the fixes and the findings that remain. */
export async function fixDefinitions(
  folder: string,
  options: RunOptions = {},
): Promise<{ readonly mended: readonly Mended[]; readonly reading: RegistryReading }> {
  const before = await readRegistry(folder, options)
  const mended: Mended[] = []
  for (const [file, text] of before.texts) {
    if (before.diagnostics.some((finding) => finding.file === file && finding.fix !== undefined))
      mended.push(...(await fixFile(file, text)))
  }
  const reading = mended.length === 0 ? before : await readRegistry(folder, options)
  // A fix that could not be applied is not offered again.
  return { mended, reading: { ...reading, diagnostics: reading.diagnostics.map(withoutFix) } }
}

async function fixFile(file: string, before: string): Promise<readonly Mended[]> {
  const { text: after, mended } = mendText({ file, stem: stemOf(file), text: before })
  if (mended.length > 0 && !(await replaceFile({ path: file, before, after })))
    throw new Fault(`"${file}" was changed while it was being mended`, { help: 'save it, and run the command again' })
  return mended
}

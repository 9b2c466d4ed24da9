import type { Mended } from '../check/mending.ts'
import { mendText, withoutFix } from '../check/mending.ts'
import { stemOf } from '../check/review.ts'
import { Fault } from '../diagnostics/fault.ts'
import { replaceFile } from '../output/replace-file.ts'
import type { Reading } from './read-registry.ts'
import { readRegistry } from './read-registry.ts'

/** Mends what has one right answer in every definition of a folder; gives what was mended and how things stand then. */
export async function mend(folder: string): Promise<{ readonly mended: readonly Mended[]; readonly reading: Reading }> {
  const before = await readRegistry(folder)
  const mended: Mended[] = []
  for (const [file, text] of before.texts) {
    if (before.diagnostics.some((finding) => finding.file === file && finding.fix !== undefined))
      mended.push(...(await mendFile(file, text)))
  }
  const reading = mended.length === 0 ? before : await readRegistry(folder)
  // What could not be done is not promised again.
  return { mended, reading: { ...reading, diagnostics: reading.diagnostics.map(withoutFix) } }
}

async function mendFile(file: string, before: string): Promise<readonly Mended[]> {
  const { text: after, mended } = mendText({ file, stem: stemOf(file), text: before })
  if (mended.length > 0 && !(await replaceFile({ path: file, before, after })))
    throw new Fault(`"${file}" was changed while it was being mended`, { help: 'save it, and run the command again' })
  return mended
}

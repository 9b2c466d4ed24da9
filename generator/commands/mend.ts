import { check } from '../check/check.ts'
import type { Diagnostic, Edit } from '../diagnostics/diagnostic.ts'
import { Fault } from '../diagnostics/fault.ts'
import { parse } from '../load/parse.ts'
import { replaceFile } from '../output/replace-file.ts'
import type { Reading } from './read-registry.ts'
import { readRegistry } from './read-registry.ts'

/** Each pass mends what stands apart; what overlaps, or shows only then, comes in the next one. */
const MOST_PASSES = 20

/** Mends what has one right answer in every definition of a folder; gives what was mended and how things stand then. */
export async function mend(
  folder: string,
): Promise<{ readonly mended: readonly Diagnostic[]; readonly reading: Reading }> {
  const mended: Diagnostic[] = []
  let reading = await readRegistry(folder)
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const done = await mendOnce(reading)
    if (done.length === 0) break
    mended.push(...done)
    reading = await readRegistry(folder)
  }
  return { mended, reading }
}

async function mendOnce({ diagnostics, texts }: Reading): Promise<readonly Diagnostic[]> {
  const done: Diagnostic[] = []
  for (const [file, before] of texts) {
    const chosen = applicable(diagnostics.filter((diagnostic) => diagnostic.file === file))
    const after = edited(before, chosen.flatMap(editsOf))
    if (chosen.length === 0 || !isBetter(file, { before, after })) continue
    if (!(await replaceFile({ path: file, before, after }))) {
      throw new Fault(`"${file}" was changed while it was being mended`, { help: 'save it, and run the command again' })
    }
    done.push(...chosen)
  }
  return done
}

/** Fixes that do not touch each other, in the order of the file. */
function applicable(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const chosen: Diagnostic[] = []
  for (const finding of findings) {
    const edits = editsOf(finding)
    const taken = chosen.flatMap(editsOf)
    if (edits.length > 0 && !edits.some((edit) => taken.some((other) => overlaps(edit, other)))) chosen.push(finding)
  }
  return chosen
}

function editsOf({ fix }: Diagnostic): readonly Edit[] {
  return fix?.edits ?? []
}

function overlaps(left: Edit, right: Edit): boolean {
  return left.from < right.to && right.from < left.to
}

function edited(text: string, edits: readonly Edit[]): string {
  const last = edits.toSorted((left, right) => right.from - left.from)
  return last.reduce((current, edit) => current.slice(0, edit.from) + edit.text + current.slice(edit.to), text)
}

/** A mended file has fewer findings than before, or the author's text is left as it was. */
function isBetter(file: string, { before, after }: { readonly before: string; readonly after: string }): boolean {
  return severityOf(file, after) < severityOf(file, before)
}

/** Unreadable text weighs more than all that could be found in a text that can be read. */
function severityOf(file: string, text: string): number {
  const { document, diagnostics } = parse({ file, stem: '', text })
  const findings = document === undefined ? [] : check([document]).diagnostics
  return document === undefined ? 1_000_000 + diagnostics.length : diagnostics.length + findings.length
}

import { basename, resolve } from 'node:path'
import { check } from '../check/check.ts'
import { inspect } from '../check/inspection/inspect.ts'
import { reviewed } from '../check/review.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { load } from '../load/load.ts'
import type { Registry } from '../model/connector.ts'
import { model } from '../model/model.ts'
import { emptyFolder, explainFolder } from './definitions-folder-errors.ts'

export interface Reading {
  /** All connectors without a finding; the whole registry only where there is no finding at all. */
  readonly registry: Registry
  readonly diagnostics: readonly Diagnostic[]
  readonly texts: ReadonlyMap<string, string>
  /** How many definitions were looked at. */
  readonly fileCount: number
}

/** Loads, checks and models every definition in a folder. */
export async function readRegistry(folder: string): Promise<Reading> {
  const loaded = await load(folder).catch(explainFolder(folder))
  const checked = check(await inspect(loaded.documents))
  const diagnostics = reviewedByFile([...loaded.diagnostics, ...checked.diagnostics], loaded.texts)
  const unread = new Set(loaded.diagnostics.map(({ file }) => file)).size
  const fileCount = loaded.documents.length + unread
  if (fileCount === 0) throw emptyFolder(folder)
  return { registry: model(checked.definitions.map(placed(folder))), diagnostics, texts: loaded.texts, fileCount }
}

/** Each file's findings in one view; of what could not be read as text there is nothing to review. */
function reviewedByFile(found: readonly Diagnostic[], texts: ReadonlyMap<string, string>): readonly Diagnostic[] {
  const byFile = new Map<string, Diagnostic[]>()
  for (const finding of found) {
    const others = byFile.get(finding.file)
    if (others === undefined) byFile.set(finding.file, [finding])
    else others.push(finding)
  }
  const all = [...byFile].flatMap(([file, findings]) => {
    const text = texts.get(file)
    return text === undefined ? findings : reviewed({ file, text }, findings)
  })
  return all.sort(compareDiagnostics)
}

/** Output names a definition by its folder's own name, so that it is the same wherever the folder lies. */
function placed(folder: string) {
  return ({ document, definition }: ReturnType<typeof check>['definitions'][number]) => ({
    file: `${basename(resolve(folder))}/${document.stem}.yaml`,
    definition,
    ...(document.samples === undefined ? {} : { samples: document.samples }),
  })
}

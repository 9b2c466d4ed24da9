import { basename, resolve } from 'node:path'
import { check } from '../check/check.ts'
import { inspect } from '../check/inspection/inspect.ts'
import { reviewed } from '../check/review.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { load } from '../load/load.ts'
import type { Registry } from '../model/connector.ts'
import { model } from '../model/model.ts'
import { emptyFolder, explainFolder } from './definitions-folder.ts'

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
  const found = [...loaded.diagnostics, ...checked.diagnostics]
  const diagnostics = [
    ...found.filter(({ file }) => !loaded.texts.has(file)),
    ...[...loaded.texts].flatMap(([file, text]) =>
      reviewed(
        { file, text },
        found.filter((finding) => finding.file === file),
      ),
    ),
  ].sort(compareDiagnostics)
  const unread = new Set(loaded.diagnostics.map(({ file }) => file)).size
  const fileCount = loaded.documents.length + unread
  if (fileCount === 0) throw emptyFolder(folder)
  return { registry: model(checked.definitions.map(placed(folder))), diagnostics, texts: loaded.texts, fileCount }
}

/** Output names a definition by its folder's own name, so that it is the same wherever the folder lies. */
function placed(folder: string) {
  return ({ document, definition }: ReturnType<typeof check>['definitions'][number]) => ({
    file: `${basename(resolve(folder))}/${document.stem}.yaml`,
    definition,
    ...(document.samples === undefined ? {} : { samples: document.samples }),
  })
}

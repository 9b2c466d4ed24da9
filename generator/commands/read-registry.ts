import { basename, resolve } from 'node:path'
import { check } from '../check/check.ts'
import { inspect } from '../check/inspection/inspect.ts'
import { withSoundFixes } from '../check/mending.ts'
import { withCauses } from '../check/misplaced.ts'
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
    ...[...loaded.texts].flatMap(([file, text]) => reviewed({ file, text }, found)),
  ].sort(compareDiagnostics)
  const unread = new Set(loaded.diagnostics.map(({ file }) => file)).size
  const fileCount = loaded.documents.length + unread
  if (fileCount === 0) throw emptyFolder(folder)
  return { registry: model(checked.definitions.map(placed(folder))), diagnostics, texts: loaded.texts, fileCount }
}

/** The findings of one file: those that have one cause as one, and no fix that would not mend it. */
function reviewed({ file, text }: { readonly file: string; readonly text: string }, all: readonly Diagnostic[]) {
  const findings = all.filter((finding) => finding.file === file)
  const source = { file, stem: stemOf(file), text }
  return withSoundFixes(source, withCauses(source, findings))
}

/** File name without folder and extension. */
export function stemOf(file: string): string {
  return basename(file, '.yaml')
}

/** Output names a definition by its folder's own name, so that it is the same wherever the folder lies. */
function placed(folder: string) {
  return ({ document, definition }: ReturnType<typeof check>['definitions'][number]) => ({
    file: `${basename(resolve(folder))}/${document.stem}.yaml`,
    definition,
    ...(document.samples === undefined ? {} : { samples: document.samples }),
  })
}

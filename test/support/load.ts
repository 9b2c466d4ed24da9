import { join } from 'node:path'
import type { Diagnostic } from '../../generator/diagnostics/diagnostic.ts'
import { listDefinitions } from '../../generator/load/list-definitions.ts'
import { loadDefinition, readDefinition } from '../../generator/load/load.ts'
import type { SourceDocument } from '../../generator/load/source-document.ts'

/** Every definition of a folder as a document, and what is wrong with the others. */
export async function load(folder: string) {
  const documents: SourceDocument[] = []
  const diagnostics: Diagnostic[] = []
  for (const name of listDefinitions(folder)) {
    const text = readDefinition(folder, name)
    const loaded = typeof text === 'string' ? await loadDefinition(folder, name, text) : { diagnostics: [text] }
    diagnostics.push(...loaded.diagnostics)
    if ('document' in loaded && loaded.document !== undefined) documents.push(loaded.document)
  }
  return { documents, diagnostics }
}

/** The codes of the committed definitions, sorted. */
export const committedCodes: readonly string[] = listDefinitions(
  join(import.meta.dirname, '..', '..', 'definitions'),
).map((name) => name.replace(/\.yaml$/, ''))

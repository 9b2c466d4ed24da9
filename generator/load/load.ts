import { lstatSync, readFileSync, type Stats } from 'node:fs'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { FILE_START } from '../diagnostics/diagnostic.ts'
import { fileOf } from './list-definitions.ts'
import { parse } from './parse.ts'
import { MAX_FILE_BYTES, readText, tooLarge } from './read-text.ts'
import { readSamples } from './samples.ts'
import type { SourceDocument } from './source-document.ts'

/** The text of one definition, or why it is none. */
export function readDefinition(folder: string, name: string): string | Diagnostic {
  const file = fileOf(folder, name)
  // Going by way of the thread pool takes longer than reading a file of this size.
  const found = lstatSync(file)
  const wrong = wrongKind(file, found)
  if (wrong !== undefined) return wrong
  return found.size > MAX_FILE_BYTES ? tooLarge(file, found.size) : readText(file, readFileSync(file))
}

export interface LoadedDefinition {
  /** Missing where there is any finding: half of a document is not checked further. */
  readonly document?: SourceDocument
  readonly diagnostics: readonly Diagnostic[]
}

/** A text as a document, with the sample deliveries that it names. */
export async function loadDefinition(folder: string, name: string, text: string): Promise<LoadedDefinition> {
  const { document, diagnostics } = parse({ file: fileOf(folder, name), stem: name.replace(/\.yaml$/, ''), text })
  if (document === undefined || diagnostics.length > 0) return { diagnostics }
  const { samples, findings } = await readSamples(folder, document)
  if (findings.length > 0) return { diagnostics: findings }
  return { document: samples.size === 0 ? document : { ...document, samples }, diagnostics: [] }
}

function wrongKind(file: string, found: Stats): Diagnostic | undefined {
  if (found.isSymbolicLink()) {
    return finding(file, 'load/symlink', 'the definition is a symbolic link', 'put the file itself here')
  }
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : 'no regular file'
    return finding(file, 'load/not-a-file', `the definition is ${kind}`, 'a connector is one YAML file: <code>.yaml')
  }
  if (!file.endsWith('.yaml')) {
    return finding(file, 'load/extension', 'the file name does not end in ".yaml"', 'rename it to <code>.yaml')
  }
  return undefined
}

function finding(file: string, code: string, message: string, help: string): Diagnostic {
  return { code, file, span: FILE_START, message, help }
}

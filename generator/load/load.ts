import type { Dirent } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { FILE_START } from '../diagnostics/diagnostic.ts'
import { compareText } from '../text/compare-text.ts'
import { parse } from './parse.ts'
import { LARGEST_FILE, readText, tooLarge } from './read-text.ts'
import { readSamples } from './samples.ts'
import type { SourceDocument } from './source-document.ts'

export interface Loaded {
  /** Sorted by file. */
  readonly documents: readonly SourceDocument[]
  readonly diagnostics: readonly Diagnostic[]
  /** The text of every file that is text, parsed or not, for code frames. */
  readonly texts: ReadonlyMap<string, string>
}

/**
 * Reads every definition in a folder. What is wrong with a file becomes a diagnostic; only the machine's own faults
 * (no such folder, no permission) are thrown.
 */
export async function load(folder: string): Promise<Loaded> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((left, right) =>
    compareText(left.name, right.name),
  )
  const documents: SourceDocument[] = []
  const diagnostics: Diagnostic[] = []
  const texts = new Map<string, string>()
  for (const entry of entries.filter(isCandidate)) {
    const file = join(folder, entry.name).replaceAll('\\', '/')
    const text = wrongKind(file, entry) ?? (await textOf(file))
    if (typeof text !== 'string') {
      diagnostics.push(text)
      continue
    }
    texts.set(file, text)
    const parsed = parse({ file, stem: entry.name.replace(/\.yaml$/, ''), text })
    diagnostics.push(...parsed.diagnostics)
    // A document with findings is not checked further: half of it may be missing.
    if (parsed.document === undefined || parsed.diagnostics.length > 0) continue
    const { samples, findings } = await readSamples(folder, parsed.document)
    diagnostics.push(...findings)
    if (findings.length === 0) documents.push(samples.size === 0 ? parsed.document : { ...parsed.document, samples })
  }
  return { documents, diagnostics, texts }
}

/** Hidden files (of editors and file managers) and files of other kinds, such as a README, are not definitions. */
function isCandidate({ name }: Dirent): boolean {
  return !name.startsWith('.') && /\.ya?ml$/i.test(name)
}

function wrongKind(file: string, entry: Dirent): Diagnostic | undefined {
  if (entry.isSymbolicLink()) {
    return finding(file, 'load/symlink', 'the definition is a symbolic link', 'put the file itself here')
  }
  if (!entry.isFile()) {
    const kind = entry.isDirectory() ? 'a folder' : 'no regular file'
    return finding(file, 'load/not-a-file', `the definition is ${kind}`, 'a connector is one YAML file: <code>.yaml')
  }
  if (!entry.name.endsWith('.yaml')) {
    return finding(file, 'load/extension', 'the file name does not end in ".yaml"', 'rename it to <code>.yaml')
  }
  return undefined
}

async function textOf(file: string): Promise<string | Diagnostic> {
  const { size } = await lstat(file)
  return size > LARGEST_FILE ? tooLarge(file, size) : readText(file, await readFile(file))
}

function finding(file: string, code: string, message: string, help: string): Diagnostic {
  return { code, file, span: FILE_START, message, help }
}

import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { MAX_FILE_BYTES, readText } from './read-text.ts'
import { locateValue, type SourceDocument, type ValuePath } from './source-document.ts'

interface Samples {
  readonly samples: ReadonlyMap<string, string>
  readonly findings: readonly Diagnostic[]
}

/** A file in the folder `samples` beside the definition, and nowhere else, whatever the definition says. */
const FILE = /^samples\/[a-z0-9-]+\/[A-Za-z0-9][A-Za-z0-9_-]*\.(?:json|txt)$/

/** Reads the sample deliveries of a document. Findings point to the entry of the sample. */
export async function readSamples(folder: string, document: SourceDocument): Promise<Samples> {
  const samples = new Map<string, string>()
  const findings: Diagnostic[] = []
  for (const { name, path } of namesIn(document.value)) {
    if (samples.has(name)) continue
    const text = await readSample(folder, name)
    if (typeof text === 'string') samples.set(name, text)
    else {
      const span = locateValue(document, path)
      findings.push({ code: 'load/sample', file: document.file, span, ...text })
    }
  }
  return { samples, findings }
}

/** The entry of a sample file in a document. */
interface NamedFile {
  readonly name: string
  readonly path: ValuePath
}

/**
 * The files of samples and of their stored responses. The document may not match the format: anything can stand there.
 */
export function namesIn(value: unknown): readonly NamedFile[] {
  const at = ['webhook', 'samples']
  return entriesOf(memberOf(memberOf(value, 'webhook'), 'samples')).flatMap(([index, sample]) => [
    ...nameOf(sample, [...at, index]),
    ...entriesOf(memberOf(sample, 'fetched')).flatMap(([position, response]) =>
      nameOf(response, [...at, index, 'fetched', position]),
    ),
  ])
}

function nameOf(value: unknown, path: ValuePath): readonly NamedFile[] {
  const name = memberOf(value, 'file')
  return typeof name === 'string' && FILE.test(name) ? [{ name, path: [...path, 'file'] }] : []
}

function entriesOf(value: unknown): readonly (readonly [number, unknown])[] {
  return Array.isArray(value) ? [...value.entries()] : []
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

/** The text of one sample file, or why there is none. */
export async function readSample(
  folder: string,
  name: string,
): Promise<string | { readonly message: string; readonly help: string }> {
  const file = join(folder, name).replaceAll('\\', '/')
  try {
    // A link in place of the file, or of a folder above it, would bring in what nobody has reviewed.
    if ((await realpath(file)) !== join(await realpath(folder), name))
      return { message: `the sample is reached by a symbolic link: ${file}`, help: 'put the file itself there' }
    const { size } = await stat(file)
    if (size > MAX_FILE_BYTES)
      return { message: `the sample has ${size} bytes; at most ${MAX_FILE_BYTES} are read`, help: 'make it shorter' }
    const text = readText(file, await readFile(file))
    return typeof text === 'string' ? text : { message: `${text.message}: ${file}`, help: text.help }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return { message: `the sample cannot be read: ${file} (${code})`, help: 'add the file, or correct its name' }
  }
}

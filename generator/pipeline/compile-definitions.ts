// Every definition of the folders: from the cache if an earlier run compiled it, otherwise compiled now.
import { checkRegistry, diagnosticOf } from '../check/check.ts'
import type { CrossFileFinding, DefinitionIndex } from '../check/definition-index.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { hashOf } from '../files/hash.ts'
import { fileOf } from '../load/list-definitions.ts'
import { loadDefinition } from '../load/load.ts'
import { readSample } from '../load/samples.ts'
import type { Target } from '../targets/target.ts'
import { compareText } from '../text/compare-text.ts'
import type { Artifact } from './artifact.ts'
import type { RunOptions } from './build-options.ts'
import type { ArtifactCache } from './cache.ts'
import { type CompileJob, type CompileResult, keyOf, readListed } from './compile.ts'
import type { DefinitionFile } from './definition-folders.ts'
import { compileAll } from './pool.ts'

/** Every definition of the folders, compiled. */
export interface Compilation {
  /** Of the definitions without findings, sorted by code. */
  readonly artifacts: readonly Artifact[]
  /** Folder and name of every sample file of theirs. */
  readonly samples: readonly (readonly [folder: string, name: string])[]
  readonly diagnostics: readonly Diagnostic[]
  /** The texts of definitions with findings, by file, for code frames. */
  readonly texts: ReadonlyMap<string, string>
}

interface CompileOptions {
  readonly targets: readonly Target[]
  readonly cache: ArtifactCache
  readonly onProgress: RunOptions['onProgress']
}

/** Compiles definitions and applies the rules across them. */
export async function compileDefinitions(
  files: readonly DefinitionFile[],
  { targets, cache, onProgress }: CompileOptions,
): Promise<Compilation> {
  const job: CompileJob = { targets: targets.map(({ name }) => name), cacheFolder: cache.folder }
  const results = new Map<string, CompileResult>()
  for (const file of cache.isTemporary ? [] : files) {
    const artifact = await cachedArtifact(file, job, cache)
    if (artifact !== undefined) results.set(pathOf(file), { kind: 'artifact', file, artifact })
  }
  const missing = files.filter((file) => !results.has(pathOf(file)))
  let done = 0
  await compileAll(missing, { job, cache }, (result) => {
    results.set(pathOf(result.file), result)
    done += 1
    onProgress?.(done, missing.length)
  })
  const compilation = await compilationOf(files, results)
  if (missing.length > 0) cache.prune(new Set(compilation.artifacts.map(({ key }) => key)))
  return compilation
}

function pathOf({ folder, name }: DefinitionFile): string {
  return fileOf(folder.path, name)
}

/** The artifact of a definition, if an earlier run stored it for these targets and its samples are the same. */
async function cachedArtifact(
  file: DefinitionFile,
  { targets: wanted }: CompileJob,
  cache: ArtifactCache,
): Promise<Artifact | undefined> {
  const text = readListed(file)
  const artifact = typeof text === 'string' ? cache.read(keyOf(file, text)) : undefined
  if (artifact === undefined || !wanted.every((target) => target in artifact.outputs)) return undefined
  for (const sample of artifact.samples) {
    const found = await readSample(file.folder.path, sample.name)
    if (typeof found !== 'string' || hashOf(found) !== sample.hash) return undefined
  }
  return artifact
}

/** Adds the findings of the rules across definitions; a definition with findings has no place in the registry. */
async function compilationOf(
  files: readonly DefinitionFile[],
  results: ReadonlyMap<string, CompileResult>,
): Promise<Compilation> {
  const diagnostics: Diagnostic[] = []
  const texts = new Map<string, string>()
  const artifacts = new Map<string, Artifact>()
  const indexes: DefinitionIndex[] = []
  const byPath = new Map(files.map((file) => [pathOf(file), file]))
  for (const [path, { folder }] of byPath) {
    const located = (index: DefinitionIndex): DefinitionIndex =>
      folder.registry === undefined
        ? { ...index, file: path }
        : { ...index, file: path, definition: { ...index.definition, registry: folder.registry } }
    const result = results.get(path)
    if (result?.kind === 'artifact') {
      artifacts.set(path, result.artifact)
      indexes.push(located(result.artifact.index))
    } else if (result !== undefined) {
      diagnostics.push(...result.diagnostics)
      if (result.text !== undefined) texts.set(path, result.text)
      if (result.index !== undefined) indexes.push(located(result.index))
    }
  }
  for (const finding of checkRegistry(indexes)) {
    const file = byPath.get(finding.file)
    if (file === undefined) throw new Error(`${finding.file} was not compiled`)
    artifacts.delete(finding.file)
    const { text, diagnostic } = await locate(file, finding)
    texts.set(finding.file, text)
    diagnostics.push(diagnostic)
  }
  return {
    artifacts: [...artifacts.values()].sort((left, right) => compareText(left.code, right.code)),
    samples: [...artifacts].flatMap(([path, { samples }]) =>
      samples.map(({ name }) => [byPath.get(path)?.folder.path ?? '', name] as const),
    ),
    diagnostics: diagnostics.sort(compareDiagnostics),
    texts,
  }
}

/** Findings across definitions are few: their files are read once more to locate them. */
async function locate(file: DefinitionFile, finding: CrossFileFinding) {
  const text = readListed(file)
  if (typeof text !== 'string') return { text: '', diagnostic: text }
  const { document, diagnostics } = await loadDefinition(file.folder.path, file.name, text)
  const [first] = diagnostics
  const diagnostic = document === undefined ? first : diagnosticOf(document, finding)
  if (diagnostic === undefined) throw new Error(`${finding.file} has no document and no finding`)
  return { text, diagnostic }
}

// Every definition of a folder: from the cache if an earlier run compiled it, otherwise compiled now.
import { checkRegistry, diagnosticOf } from '../check/check.ts'
import type { CrossFileFinding, DefinitionIndex } from '../check/definition-index.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { hashOf } from '../files/hash.ts'
import { fileOf, listDefinitions } from '../load/list-definitions.ts'
import { loadDefinition } from '../load/load.ts'
import { readSample } from '../load/samples.ts'
import type { Target } from '../targets/target.ts'
import { compareText } from '../text/compare-text.ts'
import type { Artifact } from './artifact.ts'
import type { RunOptions } from './build-options.ts'
import type { ArtifactCache } from './cache.ts'
import { type CompileJob, type CompileResult, keyOf, readListed } from './compile.ts'
import { compileAll } from './pool.ts'

/** Every definition of a folder, compiled. */
export interface Compilation {
  /** Of the definitions without findings, sorted by code. */
  readonly artifacts: readonly Artifact[]
  readonly diagnostics: readonly Diagnostic[]
  /** The texts of definitions with findings, by file, for code frames. */
  readonly texts: ReadonlyMap<string, string>
}

/** The file names of the definitions in a folder; there is at least one. */
export function namesOfDefinitions(folder: string): readonly string[] {
  const names = readNames(folder)
  if (names.length > 0) return names
  throw new OperationalError(`there is no definition in "${folder}"`, {
    help: 'a connector is one file <code>.yaml; name another folder with --definitions',
  })
}

function readNames(folder: string): readonly string[] {
  try {
    return listDefinitions(folder)
  } catch (error) {
    throw explainFolder(folder, error)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EACCES: 'may not be read',
}

/** The reason why a folder of definitions cannot be read, with a remedy. */
function explainFolder(folder: string, cause: unknown): unknown {
  const { code, path } = cause as NodeJS.ErrnoException
  const reason = REASONS[code ?? '']
  // Problems with something inside the folder are explained elsewhere.
  if (reason === undefined || (path !== undefined && path !== folder)) return cause
  return new OperationalError(`the definitions folder "${folder}" ${reason}`, {
    help: 'run the command where the definitions folder is, or name it with --definitions',
    cause,
  })
}

interface CompileOptions {
  /** File names of the definitions. */
  readonly names: readonly string[]
  readonly targets: readonly Target[]
  readonly cache: ArtifactCache
  readonly onProgress: RunOptions['onProgress']
}

/** Compiles the definitions of a folder and applies the rules across them. */
export async function compileFolder(
  folder: string,
  { names, targets, cache, onProgress }: CompileOptions,
): Promise<Compilation> {
  const job: CompileJob = { folder, targets: targets.map(({ name }) => name), cacheFolder: cache.folder }
  const results = new Map<string, CompileResult>()
  for (const name of cache.isTemporary ? [] : names) {
    const artifact = await cachedArtifact(name, job, cache)
    if (artifact !== undefined) results.set(name, { kind: 'artifact', name, artifact })
  }
  const missing = names.filter((name) => !results.has(name))
  let done = 0
  await compileAll(missing, { job, cache }, (result) => {
    results.set(result.name, result)
    done += 1
    onProgress?.(done, missing.length)
  })
  const compilation = await compilationOf(folder, names, results)
  if (missing.length > 0) cache.prune(new Set(compilation.artifacts.map(({ key }) => key)))
  return compilation
}

/** The artifact of a definition, if an earlier run stored it for these targets and its samples are the same. */
async function cachedArtifact(
  name: string,
  { folder, targets: wanted }: CompileJob,
  cache: ArtifactCache,
): Promise<Artifact | undefined> {
  const text = readListed(folder, name)
  const artifact = typeof text === 'string' ? cache.read(keyOf(folder, name, text)) : undefined
  if (artifact === undefined || !wanted.every((target) => target in artifact.outputs)) return undefined
  for (const sample of artifact.samples) {
    const found = await readSample(folder, sample.name)
    if (typeof found !== 'string' || hashOf(found) !== sample.hash) return undefined
  }
  return artifact
}

/** Adds the findings of the rules across definitions; a definition with findings has no place in the registry. */
async function compilationOf(
  folder: string,
  names: readonly string[],
  results: ReadonlyMap<string, CompileResult>,
): Promise<Compilation> {
  const diagnostics: Diagnostic[] = []
  const texts = new Map<string, string>()
  const artifacts = new Map<string, Artifact>()
  const indexes: DefinitionIndex[] = []
  for (const name of names) {
    const result = results.get(name)
    if (result?.kind === 'artifact') {
      artifacts.set(name, result.artifact)
      indexes.push(result.artifact.index)
    } else if (result !== undefined) {
      diagnostics.push(...result.diagnostics)
      if (result.text !== undefined) texts.set(fileOf(folder, name), result.text)
      if (result.index !== undefined) indexes.push({ ...result.index, file: name })
    }
  }
  for (const finding of checkRegistry(indexes)) {
    const { file: name } = finding
    artifacts.delete(name)
    const { text, diagnostic } = await locate(folder, finding)
    texts.set(fileOf(folder, name), text)
    diagnostics.push(diagnostic)
  }
  return {
    artifacts: [...artifacts.values()].sort((left, right) => compareText(left.code, right.code)),
    diagnostics: diagnostics.sort(compareDiagnostics),
    texts,
  }
}

/** Findings across definitions are few: their files are read once more to locate them. */
async function locate(folder: string, finding: CrossFileFinding) {
  const text = readListed(folder, finding.file)
  if (typeof text !== 'string') return { text: '', diagnostic: text }
  const { document, diagnostics } = await loadDefinition(folder, finding.file, text)
  const [first] = diagnostics
  const diagnostic = document === undefined ? first : diagnosticOf(document, { ...finding, file: document.file })
  if (diagnostic === undefined) throw new Error(`${finding.file} has no document and no finding`)
  return { text, diagnostic }
}

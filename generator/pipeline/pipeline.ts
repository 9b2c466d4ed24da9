// files -load-> SourceDocument[] -check-> Definition[] -model-> Connector[] -compile-> Artifact[]
//       -aggregate-> WantedFile[] -plan-> Change[] -write-> disk
// Findings end a run before anything is written.
import { checkRegistry, diagnosticOf } from '../check/check.ts'
import type { CrossFileFinding, DefinitionIndex } from '../check/definition-index.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { Fault } from '../diagnostics/fault.ts'
import { compareFile, isGenerated } from '../files/compare.ts'
import type { FileIndex } from '../files/file-index.ts'
import { hashOf } from '../files/hash.ts'
import { type FileStat, listFiles, outputPath, statFile } from '../files/list.ts'
import { type Change, type Disk, plan, type WantedFile } from '../files/plan.ts'
import { write } from '../files/write.ts'
import { fileOf, listDefinitions } from '../load/list-definitions.ts'
import { loadDefinition } from '../load/load.ts'
import { readSample } from '../load/samples.ts'
import type { Registry } from '../model/connector.ts'
import type { Target } from '../targets/target.ts'
import { targets } from '../targets/targets.ts'
import { suggestion } from '../text/closest.ts'
import { compareText } from '../text/compare-text.ts'
import { aggregate } from './aggregate.ts'
import type { Artifact } from './artifact.ts'
import type { BuildOptions, BuildResult, BuildSummary, Findings, RunOptions } from './build.ts'
import { ArtifactCache, DamagedArtifact } from './cache.ts'
import { type Job, keyOf, type Result, readListed } from './compile.ts'
import { emptyFolder, explainFolder } from './definitions-folder.ts'
import { compileAll } from './pool.ts'

/** Every definition of a folder, compiled. */
interface Compilation {
  /** File names of all definitions. */
  readonly names: readonly string[]
  /** Of the definitions without findings, sorted by code. */
  readonly artifacts: readonly Artifact[]
  readonly diagnostics: readonly Diagnostic[]
  /** The texts of definitions with findings, by file, for code frames. */
  readonly texts: ReadonlyMap<string, string>
}

/** What the definitions of a folder say, and the findings about them. */
export interface RegistryReading extends Omit<Findings, 'kind'> {
  /** Every connector without findings: the whole registry only if there are none. */
  readonly registry: Registry
}

/** Compares the output folder with the definitions; with the mode `write`, makes it agree with them. */
export async function runBuild(options: BuildOptions, index: FileIndex<BuildSummary>): Promise<BuildResult | Findings> {
  const { definitions, out, mode } = options
  const begun = Date.now()
  return withCache(options.cacheFolder, async (cache, cacheFolder) => {
    const chosen = chooseTargets(options.targets)
    const compilation = await compileFolder(definitions, { ...options, targets: chosen, cacheFolder }, cache)
    const { artifacts, diagnostics, texts, names } = compilation
    if (diagnostics.length > 0) return { kind: 'findings', diagnostics, texts, fileCount: names.length }
    const wanted = chosen.flatMap((target) => [...aggregate(target, artifacts, cache)])
    const changes = plan(wanted, diskOf(out, chosen, index))
    const isBlocked = changes.some(({ kind }) => kind === 'blocked')
    const result = resultOf({ artifacts, wanted, changes })
    if (mode === 'write' && !isBlocked) listWritten(out, changes, { staged: write(out, changes), index })
    const isUpToDate = mode === 'write' ? !isBlocked : changes.every(({ kind }) => kind === 'stray')
    if (isUpToDate) saveIndex(definitions, compilation, { chosen, wanted, result, begun, index })
    return result
  })
}

/** Loads, checks and models every definition of a folder. */
export async function readRegistry(definitions: string, options: RunOptions = {}): Promise<RegistryReading> {
  return withCache(options.cacheFolder, async (cache, cacheFolder) => {
    const compilation = await compileFolder(definitions, { ...options, targets: [], cacheFolder }, cache)
    const { artifacts, diagnostics, texts, names } = compilation
    const connectors = artifacts.map((artifact) => cache.connectorOf(artifact))
    return { registry: { connectors }, diagnostics, texts, fileCount: names.length }
  })
}

async function compileFolder(
  folder: string,
  { targets: wanted, cacheFolder, onProgress }: RunOptions & { readonly targets: readonly Target[] },
  cache: ArtifactCache,
): Promise<Compilation> {
  const names = listed(folder)
  const job: Job = { folder, targets: wanted.map(({ name }) => name), cacheFolder: cache.folder }
  const results = new Map<string, Result>()
  for (const name of cacheFolder === undefined ? [] : names) {
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
  { folder, targets: wanted }: Job,
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
  results: ReadonlyMap<string, Result>,
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
    names,
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
  if (diagnostic === undefined) throw new Error(`${finding.file} has neither a document nor a finding`)
  return { text, diagnostic }
}

function listed(folder: string): readonly string[] {
  try {
    const names = listDefinitions(folder)
    if (names.length === 0) throw emptyFolder(folder)
    return names
  } catch (error) {
    throw explainFolder(folder, error)
  }
}

/** The output folder, as it was found before by way of the index. */
function diskOf(out: string, chosen: readonly Target[], index: FileIndex<BuildSummary>): Disk {
  return {
    paths: listFiles(
      out,
      chosen.map(({ folder }) => folder),
    ),
    isGenerated: (path) => isGenerated(outputPath(out, path)),
    compare(file) {
      const path = outputPath(out, file.path)
      if (index.isSame(path, file.hash)) return 'same'
      const stat = statFile(path)
      const kind = compareFile(path, file)
      if (kind === 'same' && stat !== undefined) index.add(path, stat, file.hash)
      return kind
    },
  }
}

function resultOf({
  artifacts,
  wanted,
  changes,
}: {
  readonly artifacts: readonly Artifact[]
  readonly wanted: readonly WantedFile[]
  readonly changes: readonly Change[]
}): BuildResult {
  return {
    kind: 'result',
    changes,
    unchanged: wanted.length - changes.filter(({ kind }) => kind !== 'delete' && kind !== 'stray').length,
    connectors: artifacts.length,
    events: artifacts.reduce((sum, { events }) => sum + events, 0),
  }
}

/** Lists the files that were written, except those that somebody else replaced or edited meanwhile. */
function listWritten(
  out: string,
  changes: readonly Change[],
  { staged, index }: { readonly staged: ReadonlyMap<string, FileStat>; readonly index: FileIndex<BuildSummary> },
): void {
  for (const change of changes) {
    if (!('file' in change)) continue
    const path = outputPath(out, change.path)
    const [before, now] = [staged.get(change.path), statFile(path)]
    // Renaming changes the ctime alone.
    const isOurs = before !== undefined && now !== undefined && [0, 1, 3].every((part) => before[part] === now[part])
    if (isOurs) index.add(path, now, change.file.hash)
  }
}

/** Milliseconds by which the clock of a file system may be behind ours. */
const CLOCK_SLACK = 20

interface Finished {
  readonly chosen: readonly Target[]
  readonly wanted: readonly WantedFile[]
  readonly result: BuildResult
  /** Milliseconds since 1970. */
  readonly begun: number
  readonly index: FileIndex<BuildSummary>
}

/** Lists what the run read, and stores everything for the next one. */
function saveIndex(
  folder: string,
  { artifacts, names }: Compilation,
  { chosen, wanted, result: { changes, connectors, events }, begun, index }: Finished,
): void {
  const samples = [...new Set(artifacts.flatMap((artifact) => artifact.samples.map(({ name }) => name)))]
  for (const name of [...names, ...samples]) {
    const path = fileOf(folder, name)
    const stat = statFile(path)
    // What changed after the run began may not be what it read.
    if (stat !== undefined && stat[2] < begun - CLOCK_SLACK) index.add(path, stat, '')
  }
  const folders = chosen.map((target) => target.folder)
  const strays = changes.filter(({ kind }) => kind === 'stray').map(({ path }) => path)
  index.save({ definitions: names.length, samples, folders, outputs: wanted.length, strays, connectors, events })
}

/** The targets with these names; all of them if none is named. */
function chooseTargets(names: readonly string[]): readonly Target[] {
  const known = targets.map(({ name }) => name)
  for (const name of names) {
    if (known.includes(name)) continue
    throw new Fault(`there is no target "${name}"${suggestion(name, known)}`, {
      help: `the targets are ${known.join(', ')}`,
    })
  }
  return names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name))
}

async function withCache<Value>(
  cacheFolder: string | undefined,
  use: (cache: ArtifactCache, cacheFolder: string | undefined) => Promise<Value>,
): Promise<Value> {
  const cache = new ArtifactCache(cacheFolder)
  try {
    return await use(cache, cacheFolder)
  } catch (error) {
    if (!(error instanceof DamagedArtifact) || cacheFolder === undefined) throw error
    return await withCache(undefined, use)
  } finally {
    cache.close()
  }
}

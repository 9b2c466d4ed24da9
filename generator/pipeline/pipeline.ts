// files -load-> SourceDocument[] -check-> Definition[] -model-> Connector[] -compile-> Artifact[]
//       -aggregate-> WantedFile[] -plan-> Change[] -write-> disk
// Findings end a run before anything is written.
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { isGenerated, isOfConnector } from '../files/compare.ts'
import { listFiles, outputPath } from '../files/list.ts'
import { type Change, plan } from '../files/plan.ts'
import { write } from '../files/write.ts'
import type { Registry } from '../model/connector.ts'
import type { Target } from '../targets/target.ts'
import { targets } from '../targets/targets.ts'
import { suggestion } from '../text/closest.ts'
import { aggregate, connectorFiles } from './aggregate.ts'
import { buildId } from './build-id.ts'
import type { BuildIndex } from './build-index.ts'
import type { BuildOptions, BuildResult, Findings, RunOptions } from './build-options.ts'
import { ArtifactCache, isCacheError } from './cache.ts'
import { compileDefinitions } from './compile-definitions.ts'
import { type DefinitionFolder, definitionFiles, definitionFolders } from './definition-folders.ts'

/** The registry of folders of definitions, and the findings about them. */
export interface RegistryReading extends Omit<Findings, 'kind'> {
  /** Every connector without findings: the whole registry only if there are none. */
  readonly registry: Registry
}

/** Compares the output folder with the definitions; with the mode `write`, makes it agree with them. */
export async function runPipeline(options: BuildOptions, index: BuildIndex): Promise<BuildResult | Findings> {
  const { definitions, out, mode, onlyConnectors, onProgress } = options
  const chosen = chooseTargets(options.targets)
  const outputFolders = chosen.map(({ folder }) => folder)
  const { folders, ...found } = definitionFolders(definitions)
  const files = definitionFiles(folders)
  return withCache(options.cacheFolder, async (cache) => {
    const compilation = await compileDefinitions(files, { targets: chosen, cache, onProgress })
    const { artifacts, samples, diagnostics, texts } = joined(found, compilation)
    if (diagnostics.length > 0) return { kind: 'findings', diagnostics, texts, fileCount: files.length }
    const wanted = chosen.flatMap((target) => [
      ...(onlyConnectors ? [] : aggregate(target, artifacts, cache)),
      ...connectorFiles(target, artifacts, cache),
    ])
    const { changes, unchanged } = plan(wanted, {
      paths: listFiles(out, outputFolders),
      compare: (file) => index.compare(file),
      isGenerated: (path) => {
        const place = outputPath(out, path)
        const isOurs = isGenerated(place)
        return onlyConnectors && isOurs && !isOfConnector(place) ? undefined : isOurs
      },
    })
    const isWritten = mode === 'write' && !changes.some(({ kind }) => kind === 'blocked')
    if (isWritten) index.addWritten(changes, write(out, changes))
    const events = artifacts.reduce((sum, artifact) => sum + artifact.events, 0)
    const result: BuildResult = { kind: 'result', changes, unchanged, connectors: artifacts.length, events }
    if (isWritten || changes.every(isStray)) {
      const next = { ...result, changes: changes.filter(isStray), unchanged: wanted.length }
      index.save({
        definitions: folders.map(({ path }) => path),
        samples,
        folders: outputFolders,
        result: next,
      })
    }
    return result
  })
}

function isStray({ kind }: Change): boolean {
  return kind === 'stray'
}

interface ReadOptions extends RunOptions {
  /** Whether the folder may be without definitions, because the first one is about to be written. */
  readonly mayBeEmpty?: boolean
}

/** Loads, checks and models every definition of the folders, and of the bases of their registries. */
export async function readRegistry(
  definitions: readonly string[],
  options: ReadOptions = {},
): Promise<RegistryReading> {
  const { folders, ...found } = definitionFolders(definitions)
  const reading = await readFolders(folders, options)
  return { ...reading, ...joined(found, reading) }
}

/** Loads, checks and models every definition of these folders. */
export async function readFolders(
  folders: readonly DefinitionFolder[],
  { cacheFolder, onProgress, mayBeEmpty }: ReadOptions = {},
): Promise<RegistryReading> {
  const files = definitionFiles(folders, { mayBeEmpty })
  return withCache(cacheFolder, async (cache) => {
    const { artifacts, diagnostics, texts } = await compileDefinitions(files, { targets: [], cache, onProgress })
    const connectors = artifacts.map((artifact) => cache.connectorOf(artifact))
    return { diagnostics, texts, registry: { connectors }, fileCount: files.length }
  })
}

/** The findings about registry files, then those about definitions. */
function joined<Found extends Pick<Findings, 'diagnostics' | 'texts'>>(
  registryFiles: Pick<Findings, 'diagnostics' | 'texts'>,
  found: Found,
): Found {
  return {
    ...found,
    diagnostics: [...registryFiles.diagnostics, ...found.diagnostics].sort(compareDiagnostics),
    texts: new Map([...registryFiles.texts, ...found.texts]),
  }
}

/** The targets with these names; all of them if none is named. */
function chooseTargets(names: readonly string[]): readonly Target[] {
  const known = targets.map(({ name }) => name)
  for (const name of names) {
    if (known.includes(name)) continue
    throw new OperationalError(`there is no target "${name}"${suggestion(name, known)}`, {
      help: `the targets are ${known.join(', ')}`,
    })
  }
  return names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name))
}

/** Uses the cache; if that fails, starts again without it. */
async function withCache<Value>(
  cacheFolder: string | undefined,
  use: (cache: ArtifactCache) => Promise<Value>,
): Promise<Value> {
  // Nothing identifies a command that runs from its sources, so artifacts of an earlier version could be used.
  const cache = new ArtifactCache(buildId === undefined ? undefined : cacheFolder)
  try {
    return await use(cache)
  } catch (error) {
    if (!isCacheError(error) || cacheFolder === undefined) throw error
    return await withCache(undefined, use)
  } finally {
    cache.close()
  }
}

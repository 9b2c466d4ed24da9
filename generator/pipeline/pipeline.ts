// files -load-> SourceDocument[] -check-> Definition[] -model-> Connector[] -compile-> Artifact[]
//       -aggregate-> WantedFile[] -plan-> Change[] -write-> disk
// Findings end a run before anything is written.
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
import { compileFolder, namesOfDefinitions } from './compile-folder.ts'

/** The registry of a folder of definitions, and the findings about them. */
export interface RegistryReading extends Omit<Findings, 'kind'> {
  /** Every connector without findings: the whole registry only if there are none. */
  readonly registry: Registry
}

/** Compares the output folder with the definitions; with the mode `write`, makes it agree with them. */
export async function runPipeline(options: BuildOptions, index: BuildIndex): Promise<BuildResult | Findings> {
  const { definitions, out, mode, onlyConnectors, onProgress } = options
  const chosen = chooseTargets(options.targets)
  const folders = chosen.map(({ folder }) => folder)
  const names = namesOfDefinitions(definitions)
  return withCache(options.cacheFolder, async (cache) => {
    const compilation = await compileFolder(definitions, { names, targets: chosen, cache, onProgress })
    const { artifacts, diagnostics, texts } = compilation
    if (diagnostics.length > 0) return { kind: 'findings', diagnostics, texts, fileCount: names.length }
    const wanted = chosen.flatMap((target) => [
      ...(onlyConnectors ? [] : aggregate(target, artifacts, cache)),
      ...connectorFiles(target, artifacts, cache),
    ])
    const { changes, unchanged } = plan(wanted, {
      paths: listFiles(out, folders),
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
      const samples = [...new Set(artifacts.flatMap((artifact) => artifact.samples.map(({ name }) => name)))]
      const next = { ...result, changes: changes.filter(isStray), unchanged: wanted.length }
      index.save({ definitions: names, samples, folders, result: next })
    }
    return result
  })
}

function isStray({ kind }: Change): boolean {
  return kind === 'stray'
}

/** Loads, checks and models every definition of a folder. */
export async function readRegistry(
  definitions: string,
  { cacheFolder, onProgress }: RunOptions = {},
): Promise<RegistryReading> {
  const names = namesOfDefinitions(definitions)
  return withCache(cacheFolder, async (cache) => {
    const { artifacts, ...found } = await compileFolder(definitions, { names, targets: [], cache, onProgress })
    const connectors = artifacts.map((artifact) => cache.connectorOf(artifact))
    return { ...found, registry: { connectors }, fileCount: names.length }
  })
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

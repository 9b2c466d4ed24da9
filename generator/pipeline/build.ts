// What `generate` and `check` ask for. If nothing changed since the last run, the file index has the answer and the
// pipeline is not even loaded.
import { dirname } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { FileIndex } from '../files/file-index.ts'
import { hashOf } from '../files/hash.ts'
import { isDirect, listFiles, outputPath, realPath } from '../files/list.ts'
import type { Change } from '../files/plan.ts'
import { fileOf, listDefinitions } from '../load/list-definitions.ts'
import { buildId } from './build-id.ts'

/** How a run works; the result is the same. */
export interface RunOptions {
  /** Folder of the cache; without one, nothing from earlier runs is used or kept. */
  readonly cacheFolder?: string | undefined
  /** Receives how many definitions of how many have been compiled. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

export interface BuildOptions extends RunOptions {
  readonly definitions: string
  /** The output folder. */
  readonly out: string
  /** Names of targets; empty means all. */
  readonly targets: readonly string[]
  /** `compare` leaves the disk alone. */
  readonly mode: 'write' | 'compare'
}

/** Definitions with findings: nothing was written. */
export interface Findings {
  readonly kind: 'findings'
  /** Sorted by file and position. */
  readonly diagnostics: readonly Diagnostic[]
  /** The texts of the files with findings, by file. */
  readonly texts: ReadonlyMap<string, string>
  /** How many definitions were read. */
  readonly fileCount: number
}

/** How the output folder compared with the definitions; with the mode `write`, the changes were carried out unless one is blocked. */
export interface BuildResult {
  readonly kind: 'result'
  /** Sorted by path. */
  readonly changes: readonly Change[]
  /** How many files were up to date. */
  readonly unchanged: number
  readonly connectors: number
  readonly events: number
}

/** What the file index stores about a run after which the output was up to date. */
export interface BuildSummary {
  /** How many there were. */
  readonly definitions: number
  /** Names of the sample files. */
  readonly samples: readonly string[]
  /** Folders of the targets. */
  readonly folders: readonly string[]
  /** How many files the definitions call for. */
  readonly outputs: number
  readonly strays: readonly string[]
  readonly connectors: number
  readonly events: number
}

/** Compares the output folder with the definitions; with the mode `write`, makes it agree with them. */
export async function build(options: BuildOptions): Promise<BuildResult | Findings> {
  const index = openIndex(options)
  const unchanged = resultIfUnchanged(options, index)
  if (unchanged !== undefined) return unchanged
  const { runBuild } = await import('./pipeline.ts')
  return runBuild(options, index)
}

function openIndex({ cacheFolder, definitions, out, targets }: BuildOptions): FileIndex<BuildSummary> {
  const places = [definitions, out, ...targets]
  // Symbolic links on the way can change where the folders are.
  const identity = JSON.stringify([buildId, ...places, realPath(definitions), realPath(out)])
  // Nothing identifies a command that runs from its sources, so it cannot know what an earlier version found.
  const isKept = cacheFolder !== undefined && buildId !== undefined
  return new FileIndex(isKept ? `${cacheFolder}/index-${hashOf(JSON.stringify(places))}.json` : undefined, identity)
}

function resultIfUnchanged(
  { definitions, out }: BuildOptions,
  index: FileIndex<BuildSummary>,
): BuildResult | undefined {
  const { summary } = index
  if (summary === undefined || !hasSameInputs(definitions, summary, index)) return undefined
  const { folders, outputs, strays, connectors, events } = summary
  const paths = listFiles(out, folders)
  const isListed = (path: string) => strays.includes(path) || index.has(outputPath(out, path))
  if (paths.length !== outputs + strays.length || !paths.every(isListed) || !index.isUnchanged()) return undefined
  const changes = strays.map((path): Change => ({ kind: 'stray', path }))
  return { kind: 'result', changes, unchanged: outputs, connectors, events }
}

/** Whether the same definitions and samples are there, none of them by way of a symbolic link. */
function hasSameInputs(
  folder: string,
  { definitions, samples }: BuildSummary,
  index: FileIndex<BuildSummary>,
): boolean {
  const names = namesIn(folder)
  const folders = new Set(samples.map((name) => dirname(name)))
  return (
    names?.length === definitions &&
    [...names, ...samples].every((name) => index.has(fileOf(folder, name))) &&
    [...folders].every((path) => isDirect(folder, path))
  )
}

/** Undefined if the folder cannot be read: the pipeline says why. */
function namesIn(folder: string): readonly string[] | undefined {
  try {
    return listDefinitions(folder)
  } catch {
    return undefined
  }
}

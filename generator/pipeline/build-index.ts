import { dirname } from 'node:path'
import { compareFile, isGenerated } from '../files/compare.ts'
import { FileIndex } from '../files/file-index.ts'
import { hashOf } from '../files/hash.ts'
import { type FileStat, isDirect, listFiles, outputPath, realPath, statFile } from '../files/list.ts'
import type { Change, Comparison, WantedFile } from '../files/plan.ts'
import { fileOf, listDefinitions } from '../load/list-definitions.ts'
import { buildId } from './build-id.ts'
import type { BuildOptions, BuildResult } from './build-options.ts'

/** Milliseconds by which the clock of a file system may be behind ours. */
const CLOCK_SLACK = 20

/** What the file index stores about a run after which the output was up to date. */
interface BuildSummary {
  /** How many. */
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

/** What a run read, and the result after which the output folder was up to date. */
interface UpToDate {
  /** File names of the definitions. */
  readonly definitions: readonly string[]
  /** Names of the sample files. */
  readonly samples: readonly string[]
  /** Folders of the targets. */
  readonly folders: readonly string[]
  /** How many files the definitions call for. */
  readonly outputs: number
  readonly result: BuildResult
}

/** What the last run with the same folders and targets left behind, and what this one leaves for the next. */
export class BuildIndex {
  readonly #definitions: string
  readonly #out: string
  readonly #files: FileIndex<BuildSummary>
  readonly #begun = Date.now()

  constructor({ cacheFolder, definitions, out, targets }: BuildOptions) {
    const places = [definitions, out, ...targets]
    // Symbolic links on the way can change where the folders are.
    const identity = JSON.stringify([buildId, ...places, realPath(definitions), realPath(out)])
    // Nothing identifies a command that runs from its sources, so it cannot know what an earlier version found.
    const isKept = cacheFolder !== undefined && buildId !== undefined
    const path = isKept ? `${cacheFolder}/index-${hashOf(JSON.stringify(places))}.json` : undefined
    this.#definitions = definitions
    this.#out = out
    this.#files = new FileIndex(path, identity)
  }

  /** The result of the last run, if nothing that it read or wrote has changed. */
  resultIfUnchanged(): BuildResult | undefined {
    const { summary } = this.#files
    if (summary === undefined || !this.#hasSameInputs(summary)) return undefined
    const { folders, outputs, strays, connectors, events } = summary
    const paths = listFiles(this.#out, folders)
    const isStray = (path: string) => strays.includes(path) && isGenerated(outputPath(this.#out, path)) === false
    const isListed = (path: string) => isStray(path) || this.#files.has(outputPath(this.#out, path))
    if (paths.length !== outputs + strays.length || !paths.every(isListed)) return undefined
    if (!this.#files.isUnchanged()) return undefined
    const changes = strays.map((path): Change => ({ kind: 'stray', path }))
    return { kind: 'result', changes, unchanged: outputs, connectors, events }
  }

  /** Compares a wanted file with the disk; its content is read only if the file changed since the last run. */
  compare(file: WantedFile): Comparison {
    const path = outputPath(this.#out, file.path)
    if (this.#files.isSame(path, file.hash)) return 'same'
    const stat = statFile(path)
    const comparison = compareFile(path, file)
    if (comparison === 'same' && stat !== undefined) this.#files.add(path, stat, file.hash)
    return comparison
  }

  /** Lists the files that were written, except those that somebody else replaced or edited meanwhile. */
  addWritten(changes: readonly Change[], staged: ReadonlyMap<string, FileStat>): void {
    for (const change of changes) {
      if (!('file' in change)) continue
      const path = outputPath(this.#out, change.path)
      const [before, now] = [staged.get(change.path), statFile(path)]
      // Renaming changes the ctime alone.
      const isOurs = before !== undefined && now !== undefined && [0, 1, 3].every((part) => before[part] === now[part])
      if (isOurs) this.#files.add(path, now, change.file.hash)
    }
  }

  /** Lists what the run read, and stores everything for the next one. */
  save({ definitions, samples, folders, outputs, result: { changes, connectors, events } }: UpToDate): void {
    for (const name of [...definitions, ...samples]) {
      const path = fileOf(this.#definitions, name)
      const stat = statFile(path)
      // A file that changed after the run began may differ from the one that was read.
      if (stat !== undefined && stat[2] < this.#begun - CLOCK_SLACK) this.#files.add(path, stat, '')
    }
    const strays = changes.filter(({ kind }) => kind === 'stray').map(({ path }) => path)
    this.#files.save({ definitions: definitions.length, samples, folders, outputs, strays, connectors, events })
  }

  /** Whether the same definitions and samples are there, none of them by way of a symbolic link. */
  #hasSameInputs({ definitions, samples }: BuildSummary): boolean {
    const names = namesIn(this.#definitions)
    const folders = new Set(samples.map((name) => dirname(name)))
    return (
      names?.length === definitions &&
      [...names, ...samples].every((name) => this.#files.has(fileOf(this.#definitions, name))) &&
      [...folders].every((path) => isDirect(this.#definitions, path))
    )
  }
}

/** Undefined if the folder cannot be read: the pipeline says why. */
function namesIn(folder: string): readonly string[] | undefined {
  try {
    return listDefinitions(folder)
  } catch {
    return undefined
  }
}

import { dirname, relative } from 'node:path'
import { compareFile, isGenerated } from '../files/compare.ts'
import { FileIndex } from '../files/file-index.ts'
import { hashOf } from '../files/hash.ts'
import { type FileStat, isDirect, listFiles, outputPath, realPath, statFile } from '../files/list.ts'
import type { Change, Comparison, WantedFile } from '../files/plan.ts'
import { fileOf, listYaml } from '../load/list-definitions.ts'
import { buildId } from './build-id.ts'
import type { BuildOptions, BuildResult } from './build-options.ts'

/** Milliseconds by which the clock of a file system may be behind ours. */
const CLOCK_SLACK = 20

/** A run after which the output folder was up to date. */
interface UpToDateRun {
  /** Every folder of definitions, bases included. */
  readonly definitions: readonly string[]
  /** Folder and name of every sample file. */
  readonly samples: readonly (readonly [folder: string, name: string])[]
  /** Folders of the targets. */
  readonly folders: readonly string[]
  /** What the same run returns as long as nothing changes. */
  readonly result: BuildResult
}

/** What the last run with the same folders and targets left behind, and what this one leaves for the next. */
export class BuildIndex {
  readonly #out: string
  readonly #files: FileIndex<UpToDateRun>
  readonly #begun = Date.now()

  constructor({ cacheFolder, definitions, out, targets, onlyConnectors }: BuildOptions) {
    const places = [definitions, out, onlyConnectors, targets]
    // Symbolic links on the way can change where the folders are.
    const identity = JSON.stringify([buildId, places, definitions.map(realPath), realPath(out)])
    // Nothing identifies a command that runs from its sources, so it cannot know what an earlier version found.
    const isKept = cacheFolder !== undefined && buildId !== undefined
    const path = isKept ? `${cacheFolder}/index-${hashOf(JSON.stringify(places))}.json` : undefined
    this.#out = out
    this.#files = new FileIndex(path, identity)
  }

  /** The result of the last run, if nothing that it read or wrote has changed. */
  resultIfUnchanged(): BuildResult | undefined {
    const { summary } = this.#files
    if (summary === undefined || !this.#hasSameInputs(summary)) return undefined
    const { folders, result } = summary
    const strays = new Set(result.changes.map(({ path }) => path))
    const isStray = (path: string) => strays.has(path) && isGenerated(outputPath(this.#out, path)) === false
    const isListed = (path: string) => isStray(path) || this.#files.has(outputPath(this.#out, path))
    const paths = listFiles(this.#out, folders)
    if (paths.length !== result.unchanged + strays.size || !paths.every(isListed)) return undefined
    return this.#files.isUnchanged() ? result : undefined
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
  save(run: UpToDateRun): void {
    const samples = run.samples.map(([folder, name]) => fileOf(folder, name))
    for (const path of [...(filesIn(run.definitions) ?? []), ...samples]) {
      const stat = statFile(path)
      // A file that changed after the run began may differ from the one that was read.
      if (stat !== undefined && stat[2] < this.#begun - CLOCK_SLACK) this.#files.add(path, stat, '')
    }
    this.#files.save(run)
  }

  /** Whether there are no other definitions and samples, none of them by way of a symbolic link. */
  #hasSameInputs({ definitions, samples }: UpToDateRun): boolean {
    const files = filesIn(definitions)
    const sampleFolders = new Map(samples.map(([folder, name]) => [fileOf(folder, dirname(name)), folder]))
    return (
      files?.every((path) => this.#files.has(path)) === true &&
      samples.every(([folder, name]) => this.#files.has(fileOf(folder, name))) &&
      [...sampleFolders].every(([path, folder]) => isDirect(folder, relative(folder, path)))
    )
  }
}

/** The definitions and registry files; undefined if a folder cannot be read: the pipeline says why. */
function filesIn(folders: readonly string[]): readonly string[] | undefined {
  try {
    return folders.flatMap((folder) => listYaml(folder).map((name) => fileOf(folder, name)))
  } catch {
    return undefined
  }
}

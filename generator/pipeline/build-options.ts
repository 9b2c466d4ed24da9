import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Change } from '../files/plan.ts'

/** The cache is in the working folder, beside the embedded database. */
export const CACHE_FOLDER = '.hera/cache'

/** How a run works; the result is the same. */
export interface RunOptions {
  /** Folder of the cache; without one, nothing from earlier runs is used or kept. */
  readonly cacheFolder?: string | undefined
  /** Receives how many definitions of how many have been compiled. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

export interface BuildOptions extends RunOptions {
  /** Folders of definitions, as the user typed them. */
  readonly definitions: readonly string[]
  /** The output folder. */
  readonly out: string
  /** Names of targets; empty means all. */
  readonly targets: readonly string[]
  /** Leaves files about the whole registry as they are: two branches that each add a connector would both change them. */
  readonly onlyConnectors: boolean
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

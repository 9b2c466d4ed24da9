import type { Outline } from '../check/outline.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Place } from '../output/content.ts'
import type { Change } from '../output/plan.ts'
import type { Made } from './made.ts'

/** What is to be done with every definition of a run. */
export interface Job {
  /** The folder of definitions, as the user typed it. */
  readonly folder: string
  /** The output folder; without one, definitions are only checked. */
  readonly out?: string
  /** Names of the targets. */
  readonly targets: readonly string[]
  /** Everything beside a definition that decides what comes of it. */
  readonly salt: string
  /** Folder of what earlier runs remember. */
  readonly objects?: string
  /** Whether the output is compared only: then no text has to be kept. */
  readonly isTrial: boolean
  /** Folder for what does not stay in memory, in the file system of the output folder. */
  readonly aside?: string
}

/** One definition to do. */
export interface Task {
  /** Its file name. */
  readonly name: string
  /** Whether the long texts are needed, although they were made before. */
  readonly anew?: true
}

/** What came of one definition. */
export interface Done {
  readonly name: string
  readonly diagnostics: readonly Diagnostic[]
  /** The text of a definition with findings, for code frames. */
  readonly text?: string
  /** What rules across definitions see of it; in `made`, where there are no findings. */
  readonly outline?: Outline
  /** Missing where there are findings. */
  readonly made?: Made
  /** Under which name `made` is remembered. */
  readonly key?: string
  /** By target and name; missing where nobody had to make the text. */
  readonly fragments?: Readonly<Record<string, Place>>
  /** Its own files that differ from what stands on disk. */
  readonly changes: readonly Change[]
}

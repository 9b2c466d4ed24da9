import type { DefinitionIndex } from '../check/definition-index.ts'

/**
 * The output of one definition without findings: its model, its files, a summary for each target, and long texts by
 * name. Plain JSON except for the texts, which stay on disk: see `ArtifactCache`.
 */
export interface Artifact {
  /** Identifies everything that it was made from except the samples. */
  readonly key: string
  readonly code: string
  /** How many events. */
  readonly events: number
  /** What rules across definitions read; its `file` is replaced by where the definition is now. */
  readonly index: DefinitionIndex
  readonly samples: readonly { readonly name: string; readonly hash: string }[]
  /** The connector as JSON. */
  readonly connector: Section
  /** By target; only the targets that have been asked for so far. */
  readonly outputs: Readonly<Record<string, TargetOutput>>
  /** Bytes before the first section. */
  readonly bodyAt: number
}

export interface TargetOutput {
  /** What files about all connectors have to know of it. */
  readonly summary: unknown
  /** By path. */
  readonly files: Readonly<Record<string, Section>>
  /** Long texts that files about all connectors include, by name. */
  readonly fragments: Readonly<Record<string, Section>>
}

/** One text of an artifact. Offset, counted from `bodyAt`, and size in bytes. */
export interface Section {
  readonly offset: number
  readonly size: number
  readonly hash: string
}

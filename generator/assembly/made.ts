import { dirname } from 'node:path'
import type { Outline } from '../check/outline.ts'

/** What is known of a definition without findings, its long texts left out. Plain JSON: it is kept between runs. */
export interface Made {
  readonly code: string
  /** How many events. */
  readonly events: number
  readonly outline: Outline
  /** Samples that it read. */
  readonly samples: readonly { readonly name: string; readonly digest: string }[]
  readonly targets: Readonly<Record<string, MadeByTarget>>
}

export interface MadeByTarget {
  /** As JSON text: those of all connectors wait until the last one is done. */
  readonly summary: string
  readonly summary_digest: string
  readonly files: readonly MadeFile[]
  readonly fragments: Readonly<Record<string, MadeText>>
}

export interface MadeText {
  /** Bytes. */
  readonly size: number
  readonly digest: string
}

export interface MadeFile extends MadeText {
  readonly path: string
}

/** The folder of a sample and the one above: a link in place of either leads out of the folder of definitions. */
export function sampleFolders(files: readonly string[]): readonly string[] {
  return [...new Set(files.flatMap((path) => [dirname(path), dirname(dirname(path))]))]
}

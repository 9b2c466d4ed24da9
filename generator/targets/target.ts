import type { Connector, OutputFile } from '../model/connector.ts'
import { compareText } from '../text/compare-text.ts'
import { type Fragment, splitAtFragments } from './fragment.ts'

/** What one connector alone decides. Depends on nothing else, so it can be made in any order, on any thread, and cached. */
export interface ConnectorOutput<Summary> {
  /** Its own files, in any order; paths start with the target's folder. */
  readonly files: readonly OutputFile[]
  /**
   * What files about all connectors have to know of it, as plain JSON. The summaries of all connectors are in memory at
   * once: a few hundred bytes each, never whole schemas or pages.
   */
  readonly summary: Summary
  /**
   * Long texts that files about all connectors include unchanged, by name. They are kept out of memory; such a file
   * refers to them with `fragment(code, name)`.
   */
  readonly fragments?: Readonly<Record<string, string>>
}

export interface ConnectorSummary<Summary> {
  readonly code: string
  readonly summary: Summary
}

/** A file about all connectors: its texts in order, and references to the fragments between them. */
export interface RegistryFile {
  /** Relative to the output folder, with forward slashes. */
  readonly path: string
  readonly parts: readonly (string | Fragment)[]
}

interface Definition<Summary> {
  readonly name: string
  readonly folder: string
  readonly compile: (connector: Connector) => ConnectorOutput<Summary> | Promise<ConnectorOutput<Summary>>
  /**
   * Receives the summaries sorted by code. Texts may contain fragments: `fragment(code, name)`. Files are consumed one
   * after the other, so a generator function never has two large ones in memory.
   */
  readonly aggregate: (summaries: readonly Summary[]) => Iterable<OutputFile>
}

/** Makes one kind of output. Pure: the same registry gives the same files, byte for byte. */
export interface Target {
  readonly name: string
  /** Its own folder inside the output folder; everything else in there is left over or stray. */
  readonly folder: string
  readonly compile: (connector: Connector) => Promise<ConnectorOutput<unknown>>
  /** The files about all connectors. */
  readonly aggregate: (summaries: readonly ConnectorSummary<unknown>[]) => Iterable<RegistryFile>
}

export function target<Summary>({ name, folder, compile, aggregate }: Definition<Summary>): Target {
  return {
    name,
    folder,
    compile: async (connector) => compile(connector),
    *aggregate(summaries) {
      const sorted = [...summaries].sort((left, right) => compareText(left.code, right.code))
      // What `compile` returned comes back, possibly by way of JSON.
      for (const { path, text } of aggregate(sorted.map(({ summary }) => summary as Summary)))
        yield { path, parts: splitAtFragments(text) }
    },
  }
}

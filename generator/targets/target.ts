import type { Connector, OutputFile, Registry } from '../model/connector.ts'
import { compareText } from '../text/compare-text.ts'
import { expanded, type Fragment } from './fragment.ts'

/** What one connector alone decides. Depends on nothing else, so it is made in any order, on any thread, and cached. */
export interface Contribution<Summary> {
  /** Its own files, in any order; paths start with the target's folder. */
  readonly files: readonly OutputFile[]
  /**
   * What files over all connectors have to know of it, as plain JSON. The summaries of all connectors are in memory at
   * once: a few hundred bytes, and never whole schemas or pages.
   */
  readonly summary: Summary
  /**
   * Long texts that files over all connectors take over as they are, by name. They are kept out of memory; such a file
   * places them with `fragment(code, name)`.
   */
  readonly fragments?: Readonly<Record<string, string>>
}

export interface Summarized<Summary> {
  readonly code: string
  readonly summary: Summary
}

interface Parts<Summary> {
  readonly name: string
  readonly folder: string
  readonly ofConnector: (connector: Connector) => Contribution<Summary> | Promise<Contribution<Summary>>
  /**
   * Gets the summaries sorted by code. Texts may hold fragments: `fragment(code, name)`. Files are taken one after the
   * other, so that a generator function never has two large ones in memory.
   */
  readonly ofRegistry: (summaries: readonly Summary[]) => Iterable<OutputFile>
}

/** Makes one kind of output. Pure: the same registry gives the same files, byte for byte. */
export interface Target {
  readonly name: string
  /** Its own folder under the output folder: what else stands there is left over or stray. */
  readonly folder: string
  readonly ofConnector: (connector: Connector) => Promise<Contribution<unknown>>
  /** Gets what `ofConnector` said of each connector; the files over all of them, with fragments still to be filled in. */
  readonly ofRegistry: (summarized: readonly Summarized<unknown>[]) => Iterable<OutputFile>
  /** Every file of a registry that fits in memory. */
  readonly emit: (registry: Registry) => Promise<readonly OutputFile[]>
}

export function target<Summary>({ name, folder, ofConnector, ofRegistry }: Parts<Summary>): Target {
  const made: Omit<Target, 'emit'> = {
    name,
    folder,
    ofConnector: async (connector) => ofConnector(connector),
    ofRegistry: (summarized) =>
      ofRegistry(
        [...summarized]
          .sort((left, right) => compareText(left.code, right.code))
          // What `ofConnector` gave comes back, at most by way of JSON.
          .map(({ summary }) => summary as Summary),
      ),
  }
  return { ...made, emit: (registry) => emit(made, registry) }
}

async function emit({ ofConnector, ofRegistry }: Omit<Target, 'emit'>, { connectors }: Registry) {
  const files: OutputFile[] = []
  const summarized: Summarized<unknown>[] = []
  const fragments = new Map<string, Readonly<Record<string, string>>>()
  // One after the other: json-schema-to-typescript needs more memory than time.
  for (const connector of connectors) {
    const contribution = await ofConnector(connector)
    files.push(...contribution.files)
    summarized.push({ code: connector.code, summary: contribution.summary })
    fragments.set(connector.code, contribution.fragments ?? {})
  }
  const textOf = ({ code, name }: Fragment) => {
    const text = fragments.get(code)?.[name]
    if (text === undefined) throw new Error(`no connector gave the fragment "${name}" of ${code}`)
    return text
  }
  return [...[...ofRegistry(summarized)].map(({ path, text }) => ({ path, text: expanded(text, textOf) })), ...files]
}

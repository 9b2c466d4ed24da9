import type { Outline } from '../check/outline.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Place } from '../output/content.ts'
import type { Change } from '../output/plan.ts'
import type { Known } from './earlier.ts'
import type { Done } from './job.ts'
import type { Made, MadeText } from './made.ts'
import { outlineIn, type Told, tell } from './told.ts'

/** What a run holds of each definition until all are done. It has to be little: there can be tens of thousands. */
export interface Held {
  readonly name: string
  readonly diagnostics: readonly Diagnostic[]
  /** Of a definition with findings. */
  readonly text: string | undefined
  readonly outline: () => Outline | undefined
  /** Missing where there are findings. */
  readonly contribution: Contributor | undefined
  readonly changes: readonly Change[]
}

/** What files over all connectors say of one, and what the end of a run has to know. */
export interface Contributor {
  readonly known: Known
  readonly told: Told
  /** Of its own files. */
  readonly paths: readonly string[]
  /** Where its long texts are that this run has made, by target and name; undefined of what an earlier run did. */
  readonly places: Readonly<Record<string, Place>> | undefined
}

export function hold({ name, key = '', diagnostics, text, outline, made, changes, fragments = {} }: Done): Held {
  const contribution = made && contributorOf(made, { name, key, places: fragments })
  return {
    name,
    diagnostics,
    text,
    outline: () => outline ?? (contribution && outlineIn(contribution.told)),
    contribution,
    changes: sharing(contribution?.paths ?? [], changes),
  }
}

/** What an earlier run did and nobody has touched since. */
export function holdSettled(contribution: Contributor): Held {
  const { known, told } = contribution
  return {
    name: known.name,
    diagnostics: [],
    text: undefined,
    outline: () => outlineIn(told),
    contribution,
    changes: [],
  }
}

/** Whether a definition gave the same long texts twice; its samples can have changed, and not its own text. */
export function isOfSameTexts(before: Held | undefined, now: Held | undefined): boolean {
  const [earlier, later] = [before?.contribution?.known, now?.contribution?.known]
  const isSame = ([key, { digest }]: [string, MadeText]) => later?.fragments[key]?.digest === digest
  return earlier?.key === later?.key && Object.entries(earlier?.fragments ?? {}).every(isSame)
}

/** The same changes with every path in memory once: what comes from another thread is a copy of a copy. */
function sharing(known: readonly string[], changes: readonly Change[]): readonly Change[] {
  if (changes.length === 0) return []
  const paths = new Map(known.map((path) => [path, path]))
  return changes.map((change) => ({ ...change, path: paths.get(change.path) ?? change.path }))
}

function contributorOf(
  made: Made,
  { name, key, places }: Pick<Known, 'name' | 'key'> & { readonly places: Readonly<Record<string, Place>> },
): Contributor {
  const summaries: Record<string, string> = {}
  const fragments: Record<string, MadeText> = {}
  const paths: string[] = []
  for (const [target, { summary_digest, files, fragments: own }] of Object.entries(made.targets)) {
    summaries[target] = summary_digest
    for (const { path } of files) paths.push(path)
    for (const [fragment, text] of Object.entries(own)) fragments[`${target} ${fragment}`] = text
  }
  const { code, events } = made
  const samples = made.samples.map((sample) => sample.name)
  const known = { name, key, code, events, samples, files: paths.length, summaries, fragments }
  return { known, told: tell(made), paths, places }
}

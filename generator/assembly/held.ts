import { digest } from '../cache/digest.ts'
import type { Outline } from '../check/outline.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Place } from '../output/content.ts'
import type { Change } from '../output/plan.ts'
import type { Known } from './earlier.ts'
import type { Done } from './job.ts'
import type { Made, MadeText } from './made.ts'
import { outlinesIn, type Told, toldOf } from './told.ts'

/** What a run holds of each definition until all are done. It has to be little: there can be tens of thousands. */
export interface Held {
  readonly name: string
  readonly diagnostics: readonly Diagnostic[]
  /** Of a definition with findings. */
  readonly text: string | undefined
  /** Of a definition with findings; that of another is part of what it told. */
  readonly outline: Outline | undefined
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
  /**
   * Where its long texts are that this run has made, by target and name: none where it did not have to make them.
   * Undefined of what the run before left as it is: those stand in the files of that run.
   */
  readonly places: Readonly<Record<string, Place>> | undefined
}

/** Keeps a text somewhere. */
type Keep = (text: string) => Place

export function hold(
  { name, key = '', diagnostics, text, outline, made, changes, fragments = {} }: Done,
  keep: Keep,
): Held {
  const contribution = made && contributorOf(made, { name, key, places: fragments, told: keep(toldOf(made)) })
  return {
    name,
    diagnostics,
    text,
    outline,
    contribution,
    changes: sharing(contribution?.paths ?? [], changes),
  }
}

/** What an earlier run did and nobody has touched since. */
export function holdSettled(contribution: Contributor): Held {
  const { name } = contribution.known
  return { name, diagnostics: [], text: undefined, outline: undefined, contribution, changes: [] }
}

/** What rules across definitions see of all. */
export function outlinesOf(all: readonly Held[]): readonly Outline[] {
  const told = [...outlinesIn(all.flatMap(({ contribution }) => contribution?.told ?? []))].values()
  return all.flatMap(({ outline, contribution }) => (contribution === undefined ? outline : told.next().value) ?? [])
}

/** Whether a definition gave the same twice; its samples can have changed, and not its own text. */
export function isOfSameTexts(before: Held | undefined, now: Held | undefined): boolean {
  const [earlier, later] = [before?.contribution?.known, now?.contribution?.known]
  if (earlier === undefined || later === undefined || earlier.key !== later.key) return false
  return (
    Object.entries(earlier.fragments).every(([key, { digest }]) => later.fragments[key]?.digest === digest) &&
    Object.entries(earlier.summaries).every(([target, digest]) => later.summaries[target] === digest)
  )
}

/** The same changes with every path in memory once: what comes from another thread is a copy of a copy. */
function sharing(known: readonly string[], changes: readonly Change[]): readonly Change[] {
  if (changes.length === 0) return []
  const paths = new Map(known.map((path) => [path, path]))
  return changes.map((change) => ({ ...change, path: paths.get(change.path) ?? change.path }))
}

function contributorOf(
  made: Made,
  { name, key, ...kept }: Pick<Known, 'name' | 'key'> & Pick<Contributor, 'places' | 'told'>,
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
  const outline = digest(JSON.stringify(made.outline))
  const known = { name, key, code, events, samples, files: paths.length, outline, summaries, fragments }
  return { known, paths, ...kept }
}

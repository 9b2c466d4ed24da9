import type { Outline } from '../check/outline.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Kept } from '../output/assemble.ts'
import type { Change } from '../output/plan.ts'
import type { Done } from './job.ts'
import type { Made } from './made.ts'

/** What a run holds of each definition until all are done. It has to be little: there can be tens of thousands. */
export interface Held {
  readonly name: string
  readonly key: string | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly text: string | undefined
  readonly outline: Outline | undefined
  /** Missing where there are findings. */
  readonly contribution: Contributor | undefined
  readonly changes: readonly Change[]
  /** What came of it as JSON text, for the next run; missing where that would be too much to hold. */
  readonly line: Buffer | undefined
}

/** What files over all connectors say of one, and what the end of a run has to know. */
export interface Contributor {
  /** File name of the definition. */
  readonly name: string
  readonly code: string
  /** How many events. */
  readonly events: number
  /** Names of its samples. */
  readonly samples: readonly string[]
  /** Of its own files. */
  readonly paths: readonly string[]
  /** By target, as JSON text, until the target takes it. */
  readonly summaries: Map<string, string>
  /** By target. */
  readonly summaryDigests: Readonly<Record<string, string>>
  /** By target and name. */
  readonly fragments: Readonly<Record<string, Kept>>
}

export function hold(
  { name, key, diagnostics, text, outline, made, changes, fragments }: Done,
  line: Buffer | undefined,
): Held {
  const contribution = made === undefined ? undefined : contributorOf(name, made, fragments ?? {})
  return {
    name,
    key,
    diagnostics,
    text,
    outline: outline ?? made?.outline,
    contribution,
    changes: sharing(contribution?.paths ?? [], changes),
    line,
  }
}

/** Whether a definition gave the same long texts twice; its samples can have changed, and not its own text. */
export function isOfSameTexts(before: Held | undefined, now: Held | undefined): boolean {
  const [earlier, later] = [before?.contribution?.fragments ?? {}, now?.contribution?.fragments ?? {}]
  return before?.key === now?.key && Object.entries(earlier).every(([key, { digest }]) => later[key]?.digest === digest)
}

/** The same changes with every path in memory once: what comes from another thread is a copy of a copy. */
function sharing(known: readonly string[], changes: readonly Change[]): readonly Change[] {
  if (changes.length === 0) return []
  const paths = new Map(known.map((path) => [path, path]))
  return changes.map((change) => ({ ...change, path: paths.get(change.path) ?? change.path }))
}

function contributorOf(name: string, made: Made, places: NonNullable<Done['fragments']>): Contributor {
  const summaries = new Map<string, string>()
  const fragments: Record<string, Kept> = {}
  const summaryDigests: Record<string, string> = {}
  const paths: string[] = []
  for (const [target, { summary, summary_digest, files, fragments: known }] of Object.entries(made.targets)) {
    summaries.set(target, summary)
    summaryDigests[target] = summary_digest
    for (const { path } of files) paths.push(path)
    for (const [fragment, { size, digest }] of Object.entries(known)) {
      const key = `${target} ${fragment}`
      fragments[key] = { size, digest, place: places[key] }
    }
  }
  return {
    name,
    code: made.code,
    events: made.events,
    samples: made.samples.map((sample) => sample.name),
    paths,
    summaries,
    summaryDigests,
    fragments,
  }
}

import type { Outline } from '../check/outline.ts'
import type { Place } from '../output/content.ts'
import { Sources } from '../output/sources.ts'
import type { Made } from './made.ts'

/**
 * Where a definition's text stands that is for what is about all of them: its outline, then its summary for each target,
 * as JSON with tabs between. It stays text until somebody wants a part of it, which after an edit of another one is rare.
 */
export type Told = Place

/** JSON text holds none. */
const BETWEEN = '\t'

export function toldOf({ outline, targets }: Made): string {
  const summaries = Object.values(targets).map(({ summary }) => summary)
  return [JSON.stringify(outline), ...summaries].join(BETWEEN)
}

export function* outlinesIn(all: readonly Told[]): Generator<Outline> {
  for (const text of partsIn(all, 0)) yield JSON.parse(text)
}

/** The summaries for the target at a place among those of the run. */
export function* summariesIn(all: readonly Told[], target: number): Generator<unknown> {
  for (const text of partsIn(all, target + 1)) yield JSON.parse(text)
}

/** All of it, as lines to be kept. */
export function* linesOf(all: readonly Told[]): Generator<Buffer> {
  // The next overwrites what was read.
  for (const text of textsIn(all)) yield Buffer.from(text)
}

function* textsIn(all: readonly Told[]): Generator<Buffer> {
  const sources = new Sources()
  try {
    for (const told of all) yield sources.read(told)
  } finally {
    sources.close()
  }
}

function* partsIn(all: readonly Told[], wanted: number): Generator<string> {
  for (const text of textsIn(all)) {
    let start = 0
    for (let before = 0; before < wanted; before += 1) start = text.indexOf(BETWEEN, start) + 1
    const end = text.indexOf(BETWEEN, start)
    yield text.toString('utf8', start, end === -1 ? text.length : end)
  }
}

import type { Outline } from '../check/outline.ts'
import type { Made } from './made.ts'

/**
 * What a definition says to what is about all of them, as JSON texts with tabs between: its outline, then its summary
 * for each target. It stays text until somebody wants a part of it, which after an edit of another one is rare.
 */
export type Told = Buffer

/** JSON text holds none. */
const BETWEEN = '\t'

export function tell({ outline, targets }: Made): Told {
  const summaries = Object.values(targets).map(({ summary }) => summary)
  return Buffer.from([JSON.stringify(outline), ...summaries].join(BETWEEN))
}

export function outlineIn(told: Told): Outline {
  return JSON.parse(outlineText(told))
}

/** Tells outlines apart without reading them. */
export function outlineText(told: Told): string {
  return part(told, 0)
}

/** The summary for the target at a place among those of the run. */
export function summaryIn(told: Told, target: number): unknown {
  return JSON.parse(part(told, target + 1))
}

function part(told: Told, wanted: number): string {
  let start = 0
  for (let before = 0; before < wanted; before += 1) start = told.indexOf(BETWEEN, start) + 1
  const end = told.indexOf(BETWEEN, start)
  return told.toString('utf8', start, end === -1 ? told.length : end)
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Occurrence } from './occurrences.ts'

/** How often each file may still contain a wording, by `<path> <pattern>`. */
export type AllowList = ReadonlyMap<string, number>

const path = join(import.meta.dirname, 'allow-list.txt')
const HEADER = `# Wordings from before the prose check that are not rewritten yet: file, pattern (see patterns.ts), how often.
# Do not add lines. \`npm run prose:shrink\` updates this file after texts are rewritten or moved.
`

/** A merge keeps the lines of both sides (see .gitattributes), so the lowest count of a file and pattern is the one. */
export function parseAllowList(text: string): AllowList {
  const allowed = new Map<string, number>()
  for (const line of text.split('\n').filter((entry) => entry !== '' && !entry.startsWith('#'))) {
    const [file, pattern, count] = line.split(' ')
    const key = `${file} ${pattern}`
    allowed.set(key, Math.min(allowed.get(key) ?? Number.POSITIVE_INFINITY, Number(count)))
  }
  return allowed
}

export function formatAllowList(allowed: AllowList): string {
  return `${HEADER}${[...allowed]
    .map(([key, count]) => `${key} ${count}\n`)
    .sort()
    .join('')}`
}

export function readAllowList(): AllowList {
  return parseAllowList(existsSync(path) ? readFileSync(path, 'utf8') : '')
}

export function writeAllowList(allowed: AllowList): void {
  writeFileSync(path, formatAllowList(allowed))
}

export function countsOf(occurrences: readonly Occurrence[]): AllowList {
  const counts = new Map<string, number>()
  for (const occurrence of occurrences) counts.set(keyOf(occurrence), (counts.get(keyOf(occurrence)) ?? 0) + 1)
  return counts
}

/** The places to rewrite, and the entries that allow more than there is. */
export function problemsIn(occurrences: readonly Occurrence[], allowed: AllowList): readonly string[] {
  const counts = countsOf(occurrences)
  const tooMany = occurrences
    .filter((occurrence) => (counts.get(keyOf(occurrence)) ?? 0) > (allowed.get(keyOf(occurrence)) ?? 0))
    .map(
      ({ path: file, line, pattern, words }) => `${file}:${line} "${words}": write ${pattern.write} [${pattern.name}]`,
    )
  const tooFew = [...allowed]
    .filter(([key, count]) => count > (counts.get(key) ?? 0))
    .map(([key, count]) => `${key}: allows ${count}, found ${counts.get(key) ?? 0}`)
  return [...tooMany, ...tooFew]
}

/** The counts of today, or the patterns that have become more frequent; a text may move, but not multiply. */
export function shrink(
  occurrences: readonly Occurrence[],
  allowed: AllowList,
): { readonly allowed: AllowList } | { readonly risen: readonly string[] } {
  const counts = countsOf(occurrences)
  const [before, now] = [totalsOf(allowed), totalsOf(counts)]
  const risen = [...now].filter(([pattern, count]) => count > (before.get(pattern) ?? 0)).map(([pattern]) => pattern)
  return risen.length > 0 ? { risen } : { allowed: counts }
}

function keyOf({ path: file, pattern }: Occurrence): string {
  return `${file} ${pattern.name}`
}

function totalsOf(counts: AllowList): ReadonlyMap<string, number> {
  const totals = new Map<string, number>()
  for (const [key, count] of counts) {
    const [, pattern = ''] = key.split(' ')
    totals.set(pattern, (totals.get(pattern) ?? 0) + count)
  }
  return totals
}

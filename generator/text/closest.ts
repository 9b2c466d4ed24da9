import leven from 'leven'

/** The candidate that a writer probably meant, or undefined where none is near. */
export function closest(written: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = leven(written.toLowerCase(), candidate.toLowerCase(), { maxDistance: bestDistance })
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `; did you mean "x"?`, or nothing. */
export function suggestion(written: string, candidates: readonly string[]): string {
  const found = closest(written, candidates)
  return found === undefined ? '' : `; did you mean "${found}"?`
}

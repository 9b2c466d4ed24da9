import leven from 'leven'

/** Characters of a name that is compared with others; no name of a definition is longer. */
const LONGEST = 200
/** Pairs of characters that are compared for all suggestions about one definition. */
const MOST_STEPS = 100_000_000

let stepsLeft = Number.POSITIVE_INFINITY

/** Runs checks of one definition, whose suggestions together take a limited number of steps; later ones are left out. */
export function withLimitedSuggestions<Result>(run: () => Result): Result {
  stepsLeft = MOST_STEPS
  try {
    return run()
  } finally {
    stepsLeft = Number.POSITIVE_INFINITY
  }
}

/** The candidate that a writer probably meant, or undefined where none is near. */
export function closest(written: string, candidates: readonly string[]): string | undefined {
  if (written.length > LONGEST) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1
  for (const candidate of candidates) {
    stepsLeft -= 1
    if (Math.abs(candidate.length - written.length) >= bestDistance) continue
    stepsLeft -= written.length * candidate.length
    if (stepsLeft < 0) return undefined
    const [left, right] = [written.toLowerCase(), candidate.toLowerCase()]
    const distance = isTransposed(left, right) ? 1 : leven(left, right, { maxDistance: bestDistance })
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Whether two neighbouring characters changed places: one slip of the fingers, where the library counts two. */
function isTransposed(left: string, right: string): boolean {
  if (left.length !== right.length || left === right) return false
  const at = [...left].findIndex((character, index) => character !== right[index])
  return (
    left.slice(0, at) +
      left
        .slice(at, at + 2)
        .split('')
        .reverse()
        .join('') +
      left.slice(at + 2) ===
    right
  )
}

/** `; did you mean "x"?`, or nothing. */
export function suggestion(written: string, candidates: readonly string[]): string {
  const found = closest(written, candidates)
  return found === undefined ? '' : `; did you mean "${found}"?`
}

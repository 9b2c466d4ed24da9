import leven from 'leven'

/** The candidate that a writer probably meant, or undefined where none is near. */
export function closest(written: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1
  for (const candidate of candidates) {
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

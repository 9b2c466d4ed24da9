/** A fifth worse than the committed ratios. */
const WORSE = 1.2

/** A line for each ratio that is clearly worse than it was; GitHub shows it as a warning, anybody can read it. */
export function slowerThan(
  before: Readonly<Record<string, number>>,
  ratios: Readonly<Record<string, number>>,
): readonly string[] {
  return Object.entries(ratios).flatMap(([name, ratio]) => {
    const known = before[name]
    if (known === undefined || ratio <= known * WORSE) return []
    return [`::warning title=slower than before::${name}: ${ratio.toFixed(2)}, was ${known.toFixed(2)}`]
  })
}

import type { Line } from '../line-at.ts'
import { lineAt, neighbour, widthOf } from '../line-at.ts'
import type { Slip, Stumble } from '../slip.ts'

const OF_INDENTATION = ['BAD_INDENT', 'BLOCK_AS_IMPLICIT_KEY', 'MISSING_CHAR', 'MULTILINE_IMPLICIT_KEY']

/**
 * A line at a column at which it cannot stand. Which of the lines around it was moved, and where it belongs, cannot be
 * seen here: the check tries it out.
 */
export function indentation({ error, text }: Stumble): Slip | undefined {
  if (!OF_INDENTATION.includes(error.code)) return undefined
  const here = lineAt(text, error.pos[0])
  const above = neighbour(text, here, -1)
  const below = neighbour(text, here, 1)
  const odd = [here, above, below].find((line) => line !== undefined && widthOf(line) % 2 === 1)
  if (odd !== undefined) return slip(odd)
  if (above !== undefined && widthOf(here) > widthOf(above)) return slip(here)
  if (below !== undefined && widthOf(below) > widthOf(here)) return slip(below)
  return widthOf(here) === 0 ? undefined : slip(here)
}

function slip(line: Line): Slip {
  return {
    code: 'yaml/indentation',
    message: `the line is indented by ${spaces(widthOf(line))}, which fits nothing around it`,
    help: 'give all fields of one mapping the same indentation; where the text above goes on, put all of it in quotes',
    from: line.from + widthOf(line),
    to: line.from + line.text.trimEnd().length,
  }
}

export function spaces(amount: number): string {
  return amount === 1 ? '1 space' : `${amount} spaces`
}

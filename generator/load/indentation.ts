import type { Line } from './line-at.ts'
import { lineAt } from './line-at.ts'

/** A line that stands at no column at which it could. */
interface Misindented {
  readonly message: string
  readonly help: string
  readonly from: number
  readonly to: number
}

/**
 * The line whose indentation is the cause of a parser's stumbling at an offset: its own, the one above or the one
 * below. Levels are two spaces apart, so an odd one gives itself away; otherwise it is the line that goes deeper than
 * one that has its value already.
 */
export function misindented(text: string, offset: number): Misindented | undefined {
  const here = lineAt(text, offset)
  const above = neighbour(text, here, -1)
  const below = neighbour(text, here, 1)
  const odd = [here, above, below].find((line) => line !== undefined && widthOf(line) % 2 === 1)
  if (odd !== undefined) {
    return {
      message: `the line is indented by ${spaces(widthOf(odd))}, and levels are two apart`,
      help: 'give it the indentation of the fields beside it',
      ...spanOf(odd),
    }
  }
  if (above !== undefined && widthOf(here) > widthOf(above)) return deeper(text, here, above)
  if (below !== undefined && widthOf(below) > widthOf(here)) return deeper(text, below, here)
  if (widthOf(here) === 0) return undefined
  return {
    message: `the line is indented by ${spaces(widthOf(here))}, as nothing around it is`,
    help: 'give it the indentation of the fields beside it',
    ...spanOf(here),
  }
}

function deeper(text: string, line: Line, above: Line): Misindented {
  const number = text.slice(0, above.from).split('\n').length
  return {
    message: `the line is indented deeper than line ${number}, which has its value already`,
    help: 'give both the same indentation; where the text goes on, put all of it in quotes',
    ...spanOf(line),
  }
}

/** The nearest line in a direction that holds more than a comment. */
function neighbour(text: string, line: Line, direction: 1 | -1): Line | undefined {
  let current = line
  for (;;) {
    const offset = direction === -1 ? current.from - 1 : text.indexOf('\n', current.from) + 1
    if (offset < 0 || (direction === 1 && (offset === 0 || offset >= text.length))) return undefined
    current = lineAt(text, offset)
    if (!/^\s*(?:#|$)/.test(current.text)) return current
  }
}

function widthOf({ text }: Line): number {
  return text.length - text.trimStart().length
}

function spanOf(line: Line): { readonly from: number; readonly to: number } {
  return { from: line.from + widthOf(line), to: line.from + line.text.trimEnd().length }
}

function spaces(amount: number): string {
  return amount === 1 ? '1 space' : `${amount} spaces`
}

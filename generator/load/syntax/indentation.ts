import type { Line } from '../line.ts'
import { indentationOf, lineAt, nextLine } from '../line.ts'
import type { ParserError, SyntaxDiagnosis } from './syntax-diagnosis.ts'

const OF_INDENTATION = ['BAD_INDENT', 'BLOCK_AS_IMPLICIT_KEY', 'MISSING_CHAR', 'MULTILINE_IMPLICIT_KEY']

/**
 * A line at a column at which it cannot stand. Which of the lines around it was moved, and where it belongs, cannot be
 * seen here: the check tries it out.
 */
export function indentation({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  if (!OF_INDENTATION.includes(error.code)) return undefined
  const here = lineAt(text, error.pos[0])
  const above = nextLine(text, here, -1)
  const below = nextLine(text, here, 1)
  const odd = [here, above, below].find((line) => line !== undefined && indentationOf(line) % 2 === 1)
  if (odd !== undefined) return wrongIndentation(odd)
  if (above !== undefined && indentationOf(here) > indentationOf(above)) return wrongIndentation(here)
  if (below !== undefined && indentationOf(below) > indentationOf(here)) return wrongIndentation(below)
  return indentationOf(here) === 0 ? undefined : wrongIndentation(here)
}

function wrongIndentation(line: Line): SyntaxDiagnosis {
  return {
    code: 'yaml/indentation',
    message: `the line is indented by ${spaces(indentationOf(line))}, which fits nothing around it`,
    help: 'give all fields of one mapping the same indentation; where the text above goes on, put all of it in quotes',
    from: line.from + indentationOf(line),
    to: line.from + line.text.trimEnd().length,
  }
}

export function spaces(amount: number): string {
  return amount === 1 ? '1 space' : `${amount} spaces`
}

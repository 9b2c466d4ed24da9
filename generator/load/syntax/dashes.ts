import type { Line } from '../line.ts'
import { indentationOf, lineAt, nextLine } from '../line.ts'
import type { Detector, ParserError, SyntaxDiagnosis } from './syntax-diagnosis.ts'
import { singleEdit } from './syntax-diagnosis.ts'

/** What people write where YAML wants a hyphen and a space. */
const OTHER_MARK = /^(?:[-\u2010-\u2015\u2022*+] ?)(?=\S)/

/** A line among list entries that begins otherwise. */
function dashMissing({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const line = [lineAt(text, error.pos[0]), nextLine(text, lineAt(text, error.pos[0]), 1)].find(
    (candidate) => candidate !== undefined && isAmongEntries(text, candidate.from),
  )
  if (line === undefined) return undefined
  const width = indentationOf(line)
  const written = line.text.trim()
  const entry = written.replace(OTHER_MARK, '')
  return {
    code: 'yaml/indentation',
    message: 'the lines around this one are list entries; an entry begins with "- ", a hyphen and a space',
    help: `write - ${entry}`,
    from: line.from + width,
    to: line.from + width + written.length,
    fix: singleEdit('begin the entry with "- "', {
      from: line.from + width,
      to: line.from + width + written.length - entry.length,
      text: '- ',
    }),
  }
}

/** Whether the line above it or below it, at the same column, is an entry and this one is not. */
function isAmongEntries(text: string, offset: number): boolean {
  const line = lineAt(text, offset)
  const width = indentationOf(line)
  if (/^\s*- /.test(line.text) || line.text.trim() === '') return false
  const above = siblingAbove(text, offset)
  if (above === undefined || !/^\s*- /.test(above.text) || indentationOf(above) !== width) return false
  return (
    !isField(line) ||
    /^\s*-/.test(line.text) ||
    !isField(above) ||
    isDeeperBelow(text, above) ||
    isDeeperBelow(text, line)
  )
}

function isField({ text }: Line): boolean {
  return /^\s*-? *"?[A-Za-z0-9_.-]+"?:(?: |$)/.test(text)
}

/** A mapping in a list has its further fields below the first. */
function isDeeperBelow(text: string, line: Line): boolean {
  const below = nextLine(text, line, 1)
  return below !== undefined && indentationOf(below) > indentationOf(line)
}

/** The nearest line above that stands no deeper. */
function siblingAbove(text: string, offset: number) {
  const here = lineAt(text, offset)
  let above = nextLine(text, here, -1)
  while (above !== undefined && indentationOf(above) > indentationOf(here)) above = nextLine(text, above, -1)
  return above
}

/** A field that begins with a dash, between fields that do not. */
function dashTooMany({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const here = lineAt(text, error.pos[0])
  const candidates = [here, siblingAbove(text, here.from)].filter((line) => line !== undefined)
  for (const line of candidates) {
    const [, indent = '', name] = /^(\s*)- +"?([A-Za-z0-9_.-]+)"?:/.exec(line.text) ?? []
    if (name === undefined || !hasPlainSibling(text, line.from)) continue
    const from = line.from + indent.length
    return {
      code: 'yaml/indentation',
      message: `"${name}" begins with a dash, the fields beside it do not`,
      help: 'delete the dash',
      from,
      to: line.from + line.text.trimEnd().length,
      fix: singleEdit('delete the dash', { from, to: from + 2, text: '' }),
    }
  }
  return undefined
}

function hasPlainSibling(text: string, offset: number): boolean {
  const line = lineAt(text, offset)
  const above = siblingAbove(text, offset)
  let below = nextLine(text, line, 1)
  while (below !== undefined && indentationOf(below) > indentationOf(line)) below = nextLine(text, below, 1)
  const isPlain = (other: typeof above) =>
    other !== undefined && indentationOf(other) === indentationOf(line) && /^\s*"?[A-Za-z0-9_.-]+"?:/.test(other.text)
  return above !== undefined && indentationOf(above) === indentationOf(line) ? isPlain(above) : isPlain(below)
}

/** Entries of lists that lack their dash, and fields that have one. */
export const dashDetectors: readonly Detector[] = [dashMissing, dashTooMany]

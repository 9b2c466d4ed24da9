import { lineAt } from '../line.ts'
import type { Detector, ParserError, SyntaxDiagnosis } from './syntax-diagnosis.ts'
import { diagnosisAt, singleEdit } from './syntax-diagnosis.ts'

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

function closedByAnother({ error, text, open }: ParserError): SyntaxDiagnosis | undefined {
  const sign = text[error.pos[0]] ?? ''
  const bracket = open.findLast(({ offset }) => offset < error.pos[0])
  if (bracket === undefined || !']}'.includes(sign) || sign === '' || CLOSING[bracket.sign] === sign) return undefined
  return {
    ...diagnosisAt(error, {
      code: 'yaml/brackets',
      message: `"${bracket.sign}" is closed by "${sign}"`,
      help: `close it with "${CLOSING[bracket.sign]}"`,
    }),
    fix: singleEdit(`write ${CLOSING[bracket.sign]}`, {
      from: error.pos[0],
      to: error.pos[0] + 1,
      text: CLOSING[bracket.sign] ?? '',
    }),
  }
}

/** Lines between brackets that stand no deeper than the field which they belong to. */
function notDeeper({ error, text, open }: ParserError): SyntaxDiagnosis | undefined {
  const bracket = open.findLast(({ offset }) => offset < error.pos[0])
  if (error.code !== 'BAD_INDENT' || bracket === undefined) return undefined
  const line = lineAt(text, bracket.offset)
  const [, key] = /^\s*(?:- +)*"?([A-Za-z0-9_.-]+)"?:\s*[[{]\s*$/.exec(line.text) ?? []
  if (key === undefined || !text.slice(error.pos[0]).includes(CLOSING[bracket.sign] ?? '')) return undefined
  return {
    ...diagnosisAt(error, {
      code: 'yaml/indentation',
      message: `what stands inside the brackets of "${key}" is not indented deeper than "${key}"`,
      help: 'indent these lines, and the closing bracket, by two spaces more',
    }),
    isLast: true,
  }
}

function openBracket({ error, open }: ParserError): SyntaxDiagnosis | undefined {
  if (!/\bflow\b.*\bend with\b/i.test(error.message)) return undefined
  const bracket = open.findLast(({ offset }) => offset < Math.max(error.pos[1], 1))
  if (bracket === undefined) return undefined
  return {
    code: 'yaml/brackets',
    message: `the "${bracket.sign}" is never closed`,
    help: `close it with "${CLOSING[bracket.sign]}"; text that begins with a bracket goes in quotes`,
    from: bracket.offset,
    to: bracket.offset + 1,
  }
}

function closingBracket({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const sign = text[error.pos[0]] ?? ''
  if (error.code !== 'UNEXPECTED_TOKEN' || !']}'.includes(sign) || sign === '') return undefined
  return diagnosisAt(error, {
    code: 'yaml/brackets',
    message: `nothing opens what "${sign}" closes`,
    help: 'delete it, or put the whole text in quotes',
  })
}

function twoCommas({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const [from] = error.pos
  if (error.code !== 'UNEXPECTED_TOKEN' || text[from] !== ',' || !/\bflow\b/.test(error.message)) return undefined
  return {
    ...diagnosisAt(error, { code: 'yaml/brackets', message: 'two commas stand in a row', help: 'delete one of them' }),
    fix: singleEdit('delete one comma', { from, to: from + 1, text: '' }),
  }
}

function commaMissing({ error }: ParserError): SyntaxDiagnosis | undefined {
  if (error.code !== 'BLOCK_IN_FLOW') return undefined
  return diagnosisAt(error, {
    code: 'yaml/brackets',
    message: 'between brackets, one comma is missing, or what follows is not written in brackets',
    help: 'separate entries with commas, as in { in: query, at: token }; quote text that holds ": "',
  })
}

/** Lines of JSON, of which one has lost its comma. */
function commaMissingAbove({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  if (!/^Missing , between flow/.test(error.message)) return undefined
  const before = text.slice(0, error.pos[0]).trimEnd()
  const place = before.length === 0 ? error.pos[0] : before.length
  const line = before.split('\n').length
  const isAbove = text.slice(place, error.pos[0]).includes('\n')
  return {
    code: 'yaml/brackets',
    message: isAbove ? `a comma is missing at the end of line ${line}` : 'a comma is missing before this',
    help: 'write a comma between two entries',
    from: isAbove ? place - 1 : error.pos[0],
    to: isAbove ? place : error.pos[1],
    fix: singleEdit('add the comma', { from: place, to: place, text: ',' }),
  }
}

function markdownLink({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const line = lineAt(text, error.pos[0])
  const found = /\[[^\]]*\]\(([^)\s]*)\)/.exec(line.text)
  if (error.code !== 'UNEXPECTED_TOKEN' || found === null) return undefined
  return {
    code: 'yaml/syntax',
    message: 'this is a Markdown link',
    help: 'write only the address, without the brackets',
    from: line.from + found.index,
    to: line.from + found.index + found[0].length,
  }
}

/** What stands between brackets, and what ends them. */
export const bracketDetectors: readonly Detector[] = [
  closedByAnother,
  notDeeper,
  openBracket,
  closingBracket,
  twoCommas,
  commaMissing,
  commaMissingAbove,
  markdownLink,
]

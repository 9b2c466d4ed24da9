import { isFieldName } from '../field-names.ts'
import { indentationOf, lineAt, nextLine } from '../line.ts'
import type { Detector, ParserError, SyntaxDiagnosis } from './syntax-diagnosis.ts'
import { continuationTooFarLeft, diagnosisAt, missingQuotes, singleEdit, valueOn } from './syntax-diagnosis.ts'

function openQuote({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const [, sign] = /^Missing closing (["'])/.exec(error.message) ?? []
  if (sign === undefined) return undefined
  const from = Math.max(0, text.lastIndexOf(sign, Math.max(0, error.pos[0] - 1)))
  return (
    continuedQuote(text, from, sign) ?? {
      code: 'yaml/quotes',
      message: `the quote ${sign} is never closed`,
      help: `close it on the same line; write ${sign === '"' ? '\\" for a quote' : "'' for an apostrophe"} inside`,
      from,
      to: from + 1,
    }
  )
}

/** A text in quotes whose second line stands no deeper than its field. */
function continuedQuote(text: string, offset: number, sign: string): SyntaxDiagnosis | undefined {
  const line = lineAt(text, offset)
  const [, indent = '', key] = /^(\s*(?:- +)*)"?([A-Za-z0-9_.-]+)"?:/.exec(line.text) ?? []
  const below = nextLine(text, line, 1)
  if (key === undefined || below === undefined || !below.text.trimEnd().endsWith(sign)) return undefined
  if (indentationOf(below) > indent.length) return undefined
  return continuationTooFarLeft(below, key, indent)
}

/** A backslash with what it escapes; of a pair, both. */
const ESCAPES = /\\(?:[^\r\n]|$)/g

function badEscape({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  if (error.code !== 'BAD_DQ_ESCAPE') return undefined
  const [from] = error.pos
  const [written] = /^\\./.exec(text.slice(from)) ?? []
  if (written === undefined) return undefined
  const line = lineAt(text, from)
  const [, before = ''] = /^(.*?)"/.exec(line.text) ?? []
  const [quoted = ''] = /^"(?:[^"\\]|\\.)*/.exec(line.text.slice(before.length)) ?? []
  // Who writes one backslash means every other the same way.
  const lone = [...quoted.matchAll(ESCAPES)].filter(([pair]) => pair !== '\\\\' && pair !== '\\"')
  const places = lone.map(({ index }) => line.from + before.length + index)
  const edits = (places.includes(from) ? places : [from]).map((at) => ({ from: at, to: at, text: '\\' }))
  return {
    ...diagnosisAt(error, {
      code: 'yaml/quotes',
      message: `"${written}" means nothing in double quotes`,
      help: 'write \\\\ for a backslash, or put the text in single quotes',
    }),
    fix: { summary: edits.length === 1 ? 'double the backslash' : 'double the backslashes', edits },
  }
}

/** `>-` and `|` take the lines below them, and nothing on their own. */
function blockOnLine({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const line = lineAt(text, error.pos[0])
  const found = valueOn(line, /^[>|]/)
  if (error.code !== 'UNEXPECTED_TOKEN' || found === undefined) return undefined
  const [sign = ''] = /^[>|][0-9+-]*/.exec(found.value) ?? []
  return {
    code: 'yaml/quotes',
    message: `after "${sign}" the text begins on the next line`,
    help: `begin a new line after "${sign}", or delete "${sign}" and put the text in quotes`,
    from: found.from,
    to: found.to,
  }
}

/** Signs with which YAML begins something else than text. */
const RESERVED = /^(?:[@`%,]|[?|>*-](?:\s|$))/
const STARTS = ['BAD_ALIAS', 'BAD_SCALAR_START', 'UNEXPECTED_TOKEN', 'BLOCK_AS_IMPLICIT_KEY']

function reservedSign({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const line = lineAt(text, error.pos[0])
  const found = valueOn(line, RESERVED)
  if (!STARTS.includes(error.code) || found === undefined) return undefined
  // A key behind a dash is a list entry in the wrong place.
  if (/:(?:\s|$)/.test(found.value) || error.pos[0] !== found.from) return undefined
  return missingQuotes(line, found, `text that begins with "${found.value.charAt(0)}" needs quotes`)
}

function reservedInBrackets({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  if (error.code !== 'BAD_SCALAR_START') return undefined
  const [from] = error.pos
  const [value = ''] = /^[^,\]}\r\n]*/.exec(text.slice(from)) ?? []
  const to = from + value.trimEnd().length
  if (to === from || !/[[{]/.test(lineAt(text, from).text.slice(0, from - lineAt(text, from).from))) return undefined
  return {
    code: 'yaml/quotes',
    message: `text that begins with "${value.charAt(0)}" needs quotes`,
    help: 'put the text in quotes',
    from,
    to,
    fix: singleEdit('put the text in quotes', { from, to, text: JSON.stringify(text.slice(from, to)) }),
  }
}

function commaAfterQuotes({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const [from, to] = error.pos
  if (error.code !== 'UNEXPECTED_TOKEN' || text.slice(from, to).trim() !== ',') return undefined
  return {
    ...diagnosisAt(error, { code: 'yaml/quotes', message: 'a comma stands after the value', help: 'delete it' }),
    fix: singleEdit('delete the comma', { from, to: from + 1, text: '' }),
  }
}

function textAfter({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  if (error.code !== 'UNEXPECTED_TOKEN' && error.code !== 'BLOCK_AS_IMPLICIT_KEY') return undefined
  const line = lineAt(text, error.pos[0])
  const found = valueOn(line, /^[*[{"']/)
  if (found === undefined) return undefined
  const sign = found.value.charAt(0)
  if (sign !== '"' && sign !== "'")
    return error.code === 'UNEXPECTED_TOKEN'
      ? missingQuotes(line, found, `text that begins with "${sign}" needs quotes`)
      : undefined
  const closed = sign === '"' ? /^"(?:[^"\\]|\\.)*"/ : /^'(?:[^']|'')*'/
  const [quoted = ''] = closed.exec(found.value) ?? []
  const rest = found.value.slice(quoted.length)
  if (quoted === '' || rest.trim() === '') return undefined
  return {
    code: 'yaml/quotes',
    message: 'the text goes on after the closing quote',
    help:
      sign === '"'
        ? 'write \\" for quotes inside, or put the whole text in single quotes'
        : 'write the apostrophe inside twice, or put the whole text in double quotes',
    from: found.from + quoted.length + rest.length - rest.trimStart().length,
    to: found.to,
  }
}

function colonInText({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const line = lineAt(text, error.pos[0])
  const found = valueOn(line, /^[^"'[{|>&*!#-].*:(?:\s|$)/)
  if (error.code !== 'BLOCK_AS_IMPLICIT_KEY' || found?.from !== error.pos[0]) return undefined
  const second = secondField(found.value)
  if (second === undefined && /^[\u201c\u201d\u201e]/.test(found.value)) return curlyQuotes(found)
  if (second === undefined) return missingQuotes(line, found, 'text that holds a colon and a space needs quotes')
  const [first = 'the value'] = /[A-Za-z0-9_.-]+(?="?:)/.exec(line.text) ?? []
  return {
    code: 'yaml/colon',
    message: `two fields stand on one line: "${first}" and "${second.name}"`,
    help: `begin a new line before "${second.name}:"; if it is text, put the whole text in quotes`,
    from: found.from + second.index,
    to: found.from + second.index + second.name.length,
  }
}

/** A field of the format inside a text: the next line, glued to this one. */
function secondField(value: string): { readonly name: string; readonly index: number } | undefined {
  const found = /[\s,]([a-z][a-z0-9_]*): /.exec(value)
  const [, name = ''] = found ?? []
  return found === null || !isFieldName(name) ? undefined : { name, index: found.index + 1 }
}

function curlyQuotes({
  value,
  from,
  to,
}: {
  readonly value: string
  readonly from: number
  readonly to: number
}): SyntaxDiagnosis {
  const straight = JSON.stringify(value.replace(/^[\u201c\u201d\u201e]|[\u201c\u201d\u201e]$/g, ''))
  return {
    code: 'yaml/quotes',
    message: 'the quotes are curly, so they are part of the text',
    help: `write straight quotes: ${straight}`,
    from,
    to,
    fix: singleEdit('write straight quotes', { from, to, text: straight }),
  }
}

/** Text that needs quotes, or has too many or too few. */
export const quoteDetectors: readonly Detector[] = [
  openQuote,
  badEscape,
  blockOnLine,
  reservedSign,
  reservedInBrackets,
  commaAfterQuotes,
  textAfter,
  colonInText,
]

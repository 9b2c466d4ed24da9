import { isFieldName } from '../field-names.ts'
import { indentationOf, lineAt, nextLine } from '../line.ts'
import type { Detector, ParserError, SyntaxDiagnosis } from './syntax-diagnosis.ts'
import { continuationTooFarLeft, singleEdit } from './syntax-diagnosis.ts'

const OF_COLONS = ['MULTILINE_IMPLICIT_KEY', 'MISSING_CHAR']

/** How other languages begin a comment. */
function otherComment({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const line = lineAt(text, error.pos[0])
  const [, sign] = /^\s*(\/\/|\/\*|<!--|--(?= ))/.exec(line.text) ?? []
  if (!OF_COLONS.includes(error.code) || sign === undefined) return undefined
  const from = line.from + indentationOf(line)
  return {
    code: 'yaml/syntax',
    message: `a comment begins with "#", not with "${sign}"`,
    help: 'write "# " before the comment',
    from,
    to: from + sign.length,
  }
}

/** Signs that people put after a name in place of a colon. */
const IN_PLACE_OF_COLON = /^(\s*(?:=>|:=|={1,2})\s*|\s*[;\uff1a\ua789]\s*)(?=\S)/

function colonMissing({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  if (!OF_COLONS.includes(error.code)) return undefined
  const line = lineAt(text, error.pos[0])
  const [, before, name] = /^(\s*(?:- +)*)([A-Za-z0-9_.-]+)/.exec(line.text) ?? []
  if (before === undefined || name === undefined) return undefined
  const from = line.from + before.length
  const after = from + name.length
  const rest = text.slice(after, line.from + line.text.length)
  const place = { code: 'yaml/colon', from, to: after, help: `write ${name}: and a space before the value` } as const
  const [sign] = IN_PLACE_OF_COLON.exec(rest) ?? []
  if (sign !== undefined)
    return {
      ...place,
      message: `after "${name}" stands "${sign.trim()}" in place of a colon`,
      fix: singleEdit('write a colon', { from: after, to: after + sign.length, text: ': ' }),
    }
  if (/^:\S/.test(rest))
    return {
      ...place,
      message: `a space is missing after "${name}:"`,
      fix: singleEdit('add the space', { from: after + 1, to: after + 1, text: ' ' }),
    }
  if (/^#/.test(rest)) return { ...place, message: `a colon is missing after "${name}", and a space before the "#"` }
  if (rest.includes(':') || (rest !== '' && !/^\s/.test(rest))) return undefined
  return continued(text, place.from, name) ?? { ...place, message: `no colon follows "${name}"` }
}

/** A line that belongs to the text above it, and stands too far left for that. */
function continued(text: string, offset: number, first: string): SyntaxDiagnosis | undefined {
  const line = lineAt(text, offset)
  const above = nextLine(text, line, -1)
  const [, indent = '', name, value = ''] = /^(\s*(?:- +)*)"?([A-Za-z0-9_.-]+)"?:(.*)$/.exec(above?.text ?? '') ?? []
  const isBlock = /^\s*[>|][0-9+-]*\s*(?:#.*)?$/.test(value)
  const isText = isFieldName(first) === false && line.text.trim().includes(' ') && value.trim() !== ''
  if (name === undefined || indent.length < indentationOf(line) || (!isBlock && !isText)) return undefined
  return continuationTooFarLeft(line, name, indent)
}

/** `vendor` and a colon, and what stands in its place. */
export const colonDetectors: readonly Detector[] = [otherComment, colonMissing]

import type { YAMLError } from 'yaml'
import type { Fix } from '../diagnostics/diagnostic.ts'
import { misindented } from './indentation.ts'
import { lineAt } from './line-at.ts'

/** What an author did that YAML cannot be read: the cause, where a parser only knows the symptom. */
export interface Slip {
  readonly code: `yaml/${SyntaxCode}`
  readonly message: string
  readonly help: string
  /** Offsets in the text. */
  readonly from: number
  readonly to: number
  readonly fix?: Fix
}

type SyntaxCode = 'brackets' | 'character' | 'colon' | 'documents' | 'indentation' | 'quotes' | 'syntax' | 'tab' | 'tag'

/** A bracket that nothing closes. */
export interface OpenBracket {
  readonly offset: number
  readonly sign: string
}

export interface Stumble {
  readonly error: YAMLError
  readonly text: string
  /** Brackets of the whole text that nothing closes, in order. */
  readonly open: readonly OpenBracket[]
}

type Detector = (stumble: Stumble) => Slip | undefined

/** The first that recognizes its cause speaks. */
export function slipOf(stumble: Stumble): Slip {
  for (const detect of DETECTORS) {
    const slip = detect(stumble)
    if (slip !== undefined) return slip
  }
  const { error } = stumble
  const [first = error.message] = error.message.split('\n')
  const message = first.charAt(0).toLowerCase() + first.slice(1)
  return at(error, {
    code: 'yaml/syntax',
    message,
    help: 'check the indentation, the quotes and the colons around here',
  })
}

const DETECTORS: readonly Detector[] = [
  secondDocument,
  tag,
  tab,
  oddSpace,
  openBracket,
  closingBracket,
  commaMissing,
  openQuote,
  badEscape,
  reservedSign,
  textBehind,
  colonInText,
  colonMissing,
  indentation,
]

function at(error: YAMLError, slip: Pick<Slip, 'code' | 'message' | 'help'>): Slip {
  const [from, to] = error.pos
  return { ...slip, from, to }
}

function secondDocument({ error }: Stumble): Slip | undefined {
  if (error.code !== 'MULTIPLE_DOCS') return undefined
  return at(error, {
    code: 'yaml/documents',
    message: 'the file holds more than one document',
    help: 'one file holds one connector: remove the "---"',
  })
}

function tag({ error, text }: Stumble): Slip | undefined {
  if (error.code !== 'TAG_RESOLVE_FAILED') return undefined
  const [written = ''] = /^\S+/.exec(text.slice(error.pos[0])) ?? []
  return at(error, {
    code: 'yaml/tag',
    message: `"${written}" is read as a tag of YAML`,
    help: 'put text that begins with "!" in quotes; tags have no place in a definition',
  })
}

function tab({ error, text }: Stumble): Slip | undefined {
  const line = lineAt(text, error.pos[0])
  const found = /^ *(\t[ \t]*)/.exec(line.text)
  if (found === null) return undefined
  const to = line.from + found[0].length
  return {
    code: 'yaml/tab',
    message: 'the line is indented with a tab',
    help: 'indent with spaces, two a level',
    from: to - (found[1]?.length ?? 0),
    to,
  }
}

/** Spaces that look like one and are none for YAML; they come along when text is pasted. */
const ODD_SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/

function oddSpace({ error, text }: Stumble): Slip | undefined {
  const line = lineAt(text, error.pos[0])
  const [before = ''] = /^[^"'#]*/.exec(line.text) ?? []
  const found = ODD_SPACE.exec(before)
  if (found === null) return undefined
  const from = line.from + found.index
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return {
    code: 'yaml/character',
    message: `the space here is none for YAML: it is U+${code}`,
    help: 'write an ordinary space',
    from,
    to: from + 1,
    fix: { summary: 'write an ordinary space', edits: [{ from, to: from + 1, text: ' ' }] },
  }
}

function openBracket({ error, open }: Stumble): Slip | undefined {
  if (!/\bflow\b.*\bend with\b/i.test(error.message)) return undefined
  const bracket = open.findLast(({ offset }) => offset < Math.max(error.pos[1], 1))
  if (bracket === undefined) return undefined
  return {
    code: 'yaml/brackets',
    message: `the "${bracket.sign}" is never closed`,
    help: `close it with "${bracket.sign === '[' ? ']' : '}'}"; text that begins with a bracket goes in quotes`,
    from: bracket.offset,
    to: bracket.offset + 1,
  }
}

function closingBracket({ error, text }: Stumble): Slip | undefined {
  const sign = text[error.pos[0]] ?? ''
  if (error.code !== 'UNEXPECTED_TOKEN' || !']}'.includes(sign) || sign === '') return undefined
  return at(error, {
    code: 'yaml/brackets',
    message: `nothing opens what "${sign}" closes`,
    help: 'delete it, or put the whole text in quotes',
  })
}

function commaMissing({ error }: Stumble): Slip | undefined {
  if (error.code !== 'BLOCK_IN_FLOW') return undefined
  return at(error, {
    code: 'yaml/brackets',
    message: 'between brackets, one comma is missing, or what follows is not written in brackets',
    help: 'part entries by commas, as in { in: query, name: token }; quote text that holds ": "',
  })
}

function openQuote({ error, text }: Stumble): Slip | undefined {
  const [, sign] = /^Missing closing (["'])/.exec(error.message) ?? []
  if (sign === undefined) return undefined
  const from = text.lastIndexOf(sign, Math.max(0, error.pos[0] - 1))
  return {
    code: 'yaml/quotes',
    message: `the quote ${sign} is never closed`,
    help: `close it on the same line; write ${sign === '"' ? '\\" for a quote' : "'' for an apostrophe"} inside`,
    from: Math.max(0, from),
    to: Math.max(0, from) + 1,
  }
}

function badEscape({ error, text }: Stumble): Slip | undefined {
  if (error.code !== 'BAD_DQ_ESCAPE') return undefined
  const [from] = error.pos
  const found = /^\\./.exec(text.slice(from))
  if (found === null) return undefined
  return {
    ...at(error, {
      code: 'yaml/quotes',
      message: `"${found[0]}" means nothing in double quotes`,
      help: 'write \\\\ for a backslash, or put the text in single quotes',
    }),
    fix: { summary: 'double the backslash', edits: [{ from, to: from, text: '\\' }] },
  }
}

/** `key: text` or `- text`, where the text begins as the pattern says; a comment behind it is none of it. */
function textOn(line: { readonly from: number; readonly text: string }, beginning: RegExp) {
  const [, before = '', rest = ''] = /^(\s*(?:- +)*(?:[A-Za-z0-9_.-]+: +)?)(.*)$/.exec(line.text) ?? []
  const value = rest.replace(/\s+#.*$/, '').trimEnd()
  if (before.trim() === '' || !beginning.test(value)) return undefined
  return { value, from: line.from + before.length, to: line.from + before.length + value.length }
}

function quoted(found: { readonly value: string; readonly from: number; readonly to: number }): Fix {
  return {
    summary: 'put the text in quotes',
    edits: [{ from: found.from, to: found.to, text: JSON.stringify(found.value) }],
  }
}

function reservedSign({ error, text }: Stumble): Slip | undefined {
  const found = textOn(lineAt(text, error.pos[0]), /^[@`%]/)
  if (error.code !== 'BAD_SCALAR_START' || found === undefined) return undefined
  return {
    code: 'yaml/quotes',
    message: `text that begins with "${found.value.charAt(0)}" needs quotes`,
    help: 'put the whole text in quotes',
    from: found.from,
    to: found.to,
    fix: quoted(found),
  }
}

function textBehind({ error, text }: Stumble): Slip | undefined {
  if (error.code !== 'UNEXPECTED_TOKEN') return undefined
  const found = textOn(lineAt(text, error.pos[0]), /^[*[{"']/)
  if (found === undefined) return undefined
  const sign = found.value.charAt(0)
  const isQuote = sign === '"' || sign === "'"
  return {
    code: 'yaml/quotes',
    message: isQuote ? 'text stands behind the closing quote' : `text that begins with "${sign}" needs quotes`,
    help:
      sign === "'"
        ? 'put the whole text in double quotes, or write the apostrophe inside twice'
        : 'put the whole text in quotes',
    ...(isQuote ? { from: error.pos[0], to: error.pos[1] } : { from: found.from, to: found.to }),
    ...(isQuote ? {} : { fix: quoted(found) }),
  }
}

function colonInText({ error, text }: Stumble): Slip | undefined {
  const found = textOn(lineAt(text, error.pos[0]), /^[^"'[{|>&*!#].*:(?:\s|$)/)
  if (error.code !== 'BLOCK_AS_IMPLICIT_KEY' || found === undefined) return undefined
  return {
    code: 'yaml/quotes',
    message: 'text that holds a colon and a space needs quotes',
    help: 'put the whole text in quotes',
    from: found.from,
    to: found.to,
    fix: quoted(found),
  }
}

function colonMissing({ error, text }: Stumble): Slip | undefined {
  if (error.code !== 'MULTILINE_IMPLICIT_KEY' && error.code !== 'MISSING_CHAR') return undefined
  const line = lineAt(text, error.pos[0])
  const [, before, name] = /^(\s*(?:- +)*)([A-Za-z0-9_.-]+)(?=:\S|\s*=|\s|$)/.exec(line.text) ?? []
  if (before === undefined || name === undefined) return undefined
  const from = line.from + before.length
  const behind = from + name.length
  const place = { code: 'yaml/colon', from, to: behind } as const
  const rest = text.slice(behind, line.from + line.text.length)
  if (/^:\S/.test(rest)) {
    return {
      ...place,
      message: `a space is missing behind "${name}:"`,
      help: `write ${name}: and a space before the value`,
      fix: { summary: 'add the space', edits: [{ from: behind + 1, to: behind + 1, text: ' ' }] },
    }
  }
  const sign = /^\s*=\s*/.exec(rest)?.[0]
  if (sign !== undefined) {
    return {
      ...place,
      message: `behind "${name}" stands "=" in place of a colon`,
      help: `write ${name}: and a space before the value`,
      fix: { summary: 'write a colon', edits: [{ from: behind, to: behind + sign.length, text: ': ' }] },
    }
  }
  if (rest.includes(':')) return undefined
  return { ...place, message: `no colon follows "${name}"`, help: `write ${name}: and a space before the value` }
}

const OF_INDENTATION = ['BAD_INDENT', 'BLOCK_AS_IMPLICIT_KEY', 'MISSING_CHAR', 'MULTILINE_IMPLICIT_KEY']

function indentation({ error, text }: Stumble): Slip | undefined {
  if (!OF_INDENTATION.includes(error.code)) return undefined
  const found = misindented(text, error.pos[0])
  return found === undefined ? undefined : { code: 'yaml/indentation', ...found }
}

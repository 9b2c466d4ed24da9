import { lineAt } from '../line.ts'
import type { Detector, ParserError, SyntaxDiagnosis } from './syntax-diagnosis.ts'
import { diagnosisAt } from './syntax-diagnosis.ts'

function secondDocument({ error }: ParserError): SyntaxDiagnosis | undefined {
  if (error.code !== 'MULTIPLE_DOCS') return undefined
  return diagnosisAt(error, {
    code: 'yaml/documents',
    message: 'the file holds more than one document',
    help: 'one file holds one connector: remove the "---"',
  })
}

function tag({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  if (error.code !== 'TAG_RESOLVE_FAILED') return undefined
  const [written = ''] = /^\S+/.exec(text.slice(error.pos[0])) ?? []
  return diagnosisAt(error, {
    code: 'yaml/tag',
    message: `"${written}" is read as a YAML tag`,
    help: 'put text that begins with "!" in quotes; tags have no place in a definition',
  })
}

function tab({ error, text }: ParserError): SyntaxDiagnosis | undefined {
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
const ODD_SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g

function oddSpace({ error, text }: ParserError): SyntaxDiagnosis | undefined {
  const line = lineAt(text, error.pos[0])
  const [before = ''] = /^[^"'#]*/.exec(line.text) ?? []
  const found = [...before.matchAll(ODD_SPACES)]
  const [first] = found
  if (first === undefined) return undefined
  const code = first[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  const name = code === '00A0' ? 'a no-break space (U+00A0)' : `U+${code}`
  const edits = found.map(({ index }) => ({ from: line.from + index, to: line.from + index + 1, text: ' ' }))
  return {
    code: 'yaml/character',
    message: `this looks like a space but is ${name}`,
    help: 'write an ordinary space',
    from: line.from + first.index,
    to: line.from + first.index + 1,
    fix: { summary: 'write an ordinary space', edits },
  }
}

/** Characters that YAML takes for something, or for nothing, at all. */
export const characterDetectors: readonly Detector[] = [secondDocument, tag, tab, oddSpace]

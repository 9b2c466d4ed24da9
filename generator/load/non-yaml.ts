import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { FILE_START } from '../diagnostics/diagnostic.ts'

interface Source {
  readonly file: string
  readonly text: string
}

/** What is no definition at all, or one with marks all over it; as YAML it would be reported as many mistakes. */
export function nonYamlFinding(source: Source): Diagnostic | undefined {
  return (
    conflictMarker(source) ??
    markup(source) ??
    oldLineEnds(source) ??
    fenced(source) ??
    difference(source) ??
    numbered(source)
  )
}

/** Left by a merge. */
function conflictMarker({ file, text }: Source): Diagnostic | undefined {
  const found = /^(?:<{7}|>{7})(?: .*)?$/m.exec(text)
  if (found === null) return undefined
  return {
    code: 'load/merge-conflict',
    file,
    span: lineSpan(text, found),
    message: 'the file holds a merge conflict',
    help: 'decide which side to keep and delete the lines with <<<<<<<, ======= and >>>>>>>',
  }
}

function lineSpan(text: string, found: RegExpExecArray): Span {
  const line = text.slice(0, found.index).split('\n').length
  const start = { line, column: 1, offset: found.index }
  return { start, end: { line, column: found[0].length + 1, offset: found.index + found[0].length } }
}

/** What a browser or a failed download saves in place of a file. */
function markup({ file, text }: Source): Diagnostic | undefined {
  if (!/^\s*<(?:[!?](?!--)|[a-z])/i.test(text)) return undefined
  return {
    code: 'load/not-yaml',
    file,
    span: FILE_START,
    message: 'the file holds HTML or XML, not YAML',
    help: 'was a web page saved in place of the raw file? Fetch the file again',
  }
}

/** A carriage return alone ends no line for anybody any more, so the first comment would be the whole file. */
function oldLineEnds({ file, text }: Source): Diagnostic | undefined {
  if (text.includes('\n') || !text.includes('\r')) return undefined
  return {
    code: 'load/encoding',
    file,
    span: FILE_START,
    message: 'the line ends are of an old kind (CR)',
    help: 'save the file with the line ends of Unix (LF)',
  }
}

function fenced({ file, text }: Source): Diagnostic | undefined {
  const found = /^```.*$/m.exec(text)
  if (found === null || !/^\s*```/.test(text.replace(/^\s*#.*$/gm, ''))) return undefined
  return {
    code: 'load/not-yaml',
    file,
    span: lineSpan(text, found),
    message: 'the file begins with a code fence',
    help: 'delete the lines with three backticks',
  }
}

/** No field begins with a plus. */
function difference({ file, text }: Source): Diagnostic | undefined {
  const found = /^\+(?:\s*["A-Za-z#-]).*$/m.exec(text)
  if (found === null) return undefined
  return {
    code: 'load/not-yaml',
    file,
    span: lineSpan(text, found),
    message: 'lines begin with "+", as in a diff',
    help: 'copy the file itself, not the diff',
  }
}

/** How many lines in a row begin with their own number before that is no accident. */
const FEW_LINES = 3

function numbered({ file, text }: Source): Diagnostic | undefined {
  const lines = text.split(/\r?\n/, FEW_LINES)
  if (lines.length < FEW_LINES || !lines.every((line, index) => new RegExp(`^\\s*${index + 1}(?:\\b|$)`).test(line)))
    return undefined
  return {
    code: 'load/not-yaml',
    file,
    span: FILE_START,
    message: 'each line begins with its number',
    help: 'copy the raw file, without the line numbers',
  }
}

import type { ErrorCode } from 'yaml'
import type { Fix } from '../diagnostics/diagnostic.ts'

/** `key: text`, also behind the dash of a list; the text is no list, mapping, block, alias or quoted text. */
const UNQUOTED = /^(\s*(?:- +)*[A-Za-z0-9_.-]+: +)([^\s"'[{|>&*!#][^\r\n]*)$/

/** Text that must be quoted because of the sign that it begins with. */
const RESERVED = /^(\s*(?:- +)*(?:[A-Za-z0-9_.-]+: +)?)([@`%][^\r\n]*)$/

/** What mends a slip of YAML, where it is plainly text that lacks its quotes. */
export function syntaxFix(code: ErrorCode, offset: number, text: string): Fix | undefined {
  const pattern = { BLOCK_AS_IMPLICIT_KEY: UNQUOTED, BAD_SCALAR_START: RESERVED }[String(code)]
  if (pattern === undefined) return undefined
  const from = text.lastIndexOf('\n', offset - 1) + 1
  const line = /^[^\r\n]*/.exec(text.slice(from))?.[0] ?? ''
  const [, before = '', rest = ''] = pattern.exec(line) ?? []
  // A comment behind the text is none of it.
  const value = rest.replace(/\s+#.*$/, '').trimEnd()
  if (value === '' || (pattern === UNQUOTED && !/:(?:\s|$)/.test(value))) return undefined
  const start = from + before.length
  return {
    summary: 'put the text in quotes',
    edits: [{ from: start, to: start + value.length, text: JSON.stringify(value) }],
  }
}

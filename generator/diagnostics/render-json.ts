import type { Diagnostic, Fix } from './diagnostic.ts'

/**
 * One finding as plain data: `line`, `column`, `endLine` and `endColumn` count from 1; `fix`, where there is one right
 * answer, replaces text between offsets of UTF-16 code units.
 */
export function renderJson({
  code,
  file,
  span,
  message,
  help,
  fix,
}: Diagnostic): Readonly<Record<string, string | number | Fix>> {
  return {
    code,
    file,
    line: span.start.line,
    column: span.start.column,
    endLine: span.end.line,
    endColumn: span.end.column,
    message,
    help,
    ...(fix === undefined ? {} : { fix }),
  }
}

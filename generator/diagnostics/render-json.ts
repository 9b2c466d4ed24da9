import type { Diagnostic } from './diagnostic.ts'

/** One finding as plain data: `line`, `column`, `endLine` and `endColumn` count from 1. */
export function renderJson({ code, file, span, message, help }: Diagnostic): Readonly<Record<string, string | number>> {
  return {
    code,
    file,
    line: span.start.line,
    column: span.start.column,
    endLine: span.end.line,
    endColumn: span.end.column,
    message,
    help,
  }
}

import type { Diagnostic } from './diagnostic.ts'

/**
 * Findings as workflow commands: GitHub shows each on its line of a pull request.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function renderGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(renderOne).join('\n')
}

function renderOne({ file, span, code, message, help }: Diagnostic): string {
  const { start, end } = span
  const properties = {
    file,
    line: start.line,
    endLine: end.line,
    // Columns are only shown where they are of one line.
    ...(start.line === end.line ? { col: start.column, endColumn: Math.max(end.column, start.column) } : {}),
    title: code,
  }
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`)
  return `::error ${list.join(',')}::${data(`${message}\n${help}`)}`
}

/** Text that ends no command and begins none. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

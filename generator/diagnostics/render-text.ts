import type { Diagnostic } from './diagnostic.ts'

export interface Colors {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

interface RenderOptions {
  readonly colors: Colors
  /** The text of a file, for the code frame; undefined where it could not be read as text. */
  readonly textOf: (file: string) => string | undefined
}

/** Longest piece of a source line that a code frame shows; definitions may hold very long lines. */
const FRAME_WIDTH = 120

/** `file:line:column error message [code]`, the line it is about, and the remedy. */
export function renderText(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return diagnostics.map((diagnostic) => renderOne(diagnostic, options)).join('\n')
}

function renderOne(diagnostic: Diagnostic, { colors, textOf }: RenderOptions): string {
  const { file, span, message, help, code } = diagnostic
  const place = `${visible(file)}:${span.start.line}:${span.start.column}`
  const head = `${colors.bold(place)} ${colors.red('error')} ${visible(message)} ${colors.dim(`[${code}]`)}`
  const text = textOf(file)
  const frame = text === undefined || diagnostic.confidential === true ? [] : codeFrame(diagnostic, text, colors)
  const fix =
    diagnostic.fix === undefined
      ? []
      : [`  ${colors.cyan('fix:')}  ${visible(diagnostic.fix.summary)}, as validate --fix does`]
  return [head, ...frame, `  ${colors.cyan('help:')} ${visible(help)}`, ...fix, ''].join('\n')
}

/** The line of a position. Splitting the text for each of many findings would take long. */
function lineAt(text: string, { offset, column }: Diagnostic['span']['start']): string {
  const end = /\r|\n|$/g
  end.lastIndex = offset
  return text.slice(offset - column + 1, end.exec(text)?.index)
}

function codeFrame({ span }: Diagnostic, text: string, colors: Colors): readonly string[] {
  const { line, column } = span.start
  const source = lineAt(text, span.start)
  if (source.trim() === '') return []
  const from = Math.max(0, column - 1 - FRAME_WIDTH / 2)
  const shown = visible(source.slice(from, from + FRAME_WIDTH))
  const before = visible(source.slice(from, column - 1))
  const marked = span.end.line === line ? source.slice(column - 1, span.end.column - 1) : source.slice(column - 1)
  const length = Math.max(1, Math.min(visible(marked).length, FRAME_WIDTH - before.length))
  const gutter = String(line)
  return [
    `  ${colors.dim(`${gutter} |`)} ${shown}`,
    `  ${colors.dim(`${' '.repeat(gutter.length)} |`)} ${' '.repeat(before.length)}${colors.red('^'.repeat(length))}`,
  ]
}

/**
 * Control and bidirectional characters could rewrite the terminal or hide text, and others look like a space or hyphen
 * and are none: they are shown as escapes, and a tab as an arrow.
 */
export function visible(text: string): string {
  return text.replaceAll('\t', '→').replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    /[\u0000-\u001f\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2010\u2011\u2028-\u202f\u205f-\u2069\u3000\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

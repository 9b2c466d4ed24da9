import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Lines } from './line-blocks.ts'
import type { Sections } from './sections.ts'

/** A top-level field whose line is gone, so that what it held stands in the field above. */
export interface MissingKey {
  readonly name: string
  /** The line that it belongs above. */
  readonly line: number
  /** Where the lines end that belong to it. */
  readonly to: number
  /** The text with it. */
  readonly text: string
}

/** Tries each field that the file lacks above the lines that have findings of the schema. */
export function missingKey(findings: readonly Diagnostic[], lines: Lines, sections: Sections): MissingKey | undefined {
  const names = sections.missingNames()
  for (const { code, span } of findings) {
    if (!code.startsWith('schema/') || code === 'schema/missing-field') continue
    const line = topmost(lines, span.start.line)
    const from = lines.from(line)
    const section = sections.at(from)
    if (section === undefined || from <= section.from) continue
    for (const name of names) {
      const text = `${lines.text.slice(0, from)}${name}:\n${lines.text.slice(from)}`
      const changed = text.slice(section.from, section.to + name.length + 2)
      if (sections.violationsWith(section, changed) === 0) return { name, line, to: section.to, text }
    }
  }
  return undefined
}

/** The line, or the one above it at which the part begins that is indented least without being top-level. */
function topmost(lines: Lines, line: number): number {
  let found = line
  for (let above = line; above > 0 && lines.columnOf(above) > 0; above -= 1) {
    if (lines.columnOf(above) < lines.columnOf(found)) found = above
  }
  return found
}

export function missingKeyFinding(file: string, lines: Lines, { name, line, to }: MissingKey): Diagnostic {
  const column = lines.columnOf(line) + 1
  const offset = lines.from(line)
  const written = lines.at(line).trimEnd()
  return {
    code: 'schema/missing-field',
    file,
    span: {
      start: { line, column, offset: offset + column - 1 },
      end: { line, column: written.length + 1, offset: offset + written.length },
    },
    message: `the line "${name}:" is missing above this`,
    help: `write ${name}: on a line of its own, at the left edge`,
    fix: {
      summary: `add the line ${name}:`,
      edits: [{ from: offset, to, text: `${name}:\n${lines.text.slice(offset, to)}` }],
    },
  }
}

import type { Diagnostic, Position, Span } from '../diagnostics/diagnostic.ts'
import { isFieldName } from '../load/field-names.ts'
import { indentationOf, type Line, lineAt } from '../load/line.ts'
import { parse } from '../load/parse.ts'
import { check } from './check.ts'
import { type Block, blocksAround, columnsFor, isUsualColumn, type Lines, linesOf, moveBlock } from './line-blocks.ts'
import { missingKey, missingKeyFinding } from './missing-key-repair.ts'
import { isTopLevel, Sections } from './sections.ts'

interface Source {
  readonly file: string
  readonly stem: string
  readonly text: string
}

/** A block of lines at another column, with which the file would be nearer to the format. */
interface Repair {
  readonly block: Block
  readonly column: number
  readonly violations: number
  readonly isUsual: boolean
  readonly text: string
}

/** The findings that lines at a wrong column cause; all others have causes of their own. */
const SYMPTOMS = /^(?:yaml\/(?:indentation|syntax)|load\/duplicate-key|schema\/(?:unknown-field|missing-field))$/

/** Findings that are examined; further ones are mostly symptoms of the first. */
const MAX_SUSPECTS = 3

/**
 * Replaces the findings that lines at a wrong column cause by one finding about these lines: if the file would be valid
 * with them at another column, they are at the wrong one.
 */
export function withRootCauses(source: Source, findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const suspects = findings.filter((finding) => isSuspect(finding, source.text))
  // A repeated value stands in more than one section.
  if (suspects.length === 0 || /(?:^|[\s[{,])\*[A-Za-z]/m.test(source.text)) return findings
  const sections = new Sections(source.text)
  const lines = linesOf(source.text)
  const repair = bestRepair(suspects.slice(0, MAX_SUSPECTS), lines, sections)
  // A field that leaves nothing to find explains more than lines at another column that leave something.
  const missing = repair?.violations === 0 ? undefined : missingKey(findings, lines, sections)
  if (missing !== undefined)
    return withCause(source, findings, missing.text, missingKeyFinding(source.file, lines, missing))
  return repair === undefined ? findings : withCause(source, findings, repair.text, causeOf(source, lines, repair))
}

/** The cause in place of the findings that disappear once it is fixed. */
function withCause(
  source: Source,
  findings: readonly Diagnostic[],
  text: string,
  cause: Diagnostic,
): readonly Diagnostic[] {
  const rest = findingsIn({ ...source, text })
  const isLeft = ({ code, message }: Diagnostic) =>
    /^(?:text|registry)\//.test(code) || rest.some((other) => other.code === code && other.message === message)
  return [...findings.filter(isLeft), cause]
}

/** A misspelled field has not moved, and a value on the line of its field is simply wrong. */
function isSuspect({ code, fix, span: { start, end } }: Diagnostic, text: string): boolean {
  const line = lineAt(text, start.offset)
  if (code === 'schema/type') {
    // A value that a fix corrects is in its place.
    if (fix !== undefined) return false
    const [, name = ''] = /^\s*([A-Za-z0-9_$-]+):/.exec(line.text) ?? []
    return isFieldName(name) || start.line !== end.line || /:\s*(?:#.*)?$/.test(line.text) || isFirst(start, line)
  }
  if (!SYMPTOMS.test(code)) return false
  return fix === undefined || isFieldName(text.slice(start.offset, end.offset))
}

function isFirst({ offset }: Position, line: Line): boolean {
  return offset === line.from + indentationOf(line)
}

function findingsIn(source: Source): readonly Diagnostic[] {
  const { document, diagnostics } = parse(source)
  return document === undefined || diagnostics.length > 0 ? diagnostics : check([document]).diagnostics
}

/** The fewest violations, then the fewest lines, then the column at which one would look for them. */
function bestRepair(suspects: readonly Diagnostic[], lines: Lines, sections: Sections): Repair | undefined {
  const [best] = suspects
    .flatMap((suspect) => repairsAround(suspect, lines, sections))
    .toSorted(
      (left, right) =>
        left.violations - right.violations ||
        left.block.count - right.block.count ||
        Number(right.isUsual) - Number(left.isUsual) ||
        Math.abs(left.column - left.block.column) - Math.abs(right.column - right.block.column),
    )
  return best
}

function repairsAround(suspect: Diagnostic, lines: Lines, sections: Sections): readonly Repair[] {
  const section = sections.at(suspect.span.start.offset)
  if (section === undefined) return []
  const now = sections.violationsWith(section, lines.text.slice(section.from, section.to)) ?? Number.POSITIVE_INFINITY
  const blocks = blocksAround(lines, suspect.span.start.line).filter(
    (block) => block.from > section.from && block.to <= section.to && isMovable(block, lines, suspect),
  )
  return blocks.flatMap((block) =>
    columnsFor(lines, block).flatMap((column) => {
      if (column === 0 && !isTopLevel(block.name)) return []
      const text = moveBlock(lines, block, column)
      const violations = sections.violationsWith(
        section,
        text.slice(section.from, section.to + text.length - lines.text.length),
      )
      if (violations === undefined || !isConvincing(now, violations)) return []
      return [{ block, column, violations, text, isUsual: isUsualColumn(lines, block.line, column) }]
    }),
  )
}

/** One line of an unknown name could be meant for anywhere; what has no name goes on with any text. */
function isMovable({ count, line, name }: Block, lines: Lines, { code }: Diagnostic): boolean {
  const isSyntax = code === 'yaml/indentation'
  if (name === undefined) return isSyntax || /^\s*- /.test(lines.at(line))
  return isSyntax || count > 1 || isFieldName(name) || /:\s*(?:#.*)?$/.test(lines.at(line))
}

/** Nothing is left to find, or more than the one thing that any other place would hide as well. */
function isConvincing(now: number, then: number): boolean {
  return then === 0 ? now > 0 : now !== Number.POSITIVE_INFINITY && now - then > 1
}

function causeOf({ file, text }: Source, lines: Lines, { block, column, text: fixed }: Repair): Diagnostic {
  const { line, count, name } = block
  const subject = name === undefined ? 'the line' : `"${name}"`
  const rest = count === 2 ? 'the line' : `the ${count - 1} lines`
  const along = count === 1 ? '' : `, and ${rest} below it along with it`
  const parent = parentName(linesOf(fixed), line, column)
  const start = { line, column: block.column + 1, offset: block.from + block.column }
  const written = lines.at(line).trimEnd()
  const span: Span = { start, end: { line, column: written.length + 1, offset: block.from + written.length } }
  const owner = parent === undefined ? 'the whole file' : `"${parent}"`
  const edit = {
    from: block.from,
    to: block.to,
    text: fixed.slice(block.from, block.to + fixed.length - text.length),
  }
  return {
    code: 'yaml/indentation',
    file,
    span,
    message: `${subject} belongs to ${owner}, but is indented by ${spaces(block.column)}`,
    help: column === 0 ? `begin it at the left edge${along}` : `indent it by ${spaces(column)}${along}`,
    fix: { summary: column === 0 ? 'begin it at the left edge' : `indent it by ${spaces(column)}`, edits: [edit] },
  }
}

/** The field that a line belongs to: the nearest above it that stands less deep. */
function parentName(lines: Lines, line: number, column: number): string | undefined {
  for (let number = line - 1; number > 0; number -= 1) {
    const text = lines.at(number)
    const [, indent = '', name] = /^(\s*(?:- +)*)"?([A-Za-z0-9_.$-]+)"?:/.exec(text) ?? []
    const isDeeper = lines.columnOf(number) >= column && !(text.trimStart().startsWith('- ') && indent.length < column)
    if (name !== undefined && !isDeeper) return name
  }
  return undefined
}

function spaces(amount: number): string {
  return amount === 1 ? '1 space' : `${amount} spaces`
}

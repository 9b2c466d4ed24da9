import { isDeepStrictEqual } from 'node:util'
import type { Diagnostic, Edit } from '../diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { lineAt } from '../load/line.ts'
import { parse } from '../load/parse.ts'
import type { Located, SourceDocument } from '../load/source-document.ts'
import { checkStyle } from './check.ts'
import { withRootCauses } from './indentation-repair.ts'
import { keyOrderEdits } from './key-order.ts'

/** The text of one definition. */
export interface DefinitionText {
  readonly file: string
  readonly stem: string
  readonly text: string
}

/** A finding whose fix was applied, and its line before and after that. */
export interface AppliedFix {
  readonly finding: Diagnostic
  /** Missing where the fix moves whole lines. */
  readonly lines?: { readonly before: string; readonly after: string }
}

/** A text with everything that the fixes need to know about it. */
interface View {
  readonly text: string
  /** Missing where the text cannot be read without doubt. */
  readonly document?: SourceDocument
  readonly findings: readonly Diagnostic[]
}

/** Far more than a definition has; two fixes that undo each other would go on for ever. */
const MAX_FIXES = 1000

/** Applies one fix after the other, each only where it is verified; returns the text that remains. */
export function applyFixes(source: DefinitionText): { readonly text: string; readonly fixed: readonly AppliedFix[] } {
  const fixed: AppliedFix[] = []
  const refused = new Set<string>()
  let view = viewOf(source)
  for (let next = nextFix(view); next !== undefined && fixed.length < MAX_FIXES; next = nextFix(view)) {
    fixed.push(appliedFix(next.finding, view.text))
    view = next.after
  }
  return { text: view.text, fixed }

  function nextFix(before: View): { readonly finding: Diagnostic; readonly after: View } | undefined {
    for (const finding of before.findings) {
      const key = `${finding.code} ${finding.message} ${lineAt(before.text, finding.span.start.offset).text}`
      if (finding.fix === undefined || refused.has(key)) continue
      const after = viewOf({ ...source, text: edited(before.text, finding.fix.edits) })
      if (isVerified(finding, before, after)) return { finding, after }
      refused.add(key)
    }
    return undefined
  }
}

/** Findings of a text, with only those fixes that are verified: `--fix` does what a report promises. */
export function withVerifiedFixes(source: DefinitionText, findings: readonly Diagnostic[]): readonly Diagnostic[] {
  if (findings.every(({ fix }) => fix === undefined)) return findings
  const before = viewOf(source, findings)
  return findings.map((finding) => {
    if (finding.fix === undefined) return finding
    const after = viewOf({ ...source, text: edited(source.text, finding.fix.edits) })
    return isVerified(finding, before, after) ? finding : withoutFix(finding)
  })
}

export function withoutFix({ fix: _, ...finding }: Diagnostic): Diagnostic {
  return finding
}

function viewOf(source: DefinitionText, known?: readonly Diagnostic[]): View {
  const { document, diagnostics } = parse(source)
  const isRead = document !== undefined && diagnostics.length === 0
  const found =
    known ?? withRootCauses(source, isRead ? [...checkStyle(document), ...keyOrderEdits(document)] : diagnostics)
  const findings = found.toSorted(compareDiagnostics)
  return isRead ? { text: source.text, document, findings } : { text: source.text, findings }
}

function edited(text: string, edits: readonly Edit[]): string {
  const last = edits.toSorted((left, right) => right.from - left.from)
  return last.reduce((current, edit) => current.slice(0, edit.from) + edit.text + current.slice(edit.to), text)
}

function appliedFix(finding: Diagnostic, text: string): AppliedFix {
  const edits = finding.fix?.edits ?? []
  if (edits.some((edit) => /[\r\n]/.test(edit.text + text.slice(edit.from, edit.to)))) return { finding }
  const [first] = edits
  if (first === undefined) return { finding }
  const before = lineAt(text, first.from)
  const after = lineAt(edited(text, edits), before.from)
  return { finding, lines: { before: before.text.trim(), after: after.text.trim() } }
}

interface Range {
  readonly from: number
  readonly to: number
}

/**
 * Whether a fix does what it promises: its own finding is gone, the format refuses nothing of what it wrote, and whatever
 * could be read before still means the same. What it uncovers elsewhere does not speak against it.
 */
function isVerified(finding: Diagnostic, before: View, after: View): boolean {
  const edits = finding.fix?.edits ?? []
  const { start, end } = finding.span
  const old = [...edits, { from: start.offset, to: end.offset }]
  const fresh = old.map((range) => moved(range, edits))
  if (countOf(finding, within(after, fresh)) >= countOf(finding, within(before, old))) return false
  if (after.document === undefined) return before.document === undefined && isFurther(fresh, before, after)
  const written = edits.map((edit) => moved(edit, edits))
  if (within(after, written).some((other) => isRefusal(other) && isNew(other, within(before, edits)))) return false
  return before.document === undefined || isSameApart(sideOf(before.document, edits), sideOf(after.document, written))
}

/** Where a range of the text before an edit stands after it. */
function moved(range: Range, edits: readonly Edit[]): Range {
  const shift = (offset: number, isEnd: boolean) =>
    edits
      .filter(({ from, to }) => (isEnd ? from < offset || to <= offset : to <= offset && from < offset))
      .reduce((sum, { from, to, text }) => sum + text.length - (to - from), offset)
  return { from: shift(range.from, false), to: shift(range.to, true) }
}

function within({ findings }: View, ranges: readonly Range[]): readonly Diagnostic[] {
  return findings.filter(({ span: { start, end } }) =>
    ranges.some((range) => overlaps(range, { from: start.offset, to: end.offset })),
  )
}

function overlaps(left: Range, right: Range): boolean {
  return left.from < Math.max(right.to, right.from + 1) && right.from < Math.max(left.to, left.from + 1)
}

function countOf({ code, message }: Diagnostic, findings: readonly Diagnostic[]): number {
  return findings.filter((other) => other.code === code && other.message === message).length
}

function isNew(finding: Diagnostic, known: readonly Diagnostic[]): boolean {
  return countOf(finding, known) === 0
}

/** The format does not take what stands there; a rule that only now gets to see it may say what it likes. */
function isRefusal({ code }: Diagnostic): boolean {
  return code.startsWith('schema/') && code !== 'schema/missing-field'
}

/** Where a text still cannot be read, whether that is for reasons that were there or that stand further down. */
function isFurther(places: readonly Range[], before: View, after: View): boolean {
  const isSyntax = ({ code }: Diagnostic) => code.startsWith('yaml/')
  if (after.findings.some(isSyntax) && !before.findings.some(isSyntax)) return false
  const end = Math.max(...places.map(({ to }) => to))
  return after.findings
    .filter(({ span }) => span.start.offset <= end)
    .every((finding) => !isNew(finding, before.findings))
}

interface Side {
  readonly value: unknown
  readonly located: Located | undefined
  readonly touched: readonly Range[]
}

function sideOf({ value, root }: SourceDocument, touched: readonly Range[]): Side {
  return { value, located: root, touched }
}

/** Whether two values differ only where they were touched. */
function isSameApart(left: Side, right: Side): boolean {
  if (isDeepStrictEqual(left.value, right.value)) return true
  const [one, other] = [left.located?.children, right.located?.children]
  if (one === undefined || other === undefined || Array.isArray(left.value) !== Array.isArray(right.value))
    return isTouched(left) || isTouched(right)
  return [...new Set([...one.keys(), ...other.keys()])].every((key) => {
    const [before, after] = [childOf(left, key), childOf(right, key)]
    if (before === undefined) return after !== undefined && isTouched(after)
    return after === undefined ? isTouched(before) : isSameApart(before, after)
  })
}

function childOf({ value, located, touched }: Side, key: string | number): Side | undefined {
  const child = located?.children?.get(key)
  return child === undefined
    ? undefined
    : { value: (value as Readonly<Record<string, unknown>>)[key], located: child, touched }
}

function isTouched({ located, touched }: Side): boolean {
  const spans = located === undefined ? [] : [located.value, ...(located.key === undefined ? [] : [located.key])]
  return spans.some(({ start, end }) =>
    touched.some((range) => overlaps(range, { from: start.offset, to: end.offset })),
  )
}

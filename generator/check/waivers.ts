import type { Waiver } from '../compiled/definition.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Explanation } from '../diagnostics/explanation.ts'
import { snippet } from '../diagnostics/explanation.ts'
import type { SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateValue } from '../load/source-document.ts'
import { tokensOf } from '../model/json-pointer.ts'
import { suggestion } from '../text/closest.ts'
import type { Finding } from './finding.ts'
import type { RuleTable } from './rules/rule.ts'

/** What holds of waivers. They stand outside of the rule table, since they speak of all rules. */
export const waiverRules = {
  'waiver/not-waivable': {
    summary: 'Only rules that can be waived are waived.',
    help: 'correct what the rule finds: what is generated would be wrong otherwise',
    why: 'Some rules keep the output right; whoever waives them gets SQL, types or pages that are wrong.',
    about: ['waiver.rule'],
    bad: snippet`
      - rule: source/unknown
        at: /api/parameters/region
    `,
    good: snippet`
      - rule: parameter/unused
        at: /api/parameters/region
    `,
  },
  'waiver/rule-unknown': {
    summary: 'Every waiver names a rule.',
    help: 'write the code that stands in brackets after the finding',
    why: 'A waiver of a rule that there is not waives nothing, and hides that it does not.',
    about: ['waiver.rule'],
    bad: snippet`
      - rule: parameters/unused
        at: /api/parameters/region
    `,
    good: snippet`
      - rule: parameter/unused
        at: /api/parameters/region
    `,
  },
  'waiver/unneeded': {
    summary: 'Every waiver waives a finding.',
    help: 'delete the waiver, or correct its place',
    why: 'Exceptions that nothing needs any more hide the next mistake, so lists of them may only shrink.',
    about: ['waiver.at'],
    bad: snippet`
      - rule: parameter/unused
        at: /api/parameters/contact_id
    `,
    good: snippet`
      - rule: parameter/unused
        at: /api/parameters/region
    `,
  },
} satisfies Readonly<Record<string, Explanation & { readonly summary: string; readonly help: string }>>

type WaiverCode = keyof typeof waiverRules

interface Subject {
  readonly document: SourceDocument
  /** What was found in the document; with findings of the format, some rules did not run. */
  readonly findings: readonly Finding[]
  readonly isComplete: boolean
  readonly rules: RuleTable
}

interface Usable {
  readonly waiver: Waiver
  readonly index: number
  readonly at: ValuePath
}

/** The findings that no waiver of the document takes away, and what is wrong with the waivers themselves. */
export function waive(subject: Subject): readonly Diagnostic[] {
  const { document, findings, isComplete, rules } = subject
  const waivers = waiversOf(document)
  if (waivers.length === 0) return findings.map(({ diagnostic }) => diagnostic)
  const effective = waivers.filter(({ waiver }) => isWaivable(rules, waiver.rule))
  const used = new Set<Usable>()
  const kept = findings.filter((finding) => {
    const matching = effective.filter((usable) => covers(usable, finding))
    for (const usable of matching) used.add(usable)
    return matching.length === 0
  })
  const refused = waivers.flatMap((usable) => refusal(document, usable, rules))
  // Where rules did not run, nobody knows yet what a waiver is good for.
  const idle = isComplete ? effective.filter((usable) => !used.has(usable) && isApplied(subject, usable)) : []
  return [...kept.map(({ diagnostic }) => diagnostic), ...refused, ...idle.map((usable) => unneeded(document, usable))]
}

/** The format may not have been held: only entries that are whole are read, and the others have findings already. */
function waiversOf({ value }: SourceDocument): readonly Usable[] {
  const { waivers } = (value ?? {}) as { readonly waivers?: unknown }
  if (!Array.isArray(waivers)) return []
  return waivers.flatMap((waiver: Partial<Waiver> | null, index) => {
    if (typeof waiver?.rule !== 'string' || typeof waiver.at !== 'string') return []
    return [{ waiver: waiver as Waiver, index, at: tokensOf(waiver.at) }]
  })
}

/** Whether the definition is offered to tenants. */
export function isActive({ value }: SourceDocument): boolean {
  return (value as { readonly status?: unknown } | null)?.status === 'active'
}

/** A waiver remains useful while the status keeps its rule from running. */
function isApplied({ document, rules }: Subject, { waiver }: Usable): boolean {
  return rules[waiver.rule]?.activeOnly !== true || isActive(document)
}

function isWaivable(rules: RuleTable, code: string): boolean {
  return Object.hasOwn(rules, code) && rules[code]?.waivable === true
}

function covers({ waiver, at }: Usable, { path, diagnostic }: Finding): boolean {
  return diagnostic.code === waiver.rule && at.every((token, depth) => String(path[depth]) === token)
}

function refusal(document: SourceDocument, { waiver, index }: Usable, rules: RuleTable): readonly Diagnostic[] {
  const path = ['waivers', index, 'rule']
  if (isWaivable(rules, waiver.rule)) return []
  if (Object.hasOwn(rules, waiver.rule))
    return [finding(document, 'waiver/not-waivable', path, `the rule "${waiver.rule}" cannot be waived`)]
  const waivable = Object.keys(rules).filter((code) => isWaivable(rules, code))
  return [
    finding(document, 'waiver/rule-unknown', path, `no rule "${waiver.rule}"${suggestion(waiver.rule, waivable)}`),
  ]
}

function unneeded(document: SourceDocument, { waiver, index }: Usable): Diagnostic {
  const message = `nothing at "${waiver.at}" breaks the rule "${waiver.rule}"`
  return finding(document, 'waiver/unneeded', ['waivers', index, 'at'], message)
}

function finding(document: SourceDocument, code: WaiverCode, path: ValuePath, message: string): Diagnostic {
  return { code, file: document.file, span: locateValue(document, path), message, help: waiverRules[code].help }
}

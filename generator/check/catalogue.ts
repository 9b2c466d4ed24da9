import type { Explanation } from '../diagnostics/explanation.ts'
import { explanationByCode } from '../diagnostics/explanation.ts'
import type { RuleTable } from './rules/rule.ts'
import { rules } from './rules/rules.ts'
import { waiverRules } from './waivers.ts'

/** Everything that is known of a kind of finding before there is one. */
export interface FindingKind extends Explanation {
  readonly code: string
  /** What holds in a good definition; missing for what is wrong with a file before anything could hold. */
  readonly summary?: string
  /** What to do about it; missing where each finding says it for itself. */
  readonly help?: string
  /** Whether a definition may waive it with a reason. */
  readonly waivable: boolean
}

const table: RuleTable = rules

/** Every kind of finding, in the order in which a file is read. */
export const findingKinds: readonly FindingKind[] = Object.entries(explanationByCode).map(([code, explanation]) => {
  const text = Object.hasOwn(table, code) ? table[code] : waiverTexts()[code]
  return {
    code,
    ...explanation,
    ...(text === undefined ? {} : { summary: text.summary, help: text.help }),
    waivable: Object.hasOwn(table, code) && table[code]?.waivable === true,
  }
})

function waiverTexts(): Readonly<Record<string, { readonly summary: string; readonly help: string } | undefined>> {
  return waiverRules
}

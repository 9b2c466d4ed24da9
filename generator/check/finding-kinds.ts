import type { Explanation } from '../diagnostics/explanation.ts'
import { loadDiagnostics, syntaxDiagnostics } from '../load/diagnostics.ts'
import { registryFileRules } from './registry-file.ts'
import { rules } from './rules/rules.ts'
import { schemaDiagnostics } from './schema-diagnostics.ts'
import { waiverRules } from './waivers.ts'

/** Everything that is known of a kind of finding before there is one. */
export interface FindingKind {
  readonly code: string
  readonly why: string
  readonly bad: string
  readonly good: string
  readonly about: readonly string[]
  /** What is true of a good definition; missing for what is wrong with a file before anything could be true. */
  readonly summary?: string
  /** What to do about it; missing where each finding says it for itself. */
  readonly help?: string
  /** Whether a definition may waive it with a reason. */
  readonly waivable: boolean
}

interface Entry extends Explanation {
  readonly summary?: string
  readonly help?: string
  readonly waivable?: true
}

/** In the order in which a file is read. */
const tables: readonly Readonly<Record<string, Entry>>[] = [
  loadDiagnostics,
  syntaxDiagnostics,
  schemaDiagnostics,
  rules,
  waiverRules,
  registryFileRules,
]

/** Every kind of finding, with what is wrong with a whole file first. */
export const findingKinds: readonly FindingKind[] = tables.flatMap((table) =>
  Object.entries(table).map(([code, { why, bad, good, about = [], summary, help, waivable }]) => ({
    ...{ code, why, bad, good, about },
    ...(summary === undefined ? {} : { summary }),
    ...(help === undefined ? {} : { help }),
    waivable: waivable === true,
  })),
)

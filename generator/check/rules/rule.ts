import type { Definition, Event } from '../../compiled/definition.ts'
import type { Fix, Span } from '../../diagnostics/diagnostic.ts'
import type { Explanation } from '../../diagnostics/explanation.ts'
import type { Mismatch, SourceDocument, ValuePath } from '../../load/source-document.ts'
import type { IndexedDefinition } from '../definition-index.ts'

/** Reports what is wrong at a path. The help, and whether key or value is meant, are the rule's own unless given. */
export type Report = (path: ValuePath, message: string, help?: string, at?: 'key' | 'value') => void

interface RuleText extends Explanation {
  /** What is true of a good definition, as a sentence. */
  readonly summary: string
  /** What to do where it is not. */
  readonly help: string
  readonly about: readonly string[]
  /** Top-level parts that the check reads; it is left out while one of them does not fit the format. */
  readonly reads: readonly (keyof Definition)[]
  /** Findings point at the key rather than at the value. */
  readonly at?: 'key' | 'value'
  /** Reports leave the offending text out. */
  readonly confidential?: true
  /** Applies to active definitions only: they are offered to tenants. */
  readonly activeOnly?: true
  /** A definition may waive the rule with a reason: what is generated is right all the same. */
  readonly waivable?: true
}

/** Looks at how a definition is written. */
export interface SourceRule extends RuleText {
  readonly scope: 'source'
  readonly check: (document: SourceDocument, report: SourceReport) => void
}

/**
 * Reports what is wrong at a path, or at a span of the text; with a fix, where there is one right answer. The
 * help is the rule's own unless another one is given.
 */
export type SourceReport = (
  place: { readonly path: ValuePath; readonly span?: Span },
  message: string,
  fix?: Fix,
  help?: string,
) => void

/** Looks at one definition. */
export interface DefinitionRule extends RuleText {
  readonly scope: 'definition'
  readonly check: (definition: Definition, report: Report, origin: Origin) => void
}

/** Where a definition comes from. */
export interface Origin {
  /** File name without folder and extension. */
  readonly stem: string
  /** Texts of the sample files that the definition names. */
  readonly samples: ReadonlyMap<string, string>
  /** Why verification refused samples that have a proof, by their index. */
  readonly refusals: ReadonlyMap<number, string>
  /** Differences between the answers in sample handshakes and those of the kit. */
  readonly mismatches: readonly Mismatch[]
  /** The definition as written: its events still refer to shared schemas. */
  readonly written: Definition
}

/** Looks at one event; `reads` names what it needs besides the event itself. Paths start at the event. */
export interface EventRule extends RuleText {
  readonly scope: 'event'
  readonly check: (subject: EventSubject, report: Report) => void
}

export interface EventSubject {
  readonly name: string
  readonly event: Event
  readonly definition: Definition
}

/** Looks across all definitions; findings name the one that they belong to. */
export interface RegistryRule extends RuleText {
  readonly scope: 'registry'
  readonly reads: readonly Exclude<keyof IndexedDefinition, 'registry'>[]
  readonly check: (definitions: readonly IndexedDefinition[], report: RegistryReport) => void
}

export type RegistryReport = (definition: IndexedDefinition, path: ValuePath, message: string, help?: string) => void

export type Rule = SourceRule | DefinitionRule | EventRule | RegistryRule
export type RuleTable = Readonly<Record<string, Rule>>

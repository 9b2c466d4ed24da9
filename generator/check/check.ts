import type { Definition } from '../compiled/definition.ts'
import type { Diagnostic, Fix, Span } from '../diagnostics/diagnostic.ts'
import type { SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import type { Finding } from './finding.ts'
import type { DefinitionRule, EventRule, RegistryRule, Rule, RuleTable, SourceRule } from './rules/rule.ts'
import { rules } from './rules/rules.ts'
import { schemaFindings } from './schema-findings.ts'
import { waive } from './waivers.ts'

export interface Checked {
  /** Only the documents without a finding. */
  readonly definitions: readonly { readonly document: SourceDocument; readonly definition: Definition }[]
  readonly diagnostics: readonly Diagnostic[]
}

/** A document that is read as a definition, and where it is known not to be one. */
interface Subject {
  readonly document: SourceDocument
  readonly definition: Definition
  readonly schema: readonly Finding[]
}

type RuleEntry = readonly [code: string, rule: Rule]
const ruleTable: RuleTable = rules
const ruleEntries: readonly RuleEntry[] = Object.entries(ruleTable)

/**
 * Holds documents against the definition format, then against the rules. A part that does not fit the format is not
 * shown to rules that read it; the rest is, so that one run reports as much as can be known.
 */
export function check(documents: readonly SourceDocument[]): Checked {
  const subjects = documents.map((document) => ({
    document,
    // Rules see only the parts in which the format found nothing.
    definition: document.value as Definition,
    schema: schemaFindings(document),
  }))
  const diagnostics = [...subjects.flatMap(diagnosticsOf), ...registryFindings(subjects)]
  const faulty = new Set(diagnostics.map(({ file }) => file))
  return { definitions: subjects.filter(({ document }) => !faulty.has(document.file)), diagnostics }
}

/** Rules across definitions cannot be waived, so a definition's own findings are all that its waivers meet. */
function diagnosticsOf(subject: Subject): readonly Diagnostic[] {
  const { document, schema } = subject
  return waive({ document, findings: findingsOf(subject), isComplete: schema.length === 0, rules: ruleTable })
}

function findingsOf(subject: Subject): readonly Finding[] {
  const found = [...subject.schema]
  if (!isMapping(subject.document.value) || found.some(({ diagnostic }) => diagnostic.code === 'schema/no-definition'))
    return found
  for (const [code, rule] of ruleEntries) {
    if (rule.scope === 'source') found.push(...applyToSource(subject, code, rule))
    if (rule.scope === 'definition' && isSound(subject, rule.reads))
      found.push(...applyToDefinition(subject, code, rule))
    if (rule.scope === 'event' && isSound(subject, rule.reads)) found.push(...applyToEvents(subject, code, rule))
  }
  return found
}

function applyToSource(subject: Subject, code: string, rule: SourceRule): readonly Finding[] {
  const found: Finding[] = []
  rule.check(subject.document, ({ path, span }, message, fix, remedy) => {
    found.push(diagnose(subject, { code, rule, path, span, message, fix, remedy }))
  })
  return found
}

function applyToDefinition(subject: Subject, code: string, rule: DefinitionRule): readonly Finding[] {
  const found: Finding[] = []
  const report = (path: ValuePath, message: string, remedy?: string) => {
    found.push(diagnose(subject, { code, rule, path, message, remedy }))
  }
  const { stem, samples = new Map() } = subject.document
  rule.check(subject.definition, report, { stem, samples })
  return found
}

function applyToEvents(subject: Subject, code: string, rule: EventRule): readonly Finding[] {
  const found: Finding[] = []
  const { definition } = subject
  if (!isMapping(definition.events)) return found
  for (const [name, event] of Object.entries(definition.events)) {
    if (!isSoundEvent(subject, name)) continue
    const report = (path: ValuePath, message: string, remedy?: string) => {
      found.push(diagnose(subject, { code, rule, path: ['events', name, ...path], message, remedy }))
    }
    rule.check({ name, event, definition }, report)
  }
  return found
}

function registryFindings(subjects: readonly Subject[]): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  for (const [code, rule] of ruleEntries) {
    if (rule.scope === 'registry') found.push(...applyToRegistry(subjects, code, rule))
  }
  return found
}

function applyToRegistry(subjects: readonly Subject[], code: string, rule: RegistryRule): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  const sound = subjects.filter((subject) => isMapping(subject.document.value) && isSound(subject, rule.reads))
  rule.check(
    sound.map(({ definition }) => definition),
    (definition, path, message, remedy) => {
      const subject = sound.find((candidate) => candidate.definition === definition)
      if (subject !== undefined) found.push(diagnose(subject, { code, rule, path, message, remedy }).diagnostic)
    },
  )
  return found
}

interface Breach {
  readonly code: string
  readonly rule: Rule
  readonly path: ValuePath
  readonly message: string
  readonly remedy?: string | undefined
  readonly span?: Span | undefined
  readonly fix?: Fix | undefined
}

function diagnose({ document }: Subject, { code, rule, path, message, remedy, fix, ...given }: Breach): Finding {
  const span = given.span ?? (rule.at === 'key' ? locateKey(document, path) : locateValue(document, path))
  const diagnostic: Diagnostic = {
    ...{ code, file: document.file, span, message, help: remedy ?? rule.help },
    ...(rule.confidential === true ? { confidential: true } : {}),
    ...(fix === undefined ? {} : { fix }),
  }
  return { path, diagnostic }
}

/** Whether the format found nothing in these top-level parts. */
function isSound({ schema, definition }: Subject, parts: readonly string[]): boolean {
  return parts.every((part) => {
    const isOptional = ['deprecated', 'replaced_by', 'capabilities', 'changes'].includes(part)
    if (!isOptional && !Object.hasOwn(definition, part)) return false
    return !schema.some(({ path }) => path[0] === part)
  })
}

/** Whether the format found nothing in an event, nor in the mapping that holds it. */
function isSoundEvent({ schema }: Subject, name: string): boolean {
  return !schema.some(({ path }) => path[0] === 'events' && (path.length === 1 || path[1] === name))
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

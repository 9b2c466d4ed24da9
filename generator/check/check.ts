import type { Definition } from '../compiled/definition.ts'
import type { Diagnostic, Fix, Span } from '../diagnostics/diagnostic.ts'
import { isObject } from '../kit/mapping.ts'
import type { SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import type { Finding } from './finding.ts'
import type { AcrossFinding, Outline } from './outline.ts'
import type { DefinitionRule, EventRule, Report, Rule, RuleTable, SourceRule } from './rules/rule.ts'
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
  const checked = documents.map((document) => ({ document, ...checkAlone(document) }))
  const across = checkAcross(checked.flatMap(({ outline }) => outline ?? []))
  const byFile = new Map(documents.map((document) => [document.file, document]))
  const diagnostics = [
    ...checked.flatMap(({ diagnostics: own }) => own),
    ...across.flatMap((finding) => {
      const document = byFile.get(finding.file)
      return document === undefined ? [] : [placed(document, finding)]
    }),
  ]
  const faulty = new Set(diagnostics.map(({ file }) => file))
  const sound = documents.filter(({ file }) => !faulty.has(file))
  return { definitions: sound.map((document) => ({ document, definition: document.value as Definition })), diagnostics }
}

export interface CheckedAlone {
  readonly diagnostics: readonly Diagnostic[]
  /** What rules across definitions see of it; missing for what is no mapping. */
  readonly outline?: Outline
}

/** Everything that one document decides by itself. */
export function checkAlone(document: SourceDocument): CheckedAlone {
  // Rules see only the parts in which the format found nothing.
  const subject = { document, definition: document.value as Definition, schema: schemaFindings(document) }
  const diagnostics = diagnosticsOf(subject)
  return isObject(document.value) ? { diagnostics, outline: outlineOf(subject) } : { diagnostics }
}

function outlineOf(subject: Subject): Outline {
  const { document, definition } = subject
  const parts = ['code', 'namespace', 'replaced_by', 'events'] as const
  const sound = parts.filter((part) => isSound(subject, [part]))
  const events = sound.includes('events') ? Object.entries(definition.events) : []
  return {
    file: document.file,
    sound,
    definition: {
      ...{ code: definition.code, namespace: definition.namespace },
      ...(definition.replaced_by === undefined ? {} : { replaced_by: definition.replaced_by }),
      events: Object.fromEntries(
        events.map(([name, { version, smart_code }]) => [
          name,
          smart_code === undefined ? { version } : { version, smart_code },
        ]),
      ),
    },
  }
}

/** What rules across definitions find. Where in the file it stands, `placed` says: the outlines do not know. */
export function checkAcross(outlines: readonly Outline[]): readonly AcrossFinding[] {
  const found: AcrossFinding[] = []
  for (const [code, rule] of ruleEntries) {
    if (rule.scope !== 'registry') continue
    const shown = outlines.filter(({ sound }) => rule.reads.every((part) => sound.includes(part)))
    const fileOf = new Map(shown.map(({ definition, file }) => [definition, file]))
    rule.check(
      shown.map(({ definition }) => definition),
      (definition, path, message, remedy = rule.help) => {
        found.push({ file: fileOf.get(definition) ?? '', code, path, message, help: remedy, at: rule.at ?? 'value' })
      },
    )
  }
  return found
}

/** A finding across definitions as one about a place in its file. */
export function placed(document: SourceDocument, { file, code, path, message, help, at }: AcrossFinding): Diagnostic {
  const span = at === 'key' ? locateKey(document, path) : locateValue(document, path)
  return { code, file, span, message, help }
}

/** What the format and the rules about the writing find in one document; these are all that come with a fix. */
export function checkWriting(document: SourceDocument): readonly Diagnostic[] {
  const subject = { document, definition: document.value as Definition, schema: schemaFindings(document) }
  const rulesOfWriting = ruleEntries.filter(([, { scope }]) => scope === 'source')
  return findingsOf(subject, rulesOfWriting).map(({ diagnostic }) => diagnostic)
}

/** Rules across definitions cannot be waived, so a definition's own findings are all that its waivers meet. */
function diagnosticsOf(subject: Subject): readonly Diagnostic[] {
  const { document, schema } = subject
  return waive({ document, findings: findingsOf(subject), isComplete: schema.length === 0, rules: ruleTable })
}

function findingsOf(subject: Subject, entries = ruleEntries): readonly Finding[] {
  const found = [...subject.schema]
  if (!isObject(subject.document.value) || found.some(({ diagnostic }) => diagnostic.code === 'schema/no-definition'))
    return found
  for (const [code, rule] of entries) {
    if (rule.scope === 'source') found.push(...applyToSource(subject, code, rule).filter(isFurther(subject)))
    if (rule.scope === 'definition' && isSound(subject, rule.reads))
      found.push(...applyToDefinition(subject, code, rule))
    if (rule.scope === 'event' && isSound(subject, rule.reads)) found.push(...applyToEvents(subject, code, rule))
  }
  return found
}

/** What the format has refused at a place is not told once more as a matter of writing. */
function isFurther({ schema }: Subject): (finding: Finding) => boolean {
  const refused = new Set(schema.map(({ diagnostic }) => diagnostic.span.start.offset))
  return ({ diagnostic }) => !diagnostic.code.startsWith('style/') || !refused.has(diagnostic.span.start.offset)
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
  const report: Report = (path, message, remedy, at) => {
    found.push(diagnose(subject, { code, rule, path, message, remedy, at }))
  }
  const { stem, samples = new Map() } = subject.document
  rule.check(subject.definition, report, { stem, samples })
  return found
}

function applyToEvents(subject: Subject, code: string, rule: EventRule): readonly Finding[] {
  const found: Finding[] = []
  const { definition } = subject
  if (!isObject(definition.events)) return found
  for (const [name, event] of Object.entries(definition.events)) {
    if (!isSoundEvent(subject, name)) continue
    const report: Report = (path, message, remedy, at) => {
      found.push(diagnose(subject, { code, rule, path: ['events', name, ...path], message, remedy, at }))
    }
    rule.check({ name, event, definition }, report)
  }
  return found
}

interface RuleViolation {
  readonly code: string
  readonly rule: Rule
  readonly path: ValuePath
  readonly message: string
  readonly remedy?: string | undefined
  readonly span?: Span | undefined
  readonly at?: 'key' | 'value' | undefined
  readonly fix?: Fix | undefined
}

function diagnose({ document }: Subject, { code, rule, path, message, remedy, fix, ...given }: RuleViolation): Finding {
  const at = given.at ?? rule.at
  const span = given.span ?? (at === 'key' ? locateKey(document, path) : locateValue(document, path))
  const diagnostic: Diagnostic = {
    ...{ code, file: document.file, span, message, help: remedy ?? rule.help },
    ...(rule.confidential === true ? { confidential: true } : {}),
    ...(fix === undefined ? {} : { fix }),
  }
  return { path, diagnostic }
}

const OPTIONAL: readonly string[] = ['deprecated', 'replaced_by', 'capabilities', 'changes']

/** Whether the format found nothing in these top-level parts. */
function isSound({ schema, definition }: Subject, parts: readonly string[]): boolean {
  return parts.every((part) => {
    if (!OPTIONAL.includes(part) && !Object.hasOwn(definition, part)) return false
    return !schema.some(({ path }) => path[0] === part)
  })
}

/** Whether the format found nothing in an event, nor in the mapping that holds it. */
function isSoundEvent({ schema }: Subject, name: string): boolean {
  return !schema.some(({ path }) => path[0] === 'events' && (path.length === 1 || path[1] === name))
}

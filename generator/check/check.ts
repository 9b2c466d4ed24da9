import type { Definition } from '../compiled/definition.ts'
import { definitionSchema } from '../compiled/definition-schema.js'
import type { Diagnostic, Fix, Span } from '../diagnostics/diagnostic.ts'
import { isObject } from '../kit/mapping.ts'
import type { SourceDocument, ValuePath } from '../load/source-document.ts'
import { locateKey, locateValue } from '../load/source-document.ts'
import { withSharedSchemas, writtenPath } from '../model/shared-schemas.ts'
import { withLimitedSuggestions } from '../text/closest.ts'
import { budgetOf } from './check-budget.ts'
import type { CrossFileFinding, DefinitionIndex } from './definition-index.ts'
import type { Finding } from './finding.ts'
import type { DefinitionRule, EventRule, Report, Rule, RuleTable, SourceRule } from './rules/rule.ts'
import { rules } from './rules/rules.ts'
import { schemaFindings } from './schema-findings.ts'
import { isActive, waive } from './waivers.ts'

export interface Checked {
  /** Only the documents without a finding. */
  readonly definitions: readonly { readonly document: SourceDocument; readonly definition: Definition }[]
  readonly diagnostics: readonly Diagnostic[]
}

/** A document that is read as a definition, and where it is known not to be one. */
interface Subject {
  readonly document: SourceDocument
  /** With shared schemas written out. */
  readonly definition: Definition
  readonly schema: readonly Finding[]
}

type RuleEntry = readonly [code: string, rule: Rule]
const ruleTable: RuleTable = rules
const ruleEntries: readonly RuleEntry[] = Object.entries(ruleTable)

/**
 * Checks documents against the definition format, then against the rules. A part that does not fit the format is not
 * shown to rules that read it; the rest is, so that one run reports as much as can be known.
 */
export function check(documents: readonly SourceDocument[]): Checked {
  const alone = documents.map((document) => ({ document, ...checkDefinition(document) }))
  const across = checkRegistry(alone.flatMap(({ index }) => index ?? []))
  const byFile = new Map(documents.map((document) => [document.file, document]))
  const diagnostics = [
    ...alone.flatMap(({ diagnostics: own }) => own),
    ...across.flatMap((finding) => {
      const document = byFile.get(finding.file)
      return document === undefined ? [] : [diagnosticOf(document, finding)]
    }),
  ]
  const filesWithFindings = new Set(diagnostics.map(({ file }) => file))
  const valid = documents.filter(({ file }) => !filesWithFindings.has(file))
  return { definitions: valid.map((document) => ({ document, definition: document.value as Definition })), diagnostics }
}

export interface CheckedDefinition {
  readonly diagnostics: readonly Diagnostic[]
  /** What rules across definitions read of it; missing where the document is not a mapping. */
  readonly index?: DefinitionIndex
}

/** Finds everything that one document decides by itself. */
export function checkDefinition(document: SourceDocument): CheckedDefinition {
  return withLimitedSuggestions(() => checked(document))
}

function checked(document: SourceDocument): CheckedDefinition {
  const subject = subjectOf(document)
  const diagnostics = diagnosticsOf(subject)
  return isObject(document.value) ? { diagnostics, index: indexOf(subject) } : { diagnostics }
}

/** Rules see only the parts in which the format found nothing, and events that are not too large. */
function subjectOf(document: SourceDocument): Subject {
  const written = document.value as Definition
  const schema = schemaFindings(document)
  if (
    !isObject(written) ||
    hasInvalidSharedParts(schema) ||
    (written.events !== undefined && !isObject(written.events))
  )
    return { document, definition: written, schema }
  const { definition, tooLarge } = withSharedSchemas(written, ([part, name]) =>
    part === 'api'
      ? isObject(written.api) && !schema.some(({ path }) => path[0] === 'api')
      : isValidEvent({ schema }, String(name)),
  )
  const findings = tooLarge.map((path) =>
    tooComplex(document, path, 'there are too many schemas once the references are written out'),
  )
  return { document, definition, schema: [...schema, ...findings] }
}

function hasInvalidSharedParts(schema: readonly Finding[]): boolean {
  return schema.some(({ path }) => path[0] === 'schemas' || path[0] === 'event_fields')
}

function indexOf(subject: Subject): DefinitionIndex {
  const { document, definition } = subject
  const parts = ['code', 'namespace', 'replaced_by', 'events'] as const
  const validParts = parts.filter((part) => isValid(subject, [part]))
  const events = validParts.includes('events') ? Object.entries(definition.events ?? {}) : []
  return {
    file: document.file,
    validParts,
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

/** Runs the rules that look across definitions; `diagnosticOf` adds the place, which an index does not know. */
export function checkRegistry(indexes: readonly DefinitionIndex[]): readonly CrossFileFinding[] {
  const found: CrossFileFinding[] = []
  for (const [code, rule] of ruleEntries) {
    if (rule.scope !== 'registry') continue
    const shown = indexes.filter(({ validParts }) => rule.reads.every((part) => validParts.includes(part)))
    const fileOf = new Map(shown.map(({ definition, file }) => [definition, file]))
    rule.check(
      shown.map(({ definition }) => definition),
      (definition, path, message, help = rule.help) => {
        found.push({ file: fileOf.get(definition) ?? '', code, path, message, help, at: rule.at ?? 'value' })
      },
    )
  }
  return found
}

/** A finding across definitions, with its place in the file. */
export function diagnosticOf(
  document: SourceDocument,
  { file, code, path, message, help, at }: CrossFileFinding,
): Diagnostic {
  const span = at === 'key' ? locateKey(document, path) : locateValue(document, path)
  return { code, file, span, message, help }
}

/** The findings of the format and of the rules about a document's text; only these come with a fix. */
export function checkStyle(document: SourceDocument): readonly Diagnostic[] {
  const subject = subjectOf(document)
  const styleRules = ruleEntries.filter(([, { scope }]) => scope === 'source')
  return findingsOf(subject, styleRules).map(({ diagnostic }) => diagnostic)
}

/** Rules across definitions cannot be waived, so a definition's own findings are all that its waivers meet. */
function diagnosticsOf(subject: Subject): readonly Diagnostic[] {
  const { document, schema } = subject
  return distinct(waive({ document, findings: findingsOf(subject), isComplete: schema.length === 0, rules: ruleTable }))
}

/** A value that aliases repeat is checked in every place where it stands, and reported once. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>()
  return diagnostics.filter(({ code, span, message }) => {
    const key = `${code} ${span.start.offset} ${span.end.offset} ${message}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function findingsOf(subject: Subject, entries = ruleEntries): readonly Finding[] {
  const found = [...subject.schema]
  if (!isObject(subject.document.value) || found.some(({ diagnostic }) => diagnostic.code === 'schema/no-definition'))
    return found
  for (const [code, rule] of entries) {
    if (rule.activeOnly === true && !isActive(subject.document)) continue
    if (rule.scope === 'source') found.push(...applyToSource(subject, code, rule).filter(isFurther(subject)))
    if (rule.scope === 'definition' && isValid(subject, rule.reads))
      found.push(...applyToDefinition(subject, code, rule))
    if (rule.scope === 'event' && isValid(subject, rule.reads)) found.push(...applyToEvents(subject, code, rule))
  }
  return entries === ruleEntries ? [...found, ...unfinished(subject)] : found
}

/** The findings about checks that the rules left out because they would take too long. */
function unfinished(subject: Subject): readonly Finding[] {
  const { document, definition } = subject
  const budget = budgetOf(definition)
  if (!isObject(definition.events)) return []
  const schemas = Object.entries(definition.events).flatMap(([name, event]) => {
    const problem = isValidEvent(subject, name) ? budget.schemaProblem(event.data) : undefined
    return problem === undefined ? [] : [tooComplex(document, ['events', name, 'data'], problem)]
  })
  return [...schemas, ...(budget.problem === undefined ? [] : [tooComplex(document, ['events'], budget.problem)])]
}

function tooComplex(document: SourceDocument, path: ValuePath, message: string): Finding {
  const diagnostic = {
    ...{ code: 'load/too-complex', file: document.file, span: locateKey(document, path), message },
    help: 'write fewer or smaller examples, and schemas without repeated references',
  }
  return { path, diagnostic }
}

/** What the format has refused at a place is not told once more as a matter of writing. */
function isFurther({ schema }: Subject): (finding: Finding) => boolean {
  const refused = new Set(schema.map(({ diagnostic }) => diagnostic.span.start.offset))
  return ({ diagnostic }) => !diagnostic.code.startsWith('style/') || !refused.has(diagnostic.span.start.offset)
}

function applyToSource(subject: Subject, code: string, rule: SourceRule): readonly Finding[] {
  const found: Finding[] = []
  rule.check(subject.document, ({ path, span }, message, fix, help) => {
    found.push(diagnose(subject, { code, rule, path, span, message, fix, help }))
  })
  return found
}

function applyToDefinition(subject: Subject, code: string, rule: DefinitionRule): readonly Finding[] {
  const found: Finding[] = []
  const report: Report = (path, message, help, at) => {
    found.push(diagnose(subject, { code, rule, path, message, help, at }))
  }
  const { stem, samples = new Map(), refusals = new Map(), mismatches = [] } = subject.document
  const written = subject.document.value as Definition
  rule.check(subject.definition, report, { stem, samples, refusals, mismatches, written })
  return found
}

function applyToEvents(subject: Subject, code: string, rule: EventRule): readonly Finding[] {
  const found: Finding[] = []
  const { definition } = subject
  if (!isObject(definition.events)) return found
  for (const [name, event] of Object.entries(definition.events)) {
    if (!isValidEvent(subject, name)) continue
    const report: Report = (path, message, help, at) => {
      found.push(diagnose(subject, { code, rule, path: ['events', name, ...path], message, help, at }))
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
  readonly help?: string | undefined
  readonly span?: Span | undefined
  readonly at?: 'key' | 'value' | undefined
  readonly fix?: Fix | undefined
}

function diagnose({ document }: Subject, { code, rule, message, help, fix, ...given }: RuleViolation): Finding {
  // A finding in a shared schema is about its place under `schemas`; `distinct` reports it once.
  const path = writtenPath(document.value as Definition, given.path)
  const at = given.at ?? rule.at
  const span = given.span ?? (at === 'key' ? locateKey(document, path) : locateValue(document, path))
  const diagnostic: Diagnostic = {
    ...{ code, file: document.file, span, message, help: help ?? rule.help },
    ...(rule.confidential === true ? { confidential: true } : {}),
    ...(fix === undefined ? {} : { fix }),
  }
  return { path, diagnostic }
}

const { required = [] } = definitionSchema

/** Whether these top-level parts are valid by the format; an optional one may be absent. */
function isValid({ schema, definition }: Subject, parts: readonly string[]): boolean {
  return parts.every((part) => {
    if (required.includes(part) && !Object.hasOwn(definition, part)) return false
    if (part === 'events' && hasInvalidSharedParts(schema)) return false
    return !schema.some(({ path }) => path[0] === part)
  })
}

/** Whether the format found nothing in an event, nor in the mapping that holds it or in what events share. */
function isValidEvent({ schema }: Pick<Subject, 'schema'>, name: string): boolean {
  if (hasInvalidSharedParts(schema)) return false
  return !schema.some(({ path }) => path[0] === 'events' && (path.length === 1 || path[1] === name))
}

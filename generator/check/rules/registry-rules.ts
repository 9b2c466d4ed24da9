import { snippet } from '../../diagnostics/explanation.ts'
import { pascalCase, variableName } from '../../model/model.ts'
import { smartCodeOf } from '../../model/smart-code.ts'
import { suggestion } from '../../text/closest.ts'
import type { IndexedDefinition } from '../definition-index.ts'
import { loopFrom } from './loop.ts'
import type { RegistryReport, RuleTable } from './rule.ts'

export const registryRules = {
  'registry/namespace-taken': {
    scope: 'registry',
    summary: 'Every connector has a namespace of its own.',
    help: 'choose a namespace that no other connector has; released ones never change',
    why: 'Smart codes begin with the namespace; two connectors with one would fight over them.',
    about: ['definition.namespace'],
    bad: 'namespace: ACME',
    good: 'namespace: ORBIT',
    reads: ['code', 'namespace'],
    check(definitions, report) {
      reportRepeats(definitions, ({ namespace }) => [{ key: namespace, path: ['namespace'] }], report)
    },
  },
  'registry/smart-code-taken': {
    scope: 'registry',
    summary: 'No two events have the same smart code.',
    help: 'rename the event, or give it another smart_code',
    why: 'Readers find events by their smart code, so two kinds of event cannot have one.',
    about: ['event.smart_code'],
    bad: 'smart_code: HERA.ACME.EVENT.CONTACT.CREATED.v1',
    good: 'smart_code: HERA.ORBIT.EVENT.CONTACT.SEEN.v1',
    reads: ['code', 'namespace', 'events'],
    at: 'key',
    check(definitions, report) {
      const keysOf = ({ namespace, events }: IndexedDefinition) =>
        Object.entries(events).map(([name, event]) => ({
          key: smartCodeOf(namespace, name, event),
          path: ['events', name],
        }))
      // Two connectors with one namespace are reported once, by that rule.
      const first = new Map<string, IndexedDefinition>()
      for (const definition of definitions) {
        if (!first.has(definition.namespace)) first.set(definition.namespace, definition)
      }
      const distinct = definitions.filter((definition) => first.get(definition.namespace) === definition)
      reportRepeats(distinct, keysOf, report)
    },
  },
  'registry/name-clash': {
    scope: 'registry',
    summary: 'Codes and event names stay different when they become names in TypeScript.',
    help: 'rename one of them: hyphens and underscores alone do not keep names apart',
    why: 'Types are named in capitals without hyphens and underscores; two that differ in nothing else become one.',
    about: ['definition.code', 'definition.events'],
    bad: snippet`
      contact_polled22:
        …
      contact_polled_22:
    `,
    good: snippet`
      contact_polled:
        …
      contact_added:
    `,
    reads: ['code', 'events'],
    at: 'key',
    check(definitions, report) {
      const codes = new Map<string, IndexedDefinition>()
      for (const definition of definitions) {
        const { code } = definition
        const first = codes.get(code)
        if (first === undefined) codes.set(code, definition)
        else
          report(
            definition,
            ['code'],
            takenCode(first),
            'choose another code: no registry replaces a connector of another',
          )
      }
      const keysOf = ({ code }: IndexedDefinition) => [{ key: variableName(code), name: code, path: ['code'] }]
      reportRepeats([...codes.values()], keysOf, report)
      for (const definition of definitions) {
        const names = Object.keys(definition.events).map((name) => ({
          key: pascalCase(name),
          name,
          path: ['events', name],
        }))
        reportRepeats([definition], () => names, report)
      }
    },
  },
  'registry/replacement-unknown': {
    scope: 'registry',
    summary: 'A connector is replaced by one that is in the registry, and never in a circle.',
    help: 'name the code of another connector that is not itself replaced by this one',
    why: 'Tenants who are told to move must find the connector to which to move.',
    about: ['definition.replaced_by'],
    bad: 'replaced_by: acme-crn',
    good: 'replaced_by: acme-crm',
    reads: ['code', 'replaced_by'],
    check(definitions, report) {
      const codes = definitions.map(({ code }) => code)
      const followers = new Map<string, string | undefined>()
      for (const { code, replaced_by } of definitions) {
        if (!followers.has(code)) followers.set(code, replaced_by)
      }
      const next = (code: string) => {
        const follower = followers.get(code)
        return follower === undefined ? [] : [follower]
      }
      for (const definition of definitions) {
        const { code, replaced_by } = definition
        if (replaced_by === undefined) continue
        const loop = loopFrom(code, next)
        if (!followers.has(replaced_by))
          report(definition, ['replaced_by'], `no connector "${replaced_by}"${suggestion(replaced_by, codes)}`)
        else if (loop?.[0] === code) report(definition, ['replaced_by'], `replaced in a circle: ${loop.join(' → ')}`)
      }
    },
  },
} satisfies RuleTable

interface Keyed {
  readonly key: string
  readonly path: readonly string[]
  /** What was written, where the key is only made from it. */
  readonly name?: string
}

function takenCode({ code, registry }: IndexedDefinition): string {
  return `the code "${code}" is taken${registry === undefined ? '' : `, in the registry "${registry}"`}`
}

/** Bases come first, and the definitions of a folder are sorted by file, so it is always the later one that is said to repeat the earlier one. */
function reportRepeats(
  definitions: readonly IndexedDefinition[],
  keysOf: (definition: IndexedDefinition) => readonly Keyed[],
  report: RegistryReport,
): void {
  const owners = new Map<string, { readonly owner: string; readonly name: string | undefined }>()
  for (const definition of definitions) {
    for (const { key, path, name } of keysOf(definition)) {
      const first = owners.get(key)
      const owner = path[0] === 'events' ? `${definition.code}.${path[1]}` : definition.code
      if (first === undefined) owners.set(key, { owner, name })
      else if (name === undefined) report(definition, path, `"${key}" is taken by ${first.owner}`)
      else report(definition, path, `"${first.name}" and "${name}" get the same name in TypeScript: ${key}`)
    }
  }
}

import type { DeliveryRule as WrittenDeliveryRule } from '../compiled/definition.ts'
import type { DeepReadonly } from './connector.ts'

type WrittenRule = DeepReadonly<WrittenDeliveryRule>

/** A loop, or a value that a rule unpacks or fetches. */
export type WrittenEntry =
  | { readonly kind: 'loop'; readonly name: string; readonly paths: readonly string[] }
  | { readonly kind: 'unpack'; readonly name: string; readonly from: string; readonly as: 'json' | 'base64-json' }
  | {
      readonly kind: 'fetch'
      readonly name: string
      readonly endpoint: string
      readonly parameters: Readonly<Record<string, string>>
    }

/**
 * The loops and values of a rule in the order in which they run: loops as written, and each value just before a loop or
 * value that needs it, or after all loops. A value that needs itself comes before its name is known.
 */
export function ordered(rule: WrittenRule): readonly WrittenEntry[] {
  const waiting = new Map(valuesOf(rule).map((value) => [value.name, value]))
  const placed: WrittenEntry[] = []
  const place = (entry: WrittenEntry): void => {
    if (entry.kind !== 'loop') waiting.delete(entry.name)
    for (const name of startsIn(textsOf(entry))) {
      const needed = waiting.get(name)
      if (needed !== undefined) place(needed)
    }
    placed.push(entry)
  }
  for (const [name, paths] of Object.entries(rule.for ?? {})) {
    waiting.delete(name)
    place({ kind: 'loop', name, paths: [paths].flat() })
  }
  for (const value of valuesOf(rule)) if (waiting.has(value.name)) place(value)
  return placed
}

function valuesOf({ unpack = {}, fetch = {} }: WrittenRule): readonly Exclude<WrittenEntry, { kind: 'loop' }>[] {
  return [
    ...Object.entries(unpack).map(([name, value]) => ({ kind: 'unpack' as const, name, ...value })),
    ...Object.entries(fetch).map(([name, { endpoint, parameters = {} }]) => ({
      kind: 'fetch' as const,
      name,
      endpoint,
      parameters,
    })),
  ]
}

function textsOf(entry: WrittenEntry): readonly string[] {
  if (entry.kind === 'loop') return entry.paths
  return entry.kind === 'unpack' ? [entry.from] : Object.values(entry.parameters)
}

/** The names that paths in these strings start at. */
function startsIn(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(START)].map(([, name = '']) => name)))
}

const START = /\$(?:\.|\[['"])([a-z][a-z0-9_]*)/g

/** A value whose name is taken or not used; the path begins below `webhook.deliveries`. */
export interface NameProblem {
  readonly kind: 'name' | 'unused'
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Values whose name is taken by something else, and values that nothing uses. */
export function nameProblems(rules: readonly WrittenRule[]): readonly NameProblem[] {
  const meanings = new Map<string, string>()
  return rules.flatMap((rule, index) =>
    valuesOf(rule).flatMap((value): readonly NameProblem[] => {
      const { kind, name } = value
      const path = [index, kind, name]
      const meaning = JSON.stringify(value.kind === 'fetch' ? [value.endpoint] : value)
      const known = meanings.get(name) ?? meaning
      meanings.set(name, known)
      if (Object.hasOwn(rule.for ?? {}, name))
        return [{ kind: 'name', path, message: `"${name}" is already the name of a loop` }]
      if (known !== meaning) return [{ kind: 'name', path, message: `"${name}" is already the name of another value` }]
      if (usesOf(rule, name)) return []
      return [{ kind: 'unused', path, message: `nothing uses the value "${name}"` }]
    }),
  )
}

function usesOf({ for: loops = {}, unpack = {}, fetch = {}, when = '', data }: WrittenRule, name: string): boolean {
  const others = [unpack, fetch].map((values) => Object.entries(values).filter(([other]) => other !== name))
  return startsIn([JSON.stringify([loops, others, data]), when]).has(name)
}

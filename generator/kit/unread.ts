import type { Condition, DeliveryRule, Form, MappedValue, NamedValue, Path } from './mapping.ts'
import { isNamedValue } from './mapping.ts'
import type { RoutingRule } from './routing.ts'

/** Which values of a delivery rules read, by their place; `*` is any element of a list. */
export interface Reads {
  readonly members: Map<string, Reads>
  each: Reads | undefined
  /** A value is read here, though nothing that it contains. */
  value: boolean
  /** A value is read with all that it contains. */
  whole: boolean
  /** An element is a separate part, which becomes events or is not recognized. */
  part: boolean
}

/** Unread values that are reported at most. */
const MOST_UNREAD = 100
/** Levels below which a value counts as one. */
const DEEPEST = 64

/** Places in the delivery, in the request, and in unpacked and fetched values, by the name that paths start at. */
export type ReadsByName = ReadonlyMap<string, Reads>

/**
 * The places that rules read: in loops, values, conditions and data, and to find installations. With `isUsed`, the data of
 * other rules is left out: a value that only they have a field for reaches no event.
 */
export function readsOf(
  rules: readonly DeliveryRule[],
  routing: readonly RoutingRule[] = [],
  isUsed: (rule: number) => boolean = () => true,
): ReadsByName {
  const roots = new Map([
    ['delivery', nothing()],
    ['request', nothing()],
  ])
  const given: Ends = new Map(['delivery', 'request'].map((name) => [name, [rootOf(roots, name)]]))
  for (const { from, unpack = [] } of routing) {
    noteRead(from, given, false)
    for (const { name, at } of unpack) noteRead([name, ...at], new Map([[name, [rootOf(roots, name)]]]), false)
  }
  for (const [index, { for: entries, when, data }] of rules.entries()) {
    let ends = given
    for (const entry of entries) {
      if (isNamedValue(entry)) {
        noteSource(entry, ends)
        ends = new Map([...ends, [entry.name, [rootOf(roots, entry.name)]]])
      } else {
        const [name, ...paths] = entry
        ends = withEnds(ends, name, paths, true)
      }
    }
    if (when !== undefined) noteCondition(when, ends)
    if (isUsed(index)) noteValue(data, ends)
  }
  return roots
}

/** Places that are named like values that a definition ignores. */
export function readsAt(paths: readonly Path[]): ReadsByName {
  const roots = new Map<string, Reads>()
  for (const path of paths) {
    const [start] = path
    for (const end of endsOf(path, new Map([[start, [rootOf(roots, start)]]]))) end.whole = true
  }
  return roots
}

function rootOf(roots: Map<string, Reads>, name: string): Reads {
  const root = roots.get(name) ?? nothing()
  roots.set(name, root)
  return root
}

function noteSource(value: NamedValue, ends: Ends): void {
  if (value.when !== undefined) noteCondition(value.when, ends)
  const paths = 'unpack' in value ? [value.unpack] : Object.values(value.parameters)
  for (const path of paths) noteRead(path, ends, false)
}

/** A delivery, or an unpacked or fetched value, with the name that paths to it start at. */
export interface Root {
  readonly name: string
  readonly value: unknown
}

/**
 * The values of a delivery that nothing reads or ignores, each as a path with `*` for every index, as rules have it, and
 * once. Parts that became no event are left out: they are reported as such.
 */
export function unreadIn(
  roots: Iterable<Root>,
  {
    reads,
    ignored,
    recognized,
  }: { readonly reads: ReadsByName; readonly ignored: ReadsByName; readonly recognized: ReadonlySet<unknown> },
): readonly string[] {
  const found = new Set<string>()
  const steps: (string | undefined)[] = []
  const look = (
    value: unknown,
    step: string | undefined,
    read: Reads | undefined,
    skipped: Reads | undefined,
  ): void => {
    if (read?.whole === true || skipped?.whole === true) return
    if (read?.part === true && !recognized.has(value)) return
    steps.push(step)
    if (typeof value !== 'object' || value === null || steps.length > DEEPEST) {
      if (read?.value !== true && found.size < MOST_UNREAD) found.add(written(steps))
    } else if (Array.isArray(value)) {
      for (const element of value) look(element, undefined, read?.each, skipped?.each)
    } else {
      for (const name of Object.keys(value)) {
        const inside = (value as Readonly<Record<string, unknown>>)[name]
        look(inside, name, read?.members.get(name) ?? read?.each, skipped?.members.get(name) ?? skipped?.each)
      }
    }
    steps.pop()
  }
  for (const { name, value } of roots) look(value, name, reads.get(name), ignored.get(name))
  return [...found]
}

function written(steps: readonly (string | undefined)[]): string {
  return `$${steps.map((step) => (step === undefined ? '[*]' : named(step))).join('')}`
}

function named(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

function nothing(): Reads {
  return { members: new Map(), each: undefined, value: false, whole: false, part: false }
}

/** The places behind names; several if a loop has several paths. */
type Ends = ReadonlyMap<string, readonly Reads[]>

function withEnds(ends: Ends, name: string, paths: readonly Path[], isLoop = false): Ends {
  return new Map([...ends, [name, paths.flatMap((path) => endsOf(path, ends, isLoop))]])
}

function endsOf([start, ...steps]: Path, ends: Ends, isLoop = false): readonly Reads[] {
  let at = ends.get(start) ?? []
  for (const step of steps) {
    at = at.map((end) => {
      if (typeof step === 'string') {
        const inside = end.members.get(step) ?? nothing()
        end.members.set(step, inside)
        return inside
      }
      end.each ??= nothing()
      end.each.part ||= isLoop
      return end.each
    })
    if (typeof step === 'object' && 'where' in step) noteCondition(step.where, new Map([...ends, ['@', at]]))
  }
  return at
}

function noteCondition(condition: Condition, ends: Ends): void {
  if ('or' in condition) for (const part of condition.or) noteCondition(part, ends)
  else if ('and' in condition) for (const part of condition.and) noteCondition(part, ends)
  else if ('not' in condition) noteCondition(condition.not, ends)
  else if ('exists' in condition) noteRead(condition.exists, ends, false)
  else
    for (const operand of [condition.left, condition.right]) if ('path' in operand) noteRead(operand.path, ends, false)
}

function noteRead(path: Path, ends: Ends, whole: boolean): void {
  for (const end of endsOf(path, ends)) {
    end.value = true
    if (whole) end.whole = true
  }
}

/** Forms in which an object or a list is carried whole. */
const WHOLE: ReadonlySet<Form> = new Set(['any', 'list', 'object'])

function noteValue(mapped: MappedValue, ends: Ends): void {
  if ('fields' in mapped) for (const value of Object.values(mapped.fields)) noteValue(value, ends)
  else if ('each' in mapped) noteValue(mapped.item, withEnds(ends, 'item', [mapped.each]))
  else if ('from' in mapped) for (const path of mapped.from) noteRead(path, ends, WHOLE.has(mapped.as))
}

/** Whether something at a place, or inside of it, is read. */
export function isRead(reads: ReadsByName, path: Path): boolean {
  const at = readsInside(reads, path)
  return at === 'whole' || (at !== undefined && contains(at))
}

/** Whether a value is read with all that it contains, or something inside of it is read. */
export function isReadInside(reads: ReadsByName, path: Path): boolean {
  const at = readsInside(reads, path)
  return at === 'whole' || (at !== undefined && (at.whole || contains({ ...at, value: false })))
}

function readsInside(reads: ReadsByName, [start, ...steps]: Path): Reads | 'whole' | undefined {
  let at: Reads | undefined = reads.get(start)
  for (const step of steps) {
    if (at === undefined) return undefined
    if (at.whole) return 'whole'
    at = typeof step === 'string' ? at.members.get(step) : at.each
  }
  return at
}

function contains({ members, each, value, whole }: Reads): boolean {
  return value || whole || (each !== undefined && contains(each)) || [...members.values()].some(contains)
}

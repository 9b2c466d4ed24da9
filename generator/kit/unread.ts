import type { Condition, DeliveryRule, Form, MappedValue, Path } from './mapping.ts'

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

/** The places that rules read: in loops, conditions and data. */
export function readsOf(rules: readonly DeliveryRule[]): Reads {
  const root = nothing()
  for (const { for: loops, when, data } of rules) {
    let ends: Ends = new Map([['delivery', [root]]])
    for (const [name, ...paths] of loops) ends = withEnds(ends, name, paths, true)
    if (when !== undefined) noteCondition(when, ends)
    noteValue(data, ends)
  }
  return root
}

/** Places that are named like values that a definition ignores. */
export function readsAt(paths: readonly Path[]): Reads {
  const root = nothing()
  const ends: Ends = new Map([['delivery', [root]]])
  for (const path of paths) for (const end of endsOf(path, ends)) end.whole = true
  return root
}

/**
 * The values of a delivery that nothing reads or ignores, each as a path with `*` for every index, as rules have it, and
 * once. Parts that became no event are left out: they are reported as such.
 */
export function unreadIn(
  delivery: unknown,
  {
    reads,
    ignored,
    recognized,
  }: { readonly reads: Reads; readonly ignored: Reads; readonly recognized: ReadonlySet<unknown> },
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
  look(delivery, 'delivery', reads, ignored)
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
export function isRead(reads: Reads, [, ...steps]: Path): boolean {
  let at: Reads | undefined = reads
  for (const step of steps) {
    if (at === undefined) return false
    if (at.whole) return true
    at = typeof step === 'string' ? at.members.get(step) : at.each
  }
  return at !== undefined && contains(at)
}

function contains({ members, each, value, whole }: Reads): boolean {
  return value || whole || (each !== undefined && contains(each)) || [...members.values()].some(contains)
}

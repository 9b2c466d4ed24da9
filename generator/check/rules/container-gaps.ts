import type { DeliveryRule, Loop, Path, Step } from '../../kit/mapping.ts'
import { isNamedValue } from '../../kit/mapping.ts'

/** A list of a delivery as a path with `*` for elements, from the name of the delivery or of a value. */
type Container = readonly string[]

/** A rule that covers a list, but not another list with the same kind of parts. */
export interface ContainerGap {
  /** The index of the rule, and the name of its loop. */
  readonly rule: number
  readonly loop: string
  /** The list that the loop leaves out. */
  readonly container: Container
  /** The rule with the loop over that list alone. */
  readonly other: DeliveryRule
}

/**
 * Lists that a loop of one rule goes through together, where a loop of another rule goes through some of them only. The
 * other rule is wrong if it would recognize a part in the rest of them.
 */
export function containerGaps(rules: readonly DeliveryRule[]): readonly ContainerGap[] {
  const all = rules.map(loopsOf)
  const groups = all
    .flat()
    .map(({ containers }) => new Map(containers.map((container) => [keyOf(container), container])))
    .filter(({ size }) => size > 1)
  return all.flatMap((loops, rule) =>
    loops.flatMap((loop) => {
      const own = loop.containers.map(keyOf)
      const missing = groups
        .filter((group) => own.some((key) => group.has(key)))
        .flatMap((group) => [...group].filter(([key]) => !own.includes(key)))
      return [...new Map(missing).values()].flatMap((container) => gapAt(rules, rule, loop, container))
    }),
  )
}

interface LoopPlace {
  readonly at: number
  readonly loop: Loop
  /** The lists of its paths that lead to elements. */
  readonly containers: readonly Container[]
  /** The places of the names that its paths start at. */
  readonly starts: ReadonlyMap<string, readonly Container[]>
}

function loopsOf({ for: entries }: DeliveryRule): readonly LoopPlace[] {
  const places = new Map<string, readonly Container[]>([['delivery', [['delivery']]]])
  return entries.flatMap((entry, at) => {
    if (isNamedValue(entry)) {
      places.set(entry.name, [[entry.name]])
      return []
    }
    const [name, ...paths] = entry
    const starts = new Map(places)
    const ends = paths.flatMap(([start, ...steps]) =>
      (places.get(start) ?? []).map((place) => [...place, ...steps.map(written)]),
    )
    places.set(name, ends)
    const containers = ends.filter((end) => end.at(-1) === '*').map((end) => end.slice(0, -1))
    return [{ at, loop: entry, containers, starts }]
  })
}

function written(step: Step): string {
  return typeof step === 'string' ? `.${step}` : '*'
}

function keyOf(container: Container): string {
  return JSON.stringify(container)
}

function gapAt(
  rules: readonly DeliveryRule[],
  rule: number,
  { at, loop, starts }: LoopPlace,
  container: Container,
): readonly ContainerGap[] {
  const [name, ...paths] = loop
  const written = rules[rule]
  const path = paths.flatMap((one) => pathInto(one, starts, container))[0]
  if (written === undefined || path === undefined) return []
  const entries = written.for.map((entry, index): (typeof written.for)[number] => (index === at ? [name, path] : entry))
  return [{ rule, loop: name, container, other: { ...written, for: entries } }]
}

/** A path with the same start and the same last step, to the elements of a container. */
function pathInto(
  [start, ...steps]: Path,
  starts: ReadonlyMap<string, readonly Container[]>,
  container: Container,
): readonly Path[] {
  const last = steps.at(-1)
  if (typeof last !== 'object') return []
  return (starts.get(start) ?? [])
    .filter((place) => place.every((step, index) => container[index] === step))
    .map((place) => [
      start,
      ...container.slice(place.length).map((step): Step => (step === '*' ? { all: true } : step.slice(1))),
      last,
    ])
}

/** Whether a normalized path, such as `$['entry'][0]['standby'][1]`, leads to an element of a container. */
export function isElementOf(path: string, container: Container): boolean {
  const [start = '', ...steps] = container
  const root = start === 'delivery' ? '\\$' : `\\$\\.${start}`
  const names = steps.map((step) => (step === '*' ? '\\[[^\\]]+\\]' : `\\['${escaped(step.slice(1))}'\\]`))
  return new RegExp(`^${root}${names.join('')}\\[[^\\]]+\\]$`).test(path)
}

function escaped(name: string): string {
  return name.replace(/['\\]/g, '\\$&').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

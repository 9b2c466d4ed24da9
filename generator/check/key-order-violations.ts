import type { KeyOrder } from '../compiled/format.js'
import { keyOrders } from '../compiled/format.js'
import type { Located, PathSegment, SourceDocument, ValuePath } from '../load/source-document.ts'

/** A mapping whose keys do not stand in the order of the definition format. */
export interface KeyOrderViolation {
  readonly path: ValuePath
  readonly located: Located
  /** Its known keys as they should stand. */
  readonly order: readonly string[]
  /** The first key that comes too late, and the one that it belongs before. */
  readonly early: string
  readonly late: string
}

/** Every mapping out of order, outer ones first. Keys that the format does not know are passed over. */
export function keyOrderViolations({ root }: SourceDocument): readonly KeyOrderViolation[] {
  const found: KeyOrderViolation[] = []
  visit(root, keyOrders, [], found)
  return found
}

type Properties = Readonly<Record<string, KeyOrder>>

function visit(located: Located, reference: KeyOrder, path: ValuePath, found: KeyOrderViolation[]): void {
  const order = resolved(reference)
  const { children } = located
  if (order === undefined || children === undefined) return
  if (order.properties !== undefined) found.push(...violationIn({ located, properties: order.properties, path }))
  for (const [segment, child] of children) {
    const below =
      typeof segment === 'number' ? order.items : (order.properties?.[segment] ?? order.additionalProperties)
    if (below !== undefined && child.children !== undefined) visit(child, below, [...path, segment], found)
  }
}

function violationIn(mapping: {
  readonly located: Located
  readonly properties: Properties
  readonly path: ValuePath
}): readonly KeyOrderViolation[] {
  const { located, properties, path } = mapping
  if (isInOrder(located, placesOf(properties))) return []
  const written = [...(located.children?.keys() ?? [])].map(String).filter((key) => Object.hasOwn(properties, key))
  const order = Object.keys(properties).filter((key) => written.includes(key))
  const at = written.findIndex((key, index) => key !== order[index])
  const [early, late] = [order[at], written[at]]
  return early === undefined || late === undefined ? [] : [{ path, located, order, early, late }]
}

/** Every mapping is asked, and few are found out of order: what should stand where is worked out for those alone. */
function isInOrder({ children = new Map() }: Located, places: ReadonlyMap<PathSegment, number>): boolean {
  let last = -1
  for (const key of children.keys()) {
    const place = places.get(key)
    if (place === undefined) continue
    if (place < last) return false
    last = place
  }
  return true
}

const known = new WeakMap<Properties, ReadonlyMap<PathSegment, number>>()

/** Where each key should stand. */
function placesOf(properties: Properties): ReadonlyMap<PathSegment, number> {
  const before = known.get(properties)
  if (before !== undefined) return before
  const places = new Map(Object.keys(properties).map((key, index) => [key, index]))
  known.set(properties, places)
  return places
}

function resolved(order: KeyOrder): KeyOrder | undefined {
  return order.$ref === undefined ? order : keyOrders.$defs[order.$ref.slice('#/$defs/'.length)]
}

import { isDeepStrictEqual } from 'node:util'
import type { Registry } from '../model/connector.ts'
import { valueAt } from '../model/json-pointer.ts'
import { compareText } from '../text/compare-text.ts'
import type { Change } from './change.ts'
import { fromTo, shown } from './detail.ts'
import type { Classification, CompareInside, Difference, Row } from './field-table.ts'
import { table } from './field-table.ts'

/** Everything that differs between two registries, by connector and field. */
export function compare(before: Registry, after: Registry): readonly Change[] {
  const byCode = ({ connectors }: Registry) => new Map(connectors.map((connector) => [connector.code, connector]))
  const [earlier, later] = [byCode(before), byCode(after)]
  return [...new Set([...earlier.keys(), ...later.keys()])].sort(compareText).flatMap((connector) => {
    const [old, now] = [earlier.get(connector), later.get(connector)]
    if (old === undefined) return [{ code: 'connector/added', connector, subject: '', detail: 'new' } as const]
    if (now === undefined)
      return [{ code: 'connector/removed', connector, subject: '', detail: `was ${old.status}` } as const]
    return new Comparison(connector).changes({ old, now, oldOwner: undefined, nowOwner: undefined })
  })
}

/** The rows of the table as a tree of path segments. */
interface Node {
  readonly row?: Row
  readonly children: ReadonlyMap<string, Node>
}

const tree = treeOf(Object.entries(table).map(([pattern, row]) => ({ segments: pattern.split('.'), row })))
const anywhere = tree.children.get('**')?.children

function treeOf(rows: readonly { readonly segments: readonly string[]; readonly row: Row }[]): Node {
  const [own] = rows.filter(({ segments }) => segments.length === 0)
  const names = new Set(rows.flatMap(({ segments }) => segments.slice(0, 1)))
  const below = (name: string) =>
    rows
      .filter(({ segments }) => segments[0] === name)
      .map(({ segments, row }) => ({ segments: segments.slice(1), row }))
  const children = new Map([...names].map((name) => [name, treeOf(below(name))]))
  return own === undefined ? { children } : { row: own.row, children }
}

/** A position in the model. */
interface Place {
  readonly path: readonly string[]
  /** How long the path is at each key of a mapping or list on the way. */
  readonly keys: readonly number[]
  readonly node: Node | undefined
}

/** The classification of changes from a place downwards. */
interface Rule extends Pick<Place, 'path' | 'keys'> {
  readonly changed: Classification
  readonly detail?: ((difference: Difference) => string) | undefined
}

const ROOT: Place = { path: [], keys: [], node: tree }
const UNCLASSIFIED: Rule = { ...ROOT, changed: 'connector/field-changed' }
/** Of a change with many details, as many are shown. */
const SHOWN = 4

/** Walks through two versions of a connector in step. */
class Comparison {
  readonly #connector: string
  /** One change for each kind and subject, however many fields it is about. */
  readonly #changes = new Map<string, Omit<Change, 'detail'> & { readonly details: Set<string> }>()

  constructor(connector: string) {
    this.#connector = connector
  }

  changes(difference: Difference): readonly Change[] {
    this.#compare(ROOT, UNCLASSIFIED, difference)
    return [...this.#changes.values()].map(({ details, ...change }) => {
      const rest = details.size - SHOWN
      return { ...change, detail: [...[...details].slice(0, SHOWN), ...(rest > 0 ? [`${rest} more`] : [])].join('; ') }
    })
  }

  #compare(place: Place, inherited: Rule, difference: Difference): void {
    const { old, now } = difference
    const written = place.node?.row
    const row = typeof written === 'string' ? { changed: written } : (written ?? {})
    if ('ignored' in row) return
    if ('compare' in row) this.#compareInside(place, row.compare, difference)
    else if ('whole' in row) this.#report(place, { ...place, changed: row.whole, detail: row.detail }, difference)
    else {
      const arrival = old === undefined ? row.added : now === undefined ? row.removed : undefined
      if (arrival !== undefined) this.#report(place, { ...place, changed: arrival }, difference)
      else this.#compareBelow(place, row.changed ? { ...place, ...row, changed: row.changed } : inherited, difference)
    }
  }

  #compareBelow(place: Place, rule: Rule, difference: Difference): void {
    const { old, now } = difference
    // An item is added or removed as a whole; any other part that is missing is compared as an empty one.
    const [before, after] = isItem(place) ? [old, now] : [old ?? emptied(now), now ?? emptied(old)]
    if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after))
      this.#descend(place, rule, { old: before, now: after })
    else this.#report(place, rule, difference)
  }

  #compareInside(place: Place, compare: CompareInside, difference: Difference): void {
    const received = isReceived(difference.nowOwner) ? { received: true } : {}
    compare(difference, (code, suffix, detail) =>
      this.#add({ code, subject: `${subjectOf(place)}${suffix}`, ...received }, detail),
    )
  }

  #descend(place: Place, rule: Rule, { old, now }: { readonly old: object; readonly now: object }): void {
    const isCollection = Array.isArray(now) || place.node?.children.has('*') === true
    const [before, after] = [membersOf(old), membersOf(now)]
    for (const name of [...new Set([...before.keys(), ...after.keys()])].sort(compareText)) {
      const path = [...place.path, name]
      const inside = isCollection
        ? { path, keys: [...place.keys, path.length], node: place.node?.children.get('*') }
        : { path, keys: place.keys, node: place.node?.children.get(name) ?? anywhere?.get(name) }
      this.#compare(inside, rule, { old: before.get(name), now: after.get(name), oldOwner: old, nowOwner: now })
    }
    const kept = [...before.keys()].filter((name) => after.has(name))
    if (
      isCollection &&
      !isDeepStrictEqual(
        kept,
        [...after.keys()].filter((name) => before.has(name)),
      )
    )
      this.#add({ code: 'connector/order-changed', subject: '' }, place.path.join('.'))
  }

  #report(place: Place, rule: Rule, difference: Difference): void {
    if (isDeepStrictEqual(difference.old, difference.now)) return
    const code = typeof rule.changed === 'string' ? rule.changed : rule.changed(difference)
    // Prose is too long to show.
    if (code === 'connector/text-changed') this.#add({ code, subject: '' }, rule.path.join('.'))
    else if (code === 'event/text-changed')
      this.#add({ code, subject: subjectOf(rule) }, rule.path.slice(rule.keys.at(-1)).join('.'))
    else {
      const isWhole = code.startsWith('connector/')
      const path = place.path.slice(isWhole ? 0 : rule.keys.at(-1))
      const detail = rule.detail?.(difference) ?? detailOf(path, isItem(place), difference)
      this.#add({ code, subject: isWhole ? '' : subjectOf(rule) }, detail)
    }
  }

  #add(change: Pick<Change, 'code' | 'subject' | 'received'>, detail: string): void {
    const key = `${change.code} ${change.subject}`
    const known = this.#changes.get(key)
    if (known !== undefined) known.details.add(detail)
    else this.#changes.set(key, { ...change, connector: this.#connector, details: new Set([detail]) })
  }
}

function subjectOf({ path, keys }: Pick<Place, 'path' | 'keys'>): string {
  return keys.map((end) => path[end - 1]).join('/')
}

/** Whether the last segment of the path is a key of a mapping or list. */
function isItem({ path, keys }: Place): boolean {
  return path.length > 0 && keys.at(-1) === path.length
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return []
  return isContainer(value) ? {} : undefined
}

/** The members of a mapping by name, and those of a list by what identifies them. */
function membersOf(container: object): ReadonlyMap<string, unknown> {
  if (!Array.isArray(container)) return new Map(Object.entries(container))
  const members = new Map<string, unknown>()
  for (const [index, item] of container.entries()) {
    const key = keyOf(item, index)
    let [free, attempt] = [key, 1]
    while (members.has(free)) free = `${key} ${++attempt}`
    members.set(free, item)
  }
  return members
}

/** Several delivery rules can create one event, so a rule's key is completed by a number where necessary. */
function keyOf(item: unknown, index: number): string {
  if (!isContainer(item)) return String(item)
  return String(valueAt(item, '/name') ?? valueAt(item, '/event') ?? index + 1)
}

/** Whether applications only receive an event: then a stricter schema is a promise, not a demand. */
function isReceived(event: unknown): boolean {
  return valueAt(event, '/direction') === 'inbound' && valueAt(event, '/source') !== 'emitted'
}

function detailOf(path: readonly string[], isItem: boolean, { old, now }: Difference): string {
  const isArrival = isItem && (old === undefined || now === undefined)
  if (!isArrival) return labelled(path, fromTo(shown(old), shown(now)))
  const [item, what] = old === undefined ? [now, 'added'] : [old, 'removed']
  if (!isContainer(item) && path.length > 0) return labelled(path.slice(0, -1), `${shown(item)} ${what}`)
  const about = valueAt(item, what === 'added' ? '/summary' : '/deprecated/instead')
  return labelled(path, about === undefined ? what : `${what}: ${about}`)
}

function labelled(path: readonly string[], text: string): string {
  return path.length === 0 ? text : `${path.join('.')}: ${text}`
}

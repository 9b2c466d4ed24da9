import type { PackedForm } from './named-value.ts'
import { below } from './pointer.ts'
import type { TimeForm } from './time.ts'
import { timeForms } from './time.ts'

/** One step of a path: a member's name, an index, all elements, or those elements that meet a condition. */
export type Step = string | number | { readonly all: true } | { readonly where: Condition }

/**
 * A JSONPath (RFC 9535) that was parsed: first the name that it starts at, then its steps. Names are `delivery`,
 * `request`, those of the loops and values around it, `item` inside of a list, and `@` for the element that a condition
 * is about.
 */
export type Path = readonly [start: string, ...steps: Step[]]

/** What a condition compares. */
export type Operand = { readonly value: string | number | boolean | null } | { readonly path: Path }

/** A condition of RFC 9535, as data. */
export type Condition =
  | { readonly or: readonly Condition[] }
  | { readonly and: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly exists: Path }
  | { readonly compare: '==' | '!=' | '<' | '<=' | '>' | '>='; readonly left: Operand; readonly right: Operand }

/** What a value becomes: text keeps ids as they are, times become ISO 8601 in UTC, `any` is left as it is. */
export type Form = 'any' | 'text' | 'number' | 'integer' | 'boolean' | 'list' | 'object' | TimeForm

/** What the event's schema wants of a value, beyond its type. */
export interface Limits {
  readonly enum?: readonly (string | number | boolean | null)[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly uri?: true
  readonly email?: true
}

/** How a field of an event comes about. */
export type MappedValue =
  | {
      /** The first of these that is there. */
      readonly from: readonly Path[]
      readonly as: Form
      /** Values that stand for nothing. */
      readonly without?: readonly (string | number)[]
      readonly limits?: Limits
    }
  | { readonly value: string | number | boolean }
  | { readonly each: Path; readonly item: MappedValue }
  | MappedObject

/** An object's fields; without one of the required ones there is no object, and none without any field. */
export interface MappedObject {
  readonly fields: { readonly [name: string]: MappedValue }
  readonly required: readonly string[]
}

/** A loop over the parts that one path or several lead to. */
export type Loop = readonly [name: string, ...paths: Path[]]

/** A value that a rule unpacks or fetches, unless its condition is false. */
export type NamedValue = { readonly name: string; readonly when?: Condition } & (
  | { readonly unpack: Path; readonly as: PackedForm }
  /** The endpoint, and its parameters by name. */
  | { readonly fetch: string; readonly parameters: Readonly<Record<string, Path>> }
)

/** A rule by which parts of a delivery become events of one type. */
export interface DeliveryRule {
  readonly event: string
  /** Loops and values inside one another; each may start at those before it. */
  readonly for: readonly (Loop | NamedValue)[]
  readonly when?: Condition
  readonly data: MappedObject
}

/** Whether an entry is a value rather than a loop. */
export function isNamedValue(entry: Loop | NamedValue): entry is NamedValue {
  return !Array.isArray(entry)
}

/** Values by name, at a fixed place each. */
export type Scope = unknown[]

/** Told of a value that is there and does not fit; `field` is a JSON Pointer into the event's data. */
export type Complain = (field: string) => void

/** A value, or undefined where there is none. */
export type Evaluate = (scope: Scope, complain: Complain) => unknown

/** Calls `visit` with each value of a path, in the order of the delivery. */
export type Visit = (scope: Scope, visit: (value: unknown) => void) => void

/** Where each name of a scope stands. */
export type Slots = ReadonlyMap<string, number>

/** The names that a rule can start at before its first loop. */
export const GIVEN: Slots = new Map([
  ['delivery', 0],
  ['request', 1],
])

/** A scope's places with one name more. */
export function withName(slots: Slots, name: string): Slots {
  const place = slots.get(name) ?? slots.size
  return new Map([...slots, [name, place]])
}

type Get = (scope: Scope) => unknown
type Test = (scope: Scope) => boolean

/** The first value of a path; null if all values are null. */
export function firstOf(path: Path, slots: Slots): Get {
  const { start, steps } = begun(path, slots)
  if (steps.every((step) => typeof step !== 'object')) return directOf(start, steps)
  const first = firstBelow(steps, slots)
  return (scope) => first(scope, scope[start])
}

type FirstBelow = (scope: Scope, value: unknown) => unknown

function firstBelow([step, ...others]: readonly Step[], slots: Slots): FirstBelow {
  if (step === undefined) return (_, value) => value
  const next = firstBelow(others, slots)
  if (typeof step !== 'object') {
    const child = childOf(step)
    return (scope, value) => {
      const found = child(value)
      return found === undefined ? undefined : next(scope, found)
    }
  }
  const scan = scanOf(step, slots, next)
  const alternatives = indexableBy(step, others)
  if (alternatives === undefined) return (scope, value) => scan(scope, childrenOf(value))
  const look = lookupOf(alternatives, slots, next)
  return (scope, value) => {
    const children = childrenOf(value)
    return children.length > SHORT ? look(scope, value as object, children) : scan(scope, children)
  }
}

/** A list of at most this many elements is gone through, which is faster than an index. */
const SHORT = 8

type Scan = (scope: Scope, children: readonly unknown[]) => unknown

function scanOf(step: Extract<Step, object>, slots: Slots, next: FirstBelow): Scan {
  const inside = withName(slots, '@')
  const place = inside.get('@') ?? 0
  const isWanted = 'where' in step ? testOf(step.where, inside) : undefined
  return (scope, children) => {
    let found: unknown
    for (const child of children) {
      if (isWanted !== undefined && !withElement(scope, place, child, isWanted)) continue
      const value = next(scope, child)
      if (value !== undefined && value !== null) return value
      if (value === null) found = null
    }
    return found
  }
}

/** Runs a function with an element in the place of `@`. */
function withElement<Result>(scope: Scope, place: number, element: unknown, run: (scope: Scope) => Result): Result {
  const before = scope[place]
  scope[place] = element
  const result = run(scope)
  scope[place] = before
  return result
}

/** Whether an element meets a filter's condition. */
export type ElementTest = (scope: Scope, element: unknown) => boolean

/** The condition of a filter, as a function. */
export function elementTest(condition: Condition, slots: Slots): ElementTest {
  const inside = withName(slots, '@')
  const place = inside.get('@') ?? 0
  const holds = testOf(condition, inside)
  return (scope, element) => withElement(scope, place, element, holds)
}

/**
 * One of the ways to satisfy a filter: conditions on the element, conditions on what is around it, and pairs that must
 * be equal, of a path in the element and one around it.
 */
interface Alternative {
  readonly inner: readonly Condition[]
  readonly outer: readonly Condition[]
  readonly pairs: readonly { readonly inner: Operand; readonly outer: Operand }[]
}

/** Alternatives of a filter that are told apart; with more of them the list is gone through. */
const MOST_ALTERNATIVES = 16

/**
 * How an index finds the first element that a step wants, so that asking a list once for each element of another one
 * takes time in proportion to both and not to their product; undefined where no index can.
 */
export function indexableBy(step: Extract<Step, object>, others: readonly Step[]): readonly Alternative[] | undefined {
  const isFixed = others.every((other) => typeof other !== 'object' || 'all' in other || usesOnly(other.where, '@'))
  if (!isFixed) return undefined
  if ('all' in step) return [{ inner: [], outer: [], pairs: [] }]
  const found = alternativesOf(step.where)
  return found !== undefined && found.length <= MOST_ALTERNATIVES ? found : undefined
}

function alternativesOf(condition: Condition): readonly Alternative[] | undefined {
  if (usesOnly(condition, '@')) return [{ inner: [condition], outer: [], pairs: [] }]
  if (!uses(condition, '@')) return [{ inner: [], outer: [condition], pairs: [] }]
  if ('or' in condition) {
    const parts = condition.or.map(alternativesOf)
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined
  }
  if ('and' in condition) {
    let all: readonly Alternative[] = [{ inner: [], outer: [], pairs: [] }]
    for (const part of condition.and.map(alternativesOf)) {
      if (part === undefined || all.length * part.length > MOST_ALTERNATIVES) return undefined
      all = all.flatMap((one) => part.map((other) => both(one, other)))
    }
    return all
  }
  if (!('compare' in condition) || condition.compare !== '==') return undefined
  const [inner, outer] = operandUses(condition.left, '@')
    ? [condition.left, condition.right]
    : [condition.right, condition.left]
  if (operandUses(outer, '@') || !operandUsesOnly(inner, '@')) return undefined
  return [{ inner: [], outer: [], pairs: [{ inner, outer }] }]
}

function both(one: Alternative, other: Alternative): Alternative {
  return {
    inner: [...one.inner, ...other.inner],
    outer: [...one.outer, ...other.outer],
    pairs: [...one.pairs, ...other.pairs],
  }
}

/** The names that a condition starts at, those of filters inside of it without their own `@`. */
export function namesIn(condition: Condition): readonly string[] {
  if ('or' in condition) return condition.or.flatMap(namesIn)
  if ('and' in condition) return condition.and.flatMap(namesIn)
  if ('not' in condition) return namesIn(condition.not)
  if ('exists' in condition) return namesOf(condition.exists)
  return [condition.left, condition.right].flatMap((operand) => ('path' in operand ? namesOf(operand.path) : []))
}

/** The names that a path and its filters start at. */
export function namesOf([start, ...steps]: Path): readonly string[] {
  const inside = steps.flatMap((step) => (typeof step === 'object' && 'where' in step ? namesIn(step.where) : []))
  return [start, ...inside.filter((name) => name !== '@')]
}

function uses(condition: Condition, name: string): boolean {
  return namesIn(condition).includes(name)
}

function usesOnly(condition: Condition, name: string): boolean {
  const names = namesIn(condition)
  return names.length > 0 && names.every((one) => one === name)
}

function operandUses(operand: Operand, name: string): boolean {
  return 'path' in operand && namesOf(operand.path).includes(name)
}

function operandUsesOnly(operand: Operand, name: string): boolean {
  return 'path' in operand && namesOf(operand.path).every((one) => one === name)
}

/** The first element for a key: its position in the list, and the wanted value of it. */
interface Entry {
  readonly position: number
  readonly value: unknown
}

type Lookup = (scope: Scope, list: object, children: readonly unknown[]) => unknown

function lookupOf(alternatives: readonly Alternative[], slots: Slots, next: FirstBelow): Lookup {
  const entries = alternatives.map((alternative) => entryOf(alternative, slots, next))
  return (scope, list, children) => {
    let first: Entry | undefined
    for (const entry of entries) first = earlier(first, entry(scope, list, children))
    return first?.value
  }
}

/** A value comes before null, wherever they are in the list. */
function earlier(one: Entry | undefined, other: Entry | undefined): Entry | undefined {
  if (one === undefined || other === undefined) return one ?? other
  if ((one.value === null) !== (other.value === null)) return one.value === null ? other : one
  return one.position <= other.position ? one : other
}

/** A level of an index for each pair; below the last one is the entry. */
type Index = Map<unknown, Index | Entry>

function entryOf(
  { inner, outer, pairs }: Alternative,
  slots: Slots,
  next: FirstBelow,
): (scope: Scope, list: object, children: readonly unknown[]) => Entry | undefined {
  const inside = withName(slots, '@')
  const place = inside.get('@') ?? 0
  const isWanted = testOf({ and: inner }, inside)
  const isOpen = testOf({ and: outer }, slots)
  const keysIn = pairs.map((pair) => operand(pair.inner, inside))
  const keysAround = pairs.map((pair) => operand(pair.outer, slots))
  const indexed = (scope: Scope, children: readonly unknown[]): Index => {
    const index: Index = new Map()
    for (const [position, child] of children.entries()) {
      const value = next(scope, child)
      if (value === undefined || !withElement(scope, place, child, isWanted)) continue
      const keys = withElement(scope, place, child, () => keysIn.map((key) => key(scope)))
      insert(index, [...keys, undefined], { position, value })
    }
    return index
  }
  // Each delivery has its own scope, so that nothing outlasts it.
  const known = new WeakMap<Scope, WeakMap<object, Index>>()
  return (scope, list, children) => {
    if (!isOpen(scope)) return undefined
    const indexes = known.get(scope) ?? new WeakMap<object, Index>()
    known.set(scope, indexes)
    const index = indexes.get(list) ?? indexed(scope, children)
    indexes.set(list, index)
    return entryIn(index, [...keysAround.map((key) => key(scope)), undefined])
  }
}

function insert(index: Index, keys: readonly unknown[], entry: Entry): void {
  const [key, ...others] = keys
  const known = index.get(key)
  if (others.length === 0) index.set(key, earlier(known as Entry | undefined, entry) ?? entry)
  else {
    const level = (known as Index | undefined) ?? new Map<unknown, Index | Entry>()
    index.set(key, level)
    insert(level, others, entry)
  }
}

function entryIn(index: Index, keys: readonly unknown[]): Entry | undefined {
  let level: Index | Entry | undefined = index
  for (const key of keys) level = (level as Index | undefined)?.get(key)
  return level as Entry | undefined
}

/** Every value of a path. */
export function everyOf(path: Path, slots: Slots): Visit {
  const { start, steps } = begun(path, slots)
  const visitSteps = steps.reduceRight<VisitFrom>(
    (next, step) => stepInto(step, slots, next),
    (_, value, visit) => visit(value),
  )
  return (scope, visit) => visitSteps(scope, scope[start], visit)
}

type VisitFrom = (scope: Scope, value: unknown, visit: (value: unknown) => void) => void

function stepInto(step: Step, slots: Slots, next: VisitFrom): VisitFrom {
  if (typeof step !== 'object') {
    const child = childOf(step)
    return (scope, value, visit) => {
      const found = child(value)
      if (found !== undefined) next(scope, found, visit)
    }
  }
  if ('all' in step) {
    return (scope, value, visit) => {
      for (const child of childrenOf(value)) next(scope, child, visit)
    }
  }
  const holds = elementTest(step.where, slots)
  return (scope, value, visit) => {
    for (const child of childrenOf(value)) {
      if (holds(scope, child)) next(scope, child, visit)
    }
  }
}

function begun(path: Path, slots: Slots): { readonly start: number; readonly steps: readonly Step[] } {
  const [name, ...steps] = path
  const start = slots.get(name)
  if (start === undefined) throw new Error(`nothing is called ${name} here`)
  return { start, steps }
}

/** The value of a path that leads to one place only. The usual ones, of one to three names, are read without a loop. */
function directOf(start: number, steps: readonly (string | number)[]): Get {
  const names = steps.filter((step) => typeof step === 'string')
  const [first, second, third] = names
  if (first === undefined || steps.length > 3 || names.length < steps.length || !names.every(isOwnName)) {
    const children = steps.map(childOf)
    return (scope) => {
      let value = scope[start]
      for (const child of children) value = child(value)
      return value
    }
  }
  if (second === undefined) return (scope) => (scope[start] as Members)?.[first]
  if (third === undefined) return (scope) => ((scope[start] as Members)?.[first] as Members)?.[second]
  return (scope) => (((scope[start] as Members)?.[first] as Members)?.[second] as Members)?.[third]
}

type Members = Readonly<Record<string, unknown>> | null | undefined

const INHERITED = [Object, Array, String, Number, Boolean].map(({ prototype }) => prototype)

/** Whether a value has a member of this name only where it is its own, so that nothing else need be asked. */
function isOwnName(name: string): boolean {
  return !INHERITED.some((prototype) => name in prototype)
}

/** A member that stands in the object itself, or an element; what is not there is undefined. */
export function childOf(step: string | number): (value: unknown) => unknown {
  if (typeof step === 'number') return (value) => (Array.isArray(value) ? value.at(step) : undefined)
  if (isOwnName(step)) return (value) => (value as Members)?.[step]
  return (value) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined)
}

/** The elements of a list, or the values of an object. */
export function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value has more than so many levels of objects and lists inside one another. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inside) => isDeeper(inside, levels - 1))
}

/** A condition as a function. */
export function testOf(condition: Condition, slots: Slots): Test {
  if ('or' in condition) {
    const tests = condition.or.map((part) => testOf(part, slots))
    return (scope) => {
      for (const test of tests) if (test(scope)) return true
      return false
    }
  }
  if ('and' in condition) {
    const tests = condition.and.map((part) => testOf(part, slots))
    return (scope) => {
      for (const test of tests) if (!test(scope)) return false
      return true
    }
  }
  if ('not' in condition) {
    const test = testOf(condition.not, slots)
    return (scope) => !test(scope)
  }
  if ('exists' in condition) {
    const get = firstOf(condition.exists, slots)
    return (scope) => get(scope) !== undefined
  }
  return comparison(condition, slots)
}

function comparison({ compare, left, right }: Extract<Condition, { compare: unknown }>, slots: Slots): Test {
  const one = operand(left, slots)
  const other = operand(right, slots)
  // The usual case, which decides for every part of a delivery what it is.
  if (compare === '==' && 'value' in right) return (scope) => one(scope) === right.value
  switch (compare) {
    case '==':
      return (scope) => isEqual(one(scope), other(scope))
    case '!=':
      return (scope) => !isEqual(one(scope), other(scope))
    case '<':
      return (scope) => isLess(one(scope), other(scope))
    case '>':
      return (scope) => isLess(other(scope), one(scope))
    case '<=':
      return (scope) => isLess(one(scope), other(scope)) || isEqual(one(scope), other(scope))
    case '>=':
      return (scope) => isLess(other(scope), one(scope)) || isEqual(one(scope), other(scope))
  }
}

function operand(given: Operand, slots: Slots): Get {
  if ('path' in given) return firstOf(given.path, slots)
  const { value } = given
  return () => value
}

/** As RFC 9535 has it for what a delivery is asked about: nothing equals nothing, and no two objects are compared. */
function isEqual(left: unknown, right: unknown): boolean {
  return left === right
}

function isLess(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right
  return typeof left === 'string' && typeof right === 'string' && left < right
}

/** A mapped value as a function; `field` is where it will stand in the event's data. */
export function evaluation(mapped: MappedValue, slots: Slots, field = ''): Evaluate {
  if ('value' in mapped) {
    const { value } = mapped
    return () => value
  }
  if ('fields' in mapped) return objectOf(mapped, slots, field)
  if ('each' in mapped) return listOf(mapped.each, mapped.item, slots, field)
  const getters = mapped.from.map((path) => firstOf(path, slots))
  const isCopied = mapped.from.some((path) => isOutside(path, slots))
  const convert = conversion(mapped.as)
  const fits = mapped.limits === undefined ? undefined : fitting(mapped.limits)
  const without: ReadonlySet<unknown> | undefined = mapped.without === undefined ? undefined : new Set(mapped.without)
  const taken = (scope: Scope, found: unknown, complain: Complain): unknown => {
    if (found === undefined || found === null || without?.has(found) === true) return undefined
    if (!isCopied || isWithinBudget(scope, found)) {
      const converted = convert(found)
      if (converted !== undefined && (fits === undefined || fits(converted))) return converted
    }
    complain(field)
    return undefined
  }
  const [first, ...others] = getters
  if (first === undefined) return () => undefined
  if (others.length === 0) return (scope, complain) => taken(scope, first(scope), complain)
  return (scope, complain) => {
    for (const get of getters) {
      const value = taken(scope, get(scope), complain)
      if (value !== undefined) return value
    }
    return undefined
  }
}

/** Whether a path starts outside of the innermost loop, so that each of its rounds copies the value. */
function isOutside([start]: Path, slots: Slots): boolean {
  return slots.size > GIVEN.size && (slots.get(start) ?? 0) < slots.size - 1
}

/** A string of at most this length, such as an id, can be copied into every event of a delivery. */
const SHORT_TEXT = 200
/** Characters of longer strings that all events of a delivery can copy from outside of their loops; the rest is reported. */
const MOST_COPIED = 10_000_000

/** Each delivery has its own scope. */
const copied = new WeakMap<Scope, number>()

/** Whether a string can be copied again: a long one in every event would multiply the size of the delivery. */
function isWithinBudget(scope: Scope, value: unknown): boolean {
  if (typeof value !== 'string' || value.length <= SHORT_TEXT) return true
  const length = (copied.get(scope) ?? 0) + value.length
  copied.set(scope, length)
  return length <= MOST_COPIED
}

function objectOf(mapped: MappedObject, slots: Slots, field: string): Evaluate {
  const { fields, required } = mapped
  const entries = Object.entries(fields).map(
    ([name, value]) => [name, evaluation(value, slots, below(field, name)), required.includes(name)] as const,
  )
  const parents = field === '' ? [] : parentsOf(mapped).map((path) => firstOf(path, slots))
  return (scope, complain) => {
    if (parents.length > 0 && isNothing(parents, scope)) return undefined
    let made: Record<string, unknown> | undefined
    let lacking: string | undefined
    for (const [name, evaluate, isRequired] of entries) {
      const value = evaluate(scope, complain)
      if (value !== undefined) {
        made ??= {}
        made[name] = value
      } else if (isRequired) lacking ??= name
    }
    if (lacking === undefined) return made
    // Where nothing at all is there, nothing is wrong; an event itself must be whole.
    if (made !== undefined || field === '') complain(below(field, lacking))
    return undefined
  }
}

/** Most messages have no location, no order and no file: one look at what these would be inside of is enough. */
function parentsOf({ fields }: MappedObject): readonly Path[] {
  const parents = new Map<string, Path>()
  for (const value of Object.values(fields)) {
    if (!('from' in value)) return []
    for (const path of value.from) {
      const parent = path.slice(0, -1)
      if (parent.length < 2 || path.some((step) => typeof step === 'object')) return []
      parents.set(JSON.stringify(parent), parent as unknown as Path)
    }
  }
  return [...parents.values()]
}

function isNothing(parents: readonly Get[], scope: Scope): boolean {
  for (const parent of parents) if (parent(scope) !== undefined) return false
  return true
}

function listOf(each: Path, item: MappedValue, slots: Slots, field: string): Evaluate {
  const inside = withName(slots, 'item')
  const place = inside.get('item') ?? 0
  const visitAll = everyOf(each, slots)
  const evaluate = evaluation(item, inside, `${field}/-`)
  return (scope, complain) => {
    const items: unknown[] = []
    const before = scope[place]
    visitAll(scope, (value) => {
      scope[place] = value
      const made = evaluate(scope, complain)
      if (made !== undefined) items.push(made)
    })
    scope[place] = before
    return items.length === 0 ? undefined : items
  }
}

/** Levels of nesting that are handed on; more than any vendor sends, and what every JSON printer can take. */
const DEEPEST = 64

function conversion(form: Form): (value: unknown) => unknown {
  switch (form) {
    case 'any':
      return (value) => (typeof value === 'object' && value !== null && isDeep(value) ? undefined : value)
    case 'text':
      return textOf
    case 'number':
      return (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
    case 'integer':
      return (value) => (Number.isSafeInteger(value) ? value : undefined)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : undefined)
    case 'list':
      return (value) => (Array.isArray(value) && !isDeep(value) ? value : undefined)
    case 'object':
      return (value) => (isObject(value) && !isDeep(value) ? value : undefined)
    default: {
      const { readValue } = timeForms[form]
      return (value) => iso(readValue(value))
    }
  }
}

/** Numbers that were read exactly; an integer beyond 2^53 is not the one that was sent. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value)
}

/** Years beyond 9999 have another form, which JSON Schema's date-time refuses. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const DAY = 86_400_000
const TWO: readonly string[] = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'))
/** What the last time was written with: the events of a delivery are of one day, as a rule. */
let lastDay = Number.NaN
let lastDate = ''

/** As toISOString has it, at a fraction of its cost, and without a fraction of nothing. */
function iso(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined || !(milliseconds >= 0 && milliseconds <= LATEST)) return undefined
  const whole = Math.trunc(milliseconds)
  const day = Math.floor(whole / DAY)
  if (day !== lastDay) {
    lastDate = new Date(whole).toISOString().slice(0, 11)
    lastDay = day
  }
  const rest = whole - day * DAY
  const seconds = Math.floor(rest / 1000)
  const fraction = rest % 1000
  const time = `${TWO[Math.floor(seconds / 3600)]}:${TWO[Math.floor(seconds / 60) % 60]}:${TWO[seconds % 60]}`
  return fraction === 0 ? `${lastDate}${time}Z` : `${lastDate}${time}.${String(fraction).padStart(3, '0')}Z`
}

/** Whether values are nested deeper than is handed on. */
function isDeep(value: object): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return true
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
  }
  return false
}

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/
const EMAIL = /^[^\s@"(),:;<>[\\\]]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/

function fitting(limits: Limits): (value: unknown) => boolean {
  const pattern = limits.pattern === undefined ? undefined : new RegExp(limits.pattern, 'u')
  return (value) => {
    if (limits.enum !== undefined && !(limits.enum as readonly unknown[]).includes(value)) return false
    if (typeof value === 'number') {
      return (
        value >= (limits.minimum ?? Number.NEGATIVE_INFINITY) && value <= (limits.maximum ?? Number.POSITIVE_INFINITY)
      )
    }
    if (typeof value !== 'string') return true
    if (limits.minLength !== undefined || limits.maxLength !== undefined) {
      // JSON Schema counts characters, not halves of them.
      const length = [...value].length
      if (length < (limits.minLength ?? 0) || length > (limits.maxLength ?? Number.POSITIVE_INFINITY)) return false
    }
    if (limits.uri === true && !(URI.test(value) && URL.canParse(value))) return false
    if (limits.email === true && !EMAIL.test(value)) return false
    return pattern?.test(value) ?? true
  }
}

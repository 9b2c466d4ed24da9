import { isObject } from '../kit/mapping.ts'
import { canonical, entriesOf, isSame, listMember, member } from './json.ts'
import type { Found, References } from './references.ts'

/** The body of an event that is to be routed. */
export interface Body {
  readonly name: string
  readonly schema: unknown
  readonly pointer: string
  readonly references?: References
  readonly examples: readonly unknown[]
}

/** The condition that selects one event among all others. */
export interface Route {
  /** A condition of RFC 9535, or undefined where nothing need be asked or nothing can be. */
  readonly when?: string
  /** A value that the condition compares, and that only examples show. */
  readonly shown?: { readonly field: string; readonly value: Scalar }
  /** Events whose bodies can look the same. */
  readonly confusable: readonly string[]
}

export const NO_ROUTE: Route = { confusable: [] }

type Scalar = string | number | boolean

/** What the schema of a body says of every body. */
interface Facts {
  readonly name: string
  readonly isList: boolean
  /** Undefined where the schema cannot tell. */
  readonly declared: ReadonlySet<string> | undefined
  readonly required: readonly string[]
  /** Constants by their path. */
  readonly constants: Constants
  /** Values in the examples of fields by which vendors distinguish events. */
  readonly shown: Constants
}

/** By their path. */
type Constants = ReadonlyMap<string, { readonly path: readonly string[]; readonly value: Scalar }>

/** One thing that a condition can ask, and whose bodies it turns away. */
interface Question {
  readonly text: string
  readonly turnsAway: (other: Facts) => boolean
}

interface Equality extends Question {
  readonly path: readonly string[]
  readonly value: Scalar
}

/** Questions in one condition; with more it could not be read any more. */
const MOST_QUESTIONS = 12
const LONGEST = 480

/** Routes deliveries to the events of one document, by constants and by fields that only some bodies have. */
export class EventRouting {
  readonly #facts: readonly Facts[]

  constructor(bodies: readonly Body[], references: References) {
    this.#facts = bodies.map((body) => factsOf(body, body.references ?? references))
  }

  routeTo(name: string): Route {
    const own = this.#facts.find((facts) => facts.name === name)
    if (own === undefined) return NO_ROUTE
    const start = own.isList ? '$.element' : '$.delivery'
    const constants = equalities(own, start, 'constants')
    const always = constants.filter(({ path }) => path.length === 1).slice(0, 3)
    const asked: Question[] = [...always]
    let others = this.#facts.filter((other) => other !== own && !asked.some(({ turnsAway }) => turnsAway(other)))
    const more = [...constants, ...presences(own, start)]
    while (others.length > 0 && asked.length < MOST_QUESTIONS) {
      const best = bestOf([...more, ...commonestAbsence(own, others, start)], others)
      if (best === undefined || [...asked, best].map(({ text }) => text).join(' && ').length > LONGEST) break
      asked.push(best)
      others = others.filter((other) => !best.turnsAway(other))
    }
    const shown = equalities(own, start, 'shown').find(
      (question) => others.length > 0 && others.every(question.turnsAway),
    )
    const when = [...asked, ...(shown === undefined ? [] : [shown])].map(({ text }) => text).join(' && ')
    return {
      ...(when === '' ? {} : { when }),
      ...(shown === undefined ? {} : { shown: { field: shown.path[0] ?? '', value: shown.value } }),
      confusable: shown === undefined ? others.map((other) => other.name) : [],
    }
  }
}

/** The question that turns most of the others away; of equals the first. */
function bestOf(questions: readonly Question[], others: readonly Facts[]): Question | undefined {
  let best: Question | undefined
  let most = 0
  for (const question of questions) {
    const turned = others.filter((other) => question.turnsAway(other)).length
    if (turned > most) [best, most] = [question, turned]
  }
  return best
}

function equalities(own: Facts, start: string, kind: 'constants' | 'shown'): readonly Equality[] {
  return [...own[kind]].map(([key, { path, value }]) => ({
    path,
    value,
    text: `${pathText(start, path)} == ${literal(value)}`,
    turnsAway: (other) => {
      const constant = other.constants.get(key) ?? (kind === 'shown' ? other.shown.get(key) : undefined)
      if (constant !== undefined) return constant.value !== value
      return other.declared !== undefined && path[0] !== undefined && !other.declared.has(path[0])
    },
  }))
}

function presences({ required }: Facts, start: string): readonly Question[] {
  return required.map((name) => ({
    text: pathText(start, [name]),
    turnsAway: ({ declared }) => declared !== undefined && !declared.has(name),
  }))
}

/** Of fields that others always have, the one that most of them have, where this event has none of that name. */
function commonestAbsence({ declared }: Facts, others: readonly Facts[], start: string): readonly Question[] {
  if (declared === undefined) return []
  const counts = new Map<string, number>()
  for (const name of others.flatMap(({ required }) => required)) {
    if (!declared.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  let name: string | undefined
  for (const [candidate, count] of counts) if (count > (counts.get(name ?? '') ?? 0)) name = candidate
  if (name === undefined) return []
  return [{ text: `!${pathText(start, [name])}`, turnsAway: ({ required }) => required.includes(name) }]
}

function factsOf({ name, schema, pointer, examples }: Body, references: References): Facts {
  const body = references.follow({ value: schema, pointer })
  const items = 'reason' in body || member(body.value, 'type') !== 'array' ? undefined : member(body.value, 'items')
  const root =
    items === undefined || 'reason' in body ? { value: schema, pointer } : { value: items, pointer: body.pointer }
  const view = look(root, references, 0)
  const all = [...examples, ...ownExamples({ schema, pointer }, { references })]
  const constants = new Map(constantsIn(view, references, []).map((constant) => [canonical(constant.path), constant]))
  return {
    name,
    isList: items !== undefined,
    declared: view.isKnown ? new Set(view.properties.keys()) : undefined,
    required: view.required,
    constants,
    shown: new Map(
      TYPE_FIELDS.flatMap((field) => {
        const value = onlyValue(all, field)
        // An example cannot change a value that the schema fixes.
        const isShown = value !== undefined && !constants.has(canonical([field]))
        return !isShown ? [] : [[canonical([field]), { path: [field], value }]]
      }),
    ),
  }
}

/** Fields by which vendors say what happened, the surest first. */
export const TYPE_FIELDS = [
  ...['type', 'event', 'event_type', 'eventType', 'event_name', 'eventName', 'webhookEvent', 'topic', 'kind'],
  ...['subscriptionType', 'notification_type', 'notificationType', 'object'],
]

/** The value of a field that all examples agree on. */
function onlyValue(examples: readonly unknown[], field: string): string | undefined {
  const values = new Set(examples.map((example) => member(Array.isArray(example) ? example[0] : example, field)))
  const [only] = values
  return values.size === 1 && typeof only === 'string' && only !== '' && only.length <= 100 ? only : undefined
}

/** The examples in the schema of a body: `example` in OpenAPI, `examples` in JSON Schema. */
export function ownExamples(
  { schema, pointer, references }: Pick<Body, 'schema' | 'pointer' | 'references'>,
  shared: { readonly references: References },
): readonly unknown[] {
  const found = (references ?? shared.references).follow({ value: schema, pointer })
  if ('reason' in found) return []
  const example = member(found.value, 'example')
  return [...(example === undefined ? [] : [example]), ...listMember(found.value, 'examples')]
}

interface View {
  readonly properties: ReadonlyMap<string, Found>
  readonly required: readonly string[]
  readonly isKnown: boolean
}

const NOTHING: View = { properties: new Map(), required: [], isKnown: false }
const DEEPEST = 8

/** A schema as one object: its own properties, and those of all that it is made of. */
function look(found: Found, references: References, depth: number): View {
  const meant = references.follow(found)
  if ('reason' in meant || !isObject(meant.value) || depth > DEEPEST) return NOTHING
  const { value, pointer } = meant
  const own: View = {
    properties: new Map(
      entriesOf(value, 'properties').map(([name, property]) => [
        name,
        { value: property, pointer: `${pointer}/properties/${name}` },
      ]),
    ),
    required: listMember(value, 'required').filter((name) => typeof name === 'string'),
    isKnown: isObject(value.properties),
  }
  const inside = (keyword: string) =>
    listMember(value, keyword).map((part) => look({ value: part, pointer }, references, depth + 1))
  const all = inside('allOf').reduce(together, own)
  const choices = [inside('anyOf'), inside('oneOf')].filter((branches) => branches.length > 0)
  return choices.reduce((view, branches) => together(view, branches.reduce(either)), all)
}

function together(left: View, right: View): View {
  return {
    properties: new Map([...left.properties, ...right.properties]),
    required: [...new Set([...left.required, ...right.required])],
    isKnown: left.isKnown || right.isKnown,
  }
}

/** What holds of both: their fields may differ, so no constant is known of them. */
function either(left: View, right: View): View {
  const names = [...new Set([...left.properties.keys(), ...right.properties.keys()])]
  const same = (name: string) =>
    isSame(left.properties.get(name)?.value ?? null, right.properties.get(name)?.value ?? null)
  return {
    properties: new Map(
      names.map((name) => [
        name,
        same(name) ? (left.properties.get(name) ?? { value: true, pointer: '' }) : { value: true, pointer: '' },
      ]),
    ),
    required: left.required.filter((name) => right.required.includes(name)),
    isKnown: left.isKnown && right.isKnown,
  }
}

/** Levels in which constants are looked for. */
const DEEPEST_CONSTANT = 3

function constantsIn(
  view: View,
  references: References,
  above: readonly string[],
): readonly { readonly path: readonly string[]; readonly value: Scalar }[] {
  const constants = [...view.properties].flatMap(([name, property]) => {
    const meant = references.follow(property)
    if ('reason' in meant || name.length > 60) return []
    const value = constantOf(meant.value)
    if (value !== undefined) return [{ path: [...above, name], value }]
    if (
      !view.required.includes(name) ||
      above.length + 1 >= DEEPEST_CONSTANT ||
      !isObject(member(meant.value, 'properties'))
    )
      return []
    return constantsIn(look(meant, references, 0), references, [...above, name])
  })
  return [...constants].sort((left, right) => left.path.length - right.path.length)
}

function constantOf(schema: unknown): Scalar | undefined {
  const values = member(schema, 'const') === undefined ? listMember(schema, 'enum') : [member(schema, 'const')]
  const [only, second] = values
  if (second !== undefined || values.length !== 1 || member(schema, 'nullable') === true) return undefined
  if (typeof only === 'string') return only.length <= 100 && only.isWellFormed() ? only : undefined
  return typeof only === 'boolean' || Number.isSafeInteger(only) ? (only as boolean | number) : undefined
}

/** A JSONPath to a member, in its short form where there is one. */
export function pathText(start: string, path: readonly string[]): string {
  return path.reduce(
    (text, name) => text + (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `.${name}` : `[${literal(name)}]`),
    start,
  )
}

function literal(value: Scalar): string {
  if (typeof value !== 'string') return String(value)
  const inside = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inside}'`
}

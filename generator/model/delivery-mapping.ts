import type { DeliveryRule as WrittenDeliveryRule, MappedValue as WrittenMappedValue } from '../compiled/definition.ts'
import type {
  Condition,
  DeliveryRule,
  Form,
  Limits,
  Loop,
  MappedObject,
  MappedValue,
  NamedValue,
  Path,
} from '../kit/mapping.ts'
import { isNamedValue, namesIn } from '../kit/mapping.ts'
import { suggestion } from '../text/closest.ts'
import type { DeepReadonly, EventSchema } from './connector.ts'
import { type Names, PathError, parseCondition, parsePath } from './json-path.ts'
import { referenced } from './json-pointer.ts'
import { nameProblems, ordered, type WrittenEntry } from './named-values.ts'

type WrittenRule = DeepReadonly<WrittenDeliveryRule>
type WrittenValue = DeepReadonly<WrittenMappedValue>
type WrittenFields = Readonly<Record<string, WrittenValue>>

/** A mistake in a rule, and its place. */
export interface MappingProblem {
  /**
   * A path that cannot be followed, a field that does not agree with the event's schema, or an unpacked or fetched value
   * whose name is taken or not used.
   */
  readonly kind: 'path' | 'field' | 'name' | 'unused'
  /** Below `webhook.deliveries`. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

export interface Mapping {
  /** The rules as the kit runs them; where there are problems, without what they concern. */
  readonly rules: readonly DeliveryRule[]
  readonly problems: readonly MappingProblem[]
}

/**
 * Parses the delivery rules of a webhook and lays down what each field becomes, as its event's schema has it. Rules for
 * events that are not there are left out.
 */
export function mappingOf(written: readonly WrittenRule[], schemas: Readonly<Record<string, EventSchema>>): Mapping {
  const bodies = written.map(({ event }) => (Object.hasOwn(schemas, event) ? schemas[event] : undefined))
  const before = known.get(written)
  if (before?.bodies.every((body, index) => body === bodies[index])) return before.mapping
  const mapping = newMapping(written, bodies)
  known.set(written, { bodies, mapping })
  return mapping
}

/** Several rules ask for it, and then the targets, who have the same rules and schemas. */
const known = new WeakMap<readonly WrittenRule[], { readonly bodies: Bodies; readonly mapping: Mapping }>()

/** The schema of each rule's event. */
type Bodies = readonly (EventSchema | undefined)[]

function newMapping(written: readonly WrittenRule[], bodies: Bodies): Mapping {
  const problems: MappingProblem[] = [...nameProblems(written)]
  const rules = written.flatMap((rule, index) => {
    const body = bodies[index]
    return body === undefined ? [] : [new RuleReader(rule, body, [index], problems).rule()]
  })
  return { rules, problems }
}

/**
 * The path of an ignored place, or undefined where it is not one; names and `[*]` alone are known before a delivery. It
 * begins at the delivery or at a value that a rule unpacks or fetches. Of the request, only a parameter of the query is
 * one: vendors and proxies add headers as they like.
 */
export function ignoredPath(at: string, rules: readonly DeliveryRule[]): Path | undefined {
  try {
    const path = parsePath(at, ['delivery', 'request', ...namedValuesOf(rules)])
    if (path[0] === 'request' && (path[1] !== 'query' || path.length !== 3)) return undefined
    return path.some((step) => typeof step === 'object' && 'where' in step) ? undefined : path
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    return undefined
  }
}

function namedValuesOf(rules: readonly DeliveryRule[]): readonly string[] {
  return rules.flatMap(({ for: entries }) => entries.filter(isNamedValue).map(({ name }) => name))
}

/** The rule of a poll, whose paths start at the record and at facts about the poll. */
export function pollMapping(
  written: Pick<WrittenRule, 'for' | 'when' | 'data'>,
  event: string,
  schema: EventSchema,
): { readonly rule: DeliveryRule; readonly problems: readonly MappingProblem[] } {
  const problems: MappingProblem[] = []
  const reader = new RuleReader({ ...written, event }, schema, [], problems, ['record', 'poll'])
  return { rule: reader.rule(), problems }
}

const NOTHING: Path = ['delivery']

class RuleReader {
  readonly #written: WrittenRule
  readonly #root: EventSchema
  readonly #at: MappingProblem['path']
  readonly #problems: MappingProblem[]

  readonly #names: Names

  constructor(
    written: WrittenRule,
    root: EventSchema,
    at: MappingProblem['path'],
    problems: MappingProblem[],
    names: Names = ['delivery', 'request'],
  ) {
    this.#written = written
    this.#names = names
    this.#root = root
    this.#at = at
    this.#problems = problems
  }

  rule(): DeliveryRule {
    const { event, when, data } = this.#written
    const order = ordered(this.#written)
    const allNames: Names = [...this.#names, ...order.map(({ name }) => name)]
    const condition = when === undefined ? undefined : this.#condition(when, allNames)
    let conditions = condition === undefined ? [] : 'and' in condition ? condition.and : [condition]
    let names = this.#names
    const entries: (Loop | NamedValue)[] = []
    for (const written of order) {
      if (written.kind === 'loop') entries.push(this.#loop(written, names))
      else {
        // Conditions that need no unpacked or fetched value come first, to save the work.
        const known: ReadonlySet<string> = new Set(names)
        const first = conditions.filter((one) => namesIn(one).every((name) => known.has(name)))
        conditions = conditions.filter((one) => !first.includes(one))
        const guard = allOf(first)
        entries.push({ ...this.#named(written, names), ...(guard === undefined ? {} : { when: guard }) })
      }
      names = [...names, written.name]
    }
    const last = allOf(conditions)
    return {
      event,
      for: entries,
      ...(last === undefined ? {} : { when: last }),
      data: this.#object(data, this.#root, names, ['data']),
    }
  }

  #loop({ name, paths }: Extract<WrittenEntry, { kind: 'loop' }>, names: Names): Loop {
    return [
      name,
      ...paths.map((text, index) => this.#path(text, names, ['for', name, ...(paths.length === 1 ? [] : [index])])),
    ]
  }

  #named(written: Exclude<WrittenEntry, { kind: 'loop' }>, names: Names): NamedValue {
    const { name } = written
    if (written.kind === 'unpack')
      return { name, unpack: this.#path(written.from, names, ['unpack', name, 'from']), as: written.as }
    const parameters = Object.entries(written.parameters).map(([parameter, text]) => [
      parameter,
      this.#path(text, names, ['fetch', name, 'parameters', parameter]),
    ])
    return { name, fetch: written.endpoint, parameters: Object.fromEntries(parameters) as Record<string, Path> }
  }

  #report(kind: MappingProblem['kind'], at: MappingProblem['path'], message: string): void {
    this.#problems.push({ kind, path: [...this.#at, ...at], message })
  }

  #path(text: string, names: Names, at: MappingProblem['path']): Path {
    try {
      return parsePath(text, names)
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      this.#report('path', at, error.message)
      return NOTHING
    }
  }

  #condition(text: string, names: Names): Condition | undefined {
    try {
      return parseCondition(text, names)
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      this.#report('path', ['when'], error.message)
      return undefined
    }
  }

  #object(data: WrittenFields, written: EventSchema, names: Names, at: MappingProblem['path']): MappedObject {
    const { properties = {}, required = [] } = this.#resolved(written) ?? {}
    const known = Object.keys(properties)
    const fields: Record<string, MappedValue> = {}
    for (const [name, value] of Object.entries(data)) {
      const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (schema === undefined)
        this.#report('field', [...at, name], `the event has no field "${name}"${suggestion(name, known)}`)
      else fields[name] = this.#value(value, schema, names, [...at, name])
    }
    for (const name of required) {
      // A name that the schema requires and does not declare is the schema's fault.
      if (!Object.hasOwn(data, name) && Object.hasOwn(properties, name))
        this.#report('field', at, `nothing gives "${name}", which the schema requires`)
    }
    return { fields, required }
  }

  #value(value: WrittenValue, written: EventSchema, names: Names, at: MappingProblem['path']): MappedValue {
    const schema = this.#resolved(written)
    if (schema === undefined) return { value: '' }
    if (typeof value === 'string') return this.#taken({ from: value }, schema, names, at)
    const given = Object.keys(value).filter((key) => key !== 'as' && key !== 'without')
    const shape = given.sort().join(' and ')
    if (value.value !== undefined && shape === 'value') return this.#constant(value.value, schema, at)
    if (value.from !== undefined && shape === 'from') return this.#taken(value, schema, names, at)
    if (value.data !== undefined && typeof value.data === 'object' && shape === 'data')
      return this.#nested(value.data, schema, names, at)
    if (value.each !== undefined && value.data !== undefined && shape === 'data and each')
      return this.#list(value.each, value.data, schema, names, at)
    this.#report('field', at, 'a field has either from, or value, or data, or each with data')
    return { value: '' }
  }

  #constant(value: string | number | boolean, schema: EventSchema, at: MappingProblem['path']): MappedValue {
    if (schema.enum !== undefined && !(schema.enum as readonly unknown[]).includes(value))
      this.#report('field', [...at, 'value'], `the schema allows ${schema.enum.join(', ')}`)
    return { value }
  }

  #nested(data: WrittenFields, schema: EventSchema, names: Names, at: MappingProblem['path']): MappedValue {
    if (formOf(schema) === 'object') return this.#object(data, schema, names, [...at, 'data'])
    this.#report('field', at, 'the field is no object in the schema')
    return { value: '' }
  }

  #list(each: string, data: WrittenValue, schema: EventSchema, names: Names, at: MappingProblem['path']): MappedValue {
    const path = this.#path(each, names, [...at, 'each'])
    if (schema.items === undefined) {
      this.#report('field', at, 'the field is no list in the schema')
      return { value: '' }
    }
    const inside = [...names.filter((name) => name !== 'item'), 'item']
    const items = this.#resolved(schema.items) ?? {}
    const item =
      typeof data === 'string'
        ? this.#value(data, items, inside, [...at, 'data'])
        : this.#nested(data as WrittenFields, items, inside, at)
    return { each: path, item }
  }

  #taken(
    { from, as, without }: Exclude<WrittenValue, string>,
    schema: EventSchema,
    names: Names,
    at: MappingProblem['path'],
  ): MappedValue {
    const paths = [from ?? []].flat().map((text) => this.#path(text, names, at))
    const form = formOf(schema)
    if (form === undefined) this.#report('field', at, 'the schema does not say of which type the field is')
    if (form === 'date-time' && as === undefined)
      this.#report('field', at, 'the field is a time: say with `as` how the vendor writes it')
    if (form !== 'date-time' && as !== undefined)
      this.#report('field', [...at, 'as'], 'the field is no time in the schema')
    const limits = limitsOf(schema)
    return {
      from: paths,
      as: as ?? form ?? 'text',
      ...(without === undefined ? {} : { without }),
      ...(Object.keys(limits).length === 0 ? {} : { limits }),
    }
  }

  /** What a schema refers to; undefined for references to nowhere and in a circle, which have rules of their own. */
  #resolved(schema: EventSchema): EventSchema | undefined {
    const followed = new Set<string>()
    let current: EventSchema | undefined = schema
    while (current?.$ref !== undefined) {
      if (followed.has(current.$ref)) return undefined
      followed.add(current.$ref)
      current = referenced(this.#root, current.$ref)
    }
    return current
  }
}

/** The form that a value takes. Text comes first: it loses nothing of numbers. If no form takes all types, values stay as they are. */
function formOf({ type, format }: EventSchema): Form | undefined {
  const types = [type ?? []].flat().filter((name) => name !== 'null')
  const isText = types.includes('string') && types.every((name) => ['string', 'number', 'integer'].includes(name))
  if (types.length > 1 && !isText && types.some((name) => name !== 'number' && name !== 'integer')) return 'any'
  if (types.includes('string')) return format === 'date-time' ? 'date-time' : 'text'
  if (types.includes('number')) return 'number'
  if (types.includes('integer')) return 'integer'
  if (types.includes('boolean')) return 'boolean'
  if (types.includes('array')) return 'list'
  return types.includes('object') ? 'object' : undefined
}

function limitsOf({
  enum: values,
  const: only,
  minLength,
  maxLength,
  pattern,
  minimum,
  maximum,
  format,
}: EventSchema): Limits {
  const allowed = only === undefined ? values : [only]
  return {
    ...(allowed === undefined ? {} : { enum: allowed as NonNullable<Limits['enum']> }),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(format === 'uri' ? { uri: true } : {}),
    ...(format === 'email' ? { email: true } : {}),
  }
}

function allOf(conditions: readonly Condition[]): Condition | undefined {
  return conditions.length > 1 ? { and: conditions } : conditions[0]
}

import type { DataSchema, Definition, Endpoint, Event } from '../compiled/definition.ts'

/**
 * Schemas in the events of a definition once shared ones are written out, and the longest chain of references. Schemas
 * that refer to one another twice each grow without bound in a few lines.
 */
const MOST_SCHEMAS = 100_000
const DEEPEST_REFERENCES = 100

const REFERENCE = '#/schemas/'
/** Keywords that describe a value. Beside a reference, they replace those of the shared schema. */
export const ANNOTATIONS: readonly string[] = ['title', 'description', 'examples', 'default', 'deprecated']

export interface Expanded {
  readonly definition: Definition
  /** Paths of schemas that would be too large; they are left as written. */
  readonly tooLarge: readonly Path[]
}

/** The name of the shared schema that a reference (`#/schemas/<name>`) points at. */
export function sharedName(reference: string | undefined): string | undefined {
  return reference?.startsWith(REFERENCE) === true ? reference.slice(REFERENCE.length) : undefined
}

/** Keywords beside a reference to a shared schema that are not annotations. */
export function constraintsBeside(schema: DataSchema): readonly string[] {
  return Object.keys(schema).filter((keyword) => keyword !== '$ref' && !ANNOTATIONS.includes(keyword))
}

/**
 * Writes out the shared schemas and the common fields in the data of events, and the shared schemas in endpoints, where
 * `isExpanded` allows it for the path of an event or of `api`. A reference that leads nowhere, loops or has constraints
 * beside it is left as written: rules report it.
 */
export function withSharedSchemas(definition: Definition, isExpanded: (path: Path) => boolean): Expanded {
  const { schemas, event_fields: common, events, api } = definition
  if (schemas === undefined && common === undefined) return { definition, tooLarge: [] }
  const expansion = new Expansion(schemas ?? {})
  const tooLarge: Path[] = []
  const expandedData = (schema: DataSchema, path: Path, fields?: Definition['event_fields']): DataSchema => {
    const data = expansion.dataOf(schema, fields)
    if (data === undefined) tooLarge.push(path)
    return data ?? schema
  }
  const expandedEvents = Object.entries(events ?? {}).map(([name, event]): [string, Event] => {
    if (!isExpanded(['events', name])) return [name, event]
    return [name, { ...event, data: expandedData(event.data, ['events', name, 'data'], common) }]
  })
  const expandedEndpoints = Object.entries(isExpanded(['api']) ? (api.endpoints ?? {}) : {}).map(
    ([name, endpoint]): [string, Endpoint] => {
      const { body, response } = endpoint
      const at = (part: string) => ['api', 'endpoints', name, part]
      return [
        name,
        {
          ...endpoint,
          ...(body === undefined ? {} : { body: expandedData(body, at('body')) }),
          ...(response === undefined ? {} : { response: expandedData(response, at('response')) }),
        },
      ]
    },
  )
  return {
    definition: {
      ...definition,
      ...(events === undefined ? {} : { events: Object.fromEntries(expandedEvents) }),
      ...(expandedEndpoints.length === 0 ? {} : { api: { ...api, endpoints: Object.fromEntries(expandedEndpoints) } }),
    },
    tooLarge,
  }
}

class Expansion {
  readonly #schemas: Readonly<Record<string, DataSchema>>
  readonly #expanded = new Map<string, DataSchema>()
  /** Names that are being expanded. */
  readonly #open = new Set<string>()
  readonly #sizes = new Map<DataSchema, number>()
  #left = MOST_SCHEMAS
  #isTooDeep = false

  constructor(schemas: Readonly<Record<string, DataSchema>>) {
    this.#schemas = schemas
  }

  dataOf(written: DataSchema, common: Definition['event_fields']): DataSchema | undefined {
    this.#isTooDeep = false
    const own = this.#schemaOf(written)
    const data = common === undefined ? own : this.#merged(own, common)
    const size = this.#sizeOf(data)
    if (this.#isTooDeep || size > this.#left) return undefined
    this.#left -= size
    return data
  }

  #merged(own: DataSchema, { properties, required }: NonNullable<Definition['event_fields']>): DataSchema {
    const shared = inside({ properties }, (schema) => this.#schemaOf(schema)).properties
    const names = new Set([...(required ?? []), ...(own.required ?? [])])
    return {
      ...own,
      ...(names.size === 0 ? {} : { required: [...names] }),
      properties: { ...shared, ...own.properties },
    }
  }

  /** The same object for every use of a shared schema, so that the work does not grow with the result. */
  #schemaOf(schema: DataSchema): DataSchema {
    const name = sharedName(schema.$ref)
    const shared = name === undefined || constraintsBeside(schema).length > 0 ? undefined : this.#sharedSchema(name)
    if (shared === undefined) return inside(schema, (child) => this.#schemaOf(child))
    const { $ref: _, ...annotations } = schema
    return Object.keys(annotations).length === 0 ? shared : { ...shared, ...annotations }
  }

  #sharedSchema(name: string): DataSchema | undefined {
    const known = this.#expanded.get(name)
    if (known !== undefined) return known
    const written = Object.hasOwn(this.#schemas, name) ? this.#schemas[name] : undefined
    if (written === undefined || this.#open.has(name)) return undefined
    if (this.#open.size === DEEPEST_REFERENCES) {
      this.#isTooDeep = true
      return undefined
    }
    this.#open.add(name)
    const schema = this.#schemaOf(written)
    this.#open.delete(name)
    this.#expanded.set(name, schema)
    return schema
  }

  #sizeOf(schema: DataSchema): number {
    const known = this.#sizes.get(schema)
    if (known !== undefined) return known
    let size = 1
    inside(schema, (child) => {
      size += this.#sizeOf(child)
      return child
    })
    this.#sizes.set(schema, size)
    return size
  }
}

/** A schema with every schema directly inside it replaced. */
function inside(schema: DataSchema, replace: (schema: DataSchema) => DataSchema): DataSchema {
  const mapping = (schemas: Readonly<Record<string, DataSchema>>) =>
    Object.fromEntries(Object.entries(schemas).map(([name, child]) => [name, replace(child)]))
  const { properties, $defs, items, additionalProperties, anyOf, oneOf, allOf } = schema
  return {
    ...schema,
    ...(properties === undefined ? {} : { properties: mapping(properties) }),
    ...($defs === undefined ? {} : { $defs: mapping($defs) }),
    ...(items === undefined ? {} : { items: replace(items) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: replace(additionalProperties) } : {}),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(replace) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(replace) }),
    ...(allOf === undefined ? {} : { allOf: allOf.map(replace) }),
  }
}

type Path = readonly (string | number)[]

/** The place, in the definition as written, of a path into the events or endpoints of the expanded one. */
export function writtenPath(definition: Definition, path: Path): Path {
  const [part, event, member, ...below] = path
  if (definition.schemas === undefined && definition.event_fields === undefined) return path
  if (part === 'api') return writtenEndpointPath(definition, path)
  if (part !== 'events' || member !== 'data') return path
  const data = definition.events?.[String(event)]?.data
  const start = data === undefined ? undefined : follow(definition, { node: data, at: path.slice(0, 3) }, below[0])
  if (start === undefined) return path
  const [keyword, name, ...rest] = below
  const common = definition.event_fields
  const own = start.node as DataSchema
  if (keyword === 'properties' && name !== undefined && !Object.hasOwn(own.properties ?? {}, name)) {
    const node = common?.properties[name]
    if (node !== undefined) return walk(definition, { node, at: ['event_fields', 'properties', name] }, rest)
  }
  if (keyword === 'required' && typeof name === 'number') return requiredPath(start, common?.required ?? [], name)
  return walk(definition, start, below)
}

function writtenEndpointPath(definition: Definition, path: Path): Path {
  const [, , name, member, ...below] = path
  if (member !== 'body' && member !== 'response') return path
  const schema = definition.api.endpoints?.[String(name)]?.[member]
  return schema === undefined ? path : walk(definition, { node: schema, at: path.slice(0, 4) }, below)
}

/** The names of the common fields come first, and each name once. */
function requiredPath({ node, at }: Place, common: readonly string[], index: number): Path {
  const shared = [...new Set(common)]
  if (index < shared.length) return ['event_fields', 'required', index]
  const own = (node as DataSchema).required ?? []
  const name = own.filter((written) => !shared.includes(written))[index - shared.length]
  return [...at, 'required', name === undefined ? index : own.indexOf(name)]
}

interface Place {
  readonly node: unknown
  readonly at: Path
}

function walk(definition: Definition, start: Place, path: Path): Path {
  let place = start
  for (const segment of path) {
    const { node, at } = follow(definition, place, segment)
    const children = (typeof node === 'object' && node !== null ? node : {}) as Readonly<Record<string, unknown>>
    place = { node: Object.hasOwn(children, segment) ? children[segment] : undefined, at: [...at, segment] }
  }
  return follow(definition, place, undefined).at
}

/** The shared schema that a reference leads to, unless the next segment of the path is beside the reference. */
function follow({ schemas = {} }: Definition, { node, at }: Place, next: string | number | undefined): Place {
  let place: Place = { node, at }
  for (let depth = 0; depth < DEEPEST_REFERENCES; depth += 1) {
    if (typeof place.node !== 'object' || place.node === null) return place
    const schema = place.node as DataSchema
    const name = sharedName(schema.$ref)
    if (name === undefined || !Object.hasOwn(schemas, name) || constraintsBeside(schema).length > 0) return place
    if (next === undefined ? Object.keys(schema).length > 1 : Object.hasOwn(schema, next)) return place
    place = { node: schemas[name], at: ['schemas', name] }
  }
  return place
}

import type { JSONSchema, Options } from 'json-schema-to-typescript'
import type { Connector, ConnectorEvent, EventSchema } from '../../model/connector.ts'
import { referenced } from '../../model/json-pointer.ts'
import { pascalCase } from '../../model/model.ts'
import { type Code, documentationComment } from './code.ts'
import { eventDocumentation, schemaDocumentation } from './documentation.ts'
import { parseDeclarations, ROOT_TYPE } from './parse-declarations.ts'
import { Placeholders, placeholderSchema } from './placeholder-schema.ts'

/** The type of one event's data, and the types that it refers to. */
export interface EventType {
  readonly event: ConnectorEvent
  readonly declarations: readonly Code[]
}

const OPTIONS: Partial<Options> = {
  bannerComment: '',
  format: false,
  additionalProperties: true,
  // What goes in has no references, and need not be searched for them.
  $refOptions: { resolve: { external: false }, dereference: { excludedPathMatcher: () => true } },
}

interface Named {
  readonly name: string
  readonly schema: EventSchema
  readonly event: ConnectorEvent
  /** The definition's name under $defs; absent for the event's data itself. */
  readonly definition?: string
}

/**
 * Prints the data types of a connector's events with one call of json-schema-to-typescript. The library sees the
 * structure alone: every name, literal and description goes in as a placeholder and is filled in afterwards, so that no
 * text of a definition can change what it prints.
 */
export async function eventTypes(connector: Connector): Promise<readonly EventType[]> {
  const named = namedSchemas(connector)
  const placeholders = new Placeholders()
  const printed = await printedTypes(named, placeholders)
  const declarations = parseDeclarations(printed, placeholders)
  return connector.events.map((event) => ({
    event,
    declarations: named.filter((schema) => schema.event === event).map(({ name }) => found(declarations, name)),
  }))
}

function found(declarations: ReadonlyMap<string, Code>, name: string): Code {
  const declaration = declarations.get(name)
  if (declaration === undefined) throw new Error(`no type was printed for ${name}`)
  return declaration
}

/** Asked for once, when the first types are printed: the loader takes its time also for what it has loaded before. */
let compiler: Promise<Library['compile']> | undefined

type Library = typeof import('json-schema-to-typescript')

async function loadCompiler(): Promise<Library['compile']> {
  const library = await import('json-schema-to-typescript')
  // Bundled, a CommonJS library has its exports in `default` alone; from node_modules, beside it.
  return ('compile' in library ? library : (library as { readonly default: Library }).default).compile
}

async function printedTypes(named: readonly Named[], placeholders: Placeholders): Promise<string> {
  compiler ??= loadCompiler()
  const compile = await compiler
  const typeNames = new Map(named.map(({ name, event, definition }) => [`${event.name} #/$defs/${definition}`, name]))
  const properties = named.map(({ name, schema, event, definition }): readonly [string, JSONSchema] => {
    const typeName = (reference: string) => typeNames.get(`${event.name} ${reference}`) ?? reference
    const target = (reference: string) => referenced(event.data, reference)
    const comment = documentationComment(
      definition === undefined ? eventDocumentation(event) : schemaDocumentation(schema),
    )
    const body = { ...placeholderSchema(schema, { placeholders, typeName, target }), title: placeholders.forType(name) }
    const described = comment === undefined ? body : { ...body, description: placeholders.forComment(comment) }
    return [placeholders.forKey(name), described]
  })
  const carrier: JSONSchema = {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  }
  return compile(carrier, ROOT_TYPE, OPTIONS)
}

/** Every event's data and every definition under its $defs, each with a name that nothing else in the module has. */
function namedSchemas(connector: Connector): readonly Named[] {
  const taken = new Set([
    'Events',
    `${connector.type_name}Installation`,
    ...connector.events.map(({ type_name }) => type_name),
  ])
  const free = (wanted: string, attempt = 1): string => {
    const name = attempt === 1 ? wanted : `${wanted}${attempt}`
    if (taken.has(name)) return free(wanted, attempt + 1)
    taken.add(name)
    return name
  }
  return connector.events.flatMap((event) => [
    { name: event.type_name, schema: event.data, event },
    ...Object.entries(event.data.$defs ?? {}).map(([definition, schema]) => ({
      name: free(`${pascalCase(event.name)}${pascalCase(definition)}`),
      schema,
      event,
      definition,
    })),
  ])
}

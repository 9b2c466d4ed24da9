import type { JSONSchema, Options } from 'json-schema-to-typescript'
import type { Connector, ConnectorEndpoint, EventSchema } from '../../model/connector.ts'
import { referenced } from '../../model/json-pointer.ts'
import { pascalCase } from '../../model/model.ts'
import { type Code, type Documentation, documentationComment } from './code.ts'
import { eventDocumentation, schemaDocumentation } from './documentation.ts'
import { parseDeclarations, ROOT_TYPE } from './parse-declarations.ts'
import { Placeholders, placeholderSchema } from './placeholder-schema.ts'

/** The types of a connector's data: of events, and of the bodies and responses of endpoints. */
export interface DataTypes {
  readonly declarations: readonly Code[]
  /** The name of the type of an endpoint's body or response. */
  readonly nameOf: (endpoint: ConnectorEndpoint, part: 'body' | 'response') => string | undefined
}

const OPTIONS: Partial<Options> = {
  bannerComment: '',
  format: false,
  additionalProperties: true,
  // Inputs have no references, and need not be searched for them.
  $refOptions: { resolve: { external: false }, dereference: { excludedPathMatcher: () => true } },
}

interface Named {
  readonly name: string
  readonly schema: EventSchema
  readonly comment: Documentation
  /** The schema that references start at, and what has it: schemas of two owners can be one object. */
  readonly root: EventSchema
  readonly owner: string
  /** The definition's name under $defs; absent for the root itself. */
  readonly definition?: string
}

/**
 * Prints the data types of a connector with one call of json-schema-to-typescript. The library sees the
 * structure alone: every name, literal and description goes in as a placeholder and is filled in afterwards, so that no
 * text of a definition can change what it prints.
 */
export async function dataTypes(connector: Connector): Promise<DataTypes> {
  const named = namedSchemas(connector)
  const placeholders = new Placeholders()
  const printed = await printedTypes(named, placeholders)
  const declarations = parseDeclarations(printed, placeholders)
  const roots = named.filter(({ definition }) => definition === undefined)
  const names = new Map(roots.map(({ owner, name }) => [owner, name]))
  return {
    declarations: named.map(({ name }) => found(declarations, name)),
    nameOf: ({ name }, part) => names.get(`${part} of ${name}`),
  }
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
  const typeNames = new Map(named.map(({ name, owner, definition }) => [`${owner} #/$defs/${definition}`, name]))
  const properties = named.map((one): readonly [string, JSONSchema] => {
    const { name, schema, root, owner, comment: documentation } = one
    const typeName = (reference: string) => typeNames.get(`${owner} ${reference}`) ?? reference
    const target = (reference: string) => referenced(root, reference)
    const comment = documentationComment(documentation)
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

/** The data of events and endpoints, and the definitions under their $defs, with names that nothing else has. */
function namedSchemas(connector: Connector): readonly Named[] {
  const taken = new Set([
    'Events',
    'Endpoints',
    `${connector.type_name}Installation`,
    ...connector.events.map(({ type_name }) => type_name),
  ])
  const free = (wanted: string, attempt = 1): string => {
    const name = attempt === 1 ? wanted : `${wanted}${attempt}`
    if (taken.has(name)) return free(wanted, attempt + 1)
    taken.add(name)
    return name
  }
  const withDefinitions = (of: string, whole: Omit<Named, 'root' | 'definition'>): readonly Named[] => [
    { ...whole, root: whole.schema },
    ...Object.entries(whole.schema.$defs ?? {}).map(([definition, schema]) => ({
      name: free(`${pascalCase(of)}${pascalCase(definition)}`),
      schema,
      comment: schemaDocumentation(schema),
      root: whole.schema,
      owner: whole.owner,
      definition,
    })),
  ]
  return [
    ...connector.events.flatMap((event) => {
      const comment = eventDocumentation(event)
      return withDefinitions(event.name, { name: event.type_name, schema: event.data, comment, owner: event.name })
    }),
    ...connector.api.endpoints.flatMap((endpoint) =>
      PARTS.flatMap(({ part, suffix, about }) => {
        const schema = endpoint[part]
        if (schema === undefined) return []
        const comment = schemaDocumentation({ description: `${about} of \`${endpoint.name}\`.`, ...schema })
        const [name, owner] = [free(`${pascalCase(endpoint.name)}${suffix}`), `${part} of ${endpoint.name}`]
        return withDefinitions(endpoint.name, { name, schema, comment, owner })
      }),
    ),
  ]
}

const PARTS = [
  { part: 'body', suffix: 'Body', about: 'The body' },
  { part: 'response', suffix: 'Response', about: 'The answer' },
] as const

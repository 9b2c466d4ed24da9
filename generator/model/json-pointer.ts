import type { EventSchema } from './connector.ts'

/** The reference tokens of a JSON Pointer (RFC 6901): '/a~1b/c' → ['a/b', 'c']. */
export function tokensOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The value at a pointer, or undefined. Only own properties count. */
export function valueAt(value: unknown, pointer: string): unknown {
  let current: unknown = value
  for (const token of tokensOf(pointer)) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, token)) return undefined
    current = (current as Readonly<Record<string, unknown>>)[token]
  }
  return current
}

/**
 * Whether a schema declares a value at the pointer. An open object allows any name only where it declares none itself:
 * beside declared fields an unknown name is a slip of the pen.
 */
export function resolves(schema: EventSchema, pointer: string): boolean {
  return reaches(schema, tokensOf(pointer), { root: schema, met: new Set() })
}

/** References already followed with so many tokens left: a second time would find nothing new, or loop. */
interface Search {
  readonly root: EventSchema
  readonly met: Set<string>
}

function reaches(schema: EventSchema, tokens: readonly string[], search: Search): boolean {
  if (followed(schema, tokens, search)) return true
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  if (branches.some((branch) => reaches(branch, tokens, search))) return true
  const [token, ...rest] = tokens
  if (token === undefined) return schema.$ref === undefined
  if (schema.items !== undefined && /^(?:0|[1-9][0-9]*)$/.test(token)) return reaches(schema.items, rest, search)
  const properties = schema.properties ?? {}
  const property = Object.hasOwn(properties, token) ? properties[token] : undefined
  if (property !== undefined) return reaches(property, rest, search)
  if (schema.additionalProperties === true) return Object.keys(properties).length === 0
  return typeof schema.additionalProperties === 'object' && reaches(schema.additionalProperties, rest, search)
}

function followed({ $ref }: EventSchema, tokens: readonly string[], search: Search): boolean {
  if ($ref === undefined) return false
  const step = `${$ref} ${tokens.length}`
  if (search.met.has(step)) return false
  search.met.add(step)
  const target = referenced(search.root, $ref)
  // Another rule reports a reference that leads nowhere.
  return target === undefined || reaches(target, tokens, search)
}

/** The schema that a local reference (`#/$defs/name`) names. */
export function referenced(root: EventSchema, reference: string): EventSchema | undefined {
  const name = reference.slice('#/$defs/'.length)
  const definitions = root.$defs ?? {}
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined
}

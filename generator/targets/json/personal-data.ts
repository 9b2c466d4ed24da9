import type { EventSchema } from '../../model/connector.ts'
import { referenced, tokensOf } from '../../model/json-pointer.ts'

/**
 * Marks the fields at these pointers with `x-personal-data: true`. A field that is declared in a definition that
 * several fields share is marked there, and so for all of them: rather one mark too many than one too few.
 */
export function withPersonalData(root: EventSchema, pointers: readonly string[]): object {
  if (pointers.length === 0) return root
  // A copy of its own for every place: an alias in the definition may have put one object in several.
  const own: EventSchema = JSON.parse(JSON.stringify(root))
  const marked = new Set<EventSchema>()
  for (const pointer of pointers) collect(own, tokensOf(pointer), { root: own, marked, met: new Set() })
  for (const schema of marked) Object.assign(schema, { 'x-personal-data': true })
  return own
}

interface Search {
  readonly root: EventSchema
  readonly marked: Set<EventSchema>
  /** References already followed with so many tokens left. */
  readonly met: Set<string>
}

function collect(schema: EventSchema, tokens: readonly string[], search: Search): void {
  const [token, ...rest] = tokens
  if (token === undefined) {
    search.marked.add(schema)
    return
  }
  for (const [next, left] of steps(schema, { token, rest }, search)) collect(next, left, search)
}

type Step = readonly [schema: EventSchema, tokens: readonly string[]]

function steps(
  schema: EventSchema,
  { token, rest }: { readonly token: string; readonly rest: readonly string[] },
  search: Search,
): readonly Step[] {
  const { properties = {}, additionalProperties, items } = schema
  const property = Object.hasOwn(properties, token) ? properties[token] : undefined
  const sameLevel = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
    ...followed(schema, rest.length, search),
  ].map((branch): Step => [branch, [token, ...rest]])
  if (property !== undefined) return [...sameLevel, [property, rest]]
  if (items !== undefined && /^(?:0|[1-9][0-9]*)$/.test(token)) return [...sameLevel, [items, rest]]
  if (typeof additionalProperties === 'object') return [...sameLevel, [additionalProperties, rest]]
  // An open object that declares nothing holds the field undeclared: the mark goes to the object.
  const open = additionalProperties === true && Object.keys(properties).length === 0
  return open ? [...sameLevel, [schema, []]] : sameLevel
}

function followed({ $ref }: EventSchema, left: number, { root, met }: Search): readonly EventSchema[] {
  if ($ref === undefined || met.has(`${$ref} ${left}`)) return []
  met.add(`${$ref} ${left}`)
  const target = referenced(root, $ref)
  return target === undefined ? [] : [target]
}

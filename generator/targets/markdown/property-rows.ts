import type { ConnectorEvent, EventSchema } from '../../model/connector.ts'
import { referenced, tokensOf } from '../../model/json-pointer.ts'
import type { Markdown } from './markdown.ts'
import { code, codes, join, table, text } from './markdown.ts'

interface Property {
  /** `address.street`, `items[].id`, `form_fields.*` */
  readonly path: string
  readonly schema: EventSchema
  readonly required: boolean
}

/** The fields of an event's data, nested ones by their path. */
export function propertyTable(event: ConnectorEvent): Markdown {
  const personal = new Set(event.personal_data.map((pointer) => tokensOf(pointer).join('.')))
  const rows = properties(event.data, event.data, '').map(({ path, schema, required }) => [
    code(path),
    text(typeOf(schema, event.data)),
    text(required ? 'yes' : ''),
    description(resolved(schema, event.data), schema, personal.has(path.replaceAll('[]', '.0'))),
  ])
  return table(['field', 'type', 'required', 'what it is'], rows)
}

function properties(schema: EventSchema, root: EventSchema, prefix: string): readonly Property[] {
  const target = resolved(schema, root)
  const named = Object.entries(target.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const required = target.required?.includes(name) === true
    return [{ path, schema: child, required }, ...properties(child, root, path)]
  })
  const branches = [...(target.anyOf ?? []), ...(target.oneOf ?? []), ...(target.allOf ?? [])]
  const items = target.items === undefined ? [] : properties(target.items, root, `${prefix}[]`)
  const others = target.additionalProperties
  const open = typeof others === 'object' ? properties(others, root, `${prefix}.*`) : []
  return [...named, ...branches.flatMap((branch) => properties(branch, root, prefix)), ...items, ...open]
}

/** The schema itself, or what it refers to; references never loop. */
function resolved(schema: EventSchema, root: EventSchema): EventSchema {
  if (schema.$ref === undefined) return schema
  const target = referenced(root, schema.$ref)
  return target === undefined ? schema : resolved(target, root)
}

function typeOf(schema: EventSchema, root: EventSchema): string {
  const target = resolved(schema, root)
  const types = [target.type ?? []].flat()
  if (types.includes('array') && target.items !== undefined) return `list of ${typeOf(target.items, root)}`
  if (types.length > 0) return types.join(' or ')
  const branches = [...(target.anyOf ?? []), ...(target.oneOf ?? [])]
  return branches.length === 0 ? 'any' : [...new Set(branches.map((branch) => typeOf(branch, root)))].join(' or ')
}

function description(target: EventSchema, schema: EventSchema, personal: boolean): Markdown {
  const { format, pattern, minimum, maximum, maxLength } = target
  const notes: readonly (Markdown | undefined)[] = [
    text(schema.description ?? target.description ?? ''),
    target.enum === undefined ? undefined : join([text('One of'), codes(target.enum.map(String))], ' '),
    target.const === undefined ? undefined : join([text('Always'), code(String(target.const))], ' '),
    format === undefined ? undefined : join([text('Format:'), code(format)], ' '),
    target['x-unit'] === undefined ? undefined : text(`Unit: ${target['x-unit']}.`),
    pattern === undefined ? undefined : join([text('Pattern:'), code(pattern)], ' '),
    minimum === undefined ? undefined : text(`At least ${minimum}.`),
    maximum === undefined ? undefined : text(`At most ${maximum}.`),
    maxLength === undefined ? undefined : text(`At most ${maxLength} characters.`),
    personal ? text('Personal data.') : undefined,
    target.deprecated === true ? text('Deprecated.') : undefined,
  ]
  const said = notes.filter((note) => note !== undefined && note !== '')
  return join(said as readonly Markdown[], ' ')
}

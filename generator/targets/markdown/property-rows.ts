import type { ConnectorEvent, EventSchema, Json } from '../../model/connector.ts'
import { referenced, tokensOf } from '../../model/json-pointer.ts'
import type { Markdown } from './markdown.ts'
import { code, join, labelledCodes, nothing, table, text } from './markdown.ts'

type Presence = 'always' | 'in some forms' | 'not always'

interface Property {
  /** `address.street`, `items[].id`, `form_fields.*` */
  readonly path: string
  readonly schema: EventSchema
  readonly presence: Presence
}

/** Where a schema stands in the event's data. */
interface Place {
  readonly root: EventSchema
  readonly path: string
  /** One of several forms that the value can have: what such a form requires, another one may lack. */
  readonly isForm: boolean
}

/** The fields of an event's data, nested ones by their path. */
export function propertyTable({ data, personal_data }: ConnectorEvent): Markdown {
  const personal = new Set(personal_data.map(pathOf))
  const rows = propertiesIn(data, { root: data, path: '', isForm: false }).map(
    ({ path, schema, presence }) =>
      [
        code(path),
        text(typeOf(schema, data)),
        text({ always: 'yes', 'in some forms': 'in some forms', 'not always': '' }[presence]),
        join([description(schema, data), personal.has(path) ? text('Personal data.') : nothing], ' '),
      ] as const,
  )
  const distinct = new Map(rows.map((row) => [row.join('\n'), row]))
  return table(['field', 'type', 'required', 'what it is'], [...distinct.values()])
}

/** `/items/0/email` → `items[].email` */
function pathOf(pointer: string): string {
  return tokensOf(pointer)
    .map((token) => (/^\d+$/.test(token) ? '[]' : `.${token}`))
    .join('')
    .slice(1)
}

function propertiesIn(schema: EventSchema, place: Place): readonly Property[] {
  const found: Property[] = []
  collect(schema, place, found)
  return found
}

function collect(schema: EventSchema, place: Place, found: Property[]): void {
  const target = resolved(schema, place.root)
  collectNamed(target, place, found)
  for (const part of target.allOf ?? []) collect(part, place, found)
  for (const form of target.anyOf ?? []) collect(form, { ...place, isForm: true }, found)
  for (const form of target.oneOf ?? []) collect(form, { ...place, isForm: true }, found)
  if (target.items !== undefined) found.push(...elements(target.items, place))
  collectOthers(target, place, found)
}

function collectNamed(target: EventSchema, { root, path: prefix, isForm }: Place, found: Property[]): void {
  for (const [name, schema] of Object.entries(target.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const isRequired = target.required?.includes(name) === true
    found.push({ path, schema, presence: isRequired ? (isForm ? 'in some forms' : 'always') : 'not always' })
    collect(schema, { root, path, isForm: false }, found)
  }
}

function elements(items: EventSchema, { root, path: prefix }: Place): readonly Property[] {
  const path = `${prefix}[]`
  const nested = propertiesIn(items, { root, path, isForm: false })
  const saysMore = nested.length === 0 && description(items, root) !== ''
  return saysMore ? [{ path, schema: items, presence: 'not always' }] : nested
}

function collectOthers({ additionalProperties }: EventSchema, { root, path: prefix }: Place, found: Property[]): void {
  if (typeof additionalProperties !== 'object') return
  const path = prefix === '' ? '*' : `${prefix}.*`
  found.push({ path, schema: additionalProperties, presence: 'not always' })
  collect(additionalProperties, { root, path, isForm: false }, found)
}

/** The schema itself, or what it refers to; references never loop. */
function resolved(schema: EventSchema, root: EventSchema): EventSchema {
  if (schema.$ref === undefined) return schema
  const target = referenced(root, schema.$ref)
  return target === undefined ? schema : resolved(target, root)
}

function typeOf(schema: EventSchema, root: EventSchema): string {
  const target = resolved(schema, root)
  const types = typeof target.type === 'string' ? [target.type] : (target.type ?? [])
  if (types.length > 0) {
    return types
      .map((type) => (type === 'array' && target.items !== undefined ? `list of ${typeOf(target.items, root)}` : type))
      .join(' or ')
  }
  const forms = [...(target.anyOf ?? []), ...(target.oneOf ?? [])]
  if (forms.length > 0) return [...new Set(forms.map((form) => typeOf(form, root)))].join(' or ')
  return typeof target.const === 'string' ? 'string' : 'any'
}

function description(schema: EventSchema, root: EventSchema): Markdown {
  const target = resolved(schema, root)
  const { const: constant, default: fallback, examples = [], properties: fields, additionalProperties } = target
  return join(
    [
      text(schema.description ?? target.description ?? ''),
      target.enum === undefined ? nothing : labelled(target.enum.length === 1 ? 'Always' : 'One of:', target.enum),
      constant === undefined ? nothing : labelled('Always', [constant]),
      target.format === undefined ? nothing : labelled('Format:', [target.format]),
      target['x-unit'] === undefined ? nothing : text(`Unit: ${target['x-unit']}.`),
      target.pattern === undefined ? nothing : labelled('Pattern:', [target.pattern]),
      text(bounds(target).join(' ')),
      fallback === undefined ? nothing : labelled('When missing:', [fallback as Json]),
      examples.length === 0 ? nothing : labelled('For example', examples as readonly Json[]),
      fields !== undefined && additionalProperties === true ? text('Other fields are allowed.') : nothing,
      target.deprecated === true || schema.deprecated === true ? text('Deprecated.') : nothing,
    ],
    ' ',
  )
}

function labelled(label: string, values: readonly Json[]): Markdown {
  const shown = values.map((value) => (typeof value === 'string' && value !== '' ? value : JSON.stringify(value)))
  return labelledCodes(label, shown)
}

const BOUNDS = [
  ['At least', 'minimum', ''],
  ['At most', 'maximum', ''],
  ['More than', 'exclusiveMinimum', ''],
  ['Less than', 'exclusiveMaximum', ''],
  ['At least', 'minLength', ' characters'],
  ['At most', 'maxLength', ' characters'],
  ['At least', 'minItems', ' elements'],
  ['At most', 'maxItems', ' elements'],
  ['At least', 'minProperties', ' fields'],
  ['At most', 'maxProperties', ' fields'],
] as const

function bounds(schema: EventSchema): readonly string[] {
  const found: string[] = []
  for (const [word, keyword, unit] of BOUNDS) {
    const limit = schema[keyword]
    if (limit !== undefined) found.push(`${word} ${limit}${limit === 1 ? unit.replace(/s$/, '') : unit}.`)
  }
  if (schema.uniqueItems === true) found.push('No element stands twice.')
  return found
}

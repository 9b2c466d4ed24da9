import type { EventSchema } from '../model/connector.ts'
import { anyOf, narrowed } from './combine-schemas.ts'
import type { Draft, EventDraft } from './draft.ts'
import { below, isSame } from './json.ts'
import { cleaned, plainText } from './plain-text.ts'
import { SchemaConverter, UNDESCRIBED } from './schema-converter.ts'
import type { TypeName } from './schema-types.ts'

/** What a body becomes: the schema of an event's data, and how its fields are found. */
export interface EventData {
  readonly data: EventSchema
  /** The body is a list, and each of its elements is an event. */
  readonly isList: boolean
  /** Fields that stand in the body, in its order, and are mapped. */
  readonly fields: readonly EventField[]
  /** Fields that are always in the body, though they can be null there. */
  readonly nulls: readonly string[]
}

export interface EventField {
  readonly name: string
  readonly isTime: boolean
}

/** Why an event cannot be imported. */
export interface Refused {
  readonly refused: string
}

/** What is known of a body that is an object. */
interface View {
  readonly properties: ReadonlyMap<string, EventSchema>
  readonly required: readonly string[]
  readonly description?: string
}

/** Reads the schema of one event, and lays it out as event data: one object with named fields. */
export function eventDataOf(
  event: EventDraft,
  { kind, references: shared, report, sensitiveData }: Draft,
): EventData | Refused {
  const plain = kind === 'OpenAPI' || kind === 'AsyncAPI' ? plainText : cleaned
  const text = (written: string) => sensitiveData.masked(plain(written))
  const references = event.references ?? shared
  const converter = new SchemaConverter({ file: event.file, references, report, text, sensitiveData })
  const body = converter.convert({ value: event.schema, pointer: event.pointer })
  if (body === undefined) return { refused: 'no value fits its schema' }
  const items = listItems(body, converter)
  const view = viewOf(items ?? body, converter, (what, reason) =>
    report.add(what, reason, { file: event.file, pointer: event.pointer }),
  )
  if (view === undefined)
    return { refused: `its body is ${kindOf(body, converter)}, and event data are an object with named fields` }
  if (view.properties.size === 0) return { refused: 'its body has no named fields' }
  return laidOut(view, event, { converter, isList: items !== undefined, report })
}

interface Layout {
  readonly converter: SchemaConverter
  readonly isList: boolean
  readonly report: Draft['report']
}

function laidOut(view: View, event: EventDraft, { converter, isList, report }: Layout): EventData | Refused {
  const properties: Record<string, EventSchema> = {}
  const fields: EventField[] = []
  const nulls: string[] = []
  for (const [name, schema] of view.properties) {
    const at = { file: event.file, pointer: below(event.pointer, 'properties', name) }
    const types = converter.typesOf(schema)
    if (view.required.includes(name) && (types ?? ['null']).includes('null')) nulls.push(name)
    if (types?.length === 0) {
      if (view.required.includes(name)) return { refused: `no value fits its field "${name}"` }
      report.add(`the field "${name}"`, 'no value fits its schema', at)
      continue
    }
    if (types?.every((type) => type === 'null') === true) {
      report.add(`the field "${name}"`, 'it is always null, which stands for nothing', at)
      continue
    }
    properties[name] = withType(withoutNull(schema, converter), converter)
    const isTime = formatOf(properties[name], converter) === 'date-time'
    fields.push({ name, isTime })
  }
  if (fields.length === 0) return { refused: 'its fields are always null, or nothing fits them' }
  const required = view.required.filter((name) => Object.hasOwn(properties, name) && !nulls.includes(name))
  const data: EventSchema = {
    type: 'object',
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    properties,
  }
  const definitions = usedBy(data, converter.definitions)
  return {
    data: Object.keys(definitions).length === 0 ? data : { ...data, $defs: definitions },
    isList,
    fields,
    nulls,
  }
}

// The body as an object ------------------------------------------------------------------------------------------------

function resolved(schema: EventSchema, converter: SchemaConverter): EventSchema {
  return schema.$ref === undefined ? schema : resolved(converter.target(schema.$ref), converter)
}

function listItems(body: EventSchema, converter: SchemaConverter): EventSchema | undefined {
  const { type, items } = resolved(body, converter)
  return type === 'array' ? items : undefined
}

function viewOf(
  schema: EventSchema,
  converter: SchemaConverter,
  note: (what: string, reason: string) => void,
): View | undefined {
  const { $ref, allOf = [], anyOf: some, oneOf, description, ...own } = schema
  const types = converter.typesOf(schema)
  if (types !== undefined && !types.includes('object')) return undefined
  const views: View[] = []
  if ($ref !== undefined) views.push(...[viewOf(converter.target($ref), converter, note) ?? []].flat())
  if (own.properties !== undefined)
    views.push({ properties: new Map(Object.entries(own.properties)), required: own.required ?? [] })
  for (const part of allOf) views.push(...[viewOf(part, converter, note) ?? []].flat())
  for (const branches of [some, oneOf]) {
    const alternatives = (branches ?? []).flatMap((branch) => viewOf(branch, converter, note) ?? [])
    const [only, second] = alternatives
    if (only === undefined) continue
    if (second !== undefined)
      note('alternatives for the whole body', 'event data are one object: it has the fields of all of them')
    views.push(alternatives.reduce(eitherOf))
  }
  if (views.length === 0) return undefined
  const whole = views.reduce(bothViews)
  return description === undefined ? whole : { ...whole, description }
}

function bothViews(left: View, right: View): View {
  const properties = new Map(left.properties)
  for (const [name, schema] of right.properties) {
    const known = properties.get(name)
    properties.set(
      name,
      known === undefined || isSaid(known, schema)
        ? schema
        : isSaid(schema, known)
          ? known
          : { allOf: [known, schema], description: known.description ?? schema.description ?? UNDESCRIBED },
    )
  }
  return { ...left, properties, required: [...new Set([...left.required, ...right.required])] }
}

function eitherOf(left: View, right: View): View {
  const properties = new Map(left.properties)
  for (const [name, schema] of right.properties) {
    const known = properties.get(name)
    if (known === undefined || isSame(known, schema)) properties.set(name, known ?? schema)
    else properties.set(name, alternatively(known, schema))
  }
  return { properties, required: left.required.filter((name) => right.required.includes(name)) }
}

/** Two schemas of one field as one: constants become a list, everything else an alternative. */
function alternatively(left: EventSchema, right: EventSchema): EventSchema {
  const description = left.description ?? right.description ?? UNDESCRIBED
  const [one, other] = [left, right].map((schema) => (schema.const === undefined ? schema.enum : [schema.const]))
  if (one !== undefined && other !== undefined && isSame(left.type ?? null, right.type ?? null)) {
    const { const: _, enum: __, ...rest } = left
    return { ...rest, description, enum: [...new Set([...one, ...other])] as NonNullable<EventSchema['enum']> as never }
  }
  const branches = [left, right].flatMap(({ description: _, ...rest }) =>
    rest.anyOf !== undefined && Object.keys(rest).length === 1 ? rest.anyOf : [rest],
  )
  return { ...anyOf(branches), description }
}

/** Whether one schema says nothing that the other does not say: it only names the field. */
function isSaid(less: EventSchema, more: EventSchema): boolean {
  const { description: _, ...rest } = less
  const { description: __, ...other } = more
  return Object.keys(rest).length === 0 || isSame(rest, other)
}

function kindOf(body: EventSchema, converter: SchemaConverter): string {
  const types = converter.typesOf(body)
  return types === undefined ? 'of no type that the document names' : types.map((type) => WORDS[type]).join(' or ')
}

const WORDS: Readonly<Record<TypeName, string>> = {
  object: 'an object without fields',
  array: 'a list',
  string: 'text',
  integer: 'a number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
}

// Fields -----------------------------------------------------------------------------------------------------------------

/** Null at the top of a body stands for a field that is not there. */
function withoutNull(schema: EventSchema, converter: SchemaConverter): EventSchema {
  const { type, enum: values, anyOf: some, oneOf } = schema
  const types = type === undefined ? undefined : [type].flat().filter((name) => name !== 'null')
  const kept = values?.filter((value) => value !== null)
  const branches = (some ?? oneOf)?.filter((branch) => !isNull(branch, converter))
  const isOnly = branches?.length === 1 && [some, oneOf].includes(undefined) && type === undefined
  if (isOnly && branches[0] !== undefined) {
    const { anyOf: _, oneOf: __, ...rest } = schema
    return withoutNull({ ...branches[0], ...rest }, converter)
  }
  return {
    ...schema,
    ...(types === undefined || types.length === 0 ? {} : { type: types.length === 1 ? (types[0] as TypeName) : types }),
    ...(kept === undefined || kept.length === 0 ? {} : { enum: kept as never }),
    ...(branches === undefined || branches.length === 0
      ? {}
      : some === undefined
        ? { oneOf: branches }
        : { anyOf: branches }),
  }
}

function isNull(schema: EventSchema, converter: SchemaConverter): boolean {
  const types = converter.typesOf(schema)
  return types?.length === 1 && types[0] === 'null'
}

const EVERY_TYPE: readonly TypeName[] = ['string', 'number', 'boolean', 'array', 'object']

/** A delivery rule gives a value of a known type, so a field that says none by itself says it. */
function withType(schema: EventSchema, converter: SchemaConverter): EventSchema {
  const meant = resolved(schema, converter)
  if (meant.type !== undefined) return schema
  const types = (converter.typesOf(meant) ?? EVERY_TYPE).filter((type) => type !== 'null')
  const type = types.length === 1 ? (types[0] as TypeName) : types
  if (types.length === 0) return schema
  // What a reference means stays as it is for whoever else refers to it.
  if (schema.$ref === undefined) return narrowed({ ...schema, type }, types)
  const { description = meant.description ?? UNDESCRIBED } = schema
  return { type, allOf: [{ $ref: schema.$ref }], description }
}

function formatOf(schema: EventSchema | undefined, converter: SchemaConverter): string | undefined {
  if (schema === undefined) return undefined
  const { type, format } = resolved(schema, converter)
  return [type ?? []].flat().includes('string') ? format : undefined
}

/** The definitions that are referred to, directly or by one another. */
function usedBy(data: EventSchema, definitions: Readonly<Record<string, EventSchema>>): Record<string, EventSchema> {
  const used = new Set<string>()
  const visit = (value: unknown): void => {
    for (const [, name] of JSON.stringify(value).matchAll(/"\$ref":"#\/\$defs\/(\w+)"/g)) {
      if (name === undefined || used.has(name)) continue
      used.add(name)
      visit(definitions[name] ?? {})
    }
  }
  visit(data)
  return Object.fromEntries(Object.entries(definitions).filter(([name]) => used.has(name)))
}

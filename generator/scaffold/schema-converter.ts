import { budgetOf } from '../check/check-budget.ts'
import { isObject } from '../kit/mapping.ts'
import type { EventSchema } from '../model/connector.ts'
import {
  ANNOTATIONS,
  anyOf,
  type Combined,
  compact,
  distinct,
  isAnything,
  joined,
  narrowed,
  nullableOf,
} from './combine-schemas.ts'
import type { ConversionReport } from './conversion-report.ts'
import { below, type JsonObject, listMember, member, textMember } from './json.ts'
import { UniqueNames } from './names.ts'
import { cleaned } from './plain-text.ts'
import type { Found, References } from './references.ts'
import {
  bothOf,
  isOfType,
  isScalar,
  isStorable,
  type Scalar,
  type TypeName,
  typeOf,
  writtenTypes,
} from './schema-types.ts'
import type { SensitiveDataFilter } from './sensitive-data-filter.ts'
import { isValidValue, patternProblem } from './validate-value.ts'

/** Stands where the document describes a field by nothing but its name; whoever writes it out marks it. */
export const UNDESCRIBED = 'Not described in the published document.'

/** Levels of schemas inside one another: a definition is read down to 64 levels of YAML. */
const DEEPEST = 20
/** Schemas in one event, a required field counting as one. */
const MOST_SCHEMAS = 10_000

/** An event that is too large to be read as a whole. */
export class TooLarge extends Error {}

type Definitions = Record<string, EventSchema>

interface Context {
  readonly file: string
  readonly references: References
  readonly report: ConversionReport
  readonly text: (text: string) => string
  readonly sensitiveData: SensitiveDataFilter
}

/**
 * Carries the schema of one event over into the dialect of definitions: OpenAPI 3.0 and 3.1, AsyncAPI and every draft of
 * JSON Schema from 4 on. What the dialect has no word for is noted and left out, so that what comes out allows more than
 * the original, never less.
 */
export class SchemaConverter {
  readonly definitions: Definitions = {}
  readonly #context: Context
  /** The name under $defs of what stands at a pointer. */
  readonly #names = new Map<string, string>()
  readonly #freeNames = new UniqueNames(60)
  /** What came out so short that it is written out wherever it is referred to. */
  readonly #short = new Map<string, EventSchema>()
  /** What is being read: a reference to it would loop. */
  readonly #open = new Set<string>()
  #schemas = 0

  constructor(context: Context) {
    this.#context = context
  }

  /** Undefined for a schema that nothing can fit, or that cannot be read. */
  convert({ value, pointer }: Found, depth = 0): EventSchema | undefined {
    this.#count(1)
    if (value === true) return {}
    if (value === false) return undefined
    if (!isObject(value)) {
      this.#note('a schema', 'it is neither an object nor true or false', pointer)
      return {}
    }
    if (depth > DEEPEST) {
      this.#note('what is nested deeper', `a definition is read down to ${DEEPEST} levels of schemas`, pointer)
      return this.#stub(value)
    }
    return typeof member(value, '$ref') === 'string'
      ? this.#reference(value, pointer, depth)
      : this.#schema(value, pointer, depth)
  }

  /** The types that a value can be of, or undefined where it can be of any. */
  typesOf(schema: EventSchema): readonly TypeName[] | undefined {
    if (schema.type !== undefined) return [schema.type].flat()
    if (schema.const !== undefined) return [typeOf(schema.const)]
    if (schema.enum !== undefined) return [...new Set(schema.enum.map(typeOf))]
    const sets = [
      ...(schema.$ref === undefined ? [] : [this.typesOf(this.target(schema.$ref))]),
      ...(schema.allOf ?? []).map((part) => this.typesOf(part)),
      ...[schema.anyOf, schema.oneOf].flatMap((parts) => (parts === undefined ? [] : [this.#union(parts)])),
    ].filter((set) => set !== undefined)
    return sets.length === 0 ? undefined : sets.reduce(bothOf)
  }

  /** The schema that a reference of this event names. */
  target(reference: string): EventSchema {
    return this.definitions[reference.slice('#/$defs/'.length)] ?? {}
  }

  #union(parts: readonly EventSchema[]): readonly TypeName[] | undefined {
    const sets = parts.map((part) => this.typesOf(part))
    return sets.includes(undefined) ? undefined : [...new Set(sets.flatMap((set) => set ?? []))]
  }

  #count(schemas: number): void {
    this.#schemas += schemas
    if (this.#schemas > MOST_SCHEMAS) throw new TooLarge(`it has more than ${MOST_SCHEMAS} schemas`)
  }

  #note(what: string, reason: string, pointer: string): void {
    this.#context.report.add(what, reason, { file: this.#context.file, pointer })
  }

  // References -------------------------------------------------------------------------------------------------------

  #reference(value: JsonObject, pointer: string, depth: number): EventSchema | undefined {
    const found = this.#context.references.follow({ value, pointer })
    const beside = this.#annotations(value, pointer)
    if ('reason' in found) {
      this.#note(`the reference ${cleaned(found.reference)}`, found.reason, pointer)
      return beside
    }
    const meant = isPlain(found.value) ? this.convert(found, depth + 1) : this.#named(found)
    if (meant === undefined) return undefined
    const { $ref: _, ...others } = value
    const rest = Object.fromEntries(Object.entries(others).filter(([keyword]) => !ANNOTATIONS.has(keyword)))
    const { nullable, ...constraints } = rest
    const whole = Object.keys(constraints).some((keyword) => KEYWORDS.has(keyword))
      ? this.#schema({ allOf: [{ $ref: value.$ref }, constraints] }, pointer, depth)
      : meant
    if (whole === undefined) return undefined
    return { ...(nullable === true ? nullableOf(whole) : whole), ...beside }
  }

  /** A schema with a name goes under $defs once, however often it is used. */
  #named(found: Found): EventSchema | undefined {
    const short = this.#short.get(found.pointer)
    if (short !== undefined) return short
    const known = this.#names.get(found.pointer)
    if (known !== undefined) return Object.hasOwn(this.definitions, known) ? { $ref: `#/$defs/${known}` } : {}
    if (this.#open.has(found.pointer)) {
      this.#note(
        'what a value holds of its own kind',
        'references may not loop: one level is written out',
        found.pointer,
      )
      return this.#stub(found.value)
    }
    if (this.#open.size > DEEPEST) {
      this.#note('what is nested deeper', `a definition is read down to ${DEEPEST} references`, found.pointer)
      return this.#stub(found.value)
    }
    this.#open.add(found.pointer)
    const schema = this.convert(found)
    this.#open.delete(found.pointer)
    if (schema === undefined) return undefined
    if (isPlain(schema)) {
      this.#short.set(found.pointer, schema)
      return schema
    }
    const name = this.#freeNames.take(nameAt(found.pointer))
    this.#names.set(found.pointer, name)
    this.definitions[name] = schema
    return { $ref: `#/$defs/${name}` }
  }

  /** What is known of a value without looking into it. */
  #stub(value: unknown): EventSchema {
    const types = writtenTypes(value)
    const description = textMember(value, 'description') ?? textMember(value, 'title')
    const said = description === undefined ? {} : { description: this.#context.text(description) || UNDESCRIBED }
    if (types.length === 0) return said
    return { type: types.length === 1 ? (types[0] as TypeName) : types, ...said }
  }

  // Schemas ----------------------------------------------------------------------------------------------------------

  #schema(value: JsonObject, pointer: string, depth: number): EventSchema | undefined {
    for (const [keyword, reason] of UNSAYABLE) {
      if (Object.hasOwn(value, keyword)) this.#note(`the keyword ${keyword}`, reason, below(pointer, keyword))
    }
    const combined = this.#combined(value, pointer, depth)
    if (combined === undefined) return undefined
    const types = this.#types(value, pointer)
    const values = this.#values(value, pointer, types)
    if (values === undefined) return undefined
    const { examples, default: usual, ...said } = this.#annotations(value, pointer)
    const limits: EventSchema = {
      ...(types.length === 0 ? {} : { type: types.length === 1 ? (types[0] as TypeName) : types }),
      ...values,
      ...(types.includes('string') ? this.#textLimits(value, pointer) : {}),
      ...(types.includes('number') || types.includes('integer') ? this.#numberLimits(value, pointer) : {}),
      ...(types.includes('array') ? this.#listPart(value, pointer, depth) : {}),
      ...(types.includes('object') ? this.#objectPart(value, pointer, depth) : {}),
    }
    const fitting = examples?.filter((example) => isValidValue(limits, example, value.nullable === true)) ?? []
    const own: EventSchema = {
      ...limits,
      ...said,
      ...(usual === undefined || !isValidValue(limits, usual, false) ? {} : { default: usual }),
      ...(fitting.length === 0 ? {} : { examples: fitting as never }),
    }
    const whole = compact(narrowed(joined(own, combined), types.length === 0 ? undefined : types))
    return member(value, 'nullable') === true ? nullableOf(whole) : whole
  }

  #types(value: JsonObject, pointer: string): readonly TypeName[] {
    const written = writtenTypes(value)
    if (written.length > 0) return written
    if (value.type !== undefined)
      this.#note(
        `the type ${JSON.stringify(value.type)?.slice(0, 40)}`,
        'JSON Schema has no such type',
        below(pointer, 'type'),
      )
    const has = (...keywords: readonly string[]) => keywords.some((keyword) => Object.hasOwn(value, keyword))
    // What is written without a type is meant for one all the same.
    if (has('properties', 'required', 'additionalProperties', 'patternProperties')) return ['object']
    if (has('items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems')) return ['array']
    if (has('pattern', 'minLength', 'maxLength')) return ['string']
    if (typeof value.format === 'string' && FORMATS.has(value.format)) return ['string']
    if (has('minimum', 'maximum', 'multipleOf', 'exclusiveMinimum', 'exclusiveMaximum')) return ['number']
    return []
  }

  #annotations(value: JsonObject, pointer: string): EventSchema {
    const description = textMember(value, 'description') ?? textMember(value, 'title')
    const text = description === undefined ? '' : this.#context.text(description)
    const examples = [...(Object.hasOwn(value, 'example') ? [value.example] : []), ...listMember(value, 'examples')]
    const shown = examples
      .filter(isShort)
      .slice(0, 3)
      .map((example) => this.#replaced(example, below(pointer, 'examples')))
    const hasDefault = Object.hasOwn(value, 'default') && value.default !== null
    return {
      ...(text === '' ? {} : { description: text }),
      ...(hasDefault && isShort(value.default)
        ? { default: this.#replaced(value.default, below(pointer, 'default')) as never }
        : {}),
      ...(shown.length === 0 ? {} : { examples: shown as never }),
      ...(value.deprecated === true ? { deprecated: true } : {}),
    }
  }

  #replaced(value: unknown, pointer: string): unknown {
    const { sensitiveData } = this.#context
    for (const { what } of sensitiveData.allIn(value))
      this.#note('a value', `it looks like ${what}; a made-up value replaces it`, pointer)
    return sensitiveData.replaced(value)
  }

  /** `const` and `enum`; undefined where no value is left. */
  #values(value: JsonObject, pointer: string, types: readonly TypeName[]): EventSchema | undefined {
    if (Object.hasOwn(value, 'const')) {
      if (isScalar(value.const) && isStorable(value.const)) return { const: value.const }
      this.#note(
        'the keyword const',
        'only text, numbers, true, false and null can be constants',
        below(pointer, 'const'),
      )
      return {}
    }
    if (!Array.isArray(value.enum) || value.enum.length === 0) return {}
    const scalars = value.enum.filter(isScalar).filter(isStorable)
    if (scalars.length < value.enum.length) {
      this.#note('the keyword enum', 'only text, numbers, true, false and null can be listed', below(pointer, 'enum'))
      return {}
    }
    const allowed = scalars.filter(
      (one) => types.length === 0 || isOfType(one, types) || (one === null && value.nullable === true),
    )
    return allowed.length === 0 ? undefined : { enum: [...new Set(allowed)] as [Scalar, ...Scalar[]] }
  }

  #textLimits(value: JsonObject, pointer: string): EventSchema {
    const { pattern, format } = value
    const isUsable = typeof pattern === 'string' && this.#isUsablePattern(pattern, below(pointer, 'pattern'))
    if (typeof format === 'string' && !FORMATS.has(format) && !SAYING_NOTHING.has(format))
      this.#note(`the format ${cleaned(format).slice(0, 40)}`, 'definitions do not know it', below(pointer, 'format'))
    return {
      ...(isUsable ? { pattern } : {}),
      ...(typeof format === 'string' && FORMATS.has(format)
        ? { format: format as NonNullable<EventSchema['format']> }
        : {}),
      ...this.#counts(value, pointer, ['minLength', 'maxLength']),
    }
  }

  #isUsablePattern(pattern: string, pointer: string): boolean {
    const problem = patternProblem(pattern, budgetOf(this.#context.report).patterns)
    if (problem !== undefined) this.#note('a pattern', problem, pointer)
    return problem === undefined
  }

  #numberLimits(value: JsonObject, pointer: string): EventSchema {
    const limits: Record<string, number> = {}
    for (const [side, exclusive] of [
      ['minimum', 'exclusiveMinimum'],
      ['maximum', 'exclusiveMaximum'],
    ] as const) {
      // Up to draft 4, and in OpenAPI 3.0, the exclusive limit is a switch beside the other.
      if (value[exclusive] === true && typeof value[side] === 'number') limits[exclusive] = value[side]
      else if (typeof value[side] === 'number') limits[side] = value[side]
      if (typeof value[exclusive] === 'number') limits[exclusive] = value[exclusive]
    }
    for (const [keyword, limit] of Object.entries(limits)) {
      if (isStorable(limit)) continue
      delete limits[keyword]
      this.#note(`the keyword ${keyword}`, 'the number cannot be held exactly', below(pointer, keyword))
    }
    return limits
  }

  #counts(value: JsonObject, pointer: string, keywords: readonly (keyof EventSchema)[]): EventSchema {
    const counts: Record<string, number> = {}
    for (const keyword of keywords) {
      const count = value[keyword]
      if (count === undefined) continue
      if (Number.isSafeInteger(count) && Number(count) >= 0) counts[keyword] = Number(count)
      else this.#note(`the keyword ${keyword}`, 'it is no whole number', below(pointer, keyword))
    }
    return counts
  }

  #listPart(value: JsonObject, pointer: string, depth: number): EventSchema {
    const items = this.#items(value, pointer, depth)
    return {
      ...(items === undefined ? {} : { items }),
      ...this.#counts(value, pointer, ['minItems', 'maxItems']),
      ...(typeof value.uniqueItems === 'boolean' ? { uniqueItems: value.uniqueItems } : {}),
    }
  }

  #items(value: JsonObject, pointer: string, depth: number): EventSchema | undefined {
    const keyword = Array.isArray(value.prefixItems) ? 'prefixItems' : 'items'
    const places = value[keyword]
    if (!Array.isArray(places)) {
      if (!isObject(value.items)) return undefined
      return this.convert({ value: value.items, pointer: below(pointer, 'items') }, depth + 1)
    }
    this.#note(
      `the order of the elements (${keyword})`,
      'a list has one schema for all of its elements',
      below(pointer, keyword),
    )
    const rest = keyword === 'prefixItems' ? 'items' : 'additionalItems'
    if (value[rest] !== false && !isObject(value[rest])) return undefined
    const all = [
      ...places.map((place, index) => ({ value: place, pointer: below(pointer, keyword, index) })),
      ...(isObject(value[rest]) ? [{ value: value[rest], pointer: below(pointer, rest) }] : []),
    ]
    return anyOf(all.flatMap((found) => this.convert(found, depth + 1) ?? []))
  }

  #objectPart(value: JsonObject, pointer: string, depth: number): EventSchema {
    const properties: Record<string, EventSchema> = {}
    for (const [name, property] of Object.entries(isObject(value.properties) ? value.properties : {})) {
      const at = below(pointer, 'properties', name)
      if (!this.#isUsableName(name, at)) continue
      const converted = this.convert({ value: property, pointer: at }, depth + 1)
      if (converted === undefined) this.#note(`the property "${name}"`, 'no value fits its schema', at)
      else properties[name] = this.#described(converted)
    }
    const required = [...new Set(listMember(value, 'required').filter((name) => typeof name === 'string'))]
    this.#count(required.length)
    for (const name of required) {
      if (!Object.hasOwn(properties, name) && !Object.hasOwn(member(value, 'properties') ?? {}, name)) {
        if (this.#isUsableName(name, below(pointer, 'required'))) properties[name] = { description: UNDESCRIBED }
      }
    }
    const kept = required.filter((name) => Object.hasOwn(properties, name))
    const names = Object.keys(properties).length > 0
    const others = this.#others(value, pointer, depth)
    return {
      ...(names || others !== true ? { additionalProperties: others } : {}),
      ...(kept.length === 0 ? {} : { required: kept }),
      ...(names ? { properties } : {}),
      ...this.#counts(value, pointer, ['minProperties', 'maxProperties']),
    }
  }

  #isUsableName(name: string, pointer: string): boolean {
    if (name.length > 0 && name.length <= 80 && name !== '__proto__' && cleaned(name) === name) return true
    this.#note(`the property ${JSON.stringify(cut40(name))}`, 'a definition can hold no field of that name', pointer)
    return false
  }

  /** Every property has a description: its own, or that of what it refers to. */
  #described(schema: EventSchema): EventSchema {
    if (schema.description !== undefined) return schema
    if (schema.$ref !== undefined && this.target(schema.$ref).description !== undefined) return schema
    return { ...schema, description: UNDESCRIBED }
  }

  #others(value: JsonObject, pointer: string, depth: number): boolean | EventSchema {
    const { additionalProperties, patternProperties, unevaluatedProperties } = value
    if (isObject(patternProperties) && Object.keys(patternProperties).length > 0) {
      this.#note(
        'the keyword patternProperties',
        'fields are described by name, not by pattern',
        below(pointer, 'patternProperties'),
      )
      return true
    }
    if (unevaluatedProperties === false && additionalProperties === undefined)
      this.#note(
        'the keyword unevaluatedProperties',
        'definitions do not know it',
        below(pointer, 'unevaluatedProperties'),
      )
    if (additionalProperties === false) return false
    if (!isObject(additionalProperties) || Object.keys(additionalProperties).length === 0) return true
    return (
      this.convert({ value: additionalProperties, pointer: below(pointer, 'additionalProperties') }, depth + 1) ?? false
    )
  }

  // Combinations -----------------------------------------------------------------------------------------------------

  #combined(value: JsonObject, pointer: string, depth: number): Combined | undefined {
    const combined: Record<string, readonly EventSchema[]> = {}
    for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
      const parts = value[keyword]
      if (!Array.isArray(parts) || parts.length === 0) continue
      const places = parts.map((part, index) => ({ value: part, pointer: below(pointer, keyword, index) }))
      const branches = places.map((place) => this.#tagged(this.convert(place, depth + 1), place, value))
      const possible = branches.filter((branch) => branch !== undefined)
      if (keyword === 'allOf' ? possible.length < branches.length : possible.length === 0) return undefined
      // A branch that everything fits says nothing, and lets everything else fit too.
      if (keyword !== 'allOf' && possible.some(isAnything)) continue
      const telling = distinct(possible.filter((branch) => !isAnything(branch)))
      if (telling.length > 0) combined[keyword] = telling
    }
    return combined
  }

  /** A discriminator says by a field which branch is meant: the branch gets that constant. */
  #tagged(branch: EventSchema | undefined, { value }: Found, owner: JsonObject): EventSchema | undefined {
    const field = textMember(member(owner, 'discriminator'), 'propertyName')
    const reference = textMember(value, '$ref')
    if (branch?.$ref === undefined || field === undefined || reference === undefined || !/^\w{1,80}$/.test(field))
      return branch
    const target = this.target(branch.$ref)
    const property = Object.hasOwn(target.properties ?? {}, field) ? target.properties?.[field] : undefined
    if (
      property === undefined ||
      property.const !== undefined ||
      property.enum !== undefined ||
      property.type !== 'string'
    )
      return branch
    const name = reference.split('/').at(-1) ?? ''
    const mapping = member(member(owner, 'discriminator'), 'mapping')
    const named = isObject(mapping)
      ? Object.entries(mapping).flatMap(([tag, to]) => (to === reference || to === name ? [tag] : []))
      : []
    const tags = named.length === 0 ? [name] : named
    const description = property.description ?? UNDESCRIBED
    const tag: EventSchema = {
      type: 'object',
      additionalProperties: true,
      required: [field],
      properties: {
        [field]: {
          type: 'string',
          description,
          ...(tags.length === 1 ? { const: tags[0] as string } : { enum: tags }),
        },
      },
    }
    return { allOf: [branch, tag] }
  }
}

/** A name under $defs: the last part of a pointer that is specific. */
function nameAt(pointer: string): string {
  const last = pointer.split('/').findLast((token) => !/^(?:\d+|schema|items|payload)$/.test(token)) ?? 'body'
  const letters = last
    .replaceAll(/~[01]|%[0-9A-Fa-f]{2}/g, '_')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
  return (letters === '' ? 'part' : letters).slice(0, 50)
}

/** Short examples are kept; long ones are part of the event's own example. */
function isShort(value: unknown): boolean {
  const text = JSON.stringify(value)
  return text !== undefined && text.length <= 120 && isStorable(value)
}

/** A schema of no parts, which is shorter written out than under a name of its own. */
function isPlain(value: unknown): boolean {
  if (!isObject(value)) return true
  return ![
    'properties',
    'items',
    'allOf',
    'anyOf',
    'oneOf',
    'additionalProperties',
    'prefixItems',
    'patternProperties',
  ].some((keyword) => Object.hasOwn(value, keyword))
}

function cut40(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`
}

const FORMATS: ReadonlySet<string> = new Set([
  'date-time',
  'date',
  'time',
  'duration',
  'email',
  'uri',
  'uuid',
  'ipv4',
  'ipv6',
  'hostname',
])

/** They repeat the type, or speak to forms and code generators. */
const SAYING_NOTHING: ReadonlySet<string> = new Set(['string', 'password', 'textarea', 'markdown', 'html'])

/** They decide what fits. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'const', 'format', 'pattern', 'minLength', 'maxLength'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  ...['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties', 'maxProperties'],
  ...['allOf', 'anyOf', 'oneOf'],
])

const UNSAYABLE: readonly (readonly [keyword: string, reason: string])[] = [
  ['not', 'definitions do not say what something is not'],
  ['if', 'definitions know no conditions'],
  ['contains', 'definitions do not know it'],
  ['dependentRequired', 'definitions know no dependencies between fields'],
  ['dependentSchemas', 'definitions know no dependencies between fields'],
  ['dependencies', 'definitions know no dependencies between fields'],
  ['propertyNames', 'fields are described by name, not by pattern'],
  ['multipleOf', 'definitions do not know it'],
  ['$dynamicRef', 'definitions know plain references alone'],
  ['$recursiveRef', 'definitions know plain references alone'],
]

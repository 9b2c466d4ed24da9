import type { EventSchema } from '../model/connector.ts'
import { referenced } from '../model/json-pointer.ts'

/** A place in an event's data, with everything that a schema can state about the value there. */
export interface Field {
  /** `/address/street`; `*` is any item of a list, and any further member. */
  readonly pointer: string
  readonly required: boolean
  /** Sorted; empty if any type is accepted. */
  readonly types: readonly string[]
  /** As JSON; undefined if any value is accepted. */
  readonly values: readonly string[] | undefined
  readonly deprecated: boolean
  /** Each choice keyword with its branches, as sorted canonical text: neither their order nor their wording matters. */
  readonly choices: Readonly<Record<string, readonly string[]>>
  /** Every other keyword that restricts the value, such as a pattern. */
  readonly limits: Readonly<Record<string, unknown>>
  /** Keywords that restrict nothing, as text, including those of the branches. */
  readonly annotations: string
}

const CHOICES = ['anyOf', 'oneOf', 'allOf'] as const
const ANNOTATIONS = new Set(['title', 'description', 'default', 'examples'])
/** The keywords that have a separate member in `Field`, or become a pointer. A keyword unknown here is a limit. */
const STRUCTURE = new Set<string>([
  '$ref',
  '$defs',
  'type',
  'enum',
  'const',
  'deprecated',
  'properties',
  'required',
  'items',
  'additionalProperties',
  ...CHOICES,
])

/** Every place that a schema declares, by its pointer. A checked definition has no circular reference. */
export function fieldsOf(root: EventSchema): ReadonlyMap<string, Field> {
  const found = new Map<string, Field>()
  collect(root, { pointer: '', required: true, root }, found)
  return found
}

/** The annotations of a schema itself, as text. */
export function annotationsOf(schema: EventSchema): string {
  return JSON.stringify(Object.entries(schema).filter(([keyword]) => ANNOTATIONS.has(keyword)))
}

interface Place {
  readonly pointer: string
  readonly required: boolean
  readonly root: EventSchema
}

function collect(written: EventSchema, place: Place, found: Map<string, Field>): void {
  const { pointer, required, root } = place
  const schema = dereferenced(written, root)
  const { type, properties = {}, items, additionalProperties } = schema
  // References lead to the definitions of the root only.
  const unusedDefinitions = pointer === '' ? '' : JSON.stringify(written.$defs ?? {})
  const branches = CHOICES.flatMap((keyword) => schema[keyword] ?? [])
  found.set(pointer, {
    pointer,
    required,
    types: type === undefined ? [] : [type].flat().sort(),
    values: valuesOf(schema),
    deprecated: schema.deprecated === true,
    choices: Object.fromEntries(
      CHOICES.flatMap((keyword) => {
        const choice = schema[keyword]
        return choice === undefined ? [] : [[keyword, choice.map((branch) => canonical(branch, root)).sort()]]
      }),
    ),
    limits: limitsOf(schema),
    annotations: [
      annotationsOf(schema),
      unusedDefinitions,
      ...branches.map((branch) => branchAnnotations(branch, root)).sort(),
    ].join(),
  })
  for (const [name, inside] of Object.entries(properties)) {
    const token = name.replaceAll('~', '~0').replaceAll('/', '~1')
    collect(inside, { root, pointer: `${pointer}/${token}`, required: schema.required?.includes(name) === true }, found)
  }
  if (items !== undefined) collect(items, { root, pointer: `${pointer}/*`, required: false }, found)
  if (typeof additionalProperties === 'object')
    collect(additionalProperties, { root, pointer: `${pointer}/*`, required: false }, found)
}

function dereferenced(schema: EventSchema, root: EventSchema): EventSchema {
  const { $ref } = schema
  return $ref === undefined ? schema : { ...referenced(root, $ref), ...schema }
}

function valuesOf({ enum: values, const: constant }: EventSchema): readonly string[] | undefined {
  const constants = values ?? (constant === undefined ? undefined : [constant])
  return constants?.map((value) => JSON.stringify(value))
}

function limitsOf(schema: EventSchema): Readonly<Record<string, unknown>> {
  const limits = Object.entries(schema).filter(([keyword]) => !STRUCTURE.has(keyword) && !ANNOTATIONS.has(keyword))
  // Without the keyword, further members are accepted.
  const closed = schema.additionalProperties === false ? [['additionalProperties', false] as const] : []
  const undeclared = (schema.required ?? []).filter((name) => schema.properties?.[name] === undefined)
  const required = undeclared.length === 0 ? [] : [['required', undeclared] as const]
  return Object.fromEntries([...limits, ...closed, ...required])
}

/** A branch as text that is equal for branches that accept the same values for the same reasons. */
function canonical(branch: EventSchema, root: EventSchema): string {
  const fields = [...collected(branch, root).values()]
  return JSON.stringify(
    fields
      .map(({ annotations: _, values, limits, ...field }) => ({
        ...field,
        ...(values === undefined ? {} : { values: [...values].sort() }),
        limits: Object.entries(limits).sort(),
      }))
      .sort((left, right) => (left.pointer < right.pointer ? -1 : 1)),
  )
}

function branchAnnotations(branch: EventSchema, root: EventSchema): string {
  return [...collected(branch, root).values()].map(({ annotations }) => annotations).join()
}

function collected(branch: EventSchema, root: EventSchema): ReadonlyMap<string, Field> {
  const found = new Map<string, Field>()
  collect(branch, { pointer: '', required: true, root }, found)
  return found
}

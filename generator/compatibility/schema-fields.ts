import type { EventSchema } from '../model/connector.ts'
import { referenced } from '../model/json-pointer.ts'

/** A place in an event's data, with everything that can be said of the value there. */
export interface Field {
  /** `/address/street`; `*` stands for every item of a list, and for every further member. */
  readonly pointer: string
  readonly required: boolean
  /** Sorted; empty where any type will do. */
  readonly types: readonly string[]
  /** Undefined where any value will do. */
  readonly values: readonly string[] | undefined
  readonly deprecated: boolean
  /** Everything else that narrows the value, such as a pattern, by keyword. */
  readonly limits: Readonly<Record<string, unknown>>
  /** What people read. */
  readonly text: string
}

const LIMITS = [
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'anyOf',
  'oneOf',
  'allOf',
  'x-unit',
] as const

/** Every place that a schema declares, by its pointer. A checked definition has no reference that leads round in a circle. */
export function fieldsOf(root: EventSchema): ReadonlyMap<string, Field> {
  const found = new Map<string, Field>()
  collect(root, { pointer: '', required: true, root }, found)
  return found
}

interface Place {
  readonly pointer: string
  readonly required: boolean
  readonly root: EventSchema
}

function collect(written: EventSchema, place: Place, found: Map<string, Field>): void {
  const { pointer, required, root } = place
  const { $ref } = written
  const schema = $ref === undefined ? written : { ...referenced(root, $ref), ...written }
  const { type, enum: values, const: constant, description = '', properties = {}, items, additionalProperties } = schema
  const constants = values ?? (constant === undefined ? undefined : [constant])
  found.set(pointer, {
    pointer,
    required,
    types: type === undefined ? [] : [type].flat().sort(),
    values: constants?.map((value) => JSON.stringify(value)),
    deprecated: schema.deprecated === true,
    limits: {
      ...Object.fromEntries(LIMITS.filter((name) => schema[name] !== undefined).map((name) => [name, schema[name]])),
      ...(typeof additionalProperties === 'boolean' ? { additionalProperties } : {}),
    },
    text: description,
  })
  for (const [name, inside] of Object.entries(properties)) {
    const token = name.replaceAll('~', '~0').replaceAll('/', '~1')
    collect(inside, { root, pointer: `${pointer}/${token}`, required: schema.required?.includes(name) === true }, found)
  }
  if (items !== undefined) collect(items, { root, pointer: `${pointer}/*`, required: false }, found)
  if (typeof additionalProperties === 'object')
    collect(additionalProperties, { root, pointer: `${pointer}/*`, required: false }, found)
}

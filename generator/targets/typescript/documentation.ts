import type { ConnectorEvent, ConnectorField, EventSchema } from '../../model/connector.ts'
import { count } from '../../text/count.ts'
import type { Documentation, Tag } from './code.ts'

type Deprecation = NonNullable<ConnectorEvent['deprecated']>

/** What the comment of a field, or of a definition under $defs, says. */
export function schemaDocumentation(schema: EventSchema): Documentation {
  const { description = '', deprecated } = schema
  const tags = schemaTags(schema)
  return {
    paragraphs: schemaParagraphs(schema),
    tags: deprecated === true ? [{ name: 'deprecated', text: description }, ...tags] : tags,
  }
}

/** What is deprecated says what it is beside the tag that says so. */
function schemaParagraphs(schema: EventSchema): readonly string[] {
  const { description = '', deprecated } = schema
  const notes = [...variantNotes(schema), ...elementNotes(schema), limits(schema).join(' ')]
  return deprecated === true ? notes : [description, ...notes]
}

/** What the comment of an event's data says. */
export function eventDocumentation(event: ConnectorEvent): Documentation {
  const { summary, description = '', data, origin, smart_code, direction, source } = event
  const arrival = {
    webhook: 'Arrives by webhook',
    poll: 'Found by polling',
    emitted: 'Recorded by HERA or an application',
  }
  return {
    paragraphs: [
      summary,
      description,
      ...schemaParagraphs(data),
      `${arrival[source]} (${direction})${origin === undefined ? '.' : `: ${origin}`}`,
      `Smart code: ${smart_code}`,
    ],
    tags: [...deprecationTags(event.deprecated, event.replaced_by), ...schemaTags(data)],
  }
}

/** What the comment of an installation's field says. */
export function fieldDocumentation(field: ConnectorField): Documentation {
  const { label, description, where_to_find, sensitive, required, used_for, pattern, example } = field
  const secrecy = sensitive ? ['Keep it secret: store it encrypted, and never log it.'] : []
  const signatures = !required && used_for.includes('signatures') ? ['Without it no delivery can be verified.'] : []
  return {
    paragraphs: [label, description, `Where to find it: ${where_to_find}`, [...signatures, ...secrecy].join(' ')],
    tags: [
      ...(field.type === 'url' ? [{ name: 'format', text: 'uri' } as const] : []),
      ...(pattern === undefined ? [] : [{ name: 'pattern', text: pattern } as const]),
      ...(example === undefined ? [] : [{ name: 'example', text: example } as const]),
    ],
  }
}

/** `@deprecated` with the reason, what to do instead, and the dates. */
export function deprecationTags(deprecated: Deprecation | undefined, replacedBy?: string): readonly Tag[] {
  if (deprecated === undefined) return []
  const { reason, instead, since, removal } = deprecated
  const parts = [
    reason,
    instead,
    ...(replacedBy === undefined || instead.includes(replacedBy) ? [] : [`Replaced by ${replacedBy}.`]),
    ...(since === undefined ? [] : [`Deprecated since ${since}.`]),
    ...(removal === undefined ? [] : [`Stops working on ${removal}.`]),
  ]
  return [{ name: 'deprecated', text: parts.join(' ') }]
}

/** The keywords that have a tag of their own, in the order of the tags. */
const TAGGED = [
  ['format', 'format'],
  ['unit', 'x-unit'],
  ['pattern', 'pattern'],
  ['minimum', 'minimum'],
  ['maximum', 'maximum'],
] as const

function schemaTags(schema: EventSchema): readonly Tag[] {
  const { default: fallback, examples = [] } = schema
  const tags: Tag[] = []
  for (const [name, keyword] of TAGGED) {
    const text = schema[keyword]
    if (text !== undefined) tags.push({ name, text: String(text) })
  }
  if (fallback !== undefined) tags.push({ name: 'default', text: JSON.stringify(fallback) })
  for (const example of examples) tags.push({ name: 'example', text: JSON.stringify(example) })
  return tags
}

const COUNTED = [
  ['At least', 'minLength', 'character'],
  ['At most', 'maxLength', 'character'],
  ['At least', 'minItems', 'element'],
  ['At most', 'maxItems', 'element'],
  ['At least', 'minProperties', 'field'],
  ['At most', 'maxProperties', 'field'],
] as const

/** What the type cannot say about a value. */
function limits(schema: EventSchema): readonly string[] {
  const { type, exclusiveMinimum, exclusiveMaximum, uniqueItems } = schema
  const found: string[] = []
  if (type === 'integer') found.push('A whole number.')
  for (const [words, keyword, noun] of COUNTED) {
    const amount = schema[keyword]
    if (amount !== undefined) found.push(`${words} ${count(amount, noun)}.`)
  }
  if (exclusiveMinimum !== undefined) found.push(`Larger than ${exclusiveMinimum}.`)
  if (exclusiveMaximum !== undefined) found.push(`Smaller than ${exclusiveMaximum}.`)
  if (uniqueItems === true) found.push('No element stands twice.')
  return found
}

function elementNotes({ items }: EventSchema): readonly string[] {
  if (items?.description === undefined) return []
  const { format, pattern } = items
  const unit = items['x-unit']
  const notes = [
    ...(format === undefined ? [] : [`Format: ${format}.`]),
    ...(unit === undefined ? [] : [`Unit: ${unit}.`]),
    ...(pattern === undefined ? [] : [`Pattern: ${pattern}`]),
  ]
  return [`Each element: ${[items.description, ...notes].join(' ')}`]
}

function variantNotes({ anyOf = [], oneOf = [] }: EventSchema): readonly string[] {
  const described = [...anyOf, ...oneOf].flatMap(({ description }) => (description === undefined ? [] : [description]))
  return described.length === 0 ? [] : [['One of:', ...described.map((description) => `- ${description}`)].join('\n')]
}

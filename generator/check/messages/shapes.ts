import { isObject } from '../../kit/mapping.ts'
import { asYaml, describe, listed, partOf, show } from './describe.ts'
import type { Message, SchemaNode, SchemaViolation } from './message.ts'
import { nameOf, schemaOf, writtenAt } from './message.ts'

/** A text, a list or a mapping where another of them is wanted. */
export function wrongShape(violation: SchemaViolation): Message | undefined {
  const { error } = violation
  if (error.keyword !== 'type') return undefined
  const wanted = [error.params.type].flat()
  if (wanted.includes('object') && Array.isArray(error.data)) return listForFields(violation)
  if (wanted.includes('object') && typeof error.data === 'string' && violation.path.length > 0)
    return textForFields(violation)
  if (wanted.includes('string') && isObject(error.data)) return fieldsForText(violation)
  if (wanted.includes('array') && isObject(error.data)) return fieldsForList(violation)
  return undefined
}

/** `contacts: GET /contacts`, or `- contacts.write`. */
function textForFields(violation: SchemaViolation): Message {
  const { path } = violation
  const schema = schemaOf(violation)
  const text = writtenAt(violation).text
  const isEntry = typeof path.at(-1) === 'number'
  const subject = isEntry ? `this entry of "${nameOf(path)}"` : `"${nameOf(path)}"`
  return {
    code: 'type',
    message: `${subject} is one text, but has fields of its own`,
    help: isEntry ? entryHelp(schema, text) : fieldsHelp(schema, nameOf(path), text),
    at: 'value',
  }
}

function entryHelp(schema: SchemaNode, text: string): string {
  const [first = 'name', ...others] = requiredOf(schema)
  return `write - ${first}: ${text}${others.length === 0 ? '' : `, and below it ${listed(others)}`}`
}

function fieldsHelp(schema: SchemaNode, name: string, text: string): string {
  const below = `write on lines of their own below "${name}:"`
  if (schema.title === 'Data schema') return `${below} type: string and description: ${text}`
  const [example] = (schema.examples ?? []) as readonly Readonly<Record<string, unknown>>[]
  const fields = requiredOf(schema).map((field) =>
    isShort(example?.[field]) ? `${field}: ${asYaml(example?.[field])}` : `${field}: …`,
  )
  return fields.length === 0 ? describe(schema) : `${below} what it needs, for example ${listed(fields)}`
}

function isShort(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function requiredOf({ required }: SchemaNode): readonly string[] {
  return Array.isArray(required) ? required.map(String) : []
}

function listForFields(violation: SchemaViolation): Message {
  const { path } = violation
  if (path.length === 0)
    return {
      code: 'type',
      message: 'the file is a list, not the fields of a definition',
      help: 'delete the "- " at its beginning',
      at: 'value',
    }
  const schema = schemaOf(violation)
  const others = (schema.additionalProperties ?? {}) as SchemaNode
  const inside: SchemaNode = { ...partOf(others), ...others }
  const fields = inside.title === 'Data schema' ? ['type', 'description'] : requiredOf(inside)
  return {
    code: 'type',
    message: `what "${nameOf(path)}" holds stands by name, without dashes`,
    help:
      fields.length === 0
        ? `delete the "- ": ${describe(schema)}`
        : `write each name and a colon in place of "- ", and on lines below it ${listed(fields)}`,
    at: 'value',
  }
}

/** `- It is a peak: the Zap is slow.`, or `{signature}`. */
function fieldsForText(violation: SchemaViolation): Message {
  const { text, span } = writtenAt(violation)
  const isBrace = text.startsWith('{')
  const from = span.start.offset
  const isOneLine = !/[\r\n]/.test(text.trimEnd())
  const expected = `expected text, got ${show(violation.error.data)}`
  if (!isOneLine) return { code: 'type', message: expected, help: describe(schemaOf(violation)), at: 'value' }
  return {
    code: 'type',
    message: isBrace ? 'text that begins with "{" needs quotes' : 'text that holds a colon and a space needs quotes',
    help: 'put the whole text in quotes',
    at: 'value',
    fix: {
      summary: 'put the text in quotes',
      edits: [{ from, to: from + text.trimEnd().length, text: JSON.stringify(text.trimEnd()) }],
    },
  }
}

function fieldsForList(violation: SchemaViolation): Message {
  const [first = ''] = Object.keys(violation.error.data as object)
  return {
    code: 'type',
    message: `"${nameOf(violation.path)}" is a list, but its fields stand there without a dash`,
    help: `write "- " before "${first}:", and before the first field of each further entry`,
    at: 'value',
  }
}

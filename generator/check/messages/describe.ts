import { stringify } from 'yaml'
import type { Part } from '../../compiled/format.js'
import { parts } from '../../compiled/format.js'
import type { SchemaNode } from './message.ts'

/** What the definition format says of a field: its description and an example. */
export function describe(field: SchemaNode): string {
  const schema = { ...partOf(field), ...field }
  const description = typeof schema.description === 'string' ? schema.description : String(schema.title ?? '')
  const [example] = (schema.examples ?? []) as readonly unknown[]
  const shown = example === undefined ? '' : asYaml(example)
  const separator = description === '' || shown === '' ? '' : ' '
  return `${description}${separator}${shown === '' || shown.length > 100 ? '' : `For example: ${shown}`}`.trim()
}

/** The same, to go on with after a colon. */
export function describeOn(field: SchemaNode): string {
  const text = describe(field)
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

/** The first sentence, or what stands before the first colon. */
export function gist(field: SchemaNode): string {
  const { description = field.title } = { ...partOf(field), ...field }
  const [first = ''] = String(description).split(/[.:;](?:\s|$)/)
  return first.charAt(0).toLowerCase() + first.slice(1)
}

export function partOf({ $ref }: SchemaNode): Part {
  return typeof $ref === 'string' ? (parts[$ref.slice('#/$defs/'.length)] ?? {}) : {}
}

/** A value as a definition would hold it on one line. */
export function asYaml(value: unknown): string {
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
  return text.replaceAll('[ ', '[').replaceAll(' ]', ']')
}

export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…"` : text
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

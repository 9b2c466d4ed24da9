import type { FindingKind } from '../../../check/finding-kinds.ts'
import type { SchemaNode } from '../../../compiled/definition-schema.js'
import { definitionSchema } from '../../../compiled/definition-schema.js'
import type { OutputFile } from '../../../model/connector.ts'
import type { Markdown } from '../markdown.ts'
import { code, codeLink, join, list, nothing, table, text } from '../markdown.ts'
import { prose } from './prose.ts'
import { referencePage } from './reference-page.ts'
import { anchorOf } from './rules-page.ts'

const REFERENCE = '#/$defs/'

/** Every field of the definition format: type, limits, default, example, and the rules that speak of it. */
export function definitionPage(kinds: readonly FindingKind[]): OutputFile {
  const parts = Object.entries(definitionSchema.$defs).filter(([, node]) => node.properties !== undefined)
  const sections = [['definition', definitionSchema] as const, ...parts].map(([name, node]) => ({
    heading: name,
    description: prose(node.description ?? ''),
    fields: table(['field', 'type', 'required', 'default', 'what it is', 'example'], rowsOf(node)),
    rules: rulesOf(name, kinds),
  }))
  return referencePage(
    {
      name: 'definition',
      source: 'schema/connector.schema.json',
      title: 'The definition format',
      description: 'Every field of a connector definition, with its type, default, example and rules.',
    },
    { sections },
  )
}

/** A row for each field, followed by rows for the fields of an object inside it, such as `key.jwks`. */
function rowsOf(node: SchemaNode, path = ''): readonly (readonly Markdown[])[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => [
    row(path + name, field, (node.required ?? []).includes(name)),
    ...nestedRows(field, path + name),
  ])
}

/** `.` comes before a field of an object, `[].` before one of each item, and `.*.` before one of each named value. */
function nestedRows(
  { properties, required = [], items, additionalProperties, anyOf = [] }: SchemaNode,
  path: string,
): readonly (readonly Markdown[])[] {
  return [
    ...(properties === undefined ? [] : rowsOf({ properties, required }, `${path}.`)),
    ...(items === undefined ? [] : nestedRows(items, `${path}[]`)),
    ...(typeof additionalProperties === 'object' ? nestedRows(additionalProperties, `${path}.*`) : []),
    ...anyOf.flatMap((form) => nestedRows(form, path)),
  ]
}

function row(name: string, field: SchemaNode, isRequired: boolean): readonly Markdown[] {
  const { default: usual, ...node } = { ...target(field), ...field }
  return [
    code(name),
    typeOf(field),
    text(isRequired ? 'yes' : ''),
    usual === undefined ? nothing : code(JSON.stringify(usual)),
    join([prose(node.description ?? ''), ...meanings(node.items ?? node)], ' '),
    exampleOf(node.examples ?? []),
  ]
}

/** What each value means, where there are words for it. */
function meanings({ enum: values = [], enumDescriptions = [] }: SchemaNode): readonly Markdown[] {
  return enumDescriptions.map((meaning, index) => join([code(String(values[index])), prose(meaning)], ': '))
}

function target({ $ref }: SchemaNode): SchemaNode | undefined {
  return $ref === undefined ? undefined : definitionSchema.$defs[$ref.slice(REFERENCE.length)]
}

function typeOf(field: SchemaNode): Markdown {
  const referenced = target(field)
  if (referenced?.properties !== undefined) return partLink(field.$ref?.slice(REFERENCE.length) ?? '')
  const node = referenced === undefined ? field : { ...referenced, ...field }
  if (node.enum !== undefined)
    return join(
      node.enum.map((value) => code(String(value))),
      ', ',
    )
  if (node.anyOf !== undefined)
    return join(
      node.anyOf.flatMap((form, index) => [...(index === 0 ? [] : [text('or')]), typeOf(form)]),
      ' ',
    )
  if (node.type === 'array' && node.items !== undefined)
    return limited(join([text('list of'), typeOf(node.items)], ' '), node)
  if (node.type === 'object' && typeof node.additionalProperties === 'object')
    return limited(join([text('name →'), typeOf(node.additionalProperties)], ' '), node)
  const words = [node.type].flat().map((type) => WORDS[String(type)] ?? 'any value')
  return limited(text(words.join(' or ')), node)
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'mapping',
  array: 'list',
  null: 'nothing',
}

function partLink(name: string): Markdown {
  return codeLink(name, `#${name.toLowerCase()}`)
}

/** A type with what the format wants of a value beyond it. */
function limited(type: Markdown, node: SchemaNode): Markdown {
  const { minLength = 0, maxLength, minimum, maximum, minItems = 0, format, pattern } = node
  const said = [
    ...(maxLength === undefined ? [] : [text(`at most ${maxLength} characters`)]),
    ...(minLength > 1 ? [text(`at least ${minLength} characters`)] : []),
    ...(minimum === undefined ? [] : [text(`from ${minimum}`)]),
    ...(maximum === undefined ? [] : [text(`to ${maximum}`)]),
    ...(minItems > 0 ? [text('at least one')] : []),
    ...(format === undefined ? [] : [text(FORMATS[format] ?? format)]),
    ...(pattern === undefined ? [] : [join([text('like'), code(pattern)], ' ')]),
  ]
  return join([type, ...said], ', ')
}

const FORMATS: Readonly<Record<string, string>> = {
  uri: 'a complete address',
  date: 'as 2026-11-23',
  regex: 'a regular expression',
}

/** Longest example that a table has room for. */
const LONGEST_EXAMPLE = 80

function exampleOf([first]: readonly unknown[]): Markdown {
  const written = first === undefined ? '' : JSON.stringify(first)
  return written === '' || written.length > LONGEST_EXAMPLE ? nothing : code(written)
}

function rulesOf(part: string, kinds: readonly FindingKind[]): Markdown {
  const items = kinds.flatMap(({ code: kind, summary, about }) => {
    const fields = about.filter((field) => field === part || field.startsWith(`${part}.`))
    if (summary === undefined || fields.length === 0) return []
    const names = fields.flatMap((field) => (field === part ? [] : [code(field.slice(part.length + 1))]))
    const subject = names.length === 0 ? nothing : join([text('('), join(names, ', '), text(')')], '')
    return [join([codeLink(kind, `rules.md#${anchorOf(kind)}`), subject, prose(summary)], ' ')]
  })
  return list(items)
}

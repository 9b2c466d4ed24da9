interface SchemaNode {
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: boolean | SchemaNode
  readonly items?: SchemaNode
  readonly $defs?: Readonly<Record<string, SchemaNode>>
}

const BEGIN = '<!-- fields: made from schema/connector.schema.json by `npm run build` -->'
const END = '<!-- end of fields -->'

/** Puts the tables of all fields of the definition format between the two marks of a document. */
export function withFieldTables(document: string, schema: SchemaNode): string {
  const [before, rest = ''] = document.split(BEGIN)
  const after = rest.split(END)[1]
  if (after === undefined) throw new Error(`the document lacks the marks ${BEGIN} and ${END}`)
  return `${before}${BEGIN}\n\n${tables(schema)}\n${END}${after}`
}

function tables(schema: SchemaNode): string {
  const parts = Object.entries(schema.$defs ?? {}).filter(([, node]) => node.properties !== undefined)
  return [
    section('A definition', schema, schema),
    ...parts.map(([name, node]) => section(`\`${name}\`: ${node.title ?? name}`, node, schema)),
  ].join('\n')
}

function section(heading: string, node: SchemaNode, root: SchemaNode): string {
  const rows = Object.entries(node.properties ?? {}).map(([name, field]) => {
    const required = node.required?.includes(name) === true ? 'yes' : ''
    return `| \`${name}\` | ${typeOf(field, root)} | ${required} | ${cell(said(field, root))} | ${example(field, root)} |`
  })
  return [
    `### ${heading}`,
    '',
    cell(node.description ?? ''),
    '',
    '| field | type | required | what it is | example |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function target(field: SchemaNode, root: SchemaNode): SchemaNode | undefined {
  return field.$ref === undefined ? undefined : root.$defs?.[field.$ref.slice('#/$defs/'.length)]
}

function said(field: SchemaNode, root: SchemaNode): string {
  return field.description ?? target(field, root)?.description ?? ''
}

function typeOf(field: SchemaNode, root: SchemaNode): string {
  const referenced = target(field, root)
  const name = field.$ref?.slice('#/$defs/'.length)
  if (referenced?.properties !== undefined) return `\`${name}\``
  const node = referenced ?? field
  if (node.type === 'array' && node.items !== undefined) return `list of ${typeOf(node.items, root)}`
  if (node.type === 'object' && typeof node.additionalProperties === 'object')
    return `name → ${typeOf(node.additionalProperties, root)}`
  if (node.enum !== undefined) return node.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false', object: 'mapping' }[
      String(node.type)
    ] ?? 'any of several forms'
  )
}

function example(field: SchemaNode, root: SchemaNode): string {
  const [first] = field.examples ?? target(field, root)?.examples ?? []
  const text = first === undefined ? '' : JSON.stringify(first)
  return text === '' || text.length > 80 ? '' : `\`${text.replaceAll('|', '\\|')}\``
}

/** Plain text in a table cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

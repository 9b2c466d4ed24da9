interface SchemaNode {
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: boolean | SchemaNode
  readonly items?: SchemaNode
  readonly $defs?: Readonly<Record<string, SchemaNode>>
}

/** Parts of a definition whose keys stand in any order: JSON Schemas are the author's own. */
const FREE = ['dataSchema']

/** What diagnostics need of the definition format: the order of keys, and what its named parts are about. */
export function formatModule(schema: SchemaNode): string {
  const definitions = Object.entries(schema.$defs ?? {})
  const orders = definitions.filter(([name]) => !FREE.includes(name)).map(([name, node]) => [name, keyOrder(node)])
  const parts = definitions.map(([name, { title, description, examples }]) => [name, { title, description, examples }])
  return [
    `export const keyOrders = ${JSON.stringify({ ...keyOrder(schema), $defs: Object.fromEntries(orders) })}`,
    `export const parts = ${JSON.stringify(Object.fromEntries(parts))}`,
    '',
  ].join('\n')
}

function keyOrder({ $ref, properties, additionalProperties, items }: SchemaNode): SchemaNode {
  return {
    ...($ref === undefined ? {} : { $ref }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, node]) => [name, keyOrder(node)])) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: keyOrder(additionalProperties) } : {}),
    ...(items === undefined ? {} : { items: keyOrder(items) }),
  }
}

export const formatModuleType = `export interface KeyOrder {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, KeyOrder>>
  readonly additionalProperties?: KeyOrder
  readonly items?: KeyOrder
}
export interface Part {
  readonly title?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
}
export declare const keyOrders: KeyOrder & { readonly $defs: Readonly<Record<string, KeyOrder>> }
export declare const parts: Readonly<Record<string, Part>>
`

export const definitionSchemaType = `export interface SchemaNode {
  readonly $ref?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly enumDescriptions?: readonly string[]
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: boolean | SchemaNode
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
}
export declare const definitionSchema: SchemaNode & { readonly $defs: Readonly<Record<string, SchemaNode>> }
`

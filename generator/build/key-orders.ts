interface SchemaNode {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: boolean | SchemaNode
  readonly items?: SchemaNode
  readonly $defs?: Readonly<Record<string, SchemaNode>>
}

/** Parts of a definition whose keys stand in any order: JSON Schemas are the author's own. */
const FREE = ['dataSchema']

/** The definition format with nothing left but which keys a mapping has, in which order. */
export function keyOrders(schema: SchemaNode): SchemaNode {
  const definitions = Object.entries(schema.$defs ?? {}).filter(([name]) => !FREE.includes(name))
  return {
    ...pruned(schema),
    $defs: Object.fromEntries(definitions.map(([name, node]) => [name, pruned(node)])),
  }
}

function pruned({ $ref, properties, additionalProperties, items }: SchemaNode): SchemaNode {
  return {
    ...($ref === undefined ? {} : { $ref }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, node]) => [name, pruned(node)])) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: pruned(additionalProperties) } : {}),
    ...(items === undefined ? {} : { items: pruned(items) }),
  }
}

export const keyOrdersType = `export interface KeyOrder {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, KeyOrder>>
  readonly additionalProperties?: KeyOrder
  readonly items?: KeyOrder
}
export declare const keyOrders: KeyOrder & { readonly $defs: Readonly<Record<string, KeyOrder>> }
`

import type { Connector, ConnectorField } from '../../model/connector.ts'

/** The JSON Schema (2020-12) of what an installer fills in. */
export function installationSchema(connector: Connector): object {
  const { auth, code, name } = connector
  return {
    title: `${name}: installation`,
    description: auth.summary,
    'x-connector-code': code,
    type: 'object',
    additionalProperties: false,
    required: auth.fields.filter(({ required }) => required).map((field) => field.name),
    properties: Object.fromEntries(auth.fields.map((field) => [field.name, fieldSchema(field)])),
  }
}

function fieldSchema(field: ConnectorField): object {
  const { label, description, where_to_find, type, sensitive, options, pattern, prefix, suffix, example } = field
  return {
    type: 'string',
    title: label,
    description,
    'x-where-to-find': where_to_find,
    minLength: 1,
    ...(type === 'url' && { format: 'uri' }),
    ...(options !== undefined && { enum: options }),
    ...(field.default !== undefined && { default: field.default }),
    ...(pattern !== undefined && { pattern }),
    ...(prefix !== undefined && { 'x-prefix': prefix }),
    ...(suffix !== undefined && { 'x-suffix': suffix }),
    ...(sensitive && { writeOnly: true }),
    ...(example !== undefined && { examples: [example] }),
  }
}

type Schema = Readonly<Record<string, unknown>>

/** The body of one operation of the connectors endpoint. */
export function operation(name: string, properties: object, required: readonly string[] = []): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['operation', ...required],
    properties: { operation: { const: name }, ...properties },
  }
}

const code = { type: 'string', minLength: 1, maxLength: 200 }
const configuration = { type: 'object' }
const list = {
  connector_type: {
    ...code,
    description: 'A category such as crm, or an entity type such as INTEGRATION_CONNECTOR_DEF.',
  },
  connector_code: code,
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      summary: { type: 'boolean', description: 'Leaves the configuration of definitions out.' },
      limit: { type: 'integer', minimum: 1, maximum: 1000, description: 'How many entries at most.' },
      after: { type: 'string', description: 'Only codes after this one; `next_after` of the last page.' },
    },
  },
}
const installationId = { type: 'string', format: 'uuid' }

function change(name: string, properties: object = {}, required: readonly string[] = []): Schema {
  return {
    ...operation(
      name,
      {
        connector_code: code,
        installation_id: installationId,
        options: {
          type: 'object',
          additionalProperties: false,
          properties: { installation_id: installationId },
        },
        ...properties,
      },
      required,
    ),
    anyOf: [
      ...['connector_code', 'installation_id'].map((name) => ({ required: [name], properties: { [name]: true } })),
      {
        required: ['options'],
        properties: {
          options: { type: 'object', required: ['installation_id'], properties: { installation_id: true } },
        },
      },
    ],
  }
}

/** What the connectors endpoint takes, by operation; of an installation's configuration only that it is an object. */
export const operations = {
  LIST_AVAILABLE: operation('LIST_AVAILABLE', list),
  LIST: operation('LIST', list),
  INSTALL: operation('INSTALL', { connector_code: code, installation_config: configuration }, [
    'connector_code',
    'installation_config',
  ]),
  /** Only the fields that change; null takes one away. */
  CONFIGURE: change('CONFIGURE', { installation_config: configuration }, ['installation_config']),
  PAUSE: change('PAUSE'),
  RESUME: change('RESUME'),
  UNINSTALL: change('UNINSTALL'),
  /** A definition that somebody has written by hand. */
  CREATE_DEFINITION: operation('CREATE_DEFINITION', { connector_code: code, connector_config: { type: 'object' } }, [
    'connector_code',
    'connector_config',
  ]),
} as const

/** What the events endpoint takes; of the event's data only that it is an object. */
export const eventRequest: Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['event_source', 'event_type', 'connector_code'],
  properties: {
    event_source: code,
    event_type: code,
    connector_code: code,
    event_data: { type: 'object' },
    smart_code: { type: 'string', minLength: 1 },
    idempotency_key: { type: 'string', minLength: 1, maxLength: 1000 },
    options: { type: 'object' },
  },
}

/** What the logs endpoint takes. */
export const logsRequest: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 50, description: 'How many entries at most.' },
    connector_code: { type: 'string' },
    status: { enum: ['error', 'success', 'pending'] },
    before: { type: 'string', format: 'date-time', description: 'Only what is older; `next_before` of the last page.' },
  },
}

import { endpoints } from '../../kit/endpoints.ts'
import type { Connector, ConnectorEvent, Registry } from '../../model/connector.ts'
import { fragment, splitAtFragments } from '../fragment.ts'
import { headerLines } from '../header.ts'
import { indentedJson, memberLines } from './indented-json.ts'
import { logsRequest, operation, operations } from './requests.ts'
import { type SchemaText, schemasOf } from './schemas.ts'

type Schema = Readonly<Record<string, unknown>>

/** A connector and its events by the names that the description calls them. */
export type CallNames = {
  readonly code: string
  readonly events: readonly string[]
}

/** The last of the named schemas until those of the connectors stand there. */
const PLACE = 'connectors stand here'

/**
 * HERA's three integration endpoints as OpenAPI 3.1. The data of each event and the configuration of each connector are
 * named schemas, so that what generates clients or checks requests knows them.
 */
export function openapiText(connectors: readonly CallNames[]): string {
  const text = JSON.stringify(description(connectors), null, 2)
  const [before = '', after = ''] = text.split(`,\n      ${JSON.stringify(PLACE)}: null`)
  return `${before}${connectors.map(({ code }) => `,\n${fragment(code, 'components')}`).join('')}${after}\n`
}

interface Document {
  readonly info: object
  readonly paths: object
}

/** The same as a value, for a registry that fits in memory. */
export function openapi({ connectors }: Registry): Document {
  const schemas = new Map(connectors.map((connector) => [connector.code, componentsOf(connector)]))
  const parts = splitAtFragments(openapiText(connectors.map(callNames)))
  return JSON.parse(
    parts.map((part) => (typeof part === 'string' ? part : schemas.get(part.code))).join(''),
  ) as Document
}

export function callNames({ code, events }: Connector): CallNames {
  return { code, events: events.map((event) => event.code) }
}

/** The named schemas of one connector, as they stand in the document. */
export function componentsOf(connector: Connector): string {
  return memberLines(connectorSchemas(connector), 4)
}

function description(connectors: readonly CallNames[]): object {
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'HERA integration endpoints',
      version: '2.0.0',
      summary: 'Install connectors, record their events, read the log.',
      description: headerLines().join(' '),
    },
    security: [{ token: [] }],
    paths: {
      [endpoints.connectors]: endpoint(
        'connectors',
        'Lists, installs, configures, pauses, resumes and uninstalls connectors.',
      ),
      [endpoints.events]: endpoint('events', 'Records an event, once for each idempotency key.'),
      [endpoints.logs]: endpoint('logs', 'Reads what was recorded, newest first.'),
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The bearer token of a user of HERA.' },
      },
      parameters: {
        organization: {
          name: 'X-Organization-Id',
          in: 'header',
          required: true,
          description: 'The organization on whose behalf the request is made.',
          schema: { type: 'string', format: 'uuid' },
        },
      },
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([name, { description }]) => [name, refusal(description)]),
      ),
      schemas: {
        ...requestSchemas(connectors),
        ...ANSWERS,
        [PLACE]: null,
      },
    },
  }
}

const REFUSALS = {
  invalid: { status: 400, description: 'The request is wrong; `error` says how.' },
  unauthorized: { status: 401, description: 'The token is missing, wrong or has expired.' },
  forbidden: { status: 403, description: 'The user does not belong to the organization.' },
  missing: { status: 404, description: 'There is no such connector, installation or organization.' },
  conflict: {
    status: 409,
    description: 'It does not fit the state of the installation, or an event that was recorded.',
  },
  oversized: { status: 413, description: 'The request is too large.' },
  limited: { status: 429, description: 'Too many requests; Retry-After says when to come back, where it is there.' },
} as const

function endpoint(name: keyof typeof endpoints, description: string): object {
  return {
    post: {
      operationId: name,
      summary: description,
      parameters: [{ $ref: '#/components/parameters/organization' }],
      requestBody: { required: true, content: json(reference(`${name}.request`)) },
      responses: {
        200: { description: 'What was asked for.', content: json(reference(`${name}.answer`)) },
        ...Object.fromEntries(
          Object.entries(REFUSALS).map(([refused, { status }]) => [
            status,
            { $ref: `#/components/responses/${refused}` },
          ]),
        ),
      },
    },
  }
}

function refusal(description: string): object {
  return { description, content: json(reference('error')) }
}

function json(schema: object): object {
  return { 'application/json': { schema } }
}

function reference(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` }
}

function requestSchemas(connectors: readonly CallNames[]): Schema {
  const { INSTALL: _, ...others } = operations
  const events = connectors.flatMap((connector) => connector.events.map((code) => reference(`${code}.request`)))
  return {
    'connectors.request': {
      oneOf: [
        ...connectors.map(({ code }) =>
          operation(
            'INSTALL',
            { connector_code: { const: code }, installation_config: reference(`${code}.Installation`) },
            ['connector_code', 'installation_config'],
          ),
        ),
        ...Object.values(others),
      ],
    },
    'events.request': events.length === 0 ? { not: {} } : { oneOf: events },
    'logs.request': logsRequest,
  }
}

const ANSWERS: Schema = {
  'connectors.answer': answer({
    connectors: { type: 'array', items: { type: 'object' } },
    installation_id: { type: 'string' },
  }),
  'events.answer': answer({ duplicate: { type: 'boolean' }, event_id: { type: 'string' } }),
  'logs.answer': answer({
    logs: { type: 'array', items: reference('log') },
    next_before: {
      type: ['string', 'null'],
      format: 'date-time',
      description: 'What to give as `before` for the next page; null where there is none.',
    },
  }),
  log: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      connector_code: { type: 'string' },
      event_type: { type: 'string' },
      status: { enum: ['error', 'success', 'pending'] },
      message: { type: 'string' },
      timestamp: { type: 'string', format: 'date-time' },
      payload_size: { type: 'integer', description: 'Bytes.' },
      attempts: {
        type: 'integer',
        description: 'How often a sender has tried: rejected retries with one idempotency key share an entry.',
      },
    },
  },
  error: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'string',
        description: 'A code such as integration_validation:EVENT_TYPE_REQUIRED, or a message.',
      },
      message: { type: 'string', description: 'The same as a sentence, where there is one.' },
      rid: { type: 'string', description: 'The id of the request, for support.' },
    },
  },
}

function answer(properties: object): object {
  return {
    type: 'object',
    required: ['data'],
    properties: { rid: { type: 'string' }, data: { type: 'object', properties }, actor: {}, org: {} },
  }
}

function connectorSchemas(connector: Connector): readonly (readonly [name: string, json: string])[] {
  const { installation, events } = schemasOf(connector)
  return [
    component(`${connector.code}.Installation`, installation),
    ...events.flatMap(({ event, schema }) => [
      component(event.code, schema),
      [`${event.code}.request`, indentedJson(requestSchema(connector, event))] as const,
    ]),
  ]
}

function requestSchema(connector: Connector, event: ConnectorEvent): object {
  return {
    type: 'object',
    description: event.summary,
    ...(event.deprecated && { deprecated: true }),
    additionalProperties: false,
    required: ['event_source', 'event_type', 'connector_code', 'event_data'],
    properties: {
      event_source: { type: 'string' },
      event_type: { const: event.name },
      connector_code: { const: connector.code },
      event_data: reference(event.code),
      smart_code: { const: event.smart_code },
      idempotency_key: { type: 'string', minLength: 1 },
      options: { type: 'object' },
    },
  }
}

/**
 * As a member of JSON text: inside a string, or at the end of a longer name, the first quote would be escaped. That is
 * looked at last, so that nothing is tried where there is no reference.
 */
const ROOT_REFERENCE = /"\$ref": "#\/(?<!\\"\$ref": "#\/)/g

/** A schema as a part of the document: its references, which meant its own root, mean its place in the document. */
function component(name: string, { part }: SchemaText): readonly [name: string, json: string] {
  return [name, part.replaceAll(ROOT_REFERENCE, () => `"$ref": "#/components/schemas/${name}/`)]
}

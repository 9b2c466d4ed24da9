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
  readonly name: string
  readonly events: readonly string[]
  readonly pushes: boolean
}

/** Members that are replaced by those of the connectors. */
const PLACES = { webhooks: 'webhooks of connectors', components: 'schemas of connectors' } as const

/**
 * HERA's three integration endpoints as OpenAPI 3.1, and the events that connectors push as webhooks. The data of each
 * event and the configuration of each connector are named schemas, so that what generates clients or checks requests
 * knows them.
 */
export function openapiText(connectors: readonly CallNames[]): string {
  const texts = (of: readonly CallNames[], name: keyof typeof PLACES) => of.map(({ code }) => fragment(code, name))
  const webhooks = texts(
    connectors.filter(({ pushes }) => pushes),
    'webhooks',
  ).join(',\n')
  const components = texts(connectors, 'components').map((text) => `,\n${text}`)
  const text = JSON.stringify(description(connectors), null, 2)
    .replace(`\n    "${PLACES.webhooks}": null\n  `, () => (webhooks === '' ? '' : `\n${webhooks}\n  `))
    .replace(`,\n      "${PLACES.components}": null`, () => components.join(''))
  return `${text}\n`
}

interface Document {
  readonly info: object
  readonly paths: object
}

/** The same as a value, for a registry that fits in memory. */
export function openapi({ connectors }: Registry): Document {
  const texts = new Map(connectors.map((connector) => [connector.code, openapiFragments(connector)]))
  const parts = splitAtFragments(openapiText(connectors.map(callNames)))
  return JSON.parse(
    parts.map((part) => (typeof part === 'string' ? part : texts.get(part.code)?.[part.name])).join(''),
  ) as Document
}

export function callNames(connector: Connector): CallNames {
  const { code, name, events } = connector
  return { code, name, events: events.map((event) => event.code), pushes: pushedEvents(connector).length > 0 }
}

/** The webhooks and the named schemas of one connector, with the indentation that they have in the document. */
export function openapiFragments(connector: Connector): Readonly<Record<string, string>> {
  const webhooks = pushedEvents(connector).map(
    (event) => [event.code, indentedJson(webhook(connector, event))] as const,
  )
  return { webhooks: memberLines(webhooks, 2), components: memberLines(connectorSchemas(connector), 4) }
}

function pushedEvents({ events }: Connector): readonly ConnectorEvent[] {
  return events.filter(({ direction, source }) => direction === 'inbound' && source === 'webhook')
}

/** The event as an application receives it from the kit. The vendor's own delivery has no schema, only samples. */
function webhook({ code }: Connector, event: ConnectorEvent): object {
  return {
    post: {
      operationId: event.code,
      tags: [code],
      summary: event.summary,
      ...(event.description !== undefined && { description: event.description }),
      ...(event.deprecated && { deprecated: true }),
      security: [],
      requestBody: { required: true, content: json(reference(event.code)) },
      responses: { '2XX': { description: 'The event was accepted.' } },
    },
  }
}

function description(connectors: readonly CallNames[]): object {
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'HERA integration endpoints',
      version: '2.0.0',
      summary: 'Install connectors, record their events, read the log.',
      description: [
        '`webhooks` lists the events that each connector pushes, with the data that the kit makes of the vendor’s delivery.',
        ...headerLines(),
      ].join(' '),
    },
    servers: [{ url: '/', description: 'The deployment of HERA.' }],
    tags: [
      { name: TAG, description: 'HERA’s own endpoints.' },
      ...connectors.map(({ code, name }) => ({ name: code, description: `Events of ${name}.` })),
    ],
    security: [{ token: [] }],
    paths: {
      [endpoints.connectors]: endpoint(
        'connectors',
        'Lists, installs, configures, pauses, resumes and uninstalls connectors.',
      ),
      [endpoints.events]: endpoint('events', 'Records an event, once for each idempotency key.'),
      [endpoints.logs]: endpoint('logs', 'Reads what was recorded, newest first.'),
    },
    webhooks: { [PLACES.webhooks]: null },
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
        [PLACES.components]: null,
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

/** The tag of HERA's own endpoints; no connector has such a code. */
const TAG = 'HERA'

const DESCRIPTIONS: Readonly<Record<keyof typeof endpoints, string>> = {
  connectors: 'The member `operation` selects what is done. Only members of the organization may call it.',
  events: 'A repeated request with the same idempotency key records nothing and returns the id of the first event.',
  logs: 'Returns at most `limit` entries. Pass `next_before` of a page as `before` to get the next page.',
}

function endpoint(name: keyof typeof endpoints, description: string): object {
  return {
    post: {
      operationId: name,
      tags: [TAG],
      summary: description,
      description: DESCRIPTIONS[name],
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

function connectorSchemas(connector: Connector): readonly Component[] {
  const { installation, events } = schemasOf(connector)
  return [
    ...components(`${connector.code}.Installation`, installation),
    ...events.flatMap(({ event, schema }) => [
      ...components(event.code, schema),
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

type Component = readonly [name: string, json: string]

/**
 * As a member of JSON text: inside a string, or at the end of a longer name, the first quote would be escaped. That is
 * looked at last, so that nothing is tried where there is no reference.
 */
const OWN_REFERENCE = /"\$ref": "#\/\$defs\/(?<!\\"\$ref": "#\/\$defs\/)/g

/** A schema as a named one, and so is each of its definitions: many tools only follow references to named schemas. */
function components(name: string, { part }: SchemaText): readonly Component[] {
  const text = part.replaceAll(OWN_REFERENCE, () => `"$ref": "#/components/schemas/${name}.defs.`)
  if (text === part) return [[name, part]]
  const { $defs = {}, ...schema } = JSON.parse(text) as { readonly $defs?: Readonly<Record<string, object>> }
  const own = Object.entries($defs).map(
    ([definition, json]): Component => [`${name}.defs.${definition}`, indentedJson(json)],
  )
  return [[name, indentedJson(schema)], ...own]
}

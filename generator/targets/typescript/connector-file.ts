import { render } from '../../compiled/templates.js'
import type { Connector, ConnectorEvent, Json, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import {
  type Code,
  code,
  commented,
  documentationComment,
  identifier,
  interfaceOf,
  joined,
  lineComments,
  literal,
  type Member,
  objectLiteral,
  typeKey,
  valueLiteral,
} from './code.ts'
import { dataTypes } from './data-types.ts'
import { deprecationTags, fieldDocumentation } from './documentation.ts'
import { endpointMap } from './endpoint-types.ts'

interface Constant {
  readonly comment: Code
  readonly name: string
  readonly value: Code
}

/** The module of one connector: its constants, its installation's type and the types of its events' data. */
export async function connectorFile(connector: Connector): Promise<OutputFile> {
  const types = await dataTypes(connector)
  return {
    path: `typescript/connectors/${connector.code}.ts`,
    text: render('typescript/connector', {
      header: lineComments(headerLines(connector)),
      constants: constants(connector),
      installation: installation(connector),
      events: eventMap(connector),
      endpoints: endpointMap(connector, types),
      declarations: types.declarations,
    }),
  }
}

function installation({ name, type_name, auth }: Connector): Code {
  const fields = auth.fields.map((field) =>
    commented(
      code`${typeKey(field.name)}${field.required ? code`` : code`?`}: ${valueType(field)}`,
      documentationComment(fieldDocumentation(field)),
    ),
  )
  const comment = documentationComment({ paragraphs: [`What an installer of ${name} fills in.`, auth.summary] })
  return commented(interfaceOf(identifier(`${type_name}Installation`), fields), comment)
}

function valueType({ options, prefix, suffix }: Connector['auth']['fields'][number]): Code {
  if (options === undefined || prefix !== undefined || suffix !== undefined) return code`string`
  return joined(options.map(literal), ' | ')
}

function eventMap({ name, events }: Connector): Code {
  const members = events.map((event) =>
    commented(code`${typeKey(event.name)}: ${identifier(event.type_name)}`, eventComment(event)),
  )
  return commented(
    interfaceOf(identifier('Events'), members),
    documentationComment({ paragraphs: [`The data of every event of ${name}, by event type.`] }),
  )
}

function eventComment({ summary, deprecated, replaced_by }: ConnectorEvent): Code | undefined {
  return documentationComment({ paragraphs: [summary], tags: deprecationTags(deprecated, replaced_by) })
}

function constants(connector: Connector): readonly Constant[] {
  return [
    ...identityConstants(connector),
    ...eventConstants(connector),
    ...authConstants(connector),
    ...apiConstants(connector),
  ]
}

function identityConstants(connector: Connector): readonly Constant[] {
  const { name, purpose, deprecated, replaced_by } = connector
  const about = { paragraphs: [`The code of ${name}.`, purpose], tags: deprecationTags(deprecated, replaced_by) }
  return [
    { name: 'code', value: valueLiteral(connector.code), comment: documentationComment(about) ?? code`` },
    constant('name', 'The name that people see.', name),
    constant('version', 'The version of the definition.', connector.version),
    constant('status', 'Whether the connector is offered.', connector.status),
    constant('smartCode', 'The smart code of the connector definition.', connector.smart_code),
  ]
}

function eventConstants({ events }: Connector): readonly Constant[] {
  const names = events.map(({ name }) => name)
  return [
    constant('eventTypes', 'The names of all events.', names),
    byEvent('smartCodes', 'The smart code of each event.', events, ({ smart_code }) => smart_code),
    byEvent(
      'idempotencyKeys',
      'JSON Pointers into the data of each event: the values there name the event, so that a repeated delivery is known.',
      events,
      ({ idempotency_key }) => idempotency_key,
    ),
    byEvent(
      'personalData',
      'JSON Pointers to the fields of each event that hold personal data.',
      events,
      ({ personal_data }) => personal_data,
    ),
  ]
}

function authConstants({ auth }: Connector): readonly Constant[] {
  const current = auth.scopes.filter(
    ({ deprecated, replaced_by }) => deprecated === undefined && replaced_by === undefined,
  )
  const retired = auth.scopes.filter((scope) => !current.includes(scope))
  const { type, authorization_url, token_url, revocation_url, introspection_url, scope_separator } = auth
  const urls = { authorization_url, token_url, revocation_url, introspection_url }
  return [
    constant('authentication', 'How HERA proves itself to the vendor.', present({ type, ...urls, scope_separator })),
    constant(
      'secretFields',
      'The fields of an installation that must be kept secret.',
      auth.fields.filter(({ sensitive }) => sensitive).map(({ name }) => name),
    ),
    constant(
      'scopes',
      'Every scope that can be asked for today.',
      current.map(({ name }) => name),
    ),
    constant(
      'requiredScopes',
      'The scopes that are always asked for.',
      current.filter(({ required }) => required).map(({ name }) => name),
    ),
    documented(
      'retiredScopes',
      'Scopes that the vendor retired, and which ones to ask for instead.',
      retired.map(({ name, replaced_by = [], deprecated }) => ({
        name,
        value: valueLiteral(replaced_by),
        ...withComment(deprecationComment(deprecated)),
      })),
    ),
  ]
}

function apiConstants({ api, rate_limits }: Connector): readonly Constant[] {
  const { base_url, version, headers } = api
  return [
    constant(
      'api',
      "The vendor's API, and the headers that every call carries besides authorization.",
      present({ base_url, version, headers }),
    ),
    documented(
      'endpoints',
      'The calls that the connector makes. A name in braces stands for an installation field or a parameter.',
      api.endpoints.map(({ name, method, path, base_url, scopes, summary, deprecated }) => ({
        name,
        value: valueLiteral(present({ method, path, base_url, scopes })),
        ...withComment(documentationComment({ paragraphs: [summary], tags: deprecationTags(deprecated) })),
      })),
    ),
    constant(
      'rateLimits',
      'The limits that a caller can meet.',
      rate_limits.map(({ name, scope, limit, per, periods, unit, formula, headers }) =>
        present({ name, scope, limit, per, periods, unit, formula, headers }),
      ),
    ),
  ]
}

function byEvent(
  name: string,
  comment: string,
  events: readonly ConnectorEvent[],
  ofEvent: (event: ConnectorEvent) => Json,
): Constant {
  return documented(
    name,
    comment,
    events.map((event) => ({
      name: event.name,
      value: valueLiteral(ofEvent(event)),
      ...withComment(deprecationComment(event.deprecated, event.replaced_by)),
    })),
  )
}

function constant(name: string, comment: string, value: Json): Constant {
  const text = valueLiteral(value)
  return {
    name,
    value: typeof value === 'object' ? code`${text} as const` : text,
    comment: documentationComment({ paragraphs: [comment] }) ?? code``,
  }
}

function documented(name: string, comment: string, members: readonly Member[]): Constant {
  return {
    name,
    value: code`${objectLiteral(members)} as const`,
    comment: documentationComment({ paragraphs: [comment] }) ?? code``,
  }
}

function deprecationComment(...[deprecated, replacedBy]: Parameters<typeof deprecationTags>): Code | undefined {
  if (deprecated === undefined) return undefined
  return documentationComment({ paragraphs: [], tags: deprecationTags(deprecated, replacedBy) })
}

function withComment(comment: Code | undefined): { readonly comment?: Code } {
  return comment === undefined ? {} : { comment }
}

/** The members that are there. */
function present(members: Readonly<Record<string, Json | undefined>>): Json {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  )
}

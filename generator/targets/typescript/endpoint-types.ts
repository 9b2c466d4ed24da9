import { placeholdersIn } from '../../kit/template.ts'
import type { Connector, ConnectorEndpoint, EventSchema } from '../../model/connector.ts'
import { tokensOf } from '../../model/json-pointer.ts'
import {
  type Code,
  code,
  commented,
  documentationComment,
  identifier,
  interfaceOf,
  joined,
  literal,
  typeBlock,
  typeKey,
} from './code.ts'
import type { DataTypes } from './data-types.ts'
import { deprecationTags } from './documentation.ts'

type Input = ConnectorEndpoint['query'][string]

/** The interface of what each call takes and gives. */
export function endpointMap(connector: Connector, types: DataTypes): Code {
  const members = connector.api.endpoints.map((endpoint) => {
    const { name, summary, deprecated } = endpoint
    const comment = documentationComment({ paragraphs: [summary], tags: deprecationTags(deprecated) })
    return commented(code`${typeKey(name)}: ${typeBlock(partsOf(connector, endpoint, types))}`, comment)
  })
  const about = documentationComment({ paragraphs: [`The inputs and the answer of each call of ${connector.name}.`] })
  return commented(interfaceOf(identifier('Endpoints'), members), about)
}

function partsOf(connector: Connector, endpoint: ConnectorEndpoint, types: DataTypes): readonly Code[] {
  const { query, headers, body, response, pagination } = endpoint
  const [bodyType, responseType] = [types.nameOf(endpoint, 'body'), types.nameOf(endpoint, 'response')]
  const answer = responseType === undefined ? code`unknown` : identifier(responseType)
  return [
    ...part('parameters', parametersOf(connector, endpoint)),
    ...part('query', inputsOf(query)),
    ...part('headers', inputsOf(headers)),
    ...(body === undefined || bodyType === undefined ? [] : [code`body: ${identifier(bodyType)}`]),
    // A body that nobody has described can be anything.
    ...(body === undefined && ['POST', 'PUT', 'PATCH'].includes(endpoint.method) ? [code`body?: unknown`] : []),
    code`response: ${answer}`,
    ...(pagination === undefined ? [] : [code`item: ${itemOf(answer, response, pagination.items)}`]),
  ]
}

interface InputMember {
  readonly isRequired: boolean
  readonly source: Code
}

/** A part that can be left out if all its members can. */
function part(name: 'parameters' | 'query' | 'headers', members: readonly InputMember[]): readonly Code[] {
  if (members.length === 0) return []
  const mark = members.some(({ isRequired }) => isRequired) ? code`` : code`?`
  return [code`${identifier(name)}${mark}: ${typeBlock(members.map(({ source }) => source))}`]
}

/** Placeholders of the path; those of authentication fields come from the installation. */
function parametersOf({ api, auth }: Connector, { path }: ConnectorEndpoint): readonly InputMember[] {
  const fields = auth.fields.map(({ name }) => name)
  const names = [...new Set(placeholdersIn(path))].filter((name) => !fields.includes(name))
  return names.map((name) => {
    const { description = '', example } = api.parameters[name] ?? {}
    return member(name, { type: code`string | number`, description, example, isRequired: true })
  })
}

function inputsOf(inputs: Readonly<Record<string, Input>>): readonly InputMember[] {
  return Object.entries(inputs)
    .filter(([, { value }]) => value === undefined)
    .map(([name, input]) => {
      const { description, example, required = false } = input
      return member(name, { type: typeOf(input), description, example, isRequired: required })
    })
}

function typeOf({ type = 'string', enum: values }: Input): Code {
  const text = values === undefined ? code`string` : joined(values.map(literal), ' | ')
  switch (type) {
    case 'string':
      return text
    case 'integer':
    case 'number':
      return code`number`
    case 'boolean':
      return code`boolean`
    case 'list':
      return code`readonly (${values === undefined ? code`string | number` : text})[]`
  }
}

interface MemberParts {
  readonly type: Code
  readonly description: string
  readonly example: Input['example']
  readonly isRequired: boolean
}

function member(name: string, { type, description, example, isRequired }: MemberParts): InputMember {
  const tags = example === undefined ? [] : [{ name: 'example', text: String(example) } as const]
  const comment = documentationComment({ paragraphs: [description], tags })
  const mark = isRequired ? code`` : code`?`
  return { isRequired, source: commented(code`${typeKey(name)}${mark}: ${type}`, comment) }
}

/** The type of an item of a page, as far as the schema of the answer describes it. */
function itemOf(answer: Code, response: EventSchema | undefined, items = ''): Code {
  let type = answer
  let schema = response
  for (const name of tokensOf(items)) {
    const property = Object.hasOwn(schema?.properties ?? {}, name) ? schema?.properties?.[name] : undefined
    if (property === undefined) return code`unknown`
    type = code`NonNullable<${type}[${literal(name)}]>`
    schema = property
  }
  return schema?.items === undefined ? code`unknown` : code`${type}[number]`
}

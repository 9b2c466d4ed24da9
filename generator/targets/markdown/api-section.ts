import type { Connector, ConnectorEndpoint } from '../../model/connector.ts'
import { environmentField } from '../../model/endpoint-address.ts'
import { apiConfig } from '../typescript/api-config.ts'
import { formatDeprecation, formatLimit } from './format-limits.ts'
import type { Markdown } from './markdown.ts'
import { code, codes, fence, join, list, nothing, table, text } from './markdown.ts'
import { callUsage } from './usage.ts'

/** Where the vendor is called, and how. */
export function apiView(connector: Connector): object {
  const { api, auth } = connector
  const kit = apiConfig(connector)
  const usage = kit && callUsage(connector, kit)
  return {
    api_usage: usage === undefined ? nothing : fence('ts', usage),
    base_url: optionalCode(api.base_url),
    versioning: text(api.versioning ?? ''),
    headers: table(
      ['header', 'value'],
      Object.entries(api.headers).map(([name, value]) => [code(name), code(value)]),
    ),
    environments: table(
      ['environment', 'addresses', 'what it is for'],
      Object.entries(api.environments).map(([name, { base_url, authorization_url, token_url, description }]) => [
        code(name),
        codes([base_url, authorization_url, token_url].filter((url) => url !== undefined)),
        text(description),
      ]),
    ),
    environment_field: optionalCode(environmentField(auth.fields)),
    endpoints: table(['name', 'method', 'path', 'what it does', 'scopes'], api.endpoints.map(endpointRow)),
    inputs: table(['endpoint', 'input', 'in', 'what it does'], api.endpoints.flatMap(inputRows)),
    pages: table(
      ['endpoint', 'items', 'next page'],
      api.endpoints.flatMap(({ name, pagination }) =>
        pagination === undefined ? [] : [[code(name), code(pagination.items || '(the answer)'), nextPage(pagination)]],
      ),
    ),
    retry: retryList(api.retry),
    parameters: table(
      ['placeholder', 'what stands there', 'example'],
      Object.entries(api.parameters).map(([name, { description, example }]) => [
        code(`{${name}}`),
        text(description),
        optionalCode(example),
      ]),
    ),
  }
}

function endpointRow({ name, method, path, base_url = '', summary, scopes, deprecated }: ConnectorEndpoint) {
  const said = deprecated === undefined ? summary : `${summary} ${formatDeprecation(deprecated)}`
  return [code(name), text(method), code(`${base_url}${path}`), text(said), codes(scopes)]
}

function inputRows({ name, query, headers }: ConnectorEndpoint): readonly (readonly Markdown[])[] {
  return [
    ...Object.entries(query).map((input) => [input, 'query'] as const),
    ...Object.entries(headers).map((input) => [input, 'header'] as const),
  ].map(([[input, { description, required, value }], place]) => [
    code(name),
    code(input),
    text(required === true ? `${place}, required` : place),
    value === undefined ? text(description) : join([text(description), text('Always'), code(value)], ' '),
  ])
}

function nextPage({ type, next, next_in, parameter = '' }: NonNullable<ConnectorEndpoint['pagination']>): Markdown {
  switch (type) {
    case 'link':
      return next === undefined ? text('header Link, rel=next') : join([text('the URL at'), code(next)], ' ')
    case 'offset':
      return join([code(parameter), text('skips items')], ' ')
    case 'page':
      return join([code(parameter), text('is the number of the page')], ' ')
    default: {
      const source = next_in === 'last_item' ? 'of the last item becomes' : 'becomes'
      return join([code(next ?? ''), text(source), code(parameter)], ' ')
    }
  }
}

/** When the kit repeats a call, besides after network errors. */
function retryList(retry: Connector['api']['retry']): Markdown {
  if (retry === undefined) return nothing
  const { statuses = [429], errors = [], wait = [], remaining, idempotency_header } = retry
  return list([
    join([text('Refused because of a limit: status'), codes(statuses.map(String))], ' '),
    ...errors.map(({ at, values }) => join([text('or a value at'), code(at), codes(values.map(String))], ' ')),
    ...wait.map(({ in: place, at, form }) => join([text(`Wait, in the ${place}`), code(at), text(`as ${form}`)], ' ')),
    ...(remaining === undefined ? [] : [join([text('Calls that are left:'), code(remaining)], ' ')]),
    ...(idempotency_header === undefined
      ? []
      : [join([text('POST and PATCH can be repeated with'), code(idempotency_header)], ' ')]),
  ])
}

/** Every limit, and what to do once it is reached. */
export function rateLimitsView({ api, rate_limits }: Connector): object {
  return {
    has_limits: rate_limits.length > 0 || Object.keys(api.response_headers).length > 0,
    rate_limits: table(
      ['limit', 'counted per', 'how much', 'reported in'],
      rate_limits.map((limit) => [
        code(limit.name),
        text(limit.scope),
        text(formatLimit(limit)),
        codes(limit.headers ?? []),
      ]),
    ),
    exceeded: list(
      rate_limits.flatMap(({ name, error, advice }) => {
        const said = join([text(sentence(error)), text(advice ?? '')], ' ')
        return said === '' ? [] : [join([code(name), said], ': ')]
      }),
    ),
    response_headers: table(
      ['response header', 'what it says', 'example'],
      Object.entries(api.response_headers).map(([name, { description, example }]) => [
        code(name),
        text(description),
        optionalCode(example),
      ]),
    ),
  }
}

function optionalCode(value: string | undefined): Markdown {
  return value === undefined ? nothing : code(value)
}

/** What an error looks like, with a full stop. */
function sentence(error = ''): string {
  return error === '' || /[.!?]$/.test(error) ? error : `${error}.`
}

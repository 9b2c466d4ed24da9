import type { Connector, ConnectorEndpoint } from '../../model/connector.ts'
import { formatDeprecation, formatLimit } from './format-limits.ts'
import type { Markdown } from './markdown.ts'
import { code, codes, join, list, nothing, table, text } from './markdown.ts'

/** Where the vendor is called, and how. */
export function apiView({ api }: Connector): object {
  return {
    base_url: optionalCode(api.base_url),
    versioning: text(api.versioning ?? ''),
    headers: table(
      ['header', 'value'],
      Object.entries(api.headers).map(([name, value]) => [code(name), code(value)]),
    ),
    endpoints: table(['name', 'method', 'path', 'what it does', 'scopes'], api.endpoints.map(endpointRow)),
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

import type { Api, Endpoint, InputParameter, Pagination, Verification } from '../../kit/api.ts'
import type { RateLimit } from '../../kit/rate-limit.ts'
import type { RetryRules } from '../../kit/retry.ts'
import type { Connector, ConnectorEndpoint } from '../../model/connector.ts'
import { environmentsOf } from '../../model/endpoint-address.ts'
import { present } from '../../model/present.ts'
import { installable, oauthDescription } from './installation-file.ts'

/** A connector's API as the kit runs it; undefined if it has no endpoints, or no address. */
export function apiConfig(connector: Connector): Api | undefined {
  const { code, api, auth, rate_limits } = connector
  const environments = environmentsOf(api, auth.fields)
  if (api.endpoints.length === 0 || (api.base_url ?? environments) === undefined) return undefined
  const encoded = Object.entries(api.parameters).flatMap(([name, parameter]) => (parameter.encoded ? [name] : []))
  const limits = rate_limits.flatMap(limitOf)
  return present<Api>({
    connector: code,
    installation: installable(connector),
    oauth: oauthDescription(connector),
    base_url: api.base_url,
    environments,
    headers: api.headers,
    encoded: encoded.length === 0 ? undefined : encoded,
    verification: verificationOf(auth),
    retry: api.retry === undefined ? undefined : retryOf(api.retry),
    limits: limits.length === 0 ? undefined : limits,
    endpoints: Object.fromEntries(api.endpoints.map((endpoint) => [endpoint.name, endpointOf(endpoint)])),
  })
}

function verificationOf({ verification, verification_expects }: Connector['auth']): Verification | undefined {
  if (verification === undefined) return undefined
  return present<Verification>({ endpoint: verification, expect: verification_expects })
}

function endpointOf({ method, path, base_url, query, headers, body_type, pagination }: ConnectorEndpoint): Endpoint {
  const pageParameters = [pagination?.parameter, pagination?.size?.parameter].filter(
    (name): name is string => name?.startsWith('/') === false,
  )
  const undeclared = Object.fromEntries(pageParameters.map((name) => [name, {}]))
  const parameters = { ...undeclared, ...inputsOf(query) }
  return present<Endpoint>({
    method,
    path,
    base_url,
    query: Object.keys(parameters).length === 0 ? undefined : parameters,
    headers: Object.keys(headers).length === 0 ? undefined : inputsOf(headers),
    body_type,
    pagination: pagination === undefined ? undefined : paginationConfig(pagination),
    types: undefined,
  })
}

function inputsOf(inputs: ConnectorEndpoint['query']): Readonly<Record<string, InputParameter>> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { required, value, list }]) => [
      name,
      present<InputParameter>({ required: required === true ? true : undefined, value, list }),
    ]),
  )
}

function paginationConfig(pagination: NonNullable<ConnectorEndpoint['pagination']>): Pagination {
  const { type = 'link', items = '', next, next_in, parameter, more, first, size } = pagination
  return present<Pagination>({ type, items, next, next_in, parameter, more, first, size })
}

function retryOf(retry: NonNullable<Connector['api']['retry']>): RetryRules {
  const { statuses, errors, wait, remaining, idempotency_header } = retry
  return present<RetryRules>({ statuses, errors, wait, remaining, idempotency_header })
}

const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const

/** A limit that counts calls of the installation; others depend on what only the vendor knows. */
function limitOf({ name, limit, per, periods = 1, applies_to }: Connector['rate_limits'][number]): RateLimit[] {
  if (limit === undefined || per === undefined || applies_to === undefined) return []
  return [
    present<RateLimit>({
      name,
      limit,
      seconds: SECONDS[per] * periods,
      endpoints: applies_to === 'all' ? undefined : applies_to,
    }),
  ]
}

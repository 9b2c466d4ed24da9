import type { Definition } from '../../compiled/definition.ts'
import { placeholdersIn } from '../../kit/template.ts'
import { suggestion } from '../../text/closest.ts'

/** Something in a fetched value that does not agree with its endpoint. */
interface Mismatch {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** All fetched values that do not agree with their endpoints. */
export function fetchMismatches(definition: Definition): readonly Mismatch[] {
  return (definition.webhook?.deliveries ?? []).flatMap(({ fetch = {} }, index) =>
    Object.entries(fetch).flatMap(([name, value]) =>
      mismatchesOf(definition, value).map(({ path, message }) => ({
        path: ['webhook', 'deliveries', index, 'fetch', name, ...path],
        message,
      })),
    ),
  )
}

function mismatchesOf(
  { api, auth }: Definition,
  {
    endpoint: name,
    parameters = {},
  }: { readonly endpoint: string; readonly parameters?: Readonly<Record<string, string>> },
): readonly Mismatch[] {
  const endpoints = api.endpoints ?? {}
  const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined
  const at = ['endpoint']
  if (endpoint === undefined)
    return [{ path: at, message: `no endpoint "${name}"${suggestion(name, Object.keys(endpoints))}` }]
  const { method, path, base_url = api.base_url, query = {} } = endpoint
  const placeholders = placeholdersIn(path)
  const fields = Object.keys(auth.fields ?? {})
  const inputs = Object.entries(query).filter(([, { value }]) => value === undefined)
  const required = inputs.filter(([, input]) => input.required === true).map(([input]) => input)
  const known = [...placeholders, ...inputs.map(([input]) => input)]
  const given = (parameter: string) => Object.hasOwn(parameters, parameter)
  return [
    ...(method === 'GET' ? [] : [{ path: at, message: `the endpoint "${name}" has the method ${method}` }]),
    ...(base_url === undefined ? [{ path: at, message: `the endpoint "${name}" has no base URL` }] : []),
    ...placeholders
      .filter((placeholder) => !given(placeholder) && !fields.includes(placeholder))
      .map((placeholder) => ({ path: [], message: `nothing gives {${placeholder}} of the path ${path}` })),
    ...required
      .filter((parameter) => !given(parameter))
      .map((parameter) => ({ path: [], message: `nothing gives the parameter "${parameter}" of the query` })),
    ...Object.keys(parameters)
      .filter((parameter) => !known.includes(parameter))
      .map((parameter) => ({
        path: ['parameters', parameter],
        message: `neither the path ${path} nor the query has "${parameter}"${suggestion(parameter, known)}`,
      })),
    // The credentials would go to a host that the delivery chooses.
    ...placeholdersIn(base_url ?? '')
      .filter(given)
      .map((parameter) => ({
        path: ['parameters', parameter],
        message: `the base URL contains {${parameter}}, which only an authentication field can fill`,
      })),
  ]
}

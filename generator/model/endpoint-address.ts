import type { EndpointAddress, Environments } from '../kit/template.ts'
import { placeholdersIn } from '../kit/template.ts'
import type { ConnectorField } from './connector.ts'
import { formsOf } from './field-forms.ts'
import { present } from './present.ts'

/** The parts of an API that determine the addresses of calls. */
interface Addresses {
  readonly base_url?: string
  readonly environments?: Readonly<Record<string, { readonly base_url: string }>>
  readonly parameters?: Readonly<Record<string, { readonly encoded?: boolean }>>
}

/** The address of an endpoint's calls, for the kit. */
export function endpointAddress(
  api: Addresses,
  fields: readonly ConnectorField[],
  { base_url: own, path }: { readonly base_url?: string; readonly path: string },
): EndpointAddress {
  const environments = own === undefined ? environmentsOf(api, fields) : undefined
  const base_url = own ?? api.base_url
  const urls = [base_url ?? '', path, ...Object.values(environments?.base_urls ?? {})]
  const used = [...urls.flatMap(placeholdersIn), environments?.field]
  const encoded = placeholdersIn(path).filter((name) => api.parameters?.[name]?.encoded === true)
  return present<EndpointAddress>({
    base_url,
    environments,
    path,
    encoded: encoded.length === 0 ? undefined : encoded,
    fields: formsOf(fields.filter(({ name }) => used.includes(name))),
  })
}

/** The base URLs that an installation can choose; undefined if there are none. */
export function environmentsOf(
  { environments = {} }: Pick<Addresses, 'environments'>,
  fields: readonly ConnectorField[],
): Environments | undefined {
  const field = environmentField(fields)
  const base_urls = Object.entries(environments).map(([name, { base_url }]) => [name, base_url])
  if (field === undefined || base_urls.length === 0) return undefined
  return { field, base_urls: Object.fromEntries(base_urls) }
}

/** The authentication field that chooses an environment. */
export function environmentField(fields: readonly Pick<ConnectorField, 'name' | 'used_for'>[]): string | undefined {
  return fields.find(({ used_for }) => used_for.includes('environment'))?.name
}

/** The fields of an installation that an address contains. */
export function fieldsIn({ base_url = '', environments, path }: EndpointAddress): readonly string[] {
  const urls = [base_url, path, ...Object.values(environments?.base_urls ?? {})]
  return [...urls.flatMap(placeholdersIn), ...(environments === undefined ? [] : [environments.field])]
}

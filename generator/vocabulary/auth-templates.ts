import type { Auth } from '../compiled/definition.ts'
import type { Template } from '../kit/oauth.ts'
import { urlParts } from '../kit/template.ts'
import type { DeepReadonly } from '../model/connector.ts'

/** A template in the description of authentication. */
export interface AuthTemplate {
  /** Below `auth`. */
  readonly path: readonly (string | number)[]
  readonly template: string
  readonly isUrl: boolean
  /** Placeholders besides authentication fields. */
  readonly also: readonly string[]
}

type Described = Pick<
  DeepReadonly<Auth>,
  | 'type'
  | 'credentials'
  | 'alternatives'
  | 'authorization_url'
  | 'token_url'
  | 'revocation_url'
  | 'introspection_url'
  | 'oauth'
>

/** The templates of the credentials that calls carry. */
export function credentialTemplates({ type, credentials = [], alternatives = {} }: Described): readonly AuthTemplate[] {
  const also = type === 'oauth2' ? ['access_token'] : []
  const sets = [
    { path: ['credentials'], set: credentials },
    ...Object.entries(alternatives).map(([name, { credentials: set }]) => ({
      path: ['alternatives', name, 'credentials'],
      set,
    })),
  ]
  return sets.flatMap(({ path, set }) =>
    set.flatMap((credential, index) =>
      (['value', 'username', 'password'] as const).flatMap((member) => {
        const template = credential[member]
        return template === undefined ? [] : [{ path: [...path, index, member], template, isUrl: false, also }]
      }),
    ),
  )
}

/** The templates of the OAuth flow. */
export function oauthTemplates(auth: Described): readonly AuthTemplate[] {
  const { oauth = {} } = auth
  const url = (path: readonly string[], template: string | undefined, also: readonly string[] = []) =>
    template === undefined ? [] : [{ path, template, isUrl: true, also }]
  const texts = (path: readonly string[], value: Template | undefined, also: readonly string[]) =>
    stringsIn(value).map(([inside, template]) => ({ path: [...path, ...inside], template, isUrl: false, also }))
  const signed = oauth.assertion === undefined ? [] : ['assertion']
  return [
    ...(['authorization_url', 'token_url', 'revocation_url', 'introspection_url'] as const).flatMap((name) =>
      url([name], auth[name]),
    ),
    ...url(['oauth', 'refresh_url'], oauth.refresh_url),
    ...url(['oauth', 'device_authorization_url'], oauth.device_authorization_url),
    ...url(['oauth', 'lookup', 'url'], oauth.lookup?.url),
    ...texts(['oauth', 'lookup', 'headers'], oauth.lookup?.headers, ['access_token']),
    ...texts(['oauth', 'token_headers'], oauth.token_headers, signed),
    ...texts(['oauth', 'parameters', 'authorize'], oauth.parameters?.authorize as Template | undefined, ['scope']),
    ...texts(['oauth', 'parameters', 'token'], oauth.parameters?.token as Template | undefined, ['scope', ...signed]),
    ...texts(['oauth', 'parameters', 'refresh'], oauth.parameters?.refresh as Template | undefined, [
      'scope',
      ...signed,
    ]),
    ...texts(['oauth', 'assertion', 'key_id'], oauth.assertion?.key_id, []),
    ...texts(['oauth', 'assertion', 'claims'], oauth.assertion?.claims, ['scope']),
  ]
}

/** Authentication fields that the definition names outside of templates. */
export function namedFields({ oauth = {} }: Pick<Described, 'oauth'>): readonly string[] {
  const { client_id, client_secret, assertion, keeps = {} } = oauth
  return [client_id, client_secret, assertion?.key, ...Object.keys(keeps)].filter((name) => name !== undefined)
}

const SAMPLES: Readonly<Record<ReturnType<typeof urlParts>[number]['part'], string>> = {
  address: 'https://host.example.com',
  host: 'host.example.com',
  label: 'x',
  domain: 'x',
  path: 'x',
  query: 'x',
}

/** An address that a template can make. */
export function sampleOf(template: string): string {
  return urlParts(template).reduce((url, { name, part }) => url.replace(`{${name}}`, SAMPLES[part]), template)
}

function stringsIn(value: Template | undefined): readonly (readonly [readonly (string | number)[], string])[] {
  if (typeof value === 'string') return [[[], value]]
  if (typeof value !== 'object' || value === null) return []
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries.flatMap(([key, inside]) =>
    stringsIn(inside as Template).map(([path, text]) => [[key, ...path], text] as const),
  )
}

import { encoded, utf8 } from './bytes.ts'
import type { FieldForms, Values } from './template.ts'
import { bareValues, ConfigurationError, fill, placeholdersIn } from './template.ts'

/** A credential that calls carry. `value`, `username` and `password` are templates: `Bearer {api_key}`. */
export type Credential =
  | { readonly in: 'header' | 'query' | 'cookie'; readonly name: string; readonly value: string }
  /** HTTP Basic authentication (RFC 7617). */
  | { readonly in: 'basic'; readonly username: string; readonly password: string }

/** How calls of a connector authenticate. Templates contain fields, and `{access_token}` for the token of OAuth. */
export interface Authentication {
  /** Credentials that are needed together. */
  readonly credentials?: readonly Credential[]
  /** Other credentials that the vendor accepts instead, by name. */
  readonly alternatives?: Readonly<Record<string, readonly Credential[]>>
  readonly fields?: FieldForms
}

export interface Chosen {
  /** The name of an alternative. Without it, the first credentials whose values are all there are used. */
  readonly use?: string
}

/**
 * The request with the credentials of an installation. Throws a ConfigurationError if a value is missing, or cannot be
 * where the template puts it. Send the request only to the vendor's own hosts.
 */
export function authenticate(
  { credentials = [], alternatives = {}, fields }: Authentication,
  configuration: object,
  tokens: { readonly access_token: string } | undefined,
  request: Request,
  { use }: Chosen = {},
): Request {
  const values = valuesOf(configuration, tokens, fields)
  const isComplete = (set: readonly Credential[]) => missingIn(set, values) === undefined
  const chosen =
    use === undefined
      ? ([credentials, ...Object.values(alternatives)].find(isComplete) ?? credentials)
      : Object.hasOwn(alternatives, use)
        ? alternatives[use]
        : undefined
  if (chosen === undefined) throw new TypeError(`there are no credentials named ${use}`)
  const missing = missingIn(chosen, values)
  if (missing !== undefined) throw new ConfigurationError(missing, 'missing')
  return chosen.reduce((current, credential) => carrying(current, credential, values), request)
}

/** Whether an installation needs an access token: it has no other complete credentials. */
export function needsToken(
  { credentials = [], alternatives = {}, fields }: Authentication,
  configuration: object,
  { use }: Chosen = {},
): boolean {
  const values = valuesOf(configuration, undefined, fields)
  const sets = use === undefined ? [credentials, ...Object.values(alternatives)] : [alternatives[use] ?? []]
  return !sets.some((set) => missingIn(set, values) === undefined)
}

function valuesOf(
  configuration: object,
  tokens: { readonly access_token: string } | undefined,
  fields: FieldForms | undefined,
): Values {
  const values = bareValues(configuration as Values, fields)
  return tokens === undefined ? values : { ...values, access_token: tokens.access_token }
}

/** The templates of a credential. */
export function templatesOf(credential: Credential): readonly string[] {
  return credential.in === 'basic' ? [credential.username, credential.password] : [credential.value]
}

function missingIn(credentials: readonly Credential[], values: Values): string | undefined {
  return credentials
    .flatMap(templatesOf)
    .flatMap(placeholdersIn)
    .find((name) => fill(`{${name}}`, values) === undefined)
}

function carrying(request: Request, credential: Credential, values: Values): Request {
  const text = (template: string) => fill(template, values) ?? ''
  if (credential.in === 'basic')
    return withHeader(request, 'Authorization', basic(text(credential.username), text(credential.password)))
  const { name, value } = credential
  const [field = name] = placeholdersIn(value)
  switch (credential.in) {
    case 'header':
      return withHeader(request, name, safe(text(value).trim(), HEADER_VALUE, field))
    case 'cookie': {
      const cookie = `${name}=${safe(text(value), COOKIE_VALUE, field)}`
      const others = request.headers.get('cookie')
      return withHeader(request, 'Cookie', others === null ? cookie : `${others}; ${cookie}`)
    }
    case 'query':
      return new Request(withParameter(request.url, name, text(value)), request)
    default:
      return credential satisfies never
  }
}

/** Characters of a header's value: bytes without controls. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/
/** RFC 6265, 4.1.1. */
const COOKIE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/

/** Checked here since the runtime's own error contains the value. */
function safe(value: string, form: RegExp, field: string): string {
  if (!form.test(value)) throw new ConfigurationError(field, 'unsafe')
  return value
}

/** The value of the header Authorization (RFC 7617), in UTF-8. */
export function basic(username: string, password: string): string {
  return `Basic ${encoded(utf8(`${username}:${password}`), 'base64')}`
}

function withHeader(request: Request, name: string, value: string): Request {
  const headers = new Headers(request.headers)
  headers.set(name, value)
  return new Request(request, { headers })
}

/** Other parameters remain as they are written. */
function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address)
  if (url.searchParams.has(name)) url.searchParams.delete(name)
  const parameter = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  url.search = url.search === '' ? parameter : `${url.search}&${parameter}`
  return url.href
}

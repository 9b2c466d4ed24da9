import type { OutgoingOptions } from './outgoing.ts'
import { addressProblem } from './outgoing.ts'

/** Values by the name of their placeholder. */
export type Values = Readonly<Record<string, string | undefined>>

/** The form of the values of a field that templates contain. */
export interface FieldForm {
  /** A `url` is a public https address. */
  readonly type?: 'text' | 'secret' | 'url'
  /** The only values. */
  readonly options?: readonly string[]
  /** The value if the installer enters none. */
  readonly default?: string
  /** Text that the form shows before the value. A value may contain it. */
  readonly prefix?: string
  /** Text that the form shows after the value. A value may contain it. */
  readonly suffix?: string
  readonly pattern?: string
  /** For a host or an address: domains that it must belong to. */
  readonly hosts?: readonly string[]
}

export type FieldForms = Readonly<Record<string, FieldForm>>

/** A field without a value, or with one that must not be at its place. The value is not in the message. */
export class ConfigurationError extends TypeError {
  override readonly name = 'ConfigurationError'
  readonly field: string
  readonly problem: 'missing' | 'malformed' | 'unsafe'

  constructor(field: string, problem: ConfigurationError['problem']) {
    super(
      problem === 'missing'
        ? `the configuration lacks ${field}`
        : `the value of ${field} is ${problem === 'unsafe' ? 'not safe at its place in a request' : 'malformed'}`,
    )
    this.field = field
    this.problem = problem
  }
}

/** A placeholder of a template, such as `{page_id}`. */
export const PLACEHOLDER: RegExp = /\{([a-z][a-z0-9_]*)\}/g

/** The names in braces in a template, in their order. */
export function placeholdersIn(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
}

/** A template with its values; undefined if one of them is missing. */
export function fill(template: string, values: Values): string | undefined {
  if (placeholdersIn(template).some((name) => !hasValue(values, name))) return undefined
  return template.replace(PLACEHOLDER, (_, name: string) => values[name] ?? '')
}

/** Text with the values that are there; other braces remain, and what a value contains is not looked at again. */
export function fillKnown(template: string, values: Values): string {
  return template.replace(PLACEHOLDER, (written, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? written) : written,
  )
}

/** A JSON value in which each string is replaced. */
export function withTexts(value: unknown, replace: (text: string) => unknown): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((item) => withTexts(item, replace))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, withTexts(inside, replace)]))
}

/** The names of the placeholders in all strings of a JSON value. */
export function placeholdersInside(templates: unknown): readonly string[] {
  const found: string[] = []
  withTexts(templates, (text) => {
    found.push(...placeholdersIn(text))
    return text
  })
  return found
}

function hasValue(values: Values, name: string): boolean {
  return Object.hasOwn(values, name) && values[name] !== undefined && values[name] !== ''
}

/** The value of a field without its prefix and suffix, or its default; undefined if there is neither. */
export function bareValue(value: string | undefined, form: FieldForm = {}): string | undefined {
  if (value === undefined || value === '') return form.default
  const { prefix = '', suffix = '' } = form
  const start = prefix !== '' && value.startsWith(prefix) ? prefix.length : 0
  const end = suffix !== '' && value.length > start + suffix.length && value.endsWith(suffix) ? suffix.length : 0
  return value.slice(start, value.length - end)
}

/** Whether a bare value is one of the options and matches the pattern. */
export function hasForm(value: string, { options, pattern }: FieldForm = {}): boolean {
  if (options !== undefined && !options.includes(value)) return false
  return pattern === undefined || new RegExp(pattern, 'u').test(value)
}

/** Whether a value that a vendor sends may be stored as the value of a field. */
export function isSafe(value: string, form: FieldForm = {}, allow: readonly string[] = []): boolean {
  const bare = bareValue(value, form) ?? ''
  if (value.length > LONGEST_KEPT || !hasForm(bare, form)) return false
  return form.type !== 'url' || addressOf(bare, { form, allow }) !== undefined
}

/** Characters of a value that a vendor sends. */
const LONGEST_KEPT = 1024

/** The bare values of a configuration by field. Throws a ConfigurationError for a value that does not have the form of its field. */
export function bareValues(configuration: Values, forms: FieldForms = {}): Values {
  const names = new Set([...Object.keys(configuration), ...Object.keys(forms)])
  return Object.fromEntries(
    [...names].map((name) => {
      const form = Object.hasOwn(forms, name) ? forms[name] : undefined
      const value = bareValue(Object.hasOwn(configuration, name) ? configuration[name] : undefined, form)
      if (value !== undefined && !hasForm(value, form)) throw new ConfigurationError(name, 'malformed')
      return [name, value]
    }),
  )
}

/**
 * The part of an address that a placeholder is in. `address` is the beginning of the address, up to its path; `host` the
 * whole host; `label` a part of the host before a fixed domain; `domain` a part that decides the domain.
 */
export type UrlPart = 'address' | 'host' | 'label' | 'domain' | 'path' | 'query'

/** The placeholders of the template of an address, and where each is. */
export function urlParts(template: string): readonly { readonly name: string; readonly part: UrlPart }[] {
  const { authority, path } = splitUrl(template)
  const query = path.indexOf('?')
  return [
    ...placeholdersIn(authority).map((name, index) => ({ name, part: hostPart(authority, name, index) })),
    ...placeholdersIn(query < 0 ? path : path.slice(0, query)).map((name) => ({ name, part: 'path' as const })),
    ...placeholdersIn(query < 0 ? '' : path.slice(query)).map((name) => ({ name, part: 'query' as const })),
  ]
}

function hostPart(authority: string, name: string, index: number): UrlPart {
  if (authority === `{${name}}`) return 'address'
  const host = authority.replace(/^https?:\/\//, '')
  if (host === `{${name}}`) return 'host'
  const after = host
    .split(PLACEHOLDER)
    .slice(2 * index + 2)
    .join('x')
  return /^[^.]*(?:\.[^.]+){2,}$/.test(after) ? 'label' : 'domain'
}

function splitUrl(template: string): { readonly authority: string; readonly path: string } {
  const [authority = ''] = /^(?:https?:\/\/)?[^/?#\\]*/.exec(template) ?? []
  return { authority, path: template.slice(authority.length) }
}

export interface UrlOptions extends Pick<OutgoingOptions, 'allow'> {
  readonly forms?: FieldForms
  /** Placeholders of the path whose values are percent-encoded already, as in the compound keys of some vendors. */
  readonly encoded?: readonly string[]
}

/** Values of placeholders, by name. */
export type PlaceholderValues = Readonly<Record<string, string | number | boolean | undefined>>

/** Base URLs by the value of the field that chooses one; without a choice, the usual one counts. */
export interface Environments {
  readonly field: string
  readonly base_urls: Readonly<Record<string, string>>
}

/** The address of calls. */
export interface EndpointAddress {
  /** Missing if there are only environments. */
  readonly base_url?: string
  readonly environments?: Environments
  /** Begins with a slash. A query after a question mark can have placeholders too. */
  readonly path: string
  /** Placeholders of the path whose values are percent-encoded already. */
  readonly encoded?: readonly string[]
  /** Forms of the fields in base URL and path. */
  readonly fields?: FieldForms
}

/**
 * The URL of a call, or why there is none. Parameters fill placeholders of the path only, so that no caller chooses the host.
 */
export function endpointUrl(
  address: EndpointAddress,
  configuration: PlaceholderValues,
  { parameters = {}, allow = [] }: { readonly parameters?: PlaceholderValues } & Pick<OutgoingOptions, 'allow'> = {},
): URL | ConfigurationError {
  const { path, encoded = [], fields = {} } = address
  const base_url = baseUrlOf(address, configuration)
  if (base_url instanceof ConfigurationError) return base_url
  const template = base_url + path
  const isParameter = (name: string) => Object.hasOwn(parameters, name) && !placeholdersIn(base_url).includes(name)
  const used = (own: boolean) =>
    Object.fromEntries(
      placeholdersIn(template)
        .filter((name) => isParameter(name) === own)
        .map((name) => [name, textOf(own ? parameters : configuration, name)]),
    )
  try {
    const forms = Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(used(false), name)))
    const values = { ...bareValues(used(false), forms), ...used(true) }
    return new URL(fillUrl(template, values, { forms, allow, encoded }))
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
}

function baseUrlOf(
  { base_url, environments, fields = {} }: EndpointAddress,
  configuration: PlaceholderValues,
): string | ConfigurationError {
  const { field = 'base_url', base_urls = {} } = environments ?? {}
  const value = environments && bareValue(textOf(configuration, field), fields[field])
  if (value !== undefined && Object.hasOwn(base_urls, value)) return base_urls[value] ?? ''
  if (value !== undefined && !hasForm(value, fields[field])) return new ConfigurationError(field, 'malformed')
  return base_url ?? new ConfigurationError(field, 'missing')
}

function textOf(values: PlaceholderValues, name: string): string | undefined {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  return value === undefined ? undefined : String(value)
}

/**
 * The address that a template and values make. A value changes only the part that its placeholder is in: it can add
 * neither a host, a port, user info, a path segment, a parameter nor a fragment. Throws a ConfigurationError.
 */
export function fillUrl(
  template: string,
  values: Values,
  { forms = {}, allow = [], encoded = [] }: UrlOptions = {},
): string {
  const parts = urlParts(template)
  const written = parts.map(({ name, part }) => {
    const value = hasValue(values, name) ? values[name] : undefined
    if (value === undefined) throw new ConfigurationError(name, 'missing')
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined
    const isEncoded = part === 'path' && encoded.includes(name)
    const safe = isEncoded ? encodedSegment(value) : writers[part](value, { form: form ?? {}, allow })
    if (safe === undefined) throw new ConfigurationError(name, 'unsafe')
    return safe
  })
  let index = 0
  const url = template.replace(PLACEHOLDER, () => written[index++] ?? '')
  const [first] = parts
  if (first !== undefined && !isAsWritten(url)) throw new ConfigurationError(first.name, 'unsafe')
  return url
}

/** A second check, of the result: a URL parser reads the host that the text contains, and nothing besides it. */
function isAsWritten(text: string): boolean {
  if (!URL.canParse(text)) return false
  if (hasDottedSegment(text)) return false
  const { host, username, password, hash } = new URL(text)
  const written = splitUrl(text)
    .authority.replace(/^https?:\/\//, '')
    .toLowerCase()
  return username === '' && password === '' && hash === '' && (host === written || `${host}:443` === written)
}

/** Whether a segment is `.` or `..`, which the URL would resolve; escaped dots count as dots. */
function hasDottedSegment(url: string): boolean {
  const [path = ''] = splitUrl(url).path.split(/[?#]/)
  return path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
}

interface Limits extends Required<Pick<OutgoingOptions, 'allow'>> {
  readonly form: FieldForm
}

/** A value as text for a part of an address; undefined if it must not be there. */
const writers: Readonly<Record<UrlPart, (value: string, limits: Limits) => string | undefined>> = {
  address: addressOf,
  host: (value, limits) => (/[/?#@:\\%\s]/.test(value) ? undefined : addressOf(`https://${value}`, limits)?.slice(8)),
  label: (value, { form }) => (form.options?.includes(value) || isLabelPart(value) ? value : undefined),
  domain: (value, { form }) => (form.options?.includes(value) ? value : undefined),
  path: pathSegment,
  query: (value) => encodeURIComponent(wellFormed(value)),
}

/** The address without a slash at the end; it must be public, and have neither parameters nor a fragment. */
function addressOf(value: string, { form: { hosts }, allow }: Limits): string | undefined {
  if (addressProblem(value, { allow }) !== undefined || /[?#\\\s]/.test(value)) return undefined
  const { origin, hostname, pathname } = new URL(value)
  if (hosts !== undefined && !isInDomains(hostname, hosts)) return undefined
  return `${origin}${pathname.replace(/\/+$/, '')}`
}

/** Whether a host is one of the domains, or belongs to one of them. */
function isInDomains(hostname: string, domains: readonly string[]): boolean {
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`))
}

function isLabelPart(value: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(value)
}

/** One segment of a path, or a part of one. Characters that RFC 3986 allows in a segment remain as they are. */
function pathSegment(value: string): string | undefined {
  if (value === '' || /^\.+$/.test(value) || wellFormed(value) !== value) return undefined
  return encodeURIComponent(value).replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent)
}

/** A value of the characters that RFC 3986 allows in a segment, with complete percent escapes. */
function encodedSegment(value: string): string | undefined {
  return /^(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$/.test(value) ? value : undefined
}

/** Without halves of surrogate pairs, which cannot be encoded. */
function wellFormed(value: string): string {
  return value.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD')
}

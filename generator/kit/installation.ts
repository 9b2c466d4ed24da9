import type { Authentication } from './credentials.ts'
import type { OutgoingOptions } from './outgoing.ts'
import { addressProblem } from './outgoing.ts'
import type { FieldForm } from './template.ts'
import { bareValue, hasForm, isSafe } from './template.ts'

/** A field that an installer fills in. */
export interface InstallationField extends FieldForm {
  readonly type: 'text' | 'secret' | 'url'
  readonly required: boolean
  readonly sensitive: boolean
}

/** What a connector wants to know when it is installed, and how its calls authenticate. */
export interface Installable<Configuration extends object = Readonly<Record<string, string>>>
  extends Omit<Authentication, 'fields'> {
  readonly connector: string
  readonly fields: { readonly [Name in keyof Configuration]-?: InstallationField }
  /** Never there: it lets the compiler know of the configuration. */
  readonly configuration?: Configuration
}

/** What is wrong with one field of a configuration. The value itself is never told. */
export interface ConfigurationProblem {
  readonly field: string
  /** `unsafe_url`: an address with a name or password, or one that is not public. */
  readonly problem: 'missing' | 'unknown' | 'not_text' | 'no_url' | 'unsafe_url' | 'malformed'
}

/** Everything that is wrong with a configuration; an empty list where nothing is. `allow` lists hosts that may be private. */
export function configurationProblems(
  { fields }: Pick<Installable, 'fields'>,
  configuration: object,
  { allow = [] }: Pick<OutgoingOptions, 'allow'> = {},
): readonly ConfigurationProblem[] {
  const given = new Map<string, unknown>(Object.entries(configuration).filter(([, value]) => value !== undefined))
  const problems: ConfigurationProblem[] = []
  for (const [field, form] of Object.entries<InstallationField>(fields)) {
    const value = given.get(field)
    if (value === undefined || value === '') {
      if (form.required) problems.push({ field, problem: 'missing' })
    } else if (typeof value !== 'string') problems.push({ field, problem: 'not_text' })
    else if (form.type === 'url' && addressProblem(value, { allow }) !== undefined)
      problems.push({ field, problem: isWebAddress(value) ? 'unsafe_url' : 'no_url' })
    else if (!hasForm(bareValue(value, form) ?? '', form)) problems.push({ field, problem: 'malformed' })
    else if (form.type === 'url' && form.hosts !== undefined && !isSafe(value, form, allow))
      problems.push({ field, problem: 'unsafe_url' })
  }
  for (const field of given.keys()) if (!Object.hasOwn(fields, field)) problems.push({ field, problem: 'unknown' })
  return problems
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:'
}

/** A copy of a text in which none of these values is left, as they are or as JSON, a form or a URL contains them. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length > 3)
    .flatMap(spellingsOf)
    .sort((left, right) => right.length - left.length)
    .reduce((current, secret) => current.replaceAll(secret, '•••'), text)
}

/** A value as it can be written in text, JSON, a form and a URL. */
function spellingsOf(text: string): readonly string[] {
  const form = new URLSearchParams({ '': text }).toString().slice(1)
  return [...new Set([text, JSON.stringify(text).slice(1, -1), form, percentEncoded(text)])]
}

function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    // Half of a surrogate pair has no percent encoding.
    return text
  }
}

import type { OutgoingOptions } from './outgoing.ts'
import { addressProblem } from './outgoing.ts'

/** A field that an installer fills in. */
export interface InstallationField {
  readonly type: 'text' | 'secret' | 'url'
  readonly required: boolean
  readonly sensitive: boolean
  readonly pattern?: string
}

/** What a connector wants to know when it is installed. */
export interface Installable<Configuration extends object = Readonly<Record<string, string>>> {
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
  for (const [field, { type, required, pattern }] of Object.entries(fields)) {
    const value = given.get(field)
    if (value === undefined || value === '') {
      if (required) problems.push({ field, problem: 'missing' })
    } else if (typeof value !== 'string') problems.push({ field, problem: 'not_text' })
    else if (type === 'url' && addressProblem(value, { allow }) !== undefined)
      problems.push({ field, problem: isWebAddress(value) ? 'unsafe_url' : 'no_url' })
    else if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
      problems.push({ field, problem: 'malformed' })
  }
  for (const field of given.keys()) if (!Object.hasOwn(fields, field)) problems.push({ field, problem: 'unknown' })
  return problems
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:'
}

/** A copy of a text in which none of these values is left. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length > 3)
    .sort((left, right) => right.length - left.length)
    .reduce((current, secret) => current.replaceAll(secret, '•••'), text)
}

import { withoutSecrets } from '../kit/installation.ts'
import type { Connector, ConnectorWebhook } from '../model/connector.ts'

/** Masks secrets in a string. */
export type Mask = (text: string) => string

/** Masks secrets wherever values are shown: on a page, in an answer, in the log. */
export interface Masking {
  readonly text: Mask
  readonly headers: (headers: Headers) => Readonly<Record<string, string>>
  /** The values of an installation's fields. */
  readonly configuration: (values: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
}

/** HERA's SQL writes the same in place of a secret. */
export const MASK = '********'
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']

/**
 * Masks the secrets among the values of an installation, and the headers that carry a credential: those of HTTP, and
 * those in which the connector's schemes expect a signature or token. Without a connector, every value is a secret.
 */
export function maskingOf(
  connector: Pick<Connector, 'auth' | 'webhook'> | undefined,
  values: Readonly<Record<string, unknown>>,
): Masking {
  const fields = connector?.auth.fields ?? []
  const shown = new Set(fields.filter(({ sensitive }) => !sensitive).map(({ name }) => name))
  const isSecret = (name: string) => !shown.has(name)
  const secrets = Object.entries(values).flatMap(([name, value]) => (isSecret(name) ? textsIn(value) : []))
  const schemes = connector?.webhook?.signatures ?? []
  const masked = new Set([...CREDENTIALS, ...schemes.flatMap(signatureHeaders)])
  const text = (given: string) => withoutSecrets(given, secrets)
  return {
    text,
    headers: (headers) =>
      Object.fromEntries([...headers].map(([name, value]) => [name, masked.has(name) ? MASK : text(value)])),
    configuration: (given) =>
      Object.fromEntries(Object.entries(given).map(([name, value]) => [name, isSecret(name) ? MASK : value])),
  }
}

/** The headers in which a scheme expects its signature or token, in lower case. */
function signatureHeaders({ signature }: ConnectorWebhook['signatures'][number]): readonly string[] {
  if (signature?.in !== 'header') return []
  return (typeof signature.at === 'string' ? [signature.at] : signature.at).map((name) => name.toLowerCase())
}

/** The values in a value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsIn)
  return value === undefined || value === null ? [] : [String(value)]
}

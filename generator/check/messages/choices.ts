import { closest } from '../../text/closest.ts'
import { show } from './describe.ts'
import type { Message, SchemaNode, SchemaViolation } from './message.ts'
import { nameOf, rewriting, schemaOf, writtenAt } from './message.ts'

/** What people of other formats write, and what it is called here. */
const SYNONYMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  type: {
    password: 'secret',
    str: 'string',
    text: 'string',
    bool: 'boolean',
    int: 'integer',
    float: 'number',
    double: 'number',
    dict: 'object',
    list: 'array',
    map: 'object',
  },
  direction: { incoming: 'inbound', in: 'inbound', outgoing: 'outbound', out: 'outbound' },
}

/** Types that JSON Schema takes for forms of a text. */
const FORMATS: Readonly<Record<string, string>> = {
  date: 'date',
  'date-time': 'date-time',
  datetime: 'date-time',
  timestamp: 'date-time',
  time: 'time',
  uuid: 'uuid',
  email: 'email',
  uri: 'uri',
  url: 'uri',
}

/** Kinds of authentication that connectors do not support, by the values that people write for them. */
const UNSUPPORTED: readonly (readonly [written: RegExp, sentence: string])[] = [
  [
    /^oauth_?-?1(?:\.?0a?)?$/i,
    "OAuth 1.0a is not supported: each request has to be signed; use a vendor's OAuth 2.0 or API key",
  ],
  [/^aws_?-?(?:sigv?4|signature.*)$|^sigv?4$/i, 'AWS Signature Version 4 is not supported: use the SDK of AWS'],
  [
    /^(?:mtls|mutual_?-?tls|(?:self_signed_)?tls_client_auth|client_?-?certificate)$/i,
    'client certificates (mTLS) are not supported: fetch cannot present one on every platform',
  ],
]

/** A value that is none of those that are allowed. */
export function oneOf(violation: SchemaViolation): Message {
  const { error, path } = violation
  const allowed = (error.params.allowedValues as readonly unknown[]).map(String)
  const listed = [
    `write one of: ${allowed.map(visible).join(', ')}`,
    schemaOf(violation).description,
    meanings(schemaOf(violation), allowed),
  ]
  const help = listed
    .filter((part) => typeof part === 'string')
    .join('. ')
    .replaceAll('.. ', '. ')
  if (error.data === null)
    return { code: 'enum', message: `the field "${nameOf(path)}" has no value`, help, at: 'value' }
  const message = `${show(error.data)} is not one of the values allowed here`
  if (typeof error.data !== 'string') return { code: 'enum', message, help, at: 'value' }
  const unsupported = UNSUPPORTED.find(([written]) => written.test(String(error.data)))
  if (unsupported !== undefined && isAuthentication(path))
    return { code: 'enum', message: `${show(error.data)} cannot be described: ${unsupported[1]}`, help, at: 'value' }
  const meant = meantValue(violation, error.data, allowed)
  if (meant === undefined) return { code: 'enum', message, help, at: 'value' }
  if (meant.help !== undefined) return { code: 'enum', message, help: meant.help, at: 'value' }
  return {
    code: 'enum',
    message: `${message}; did you mean "${meant.value}"?`,
    help: `write ${visible(meant.value)}; allowed are ${allowed.map(visible).join(', ')}`,
    at: 'value',
    ...(meant.isCertain ? { fix: rewriting(writtenAt(violation).span, meant.value) } : {}),
  }
}

function isAuthentication([part]: SchemaViolation['path']): boolean {
  return part === 'auth'
}

interface Meant {
  readonly value: string
  readonly isCertain: boolean
  readonly help?: string
}

function meantValue({ path }: SchemaViolation, written: string, allowed: readonly string[]): Meant | undefined {
  const name = nameOf(path)
  const [, count, unit = ''] = /^(\d+)\s*([a-z]+)$/i.exec(written) ?? []
  const time = allowed.find((value) => value.startsWith(unit.toLowerCase().replace(/s$/, '')) && unit !== '')
  if (name === 'per' && count !== undefined && time !== undefined)
    return { value: time, isCertain: false, help: `write per: ${time} and periods: ${count}` }
  const format = FORMATS[written.toLowerCase()]
  if (format !== undefined && allowed.includes('string') && allowed.includes('integer'))
    return { value: 'string', isCertain: false, help: `write type: string and format: ${format}` }
  const synonym = SYNONYMS[name]?.[written.toLowerCase()]
  if (synonym !== undefined && allowed.includes(synonym)) return { value: synonym, isCertain: true }
  const singular = allowed.find((value) => `${value}s` === written.toLowerCase())
  if (singular !== undefined) return { value: singular, isCertain: true }
  const near = closest(written, allowed)
  return near === undefined ? undefined : { value: near, isCertain: false }
}

function visible(value: string): string {
  return value.trim() === '' ? `"${value}"` : value
}

/** Of a few values, what each means; the names of many have to speak for themselves. */
const MOST_MEANINGS = 8

function meanings({ enumDescriptions }: SchemaNode, allowed: readonly string[]): string | undefined {
  if (!Array.isArray(enumDescriptions) || allowed.length > MOST_MEANINGS) return undefined
  return allowed.map((value, index) => `${visible(value)}: ${enumDescriptions[index]}`).join(' ')
}

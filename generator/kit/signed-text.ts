import { concatenated, utf8 } from './bytes.ts'
import type { RequestParts } from './place.ts'

/** A placeholder of a template: `{body}`, or `{header:webhook-id}` with an argument. */
export interface Placeholder {
  readonly name: string
  readonly argument: string
}

/** Literal text and placeholders of a template in order. */
export function templateParts(template: string): readonly (string | Placeholder)[] {
  return template
    .split(/(\{[a-z][a-z0-9_]*(?::[^{}]*)?\})/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, name, argument = ''] = part.match(/^\{([a-z][a-z0-9_]*)(?::([^{}]*))?\}$/) ?? []
      return name === undefined ? part : { name, argument }
    })
}

/** The value of a placeholder in the text that is signed. */
export type SignedValue = string | Uint8Array<ArrayBuffer> | undefined

/** The bytes that are signed; undefined where one of the values is missing. */
export function signedBytes(
  template: string,
  read: (placeholder: Placeholder) => SignedValue,
): Uint8Array<ArrayBuffer> | undefined {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (const part of templateParts(template)) {
    const value = typeof part === 'string' ? part : read(part)
    if (value === undefined) return undefined
    parts.push(typeof value === 'string' ? utf8(value) : value)
  }
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : concatenated(parts)
}

/** A URL as it is signed: the percent escapes that the vendor decodes, decoded. */
export function urlDecoded(url: string, escapes: readonly string[] | undefined): string {
  if (escapes === undefined) return url
  // Once, from left to right: the result of an escape is not decoded again.
  return url.replace(/%[0-7][0-9A-F]/g, (written) =>
    escapes.includes(written) ? String.fromCharCode(Number.parseInt(written.slice(1), 16)) : written,
  )
}

/** The path of a URL with its query, as it is written in the first line of a request. */
export function pathOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { pathname, search } = new URL(url)
  return pathname + search
}

/** The parameters of a form as Twilio and Mandrill sign them: sorted by name; of a list, each value once and sorted. */
export function formText(form: unknown): string | undefined {
  if (typeof form !== 'object' || form === null || Array.isArray(form)) return undefined
  return Object.entries(form as Readonly<Record<string, unknown>>)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? [...new Set(value)].sort() : [value]).map((one) => `${name}${one}`),
    )
    .join('')
}

/** The CRC-32 of ISO 3309, as a decimal number without sign. */
export function crc32(bytes: Uint8Array): string {
  let rest = 0xffffffff
  for (const byte of bytes) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  }
  return String((rest ^ 0xffffffff) >>> 0)
}

/** Method, path and sorted query as Atlassian hashes them for the claim `qsh`; the token itself is left out. */
export function queryText({ method, query }: Pick<RequestParts, 'method' | 'query'>, url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname.replace(/(?<=.)\/$/, '') : ''
  const names = [...new Set(query.keys())].filter((name) => name !== 'jwt').sort()
  const parameters = names.map(
    (name) => `${percentEncoded(name)}=${query.getAll(name).map(percentEncoded).sort().join(',')}`,
  )
  return `${method.toUpperCase()}&${path}&${parameters.join('&')}`
}

/** RFC 3986: everything but unreserved characters. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

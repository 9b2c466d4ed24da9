import type { ParsedBody } from './body.ts'
import { decoded } from './bytes.ts'
import { valueAtPointer } from './pointer.ts'

/** The place of a value in a request, or in an item of its body. */
export interface Place {
  /** `item` is a part of the body that is signed by itself; `basic` is HTTP Basic authentication. */
  readonly in: 'header' | 'query' | 'body' | 'item' | 'basic'
  /**
   * The name of a header or query parameter, a JSON Pointer into the parsed body or the item, or `username`, `password`
   * or `credentials` (both, joined by a colon) of Basic.
   */
  readonly at: string
}

/** A request whose body was read. */
export interface RequestParts {
  readonly method: string
  readonly headers: Headers
  /** The parameters of the URL that was called. */
  readonly query: URLSearchParams
  /** The bytes as they arrived. */
  readonly body: Uint8Array<ArrayBuffer>
  /** Parses the body, once for all who need it. */
  readonly parse?: () => Promise<ParsedBody>
  /** The parsed body; undefined if no scheme reads it, or if it cannot be parsed. */
  readonly content?: unknown
  /** The part of the body that places `in: item` start at. */
  readonly item?: unknown
}

/**
 * The value at a place as text, or undefined where there is none. Numbers and booleans of a body become text. A query
 * parameter that occurs twice is not a value. Header fields of one name reach us joined by commas.
 */
export function valueAt(place: Place, { headers, query, content, item }: RequestParts): string | undefined {
  switch (place.in) {
    case 'header':
      return headers.get(place.at) ?? undefined
    case 'query': {
      const [value, ...more] = query.getAll(place.at)
      return more.length === 0 ? value : undefined
    }
    case 'body':
      return textOf(valueAtPointer(content, place.at))
    case 'item':
      return textOf(valueAtPointer(item, place.at))
    case 'basic':
      return basicValue(place.at, headers.get('authorization'))
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** RFC 7617: the scheme's name in either case, then user name and password in Base64, joined by a colon. */
function basicValue(part: string, header: string | null): string | undefined {
  const [, written = ''] = header?.match(/^basic +([^ ]+)$/i) ?? []
  const bytes = decoded(written, 'base64')
  if (bytes === undefined) return undefined
  const credentials = new TextDecoder().decode(bytes)
  const colon = credentials.indexOf(':')
  if (colon < 0) return undefined
  if (part === 'username') return credentials.slice(0, colon)
  return part === 'password' ? credentials.slice(colon + 1) : credentials
}

/** A value that must be there (`true`), must not be there (`false`), or must be equal to a constant. */
export type Expected = string | number | boolean | null

/** What a request looks like; every part of the condition must apply. */
export interface RequestCondition {
  readonly method?: string | readonly string[]
  /** Expected values by header name. */
  readonly header?: Readonly<Record<string, string | boolean>>
  /** Expected values by name of the query parameter. */
  readonly query?: Readonly<Record<string, string | boolean>>
  /**
   * Expected values by JSON Pointer into the parsed body. `{ equals: true }` is the constant, where `true` alone asks
   * whether there is a value.
   */
  readonly body?: Readonly<Record<string, Expected | { readonly equals: Expected }>>
}

/** Whether a request meets a condition. */
export function meets(condition: RequestCondition, parts: RequestParts): boolean {
  const { method, header = {}, query = {}, body = {} } = condition
  const methods = typeof method === 'string' ? [method] : method
  return (
    (methods === undefined || methods.includes(parts.method)) &&
    Object.entries(header).every(([at, expected]) => agrees(valueAt({ in: 'header', at }, parts), expected)) &&
    Object.entries(query).every(([at, expected]) => agrees(valueAt({ in: 'query', at }, parts), expected)) &&
    Object.entries(body).every(([at, expected]) => {
      const value = valueAtPointer(parts.content, at)
      return typeof expected === 'object' && expected !== null ? value === expected.equals : agrees(value, expected)
    })
  )
}

function agrees(value: unknown, expected: Expected): boolean {
  return typeof expected === 'boolean' ? (value !== undefined) === expected : value === expected
}

/** Whether a condition looks into the body. */
export function looksIntoBody({ body }: RequestCondition): boolean {
  return body !== undefined
}

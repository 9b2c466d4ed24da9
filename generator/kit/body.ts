import { encoded } from './bytes.ts'

/** How a body is written; `none` is an empty one, as of a vendor that sends everything in headers. */
export type BodyForm = 'json' | 'form' | 'multipart' | 'xml' | 'none'

/** Determines how the body of a delivery is parsed. */
export interface BodyFormat {
  /** Media types without parameters, and `none` where a body may be empty; the first one where a request names none. */
  readonly content_types: readonly string[]
  /** Parses JSON and keeps numbers beyond 2^53 as text; where the vendor writes such ids as numbers. */
  readonly parseExactly?: (text: string) => unknown
  /** Parses XML into an object; where the vendor sends XML. Throws for anything else. */
  readonly parseXml?: (text: string) => unknown
}

/** Why a body cannot be parsed. */
export type Unreadable = 'empty_body' | 'malformed_body' | 'unsupported_content_type'

/** A parsed body. */
export type ParsedBody =
  | { readonly readable: true; readonly content_type: string; readonly value: unknown }
  | { readonly readable: false; readonly reason: Unreadable }

/** The form of a media type. Vendors send JSON as plain text too (AWS SNS does). */
export function bodyFormOf(contentType: string): BodyForm | undefined {
  if (contentType === 'none') return 'none'
  if (contentType === 'application/x-www-form-urlencoded') return 'form'
  if (contentType === 'multipart/form-data') return 'multipart'
  if (contentType === 'application/json' || contentType.endsWith('+json') || contentType === 'text/plain') return 'json'
  if (contentType === 'application/xml' || contentType === 'text/xml' || contentType.endsWith('+xml')) return 'xml'
  return undefined
}

/**
 * Parses a body by the form that the `Content-Type` header names. A body with numbers beyond 2^53 or with XML is read by
 * the parsers of the format. Never throws.
 */
export async function parseBody(
  format: BodyFormat,
  body: Uint8Array<ArrayBuffer> | string,
  contentType?: string | null,
): Promise<ParsedBody> {
  const known = contentTypeOf(format.content_types, contentType)
  if (body.length === 0 || known !== 'multipart/form-data') return parseText(format, body, contentType)
  const value = await multipartFields(body, contentType ?? '')
  return value === undefined
    ? { readable: false, reason: 'malformed_body' }
    : { readable: true, content_type: known, value }
}

/** Parses a body as `parseBody` does, except a multipart one, which needs the runtime's own parser. */
export function parseText(format: BodyFormat, body: Uint8Array | string, contentType?: string | null): ParsedBody {
  if (body.length === 0) {
    if (format.content_types.includes('none')) return { readable: true, content_type: 'none', value: null }
    return { readable: false, reason: 'empty_body' }
  }
  const known = contentTypeOf(format.content_types, contentType)
  const form = known === undefined ? undefined : bodyFormOf(known)
  if (known === undefined || form === undefined || form === 'none' || form === 'multipart')
    return { readable: false, reason: 'unsupported_content_type' }
  const value = textValue(format, form, textOf(body))
  return value === undefined
    ? { readable: false, reason: 'malformed_body' }
    : { readable: true, content_type: known, value }
}

/** The type as the format writes it; a `+json` type that the format does not list is JSON as well. */
function contentTypeOf(known: readonly string[], header: string | null | undefined): string | undefined {
  const [essence = ''] = (header ?? '').toLowerCase().split(';')
  const type = essence.trim()
  if (type === '') return known.find((one) => one !== 'none')
  if (known.includes(type)) return type
  const form = type.endsWith('+json') ? 'json' : bodyFormOf(type) === 'xml' ? 'xml' : undefined
  return form && known.find((one) => one !== 'text/plain' && bodyFormOf(one) === form)
}

function textOf(body: Uint8Array | string): string | undefined {
  if (typeof body === 'string') return body
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

/** A number beyond 2^53, or something in a string that looks like one. */
const LONG_NUMBER = /[:,[]\s*-?\d{16}/

function textValue(format: BodyFormat, form: BodyForm, text: string | undefined): unknown {
  if (text === undefined) return undefined
  if (form === 'form') return fieldsOf(new URLSearchParams(text))
  if (form === 'json') return parseJson(format, text)
  try {
    return format.parseXml?.(text)
  } catch {
    return undefined
  }
}

/** The value of a JSON text, in the way that the bodies of a connector are parsed; undefined if it is not JSON. */
export function parseJson({ parseExactly }: Pick<BodyFormat, 'parseExactly'>, body: Uint8Array | string): unknown {
  const text = textOf(body)
  if (text === undefined) return undefined
  try {
    return parseExactly !== undefined && LONG_NUMBER.test(text) ? parseExactly(text) : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The fields of a multipart body (RFC 7578). A file has a name, a media type and its content in Base64. */
async function multipartFields(body: Uint8Array<ArrayBuffer> | string, contentType: string): Promise<unknown> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData()
    const fields: [string, unknown][] = []
    for (const [name, value] of form.entries())
      fields.push([name, typeof value === 'string' ? value : await file(value)])
    return fieldsOf(fields)
  } catch {
    return undefined
  }
}

async function file(value: File): Promise<object> {
  const content = new Uint8Array(await value.arrayBuffer())
  return { filename: value.name, content_type: value.type, base64: encoded(content, 'base64') }
}

/** An object of fields; a name that occurs several times has a list of values. */
function fieldsOf(entries: Iterable<readonly [string, unknown]>): Readonly<Record<string, unknown>> {
  const fields = new Map<string, unknown[]>()
  for (const [name, value] of entries) {
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [value])
    else values.push(value)
  }
  return Object.fromEntries([...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

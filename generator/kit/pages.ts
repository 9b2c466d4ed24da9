import type { Pagination } from './api.ts'
import type { AnyInput, CallError, Send } from './call.ts'
import { valueAtPointer } from './pointer.ts'

/** Why there are no more pages, although there should be. */
export type PageError =
  | CallError
  /** `no_items`: the answer has no list at the place in the definition. `loop`: the vendor gives the same page again. */
  | { readonly reason: 'no_items' | 'loop' | 'too_many_pages' | 'malformed_link' }

/** One page of a long list. After an error there are no more pages. */
export type Page<Item, Response = unknown> =
  | { readonly ok: true; readonly items: readonly Item[]; readonly data: Response }
  | { readonly ok: false; readonly error: PageError }

export interface PageOptions {
  /** How many pages are read at most; the next one is an error. A thousand if it is missing. */
  readonly maxPages?: number
}

/** How to ask for a page: by values in the query or body, or by its URL. */
interface Next {
  readonly input: AnyInput
  readonly url?: URL
  /** Equal for equal pages. */
  readonly key: string
}

/** Follows the pages of an endpoint. It never sends credentials to another origin than the endpoint's own. */
export async function* pagesOf(
  send: Send,
  name: string,
  pagination: Pagination | undefined,
  { maxPages = 1000, ...given }: AnyInput & PageOptions,
): AsyncGenerator<Page<unknown>, void, undefined> {
  if (pagination === undefined) throw new TypeError(`the endpoint ${name} does not give pages`)
  const { size } = pagination
  const input = size === undefined ? given : withDefault(given, size.parameter, size.value)
  let next: Next | undefined = firstPage(pagination, input)
  const seen = new Set<string>()
  let before: string | undefined
  for (let count = 0; next !== undefined; count += 1) {
    if (count === maxPages) return yield { ok: false, error: { reason: 'too_many_pages' } }
    if (seen.has(next.key)) return yield { ok: false, error: { reason: 'loop' } }
    seen.add(next.key)
    const { result, url } = await send(name, next.input, next.url)
    if (!result.ok) return yield result
    const { data, headers } = result
    if (pagination.type === 'link' && url !== undefined) seen.add(url.href)
    const items = valueAtPointer(data, pagination.items)
    if (!Array.isArray(items)) return yield { ok: false, error: { reason: 'no_items' } }
    // A vendor that ignores the offset gives its first page for ever.
    const text = JSON.stringify(items)
    if (items.length > 0 && text === before) return yield { ok: false, error: { reason: 'loop' } }
    before = text
    yield { ok: true, items, data }
    const following = nextPage(pagination, { input, data, items, headers, url, key: next.key })
    if (following === 'malformed_link') return yield { ok: false, error: { reason: 'malformed_link' } }
    next = following
  }
}

interface Current {
  readonly input: AnyInput
  readonly data: unknown
  readonly items: readonly unknown[]
  readonly headers: Headers
  readonly url: URL | undefined
  readonly key: string
}

function firstPage({ type, parameter, first = 1 }: Pagination, input: AnyInput): Next {
  // Most vendors take a missing offset for 0; the number of a page is sent, because some begin at 0.
  if (type === 'page' && parameter !== undefined)
    return { input: withDefault(input, parameter, first), key: String(valueIn(input, parameter) ?? first) }
  if (type === 'offset' && parameter !== undefined)
    return { input, key: String(Number(valueIn(input, parameter) ?? 0)) }
  return { input, key: '' }
}

function nextPage(pagination: Pagination, current: Current): Next | 'malformed_link' | undefined {
  const { type, more, parameter = '', size } = pagination
  const { input, data, items, key } = current
  if (more !== undefined && valueAtPointer(data, more) !== true) return undefined
  switch (type) {
    case 'link':
      return linkedPage(pagination, current)
    case 'cursor': {
      const from = pagination.next_in === 'last_item' ? items.at(-1) : data
      const cursor = valueAtPointer(from, pagination.next ?? '')
      if ((typeof cursor !== 'string' && typeof cursor !== 'number') || cursor === '') return undefined
      return { input: withValue(input, parameter, cursor), key: String(cursor) }
    }
    case 'offset':
    case 'page': {
      const asked = Math.min(size?.value ?? 1, valueIn(input, size?.parameter ?? '') ?? Number.POSITIVE_INFINITY)
      if (items.length === 0 || (more === undefined && items.length < asked)) return undefined
      const number = Number(key) + (type === 'offset' ? items.length : 1)
      return { input: withValue(input, parameter, number), key: String(number) }
    }
  }
}

function linkedPage({ next }: Pagination, { input, data, headers, url }: Current): Next | 'malformed_link' | undefined {
  const link = next === undefined ? nextLink(headers.get('link')) : valueAtPointer(data, next)
  if (link === undefined || link === null || link === '' || link === false) return undefined
  if (typeof link !== 'string' || !URL.canParse(link, url?.href)) return 'malformed_link'
  const target = new URL(link, url)
  target.hash = ''
  return { input, url: target, key: target.href }
}

/** The target with `rel=next` of the header Link (RFC 8288). */
export function nextLink(header: string | null): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').matchAll(/<([^<>]*)>((?:\s*;\s*[^,;"]+(?:"[^"]*")?)*)/g)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters)
    if ((relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/).includes('next')) return target
  }
  return undefined
}

/** The request's own value of a parameter, as a number. */
function valueIn({ query, body }: AnyInput, parameter: string): number | undefined {
  const value = parameter.startsWith('/') ? valueAtPointer(body, parameter) : query?.[parameter]
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value)
}

function withDefault(input: AnyInput, parameter: string, value: number): AnyInput {
  return valueIn(input, parameter) === undefined ? withValue(input, parameter, value) : input
}

/** Input with a value in a query parameter, or at a pointer into its body; objects on the way are made. */
export function withValue(input: AnyInput, parameter: string, value: string | number): AnyInput {
  if (!parameter.startsWith('/')) return { ...input, query: { ...input.query, [parameter]: value } }
  return { ...input, body: replaced(input.body, parameter.split('/').slice(1), value) }
}

function replaced(inside: unknown, [token, ...rest]: readonly string[], value: unknown): unknown {
  if (token === undefined) return value
  const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
  if (Array.isArray(inside))
    return inside.map((item, index) => (String(index) === name ? replaced(item, rest, value) : item))
  const members = typeof inside === 'object' && inside !== null ? (inside as Readonly<Record<string, unknown>>) : {}
  return { ...members, [name]: replaced(members[name], rest, value) }
}

import { describe, expect, onTestFinished, test } from 'vitest'
import type { Pagination } from '../../generator/kit/api.ts'
import { authorizedFetch } from '../../generator/kit/authorized-fetch.ts'
import type { AnyInput } from '../../generator/kit/call.ts'
import type { Page, PageOptions } from '../../generator/kit/pages.ts'
import { nextLink } from '../../generator/kit/pages.ts'
import { fakeVendor } from '../support/fake-vendor.ts'

type Item = { readonly id: number }
const ALL: readonly Item[] = Array.from({ length: 5 }, (_, id) => ({ id }))
const SIZE = 2

/** A page of the vendor, from the position in a request. */
type Serve = (request: Request, base: string) => Response | Promise<Response>

interface Habit {
  readonly vendor: string
  readonly pagination: Pagination
  readonly serve: Serve
  readonly method?: 'POST'
  readonly input?: AnyInput
}

const slice = (start: number) => ALL.slice(start, start + SIZE)
const numberIn = (request: Request, name: string, missing = 0) =>
  Number(new URL(request.url).searchParams.get(name) ?? missing)

/** Facts from Nango's list of providers (August 2026), unless another source is given. */
const habits: readonly Habit[] = [
  {
    vendor: 'Slack: a cursor that is empty at the end',
    pagination: { type: 'cursor', items: '/members', next: '/response_metadata/next_cursor', parameter: 'cursor' },
    serve: (request) => {
      const start = numberIn(request, 'cursor')
      const next = start + SIZE < ALL.length ? String(start + SIZE) : ''
      return Response.json({ ok: true, members: slice(start), response_metadata: { next_cursor: next } })
    },
  },
  {
    vendor: 'HubSpot: a cursor that is missing at the end, with limit',
    pagination: {
      type: 'cursor',
      items: '/results',
      next: '/paging/next/after',
      parameter: 'after',
      size: { parameter: 'limit', value: SIZE },
    },
    serve: (request) => {
      const [start, limit] = [numberIn(request, 'after'), numberIn(request, 'limit')]
      const paging = start + limit < ALL.length ? { paging: { next: { after: String(start + limit) } } } : {}
      return Response.json({ results: ALL.slice(start, start + limit), ...paging })
    },
  },
  {
    vendor: 'HubSpot search and Notion: the cursor goes into the body (samples/hubspot; sdk @notionhq/client)',
    method: 'POST',
    pagination: {
      type: 'cursor',
      items: '/results',
      next: '/next_cursor',
      more: '/has_more',
      parameter: '/start_cursor',
      size: { parameter: '/page_size', value: SIZE },
    },
    input: { body: { filter: { property: 'object' } } },
    serve: async (request) => {
      const { start_cursor = '0', page_size, filter } = (await request.json()) as Record<string, string | number>
      if (filter === undefined) return new Response(null, { status: 400 })
      const start = Number(start_cursor)
      const has_more = start + Number(page_size) < ALL.length
      return Response.json({ results: slice(start), has_more, next_cursor: has_more ? String(start + SIZE) : null })
    },
  },
  {
    vendor: 'Asana: an object with the cursor that is null at the end',
    pagination: { type: 'cursor', items: '/data', next: '/next_page/offset', parameter: 'offset' },
    serve: (request) => {
      const start = numberIn(request, 'offset')
      return Response.json({ data: slice(start), next_page: start < 4 ? { offset: start + SIZE } : null })
    },
  },
  {
    vendor: 'Stripe: the id of the last item is the cursor (docs.stripe.com/api/pagination)',
    pagination: {
      type: 'cursor',
      items: '/data',
      next: '/id',
      next_in: 'last_item',
      more: '/has_more',
      parameter: 'starting_after',
    },
    serve: (request) => {
      const start = numberIn(request, 'starting_after', -1) + 1
      return Response.json({ data: slice(start), has_more: start < 4 })
    },
  },
  {
    vendor: 'GitHub: the header Link, and the answer is the list',
    pagination: { type: 'link', items: '' },
    serve: (request, base) => {
      const start = numberIn(request, 'page')
      const more: Record<string, string> =
        start < 4 ? { link: `<${base}/list?page=0>; rel="first", <${base}/list?page=${start + SIZE}>; rel="next"` } : {}
      return Response.json(slice(start), { headers: more })
    },
  },
  {
    vendor: 'Zendesk, Calendly: a URL in the body',
    pagination: { type: 'link', items: '/users', next: '/next_page' },
    serve: (request, base) => {
      const start = numberIn(request, 'page')
      return Response.json({ users: slice(start), next_page: start < 4 ? `${base}/list?page=${start + SIZE}` : null })
    },
  },
  {
    vendor: 'Confluence: a relative URL in the body',
    pagination: { type: 'link', items: '/results', next: '/_links/next' },
    serve: (request) => {
      const start = numberIn(request, 'page')
      return Response.json({ results: slice(start), _links: start < 4 ? { next: `/list?page=${start + SIZE}` } : {} })
    },
  },
  {
    vendor: 'Pipedrive: an offset and a boolean',
    pagination: {
      type: 'offset',
      items: '/data',
      parameter: 'start',
      more: '/additional_data/pagination/more_items_in_collection',
    },
    serve: (request) => {
      const start = numberIn(request, 'start')
      const pagination = { more_items_in_collection: start < 4 }
      return Response.json({ data: slice(start), additional_data: { pagination } })
    },
  },
  {
    vendor:
      'LinkedIn: an offset; a short page is the last (learn.microsoft.com/linkedin/shared/api-guide/concepts/pagination)',
    pagination: { type: 'offset', items: '/elements', parameter: 'start', size: { parameter: 'count', value: SIZE } },
    serve: (request) => Response.json({ elements: slice(numberIn(request, 'start')) }),
  },
  {
    vendor: 'WooCommerce: page numbers from 1 (woocommerce.github.io/woocommerce-rest-api-docs)',
    pagination: { type: 'page', items: '', parameter: 'page', size: { parameter: 'per_page', value: SIZE } },
    serve: (request) => Response.json(slice((numberIn(request, 'page') - 1) * SIZE)),
  },
  {
    vendor: 'page numbers from 0',
    pagination: { type: 'page', items: '', parameter: 'page', first: 0 },
    serve: (request) => Response.json(slice(numberIn(request, 'page', 99) * SIZE)),
  },
]

async function pagesFrom(
  { pagination, serve, method, input }: Omit<Habit, 'vendor'>,
  options: PageOptions = {},
): Promise<readonly Page<unknown>[]> {
  const vendor = await fakeVendor((request) => serve(request, vendor.base_url))
  onTestFinished(() => vendor.stop())
  const parameters = [pagination.parameter, pagination.size?.parameter].filter(
    (name) => name?.startsWith('/') === false,
  )
  const query = Object.fromEntries(parameters.map((name) => [name, {}]))
  const { pages } = authorizedFetch<{ list: { query?: object; body?: unknown; item: unknown } }, object>(
    {
      connector: 'acme-crm',
      base_url: vendor.base_url,
      headers: {},
      installation: { connector: 'acme-crm', fields: {} },
      endpoints: { list: { method: method ?? 'GET', path: '/list', query, pagination } },
    },
    { configuration: {} },
    vendor.options,
  )
  const found: Page<unknown>[] = []
  for await (const page of pages('list', { ...input, ...options } as object)) found.push(page)
  return found
}

describe('all pages arrive, and no page twice', () => {
  test.each(habits.map((habit) => [habit.vendor, habit] as const))('%s', async (_, habit) => {
    const pages = await pagesFrom(habit)
    expect(pages.every(({ ok }) => ok)).toBe(true)
    expect(pages.flatMap((page) => (page.ok ? page.items : []))).toEqual(ALL)
  })
})

const link: Pagination = { type: 'link', items: '/items', next: '/next' }
const cursor: Pagination = { type: 'cursor', items: '/items', next: '/next', parameter: 'after' }
const offset: Pagination = { type: 'offset', items: '/items', parameter: 'start' }

describe('pages end with an error', () => {
  const otherOrigin = { reason: 'unsafe_address', problem: 'other_origin' }
  test.each<[string, Pagination, Serve, object, number]>([
    [
      'if the link leads to another host',
      link,
      () => Response.json({ items: [1], next: 'https://evil.example/list' }),
      otherOrigin,
      1,
    ],
    [
      'if the link leads to another port of the host',
      link,
      () => Response.json({ items: [1], next: 'http://127.0.0.1:1/list' }),
      otherOrigin,
      1,
    ],
    [
      'if the link has another host without a scheme',
      link,
      () => Response.json({ items: [1], next: '//evil.example/' }),
      otherOrigin,
      1,
    ],
    ['if the link is not one', link, () => Response.json({ items: [1], next: 7 }), { reason: 'malformed_link' }, 1],
    [
      'if the link leads in a circle',
      link,
      (request) => Response.json({ items: [request.url], next: '/list' }),
      { reason: 'loop' },
      1,
    ],
    [
      'if the same cursor comes again',
      cursor,
      (request) => Response.json({ items: [request.url], next: 'again' }),
      { reason: 'loop' },
      2,
    ],
    [
      'if cursors alternate',
      cursor,
      (request) => Response.json({ items: [Math.random()], next: request.url.endsWith('=a') ? 'b' : 'a' }),
      { reason: 'loop' },
      3,
    ],
    ['if the vendor ignores the offset', offset, () => Response.json({ items: [1, 2] }), { reason: 'loop' }, 1],
    ['if there is no list', offset, () => Response.json({ items: { 0: 'a' } }), { reason: 'no_items' }, 0],
    [
      'if there are more pages than allowed',
      offset,
      () => Response.json({ items: [Math.random()] }),
      { reason: 'too_many_pages' },
      4,
    ],
    [
      'if a page is refused',
      cursor,
      (request) =>
        request.url.includes('after') ? new Response('no', { status: 403 }) : Response.json({ items: [1], next: 'x' }),
      { reason: 'forbidden', status: 403, message: 'no' },
      1,
    ],
  ])('%s', async (_, pagination, serve, error, before) => {
    const pages = await pagesFrom({ pagination, serve }, { maxPages: 4 })
    expect(pages.slice(0, -1).map(({ ok }) => ok)).toEqual(Array(before).fill(true))
    expect(pages.at(-1)).toEqual({ ok: false, error })
  })
})

test.each([
  [null, undefined],
  ['<https://a.example/?page=2>; rel="next"', 'https://a.example/?page=2'],
  ['<https://a.example/?a=1,2>; rel=next; title="x, y"', 'https://a.example/?a=1,2'],
  ['</x>; rel="prev", </y>; rel="last next"', '/y'],
  ['</x>; rel="nextish"', undefined],
  ['</x>; title="rel=next"; rel="prev"', undefined],
])('the link to the next page in %j', (header, expected) => {
  expect(nextLink(header)).toBe(expected)
})

test('a header of nonsense takes no time', () => {
  const start = performance.now()
  for (const nonsense of ['<', '<>;', '<>;a="', ';', ' ']) expect(nextLink(nonsense.repeat(20_000))).toBeUndefined()
  expect(performance.now() - start).toBeLessThan(1000)
})

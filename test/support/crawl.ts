/** A page of a site: what it is called by, and where it leads. */
interface CrawledPage {
  readonly ids: ReadonlySet<string>
  readonly links: readonly URL[]
}

export interface Crawl {
  /** The addresses of all that was reached on the site's own server, without fragments. */
  readonly reached: ReadonlySet<string>
  /** What leads nowhere: the page, and the address that is written there. */
  readonly broken: readonly string[]
  /** How many links were followed. */
  readonly followed: number
}

/** Follows every link, picture, script and style of a site, from its first page on, and looks for every anchor. */
export async function crawl(start: string): Promise<Crawl> {
  const pages = new Map<string, CrawledPage | undefined>()
  const wanted: { readonly from: string; readonly to: URL }[] = [{ from: 'the start', to: new URL(start) }]
  for (let next = 0; next < wanted.length; next += 1) {
    const address = withoutFragment(wanted[next]?.to)
    if (pages.has(address)) continue
    const page = await read(address)
    pages.set(address, page)
    const own = page?.links.filter(({ origin }) => origin === new URL(start).origin) ?? []
    wanted.push(...own.map((to) => ({ from: address, to })))
  }
  const broken = wanted.filter(({ to }) => !leadsSomewhere(to, pages.get(withoutFragment(to))))
  return {
    reached: new Set(pages.keys()),
    broken: [...new Set(broken.map(({ from, to }) => `${from}: ${to.href}`))],
    followed: wanted.length,
  }
}

function leadsSomewhere({ hash }: URL, page: CrawledPage | undefined): boolean {
  // A fragment of anything but a page, such as a schema, is no matter of the browser's.
  if (page === undefined || hash === '' || page.ids.size === 0) return page !== undefined
  return page.ids.has(decodeURIComponent(hash.slice(1)))
}

function withoutFragment(address: URL | undefined): string {
  return address?.href.replace(/#.*$/, '') ?? ''
}

/** Undefined where nothing is. */
async function read(address: string): Promise<CrawledPage | undefined> {
  const response = await fetch(address)
  if (!response.ok) return undefined
  if (!response.headers.get('content-type')?.startsWith('text/html')) {
    await response.body?.cancel()
    return { ids: new Set(), links: [] }
  }
  const html = (await response.text()).replace(/<script[^>]*>[\s\S]*?<\/script>/g, (script) =>
    script.replace(/>[\s\S]*/, '>'),
  )
  return {
    ids: new Set(attributes(html, 'id')),
    links: [...attributes(html, 'href'), ...attributes(html, 'src')].map((link) => new URL(link, address)),
  }
}

function attributes(html: string, name: string): readonly string[] {
  return [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) => decoded(value))
}

function decoded(value: string): string {
  return value
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

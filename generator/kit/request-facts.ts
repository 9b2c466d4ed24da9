/** The parts of a request that rules can read, besides its body. */
export interface RequestFacts {
  readonly content_type: string
  /** Lower-case hex. */
  readonly body_sha256?: string
  readonly method?: string
  /** By name in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Parameters of the URL; one that occurs twice is not a value. */
  readonly query?: Readonly<Record<string, string>>
}

/** The method, headers and query of a request, for rules. */
export function requestFacts({ method, headers, url }: FactsSource): Omit<RequestFacts, 'content_type'> {
  const query = new Map<string, string | undefined>()
  const parameters = url !== undefined && URL.canParse(url) ? new URL(url).searchParams : []
  for (const [name, value] of parameters) query.set(name, query.has(name) ? undefined : value)
  const single = [...query].filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { method, headers: Object.fromEntries(headers), query: Object.fromEntries(single) }
}

interface FactsSource {
  readonly method: string
  readonly headers: Headers
  readonly url?: string
}

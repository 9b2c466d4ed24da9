import type { DeliveredBy } from '../kit/delivery.ts'

/** The request that a sample delivery arrives in, as the kit reads it. */
export function sampleRequest(sample: SampleRequest): DeliveredBy & { readonly headers: Headers } {
  const { method = 'POST', query, headers = {}, content_type } = sample
  const type: Record<string, string> = content_type === 'none' ? {} : { 'content-type': content_type }
  const address = query === undefined ? {} : { url: withQuery('https://example.com/webhook', query) }
  return { method, ...address, headers: new Headers({ ...headers, ...type }) }
}

/** An address with the query of a sample in place of its own. */
export function withQuery(address: string, query: string | undefined): string {
  return query === undefined ? address : `${address.replace(/\?.*$/s, '')}?${query}`
}

interface SampleRequest {
  readonly method?: string
  readonly query?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly content_type: string
}

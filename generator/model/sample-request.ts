import type { DeliveredBy } from '../kit/delivery.ts'

/** The request that a sample delivery arrives in, as the kit reads it. */
export function sampleRequest({
  headers = {},
  content_type,
}: SampleRequest): DeliveredBy & { readonly headers: Headers } {
  const type: Record<string, string> = content_type === 'none' ? {} : { 'content-type': content_type }
  return { method: 'POST', headers: new Headers({ ...headers, ...type }) }
}

interface SampleRequest {
  readonly headers?: Readonly<Record<string, string>>
  readonly content_type: string
}

/** Why there is no URL for a call. The value itself is left out, because it can be a secret. */
export interface EndpointProblem {
  readonly placeholder: string
  /** `unsafe`: the value would change the host or the segments of the path. */
  readonly problem: 'missing' | 'unsafe'
}

/** Values of placeholders, by name. */
export type PlaceholderValues = Readonly<Record<string, string | number | boolean | undefined>>

export interface EndpointAddress {
  /** Placeholders fill a whole host label or segment, or part of one, such as `https://{subdomain}.example.com`. */
  readonly base_url: string
  /** Begins with a slash. A query after a question mark can have placeholders too. */
  readonly path: string
  /** Placeholders whose values are percent-encoded already, as in the compound keys of some vendors. */
  readonly encoded?: readonly string[]
}

/**
 * The URL of a call. Values are percent-encoded, so that no value can lead to another host, add a segment, remove one, or
 * begin a query.
 */
export function endpointUrl(
  { base_url, path, encoded = [] }: EndpointAddress,
  values: PlaceholderValues,
): URL | EndpointProblem {
  const [, origin = '', basePath = ''] = /^([a-z]+:\/\/[^/?#]*)(.*)$/i.exec(base_url) ?? []
  const parts: readonly (readonly [text: string, encode: (name: string, value: string) => string | undefined])[] = [
    [origin, (_, value) => (HOST_PART.test(value) ? value : undefined)],
    [basePath + path, (name, value) => (encoded.includes(name) ? encodedPart(value) : percentEncoded(value))],
  ]
  let url = ''
  for (const [text, encode] of parts) {
    for (const piece of text.split(/(\{[a-z][a-z0-9_]*\})/)) {
      const name = /^\{(.*)\}$/.exec(piece)?.[1]
      if (name === undefined) {
        url += piece
        continue
      }
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      if (value === undefined || value === '') return { placeholder: name, problem: 'missing' }
      const filled = encode(name, String(value))
      if (filled === undefined) return { placeholder: name, problem: 'unsafe' }
      url += filled
    }
  }
  const dotted = dottedSegment(url)
  if (dotted || !URL.canParse(url)) return { placeholder: lastPlaceholder(base_url + path), problem: 'unsafe' }
  return new URL(url)
}

/** Letters, digits, hyphens and dots: nothing that ends a host or begins a port. */
const HOST_PART = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/i

function percentEncoded(value: string): string | undefined {
  try {
    return encodeURIComponent(value)
  } catch {
    // Half of a surrogate pair.
    return undefined
  }
}

/** A value of the characters that RFC 3986 allows in a segment, with complete percent escapes. */
function encodedPart(value: string): string | undefined {
  return /^(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$/.test(value) ? value : undefined
}

/** Whether a segment is `.` or `..`, which the URL would resolve; escaped dots count as dots. */
function dottedSegment(url: string): boolean {
  const [path = ''] = url.replace(/^[a-z]+:\/\//i, '').split(/[?#]/)
  return path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
}

function lastPlaceholder(text: string): string {
  return [...text.matchAll(/\{([a-z][a-z0-9_]*)\}/g)].at(-1)?.[1] ?? ''
}

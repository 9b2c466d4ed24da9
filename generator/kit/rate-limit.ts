/** A limit that counts calls. */
export interface RateLimit {
  readonly name: string
  /** Calls in a period, and its length in seconds. */
  readonly limit: number
  readonly seconds: number
  /** Names of the endpoints whose calls it counts; all of them if it is missing. */
  readonly endpoints?: readonly string[]
}

/**
 * Takes one call of an endpoint; the result is how many milliseconds to wait before it may be sent, 0 for at once. If that
 * is more than `longest`, nothing was taken.
 */
export type TakeCall = (endpoint: string, longest: number) => number

/**
 * Token buckets for the limits of one installation, in this process. A bucket starts full and fills evenly, so that a
 * burst of the whole limit is allowed once. A call that must wait has its token reserved, so that calls keep their order.
 */
export function rateLimiter(limits: readonly RateLimit[], clock: () => number = Date.now): TakeCall {
  const buckets = limits.map((limit) => ({ ...limit, tokens: limit.limit, at: clock() }))
  return (endpoint, longest) => {
    const now = clock()
    const counting = buckets.filter(({ endpoints }) => endpoints?.includes(endpoint) !== false)
    let wait = 0
    for (const bucket of counting) {
      const perMillisecond = bucket.limit / (bucket.seconds * 1000)
      bucket.tokens = Math.min(bucket.limit, bucket.tokens + Math.max(0, now - bucket.at) * perMillisecond)
      bucket.at = now
      if (bucket.tokens < 1) wait = Math.max(wait, Math.ceil((1 - bucket.tokens) / perMillisecond))
    }
    if (wait <= longest) for (const bucket of counting) bucket.tokens -= 1
    return wait
  }
}

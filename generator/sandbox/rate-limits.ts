import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { refuse } from '../kit/gateway-problem.ts'
import type { Connector, Registry } from '../model/connector.ts'

/** Takes one call of a caller to a connector, or refuses it. */
export type RateLimits = (caller: string, connector: string) => Promise<void>

const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 }
/** A vendor's quota for an hour or a day says nothing about how fast somebody may call. */
const LONGEST_WINDOW = 300

/**
 * The vendors' own limits, so that an application meets them here before it meets them there: of each connector the
 * first limit with a number and a window of five minutes at most, for each caller.
 */
export function rateLimitsOf({ connectors }: Registry): RateLimits {
  const limiters = new Map(
    connectors.flatMap((connector) => {
      const limit = limitOf(connector)
      return limit === undefined ? [] : [[connector.code, new RateLimiterMemory(limit)] as const]
    }),
  )
  return async (caller, connector) => {
    try {
      await limiters.get(connector)?.consume(caller)
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      const seconds = String(Math.max(1, Math.ceil(error.msBeforeNext / 1000)))
      refuse({
        status: 429,
        error: 'rate_limited',
        message: `${connector} allows no more calls for ${seconds} s`,
        headers: { 'retry-after': seconds },
      })
    }
  }
}

/** How many calls in how many seconds. */
export function limitOf({
  rate_limits,
}: Pick<Connector, 'rate_limits'>): { readonly points: number; readonly duration: number } | undefined {
  for (const { limit, per, periods = 1 } of rate_limits) {
    const duration = (SECONDS[per ?? ''] ?? Number.POSITIVE_INFINITY) * periods
    if (limit !== undefined && duration <= LONGEST_WINDOW) return { points: limit, duration }
  }
  return undefined
}

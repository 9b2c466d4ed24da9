import type { Connector } from '../../model/connector.ts'

type RateLimit = Connector['rate_limits'][number]

/** `110 requests every 10 seconds`, or the formula, or both. */
export function formatLimit({ limit, per, periods = 1, unit = 'requests', formula }: RateLimit): string {
  if (limit === undefined || per === undefined) return formula ?? ''
  const span = periods === 1 ? `${per === 'hour' ? 'an' : 'a'} ${per}` : `every ${periods} ${per}s`
  const counted = limit === 1 ? unit.replace(/s$/, '') : unit
  const amount = `${limit} ${counted} ${span}`
  return formula === undefined ? amount : `${amount}. ${formula.charAt(0).toUpperCase()}${formula.slice(1)}`
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
]

/** `30 minutes`, `60 days`: seconds in the largest unit that divides them; a long odd number says about how many days. */
export function formatDuration(seconds: number): string {
  const [size, name] = UNITS.find(([length]) => seconds % length === 0) ?? [1, 'second']
  const exact = amountOf(seconds / size, name)
  const days = Math.round(seconds / 86_400)
  return size === 86_400 || days < 2 ? exact : `${exact}, about ${amountOf(days, 'day')}`
}

function amountOf(amount: number, name: string): string {
  return `${amount} ${name}${amount === 1 ? '' : 's'}`
}

interface Lifetime {
  readonly lifetime_seconds?: number
  readonly expires?: boolean
}

/** How long a token lives. */
export function formatLifetime({ lifetime_seconds, expires = true }: Lifetime): string {
  if (lifetime_seconds !== undefined) return formatDuration(lifetime_seconds)
  return expires ? 'not published as a number' : 'does not expire'
}

/** `Deprecated since 2023-08-01, gone on 2024-01-01. The reason. What to do instead.` */
export function formatDeprecation(deprecated: {
  readonly since?: string
  readonly removal?: string
  readonly reason: string
  readonly instead: string
}): string {
  const { since, removal, reason, instead } = deprecated
  const when = [since === undefined ? '' : ` since ${since}`, removal === undefined ? '' : `, gone on ${removal}`]
  return `Deprecated${when.join('')}. ${reason} ${instead}`
}

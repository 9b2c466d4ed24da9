import type { Connector } from '../../model/connector.ts'

type RateLimit = Connector['rate_limits'][number]

/** `110 requests every 10 seconds`, or the formula, or both. */
export function limitWords({ limit, per, periods = 1, unit = 'requests', formula }: RateLimit): string {
  if (limit === undefined || per === undefined) return formula ?? ''
  const span = periods === 1 ? `${per === 'hour' ? 'an' : 'a'} ${per}` : `every ${periods} ${per}s`
  const amount = `${limit} ${unit} ${span}`
  return formula === undefined ? amount : `${amount}; ${formula}`
}

/** `30 minutes`, `60 days`: seconds in the largest unit that divides them. */
export function durationWords(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ]
  const [size, name] = units.find(([length]) => seconds % length === 0) ?? [1, 'second']
  const amount = seconds / size
  return `${amount} ${name}${amount === 1 ? '' : 's'}`
}

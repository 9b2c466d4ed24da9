import type { DeliveryRule, Path, Step } from '../kit/mapping.ts'
import { isNamedValue } from '../kit/mapping.ts'
import type { PackedStep, RoutingRule } from '../kit/routing.ts'
import { PathError, parsePath } from './json-path.ts'

/**
 * The place that the path of a routing rule leads to, or the reason why it leads to none. A path that starts at unpacked
 * JSON leads through the string that contains it.
 */
export function routingPlace(
  from: string,
  rules: readonly DeliveryRule[],
): Pick<RoutingRule, 'from' | 'unpack'> | { readonly problem: string } {
  const names = rules.flatMap(({ for: entries }) => entries.filter(isNamedValue).map(({ name }) => name))
  try {
    const path = parsePath(from, ['delivery', 'request', ...new Set(names)])
    const [start, member] = path
    if (start === 'request' && member !== 'headers' && member !== 'query')
      return { problem: `$.request.${member} identifies no installation` }
    return start === 'delivery' || start === 'request' ? { from: path } : placeOf(path, rules)
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    return { problem: error.message }
  }
}

interface Place {
  readonly from: Path
  readonly unpack: readonly (Omit<PackedStep, 'at'> & { readonly at: readonly Step[] })[]
}

function placeOf(path: Path, rules: readonly DeliveryRule[]): ReturnType<typeof routingPlace> {
  const [name] = path
  const places = rules.flatMap((rule) => placesIn(path, rule))
  const [place, ...others] = new Map(places.map((one) => [JSON.stringify(one), one])).values()
  if (place === undefined) return { problem: `"${name}" is fetched, which needs an installation` }
  if (others.length > 0) return { problem: `"${name}" is unpacked from several places` }
  const unpack: PackedStep[] = []
  for (const { at, ...packed } of place.unpack) {
    const steps = at.filter((step) => typeof step !== 'object')
    // Which element an event comes from is not known inside of a string.
    if (steps.length < at.length) return { problem: `the path leads through a list in "${packed.name}"` }
    unpack.push({ ...packed, at: steps })
  }
  return unpack.length === 0 ? { from: place.from } : { from: place.from, unpack }
}

/** The places that a path leads to in a rule, whose loops and unpacked values it can start at; none in fetched values. */
function placesIn([wanted, ...rest]: Path, { for: entries }: DeliveryRule): readonly Place[] {
  const known = new Map<string, readonly Place[]>(
    ['delivery', 'request'].map((name) => [name, [{ from: [name], unpack: [] }]]),
  )
  const placesOf = ([start, ...steps]: Path) => (known.get(start) ?? []).map((place) => extended(place, steps))
  for (const entry of entries) {
    if (!isNamedValue(entry)) {
      const [name, ...paths] = entry
      known.set(name, paths.flatMap(placesOf))
    } else if ('unpack' in entry) {
      const { name, unpack, as } = entry
      const packed = { name, as, at: [] }
      known.set(
        name,
        placesOf(unpack).map((place) => ({ ...place, unpack: [...place.unpack, packed] })),
      )
    }
  }
  return placesOf([wanted, ...rest])
}

function extended({ from, unpack }: Place, steps: readonly Step[]): Place {
  const last = unpack.at(-1)
  if (last === undefined) return { from: [...from, ...steps], unpack }
  return { from, unpack: [...unpack.slice(0, -1), { ...last, at: [...last.at, ...steps] }] }
}

import type { Registry } from '../model/connector.ts'
import { compareText } from '../text/compare-text.ts'
import type { Change } from './change.ts'
import { worstOf } from './change.ts'
import { compare } from './compare.ts'
import type { Bump } from './version-bump.ts'
import { bumpBetween, bumpFor } from './version-bump.ts'

/** The changes of one connector, and whether its version matches them. */
export interface Verdict {
  readonly connector: string
  readonly before: string | undefined
  readonly after: string | undefined
  readonly needed: Bump
  readonly made: Bump
  readonly changes: readonly Change[]
}

/** A verdict on each connector that changed; one whose version alone changed has no changes. */
export function verdictsOf(earlier: Registry, now: Registry): readonly Verdict[] {
  const changes = compare(earlier, now)
  const [before, after] = [versionsIn(earlier), versionsIn(now)]
  return [...new Set([...before.keys(), ...after.keys()])].sort(compareText).flatMap((connector) => {
    const own = changes.filter((change) => change.connector === connector)
    const [old, is] = [before.get(connector), after.get(connector)]
    if (own.length === 0 && old === is) return []
    const isKept = old !== undefined && is !== undefined
    const needed = isKept ? bumpFor(worstOf(own), old) : 'none'
    return [{ connector, before: old, after: is, needed, made: isKept ? bumpBetween(old, is) : 'none', changes: own }]
  })
}

function versionsIn({ connectors }: Registry): ReadonlyMap<string, string> {
  return new Map(connectors.map(({ code, version }) => [code, version]))
}

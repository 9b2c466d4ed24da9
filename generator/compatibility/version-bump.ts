import { diff, lt, major } from 'semver'
import type { Severity } from './change.ts'

/** By how much a version rises. */
export type Bump = 'major' | 'minor' | 'patch' | 'none'

const RANK: Readonly<Record<Bump, number>> = { none: 0, patch: 1, minor: 2, major: 3 }

/** What Semantic Versioning asks for; below 1.0.0 everything is one step less. */
export function bumpFor(severity: Severity | undefined, version: string): Bump {
  if (severity === undefined) return 'none'
  const isStable = major(version) > 0
  if (severity === 'breaking') return isStable ? 'major' : 'minor'
  return severity === 'minor' && isStable ? 'minor' : 'patch'
}

/** What was done; a version that fell, or is only a pre-release further, is none. */
export function bumpBetween(old: string, now: string): Bump {
  const step = diff(old, now)
  if (step === null || lt(now, old)) return 'none'
  return step === 'major' || step === 'minor' || step === 'patch' ? step : 'none'
}

export function isEnough(made: Bump, needed: Bump): boolean {
  return RANK[made] >= RANK[needed]
}

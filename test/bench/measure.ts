import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a whole process took, its threads included. */
export interface Usage {
  /** Seconds. */
  readonly wall: number
  readonly cpu: number
  /** Megabytes of the most memory it held. */
  readonly peak: number
}

const preload = join(import.meta.dirname, 'usage.cjs')

/** Runs Node with these arguments, once. */
export function measure(args: readonly string[], cwd = '.'): Usage {
  const folder = mkdtempSync(join(tmpdir(), 'hera-usage-'))
  try {
    const report = join(folder, 'usage.json')
    const environment = { PATH: process.env.PATH ?? '', HOME: folder, USAGE: report }
    const begun = performance.now()
    const result = spawnSync(process.execPath, ['-r', preload, ...args], { cwd, encoding: 'utf8', env: environment })
    const wall = (performance.now() - begun) / 1000
    if (result.status !== 0) throw new Error(`node ${args.join(' ')}: ${result.stderr}${result.stdout.slice(-2000)}`)
    return { wall, ...(JSON.parse(readFileSync(report, 'utf8')) as Pick<Usage, 'cpu' | 'peak'>) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The middle of several measurements, each figure by itself. */
export function median(usages: readonly Usage[]): Usage {
  const middle = (figure: (usage: Usage) => number) => {
    const sorted = usages.map(figure).sort((left, right) => left - right)
    return sorted[Math.floor(sorted.length / 2)] ?? 0
  }
  return { wall: middle(({ wall }) => wall), cpu: middle(({ cpu }) => cpu), peak: middle(({ peak }) => peak) }
}

/**
 * Measures two things in turn, so that both meet the same machine, and gives the middle of the ratios of their wall
 * times.
 */
export function paired(one: () => Usage, other: () => Usage, times: number) {
  const pairs = Array.from({ length: times }, () => [one(), other()] as const)
  const ratios = pairs.map(([left, right]) => left.wall / right.wall).sort((left, right) => left - right)
  return {
    one: median(pairs.map(([left]) => left)),
    other: median(pairs.map(([, right]) => right)),
    ratio: ratios[Math.floor(ratios.length / 2)] ?? 0,
  }
}

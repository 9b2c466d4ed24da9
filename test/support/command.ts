import type { SpawnSyncReturns } from 'node:child_process'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** The built command. */
export const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')

interface Surroundings {
  readonly cwd: string
  /** Besides PATH; the rest of the tests' own environment is kept away. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the built command as its user would. */
export function runCommand(args: readonly string[], { cwd, env = {} }: Surroundings): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [cli, ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...env },
  })
}

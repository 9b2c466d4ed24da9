import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fullSuite } from './support/full-suite.ts'
import { mayRun } from './support/servers.ts'

const root = join(import.meta.dirname, '..')

function run(script: string, ...args: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return { status, stdout }
}

const clean = { status: 0, stdout: '' }

test('the generator type-checks', () => {
  expect(run('typescript/bin/tsc', '-p', '.')).toEqual(clean)
})

describe.runIf(mayRun(fullSuite))(fullSuite.missing ?? 'with all packages', { timeout: 180_000 }, () => {
  test.each(['test', 'generator/site'])('%s type-checks', (folder) => {
    expect(run('typescript/bin/tsc', '-p', folder)).toEqual(clean)
  })

  test('no file, export or dependency is unused', () => {
    expect(run('knip/bin/knip.js')).toEqual(clean)
  })
})

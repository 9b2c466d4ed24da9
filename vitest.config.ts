import { configDefaults, defineConfig } from 'vitest/config'
import { fullSuite } from './test/support/full-suite.ts'

// CI runs all tests: one that lacks its packages fails there.
const skipped = fullSuite.missing === undefined || process.env.CI === 'true' ? [] : ['**/*.full.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...skipped],
    // Databases and compilers take their time on small machines.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most of the time a test waits for a database or a compiler of its own: one core too few would stand idle.
    maxWorkers: 2,
  },
})

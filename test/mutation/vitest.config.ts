import { defineConfig } from 'vitest/config'

/** The tests that a mutation of the kit or of the rules can fail, without those that start other programs. */
export default defineConfig({
  test: { include: ['test/kit/*.test.ts', 'test/check/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})

// `npm run mutation` changes the code in one place at a time, and counts the changes that fail no test. Name files with
// `npm run mutation -- --mutate generator/kit/verify.ts`; all of them take hours on two cores.
export default {
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: true },
  mutate: [
    'generator/kit/verify.ts',
    'generator/kit/delivery.ts',
    'generator/kit/mapping.ts',
    'generator/check/rules/*.ts',
  ],
  // The runner would rewrite the configuration by the compiler's API, which TypeScript 7 does not have.
  tsconfigFile: 'none.json',
  ignorePatterns: ['.hera', 'test/screenshots'],
  tempDirName: '.hera/mutation',
  // Snapshots compare messages; no test compares each of them.
  mutator: { excludedMutations: ['StringLiteral'] },
  ignoreStatic: true,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
}

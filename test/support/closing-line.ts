import type { Reporter, TestModule } from 'vitest/node'
import { fullSuite } from './full-suite.ts'

/** Ends a run with one plain line that any pipeline can read: `1234 passed, 0 failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    // A file that cannot even be loaded has no tests that could fail.
    const broken = modules.filter((module) => module.state() === 'failed' && module.children.size === 0).length
    const skipped = count('skipped')
    const line = `${count('passed')} passed, ${count('failed') + broken} failed`
    if (fullSuite.missing !== undefined && process.env.CI !== 'true')
      process.stdout.write(
        `\nskipped: *.full.test.ts and tests of further databases, compilers and browsers; ${fullSuite.missing}\n`,
      )
    process.stdout.write(`\n${line}${skipped === 0 ? '' : `, ${skipped} skipped`}\n`)
  }
}

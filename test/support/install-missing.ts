// Runs before `npm test`: installs the packages of the full test suite, unless all of them are installed.
import { execFileSync } from 'node:child_process'
import { fullSuite } from './full-suite.ts'

if (fullSuite.missing !== undefined) execFileSync('npm', ['run', 'install:full'], { stdio: 'inherit' })

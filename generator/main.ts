#!/usr/bin/env node
// Where the command begins. The two shortest answers are ready made: reading the command line takes longer than both.
import { help } from './compiled/help.js'
import { version } from './compiled/version.js'
import { isTerminal, write } from './terminal.ts'

const args = process.argv.slice(2)
const [first = ''] = args

if (args.length === 1 && ['-V', '--version'].includes(first)) {
  write('stdout', `${version}\n`)
} else if (args.length === 1 && ['-h', '--help'].includes(first) && !isTerminal('stdout')) {
  write('stdout', help)
} else {
  import('./cli.ts').then(({ run }) => run(args))
}

#!/usr/bin/env node
// Entry point. Help and version are compiled ahead: assembling the commands takes longer than writing either.
import { help } from './compiled/help.js'
import { version } from './compiled/package.js'
import { write } from './terminal.ts'

const args = process.argv.slice(2)
const others = args.filter((arg) => arg !== '-h' && arg !== '--help')
const helpText = others.length < args.length ? help[others.join(' ')] : undefined

if (args.length === 1 && ['-V', '--version'].includes(args[0] ?? '')) {
  write('stdout', `${version}\n`)
} else if (helpText !== undefined) {
  write('stdout', helpText)
} else {
  import('./cli.ts').then(({ run }) => run(args))
}

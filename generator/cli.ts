#!/usr/bin/env node
// argv → command → exit code. The only file that uses process and console streams.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import pc from 'picocolors'
import type { Outcome } from './commands/outcome.ts'
import type { DatabasePlace } from './commands/with-database.ts'
import { version } from './compiled/version.js'
import { Fault } from './diagnostics/fault.ts'

interface CommonOptions {
  readonly definitions: string
  readonly format: 'text' | 'json'
}

interface OutputFlags extends CommonOptions {
  readonly out: string
  readonly target: readonly string[]
}

interface DatabaseFlags extends CommonOptions {
  readonly databaseUrl?: string
  readonly embedded?: boolean
  readonly data: string
  readonly lockTimeout: number
  readonly only?: string
  readonly dryRun?: boolean
}

const startedAt = performance.now()

const program = new Command('hera-connectors')
  .description('One YAML file a connector: validated, and turned into SQL seeds, TypeScript types and the guide.')
  .version(version, '-V, --version', 'show the version')
  .helpOption('-h, --help', 'show help')
  .option('--debug', 'show where an error came from')
  .showSuggestionAfterError()
  .showHelpAfterError('(add --help for help)')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 fine, 1 findings or output that is not up to date, 2 wrong usage or a fault of the machine.',
  )

common(program.command('generate'))
  .description('validate, and write everything that is generated (the default)')
  .option('--out <folder>', 'output folder', 'generated')
  .option('--target <name...>', 'only these targets: sql, typescript, markdown, json', [])
  .action(async (options: OutputFlags) => {
    const { generate } = await import('./commands/generate.ts')
    finish(await generate({ ...options, targets: options.target }), options)
  })

common(program.command('check'))
  .description('compare the output folder with the definitions; write nothing')
  .option('--out <folder>', 'output folder', 'generated')
  .option('--target <name...>', 'only these targets: sql, typescript, markdown, json', [])
  .action(async (options: OutputFlags) => {
    const { checkOutput } = await import('./commands/check.ts')
    finish(await checkOutput({ ...options, targets: options.target }), options)
  })

common(program.command('validate'))
  .description('hold every definition against the format and the rules')
  .action(async (options: CommonOptions) => {
    const { validate } = await import('./commands/validate.ts')
    finish(await validate(options), options)
  })

common(program.command('list'))
  .description('show the connectors as the definitions have them')
  .action(async (options: CommonOptions) => {
    const { list } = await import('./commands/list.ts')
    finish(await list(options), options)
  })

database(program.command('seed'))
  .description('apply the generated SQL to a database and show its catalogue')
  .option('--only <code>', 'one connector alone')
  .option('--dry-run', 'do it all, roll it back, and show what would change')
  .action(async (options: DatabaseFlags) => {
    const { seed } = await import('./commands/seed.ts')
    const { only, dryRun = false } = options
    finish(await seed({ ...place(options), definitions: options.definitions, only, dryRun }), options)
  })

database(program.command('verify'))
  .description('compare a database with the definitions; change nothing')
  .action(async (options: DatabaseFlags) => {
    const { verify } = await import('./commands/verify.ts')
    finish(await verify({ ...place(options), definitions: options.definitions }), options)
  })

function common(command: Command): Command {
  return command
    .option('--definitions <folder>', 'folder of definitions', 'definitions')
    .addOption(new Option('--format <format>', 'how to report').choices(['text', 'json']).default('text'))
    .allowExcessArguments(false)
}

function database(command: Command): Command {
  return common(command)
    .addOption(new Option('--database-url <url>', 'a PostgreSQL server, postgres://…').env('DATABASE_URL'))
    .option('--embedded', 'the embedded database, even if the environment names a server')
    .option('--data <folder>', 'folder of the embedded database', '.hera/database')
    .option('--lock-timeout <seconds>', 'how long to wait for other sessions', seconds, 30)
    .addHelpText(
      'after',
      '\nThe server may also be named by DATABASE_URL or by PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE.',
    )
}

function seconds(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0 || value > 86_400)
    throw new InvalidArgumentError('It is a number of seconds, at most 86400.')
  return value
}

/** Which database is meant: what the command line says, then the environment, then the embedded one. */
function place({ databaseUrl, embedded = false, data, lockTimeout }: DatabaseFlags): DatabasePlace {
  const { PGHOST, PGDATABASE } = process.env
  const named = databaseUrl ?? (PGHOST !== undefined || PGDATABASE !== undefined ? 'postgres://' : undefined)
  return { databaseUrl: embedded ? undefined : named, data, lockTimeout, environment: process.env, onProgress }
}

/** Progress is for people who wait: nothing on a pipe. */
function onProgress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${message} …\n`)
}

function finish(outcome: Outcome, { format }: CommonOptions): void {
  const seconds = (performance.now() - startedAt) / 1000
  const text =
    format === 'json'
      ? JSON.stringify(outcome.json, null, 2)
      : `${outcome.text(pc.createColors(hasColors(process.stdout)))} (${seconds.toFixed(2)} s)`
  process.stdout.write(`${text}\n`)
  process.exitCode = outcome.exitCode
}

function hasColors(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb'
}

function report(error: unknown): void {
  process.exitCode = 2
  if (error instanceof CommanderError) {
    // Commander has said it already; asking for help or the version is no mistake.
    if (error.exitCode === 0) process.exitCode = 0
    return
  }
  const { bold, red, cyan } = pc.createColors(hasColors(process.stderr))
  const { message, help } = explain(error)
  process.stderr.write(`${bold('hera-connectors:')} ${red('error')} ${message}\n  ${cyan('help:')} ${help}\n`)
  if (program.opts().debug === true) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
}

function explain(error: unknown): { readonly message: string; readonly help: string } {
  if (error instanceof Fault) return error
  const { code, path, message = String(error) } = (error ?? {}) as NodeJS.ErrnoException
  const remedy = MACHINE_FAULTS[code ?? '']
  if (remedy !== undefined)
    return { message: `${remedy.what}${path === undefined ? '' : `: ${path}`}`, help: remedy.help }
  return { message, help: 'this is a bug in hera-connectors; run again with --debug and report what it shows' }
}

const MACHINE_FAULTS: Readonly<Record<string, { readonly what: string; readonly help: string }>> = {
  EACCES: { what: 'permission denied', help: 'change the rights of the file or folder, or name another one' },
  EPERM: { what: 'operation not permitted', help: 'change the rights of the file or folder, or name another one' },
  ENOSPC: { what: 'the disk is full', help: 'make room and run again; earlier output is intact' },
  EROFS: { what: 'the file system is read-only', help: 'name another folder with --out or --data' },
  EISDIR: { what: 'a folder stands where a file has to go', help: 'move the folder away' },
  ENOTDIR: { what: 'a file stands where a folder has to go', help: 'move the file away' },
  EMFILE: { what: 'too many open files', help: 'raise the limit (ulimit -n) and run again' },
}

// A reader that has seen enough, such as `head`, closes the pipe: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

await program.parseAsync(withCommand(process.argv.slice(2)), { from: 'user' }).catch(report)

/** Without a command `generate` is meant; a word that is none must be named as such, not as an argument of that. */
function withCommand(args: readonly string[]): readonly string[] {
  const names = program.commands.map((command) => command.name())
  const asksSomethingElse = args.some((arg) => ['-h', '--help', '-V', '--version'].includes(arg))
  const isNamed = args[0]?.startsWith('-') === false || args.some((arg) => names.includes(arg))
  return asksSomethingElse || isNamed ? args : ['generate', ...args]
}

// argv → command → exit code.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { RunOptions } from './commands/assemble.ts'
import type { Ready } from './commands/dev.ts'
import type { Given } from './commands/new.ts'
import type { Outcome } from './commands/outcome.ts'
import type { Watch } from './commands/watch.ts'
import type { DatabasePlace } from './commands/with-database.ts'
import type { Severity } from './compatibility/change.ts'
import { version } from './compiled/version.js'
import type { Fault } from './diagnostics/fault.ts'
import type { Colors } from './diagnostics/render-text.ts'
import { endpoints } from './kit/endpoints.ts'
import type { Bar } from './progress.ts'
import type { Change } from './sandbox/simulation.ts'
import { colorsOn, isTerminal, noColors, write } from './terminal.ts'
import { isUuid } from './text/uuid.ts'

interface CommonOptions {
  readonly definitions: string
  readonly format: 'text' | 'json' | 'github' | 'sarif' | 'markdown'
}

interface NewFlags extends CommonOptions {
  readonly name?: string
  readonly vendor?: string
  readonly category?: string
  readonly namespace?: string
  readonly auth?: 'api_key' | 'oauth2' | 'webhook'
  readonly documentation?: string
  readonly events?: readonly string[]
  readonly from?: readonly string[]
  readonly endpoints?: readonly string[]
  readonly yes?: boolean
}

interface DiffFlags extends CommonOptions {
  readonly folder?: string
  readonly failOn: readonly (Severity | 'bump')[]
}

interface CacheFlags {
  readonly cache?: boolean
}

interface OutputFlags extends CommonOptions, CacheFlags {
  readonly out: string
  readonly target: readonly string[]
}

interface GenerateFlags extends OutputFlags {
  readonly watch?: boolean
}

interface DatabaseFlags extends CommonOptions {
  readonly databaseUrl?: string
  readonly embedded?: boolean
  readonly data: string
  readonly lockTimeout: number
  readonly only?: string
  readonly dryRun?: boolean
}

interface DevFlags extends DatabaseFlags {
  readonly host: string
  readonly port: number
  readonly organization: readonly string[]
  readonly publicUrl?: string
  readonly allowHost: readonly string[]
  readonly allowOrigin: readonly string[]
  readonly jwks?: string
  readonly issuer?: string
  readonly rateLimits: boolean
  readonly watch: boolean
}

interface SimulateFlags extends CommonOptions {
  readonly all?: boolean
  readonly list?: boolean
  readonly sample?: string
  readonly url?: string
  readonly secret: readonly Change[]
  readonly set: readonly Change[]
  readonly times: number
  readonly duplicates: number
  readonly outOfOrder?: boolean
  readonly badSignature?: boolean
  readonly age: number
  readonly concurrency: number
  readonly runtime: string
  readonly organization: string
  readonly data: string
}

/** Of the local runtime where none is named; the same on every machine, so that examples work. */
const LOCAL_ORGANIZATION = '7b0c1c5e-0000-4000-8000-000000000001'

/** Seconds, by a clock that needs nothing to be loaded. */
let startedAt = process.uptime()

function elapsed(): number {
  return process.uptime() - startedAt
}

const program = new Command('hera-connectors')
  .description('One YAML file a connector: validated, and turned into SQL seeds, TypeScript types and the guide.')
  .version(version, '-V, --version', 'show the version')
  .helpOption('-h, --help', 'show help')
  .option('--debug', 'show where an error came from')
  .showSuggestionAfterError()
  .showHelpAfterError('(add --help for help)')
  .exitOverride()
  .configureOutput({ writeOut: (text) => write('stdout', text), writeErr: (text) => write('stderr', text) })
  .addHelpText(
    'after',
    '\nExit codes: 0 fine, 1 findings or output that is not up to date, 2 wrong usage or a fault of the machine.',
  )

common(program.command('new'))
  .description('write a definition that validates, to be filled in; asks for what is not given')
  .argument('[code]', 'code of the connector, such as my-vendor-crm')
  .option('--name <name>', 'name that people see')
  .option('--vendor <vendor>', 'who makes it')
  .option('--category <category>', 'shelf in the catalogue, such as crm')
  .option('--namespace <namespace>', 'second segment of its smart codes, such as MYVENDOR')
  .addOption(new Option('--auth <type>', 'how installers authenticate').choices(['api_key', 'oauth2', 'webhook']))
  .option('--documentation <url>', "address of the vendor's documentation")
  .option(
    '--events <name...>',
    'names of events, such as order_paid; with --from, which of its events, * for any letters',
  )
  .option('--from <file...>', 'what the vendor publishes: OpenAPI, AsyncAPI, a JSON Schema, or sample payloads')
  .option('--endpoints <name...>', 'which endpoints of --from, * for any letters')
  .option('--yes', 'ask nothing, and take the usual answers')
  .action(async (code: string | undefined, options: NewFlags) => {
    const { newDefinition } = await import('./commands/new.ts')
    const { name, vendor, category, namespace, auth, documentation, events, endpoints, from, yes = false } = options
    const answers = { code, name, vendor, category, namespace, auth, documentation, events, endpoints }
    const given: Given = Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== undefined))
    const isAsked = !yes && isTerminal('stdout') && process.stdin.isTTY === true
    const ask = isAsked ? { ask: (await import('./commands/new-prompts.ts')).askOnTerminal } : {}
    const today = new Date().toISOString().slice(0, 10)
    const origin = from === undefined ? {} : { from }
    await finish(await newDefinition({ definitions: options.definitions, given, today, ...origin, ...ask }), options)
  })

cached(common(program.command('generate'), ['text', 'json', 'github', 'sarif']))
  .description('validate, and write everything that is generated (the default)')
  .option('--out <folder>', 'output folder', folder, 'generated')
  .option('--target <name...>', 'only these targets: sql, typescript, markdown, json', [])
  .option('--watch', 'do it again whenever a definition is saved')
  .action(async (options: GenerateFlags) => {
    const { generate, watchAndGenerate } = await import('./commands/generate.ts')
    const { watch, ...rest } = options
    const wanted = { ...rest, ...means(options, true), targets: options.target }
    if (watch !== true) return finish(await generate(wanted), options)
    await showEachRun((until) => watchAndGenerate({ ...wanted, ...until }), options)
  })

cached(common(program.command('check'), ['text', 'json', 'github', 'sarif']))
  .description('compare the output folder with the definitions; write nothing')
  .option('--out <folder>', 'output folder', folder, 'generated')
  .option('--target <name...>', 'only these targets: sql, typescript, markdown, json', [])
  .action(async (options: OutputFlags) => {
    const { checkOutput } = await import('./commands/check.ts')
    await finish(await checkOutput({ ...options, ...means(options, !isPipeline()), targets: options.target }), options)
  })

cached(common(program.command('validate'), ['text', 'json', 'github', 'sarif']))
  .description('hold every definition against the format and the rules')
  .addOption(new Option('--watch', 'do it again whenever a definition is saved').conflicts('fix'))
  .option('--fix', 'mend what has one right answer, such as quotes, the order of fields or a misspelled field')
  .action(async (options: CommonOptions & CacheFlags & { readonly watch?: boolean; readonly fix?: boolean }) => {
    const { validate, watchAndValidate, validateAndFix } = await import('./commands/validate.ts')
    if (options.fix === true) return finish(await validateAndFix(options), options)
    if (options.watch !== true) return finish(await validate({ ...options, ...means(options, !isPipeline()) }), options)
    await showEachRun((watch) => watchAndValidate({ ...options, ...means(options, true), ...watch }), options)
  })

program
  .command('explain')
  .description('say why a finding exists, with a bad and a good example; without a code, list them all')
  .argument('[code]', 'what stands in brackets behind a finding, such as event/pointer-unresolved')
  .addOption(new Option('--format <format>', 'how to report').choices(['text', 'json']).default('text'))
  .allowExcessArguments(false)
  .action(async (code: string | undefined, options: Pick<CommonOptions, 'format'>) => {
    const { explain } = await import('./commands/explain.ts')
    await finish(explain(code), options)
  })

common(program.command('diff'), ['text', 'json', 'markdown'])
  .description('compare the definitions with earlier ones: what changed, whom it concerns, which version follows')
  .argument('[ref]', 'commit, branch or tag to compare with', 'HEAD')
  .option('--folder <folder>', 'a folder of definitions to compare with, instead of a ref')
  .addOption(
    new Option('--fail-on <what...>', 'exit with 1 where there is such a change, or a version has not risen enough')
      .choices(['breaking', 'minor', 'patch', 'bump'])
      .default([]),
  )
  .action(async (ref: string, options: DiffFlags) => {
    const { diff } = await import('./commands/diff.ts')
    const { definitions, folder, failOn } = options
    await finish(await diff({ definitions, ref, folder, failOn }), options)
  })

common(program.command('list'))
  .description('show the connectors as the definitions have them')
  .action(async (options: CommonOptions) => {
    const { list } = await import('./commands/list.ts')
    await finish(await list(options), options)
  })

database(program.command('seed'))
  .description('apply the generated SQL to a database and show its catalogue')
  .option('--only <code>', 'one connector alone')
  .option('--dry-run', 'do it all, roll it back, and show what would change')
  .action(async (options: DatabaseFlags) => {
    const { seed } = await import('./commands/seed.ts')
    const { only, dryRun = false } = options
    await finish(await seed({ ...place(options), definitions: options.definitions, only, dryRun }), options)
  })

database(program.command('verify'))
  .description('compare a database with the definitions; change nothing')
  .action(async (options: DatabaseFlags) => {
    const { verify } = await import('./commands/verify.ts')
    await finish(await verify({ ...place(options), definitions: options.definitions }), options)
  })

database(program.command('dev'))
  .description("run HERA's integration runtime on this machine: endpoints, webhooks and a small hub")
  .option('--host <address>', 'where to listen', '127.0.0.1')
  .option('--port <number>', 'on which port; 0 for any', portNumber, 4600)
  .option('--organization <uuid...>', 'organizations of the local token', organization, [])
  .option('--public-url <url>', 'where vendors reach the server, such as the address of a tunnel', webAddress)
  .option('--allow-host <name...>', 'further names by which the server may be called', [])
  .option('--allow-origin <origin...>', 'origins of web pages that may call the endpoints', [])
  .option('--jwks <url>', 'key set by which real tokens are verified')
  .option('--issuer <issuer>', 'who must have issued real tokens')
  .option('--no-rate-limits', "do not hold callers to the vendors' rate limits")
  .option('--no-watch', 'do not seed anew when a definition changes')
  .action(async (options: DevFlags) => {
    const { dev } = await import('./commands/dev.ts')
    const {
      organization: given,
      host,
      port,
      allowHost,
      allowOrigin,
      publicUrl,
      jwks,
      issuer,
      rateLimits,
      watch,
    } = options
    const [colors, changeColors] = [await colorsOn('stdout'), await colorsOn('stderr')]
    const outcome = await dev({
      ...place(options),
      definitions: options.definitions,
      ...{ host, port, allowHost, allowOrigin, publicUrl, jwks, issuer, rateLimits, watch },
      organizations: given.length === 0 ? [LOCAL_ORGANIZATION] : given,
      signal: stopSignal(),
      onReady: (ready) =>
        write('stdout', options.format === 'json' ? `${JSON.stringify(ready)}\n` : welcome(ready, colors)),
      onChange: (change) => write('stderr', `${change.text(changeColors)}\n`),
      onFault: (error, rid) => {
        write('stderr', `request ${rid} failed: ${error instanceof Error ? error.message : String(error)}\n`)
        if (program.opts().debug === true && error instanceof Error) write('stderr', `${error.stack}\n`)
      },
    })
    await finish(outcome, options)
  })

common(program.command('simulate'))
  .description('send signed sample deliveries, as the vendor would, and show what came back')
  .argument('<connector>', 'code of the connector')
  .argument('[event]', 'name of an event; its sample is sent')
  .option('--list', 'show the samples, and send nothing')
  .option('--sample <name>', 'a sample by a part of its name, or by its number')
  .option('--all', 'every sample of the connector')
  .option('--url <url>', 'where to send, instead of the local runtime', webAddress)
  .option('--secret <field=value...>', 'secrets for --url; the local runtime has its own', assignment, [])
  .option('--set <place=value...>', 'change the body: a JSON Pointer or a form field, and its value', assignment, [])
  .option('--times <number>', 'how many deliveries, each about another thing', amount, 1)
  .option('--duplicates <number>', 'how often each is sent again', count, 0)
  .option('--out-of-order', 'the last one first')
  .option('--bad-signature', 'with signatures that are wrong')
  .option('--age <seconds>', 'signed so many seconds ago, as a recorded delivery is', count, 0)
  .option('--concurrency <number>', 'how many at once', amount, 1)
  .option('--runtime <url>', 'where the local runtime is', webAddress, 'http://127.0.0.1:4600')
  .option('--organization <uuid>', 'organization of the local runtime', LOCAL_ORGANIZATION)
  .option('--data <folder>', 'folder of the embedded database, beside which the token is', '.hera/database')
  .action(async (connector: string, event: string | undefined, options: SimulateFlags) => {
    const { simulate } = await import('./commands/simulate.ts')
    const {
      all = false,
      list = false,
      outOfOrder = false,
      badSignature = false,
      sample,
      url,
      secret,
      ...rest
    } = options
    const secrets = Object.fromEntries(secret.map(({ place, value }) => [place, value]))
    const choice = { connector, event, sample, url, secrets, all, list, outOfOrder, badSignature }
    await finish(await simulate({ ...rest, ...choice }), options)
  })

function common(command: Command, formats: readonly string[] = ['text', 'json']): Command {
  return command
    .option('--definitions <folder>', 'folder of definitions', folder, 'definitions')
    .addOption(new Option('--format <format>', 'how to report').choices(formats).default('text'))
    .allowExcessArguments(false)
}

/** Shows each outcome of a run that is repeated until it is stopped. */
async function showEachRun(run: (watch: Watch) => Promise<Outcome>, options: CommonOptions): Promise<void> {
  let shown: Promise<void> = Promise.resolve()
  const last = await run({
    signal: stopSignal(),
    onRun: () => {
      startedAt = process.uptime()
    },
    onOutcome: (outcome) => {
      // Before the next run may begin.
      const seconds = elapsed()
      shown = shown.then(() => finish(outcome, options, seconds))
    },
    onFault: report,
  })
  await shown
  process.exitCode = last.exitCode
}

function cached(command: Command): Command {
  return command
    .option('--cache', 'trust what earlier runs remember, also where CI is set')
    .option('--no-cache', 'look at everything again, and remember nothing')
}

/** Where runs remember what they found out. */
const CACHE = '.hera/cache'

/** How a run goes about it. In a pipeline a check is the gate: it looks at everything itself, unless told otherwise. */
function means({ cache }: CacheFlags, trusts: boolean): RunOptions {
  return {
    ...((cache ?? trusts) ? { cacheFolder: CACHE } : {}),
    ...(isTerminal('stderr') ? { onProgress } : {}),
  }
}

/** Seconds after which people want to know how far it is. */
const PATIENCE = 1

let bar: Promise<Bar> | undefined

/** How far a run is, for people who wait: nothing on a pipe. */
function onProgress(done: number, all: number): void {
  if (bar === undefined && elapsed() < PATIENCE) return
  bar ??= import('./progress.ts').then(({ startBar }) => startBar(process.stderr))
  bar.then(({ show }) => show(done, all))
}

async function endProgress(): Promise<void> {
  const shown = await bar
  shown?.stop()
  bar = undefined
}

function isPipeline(): boolean {
  return !['', '0', 'false'].includes(process.env.CI ?? '')
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

function folder(text: string): string {
  if (text === '') throw new InvalidArgumentError('It names a folder; a dot is the one that you are in.')
  return text
}

function seconds(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0 || value > 86_400)
    throw new InvalidArgumentError('It is a number of seconds, at most 86400.')
  return value
}

function portNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It is a number from 0 to 65535.')
  return value
}

function organization(text: string, before: readonly string[]): readonly string[] {
  if (!isUuid(text)) throw new InvalidArgumentError('It is a UUID.')
  return [...before, text.toLowerCase()]
}

function assignment(text: string, before: readonly Change[]): readonly Change[] {
  const [, place, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (place === undefined || value === undefined) throw new InvalidArgumentError('It is written as name=value.')
  return [...before, { place, value }]
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 1_000_000)
    throw new InvalidArgumentError('It is a whole number.')
  return value
}

function amount(text: string): number {
  const value = count(text)
  if (value === 0) throw new InvalidArgumentError('It is 1 or more.')
  return value
}

function webAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('It is an address such as https://example.com.')
  return text.replace(/\/+$/, '')
}

function welcome({ url, token, organizations, webhooks }: Ready, { bold, cyan }: Colors): string {
  const seconds = elapsed().toFixed(2)
  const lines = [
    `${bold('HERA local runtime')}, ready in ${seconds} s. Stop it with Ctrl+C.`,
    `  hub            ${cyan(`${url}/?token=${token}`)}`,
    `  endpoints      ${url}${endpoints.connectors}, …/events, …/logs`,
    `  bearer token   ${token}`,
    ...organizations.map((id) => `  organization   ${id}`),
    `  webhooks       ${webhooks}`,
    `  description    ${url}/openapi.json`,
  ]
  return `${lines.join('\n')}\n`
}

/** Told when the user has had enough. The second time the signal does what it does without us. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop.signal
}

/** Which database is meant: what the command line says, then the environment, then the embedded one. */
function place({ databaseUrl, embedded = false, data, lockTimeout }: DatabaseFlags): DatabasePlace {
  const { PGHOST, PGDATABASE } = process.env
  const named = databaseUrl ?? (PGHOST !== undefined || PGDATABASE !== undefined ? 'postgres://' : undefined)
  return { databaseUrl: embedded ? undefined : named, data, lockTimeout, environment: process.env, onProgress: onStep }
}

/** Progress is for people who wait: nothing on a pipe. */
function onStep(message: string): void {
  if (isTerminal('stderr')) write('stderr', `${message} …\n`)
}

async function finish(outcome: Outcome, { format }: Pick<CommonOptions, 'format'>, seconds = elapsed()): Promise<void> {
  await endProgress()
  write('stdout', `${await inFormat(outcome, format, seconds)}\n`)
  process.exitCode = outcome.exitCode
}

async function inFormat(
  { text, json, markdown, findings = [] }: Outcome,
  format: CommonOptions['format'],
  seconds: number,
): Promise<string> {
  switch (format) {
    case 'json':
      return JSON.stringify(json, null, 2)
    case 'github': {
      const { renderGithub } = await import('./diagnostics/render-github.ts')
      const plain = text(noColors)
      // The annotations say it all; without one, what was done is still worth a line in the log.
      return findings.length === 0 ? plain : renderGithub(findings)
    }
    case 'sarif': {
      const [{ renderSarif }, { summaryOf }] = await Promise.all([
        import('./diagnostics/render-sarif.ts'),
        import('./check/rules/rules.ts'),
      ])
      return renderSarif(findings, { version, summaryOf })
    }
    case 'markdown':
      return markdown?.() ?? text(noColors)
    case 'text':
      return `${text(await colorsOn('stdout'))} (${seconds.toFixed(2)} s)`
    default:
      return format satisfies never
  }
}

async function report(error: unknown): Promise<void> {
  process.exitCode = 2
  await endProgress()
  if (error instanceof CommanderError) {
    // Commander has said it already; asking for help or the version is no mistake.
    if (error.exitCode === 0) process.exitCode = 0
    return
  }
  const { bold, red, cyan } = await colorsOn('stderr')
  const { message, help } = explain(error)
  write('stderr', `${bold('hera-connectors:')} ${red('error')} ${message}\n  ${cyan('help:')} ${help}\n`)
  if (program.opts().debug === true) write('stderr', `${error instanceof Error ? error.stack : String(error)}\n`)
}

/** By its name: what is loaded later has a class of its own. */
function isFault(error: unknown): error is Fault {
  return error instanceof Error && error.name === 'Fault'
}

function explain(error: unknown): { readonly message: string; readonly help: string } {
  if (isFault(error)) return error
  const { code, path, syscall, message = String(error) } = (error ?? {}) as NodeJS.ErrnoException
  if (syscall === 'uv_cwd')
    return {
      message: 'the folder in which the command runs is gone',
      help: 'go to a folder that is there, and run again',
    }
  if (code === 'ENOENT' && syscall === 'mkdir')
    return {
      message: `no folder can be made there: ${path}`,
      help: 'look for a link that leads nowhere, and remove it',
    }
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
  ELOOP: { what: 'a link leads in a circle', help: 'remove the link' },
  EMFILE: { what: 'too many open files', help: 'raise the limit (ulimit -n) and run again' },
}

/** Does what the arguments ask for. */
export async function run(args: readonly string[]): Promise<void> {
  await program.parseAsync(withCommand(args), { from: 'user' }).catch(report)
}

/** What `--help` shows where nobody knows how wide the window is. */
export function helpText(): string {
  let text = ''
  program.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => 80,
  })
  program.outputHelp()
  return text
}

/** Without a command `generate` is meant; a word that is none must be named as such, not as an argument of that. */
function withCommand(args: readonly string[]): readonly string[] {
  const names = program.commands.map((command) => command.name())
  const asksSomethingElse = args.some((arg) => ['-h', '--help', '-V', '--version'].includes(arg))
  const isNamed = args[0]?.startsWith('-') === false || args.some((arg) => names.includes(arg))
  return asksSomethingElse || isNamed ? args : ['generate', ...args]
}

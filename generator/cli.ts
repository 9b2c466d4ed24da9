// argv → command → exit code.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Command as Definition, Format, Parameter } from './commands/command.ts'
import { version } from './compiled/package.js'
import { Session } from './session.ts'
import { write } from './terminal.ts'

/** Every command, in the order of the help. Each is loaded when it is used. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, () => Promise<{ readonly command: Definition }>>>>> = {
  'Author:': {
    new: () => import('./commands/new.ts'),
    validate: () => import('./commands/validate.ts'),
    explain: () => import('./commands/explain.ts'),
    diff: () => import('./commands/diff.ts'),
    mcp: () => import('./commands/mcp.ts'),
  },
  'Pipeline:': {
    generate: () => import('./commands/generate.ts'),
    check: () => import('./commands/check.ts'),
    list: () => import('./commands/list.ts'),
    freshness: () => import('./commands/freshness.ts'),
  },
  'Database:': {
    seed: () => import('./commands/seed.ts'),
    verify: () => import('./commands/verify.ts'),
  },
  'Local runtime:': {
    dev: () => import('./commands/dev.ts'),
    simulate: () => import('./commands/simulate.ts'),
  },
}

const NAMES = Object.values(GROUPS).flatMap((commands) => Object.keys(commands))

/** Runs the command that the arguments name, and sets the exit code. */
export async function run(given: readonly string[]): Promise<void> {
  const args = withCommand(given)
  const [first = ''] = args
  const isKnown = first.startsWith('-') || NAMES.includes(first)
  const program = await assembleProgram(isKnown ? args.filter((arg) => NAMES.includes(arg)) : [])
  await program.parseAsync(args, { from: 'user' }).catch(async (error: unknown) => {
    // Commander has written its message already; help and version are not errors.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else await new Session({ format: 'text', isDebugging: program.opts().debug === true }).fail(error)
  })
}

/** The help of the program, under an empty name, and of every command. */
export async function helpTexts(): Promise<Readonly<Record<string, string>>> {
  const program = await assembleProgram([])
  const texts: Record<string, string> = {}
  for (const command of [program, ...program.commands]) {
    let text = ''
    command.configureOutput({
      writeOut: (part) => {
        text += part
      },
      getOutHelpWidth: () => 80,
    })
    command.outputHelp()
    texts[command === program ? '' : command.name()] = text
  }
  return texts
}

/** Without a command, `generate` runs. An unknown command must be reported as such, not as an argument of `generate`. */
function withCommand(args: readonly string[]): readonly string[] {
  const asksForHelp = args.some((arg) => ['-h', '--help', '-V', '--version'].includes(arg))
  const isNamed = args[0]?.startsWith('-') === false || args.some((arg) => NAMES.includes(arg))
  return asksForHelp || isNamed ? args : ['generate', ...args]
}

/** The program with the named commands; with all of them where no command is named, for help and suggestions. */
async function assembleProgram(names: readonly string[]): Promise<Command> {
  const program = new Command('hera-connectors')
    .description(
      'Validates connector definitions, one YAML file per connector, and generates SQL, TypeScript and docs.',
    )
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .option('--debug', 'show stack traces')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for help)')
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}`.replace(' [options]', '') })
    .exitOverride()
    .configureOutput({ writeOut: (text) => write('stdout', text), writeErr: (text) => write('stderr', text) })
    .addHelpText(
      'after',
      '\nExit codes: 0 success, 1 findings or output that is not up to date, 2 wrong usage or an environment error.',
    )
  for (const [group, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(group)
    for (const [name, load] of Object.entries(commands)) {
      if (names.length === 0 || names.includes(name)) addCommand(program, name, (await load()).command)
    }
  }
  return program.commandsGroup('Help:').helpCommand('help [command]', 'show the help of a command')
}

function addCommand(program: Command, name: string, definition: Definition): void {
  const { description, examples, notes, formats = [], parameters } = definition
  const command = program.command(name).description(description).allowExcessArguments(false)
  const declared = Object.entries(parameters)
  for (const [, parameter] of declared) addParameter(command, parameter)
  command.addOption(
    new Option('--format <format>', 'output format').choices(['text', 'json', ...formats]).default('text'),
  )
  command.addHelpText(
    'after',
    ['', 'Examples:', ...examples.map((line) => `  $ npx --no hera-connectors ${line}`)].join('\n'),
  )
  if (notes !== undefined) command.addHelpText('after', `\n${notes}`)
  command.action(async () => {
    const options = command.opts()
    const session = new Session({ format: options.format as Format, isDebugging: program.opts().debug === true })
    const args = [...command.processedArgs]
    const values: Record<string, unknown> = {}
    for (const [key, parameter] of declared)
      values[key] = (isArgument(parameter) ? args.shift() : options[optionName(parameter)]) ?? parameter.default
    try {
      const result = await definition.run(values, session.context())
      if (typeof result === 'number') process.exitCode = result
      else await session.show(result)
    } catch (error) {
      await session.fail(error)
    }
  })
}

function addParameter(command: Command, parameter: Parameter<unknown>): void {
  const { flags, description, default: preset, choices, environment, conflicts, negation, parse } = parameter
  // An empty list or an unset flag is not worth a line of help.
  const isShown = typeof preset === 'string' || typeof preset === 'number'
  if (isArgument(parameter)) {
    command.argument(flags, description, isShown ? preset : undefined)
    return
  }
  const option = new Option(flags, description)
  if (parse !== undefined) option.argParser((text, previous) => parsed(() => parse(text, previous)))
  if (choices !== undefined) option.choices(choices)
  if (isShown) option.default(preset)
  if (environment !== undefined) option.env(environment)
  if (conflicts !== undefined) option.conflicts(conflicts)
  command.addOption(option)
  if (negation !== undefined) command.option(negation.flags, negation.description)
}

function isArgument({ flags }: Parameter<unknown>): boolean {
  return !flags.startsWith('-')
}

/** Under which Commander keeps the value of an option. */
function optionName({ flags }: Parameter<unknown>): string {
  return new Option(flags).attributeName()
}

function parsed(parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}

import type { Writable } from 'node:stream'
import type { Colors } from '../diagnostics/render-text.ts'
import type { Outcome } from './outcome.ts'
import type { Watch } from './watch.ts'

interface Details<Value> {
  readonly default?: Value
  readonly choices?: readonly string[]
  /** Environment variable that provides the value. */
  readonly environment?: string
  /** Name of an option that excludes this one. */
  readonly conflicts?: string
  /** The option that sets a flag to false. */
  readonly negation?: { readonly flags: string; readonly description: string }
  /** Throws if the text is not a value; repeated options receive the value so far. */
  parse?(text: string, previous: Value | undefined): Value
}

/** An option or an argument, declared once: help, parsing and the type of the value follow from it. */
export interface Parameter<Value> extends Details<Value> {
  /** `--port <number>` for an option, `<connector>` or `[event]` for an argument. */
  readonly flags: string
  readonly description: string
}

/** Parameters by the name of their value; arguments in the order of the command line. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>

/** The values that a command receives for its parameters. */
export type Values<Declared extends Parameters> = {
  readonly [Name in keyof Declared]: Declared[Name] extends Parameter<infer Value> ? Value : never
}

/** A parameter with a default always has a value. */
export function parameter<Value>(
  flags: string,
  description: string,
  details: Details<Value> & { readonly default: Value },
): Parameter<Value>
export function parameter(
  flags: string,
  description: string,
  details?: { readonly environment: string },
): Parameter<string | undefined>
export function parameter<Value>(
  flags: string,
  description: string,
  details?: Details<Value | undefined>,
): Parameter<Value | undefined>
export function parameter(flags: string, description: string, details: Details<unknown> = {}): Parameter<unknown> {
  return { flags, description, ...details }
}

export function requiredArgument(flags: string, description: string): Parameter<string> {
  return { flags, description }
}

export function flag(flags: string, description: string, details: Details<boolean> = {}): Parameter<boolean> {
  return { flags, description, default: false, ...details }
}

export type Format = 'text' | 'json' | 'github' | 'sarif' | 'markdown'

/** What a command needs from the process that runs it. */
export interface Context {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether a person can answer prompts. */
  readonly isInteractive: boolean
  /** Whether to show stack traces. */
  readonly isDebugging: boolean
  /** Missing where nobody watches. */
  readonly onProgress?: (done: number, all: number) => void
  /** Reports the step that a long command has reached. */
  readonly onStep: (message: string) => void
  /** Aborted when the user stops the command. */
  readonly stopSignal: () => AbortSignal
  /** Runs a command repeatedly and shows each outcome; returns the exit code of the last one. */
  readonly showEachRun: (run: (watch: Watch) => Promise<Outcome>) => Promise<Outcome['exitCode']>
  /** Shows a message on stdout before the command ends, as one line of JSON or as text. */
  readonly announce: (message: Announcement) => Promise<void>
  /** Stdout as a stream, for commands that speak a protocol. */
  readonly output: () => Writable
  /** Writes a line to stderr. */
  readonly log: (text: (colors: Colors) => string) => Promise<void>
}

export interface Announcement {
  readonly json: object
  readonly text: (colors: Colors, seconds: number) => string
}

interface Declaration<Declared extends Parameters> {
  readonly description: string
  /** Command lines without the name of the program. */
  readonly examples: readonly [string, ...string[]]
  /** Further help, after the examples. */
  readonly notes?: string
  /** Output formats besides text and JSON. */
  readonly formats?: readonly Format[]
  readonly parameters: Declared
  /** Returns the outcome to show, or the exit code if every outcome is shown already. */
  run(values: Values<Declared>, context: Context): Promise<Outcome | Outcome['exitCode']>
}

/** A command without its own types, as `cli.ts` assembles it. */
export type Command = Declaration<Parameters>

/** Infers the types of the values from the parameters. */
export function defineCommand<Declared extends Parameters>(declaration: Declaration<Declared>): Command {
  return declaration
}

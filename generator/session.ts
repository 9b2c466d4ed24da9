// One run of a command in this process: its clock, streams, signals and progress.
import type { Context, Format } from './commands/command.ts'
import type { Outcome } from './commands/outcome.ts'
import type { Watch } from './commands/watch.ts'
import { errorMessage } from './error-message.ts'
import type { Bar } from './progress.ts'
import { renderOutcome } from './render-outcome.ts'
import { colorsOn, isTerminal, streamOf, write } from './terminal.ts'

/** Seconds before the progress bar appears. */
const PROGRESS_DELAY = 1

/** Seconds, by a clock that needs no import. What a command loads counts as part of its run. */
const LOADED_AT = process.uptime()

export class Session {
  readonly #format: Format
  readonly #isDebugging: boolean
  #bar: Promise<Bar> | undefined
  #startedAt = LOADED_AT

  constructor({ format, isDebugging }: { readonly format: Format; readonly isDebugging: boolean }) {
    this.#format = format
    this.#isDebugging = isDebugging
  }

  context(): Context {
    const isWatched = isTerminal('stderr')
    return {
      environment: process.env,
      isInteractive: isTerminal('stdout') && process.stdin.isTTY === true,
      isDebugging: this.#isDebugging,
      ...(isWatched ? { onProgress: (done: number, all: number) => this.#showProgress(done, all) } : {}),
      onStep: (message) => {
        if (isWatched) write('stderr', `${message} …\n`)
      },
      stopSignal,
      showEachRun: (run) => this.#showEachRun(run),
      announce: async ({ json, text }) => {
        const seconds = this.#seconds()
        const isJson = this.#format === 'json'
        write('stdout', `${isJson ? JSON.stringify(json) : text(await colorsOn('stdout'), seconds)}\n`)
      },
      output: () => streamOf('stdout'),
      log: async (text) => write('stderr', `${text(await colorsOn('stderr'))}\n`),
    }
  }

  async show(outcome: Outcome, seconds = this.#seconds()): Promise<void> {
    await this.#endProgress()
    write('stdout', `${await renderOutcome(outcome, { format: this.#format, seconds })}\n`)
    process.exitCode = outcome.exitCode
  }

  async fail(error: unknown): Promise<void> {
    process.exitCode = 2
    await this.#endProgress()
    const { bold, red, cyan } = await colorsOn('stderr')
    const { message, help } = errorMessage(error)
    write('stderr', `${bold('hera-connectors:')} ${red('error')} ${message}\n  ${cyan('help:')} ${help}\n`)
    if (this.#isDebugging) write('stderr', `${error instanceof Error ? error.stack : String(error)}\n`)
  }

  async #showEachRun(run: (watch: Watch) => Promise<Outcome>): Promise<Outcome['exitCode']> {
    let shown: Promise<void> = Promise.resolve()
    const last = await run({
      signal: stopSignal(),
      onRun: () => {
        this.#startedAt = process.uptime()
      },
      onOutcome: (outcome) => {
        // Read the clock before the next run resets it.
        const seconds = this.#seconds()
        shown = shown.then(() => this.show(outcome, seconds))
      },
      onError: (error) => this.fail(error),
    })
    await shown
    return last.exitCode
  }

  #seconds(): number {
    return process.uptime() - this.#startedAt
  }

  #showProgress(done: number, all: number): void {
    if (this.#bar === undefined && this.#seconds() < PROGRESS_DELAY) return
    this.#bar ??= import('./progress.ts').then(({ startBar }) => startBar(process.stderr))
    this.#bar.then(({ show }) => show(done, all))
  }

  async #endProgress(): Promise<void> {
    const bar = await this.#bar
    bar?.stop()
    this.#bar = undefined
  }
}

/** Aborted by Ctrl+C or SIGTERM. A second signal ends the process as usual. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop.signal
}

import { watch } from 'chokidar'
import type { Outcome } from './outcome.ts'

export interface Watch {
  /** Stops watching. */
  readonly signal: AbortSignal
  /** Called before each run. */
  readonly onRun: () => void
  /** Receives the outcome of each run. */
  readonly onOutcome: (outcome: Outcome) => void
  /** Receives errors that prevent an outcome, such as a folder that was moved away. */
  readonly onError: (error: unknown) => void
}

/** Runs at once and again whenever something in the folders changes; returns the last outcome once it is stopped. */
export async function runOnChange(
  folders: readonly string[],
  run: () => Promise<Outcome>,
  { signal, onRun, onOutcome, onError }: Watch,
): Promise<Outcome> {
  const next = () => {
    onRun()
    return run()
  }
  let first: Promise<Outcome> | undefined
  let last: Outcome
  // Watch from the start: a change during the first run triggers the second one.
  const watcher = await watchFolders(folders, async () => {
    await first?.catch(() => undefined)
    try {
      last = await next()
      onOutcome(last)
    } catch (error) {
      onError(error)
    }
  })
  first = next()
  try {
    last = await first
  } catch (error) {
    await watcher.close()
    throw error
  }
  onOutcome(last)
  await untilAborted(signal)
  await watcher.close()
  return last
}

/** Milliseconds without an event after which a change is complete: editors write a file in several steps. */
const QUIET = 150

/**
 * Calls back after something in the folders has changed: once for changes that arrive together, and never concurrently.
 * The callback must not reject.
 */
export async function watchFolders(
  folders: readonly string[],
  onChange: () => Promise<void>,
): Promise<{ readonly close: () => Promise<void> }> {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const watcher = watch([...folders], { ignoreInitial: true })
  // Until then chokidar takes a change for part of the initial state.
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  watcher.on('all', () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = running.then(onChange)
    }, QUIET)
  })
  return {
    async close() {
      clearTimeout(timer)
      await watcher.close()
      await running
    },
  }
}

/** Resolves once the signal is aborted, at once if it already is. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

import { ended } from './ended.ts'
import type { Outcome } from './outcome.ts'
import { watchFolder } from './watch-folder.ts'

export interface Watch {
  /** Ends the watching. */
  readonly signal: AbortSignal
  /** Called before each run. */
  readonly onRun: () => void
  /** Gets what is found at first, and again after every change. */
  readonly onOutcome: (outcome: Outcome) => void
  /** Gets what keeps a run from its end, such as a folder that was moved away. */
  readonly onFault: (error: unknown) => void
}

/** Runs at once and whenever something in a folder changes; gives the last outcome when it is told to stop. */
export async function again(
  folder: string,
  run: () => Promise<Outcome>,
  { signal, onRun, onOutcome, onFault }: Watch,
): Promise<Outcome> {
  const next = () => {
    onRun()
    return run()
  }
  let first: Promise<Outcome> | undefined
  let last: Outcome
  // From the start: what is saved during the first run counts too, and waits for its end.
  const watcher = await watchFolder(folder, async () => {
    await first?.catch(() => undefined)
    try {
      last = await next()
      onOutcome(last)
    } catch (error) {
      onFault(error)
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
  await ended(signal)
  await watcher.close()
  return last
}

import { watch } from 'chokidar'

/** Milliseconds of quiet after which a change is taken to be whole: editors write a file in several steps. */
const QUIET = 150

/**
 * Calls back after something below a folder has changed, once for changes that come together, and never twice at a
 * time. The callback must not reject.
 */
export async function watchFolder(
  folder: string,
  onChange: () => Promise<void>,
): Promise<{ readonly close: () => Promise<void> }> {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const watcher = watch(folder, { ignoreInitial: true })
  // Until then a change would be taken for what was there from the start.
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

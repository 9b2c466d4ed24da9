import type { Writable } from 'node:stream'
import { SingleBar } from 'cli-progress'

/** Shows on a terminal how far a run is; `done` counts from the start. */
export interface Bar {
  readonly show: (done: number, all: number) => void
  readonly stop: () => void
}

/**
 * Draws and does nothing else: a prompt library's bar listens to the keyboard and to signals too, and then Ctrl+C ends a
 * run as if all were well, or not at all.
 */
export function startBar(output: Writable): Bar {
  const bar = new SingleBar({
    // The type knows streams of Node alone by this name.
    stream: output as NodeJS.WritableStream,
    format: '[{bar}] {value} of {total} definitions',
    barsize: 30,
    barCompleteChar: '#',
    barIncompleteChar: '-',
    hideCursor: null,
    clearOnComplete: true,
    // A run that is interrupted leaves the terminal as it was.
    linewrap: true,
    gracefulExit: false,
  })
  return {
    show(done, all) {
      if (!bar.isActive) bar.start(all, done)
      // Some definitions can be done once more, and are counted anew.
      bar.setTotal(all)
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}

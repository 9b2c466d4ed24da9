/** Shows on a terminal how far a run is; `done` counts from the start. */
export interface Bar {
  readonly show: (done: number) => void
  readonly stop: () => void
}

/** Characters of a full bar. */
const SIZE = 30
/** Milliseconds for which nobody misses a newer state. */
const PAUSE = 80

/**
 * One line, written over again and again. Nothing else: a prompt library's bar listens to the keyboard and to signals
 * too, and then Ctrl+C ends a run as if all were well, or not at all.
 */
export function startBar(max: number, output: NodeJS.WriteStream): Bar {
  let drawnAt = Number.NEGATIVE_INFINITY
  let width = 0
  // A line that is broken in two could not be written over. Some terminals do not know how wide they are.
  const room = (output.columns > 0 ? output.columns : 80) - 1
  return {
    show(done) {
      const now = performance.now()
      if (now - drawnAt < PAUSE) return
      drawnAt = now
      const line = lineOf(done, max).slice(0, room)
      output.write(`\r${line.padEnd(width)}`)
      width = line.length
    },
    stop: () => output.write(`\r${' '.repeat(width)}\r`),
  }
}

function lineOf(done: number, max: number): string {
  const full = Math.floor((SIZE * done) / Math.max(1, max))
  return `[${'#'.repeat(full).padEnd(SIZE, '-')}] ${done} of ${max} definitions`
}

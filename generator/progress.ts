import type { Writable } from 'node:stream'
import { progress } from '@clack/prompts'

/** Shows on a terminal how far a run is; `done` counts from the start. */
export interface Bar {
  readonly show: (done: number) => void
  readonly stop: () => void
}

export function startBar(max: number, output: Writable): Bar {
  const bar = progress({ max, output, style: 'block', size: 30 })
  bar.start(`0 of ${max} definitions`)
  let shown = 0
  return {
    show(done) {
      bar.advance(done - shown, `${done} of ${max} definitions`)
      shown = done
    },
    stop: () => bar.stop(`${shown} of ${max} definitions`),
  }
}

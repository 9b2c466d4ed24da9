import { closeSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { stampOf } from './stamp.ts'
import { openMakingFolder } from './write-whole.ts'

/** Milliseconds between looks at the clock, and how often at most. */
const PAUSE = 2
const LOOKS = 60

/** The time of the clock by which a file system stamps files, in milliseconds; undefined where it cannot be asked. */
export function diskTime(folder: string): number | undefined {
  const probe = join(folder, `probe-${process.pid}`)
  try {
    closeSync(openMakingFolder(probe))
    const stamp = stampOf(probe)
    unlinkSync(probe)
    return stamp?.changed
  } catch {
    return undefined
  }
}

/**
 * Waits until the file system's clock has gone past a time, so that whatever changes from now on gets another stamp;
 * false where that takes too long. The clock ticks every few milliseconds.
 */
export function waitUntilAfter(folder: string, time: number): boolean {
  for (let look = 0; look < LOOKS; look += 1) {
    const now = diskTime(folder)
    if (now === undefined) return false
    if (now > time) return true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
  }
  return false
}

/** The time of the file system's clock, which has gone past it by now: what is changed later gets a later stamp. */
export function settledTime(folder: string): number | undefined {
  const time = diskTime(folder)
  return time !== undefined && waitUntilAfter(folder, time) ? time : undefined
}

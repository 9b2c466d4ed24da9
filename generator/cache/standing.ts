import { NUMBERS, putStamp } from './look.ts'
import type { Stamp } from './stamp.ts'
import { stampsOf } from './stamps-of.ts'

/** Files and folders as they were at a time. */
export interface Stamps {
  readonly paths: readonly string[]
  /** `NUMBERS` for each path. */
  readonly stamps: Float64Array
}

/** The stamp of a file or folder that is as it was; undefined of any other. */
export type StampOf = (path: string) => Float64Array | undefined

/** Which of the files and folders are as they were. */
export interface Compared {
  readonly all: boolean
  readonly paths: readonly string[]
  /** Whether all from one place in `paths` to another are. */
  readonly isKept: (from: number, to: number) => boolean
  /** Of those from one place in `paths` to another. */
  readonly stampsIn: (from: number, to: number) => StampOf
}

export async function compared({ paths, stamps }: Stamps): Promise<Compared> {
  const found = await stampsOf(paths)
  const isAt = (index: number) => {
    for (let at = index * NUMBERS; at < (index + 1) * NUMBERS; at += 1) {
      if (found[at] !== stamps[at]) return false
    }
    return true
  }
  const isKept = (from: number, to: number) => {
    for (let index = from; index < to; index += 1) if (!isAt(index)) return false
    return true
  }
  return {
    all: isKept(0, paths.length),
    paths,
    isKept,
    stampsIn(from, to) {
      const indexIn = finder(paths.slice(from, to))
      return (path) => {
        const index = indexIn(path)
        if (index === undefined || !isAt(from + index)) return undefined
        return stamps.subarray((from + index) * NUMBERS, (from + index + 1) * NUMBERS)
      }
    },
  }
}

/** Whether a file or folder has this stamp now. */
export function isStamped(path: string, stamp: Float64Array): boolean {
  const now = new Float64Array(NUMBERS)
  putStamp(now, 0, path)
  return now.every((number, at) => number === stamp[at])
}

/** How far to look ahead for what is asked for next. */
const AHEAD = 64

/**
 * Where paths stand in a list, most of which are asked for in its order, or from its start again: comparing with the
 * next is quick, while an index of a hundred thousand paths takes long to make.
 */
function finder(paths: readonly string[]): (path: string) => number | undefined {
  let next = 0
  let all: ReadonlyMap<string, number> | undefined
  const near = (start: number, path: string) => {
    const end = Math.min(paths.length, start + AHEAD)
    for (let index = start; index < end; index += 1) if (paths[index] === path) return index
    return undefined
  }
  return (path) => {
    let index = near(next, path) ?? near(0, path)
    if (index === undefined) {
      all ??= new Map(paths.map((one, at) => [one, at]))
      index = all.get(path)
    }
    if (index !== undefined) next = index + 1
    return index
  }
}

/** Those of the files and folders that were changed at a time or later. */
export function changedSince({ paths, stamps }: Stamps, time: number): Stamps {
  const late = paths.flatMap((_, index) => ((stamps[index * NUMBERS + 2] ?? 0) < time ? [] : [index]))
  return {
    paths: late.map((index) => paths[index] ?? ''),
    stamps: Float64Array.from(late.flatMap((index) => [...stamps.subarray(index * NUMBERS, (index + 1) * NUMBERS)])),
  }
}

/** One of the stamps; its times are in milliseconds of the file system's clock. */
export function stampAt(stamps: Float64Array, index: number): Omit<Stamp, 'size'> {
  const [, modified = Number.NaN, changed = Number.NaN, inode = Number.NaN] = stamps.subarray(index * NUMBERS)
  return { modified, changed, inode }
}

/** When the newest of them was changed, in milliseconds of the file system's clock; NaN where one is missing. */
export function newest(stamps: Float64Array): number {
  let found = 0
  for (let at = 2; at < stamps.length; at += NUMBERS) found = Math.max(found, stamps[at] ?? 0)
  return found
}

import { type Stamp, stampOf } from './stamp.ts'

/** Numbers of a stamp: size, modified, changed, inode. All are NaN where nothing is. */
export const NUMBERS = 4

/** Paths that one thread takes at once. */
export const BLOCK = 512

/** Files and folders to look at, shared among threads: each takes a block of them until none is left. */
export interface Look {
  readonly paths: readonly string[]
  /** What was found, `NUMBERS` for each path. */
  readonly stamps: Float64Array
  /** How many blocks were taken, and how many are done. */
  readonly blocks: Int32Array
}

export function blocksOf(paths: readonly string[]): number {
  return Math.ceil(paths.length / BLOCK)
}

/** Takes blocks until none is left. */
export function look({ paths, stamps, blocks }: Look): void {
  const all = blocksOf(paths)
  for (let block = Atomics.add(blocks, 0, 1); block < all; block = Atomics.add(blocks, 0, 1)) {
    const end = Math.min(paths.length, (block + 1) * BLOCK)
    for (let index = block * BLOCK; index < end; index += 1) putStamp(stamps, index, paths[index] ?? '')
    Atomics.add(blocks, 1, 1)
    Atomics.notify(blocks, 1)
  }
}

export function putStamp(stamps: Float64Array, index: number, path: string): void {
  const stamp = stampIfAny(path)
  const at = index * NUMBERS
  stamps[at] = stamp?.size ?? Number.NaN
  stamps[at + 1] = stamp?.modified ?? Number.NaN
  stamps[at + 2] = stamp?.changed ?? Number.NaN
  stamps[at + 3] = stamp?.inode ?? Number.NaN
}

/** What cannot be looked at is not as it was: whoever looks next will say why. */
function stampIfAny(path: string): Stamp | undefined {
  try {
    return stampOf(path)
  } catch {
    return undefined
  }
}

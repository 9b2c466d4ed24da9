import { lstatSync } from 'node:fs'

/**
 * What the file system says of a file without opening it. Writing to a file gives it a new change time (`ctime`), which
 * no program can set; so a file with the stamp that it had has the content that it had. Exceptions are clocks that are
 * set back, disks that are written past the file system, and changes within one tick of its clock: for the last,
 * `waitUntilAfter` waits.
 */
export interface Stamp {
  readonly size: number
  /** Milliseconds, with fractions. */
  readonly modified: number
  readonly changed: number
  readonly inode: number
}

export interface Stamped extends Stamp {
  readonly isFile: boolean
  readonly isFolder: boolean
}

/** The stamp of what stands at a path, links not followed; undefined where nothing does. */
export function stampOf(path: string): Stamped | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  return {
    size: stats.size,
    modified: stats.mtimeMs,
    changed: stats.ctimeMs,
    inode: stats.ino,
    isFile: stats.isFile(),
    isFolder: stats.isDirectory(),
  }
}

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { statFile } from './list.ts'

/** Deletes the oldest files of a folder outside `used`, by name, while those take more than `largest` bytes. */
export function deleteOldest(folder: string, used: ReadonlySet<string>, largest: number): void {
  const unused = readdirSync(folder)
    .filter((name) => !used.has(name))
    .flatMap((name) => {
      const path = join(folder, name)
      const stat = statFile(path)
      return stat === undefined ? [] : [{ path, size: stat[0], mtime: stat[1] }]
    })
    .sort((left, right) => right.mtime - left.mtime)
  let total = 0
  for (const { path, size } of unused) {
    total += size
    if (total > largest) rmSync(path, { force: true })
  }
}

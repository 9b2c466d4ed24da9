import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Removes what was not used for longest from a folder until the rest has no more than so many bytes. */
export function sweep(folder: string, largest: number): void {
  try {
    const found = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        const { size = 0, mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
        return { path, size, mtimeMs }
      })
      .sort((left, right) => right.mtimeMs - left.mtimeMs)
    let sum = 0
    for (const { path, size } of found) {
      sum += size
      if (sum > largest) rmSync(path, { force: true })
    }
  } catch {
    // Somebody else sweeps at the same time.
  }
}

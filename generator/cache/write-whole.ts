import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file of the cache as a whole or not at all, whoever else writes it at the same time. The cache is only ever
 * a help: a full disk or a folder that may not be written costs time later, and nothing now.
 */
export function writeWhole(path: string, data: string | Uint8Array): boolean {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    writeMakingFolder(temporary, data)
    renameSync(temporary, path)
    return true
  } catch {
    remove(temporary)
    return false
  }
}

/** The folder is nearly always there. */
function writeMakingFolder(path: string, data: string | Uint8Array): void {
  try {
    writeFileSync(path, data)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, data)
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It was never there.
  }
}

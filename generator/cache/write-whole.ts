import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file of the cache as a whole or not at all, whoever else writes it at the same time. The cache is only ever
 * a help: a full disk or a folder that may not be written costs time later, and nothing now.
 */
export function writeWhole(path: string, ...parts: readonly Iterable<Uint8Array>[]): boolean {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`
  try {
    writeParts(temporary, parts)
    renameSync(temporary, path)
    return true
  } catch {
    remove(temporary)
    return false
  }
}

function writeParts(path: string, parts: readonly Iterable<Uint8Array>[]): void {
  const file = openMakingFolder(path)
  try {
    for (const part of parts) for (const piece of part) writeFileSync(file, piece)
  } finally {
    closeSync(file)
  }
}

/** Opens a file to be written; its folder is nearly always there. */
export function openMakingFolder(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    makeFolder(dirname(path))
    return openSync(path, 'w')
  }
}

/**
 * Node's own way to make a folder with those above it never ends where the folder is gone in which the command was
 * started, as happens to one that watches.
 */
function makeFolder(path: string): void {
  const above = dirname(path)
  if (above !== path && above !== '.' && !existsSync(above)) makeFolder(above)
  try {
    mkdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It was never there.
  }
}

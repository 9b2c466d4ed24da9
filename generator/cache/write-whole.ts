import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file of the cache as a whole or not at all, whoever else writes it at the same time. The cache is only ever
 * a help: a full disk or a folder that may not be written costs time later, and nothing now.
 */
export function writeWhole(path: string, ...parts: readonly (string | Uint8Array)[]): boolean {
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

function writeParts(path: string, parts: readonly (string | Uint8Array)[]): void {
  const file = openMakingFolder(path)
  try {
    for (const part of parts) writeFileSync(file, part)
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
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'w')
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It was never there.
  }
}

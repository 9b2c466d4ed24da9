import { closeSync, lstatSync, openSync, readSync } from 'node:fs'
import { CONNECTOR_MARK, HEADER_MARK } from '../targets/header.ts'
import type { Comparison, WantedFile } from './plan.ts'

/** Characters from the start of a file within which the header is. */
const HEADER_REACH = 1000

/** Compares a wanted file with the one on disk, byte by byte if the sizes agree. */
export function compareFile(path: string, { size, chunks }: WantedFile): Comparison {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return 'create'
  if (!found.isFile()) return 'blocked'
  if (found.size === size && contains(path, chunks())) return 'same'
  return isGenerated(path) === false ? 'blocked' : 'update'
}

function contains(path: string, chunks: Iterable<Uint8Array>): boolean {
  const file = openSync(path, 'r')
  try {
    for (const chunk of chunks) {
      const found = Buffer.allocUnsafe(chunk.length)
      if (readSync(file, found) !== chunk.length || !found.equals(chunk)) return false
    }
    return true
  } finally {
    closeSync(file)
  }
}

/**
 * Whether a file carries our header and may therefore be replaced or deleted; undefined if it does not exist. A
 * symbolic link is never ours, whatever it points to.
 */
export function isGenerated(path: string): boolean | undefined {
  return headerOf(path)?.includes(HEADER_MARK)
}

/** Whether a file carries the header of files that come from one definition. */
export function isOfConnector(path: string): boolean {
  return CONNECTOR_MARK.test(headerOf(path) ?? '')
}

/** The start of a file; empty for what is not a regular file, and undefined for what does not exist. */
function headerOf(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  return found.isFile() ? startOf(path).slice(0, HEADER_REACH) : ''
}

function startOf(path: string): string {
  const start = Buffer.alloc(HEADER_REACH * 4)
  const file = openSync(path, 'r')
  try {
    return start.toString('utf8', 0, readSync(file, start))
  } finally {
    closeSync(file)
  }
}

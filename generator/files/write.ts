import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type FileStat, statFile } from './list.ts'
import type { Change } from './plan.ts'

/** The name must be ours alone, since abandoned folders are deleted with everything in them. */
const STAGING = '.hera-staging-'
/** Milliseconds without a new file after which a folder belongs to a run that was killed. */
const ABANDONED = 60 * 60 * 1000
/** Bytes that are written at once. */
const BLOCK = 1024 * 1024

type Written = Extract<Change, { readonly file: unknown }>

/**
 * Carries out a plan. Every new file is staged inside the output folder and renamed only once all are complete, so that
 * a full disk or a killed run leaves whole files, old or new. Returns the state of each staged file, by path.
 */
export function write(out: string, changes: readonly Change[]): ReadonlyMap<string, FileStat> {
  removeAbandoned(out, STAGING)
  const written = changes.filter((change): change is Written => 'file' in change)
  const staged = written.length === 0 ? new Map() : stageAndRename(out, written)
  for (const change of changes) if (change.kind === 'delete') remove(out, change.path)
  return staged
}

function stageAndRename(out: string, written: readonly Written[]): ReadonlyMap<string, FileStat> {
  const staged = new Map<string, FileStat>()
  // Not next to its destination: a concurrent run would take it for a leftover.
  const staging = join(out, `${STAGING}${randomUUID()}`)
  const isNew = !existsSync(out)
  mkdirSync(staging, { recursive: true })
  try {
    for (const [index, { path, file }] of written.entries()) {
      const temporary = join(staging, String(index))
      writeChunks(temporary, file.chunks())
      const stat = statFile(temporary)
      if (stat !== undefined) staged.set(path, stat)
    }
    for (const folder of new Set(written.map(({ path }) => dirname(path))))
      mkdirSync(join(out, folder), { recursive: true })
    for (const [index, { path }] of written.entries()) renameSync(join(staging, String(index)), join(out, path))
  } finally {
    rmSync(staging, { recursive: true, force: true })
    if (isNew) removeIfEmpty(out)
  }
  return staged
}

/** Writes a file whole or not at all, whatever other runs do at the same time. */
export function writeWhole(path: string, chunks: Iterable<Uint8Array>): void {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    writeChunks(temporary, chunks)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Writes a file in blocks, so that a large one is never in memory as a whole. */
export function writeChunks(path: string, chunks: Iterable<Uint8Array>): void {
  const file = openSync(path, 'w')
  try {
    let pending: Uint8Array[] = []
    let size = 0
    const flush = () => {
      writeAll(file, pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending))
      pending = []
      size = 0
    }
    for (const chunk of chunks) {
      pending.push(chunk)
      size += chunk.length
      if (size >= BLOCK) flush()
    }
    flush()
  } finally {
    closeSync(file)
  }
}

/** A nearly full disk accepts a part and reports the reason at the next attempt. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(file, rest))
}

/** Removes a file, and the folders above it that it leaves empty. */
function remove(out: string, path: string): void {
  rmSync(join(out, path), { force: true })
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder))
    if (!removeIfEmpty(join(out, folder))) return
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** Removes the folders with this prefix of runs that were killed more than an hour ago. */
export function removeAbandoned(parent: string, prefix: string): void {
  const names = existsSync(parent) ? readdirSync(parent).filter((name) => name.startsWith(prefix)) : []
  for (const path of names.map((name) => join(parent, name))) {
    try {
      if (Date.now() - statSync(path).mtimeMs > ABANDONED) rmSync(path, { recursive: true, force: true })
    } catch {
      // A concurrent run has removed it, or it belongs to another user and does no harm.
    }
  }
}

import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { deleteOldest } from './delete-oldest.ts'
import { hashOf } from './hash.ts'
import { type FileStat, isSameStat, statFile } from './list.ts'
import { writeWhole } from './write.ts'

type Entry = readonly [...stat: FileStat, hash: string]

interface Stored<Summary> {
  /** Identifies the folders, the options and the build of this command. */
  readonly identity: string
  readonly summary: Summary
  readonly files: Readonly<Record<string, Entry>>
}

const HASH_LENGTH = hashOf('').length
/** Bytes of other indexes in the same folder. */
const LARGEST_OTHERS = 64 * 1024 * 1024
/** Milliseconds in which the clock of every common file system ticks. */
const TICK = 10

/**
 * The files that an earlier run found up to date, each with its state on disk and the hash of its content, as in git's
 * index. An entry counts as long as size, mtime, ctime and inode are the same and the file is older than the index: one
 * that changed in the same tick of the clock could have changed again.
 */
export class FileIndex<Summary> {
  /** What the earlier run stored with the files. */
  readonly summary: Summary | undefined
  readonly #path: string | undefined
  readonly #identity: string
  readonly #before: Readonly<Record<string, Entry>>
  readonly #writtenAt: number
  readonly #now: Record<string, Entry> = {}

  /** Without a path the index is empty and is not saved. A damaged one, or one with another identity, is empty. */
  constructor(path: string | undefined, identity: string) {
    const { stored, writtenAt } = (path === undefined ? undefined : readIndex<Summary>(path, identity)) ?? {}
    this.#path = path
    this.#identity = identity
    this.summary = stored?.summary
    this.#before = stored?.files ?? {}
    this.#writtenAt = writtenAt ?? 0
  }

  /** Whether a file is listed. */
  has(path: string): boolean {
    return Object.hasOwn(this.#before, path)
  }

  /** Whether every listed file is as it was. */
  isUnchanged(): boolean {
    return Object.entries(this.#before).every(([path, entry]) => this.#isTrusted(statFile(path), entry))
  }

  /** Whether a file is as it was and had this hash; such a file is listed again. */
  isSame(path: string, hash: string): boolean {
    const entry = this.#before[path]
    if (entry === undefined || entry[4] !== hash || !this.#isTrusted(statFile(path), entry)) return false
    this.#now[path] = entry
    return true
  }

  /** Lists a file in a state that was seen before its content was read. */
  add(path: string, stat: FileStat, hash: string): void {
    this.#now[path] = [...stat, hash]
  }

  /** Replaces the stored index, if that is possible, and deletes the oldest others beyond `largest` bytes. */
  save(summary: Summary, largest = LARGEST_OTHERS): void {
    if (this.#path === undefined) return
    const stored: Stored<Summary> = { identity: this.#identity, summary, files: this.#now }
    const json = JSON.stringify(stored)
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      // Otherwise files that were written just now would count as younger than the index.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK)
      writeWhole(this.#path, [Buffer.from(hashOf(json)), Buffer.from(json)])
      // Every output folder and every choice of targets has its own index.
      deleteOldest(dirname(this.#path), new Set([basename(this.#path)]), largest)
    } catch {
      // It only saves time: the next run takes longer.
    }
  }

  #isTrusted(stat: FileStat | undefined, [size, mtime, ctime, inode]: Entry): boolean {
    return stat !== undefined && ctime < this.#writtenAt && isSameStat(stat, [size, mtime, ctime, inode])
  }
}

function readIndex<Summary>(path: string, identity: string) {
  try {
    const file = openSync(path, 'r')
    try {
      const text = readFileSync(file, 'utf8')
      const json = text.slice(HASH_LENGTH)
      if (hashOf(json) !== text.slice(0, HASH_LENGTH)) return undefined
      const stored = JSON.parse(json) as Stored<Summary>
      return stored.identity === identity ? { stored, writtenAt: fstatSync(file).mtimeMs } : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    // There is none, or it cannot be read.
    return undefined
  }
}

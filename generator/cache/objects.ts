import { readFileSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { digest } from './digest.ts'
import { sweep } from './sweep.ts'
import { writeWhole } from './write-whole.ts'

/** Making a folder takes longer than writing an object: so many of them keep any from getting long. */
const FOLDERS = 64
/**
 * Bytes of all objects together, besides what runs write between two looks; what was not used for longest goes first.
 * One connector takes about 5 KB.
 */
const LARGEST = 192 * 1024 * 1024
/** A folder is looked at when it is first written to, since most runs write little, and then once in so many writes. */
const SWEEP = 20

/**
 * Values by the digest of everything that they follow from. An object that is damaged in any way is no object: it is
 * made again, and replaced.
 */
export class Objects {
  readonly #folder: string
  readonly #largest: number
  /** By folder. */
  readonly #writes = new Map<string, number>()

  constructor(folder: string, largest = LARGEST) {
    this.#folder = folder
    this.#largest = largest / FOLDERS
  }

  read(key: string): unknown {
    try {
      const bytes = readFileSync(this.#path(key))
      const end = bytes.indexOf('\n')
      const body = bytes.subarray(end + 1)
      return bytes.toString('utf8', 0, end) === digest(key, body) ? JSON.parse(body.toString()) : undefined
    } catch {
      return undefined
    }
  }

  write(key: string, value: object): void {
    const body = Buffer.from(JSON.stringify(value))
    const path = this.#path(key)
    writeWhole(path, [Buffer.from(`${digest(key, body)}\n`), body])
    const folder = dirname(path)
    const writes = this.#writes.get(folder) ?? 0
    this.#writes.set(folder, writes + 1)
    if (writes % SWEEP === 0) sweep(folder, this.#largest)
  }

  /** Keeps an object from being taken for one that nobody uses. */
  touch(key: string): void {
    try {
      const now = new Date()
      utimesSync(this.#path(key), now, now)
    } catch {
      // It is gone: it will be made again.
    }
  }

  #path(key: string): string {
    // The first character of a digest in base64.
    return join(this.#folder, key.slice(0, 1), key.slice(1))
  }
}

import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { digest } from './digest.ts'
import { sweep } from './sweep.ts'
import { writeWhole } from './write-whole.ts'

/** Bytes of all objects together; what was not used for longest goes first. One connector takes about 5 KB. */
const LARGEST = 256 * 1024 * 1024
/** Once in so many writes the size is looked at. */
const SWEEP = 2000

/**
 * Values by the digest of everything that they follow from. An object that is damaged in any way is no object: it is
 * made again, and replaced.
 */
export class Objects {
  readonly #folder: string
  #writes = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  read(key: string): unknown {
    const text = this.readText(key)
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** A value as JSON text of one line. */
  readText(key: string): string | undefined {
    try {
      const text = readFileSync(this.#path(key), 'utf8')
      const end = text.indexOf('\n')
      const body = text.slice(end + 1)
      return text.slice(0, end) === digest(key, body) ? body : undefined
    } catch {
      return undefined
    }
  }

  write(key: string, value: object): void {
    const body = JSON.stringify(value)
    writeWhole(this.#path(key), `${digest(key, body)}\n${body}`)
    this.#writes += 1
    if (this.#writes % SWEEP === 0) this.sweep()
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

  /** Removes what was not used for longest until the rest fits. */
  sweep(largest = LARGEST): void {
    sweep(this.#folder, largest)
  }

  #path(key: string): string {
    // Making a folder takes longer than writing an object: 64 of them keep any from getting long.
    return join(this.#folder, key.slice(0, 1), key.slice(1))
  }
}

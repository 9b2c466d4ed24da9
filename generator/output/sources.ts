import { closeSync, openSync, readSync } from 'node:fs'
import type { Place } from './content.ts'

/** Bytes that are read ahead: most parts of a file are short, and stand in another file one after the other. */
export const WINDOW = 256 * 1024

/** Files that parts of others are read from, opened as they are asked for. */
export class Sources {
  readonly #files = new Map<string, Source>()
  readonly #release: () => void

  /** What was read before is overwritten after `release`. */
  constructor(release = () => {}) {
    this.#release = release
  }

  /** The bytes at a place, until the next are read. */
  read(place: Place): Buffer {
    if ('bytes' in place) return Buffer.from(place.bytes.buffer, place.bytes.byteOffset, place.bytes.byteLength)
    const known = this.#files.get(place.path)
    const source = known ?? new Source(place.path, this.#release)
    if (known === undefined) this.#files.set(place.path, source)
    return source.read(place)
  }

  close(): void {
    for (const source of this.#files.values()) source.close()
  }
}

class Source {
  readonly #path: string
  readonly #file: number
  readonly #release: () => void
  #window = Buffer.allocUnsafe(WINDOW)
  /** Where the window begins in the file, and how much of it was read. */
  #start = 0
  #length = 0

  constructor(path: string, release: () => void) {
    this.#path = path
    this.#file = openSync(path, 'r')
    this.#release = release
  }

  read({ offset, length }: { readonly offset: number; readonly length: number }): Buffer {
    if (offset < this.#start || offset + length > this.#start + this.#length) this.#move(offset, length)
    if (length > this.#length) throw new Error(`the file was cut short while it was read: ${this.#path}`)
    return this.#window.subarray(offset - this.#start, offset - this.#start + length)
  }

  #move(offset: number, length: number): void {
    this.#release()
    if (length > this.#window.length) this.#window = Buffer.allocUnsafe(length)
    this.#length = readSync(this.#file, this.#window, 0, this.#window.length, offset)
    this.#start = offset
  }

  close(): void {
    closeSync(this.#file)
  }
}

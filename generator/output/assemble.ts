import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import type { Place } from './content.ts'

/** A part of a file that is put together of many: a text, or one that is kept elsewhere. */
export type Segment = { readonly text: string } | Kept

export interface Kept {
  /** Bytes. */
  readonly size: number
  readonly digest: string
  /** Missing where nobody had to make it: it may still be compared. */
  readonly place: Place | undefined
}

/** Bytes that are written at once. */
const CHUNK = 1024 * 1024

/** Bytes of a file made of these segments. */
export function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + lengthOf(segment), 0)
}

export function lengthOf(segment: Segment): number {
  return 'text' in segment ? Buffer.byteLength(segment.text) : segment.size
}

/** Whether a file of the right size holds exactly these segments; reads one of them at a time. */
export function isMadeOf(path: string, segments: readonly Segment[], digest: (bytes: Uint8Array) => string): boolean {
  const file = openSync(path, 'r')
  try {
    let offset = 0
    for (const segment of segments) {
      const wanted = 'text' in segment ? Buffer.from(segment.text) : undefined
      const found = Buffer.alloc(wanted?.length ?? lengthOf(segment))
      if (readSync(file, found, 0, found.length, offset) !== found.length) return false
      offset += found.length
      if (wanted === undefined ? digest(found) !== (segment as Kept).digest : !found.equals(wanted)) return false
    }
    return true
  } finally {
    closeSync(file)
  }
}

/** Writes a file of segments whose places are all known; holds no more than a few of them in memory. */
export function assemble(path: string, segments: readonly Segment[]): void {
  const file = openSync(path, 'w')
  const sources = new Sources()
  let chunks: Uint8Array[] = []
  let size = 0
  const flush = () => {
    writeSync(file, Buffer.concat(chunks))
    chunks = []
    size = 0
  }
  try {
    for (const segment of segments) {
      const bytes = 'text' in segment ? Buffer.from(segment.text) : sources.read(segment)
      chunks.push(bytes)
      size += bytes.length
      if (size >= CHUNK) flush()
    }
    flush()
  } finally {
    closeSync(file)
    sources.close()
  }
}

/** The text of a file of segments that fits in memory. */
export function assembled(segments: readonly Segment[]): string {
  const sources = new Sources()
  try {
    return segments
      .map((segment) => ('text' in segment ? segment.text : Buffer.from(sources.read(segment)).toString('utf8')))
      .join('')
  } finally {
    sources.close()
  }
}

/** Bytes that are read ahead: most parts of a file are short, and stand in another file one after the other. */
const WINDOW = 256 * 1024

/** Open files that segments are read from. */
class Sources {
  readonly #files = new Map<string, Source>()

  read({ place }: Kept): Uint8Array {
    if (place === undefined) throw new Error('a part of a file was not made')
    if ('bytes' in place) return place.bytes
    const known = this.#files.get(place.path)
    const source = known ?? new Source(place.path)
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
  #window: Buffer = Buffer.alloc(0)
  /** Where the window begins in the file. */
  #start = 0

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(path, 'r')
  }

  read({ offset, length }: { readonly offset: number; readonly length: number }): Uint8Array {
    if (offset < this.#start || offset + length > this.#start + this.#window.length) this.#move(offset, length)
    const found = this.#window.subarray(offset - this.#start, offset - this.#start + length)
    if (found.length !== length) throw new Error(`the file was cut short while it was read: ${this.#path}`)
    return found
  }

  /** Takes new memory: parts of the window before may wait to be written. */
  #move(offset: number, length: number): void {
    const bytes = Buffer.allocUnsafe(Math.max(WINDOW, length))
    this.#window = bytes.subarray(0, readSync(this.#file, bytes, 0, bytes.length, offset))
    this.#start = offset
  }

  close(): void {
    closeSync(this.#file)
  }
}

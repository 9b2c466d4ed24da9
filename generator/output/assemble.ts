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

/** Open files that segments are read from. */
class Sources {
  readonly #files = new Map<string, number>()

  read({ place }: Kept): Uint8Array {
    if (place === undefined) throw new Error('a part of a file was not made')
    if ('bytes' in place) return place.bytes
    const known = this.#files.get(place.path)
    const file = known ?? openSync(place.path, 'r')
    if (known === undefined) this.#files.set(place.path, file)
    const bytes = Buffer.allocUnsafe(place.length)
    if (readSync(file, bytes, 0, place.length, place.offset) !== place.length)
      throw new Error(`the file was cut short while it was read: ${place.path}`)
    return bytes
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file)
  }
}

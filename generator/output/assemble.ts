import { closeSync, openSync, readSync, writeFileSync, writevSync } from 'node:fs'
import type { Place, Stretch } from './content.ts'
import { Sources, WINDOW } from './sources.ts'

/** A part of a file that is put together of many: a text, or one that is kept elsewhere. */
export type Segment = { readonly text: string } | Kept

export interface Kept {
  /** Bytes. */
  readonly size: number
  readonly digest: string
  /** Missing where nobody had to make it: it may still be compared. */
  readonly place: Place | undefined
}

/** Bytes that are written at once, and pieces: systems take no more than 1024. */
const CHUNK = 1024 * 1024
const MOST_CHUNKS = 1000

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

/** A text of a file that is put together, or where it is. */
export type Part = string | Place

export function partsOf(segments: readonly Segment[]): readonly Part[] {
  return segments.map((segment) => {
    if ('text' in segment) return segment.text
    if (segment.place === undefined) throw new Error('a part of a file was not made')
    return segment.place
  })
}

/** Writes a file of many parts; holds no more than a few of them in memory. */
export function assemble(path: string, parts: readonly Part[]): void {
  const file = openSync(path, 'w')
  let chunks: Uint8Array[] = []
  let size = 0
  const flush = () => {
    writeAll(file, chunks, size)
    chunks = []
    size = 0
  }
  const sources = new Sources(flush)
  try {
    for (const part of together(parts)) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : sources.read(part)
      chunks.push(bytes)
      size += bytes.length
      if (size >= CHUNK || chunks.length === MOST_CHUNKS) flush()
    }
    flush()
  } finally {
    closeSync(file)
    sources.close()
  }
}

/** The parts one after the other; what stands so in another file too is read together, a window of it at a time. */
function* together(parts: readonly Part[]): Generator<Part> {
  let run: Stretch | undefined
  for (const part of parts) {
    const stretch = isStretch(part) ? part : undefined
    if (run !== undefined && stretch?.path === run.path && stretch.offset === run.offset + run.length) {
      run = { ...run, length: run.length + stretch.length }
      continue
    }
    if (run !== undefined) yield* windowsOf(run)
    if (stretch === undefined) yield part
    run = stretch
  }
  if (run !== undefined) yield* windowsOf(run)
}

function isStretch(part: Part): part is Stretch {
  return typeof part !== 'string' && 'path' in part
}

function* windowsOf({ path, offset, length }: Stretch): Generator<Stretch> {
  for (let done = 0; done < length; done += WINDOW) {
    yield { path, offset: offset + done, length: Math.min(WINDOW, length - done) }
  }
}

function writeAll(file: number, chunks: readonly Uint8Array[], size: number): void {
  if (size === 0) return
  const written = writevSync(file, chunks)
  // A nearly full disk takes a part, and says why at the next.
  if (written < size) writeFileSync(file, Buffer.concat(chunks).subarray(written))
}

/** The text of a file of many parts that fits in memory. */
export function assembled(parts: readonly Part[]): string {
  const sources = new Sources()
  try {
    return parts.map((part) => (typeof part === 'string' ? part : sources.read(part).toString('utf8'))).join('')
  } finally {
    sources.close()
  }
}

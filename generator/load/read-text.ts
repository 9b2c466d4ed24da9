import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { FILE_START } from '../diagnostics/diagnostic.ts'

/** Bytes; far above any real definition, far below what would hurt. */
export const MAX_FILE_BYTES = 1024 * 1024

/** Bytes → text: UTF-8 without NUL, a byte order mark dropped. */
export function readText(file: string, bytes: Uint8Array, largest = MAX_FILE_BYTES): string | Diagnostic {
  if (bytes.length > largest) return tooLarge(file, bytes.length)
  const nul = bytes.indexOf(0)
  if (nul !== -1) {
    return {
      code: 'load/nul',
      file,
      span: spanAt(bytes, nul),
      message: 'the file holds a NUL byte',
      help: 'save the file as UTF-8 text without NUL bytes (it may be UTF-16 or binary)',
    }
  }
  if (!isUtf8(bytes)) {
    return {
      code: 'load/encoding',
      file,
      span: spanAt(bytes, firstBadByte(bytes)),
      message: 'the file is not UTF-8 from here on',
      help: 'save the file with the encoding UTF-8',
    }
  }
  return new TextDecoder('utf-8').decode(bytes)
}

export function tooLarge(file: string, size: number): Diagnostic {
  return {
    code: 'load/too-large',
    file,
    span: FILE_START,
    message: `the file has ${size} bytes; at most ${MAX_FILE_BYTES} are read`,
    help: 'keep one connector in a file, and long examples short',
  }
}

/** The longest prefix that is UTF-8 ends before the first bad byte; found by halving. */
function firstBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    // In streaming mode a character cut off at the end is no error yet.
    if (decodes(decoder, bytes.subarray(0, middle))) low = middle
    else high = middle - 1
  }
  return low
}

function decodes(decoder: TextDecoder, bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes, { stream: true })
    return true
  } catch {
    return false
  } finally {
    try {
      decoder.decode()
    } catch {
      // Only resets the decoder: what was cut off is of no interest.
    }
  }
}

function spanAt(bytes: Uint8Array, offset: number): Span {
  // Streaming leaves out the beginning of a character that is cut off.
  const before = new TextDecoder('utf-8').decode(bytes.subarray(0, offset), { stream: true })
  const lines = before.split(/\r\n|\r|\n/)
  const position = { line: lines.length, column: (lines.at(-1) ?? '').length + 1, offset: before.length }
  return { start: position, end: position }
}

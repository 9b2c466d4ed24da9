import { closeSync, lstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs'
import { MARK } from '../targets/header.ts'

/** How a file that is to stand somewhere compares with what stands there. */
export type Comparison =
  | { readonly kind: 'same'; readonly found: Stats }
  | { readonly kind: 'create' }
  | { readonly kind: 'update' }
  /** Something that is not ours stands where a file has to go. */
  | { readonly kind: 'blocked' }

/** Bytes from the start of a file in which the header stands. */
const HEADER_REACH = 1000

/** Compares one file; `isSame` looks at the content where the size alone does not decide. */
export function compareFile(path: string, size: number, isSame: () => boolean): Comparison {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return { kind: 'create' }
  if (!found.isFile()) return { kind: 'blocked' }
  if (found.size === size && isSame()) return { kind: 'same', found }
  return { kind: isOurs(path) === false ? 'blocked' : 'update' }
}

/** Compares one file with a text. */
export function compareText(path: string, text: string): Comparison {
  const bytes = Buffer.from(text)
  return compareFile(path, bytes.length, () => readFileSync(path).equals(bytes))
}

/** Compares one file with a size and what is known of the content. */
export function compareContent(path: string, size: number, isRight: (bytes: Uint8Array) => boolean): Comparison {
  return compareFile(path, size, () => isRight(readFileSync(path)))
}

/** Whether a file carries our header, and so may be replaced or deleted; undefined where it is gone. */
export function isOurs(path: string): boolean | undefined {
  const start = Buffer.alloc(HEADER_REACH * 4)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const length = readSync(file, start, 0, start.length, 0)
    return start.toString('utf8', 0, length).slice(0, HEADER_REACH).includes(MARK)
  } finally {
    closeSync(file)
  }
}

import { readFile, stat } from 'node:fs/promises'
import { LineCounter } from 'yaml'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { parseYaml } from './parse.ts'
import { readText } from './read-text.ts'
import { diagnose } from './syntax/diagnose.ts'

/** What a vendor has published, JSON or YAML, as a plain value. */
export interface VendorDocument {
  /** As the user typed it. */
  readonly file: string
  readonly text: string
  readonly value: unknown
}

/** Bytes; the largest API descriptions that vendors publish have a quarter of it. */
const LARGEST = 64 * 1024 * 1024
/** Levels; descriptions whose references are written out reach some eighty. */
const DEEPEST = 256
/** Values; GitHub's whole API has a tenth of it. */
const MOST_VALUES = 5_000_000

/** Reads a file that is not ours: whatever it holds, it ends in a value or in an error that contains the place. */
export async function readVendorDocument(file: string): Promise<VendorDocument> {
  const text = readText(file, await bytesOf(file), LARGEST)
  if (typeof text !== 'string') throw errorOf(text)
  if (text.trim() === '')
    throw new OperationalError(`${file}: the file is empty`, { help: 'name the file that the vendor publishes' })
  const value = /^\s*[[{]/.test(text) ? jsonOrYaml(file, text) : yaml(file, text)
  requireBounded(file, value)
  return { file, text, value }
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size > LARGEST)
      throw new OperationalError(`${file}: the file has ${size} bytes; at most ${LARGEST} are read`, {
        help: 'cut out the part that describes the events',
      })
    return await readFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw new OperationalError(`there is no file "${file}"`, { help: 'correct the path after --from' })
    if (code === 'EISDIR')
      throw new OperationalError(`"${file}" is a folder`, { help: 'name the files themselves after --from' })
    throw error
  }
}

function errorOf({ file, span, message, help }: Diagnostic): OperationalError {
  return new OperationalError(`${file}:${span.start.line}:${span.start.column}: ${message}`, { help })
}

/** JSON is read ten times faster as what it is; what only looks like it may be YAML in flow style. */
function jsonOrYaml(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return yaml(file, text)
  }
}

function yaml(file: string, text: string): unknown {
  const lines = new LineCounter()
  const parsed = parseYaml(text, lines, { merge: true })
  if (parsed === undefined) throw tooDeep(file)
  const { document, open } = parsed
  const [error] = document.errors
  if (error !== undefined) {
    const { message, from } = diagnose({ error, text, open })
    const { line, col } = lines.linePos(from)
    throw new OperationalError(`${file}:${line}:${col}: this is neither JSON nor YAML: ${message}`, {
      help: 'correct the file, or export it again from where it comes from',
    })
  }
  try {
    return document.toJS({ maxAliasCount: 10_000 })
  } catch (error) {
    // The library throws for aliases of nothing, and for those that would grow without end.
    const message = error instanceof Error ? error.message : String(error)
    throw new OperationalError(`${file}: the aliases cannot be followed: ${message}`, {
      help: 'write the values out',
      cause: error,
    })
  }
}

/** What follows may walk the value without asking how large it is; an anchor can make a value hold itself. */
function requireBounded(file: string, root: unknown): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }]
  let values = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next
    values += 1
    if (depth > DEEPEST) throw tooDeep(file)
    if (values > MOST_VALUES)
      throw new OperationalError(
        `${file}: the file holds more than ${MOST_VALUES} values once its aliases are written out`,
        {
          help: 'cut out the part that describes the events',
        },
      )
    if (typeof value !== 'object' || value === null) continue
    for (const inside of Object.values(value)) open.push({ value: inside, depth: depth + 1 })
  }
}

function tooDeep(file: string): OperationalError {
  return new OperationalError(`${file}: nested more than ${DEEPEST} levels deep, or without end`, {
    help: 'look for brackets that are never closed, and for anchors inside of themselves',
  })
}

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { checksum } from './checksum.ts'
import { NUMBERS } from './look.ts'
import type { Stamps } from './standing.ts'
import { sweep } from './sweep.ts'
import { writeWhole } from './write-whole.ts'

/** What a run found out, and every file and folder that it follows from or made, as they were then. */
export interface State<Result> extends Stamps {
  readonly result: Result
  /** What only a run needs that finds something changed; read when it is asked for, where it is still there. */
  readonly details: () => Promise<StateDetails<readonly Uint8Array[]> | undefined>
}

export interface StateDetails<Lines> {
  /** Plain JSON. */
  readonly value: unknown
  /** What is taken apart only bit by bit. */
  readonly lines: Lines
}

/** What a state is about: folders and options, and the command that looked at them. A newer command's takes its place. */
export interface Subject {
  readonly place: string
  readonly build: string
}

const STATES = 'states'
/** Bytes of all states together; one of ten thousand connectors takes 66 MB. */
const LARGEST = 256 * 1024 * 1024

interface Facts<Result> extends Subject {
  readonly result: Result
  readonly amount: number
  /** Bytes of the paths. */
  readonly named: number
  /** Digest of the details. */
  readonly details: string
}

interface Head<Result> extends Facts<Result> {
  /** Of the rest of the head; what follows is held against the disk anyway. */
  readonly checksum: string
}

/** The state of an earlier run, where it is there, whole, and about the same thing. */
export function readState<Result>(folder: string, subject: Subject): State<Result> | undefined {
  const path = fileOf(folder, subject)
  try {
    const file = openSync(path, 'r')
    try {
      return stateIn<Result>(file, path, subject)
    } finally {
      closeSync(file)
    }
  } catch {
    // There is none, or it is damaged: everything is looked at again.
    return undefined
  }
}

function stateIn<Result>(file: number, path: string, subject: Subject): State<Result> | undefined {
  const line = firstLine(file)
  const head = JSON.parse(line) as Head<Result>
  if (head.checksum !== checksumOf(head)) return undefined
  if (head.place !== subject.place || head.build !== subject.build) return undefined
  const pathsAt = Buffer.byteLength(line) + 1
  const bytes = bytesOf(file, pathsAt, head.named + head.amount * NUMBERS * Float64Array.BYTES_PER_ELEMENT)
  const paths = head.amount === 0 ? [] : bytes.toString('utf8', 0, head.named).split('\n')
  if (paths.length !== head.amount) return undefined
  const stamps = new Float64Array(head.amount * NUMBERS)
  bytes.copy(new Uint8Array(stamps.buffer), 0, head.named)
  return { result: head.result, paths, stamps, details: () => detailsOf(path, head, pathsAt + bytes.length) }
}

/** Bytes in which the first line mostly ends. */
const FIRST = 4096

function firstLine(file: number): string {
  for (let length = FIRST; ; length *= 4) {
    const start = Buffer.alloc(length)
    const read = readSync(file, start, 0, length, 0)
    const end = start.indexOf('\n')
    if (end !== -1) return start.toString('utf8', 0, end)
    if (read < length) throw new Error('the file has no line')
  }
}

function bytesOf(file: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  if (readSync(file, bytes, 0, length, from) !== length) throw new Error('the file is cut short')
  return bytes
}

/** What follows the stamps: a line of JSON, and others. Another run may have replaced the file meanwhile. */
async function detailsOf(
  path: string,
  head: Head<unknown>,
  from: number,
): Promise<StateDetails<readonly Uint8Array[]> | undefined> {
  try {
    const { digest } = await import('./digest.ts')
    const bytes = restOf(path, from)
    if (digest(bytes) !== head.details) return undefined
    const lines: Buffer[] = []
    for (let start = 0, end = 0; end !== -1; start = end + 1) {
      end = bytes.indexOf('\n', start)
      lines.push(bytes.subarray(start, end === -1 ? bytes.length : end))
    }
    const [first = '', ...rest] = lines
    return { value: JSON.parse(first.toString()), lines: rest }
  } catch {
    return undefined
  }
}

function restOf(path: string, from: number): Buffer {
  const file = openSync(path, 'r')
  try {
    return bytesOf(file, from, fstatSync(file).size - from)
  } finally {
    closeSync(file)
  }
}

interface Written<Result> extends Omit<State<Result>, 'details'> {
  /** The lines are asked for twice. */
  readonly details: StateDetails<() => Iterable<Uint8Array>>
}

export async function writeState<Result>(folder: string, subject: Subject, state: Written<Result>): Promise<boolean> {
  const { digestOfAll } = await import('./digest.ts')
  const { result, paths, stamps, details } = state
  const names = Buffer.from(paths.join('\n'))
  const first = Buffer.from(JSON.stringify(details.value))
  const body = () => joined(first, details.lines())
  let digest: string
  try {
    digest = digestOfAll(body())
  } catch {
    // What the lines are read from is gone: that costs the next run time, and this one nothing.
    return false
  }
  const facts = { ...subject, result, amount: paths.length, named: names.length, details: digest }
  const head = Buffer.from(`${JSON.stringify({ ...facts, checksum: checksumOf(facts) })}\n`)
  const parts = [head, names, new Uint8Array(stamps.buffer)]
  const isWritten = writeWhole(fileOf(folder, subject), parts, body())
  if (isWritten) sweep(join(folder, STATES), LARGEST)
  return isWritten
}

/** Lines that are put together at once: all of them can be more than memory should take twice. */
const LINES = 256

function* joined(first: Uint8Array, rest: Iterable<Uint8Array>): Generator<Uint8Array> {
  let some: Uint8Array[] = [first]
  for (const line of rest) {
    some.push(NEWLINE, line)
    if (some.length < LINES * 2) continue
    yield Buffer.concat(some)
    some = []
  }
  yield Buffer.concat(some)
}

const NEWLINE = Buffer.from('\n')

function fileOf(folder: string, { place }: Subject): string {
  return join(folder, STATES, checksum(place))
}

function checksumOf({ place, build, result, amount, named, details }: Facts<unknown>): string {
  return checksum(JSON.stringify({ place, build, result, amount, named, details }))
}

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { checksum } from './checksum.ts'
import { NUMBERS, putStamp } from './look.ts'
import { stampsOf } from './stamps-of.ts'
import { sweep } from './sweep.ts'
import { writeWhole } from './write-whole.ts'

/** What a run found out, and every file and folder that it follows from or made, as they were then. */
export interface State<Result> {
  readonly result: Result
  readonly paths: readonly string[]
  /** `NUMBERS` for each path. */
  readonly stamps: Float64Array
  /** What only a run needs that finds something changed; read when it is asked for, where it is still there. */
  readonly details: () => Promise<Details | undefined>
}

export interface Details {
  /** Plain JSON. */
  readonly value: unknown
  /** What is taken apart only bit by bit. */
  readonly lines: readonly Uint8Array[]
}

/** What a state is about: folders and options, and the command that looked at them. A newer command's takes its place. */
export interface Subject {
  readonly place: string
  readonly build: string
}

const STATES = 'states'
/** Bytes of all states together; one of ten thousand connectors takes 50 MB. */
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
async function detailsOf(path: string, head: Head<unknown>, from: number): Promise<Details | undefined> {
  try {
    const { digest } = await import('./digest.ts')
    const bytes = restOf(path, from)
    if (digest(bytes) !== head.details) return undefined
    const lines: Uint8Array[] = []
    for (let start = 0, end = 0; end !== -1; start = end + 1) {
      end = bytes.indexOf('\n', start)
      lines.push(bytes.subarray(start, end === -1 ? bytes.length : end))
    }
    const [first = '', ...rest] = lines
    return { value: JSON.parse(Buffer.from(first).toString()), lines: rest }
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
  readonly details: Details
}

export async function writeState<Result>(folder: string, subject: Subject, state: Written<Result>): Promise<boolean> {
  const { digestOfAll } = await import('./digest.ts')
  const { result, paths, stamps, details } = state
  const names = Buffer.from(paths.join('\n'))
  const body = () => joined([Buffer.from(JSON.stringify(details.value)), ...details.lines])
  const facts = { ...subject, result, amount: paths.length, named: names.length, details: digestOfAll(body()) }
  const head = Buffer.from(`${JSON.stringify({ ...facts, checksum: checksumOf(facts) })}\n`)
  const parts = [head, names, new Uint8Array(stamps.buffer)]
  const isWritten = writeWhole(fileOf(folder, subject), parts, body())
  if (isWritten) sweep(join(folder, STATES), LARGEST)
  return isWritten
}

/** Lines that are put together at once: all of them can be more than memory should take twice. */
const LINES = 256

function* joined(lines: readonly Uint8Array[]): Generator<Uint8Array> {
  for (let start = 0; start < lines.length; start += LINES) {
    const some = lines.slice(start, start + LINES).flatMap((line) => [NEWLINE, line])
    // Between lines only.
    yield Buffer.concat(start === 0 ? some.slice(1) : some)
  }
}

const NEWLINE = Buffer.from('\n')

type Stamps = Pick<State<unknown>, 'paths' | 'stamps'>

/** The stamp of a file or folder that is as it was; undefined of any other. */
export type StampOf = (path: string) => Float64Array | undefined

/** Which of the files and folders are as they were. */
export interface Standing {
  readonly all: boolean
  readonly paths: readonly string[]
  /** Of those from one place in `paths` to another. */
  readonly stampsIn: (from: number, to: number) => StampOf
}

export async function compared({ paths, stamps }: Stamps): Promise<Standing> {
  const found = await stampsOf(paths)
  const isAt = (index: number) => {
    for (let at = index * NUMBERS; at < (index + 1) * NUMBERS; at += 1) {
      if (found[at] !== stamps[at]) return false
    }
    return true
  }
  return {
    all: paths.every((_, index) => isAt(index)),
    paths,
    stampsIn(from, to) {
      const indexIn = finder(paths.slice(from, to))
      return (path) => {
        const index = indexIn(path)
        if (index === undefined || !isAt(from + index)) return undefined
        return stamps.subarray((from + index) * NUMBERS, (from + index + 1) * NUMBERS)
      }
    },
  }
}

/** Whether a file or folder has this stamp now. */
export function isStamped(path: string, stamp: Float64Array): boolean {
  const now = new Float64Array(NUMBERS)
  putStamp(now, 0, path)
  return now.every((number, at) => number === stamp[at])
}

/** How far to look ahead for what is asked for next. */
const AHEAD = 64

/**
 * Where paths stand in a list, most of which are asked for in its order, or from its start again: comparing with the
 * next is quick, while an index of a hundred thousand paths takes long to make.
 */
function finder(paths: readonly string[]): (path: string) => number | undefined {
  let next = 0
  let all: ReadonlyMap<string, number> | undefined
  const near = (start: number, path: string) => {
    const end = Math.min(paths.length, start + AHEAD)
    for (let index = start; index < end; index += 1) if (paths[index] === path) return index
    return undefined
  }
  return (path) => {
    let index = near(next, path) ?? near(0, path)
    if (index === undefined) {
      all ??= new Map(paths.map((one, at) => [one, at]))
      index = all.get(path)
    }
    if (index !== undefined) next = index + 1
    return index
  }
}

/** Those of the files and folders that were changed at a time or later. */
export function changedSince({ paths, stamps }: Stamps, time: number): Stamps {
  const late = paths.flatMap((_, index) => ((stamps[index * NUMBERS + 2] ?? 0) < time ? [] : [index]))
  return {
    paths: late.map((index) => paths[index] ?? ''),
    stamps: Float64Array.from(late.flatMap((index) => [...stamps.subarray(index * NUMBERS, (index + 1) * NUMBERS)])),
  }
}

/** One of the stamps; its times are in milliseconds of the file system's clock. */
export function stampAt(stamps: Float64Array, index: number): { readonly modified: number; readonly changed: number } {
  const at = index * NUMBERS
  return { modified: stamps[at + 1] ?? Number.NaN, changed: stamps[at + 2] ?? Number.NaN }
}

/** When the newest of them was changed, in milliseconds of the file system's clock; NaN where one is missing. */
export function newest(stamps: Float64Array): number {
  let found = 0
  for (let at = 2; at < stamps.length; at += NUMBERS) found = Math.max(found, stamps[at] ?? 0)
  return found
}

function fileOf(folder: string, { place }: Subject): string {
  return join(folder, STATES, checksum(place))
}

function checksumOf({ place, build, result, amount, named, details }: Facts<unknown>): string {
  return checksum(JSON.stringify({ place, build, result, amount, named, details }))
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checksum } from './checksum.ts'
import { NUMBERS, putStamp } from './look.ts'
import { stampsOf } from './stamps-of.ts'
import { sweep } from './sweep.ts'
import { writeWhole } from './write-whole.ts'

/** What a run found out, and every file and folder that it follows from or made, as they were then. */
export interface State<Result> {
  readonly result: Result
  /** What only a run needs that finds something changed; read when it is asked for. */
  readonly details: () => unknown
  readonly paths: readonly string[]
  /** `NUMBERS` for each path. */
  readonly stamps: Float64Array
}

/** What a state is about: folders and options, and the command that looked at them. A newer command's takes its place. */
export interface Subject {
  readonly place: string
  readonly build: string
}

const STATES = 'states'
/** Bytes of all states together; one of ten thousand connectors takes 30 MB. */
const LARGEST = 256 * 1024 * 1024

interface Facts<Result> extends Subject {
  readonly result: Result
  readonly amount: number
  /** Bytes. */
  readonly detailed: number
}

interface Head<Result> extends Facts<Result> {
  /** Of the rest of the head; what follows is held against the disk anyway. */
  readonly checksum: string
}

/** The state of an earlier run, where it is there, whole, and about the same thing. */
export function readState<Result>(folder: string, subject: Subject): State<Result> | undefined {
  try {
    const bytes = readFileSync(fileOf(folder, subject))
    const headEnd = bytes.indexOf('\n')
    const head = JSON.parse(bytes.toString('utf8', 0, headEnd)) as Head<Result>
    if (head.checksum !== checksumOf(head)) return undefined
    if (head.place !== subject.place || head.build !== subject.build) return undefined
    const detailsAt = bytes.length - head.detailed
    const stampsAt = detailsAt - head.amount * NUMBERS * 8
    const paths = head.amount === 0 ? [] : bytes.toString('utf8', headEnd + 1, stampsAt).split('\n')
    if (paths.length !== head.amount) return undefined
    const stamps = new Float64Array(head.amount * NUMBERS)
    bytes.copy(new Uint8Array(stamps.buffer), 0, stampsAt, detailsAt)
    return { result: head.result, paths, stamps, details: () => parsed(bytes.toString('utf8', detailsAt)) }
  } catch {
    // There is none, or it is damaged: everything is looked at again.
    return undefined
  }
}

/** A text with its checksum before it, as `writeState` leaves it. */
function parsed(text: string): unknown {
  const body = text.slice(CHECKSUM)
  try {
    return text.slice(0, CHECKSUM) === checksum(body) ? JSON.parse(body) : undefined
  } catch {
    return undefined
  }
}

/** Characters of a checksum. */
const CHECKSUM = 16

interface Written<Result> extends Omit<State<Result>, 'details'> {
  readonly details: unknown
}

export function writeState<Result>(folder: string, subject: Subject, state: Written<Result>): boolean {
  const { result, paths, stamps } = state
  const body = JSON.stringify(state.details)
  const details = `${checksum(body)}${body}`
  const facts = { ...subject, result, amount: paths.length, detailed: Buffer.byteLength(details) }
  const isWritten = writeWhole(
    fileOf(folder, subject),
    `${JSON.stringify({ ...facts, checksum: checksumOf(facts) })}\n`,
    paths.join('\n'),
    new Uint8Array(stamps.buffer),
    details,
  )
  if (isWritten) sweep(join(folder, STATES), LARGEST)
  return isWritten
}

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

function checksumOf({ place, build, result, amount, detailed }: Facts<unknown>): string {
  return checksum(JSON.stringify({ place, build, result, amount, detailed }))
}

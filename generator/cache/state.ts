import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digest } from './digest.ts'
import { type Stamp, stampOf } from './stamp.ts'
import { sweep } from './sweep.ts'
import { writeWhole } from './write-whole.ts'

/** What a run found out, and every file and folder that it follows from or made, as they were then. */
export interface State<Result> {
  readonly result: Result
  /** What only a run needs that finds something changed; read when it is asked for. */
  readonly details: () => unknown
  readonly paths: readonly string[]
  /** Four numbers for each path: size, modified, changed, inode. */
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
const NUMBERS = 4

interface Head<Result> {
  /** Of the rest of the head; what follows is held against the disk anyway. */
  readonly digest: string
  readonly result: Result
  readonly amount: number
  /** Bytes. */
  readonly detailed: number
}

/** The state of an earlier run, where it is there, whole, and about the same thing. */
export function readState<Result>(folder: string, subject: Subject): State<Result> | undefined {
  try {
    const bytes = readFileSync(fileOf(folder, subject))
    const headEnd = bytes.indexOf('\n')
    const head = JSON.parse(bytes.toString('utf8', 0, headEnd)) as Head<Result>
    if (head.digest !== digestOf(subject, head)) return undefined
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

/** A text with its digest before it, as `writeState` leaves it. */
function parsed(text: string): unknown {
  const body = text.slice(DIGEST)
  try {
    return text.slice(0, DIGEST) === digest(body) ? JSON.parse(body) : undefined
  } catch {
    return undefined
  }
}

/** Characters of a digest. */
const DIGEST = 22

interface Written<Result> extends Omit<State<Result>, 'details'> {
  readonly details: unknown
}

export function writeState<Result>(folder: string, subject: Subject, state: Written<Result>): boolean {
  const { result, paths, stamps } = state
  const body = JSON.stringify(state.details)
  const details = Buffer.from(`${digest(body)}${body}`)
  const head = { result, amount: paths.length, detailed: details.length }
  const isWritten = writeWhole(
    fileOf(folder, subject),
    Buffer.concat([
      Buffer.from(`${JSON.stringify({ ...head, digest: digestOf(subject, head) })}\n${paths.join('\n')}`),
      Buffer.from(stamps.buffer),
      details,
    ]),
  )
  if (isWritten) sweep(join(folder, STATES), LARGEST)
  return isWritten
}

/** Whether every file and folder is as it was; with a time, whether those are that were changed then or later. */
export function isUnchanged({ paths, stamps }: Stamps, since = 0): boolean {
  return paths.every((path, index) => changedAt(stamps, index) < since || isAt(stamps, index, stampOf(path)))
}

function changedAt(stamps: Float64Array, index: number): number {
  return stamps[index * NUMBERS + 2] ?? 0
}

type Stamps = Pick<State<unknown>, 'paths' | 'stamps'>

/** Tells of each of the files and folders whether it is as it was; of others, that they are not. */
export function unchangedIn({ paths, stamps }: Stamps): (path: string) => boolean {
  const same = new Set(paths.filter((path, index) => isAt(stamps, index, stampOf(path))))
  return (path) => same.has(path)
}

function isAt(stamps: Float64Array, index: number, stamp: Stamp | undefined): boolean {
  if (stamp === undefined) return false
  const { size, modified, changed, inode } = stamp
  const at = index * NUMBERS
  return stamps[at] === size && stamps[at + 1] === modified && stamps[at + 2] === changed && stamps[at + 3] === inode
}

/** The stamps of these paths; undefined where one is missing. */
export function stampsOf(paths: readonly string[]): Float64Array | undefined {
  const stamps = new Float64Array(paths.length * NUMBERS)
  for (const [index, path] of paths.entries()) {
    const stamp = stampOf(path)
    if (stamp === undefined) return undefined
    stamps.set([stamp.size, stamp.modified, stamp.changed, stamp.inode], index * NUMBERS)
  }
  return stamps
}

/** When the newest of them was changed, in milliseconds of the file system's clock. */
export function newest(stamps: Float64Array): number {
  let found = 0
  for (let at = 2; at < stamps.length; at += NUMBERS) found = Math.max(found, stamps[at] ?? 0)
  return found
}

function fileOf(folder: string, { place }: Subject): string {
  return join(folder, STATES, digest(place))
}

function digestOf({ place, build }: Subject, { result, amount, detailed }: Omit<Head<unknown>, 'digest'>): string {
  return digest(place, build, JSON.stringify({ result, amount, detailed }))
}

import { dirname, join } from 'node:path'
import { diskTime, waitUntilAfter } from '../cache/clock.ts'
import { followed } from '../cache/followed.ts'
import { NUMBERS } from '../cache/look.ts'
import { stampsOf } from '../cache/stamps-of.ts'
import { changedSince, compared, newest, readState, type Subject, stampAt, writeState } from '../cache/state.ts'
import { readTree } from '../output/tree.ts'
import type { Assembled } from './assembly.ts'
import type { Details, Earlier } from './earlier.ts'

/** What a run without findings and without open changes says, when it is run again. */
export interface Totals {
  readonly fileCount: number
  readonly connectors: number
  readonly events: number
  readonly unchanged: number
  /** What is not ours in the output folder. */
  readonly stray: readonly string[]
}

/** What an earlier run knows about the same thing: all of it, or what still holds. */
export type Recalled =
  | { readonly kind: 'unchanged'; readonly totals: Totals }
  | { readonly kind: 'changed'; readonly earlier: () => Earlier | undefined }

export async function recall(cache: string, subject: Subject): Promise<Recalled | undefined> {
  const state = readState<Totals>(cache, subject)
  if (state === undefined) return undefined
  const { all, isSame, isStillSame } = await compared(state)
  if (all) return { kind: 'unchanged', totals: state.result }
  const earlier = () => {
    const details = state.details() as Details | undefined
    return details === undefined ? undefined : { details, isSame, isStillSame }
  }
  return { kind: 'changed', earlier }
}

export interface Remembered {
  readonly cache: string
  readonly subject: Subject
  /** When the run began, by the clock of the disk: what was changed since may not be what was read. */
  readonly begun: number
  /** When all was written and nothing at its place yet: what was changed at its place has a later modification time. */
  readonly staged?: number
  readonly folder: string
  readonly out?: string
  /** Folders of the targets. */
  readonly subfolders: readonly string[]
  readonly assembled: Assembled
}

/**
 * Notes that all is as it should be, with the stamp of every file and folder that this follows from. Where anything
 * was changed meanwhile nothing is noted: the next run looks at everything again.
 */
export async function remember({
  cache,
  subject,
  begun,
  staged = 0,
  folder,
  out,
  subfolders,
  assembled,
}: Remembered): Promise<void> {
  const { definitions, samples, output } = assembled.paths()
  const stray = assembled.changes.filter(({ kind }) => kind === 'stray').map(({ path }) => path)
  const folders = out === undefined ? [] : foldersIn(out, subfolders, output.length + stray.length)
  if (folders === undefined) return
  const sampleFiles = samples.map((name) => join(folder, name))
  const sources = [...followed([folder]), ...definitions.map((name) => join(folder, name)), ...sampleFiles]
  const sampleFolders = followed([...new Set(sampleFiles.flatMap((path) => [dirname(path), dirname(dirname(path))]))])
  const outputFolders = followed(folders.map((path) => join(out ?? '', path)))
  const files = [...output, ...stray]
  const before = [...sources, ...sampleFolders, ...outputFolders]
  const paths = [...before, ...files.map((path) => join(out ?? '', path))]
  const looked = diskTime(cache)
  const stamps = await stampsOf(paths)
  // Where a file is gone by now its stamp is no number, and no comparison holds.
  if (looked === undefined || !(newest(stamps) > 0) || !(newest(stamps.subarray(0, sources.length * NUMBERS)) < begun))
    return
  const { fileCount, connectors, events, changes, unchanged } = assembled
  const written = new Set(changes.filter(({ kind }) => kind === 'create' || kind === 'update').map(({ path }) => path))
  const isAsLeft = (path: string, index: number) => {
    const { modified, changed } = stampAt(stamps, before.length + index)
    return written.has(path) ? modified <= staged : changed < begun
  }
  if (!files.every(isAsLeft)) return
  const result = { fileCount, connectors, events, unchanged: unchanged + written.size, stray }
  // What was changed earlier gets another stamp if it is changed again; of the rest the clock cannot tell.
  if (!waitUntilAfter(cache, newest(stamps))) return
  if (!(await compared(changedSince({ paths, stamps }, looked))).all) return
  writeState(cache, subject, { result, paths, stamps, details: assembled.details() })
}

/** The folders of the output, where it holds as many files as it should. */
function foldersIn(out: string, subfolders: readonly string[], amount: number): readonly string[] | undefined {
  const { entries, folders } = readTree(out, subfolders)
  return entries.length === amount ? folders : undefined
}

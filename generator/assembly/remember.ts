import { dirname, join } from 'node:path'
import { diskTime, waitUntilAfter } from '../cache/clock.ts'
import { followed } from '../cache/followed.ts'
import { NUMBERS } from '../cache/look.ts'
import { stampsOf } from '../cache/stamps-of.ts'
import { changedSince, compared, newest, type StampOf, stampAt } from '../cache/standing.ts'
import { readState, type Subject, writeState } from '../cache/state.ts'
import { placeIn } from '../output/place-in.ts'
import { type Folder, type KnownFolder, readTree } from '../output/tree.ts'
import type { Assembled } from './assembly.ts'
import { type Details, type Earlier, earlierRun } from './earlier.ts'
import { sampleFolders } from './made.ts'

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
  | { readonly kind: 'changed'; readonly earlier: (out: string) => Promise<Earlier | undefined> }

export async function recall(cache: string, subject: Subject): Promise<Recalled | undefined> {
  const state = readState<Totals>(cache, subject)
  if (state === undefined) return undefined
  const standing = await compared(state)
  if (standing.all) return { kind: 'unchanged', totals: state.result }
  const earlier = async (out: string) => {
    const details = await state.details()
    return details === undefined ? undefined : earlierRun(out, details, standing)
  }
  return { kind: 'changed', earlier }
}

export interface Remembered {
  readonly cache: string
  readonly subject: Subject
  /** When the run began, by the clock of the disk: what was changed since may not be what was read. */
  readonly begun: number
  /** When all was written and nothing at its place yet: what is written there later has a later modification time. */
  readonly staged?: number
  readonly folder: string
  readonly out?: string
  /** What was known before. */
  readonly earlier?: Earlier
  /** Folders of the targets. */
  readonly subfolders: readonly string[]
  readonly assembled: Assembled
}

/**
 * Notes that all is as it should be, with the stamp of every file and folder that this follows from. Where anything
 * was changed meanwhile nothing is noted: the next run looks at everything again.
 */
export async function remember(wanted: Remembered): Promise<void> {
  const { cache, subject, begun, staged = 0, assembled } = wanted
  const stray = assembled.changes.filter(({ kind }) => kind === 'stray').map(({ path }) => path)
  const files = [...assembled.paths().output, ...stray]
  const kept = keptSince(wanted)
  const readFolders = () => foldersIn(wanted, kept, files)
  const folders = readFolders()
  if (folders === undefined) return
  const { paths, foldersFrom, filesFrom } = everything(wanted, folders, files)
  const looked = diskTime(cache)
  const stampKept = (path: string, index: number) =>
    (index < foldersFrom ? kept.source : index < filesFrom ? kept.folder : kept.file)(path)
  const { stamps, isNew } = await stampsSince(stampKept, paths)
  // Where a file is gone by now its stamp is no number, and no comparison holds.
  if (looked === undefined || !(newest(stamps) > 0)) return
  const written = assembled.inodes()
  const isAsLeft = (index: number) => {
    const { modified, changed, inode } = stampAt(stamps, index)
    const own = written.get(files[index - filesFrom] ?? '')
    // Another run can have put its own file there, which is as old.
    if (own !== undefined) return inode === own && modified <= staged
    // Folders are stamped by what this run did; that nothing else came or went, reading them once more tells.
    const isFolder = index >= foldersFrom && index < filesFrom
    return isFolder || changed < begun
  }
  if (!isNew.every(isAsLeft) || JSON.stringify(readFolders()) !== JSON.stringify(folders)) return
  // What was changed earlier gets another stamp if it is changed again; of the rest the clock cannot tell.
  if (!waitUntilAfter(cache, newest(stamps))) return
  if (!(await compared(changedSince({ paths, stamps }, looked))).all) return
  const { fileCount, connectors, events, unchanged } = assembled
  const result = { fileCount, connectors, events, unchanged: unchanged + written.size, stray }
  const { value, lines } = assembled.details()
  const details = { value: { ...value, folders, foldersFrom, filesFrom } satisfies Details, lines }
  await writeState(cache, subject, { result, paths, stamps, details })
}

/** Everything that the result follows from: sources, folders of the output, and its files. */
function everything(
  { folder, out = '', assembled }: Remembered,
  folders: readonly Folder[],
  files: readonly string[],
): { readonly paths: readonly string[]; readonly foldersFrom: number; readonly filesFrom: number } {
  const { definitions, samples } = assembled.paths()
  const place = placeIn(out)
  const sampleFiles = samples.map((name) => join(folder, name))
  const own = definitions.map((name) => join(folder, name))
  const sources = [...followed([folder]), ...own, ...sampleFiles, ...sampleFolders(sampleFiles)]
  const foldersFrom = sources.length
  const before = [...sources, ...followed(folders.map(({ path }) => place(path)))]
  return { paths: [...before, ...files.map(place)], foldersFrom, filesFrom: before.length }
}

/** What an earlier run knew and this one has not touched. */
interface Untouched {
  readonly source: StampOf
  readonly folder: StampOf
  readonly file: StampOf
  readonly inside: KnownFolder
}

function keptSince({ earlier, out = '', assembled }: Remembered): Untouched {
  const nothing = () => undefined
  if (earlier === undefined) return { source: nothing, folder: nothing, file: nothing, inside: nothing }
  const place = placeIn(out)
  const changed = assembled.changes.filter(({ kind }) => kind !== 'stray').map(({ path }) => path)
  const folders = new Set<string>()
  for (const path of changed) {
    // A file that comes or goes can bring or take folders.
    for (let above = dirname(path); above !== '.' && !folders.has(above); above = dirname(above)) folders.add(above)
  }
  const touchedFiles = new Set(changed.map(place))
  const touchedFolders = new Set(followed([...folders].map(place)))
  return {
    source: earlier.sources,
    folder: (path) => (touchedFolders.has(path) ? undefined : earlier.folders(path)),
    file: (path) => (touchedFiles.has(path) ? undefined : earlier.files(path)),
    inside: (path) => (folders.has(path) ? undefined : earlier.knownFolder(path)),
  }
}

/**
 * The stamps of these paths. What was as before when this run looked has the stamp that it had then: if it was changed
 * since, the next run will find another. `isNew` are the indexes of those that were looked at only now.
 */
async function stampsSince(
  stampKept: (path: string, index: number) => Float64Array | undefined,
  paths: readonly string[],
) {
  const stamps = new Float64Array(paths.length * NUMBERS)
  const isNew: number[] = []
  for (const [index, path] of paths.entries()) {
    const known = stampKept(path, index)
    if (known === undefined) isNew.push(index)
    else stamps.set(known, index * NUMBERS)
  }
  const found = await stampsOf(isNew.map((index) => paths[index] ?? ''))
  for (const [at, index] of isNew.entries())
    stamps.set(found.subarray(at * NUMBERS, (at + 1) * NUMBERS), index * NUMBERS)
  return { stamps, isNew }
}

/** The folders of the output, where it holds what it should and nothing else. */
function foldersIn(
  { out, subfolders }: Remembered,
  kept: Untouched,
  wanted: readonly string[],
): readonly Folder[] | undefined {
  if (out === undefined) return []
  const tree = readTree(out, subfolders, kept.inside)
  const known = tree.isPlain ? undefined : new Set(wanted)
  const isRight = known === undefined ? tree.amount === wanted.length : tree.paths().every((path) => known.has(path))
  return isRight ? tree.folders : undefined
}

import {
  close,
  copyFileSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { newAsideName, removeAbandoned } from './aside.ts'
import type { Change } from './plan.ts'

type Written = Extract<Change, { readonly content: unknown }>

/**
 * Carries a plan out. Every new text is written aside first, where it is not there already, and renamed only once all
 * are there, so a full disk or a killed run leaves whole files, old or new, and never half of one. `onStaged` is called
 * between the two. Gives the inode of each file that was put to its place.
 */
export function commit(folder: string, changes: readonly Change[], onStaged = () => {}): ReadonlyMap<string, number> {
  removeAbandoned(folder)
  const stage = new Stage(folder)
  const replaced = new Replaced()
  const inodes = new Map<string, number>()
  try {
    for (const change of changes) {
      if (isWritten(change)) stage.put(change)
    }
    onStaged()
    for (const change of changes) {
      if (!isWritten(change)) continue
      if (change.kind === 'update') replaced.hold(join(folder, change.path))
      const temporary = stage.temporaryOf(change)
      inodes.set(change.path, lstatSync(temporary).ino)
      renameSync(temporary, join(folder, change.path))
    }
  } finally {
    replaced.release()
    stage.remove()
  }
  for (const change of changes) {
    if (change.kind === 'delete') remove(folder, change.path)
  }
  return inodes
}

function isWritten(change: Change): change is Written {
  return change.kind === 'create' || change.kind === 'update'
}

/** Bytes from which on it takes a file system long to free what a file held: a millisecond for a few of them. */
const LONG = 4 * 1024 * 1024

/** Large files that are replaced are held open until all is done, and freed meanwhile on another thread. */
class Replaced {
  readonly #files: number[] = []

  hold(path: string): void {
    try {
      const found = lstatSync(path)
      if (found.isFile() && found.size >= LONG) this.#files.push(openSync(path, 'r'))
    } catch {
      // Another run has just removed it: then there is nothing to free.
    }
  }

  release(): void {
    // What cannot be closed is closed at the end of the process.
    for (const file of this.#files) close(file, () => {})
  }
}

/** Everything that is to be renamed to its place. What is aside already is not remembered: there can be a lot of it. */
class Stage {
  readonly #root: string
  /** Not beside its place: another run at the same time would take it for something that is left over. */
  readonly #aside: string
  /** Those that are there: most files stand beside others. */
  readonly #folders = new Set<string>()
  readonly #written = new Map<string, string>()

  constructor(root: string) {
    this.#root = root
    this.#aside = join(root, newAsideName())
  }

  put({ path, content }: Written): void {
    const folder = dirname(path)
    if (!this.#folders.has(folder)) mkdirSync(join(this.#root, folder), { recursive: true })
    this.#folders.add(folder)
    if ('aside' in content) return
    if (this.#written.size === 0) mkdirSync(this.#aside, { recursive: true })
    const temporary = join(this.#aside, String(this.#written.size))
    this.#written.set(path, temporary)
    if ('copy' in content) copyFileSync(content.copy, temporary)
    else writeFileSync(temporary, content.text)
  }

  temporaryOf({ path, content }: Written): string {
    return 'aside' in content ? content.aside : (this.#written.get(path) ?? '')
  }

  remove(): void {
    rmSync(this.#aside, { recursive: true, force: true })
  }
}

/** Removes a file, and the folders above it that are empty then. */
function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true })
  for (let above = dirname(path); above !== '.'; above = dirname(above)) {
    try {
      rmdirSync(join(folder, above))
    } catch {
      return
    }
  }
}

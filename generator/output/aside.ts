import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import type { Content, Place } from './content.ts'

const PREFIX = '.aside-'

export function newAsideName(): string {
  return `${PREFIX}${randomUUID()}`
}

/** Milliseconds without a new file after which a folder belongs to nobody: a run makes thousands of files a second. */
const ABANDONED = 60 * 60 * 1000

/** Removes from the output folder what runs left there that were killed. */
export function removeAbandoned(out: string): void {
  const names = existsSync(out) ? readdirSync(out) : []
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const path = join(out, name)
    if (Date.now() - lastUsed(path) > ABANDONED) removeIfAllowed(path)
  }
}

function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // Another user's: it is in nobody's way.
  }
}

/** When something was last put into a folder of this kind, whose threads have folders of their own. */
function lastUsed(path: string): number {
  try {
    const folders = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return Math.max(...[path, ...folders.map(({ name }) => join(path, name))].map((one) => statSync(one).mtimeMs))
  } catch {
    // Another run has just removed it.
    return Number.POSITIVE_INFINITY
  }
}

/** The folder of one run beside its output, for what is renamed or copied from there to its place; not made yet. */
export interface AsideFolder {
  readonly path: string
  /** Removes the folder with all that is still in it, and the output folder if it was made for this alone. */
  readonly remove: () => void
}

export function asideFolder(out: string): AsideFolder {
  const path = join(out, newAsideName())
  const wasThere = existsSync(out)
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true })
      if (wasThere) return
      try {
        rmdirSync(out)
      } catch {
        // It was never made, or there is something in it by now.
      }
    },
  }
}

/**
 * Keeps texts until the end of a run: in memory, or in a folder where the registry is too large for that. Each
 * thread has a folder of its own there: the file system lets only one thread at a time make a file in a folder.
 */
export class Aside {
  readonly #folder: string | undefined
  #files = 0
  /** By kind. */
  readonly #fragments = new Map<string, FragmentFile>()

  constructor(folder: string | undefined) {
    this.#folder = folder === undefined ? undefined : join(folder, String(threadId))
    if (this.#folder !== undefined) mkdirSync(this.#folder, { recursive: true })
  }

  /** A whole file, to be renamed to its place. */
  put(text: string): Content {
    if (this.#folder === undefined) return { text }
    const path = `${this.#folder}/${this.#files.toString(36)}`
    this.#files += 1
    writeFileSync(path, text)
    return { aside: path }
  }

  /** A text to be read later. Those of a kind stand together: most are read so. */
  keep(kind: string, text: string): Place {
    const bytes = Buffer.from(text)
    if (this.#folder === undefined) return { bytes }
    const known = this.#fragments.get(kind)
    const { path, file, end } = known ?? openFragments(join(this.#folder, `fragments-${this.#fragments.size}`))
    writeFileSync(file, bytes)
    this.#fragments.set(kind, { path, file, end: end + bytes.length })
    return { path, offset: end, length: bytes.length }
  }

  /** Nothing is kept after it; threads that end need not call it. */
  close(): void {
    for (const { file } of this.#fragments.values()) closeSync(file)
    this.#fragments.clear()
  }
}

interface FragmentFile {
  readonly path: string
  readonly file: number
  /** Bytes. */
  readonly end: number
}

function openFragments(path: string): FragmentFile {
  const file = openSync(path, 'a')
  // What was kept earlier in the same run stays.
  return { path, file, end: fstatSync(file).size }
}

/** For runs that write nothing: what differs is named, and its text is not needed. */
export class Nowhere {
  put(): Content {
    return { text: '' }
  }

  keep(): Place {
    return { bytes: new Uint8Array() }
  }
}

import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Tree {
  /** The folders that are there, relative to the output folder, with forward slashes. */
  readonly folders: readonly Folder[]
  /** How many things there are that are no folders. */
  readonly amount: number
  /** Whether they are files, all of them: behind a link to a folder there can be more than one. */
  readonly isPlain: boolean
  /** Theirs, relative to the output folder. */
  readonly paths: () => readonly string[]
}

export interface Folder {
  readonly path: string
  /** How many things stand in it that are no folders. */
  readonly amount: number
  /** Whether they are files, all of them. */
  readonly isPlain: boolean
}

/** What stands in a folder. */
export interface Inside extends Omit<Folder, 'path'> {
  /** Names of what is no folder. */
  readonly files: () => readonly string[]
  /** Names. */
  readonly folders: readonly string[]
}

/** What stands in a folder of the output folder, where that is known without reading it. */
export type KnownFolder = (folder: string) => Inside | undefined

const NOTHING_KNOWN: KnownFolder = () => undefined

/** Everything in the given subfolders of the output folder; a folder that is missing is empty. */
export function readTree(root: string, subfolders: readonly string[], known = NOTHING_KNOWN): Tree {
  const found: { readonly path: string; readonly inside: Inside }[] = []
  const visit = (path: string): void => {
    const inside = known(path) ?? readFolder(join(root, path))
    if (inside === undefined) return
    found.push({ path, inside })
    for (const name of inside.folders) visit(`${path}/${name}`)
  }
  subfolders.forEach(visit)
  return {
    folders: found.map(({ path, inside: { amount, isPlain } }) => ({ path, amount, isPlain })),
    amount: found.reduce((sum, { inside }) => sum + inside.amount, 0),
    isPlain: found.every(({ inside }) => inside.isPlain),
    paths: () => found.flatMap(({ path, inside }) => inside.files().map((name) => `${path}/${name}`)),
  }
}

function readFolder(path: string): Inside | undefined {
  const entries = entriesOf(path)
  if (entries === undefined) return undefined
  const files: string[] = []
  const folders: string[] = []
  for (const entry of entries) (entry.isDirectory() ? folders : files).push(entry.name)
  const isPlain = entries.every((entry) => entry.isFile() || entry.isDirectory())
  return { amount: files.length, isPlain, files: () => files, folders }
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

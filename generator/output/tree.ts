import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareText } from '../text/compare-text.ts'

/** What stands at a path of the output folder today. */
export interface Existing {
  /** Relative to the output folder, with forward slashes. */
  readonly path: string
  /** False for what is no regular file, such as a symbolic link. */
  readonly isFile: boolean
}

export interface Tree {
  /** Sorted by path. */
  readonly entries: readonly Existing[]
  /** The folders that are there, relative to the output folder. */
  readonly folders: readonly string[]
}

/** Everything in the given subfolders of the output folder; a folder that is missing is empty. */
export function readTree(folder: string, subfolders: readonly string[]): Tree {
  const entries: Existing[] = []
  const folders: string[] = []
  for (const subfolder of subfolders) readFolder(folder, subfolder, { entries, folders })
  return { entries: entries.sort((left, right) => compareText(left.path, right.path)), folders }
}

interface Found {
  readonly entries: Existing[]
  readonly folders: string[]
}

function readFolder(root: string, folder: string, found: Found): void {
  const entries = entriesOf(join(root, folder))
  if (entries === undefined) return
  found.folders.push(folder)
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) readFolder(root, path, found)
    else found.entries.push({ path, isFile: entry.isFile() })
  }
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

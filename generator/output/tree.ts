import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MARK } from '../targets/header.ts'
import { compareText } from '../text/compare-text.ts'

/** What stands at a path of the output folder today. */
export interface Existing {
  /** Relative to the output folder, with forward slashes. */
  readonly path: string
  /** The text of a regular file; undefined for what is none, such as a symbolic link. */
  readonly text: string | undefined
  /** Whether the file carries our header, and so may be replaced or deleted. */
  readonly ours: boolean
}

/** Bytes from the start of a file in which the header stands. */
const HEADER_REACH = 1000

/** Everything in the given subfolders of the output folder, sorted by path; a folder that is missing is empty. */
export async function readTree(folder: string, subfolders: readonly string[]): Promise<readonly Existing[]> {
  const found = await Promise.all(subfolders.map((subfolder) => readFolder(folder, subfolder)))
  return found.flat().sort((left, right) => compareText(left.path, right.path))
}

async function readFolder(root: string, folder: string): Promise<readonly Existing[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const found = await Promise.all(entries.map((entry) => readEntry(root, `${folder}/${entry.name}`, entry)))
  return found.flat()
}

async function readEntry(root: string, path: string, entry: Dirent): Promise<readonly Existing[]> {
  if (entry.isDirectory()) return readFolder(root, path)
  if (!entry.isFile()) return [{ path, text: undefined, ours: false }]
  const text = await readFile(join(root, path), 'utf8')
  return [{ path, text, ours: text.slice(0, HEADER_REACH).includes(MARK) }]
}

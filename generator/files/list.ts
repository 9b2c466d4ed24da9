import { type Dirent, lstatSync, readdirSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Size in bytes, times in milliseconds. Identifies one state of a regular file as long as nobody forges the ctime. */
export type FileStat = readonly [size: number, mtime: number, ctime: number, inode: number]

/** The state of a regular file; undefined for anything else, symbolic links included. */
export function statFile(path: string): FileStat | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isFile() ? [found.size, found.mtimeMs, found.ctimeMs, found.ino] : undefined
}

export function isSameStat(left: FileStat, right: FileStat): boolean {
  return left.every((value, index) => value === right[index])
}

/**
 * Every path below the given subfolders that is not a folder, relative to the root, with forward slashes. Symbolic
 * links inside them are listed and not followed; a missing subfolder is empty.
 */
export function listFiles(root: string, subfolders: readonly string[]): readonly string[] {
  const paths: string[] = []
  const visit = (folder: string): void => {
    for (const entry of entriesOf(join(root, folder))) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) visit(path)
      else paths.push(path)
    }
  }
  subfolders.forEach(visit)
  return paths
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** The place of a generated file on disk: the same text for the same file, so that it can be looked up. */
export function outputPath(out: string, path: string): string {
  return `${out.replace(/\/+$/, '')}/${path}`
}

/** Whether a folder inside another is reached without symbolic links. */
export function isDirect(root: string, folder: string): boolean {
  try {
    return realpathSync(join(root, folder)) === join(realpathSync(root), folder)
  } catch {
    return false
  }
}

/** The folder that symbolic links lead to; for one that does not exist yet, its absolute path. */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

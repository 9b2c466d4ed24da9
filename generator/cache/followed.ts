import { lstatSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'

/** The same folders, and those that symbolic links among them lead to: what comes and goes there stamps the folder alone. */
export function followed(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => (isLink(folder) ? [folder, realpathSync(folder)] : [folder]))
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

/** Where a folder really is, whatever links lead to it; where it would be made if it is not there yet. */
export function realPlace(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return resolve(path)
  }
}

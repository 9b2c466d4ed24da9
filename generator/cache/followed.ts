import { lstatSync, realpathSync } from 'node:fs'

/** The same folders, and those that symbolic links among them lead to: what comes and goes there stamps the folder alone. */
export function followed(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => (isLink(folder) ? [folder, realpathSync(folder)] : [folder]))
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

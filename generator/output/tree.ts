import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Tree {
  /** Of everything that is no folder, relative to the output folder, with forward slashes. */
  readonly paths: readonly string[]
  /** The folders that are there, relative to the output folder. */
  readonly folders: readonly string[]
}

/** Names of what stands in a folder. */
export interface Inside {
  readonly files: readonly string[]
  readonly folders: readonly string[]
}

/** What stands in a folder of the output folder, where that is known without reading it. */
export type KnownFolder = (folder: string) => Inside | undefined

const NOTHING_KNOWN: KnownFolder = () => undefined

/** Everything in the given subfolders of the output folder; a folder that is missing is empty. */
export function readTree(root: string, subfolders: readonly string[], known = NOTHING_KNOWN): Tree {
  const paths: string[] = []
  const folders: string[] = []
  const visit = (folder: string): void => {
    const inside = known(folder) ?? readFolder(join(root, folder))
    if (inside === undefined) return
    folders.push(folder)
    for (const name of inside.files) paths.push(`${folder}/${name}`)
    for (const name of inside.folders) visit(`${folder}/${name}`)
  }
  subfolders.forEach(visit)
  return { paths, folders }
}

function readFolder(path: string): Inside | undefined {
  const entries = entriesOf(path)
  if (entries === undefined) return undefined
  const inside = { files: [] as string[], folders: [] as string[] }
  for (const entry of entries) (entry.isDirectory() ? inside.folders : inside.files).push(entry.name)
  return inside
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

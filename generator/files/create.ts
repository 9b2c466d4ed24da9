import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface NewFile {
  readonly path: string
  readonly text: string
}

/** Writes files that must not be there yet, all of them or none; gives the path of one that is there already. */
export async function createFiles(files: readonly NewFile[]): Promise<string | undefined> {
  const made: string[] = []
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text, { flag: 'wx' })
      made.push(path)
    }
    return undefined
  } catch (error) {
    await Promise.all(made.map((path) => rm(path, { force: true })))
    const { code, path } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return path
    throw error
  }
}

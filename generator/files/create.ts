import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface NewFile {
  readonly path: string
  readonly text: string
}

/** Writes files that must not exist yet, all of them or none; returns the path of one that already exists. */
export async function createFiles(files: readonly NewFile[]): Promise<string | undefined> {
  const made: string[] = []
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(path), { recursive: true })
      // Created first: a write that fails halfway must not leave the half.
      await (await open(path, 'wx')).close()
      made.push(path)
      await writeFile(path, text)
    }
    return undefined
  } catch (error) {
    await Promise.all(made.map((path) => rm(path, { force: true })))
    const { code, path } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return path
    throw error
  }
}

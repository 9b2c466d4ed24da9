import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { OutputFile } from '../model/connector.ts'
import type { Change } from './plan.ts'

interface Staged {
  readonly temporary: string
  readonly path: string
}

/**
 * Carries a plan out. Every new text is written beside its place first and renamed only once all are there, so a full
 * disk or a killed run leaves whole files, old or new, and never half of one.
 */
export async function commit(folder: string, changes: readonly Change[]): Promise<void> {
  const files = changes.flatMap((change) => (change.kind === 'create' || change.kind === 'update' ? [change.file] : []))
  const staged: Staged[] = []
  try {
    for (const file of files) staged.push(await stage(folder, file))
    for (const { temporary, path } of staged) await rename(temporary, path)
  } finally {
    // After a success there is nothing left to remove.
    await Promise.all(staged.map(({ temporary }) => rm(temporary, { force: true })))
  }
  for (const change of changes) {
    if (change.kind === 'delete') await remove(folder, change.path)
  }
}

async function stage(folder: string, file: OutputFile): Promise<Staged> {
  const path = join(folder, file.path)
  const temporary = `${path}.${randomUUID()}.tmp`
  await mkdir(dirname(path), { recursive: true })
  await writeFile(temporary, file.text)
  return { temporary, path }
}

/** Removes a file, and the folders above it that are empty then. */
async function remove(folder: string, path: string): Promise<void> {
  await rm(join(folder, path), { force: true })
  for (let above = dirname(path); above !== '.'; above = dirname(above)) {
    const emptied = await rmdir(join(folder, above)).then(
      () => true,
      () => false,
    )
    if (!emptied) return
  }
}

import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'

interface Replacement {
  readonly path: string
  /** What the file held when it was read, without a byte order mark. */
  readonly before: string
  readonly after: string
}

const MARK = '\ufeff'

/**
 * Gives a file another text in one step, with its rights and its byte order mark as they were; false where the file is
 * no longer what it was when it was read.
 */
export async function replaceFile({ path, before, after }: Replacement): Promise<boolean> {
  const now = await readFile(path, 'utf8')
  const mark = now.startsWith(MARK) ? MARK : ''
  if (now !== mark + before) return false
  const { mode } = await stat(path)
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, mark + after, { mode })
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  return true
}

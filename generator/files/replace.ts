import { randomUUID } from 'node:crypto'
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'

interface Replacement {
  readonly path: string
  /** The content when the file was read, without a byte order mark. */
  readonly before: string
  readonly after: string
}

const MARK = '\ufeff'

/**
 * Replaces the content of a file in one step and keeps its permissions and its byte order mark. Returns false if the
 * file has changed since it was read.
 */
export async function replaceFile({ path, before, after }: Replacement): Promise<boolean> {
  const now = await readFile(path, 'utf8')
  const mark = now.startsWith(MARK) ? MARK : ''
  if (now !== mark + before) return false
  const { mode } = await stat(path)
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, mark + after)
    // Not when it is created, where the umask would take some of them away.
    await chmod(temporary, mode)
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  return true
}

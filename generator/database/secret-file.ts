import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OperationalError } from '../diagnostics/operational-error.ts'

/** The secret in a file that only its owner may read; made of 32 random bytes where it is missing. */
export async function secretFile(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  try {
    const file = await open(path, 'wx', 0o600)
    const secret = randomBytes(32).toString('base64url')
    await file.writeFile(`${secret}\n`)
    await file.sync()
    await file.close()
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const { mode } = await stat(path)
  // Whoever else could read it may have done so; but what was encrypted with it must stay readable.
  if ((mode & 0o077) !== 0) await chmod(path, 0o600)
  const secret = (await readFile(path, 'utf8')).trim()
  if (secret.length < 32) {
    throw new OperationalError(`the secret in "${path}" is shorter than 32 characters`, {
      help: 'write a longer one there, or delete the file: a new one is made, and what was encrypted must be entered again',
    })
  }
  return secret
}

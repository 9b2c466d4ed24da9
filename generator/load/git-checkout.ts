import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { OperationalError } from '../diagnostics/operational-error.ts'

const run = promisify(execFile)

/** A copy of a folder as it was, and what takes it away again. */
export interface Checkout {
  readonly folder: string
  readonly remove: () => Promise<void>
}

/** Bytes of one file; definitions and samples are far smaller. */
const LARGEST = 16 * 1024 * 1024

/** A folder as it is in a commit, a branch or a tag of its git repository. */
export async function checkOut(ref: string, folder: string): Promise<Checkout> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('git', ['-C', folder, ...args], { maxBuffer: LARGEST })
    return stdout
  }
  // An argument that begins with a hyphen would be an option of git.
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).catch((cause) => {
    throw new OperationalError(`"${ref}" is no commit, branch or tag of the repository that holds "${folder}"`, {
      help: 'name one, such as main or HEAD~1, or a folder of definitions; a shallow clone lacks the older ones',
      cause,
    })
  })
  const at = commit.trim()
  const listed = await git('ls-tree', '-r', '-z', '--name-only', at, '.')
  const paths = listed.split('\0').filter((path) => path !== '' && !path.startsWith('..'))
  if (paths.length === 0)
    throw new OperationalError(`there was no "${folder}" at ${ref}`, { help: 'name a later commit, branch or tag' })
  const parent = await mkdtemp(join(tmpdir(), 'hera-connectors-'))
  const copy = join(parent, basename(resolve(folder)))
  const remove = () => rm(parent, { recursive: true, force: true })
  try {
    for (const path of paths) {
      await mkdir(dirname(join(copy, path)), { recursive: true })
      await writeFile(join(copy, path), await git('show', `${at}:./${path}`))
    }
    return { folder: copy, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

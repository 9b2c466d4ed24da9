import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { gitEnvironment } from '../text/git-environment.ts'

const run = promisify(execFile)

/** A copy of a folder as it was, and how to remove it. */
export interface Checkout {
  readonly folder: string
  readonly commit: string
  /** The ref, or the merge base by the start of its id. */
  readonly name: string
  readonly remove: () => Promise<void>
}

export interface CheckoutOptions {
  /** The commit of the ref itself, or the commit from which HEAD and the ref diverge. */
  readonly at: 'ref' | 'merge-base'
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Bytes of one file; definitions and samples are far smaller. */
const LARGEST = 16 * 1024 * 1024
/** Digits of a commit id in messages. */
const SHORT = 12

/** Copies a folder as it was in a commit of its git repository. */
export async function checkOut(ref: string, folder: string, options: CheckoutOptions): Promise<Checkout> {
  const env = gitEnvironment(options.environment)
  const git: Git = async (...args) => {
    const { stdout } = await run('git', ['-C', folder, ...args], { maxBuffer: LARGEST, env })
    return stdout
  }
  // An argument that begins with a hyphen would be an option of git.
  const tip = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).catch((cause) => {
    throw new OperationalError(`"${ref}" is no commit, branch or tag of the repository that holds "${folder}"`, {
      help: 'name one, such as main or HEAD~1, or a folder of definitions; a shallow clone lacks the older ones',
      cause,
    })
  })
  const commit = options.at === 'ref' ? tip.trim() : await mergeBase(git, ref, tip.trim())
  const name = commit === tip.trim() ? ref : `${commit.slice(0, SHORT)}, the merge base of HEAD and ${ref}`
  const copied = await copyFolder(git, { folder, commit, name })
  return { ...copied, commit, name }
}

type Git = (...args: readonly string[]) => Promise<string>

async function mergeBase(git: Git, ref: string, tip: string): Promise<string> {
  try {
    return (await git('merge-base', 'HEAD', tip)).trim()
  } catch (cause) {
    const isShallow = (await git('rev-parse', '--is-shallow-repository')).trim() === 'true'
    throw new OperationalError(
      isShallow
        ? `this shallow clone does not contain the merge base of HEAD and "${ref}"`
        : `HEAD and "${ref}" have no merge base`,
      {
        help: isShallow
          ? 'run "git fetch --unshallow" (with actions/checkout: "fetch-depth: 0"), or compare with the ref itself: --two-dot'
          : 'compare with the ref itself: --two-dot',
        cause,
      },
    )
  }
}

async function copyFolder(
  git: Git,
  { folder, commit, name }: { readonly folder: string; readonly commit: string; readonly name: string },
): Promise<Pick<Checkout, 'folder' | 'remove'>> {
  const listed = await git('ls-tree', '-r', '-z', '--name-only', commit, '.')
  const paths = listed.split('\0').filter((path) => path !== '' && !path.startsWith('..'))
  if (paths.length === 0)
    throw new OperationalError(`there was no "${folder}" at ${name}`, { help: 'name a later commit, branch or tag' })
  const parent = await mkdtemp(join(tmpdir(), 'hera-connectors-'))
  const copy = join(parent, basename(resolve(folder)))
  const remove = () => rm(parent, { recursive: true, force: true })
  try {
    for (const path of paths) {
      await mkdir(dirname(join(copy, path)), { recursive: true })
      await writeFile(join(copy, path), await git('show', `${commit}:./${path}`))
    }
    return { folder: copy, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { heraSchema } from '../compiled/hera-schema.js'
import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Caller, Database, Queries, Row } from './database.ts'
import { IDENTIFY, QueryError } from './database.ts'
import { databaseError } from './database-error.ts'

interface EmbeddedOptions {
  /** Folder that holds the database; made on first use. */
  readonly folder: string
  /** Told what is going on when it takes more than a moment. */
  readonly onStep: (message: string) => void
}

const LABEL = 'embedded database'

/** Opens the embedded PostgreSQL with HERA's tables in it; the first time, it is made. One process at a time. */
export async function openEmbedded({ folder, onStep }: EmbeddedOptions): Promise<Database & Queries> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
  const unlock = await lock(folder)
  try {
    if (!existsSync(folder)) await create(folder, onStep)
    else if (!existsSync(join(folder, 'PG_VERSION'))) throw notOurs(folder)
    await makePrivate(folder)
    // The folder of the tool itself, which a cache may have made; any other parent is somebody else's.
    const parent = dirname(resolve(folder))
    if (basename(parent) === '.hera') await makePrivate(parent)
    const [{ PGlite }, { pgcrypto }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('@electric-sql/pglite/contrib/pgcrypto'),
    ])
    const database = await PGlite.create(folder, { extensions: { pgcrypto } }).catch((cause: unknown) => {
      throw new OperationalError(`the ${LABEL} in "${folder}" cannot be opened`, {
        help: `${remedyFor(cause)}; or move the folder away and run the command again, which loses its installations and events`,
        cause,
      })
    })
    return wrap(database, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

/** A folder that cannot be written to is not damaged. */
function remedyFor(cause: unknown): string {
  const { code, errno } = (cause ?? {}) as { readonly code?: unknown; readonly errno?: unknown }
  const isOneOf = (codes: readonly unknown[]) => codes.includes(code) || codes.includes(errno)
  // The numbers are those of the file system in WebAssembly (WASI).
  if (isOneOf(['ENOSPC', 'EDQUOT', 51, 19])) return 'the disk is full: free some space'
  if (isOneOf(['EROFS', 'EACCES', 'EPERM', 69, 2, 63])) return 'the folder cannot be written to: change its permissions'
  return 'its files are damaged: restore the folder from a copy'
}

/** Installations and events are in it; older versions made it readable by everybody. */
async function makePrivate(folder: string): Promise<void> {
  const { mode } = await stat(folder)
  // Windows has no such modes, and a folder of another owner cannot be changed.
  if ((mode & 0o077) !== 0) await chmod(folder, 0o700).catch(() => undefined)
}

/** Whatever stands there, nobody should be told to delete it. */
function notOurs(folder: string): OperationalError {
  return new OperationalError(`"${folder}" is no ${LABEL}`, {
    help: 'name another folder with --data; it is made where it is missing',
  })
}

function wrap(database: PGlite, unlock: () => Promise<void>): Database & Queries {
  const alone = oneAtATime()
  return {
    label: LABEL,
    run: (script) =>
      alone(async () => {
        const notices: string[] = []
        let rows: readonly Row[] = []
        try {
          for (const piece of typeof script === 'string' ? [script] : script) {
            const results = await database.exec(piece, { onNotice: ({ message }) => notices.push(message ?? '') })
            rows = (results.findLast(({ fields }) => fields.length > 0)?.rows as readonly Row[] | undefined) ?? rows
          }
          return { rows, notices }
        } catch (error) {
          // A script that failed half-way leaves its transaction open.
          await database.exec('rollback')
          throw databaseError(LABEL, error)
        }
      }),
    query: (statement, parameters, caller) =>
      alone(() => queried(database, statement, parameters, caller)).catch((error: unknown) => {
        throw new QueryError(error)
      }),
    close: () =>
      alone(async () => {
        await database.close()
        await unlock()
      }),
  }
}

async function queried(
  database: PGlite,
  statement: string,
  parameters: readonly unknown[],
  caller: Caller | undefined,
): Promise<readonly Row[]> {
  if (caller === undefined) return (await database.query<Row>(statement, [...parameters])).rows
  return database.transaction(async (transaction) => {
    await transaction.query(IDENTIFY, [JSON.stringify(caller.claims)])
    return (await transaction.query<Row>(statement, [...parameters])).rows
  })
}

/** There is one session: whatever came between the pieces of a script would stand in its transaction. */
function oneAtATime(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}

/** Made beside its place and renamed when it is whole, so that a run that is cut short leaves no half a database. */
async function create(folder: string, onStep: (message: string) => void): Promise<void> {
  onStep('preparing the embedded database (once)')
  const [{ PGlite }, { dataDir }] = await Promise.all([
    import('@electric-sql/pglite'),
    // An initialized data folder: making one takes ten seconds, unpacking this one a second and a half.
    import('@electric-sql/pglite-prepopulatedfs'),
  ])
  const temporary = `${folder}.${randomUUID()}.tmp`
  try {
    const database = await PGlite.create({ dataDir: temporary, loadDataDir: await dataDir() })
    await database.exec(heraSchema)
    await database.close()
    await rename(temporary, folder)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Locks of this process: a lock with its number that is not among them was left by an earlier process of that number. */
const ownLocks = new Set<string>()

/**
 * Two processes would destroy the folder. The lock names its process, so that one left by a killed run is seen. It is
 * written elsewhere and linked into its place, so that nobody ever reads half of it.
 */
async function lock(folder: string): Promise<() => Promise<void>> {
  const path = `${resolve(folder)}.lock`
  const own = `${path}.${randomUUID()}`
  const text = `${process.pid} ${randomUUID()}`
  await writeFile(own, text, { mode: 0o600 })
  try {
    for (;;) {
      const isOurs = await link(own, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      if (isOurs) break
      const found = await readFile(path, 'utf8').catch(() => '')
      const owner = Number(found.split(' ')[0])
      const isLeft = owner === process.pid ? !ownLocks.has(path) : !isRunning(owner)
      if (found !== '' && !isLeft) {
        throw new OperationalError(`the ${LABEL} in "${folder}" is in use by process ${owner}`, {
          help: 'wait until that command has ended, or name another folder with --data',
        })
      }
      await removeLock(path, found)
    }
    ownLocks.add(path)
  } finally {
    await rm(own, { force: true })
  }
  return async () => {
    ownLocks.delete(path)
    await rm(path, { force: true })
  }
}

/** Removes the lock that was read, and no other: between reading and removing another process may have made its own. */
async function removeLock(path: string, read: string): Promise<void> {
  const renamed = `${path}.${randomUUID()}`
  const moved = await rename(path, renamed).then(
    () => true,
    () => false,
  )
  if (!moved) return
  if ((await readFile(renamed, 'utf8')) !== read) await link(renamed, path).catch(() => undefined)
  await rm(renamed, { force: true })
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    // Signal 0 asks without harming.
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

import type { Database } from '../database/database.ts'
import { openEmbedded } from '../database/embedded.ts'
import { openServer } from '../database/server.ts'
import type { Environment } from '../database/tls.ts'
import type { Context, Values } from './command.ts'
import type { databaseParameters } from './options.ts'

/** Where a command finds its database. */
export interface DatabasePlace {
  /** A PostgreSQL server; the embedded database where it is missing. */
  readonly databaseUrl: string | undefined
  /** Folder of the embedded database. */
  readonly data: string
  /** Seconds to wait for a lock that another session holds. */
  readonly lockTimeout: number
  /** Variables that say what the URL leaves out. */
  readonly environment?: Environment
  readonly onStep: (message: string) => void
}

/** Finds the database: options first, then the environment, then the embedded database. */
export function databasePlace(
  { databaseUrl, embedded, data, lockTimeout }: Values<typeof databaseParameters>,
  { environment, onStep }: Context,
): DatabasePlace {
  const { PGHOST, PGDATABASE } = environment
  const server = databaseUrl ?? (PGHOST !== undefined || PGDATABASE !== undefined ? 'postgres://' : undefined)
  return { databaseUrl: embedded ? undefined : server, data, lockTimeout, environment, onStep }
}

/** Opens a database, uses it and closes it whatever happens. */
export async function withDatabase<Result>(
  { databaseUrl, data, lockTimeout, environment = {}, onStep }: DatabasePlace,
  use: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await (databaseUrl === undefined
    ? openEmbedded({ folder: data, onStep })
    : openServer({ url: databaseUrl, lockTimeout, environment }))
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}

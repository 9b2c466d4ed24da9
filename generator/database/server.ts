import { setImmediate } from 'node:timers/promises'
import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Caller, Database, Queries, Row } from './database.ts'
import { IDENTIFY, QueryError } from './database.ts'
import { databaseError } from './database-error.ts'
import type { Environment } from './tls.ts'
import { encryptionOf } from './tls.ts'

interface ServerOptions {
  /** `postgres://user:password@host:port/database?sslmode=…`; what it leaves out comes from the PG… variables. */
  readonly url: string
  /** Seconds to wait for a lock that another session holds. */
  readonly lockTimeout: number
  readonly environment?: Environment
}

/** Seconds to wait for a server that does not answer. */
const CONNECT_TIMEOUT = 10

/** Every statement contains the schema of HERA's tables. */
const SEARCH_PATH = 'pg_catalog, pg_temp'

/** Connects to a PostgreSQL server. */
export async function openServer({ url, lockTimeout, environment = {} }: ServerOptions): Promise<Database> {
  const parsed = parse(url)
  const label = labelOf(parsed)
  const encryption = await encryptionOf(parsed, environment)
  const { default: postgres } = await import('postgres')
  const notices: string[] = []
  let isLost = false
  let lose: () => void
  const lost = new Promise<void>((resolve) => {
    lose = resolve
  })
  const client = postgres(encryption.url, {
    max: 1,
    ssl: encryption.tls,
    connect_timeout: CONNECT_TIMEOUT,
    onnotice: ({ message }) => notices.push(message ?? ''),
    onclose: () => {
      isLost = true
      lose()
    },
    connection: { application_name: 'hera-connectors' },
  })
  const run = async (script: string | Iterable<string>) => {
    notices.length = 0
    let rows: readonly Row[] = []
    try {
      let running: Promise<readonly Row[] | undefined> = Promise.resolve(undefined)
      // While the server runs one piece, the next one is made.
      for (const piece of typeof script === 'string' ? [script] : script) {
        rows = (await running) ?? rows
        // The client would open a new session, and that knows nothing of the transaction.
        if (isLost) throw Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' })
        running = client.unsafe(piece).simple().execute().then(lastRows)
        // Awaited in the next round: until then nobody else looks at its failure.
        running.catch(() => undefined)
        await setImmediate()
      }
      rows = (await running) ?? rows
      return { rows, notices: [...notices] }
    } catch (error) {
      // A script that failed half-way leaves its transaction open; a connection that is gone has none, and the client
      // would wait for its answer for ever.
      if (!isLost) {
        const rollback = client.unsafe('rollback').simple()
        await Promise.race([rollback.catch(() => undefined), lost])
      }
      throw databaseError(label, error)
    }
  }
  const close = () => client.end({ timeout: 5 })
  try {
    // Roles that may create functions could otherwise have theirs called in place of PostgreSQL's.
    await run(`set search_path = ${SEARCH_PATH}; set lock_timeout = ${Math.round(lockTimeout * 1000)}`)
  } catch (error) {
    await close()
    throw error
  }
  return { label, run, close }
}

interface PoolOptions {
  readonly url: string
  /** How many statements can run at once. */
  readonly connections: number
  /** Settings that every session begins with. */
  readonly settings: Readonly<Record<string, string>>
  readonly environment?: Environment
}

/** Sessions on a PostgreSQL server for statements of many callers; each is opened when it is first needed. */
export async function openPool({ url, connections, settings, environment = {} }: PoolOptions): Promise<Queries> {
  const encryption = await encryptionOf(parse(url), environment)
  const { default: postgres } = await import('postgres')
  const client = postgres(encryption.url, {
    max: connections,
    ssl: encryption.tls,
    connect_timeout: CONNECT_TIMEOUT,
    onnotice: () => {},
    connection: { application_name: 'hera-connectors', search_path: SEARCH_PATH, ...settings },
  })
  // Statements are few and the same: the server plans each once a session.
  const prepared = { prepare: true }
  const run = async (statement: string, parameters: readonly unknown[], caller: Caller | undefined) => {
    if (caller === undefined) return client.unsafe(statement, [...parameters] as never[], prepared)
    return client.begin(async (transaction) => {
      await transaction.unsafe(IDENTIFY, [JSON.stringify(caller.claims)], prepared)
      return transaction.unsafe(statement, [...parameters] as never[], prepared)
    })
  }
  return {
    query: async (statement, parameters, caller) => {
      try {
        return await run(statement, parameters, caller)
      } catch (error) {
        throw new QueryError(error)
      }
    },
    close: () => client.end({ timeout: 10 }),
  }
}

/** One statement gives a list of rows, several give a list of such lists. */
function lastRows(results: unknown): readonly Row[] | undefined {
  const lists: readonly unknown[] = Array.isArray(results) && results.some(Array.isArray) ? results : [results]
  return lists.findLast((rows): rows is readonly Row[] => Array.isArray(rows) && rows.length > 0)
}

function parse(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw new OperationalError('the database URL is not of the form postgres://user:password@host:port/database', {
      help: 'check it; special characters in the password are written as %XX',
    })
  }
  return parsed
}

/** `database host:port/name`, without user and password. */
function labelOf({ hostname, port, pathname }: URL): string {
  const place = `${hostname}${port === '' ? '' : `:${port}`}${pathname}`
  return place === '' ? 'database of the PG… variables' : `database ${place}`
}

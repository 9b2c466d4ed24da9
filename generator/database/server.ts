import { Fault } from '../diagnostics/fault.ts'
import type { Database, Row } from './database.ts'
import { databaseFault } from './database-fault.ts'

interface ServerOptions {
  /** `postgres://user:password@host:port/database?sslmode=…`; what it leaves out comes from the PG… variables. */
  readonly url: string
  /** Seconds to wait for a lock that another session holds. */
  readonly lockTimeout: number
}

/** Seconds to wait for a server that does not answer. */
const CONNECT_TIMEOUT = 10

/** Connects to a PostgreSQL server. */
export async function openServer({ url, lockTimeout }: ServerOptions): Promise<Database> {
  const label = labelOf(url)
  const { default: postgres } = await import('postgres')
  const notices: string[] = []
  const client = postgres(url, {
    max: 1,
    connect_timeout: CONNECT_TIMEOUT,
    onnotice: ({ message }) => notices.push(message ?? ''),
    connection: { application_name: 'hera-connectors' },
  })
  const run = async (script: string) => {
    notices.length = 0
    try {
      const results: unknown = await client.unsafe(script).simple()
      return { rows: lastRows(results), notices: [...notices] }
    } catch (error) {
      // A script that failed half-way leaves its transaction open; a connection that is gone has none.
      await client
        .unsafe('rollback')
        .simple()
        .catch(() => undefined)
      throw databaseFault(label, error)
    }
  }
  const close = () => client.end({ timeout: 5 })
  try {
    await run(`set lock_timeout = ${Math.round(lockTimeout * 1000)}`)
  } catch (error) {
    await close()
    throw error
  }
  return { label, run, close }
}

/** One statement gives a list of rows, several give a list of such lists. */
function lastRows(results: unknown): readonly Row[] {
  const lists = Array.isArray(results) && results.some(Array.isArray) ? results : [results]
  return (lists.findLast((rows) => Array.isArray(rows) && rows.length > 0) ?? []) as readonly Row[]
}

/** `database host:port/name`, without user and password. */
function labelOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw new Fault('the database URL is not of the form postgres://user:password@host:port/database', {
      help: 'check it; special characters in the password are written as %XX',
    })
  }
  const { hostname, port, pathname } = parsed
  const place = `${hostname}${port === '' ? '' : `:${port}`}${pathname}`
  return place === '' ? 'database of the PG… variables' : `database ${place}`
}

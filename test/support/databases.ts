import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { pgcrypto } from '@electric-sql/pglite/contrib/pgcrypto'
import { dataDir } from '@electric-sql/pglite-prepopulatedfs'
import postgres from 'postgres'
import { servers } from './servers.ts'

const [schema, openSchema] = ['hera.sql', 'hera-open.sql'].map((name) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'schema', name), 'utf8'),
) as [string, string]

export type Row = Readonly<Record<string, unknown>>

/** A database with HERA's tables, and one session on it. */
export interface TestDatabase {
  /** Runs statements; gives the last rows that one of them has, and rolls back what fails. */
  readonly exec: (script: string) => Promise<{ readonly rows: readonly Row[]; readonly notices: readonly string[] }>
  /** A further session on the same database; the embedded one has only its first. */
  readonly another?: () => Promise<Pick<TestDatabase, 'exec' | 'close'>>
  readonly close: () => Promise<void>
}

interface Kind {
  readonly name: string
  /** Why it cannot be had here, or undefined where it can. */
  readonly missing: string | undefined
  readonly open: () => Promise<TestDatabase>
}

/** Everything that the generated SQL has to work on. */
export const databases: readonly Kind[] = [
  { name: 'embedded database', missing: undefined, open: openEmbedded },
  ...servers.map(({ name, missing, start }) => ({ name, missing, open: () => openServer(start) })),
]

/** Opens HERA's tables to anon and authenticated, as they are in production. */
export async function openAsProduction({ exec }: Pick<TestDatabase, 'exec'>): Promise<void> {
  await exec(openSchema)
}

/** An embedded PostgreSQL in memory, with HERA's tables. */
export async function heraDatabase(): Promise<PGlite> {
  const database = await PGlite.create({ extensions: { pgcrypto }, loadDataDir: await dataDir() })
  await database.exec(schema)
  return database
}

async function openEmbedded(): Promise<TestDatabase> {
  const database = await heraDatabase()
  return {
    async exec(script) {
      const notices: string[] = []
      try {
        const results = await database.exec(script, { onNotice: ({ message }) => notices.push(message ?? '') })
        return { rows: (results.findLast(({ fields }) => fields.length > 0)?.rows ?? []) as readonly Row[], notices }
      } catch (error) {
        await database.exec('rollback')
        throw error
      }
    },
    close: () => database.close(),
  }
}

async function openServer(start: (typeof servers)[number]['start']): Promise<TestDatabase> {
  const server = await start()
  const first = session(server.url('postgres'))
  await first.exec(schema)
  return {
    exec: first.exec,
    another: async () => session(server.url('postgres')),
    async close() {
      await first.close()
      await server.stop()
    },
  }
}

function session(url: string): Pick<TestDatabase, 'exec' | 'close'> {
  const notices: string[] = []
  const sql = postgres(url, {
    max: 1,
    onnotice: ({ message }) => notices.push(message ?? ''),
    // Counts, which the embedded database gives as numbers as well.
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
  })
  return {
    async exec(script) {
      notices.length = 0
      try {
        const results: unknown = await sql.unsafe(script).simple()
        const lists = Array.isArray(results) && results.some(Array.isArray) ? (results as unknown[]) : [results]
        const rows = lists.findLast((list) => Array.isArray(list) && list.length > 0) ?? []
        return { rows: rows as readonly Row[], notices: [...notices] }
      } catch (error) {
        await sql.unsafe('rollback').simple()
        throw error
      }
    },
    close: () => sql.end(),
  }
}

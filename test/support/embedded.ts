import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { dataDir } from '@electric-sql/pglite-prepopulatedfs'

const schema = readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'hera.sql'), 'utf8')

/** An embedded PostgreSQL in memory, with HERA's tables. */
export async function heraDatabase(): Promise<PGlite> {
  const database = await PGlite.create({ loadDataDir: await dataDir() })
  await database.exec(schema)
  return database
}

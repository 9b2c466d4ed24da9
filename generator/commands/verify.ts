import type { Database } from '../database/database.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { verifyScript } from '../targets/sql/sql-target.ts'
import { count } from '../text/count.ts'
import { defineCommand } from './command.ts'
import { DATABASE_NOTES, databaseParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import type { DatabasePlace } from './with-database.ts'
import { databasePlace, withDatabase } from './with-database.ts'

export interface VerifyOptions extends DatabasePlace, RunOptions {
  readonly definitions: readonly string[]
}

export const command = defineCommand({
  description: 'compare a database with the definitions, without changing it',
  examples: ['verify', 'verify --database-url postgres://localhost/hera --format json'],
  notes: DATABASE_NOTES,
  parameters: databaseParameters,
  run: (options, context) =>
    verify({ ...options, ...databasePlace(options, context), ...runOptions(options, 'outside CI', context) }),
})

/** Compares a database with the registry, and changes nothing. */
export async function verify(options: VerifyOptions): Promise<Outcome> {
  const reading = await readRegistry(options.definitions, options)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  const script = verifyScript(reading.registry)
  return withDatabase(options, async (database) => {
    options.onStep(`comparing the ${database.label}`)
    const { differences, access: found } = await comparison(database, script)
    // The embedded database has no users to keep out.
    const access = options.databaseUrl === undefined ? [] : found
    const ok = differences.length === 0
    return {
      exitCode: ok ? 0 : 1,
      json: { ok, database: database.label, differences, access },
      text: (colors) =>
        ok
          ? [`${colors.green('verified')}: the ${database.label} holds what the definitions say`, ...access].join('\n')
          : [
              ...differences,
              '',
              `${colors.red(count(differences.length, 'difference'))} between the ${database.label} and the definitions; to fix what the seed manages, run: npx --no hera-connectors seed`,
            ].join('\n'),
    }
  })
}

/** SQLSTATE with which verify.sql reports differences, and nothing else. */
const DIFFERENCES = 'HC001'

interface Comparison {
  /** One line a difference, as verify.sql found it. */
  readonly differences: readonly string[]
  /** Rights of anon and authenticated, each with the statement that revokes it. Empty if there are differences. */
  readonly access: readonly string[]
}

export async function differencesIn(database: Database, script: string): Promise<readonly string[]> {
  return (await comparison(database, script)).differences
}

async function comparison(database: Database, script: string): Promise<Comparison> {
  try {
    const { notices } = await database.run(script)
    return { differences: [], access: notices }
  } catch (error) {
    const cause =
      error instanceof OperationalError
        ? (error.cause as { readonly code?: string; readonly detail?: string })
        : undefined
    if (cause?.code !== DIFFERENCES) throw error
    return { differences: (cause.detail ?? '').split('\n').filter((line) => line !== ''), access: [] }
  }
}

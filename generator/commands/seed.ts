import type { CatalogueRow } from '../database/catalogue.ts'
import { catalogue } from '../database/catalogue.ts'
import type { Database } from '../database/database.ts'
import { Fault } from '../diagnostics/fault.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import type { Registry } from '../model/connector.ts'
import { suggestion } from '../text/closest.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import { readRegistry } from './read-registry.ts'
import { table } from './table.ts'
import { differencesIn } from './verify.ts'
import type { DatabasePlace } from './with-database.ts'
import { scriptAt, withDatabase } from './with-database.ts'

export interface SeedOptions extends DatabasePlace {
  readonly definitions: string
  /** One connector alone. */
  readonly only: string | undefined
  /** Roll everything back, and show what would change. */
  readonly dryRun: boolean
}

/** Applies the generated seed to a database, and shows the catalogue as the database now has it. */
export async function seed(options: SeedOptions): Promise<Outcome> {
  const reading = await readRegistry(options.definitions)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  const script = await scriptAt(reading.registry, seedPath(reading.registry, options.only))
  const verification = await scriptAt(reading.registry, 'sql/verify.sql')
  return withDatabase(options, async (database) => {
    options.onProgress(`seeding the ${database.label}`)
    if (options.dryRun) return tried(database, script, await differencesIn(database, verification))
    return applied(database, script)
  })
}

function seedPath({ connectors }: Registry, only: string | undefined): string {
  if (only === undefined) return 'sql/setup-prebuilt-connectors.sql'
  const codes = connectors.map(({ code }) => code)
  if (!codes.includes(only)) {
    throw new Fault(`there is no connector "${only}"${suggestion(only, codes)}`, {
      help: `the connectors are ${codes.join(', ')}`,
    })
  }
  return `sql/connectors/${only}.sql`
}

async function applied(database: Database, script: string): Promise<Outcome> {
  const { rows, notices } = await database.run(script)
  const counts = rows[0] ?? {}
  const connectors = await catalogue(database)
  return {
    exitCode: 0,
    json: { ok: true, database: database.label, ...counts, notices, connectors },
    text: (colors) =>
      [
        ...notices.map((notice) => `${colors.yellow('note')} ${notice}`),
        ...catalogueLines(connectors, colors),
        '',
        `${colors.green('seeded')} the ${database.label}: ${inWords(counts)}`,
      ].join('\n'),
  }
}

/** The script ends its own transaction; a trial ends it the other way. */
async function tried(database: Database, script: string, differences: readonly string[]): Promise<Outcome> {
  const { rows, notices } = await database.run(rolledBack(script))
  const counts = rows[0] ?? {}
  return {
    exitCode: 0,
    json: { ok: true, dryRun: true, database: database.label, ...counts, notices, differences },
    text: (colors) =>
      [
        ...notices.map((notice) => `${colors.yellow('note')} ${notice}`),
        ...differences,
        `${colors.yellow('would be')} ${inWords(counts)}; nothing was changed`,
      ].join('\n'),
  }
}

function rolledBack(script: string): string {
  const ending = /\ncommit;\s*$/
  if (!ending.test(script)) throw new Error('the seed does not end with a commit')
  return script.replace(ending, '\nrollback;\n')
}

function inWords(counts: Readonly<Record<string, unknown>>): string {
  return Object.entries(counts)
    .map(([name, amount]) => `${amount} ${name.replaceAll('_', ' ')}`)
    .join(', ')
}

function catalogueLines(connectors: readonly CatalogueRow[], colors: Colors): readonly string[] {
  const rows = connectors.map(({ code, name, category, auth, events, status }) => [
    code,
    name,
    category,
    auth,
    String(events),
    status,
  ])
  const [head = '', ...lines] = table(['code', 'name', 'category', 'auth', 'events', 'status'], rows)
  return [colors.bold(head), ...lines]
}

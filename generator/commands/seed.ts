import type { Database } from '../database/database.ts'
import type { CatalogueRow } from '../database/read-catalogue.ts'
import { readCatalogue } from '../database/read-catalogue.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import type { Registry } from '../model/connector.ts'
import { ownConnectors } from '../model/select.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { ALLOW_ARCHIVING, seedPieces, verifyScript } from '../targets/sql/sql-target.ts'
import { count } from '../text/count.ts'
import { defineCommand, flag, parameter, type Values } from './command.ts'
import { findConnector } from './find-connector.ts'
import { formatTable } from './format-table.ts'
import { inlineCode } from './inline-code.ts'
import { DATABASE_NOTES, databaseParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import { differencesIn } from './verify.ts'
import type { DatabasePlace } from './with-database.ts'
import { databasePlace, withDatabase } from './with-database.ts'

const parameters = {
  ...databaseParameters,
  only: parameter('--only <code>', 'seed a single connector'),
  allowArchiving: flag(
    '--allow-archiving',
    'archive connectors that left the registry even if they are more than half',
  ),
  dryRun: flag('--dry-run', 'apply the seed, roll it back, and show the changes'),
}

export interface SeedOptions
  extends DatabasePlace,
    RunOptions,
    Pick<Values<typeof parameters>, 'definitions' | 'only' | 'dryRun' | 'allowArchiving'> {}

export const command = defineCommand({
  description: 'apply the generated SQL to a database and show its connectors',
  examples: ['seed', 'seed --only whatsapp-business-cloud', 'seed --database-url postgres://localhost/hera --dry-run'],
  notes: DATABASE_NOTES,
  formats: ['markdown'],
  parameters,
  run: (options, context) =>
    seed({ ...options, ...databasePlace(options, context), ...runOptions(options, 'outside CI', context) }),
})

/** Applies the generated seed to a database, and shows the connectors that the database then contains. */
export async function seed(options: SeedOptions): Promise<Outcome> {
  const reading = await readRegistry(options.definitions, options)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  if (options.only !== undefined) findConnector(ownConnectors(reading.registry), options.only)
  return withDatabase(options, async (database) => {
    options.onStep(`seeding the ${database.label}`)
    return options.dryRun
      ? showDryRun(database, reading.registry, options)
      : applySeed(database, reading.registry, options)
  })
}

async function applySeed(database: Database, registry: Registry, options: SeedOptions): Promise<Outcome> {
  const { rows, notices } = await database.run(seedWithProgress(registry, 'commit', options))
  const counts = rows[0] ?? {}
  const connectors = await readCatalogue(database)
  return {
    exitCode: 0,
    json: { ok: true, database: database.label, ...counts, notices, connectors },
    text: (colors) =>
      [
        ...notices.map((notice) => `${colors.yellow('note')} ${notice}`),
        ...catalogueLines(connectors, colors),
        '',
        `${colors.green('seeded')} the ${database.label}: ${formatCounts(counts)}`,
      ].join('\n'),
  }
}

async function showDryRun(database: Database, registry: Registry, options: SeedOptions): Promise<Outcome> {
  const differences = await differencesIn(database, verifyScript(registry))
  const { rows, notices } = await database.run(seedWithProgress(registry, 'rollback', options))
  const counts = rows[0] ?? {}
  return {
    exitCode: 0,
    json: { ok: true, dryRun: true, database: database.label, ...counts, notices, differences },
    markdown: () => dryRunMarkdown(counts, [...notices, ...differences]),
    text: (colors) =>
      [
        ...notices.map((notice) => `${colors.yellow('note')} ${notice}`),
        ...differences,
        `${colors.yellow('would be')} ${formatCounts(counts)}; nothing was changed`,
      ].join('\n'),
  }
}

/** Lines of a list in Markdown: a comment on a pull request has a limit, and a reader too. */
const MOST_LINES = 100

function dryRunMarkdown(counts: Readonly<Record<string, unknown>>, lines: readonly string[]): string {
  const outcomes = ['inserted', 'updated', 'unchanged', 'archived']
  const row = (title: string, prefix: string) =>
    `| ${[title, ...outcomes.map((outcome) => counts[`${prefix}${outcome}`])].join(' | ')} |`
  const shown = lines.slice(0, MOST_LINES).map((line) => `- ${inlineCode(line)}`)
  const more = lines.length - shown.length
  return [
    `| seed | ${outcomes.join(' | ')} |`,
    `|---|${outcomes.map(() => '---|').join('')}`,
    row('connectors', ''),
    row('events', 'events_'),
    ...(lines.length === 0
      ? []
      : ['', `<details><summary>${count(lines.length, 'difference')}</summary>`, '', ...shown]),
    ...(more > 0 ? [`- and ${more} more`] : []),
    ...(lines.length === 0 ? [] : ['', '</details>']),
    '',
  ].join('\n')
}

/** The seed, a piece at a time. Where there are several pieces, each is reported as it is sent. */
function* seedWithProgress(
  registry: Registry,
  ending: 'commit' | 'rollback',
  { only, onStep, allowArchiving }: SeedOptions,
): Generator<string> {
  const amount = ownConnectors(registry).connectors.length
  if (allowArchiving) yield ALLOW_ARCHIVING
  for (const { text, staged } of seedPieces(registry, only, ending)) {
    if (only === undefined && staged > 0 && staged < amount) onStep(`sending connectors: ${staged} of ${amount}`)
    yield text
  }
}

function formatCounts(counts: Readonly<Record<string, unknown>>): string {
  return Object.entries(counts)
    .map(([name, amount]) => `${amount} ${name.replaceAll('_', ' ')}`)
    .join(', ')
}

function catalogueLines(connectors: readonly CatalogueRow[], colors: Colors): readonly string[] {
  const rows = connectors.map(({ code, registry, name, category, auth, events, status }) => [
    code,
    name,
    category,
    auth,
    String(events),
    status,
    registry === '' ? '-' : registry,
  ])
  const [head = '', ...lines] = formatTable(['code', 'name', 'category', 'auth', 'events', 'status', 'registry'], rows)
  return [colors.bold(head), ...lines]
}

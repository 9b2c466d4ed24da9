// Measures the seed on a real PostgreSQL server, next to COPY of the same finished rows: `npm run bench:seed [counts…]`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import postgres from 'postgres'
import { openServer } from '../../generator/database/server.ts'
import type { Connector } from '../../generator/model/connector.ts'
import { deriveId } from '../../generator/model/derive-id.ts'
import { connectorSmartCode, upperSnake } from '../../generator/model/smart-code.ts'
import { seedItems } from '../../generator/targets/sql/seed-item.ts'
import { seedPieces, sqlTarget } from '../../generator/targets/sql/sql-target.ts'
import { acme, connectorOf } from '../support/acme.ts'
import { emit } from '../support/emit.ts'
import { servers } from '../support/servers.ts'

const PLATFORM = '00000000-0000-0000-0000-000000000000'
const ACTOR = '00000000-0000-0000-0000-000000000001'
const counts = process.argv.slice(2).map(Number)
const schema = readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'hera.sql'), 'utf8')
const kind = servers.find(({ name }) => name.includes('npm'))
if (kind === undefined) throw new Error('no server')
const connector = connectorOf(acme)
const server = await kind.start()
const rows: string[][] = []
try {
  // The first database is slow for everybody.
  await onFresh(() => seed([connector]))
  for (const count of counts.length === 0 ? [1, 100, 1000, 10_000] : counts) rows.push(await measure(count))
} finally {
  await server.stop()
}
const header = ['connectors', 'script', 'client memory', 'COPY', 'from nothing', 'unchanged', 'one edited', 'verify']
process.stdout.write(
  [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .concat('\n'),
)

async function measure(count: number): Promise<string[]> {
  const connectors = Array.from({ length: count }, (_, index) => synthetic(index))
  const [first, ...others] = connectors
  const edited = first === undefined ? [] : [{ ...first, purpose: 'Edited.' }, ...others]
  const verification = await verificationOf(connectors)
  const copied = await onFresh((sql) => copyOf(sql, connectors))
  const times = await onFresh(async () => [
    await timed(() => seed(connectors)),
    await timed(() => seed(connectors)),
    await timed(() => seed(edited)),
    await seed(connectors).then(() => timed(() => run([verification]))),
  ])
  const { size, memory } = await onFresh(() => memoryOf(connectors))
  return [
    String(count),
    megabytes(size),
    megabytes(memory),
    milliseconds(copied),
    ...times.map((time) => `${milliseconds(time)} (${(time / copied).toFixed(2)} ×)`),
  ]
}

/** As the command sends it: a piece at a time, each made when the one before it is done. */
async function seed(connectors: readonly Connector[], watch = (_piece: string) => {}): Promise<void> {
  const pieces = function* () {
    for (const { text } of seedPieces({ connectors }, undefined, 'commit')) {
      watch(text)
      yield text
    }
  }
  await run(pieces())
}

/** As a user's command runs it, connecting included. */
async function run(script: Iterable<string>): Promise<void> {
  const database = await openServer({ url: server.url('bench'), lockTimeout: 30 })
  try {
    await database.run(script)
  } finally {
    await database.close()
  }
}

/** Bytes of a seed, and the most that its client held on top of the connectors themselves. */
async function memoryOf(connectors: readonly Connector[]): Promise<{ size: number; memory: number }> {
  const before = held()
  let size = 0
  let most = before
  await seed(connectors, (piece) => {
    size += piece.length
    most = Math.max(most, held())
  })
  return { size, memory: most - before }
}

function held(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function verificationOf(connectors: readonly Connector[]): Promise<string> {
  const files = await emit(sqlTarget, { connectors })
  return files.find(({ path }) => path === 'sql/verify.sql')?.text ?? ''
}

/** A connector like any other, under a code of its own. */
function synthetic(index: number): Connector {
  const code = `bench-${index}`
  return {
    ...connector,
    code,
    id: deriveId('connector', code),
    upper_code: upperSnake(code),
    smart_code: connectorSmartCode(code),
    events: connector.events.map((event) => ({
      ...event,
      code: `${code}.${event.name}`,
      id: deriveId('event', `${code}.${event.name}`),
    })),
  }
}

async function onFresh<Result>(use: (sql: postgres.Sql) => Promise<Result>): Promise<Result> {
  const admin = postgres(server.url('postgres'), { max: 1, onnotice: () => {} })
  await admin.unsafe('drop database if exists bench').simple()
  await admin.unsafe('create database bench').simple()
  await admin.end()
  const sql = postgres(server.url('bench'), { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(schema).simple()
    return await use(sql)
  } finally {
    await sql.end()
  }
}

/** The floor: the finished rows, with the same triggers and indexes, and nothing looked up or compared. */
async function copyOf(sql: postgres.Sql, connectors: readonly Connector[]): Promise<number> {
  const items = connectors.flatMap(seedItems)
  const line = (cells: readonly unknown[]) =>
    `${cells.map((cell) => String(cell).replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n')).join('\t')}\n`
  const organization = [line([PLATFORM, 'HERA PLATFORM', 'HERA_PLATFORM', ACTOR, ACTOR])]
  const entities = items.map((item) =>
    line([
      item.id,
      PLATFORM,
      item.type,
      item.code,
      item.name,
      item.description,
      item.smart_code,
      `{${item.tags.join(',')}}`,
      item.status,
      JSON.stringify(item.mark),
      ACTOR,
      ACTOR,
    ]),
  )
  const fields = items.map((item) =>
    line([
      item.field_id,
      PLATFORM,
      item.id,
      item.field_name,
      'json',
      JSON.stringify(item.value),
      item.field_smart_code,
      ACTOR,
      ACTOR,
    ]),
  )
  const ids = new Map(items.map((item) => [item.code, item.id]))
  const links = items
    .filter(({ link_id }) => link_id !== null)
    .map((item) =>
      line([
        item.link_id,
        PLATFORM,
        ids.get(item.connector),
        item.id,
        'CONNECTOR_SUPPORTS',
        item.link_smart_code,
        ACTOR,
        ACTOR,
      ]),
    )
  return timed(async () => {
    await sql.begin(async (transaction) => {
      for (const [target, lines] of [
        ['core_organizations (id, organization_name, organization_code, created_by, updated_by)', organization],
        [
          'core_entities (id, organization_id, entity_type, entity_code, entity_name, entity_description, smart_code, tags, status, metadata, created_by, updated_by)',
          entities,
        ],
        [
          'core_dynamic_data (id, organization_id, entity_id, field_name, field_type, field_value_json, smart_code, created_by, updated_by)',
          fields,
        ],
        [
          'core_relationships (id, organization_id, from_entity_id, to_entity_id, relationship_type, smart_code, created_by, updated_by)',
          links,
        ],
      ] as const) {
        await pipeline(Readable.from(lines), await transaction.unsafe(`copy ${target} from stdin`).writable())
      }
    })
  })
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await action()
  return performance.now() - started
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`
}

function milliseconds(time: number): string {
  return `${Math.round(time)} ms`
}

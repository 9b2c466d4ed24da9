// Events a second into committed rows: one plain insert of the same rows, the function alone, and HTTP all the way, on
// a PostgreSQL server that waits for its disk and on the embedded database. Prints a table.
//   npm run bench:runtime            5 seconds for each figure
//   npm run bench:runtime -- 20
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { Ready } from '../../generator/commands/dev.ts'
import type { Queries } from '../../generator/database/database.ts'
import { openEmbedded } from '../../generator/database/embedded.ts'
import { openPool } from '../../generator/database/server.ts'
import { runtimeOf } from '../../generator/sandbox/runtime.ts'
import { configurations, LOCAL, post } from '../support/sandbox.ts'
import { servers } from '../support/servers.ts'

const seconds = Number(process.argv[2] ?? 5)
const root = join(import.meta.dirname, '..', '..')
const ACTOR = '00000000-0000-0000-0000-000000000001'
const CODE = 'whatsapp-business-cloud'

interface Figure {
  readonly place: string
  readonly way: string
  readonly connections: number
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

/** The rows of an event, as the function writes them: one entity, five fields, one relationship. */
const PLAIN = `with event as (
  insert into core_entities (id, organization_id, entity_type, entity_code, entity_name, smart_code, metadata, created_by, updated_by)
  values ($1::uuid, '${LOCAL}', 'INTEGRATION_EVENT', $1::uuid::text, '${CODE} message_received', 'HERA.WHATSAPP.EVENT.MESSAGE.RECEIVED.v1',
          '{"status": "success", "connector_code": "${CODE}", "event_type": "message_received", "message": "recorded", "payload_size": 120}', '${ACTOR}', '${ACTOR}')
  returning id
), fields as (
  insert into core_dynamic_data (organization_id, entity_id, field_name, field_type, field_value_text, field_value_json, smart_code, created_by, updated_by)
  select '${LOCAL}', event.id, field.name, 'text', field.text, field.json, 'HERA.PLATFORM.INTEGRATION.EVENT.FIELD.v1', '${ACTOR}', '${ACTOR}'
    from event cross join (values ('event_source', '${CODE}', null::jsonb), ('event_type', 'message_received', null),
      ('event_data', null, $2::text::jsonb), ('processed_at', 'now', null), ('idempotency_key', $1::uuid::text, null)) as field(name, text, json)
)
insert into core_relationships (organization_id, from_entity_id, to_entity_id, relationship_type, smart_code, created_by, updated_by)
select '${LOCAL}', event.id, $3::uuid, 'PROCESSED_BY', 'HERA.PLATFORM.INTEGRATION.EVENT.PROCESSED_BY.v1', '${ACTOR}', '${ACTOR}' from event`

let number = 0
const data = () => ({ message_id: `wamid.${crypto.randomUUID()}`, from: '+1234567890', message: 'Hello, I need help' })

function eventOf() {
  number += 1
  return {
    event_source: CODE,
    event_type: 'message_received',
    connector_code: CODE,
    idempotency_key: `bench ${process.pid} ${number}`,
    event_data: data(),
  }
}

/** Does the same again and again on so many connections, and says how fast that was. */
async function measure(connections: number, once: () => Promise<void>): Promise<Pick<Figure, 'rate' | 'p50' | 'p99'>> {
  // What is compiled, planned and cached the first time is not what runs all day.
  await Promise.all(Array.from({ length: connections }, async () => void (await once())))
  const times: number[] = []
  const startedAt = performance.now()
  const end = startedAt + seconds * 1000
  const worker = async () => {
    while (performance.now() < end) {
      const before = performance.now()
      await once()
      times.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  const elapsed = (performance.now() - startedAt) / 1000
  times.sort((left, right) => left - right)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { rate: times.length / elapsed, p50: at(0.5), p99: at(0.99) }
}

async function benchQueries(place: string, open: (connections: number) => Promise<Queries>): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const connections of [1, 32]) {
    const queries = await open(connections)
    const runtime = runtimeOf(queries)
    const actor = { organizationId: LOCAL, userId: ACTOR }
    const { connectors } = await runtime.operate(actor, { operation: 'LIST', connector_code: CODE })
    const [{ id }] = connectors as unknown as [{ readonly id: string }]
    const insert = async () => {
      await queries.query(PLAIN, [crypto.randomUUID(), JSON.stringify(data()), id])
    }
    const call = async () => {
      const { event_data, ...event } = eventOf()
      const answer = await runtime.record(actor, { ...event, text: JSON.stringify({ event_data }) })
      if (!answer.success) throw new Error(answer.message)
    }
    figures.push({ place, way: 'plain insert', connections, ...(await measure(connections, insert)) })
    figures.push({ place, way: 'function', connections, ...(await measure(connections, call)) })
    await queries.close()
  }
  return figures
}

async function benchHttp(place: string, ready: Ready): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const connections of [1, 32]) {
    const agent = new Agent({ keepAlive: true, maxSockets: connections })
    const send = () => sent(ready, agent, JSON.stringify(eventOf()))
    figures.push({ place, way: 'HTTP', connections, ...(await measure(connections, send)) })
    agent.destroy()
  }
  return figures
}

/** By Node's own client: `fetch` takes more of the processor than the server does. */
function sent({ url, token }: Ready, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'x-organization-id': LOCAL,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    }
    request(`${url}/api/v2/integrations/events`, options, (response) => {
      response.resume()
      response.once('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(String(response.statusCode))),
      )
    })
      .once('error', reject)
      .end(body)
  })
}

async function startDev(folder: string, where: readonly string[]) {
  const args = ['--format', 'json', '--port', '0', '--no-rate-limits', '--no-watch']
  const place = ['--definitions', join(root, 'definitions'), '--data', join(folder, 'database')]
  const child = spawn('node', [join(root, 'dist', 'cli.js'), 'dev', ...args, ...place, ...where], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const ready = JSON.parse(line.toString()) as Ready
  await post(ready, 'connectors', {
    operation: 'INSTALL',
    connector_code: CODE,
    installation_config: configurations[CODE],
  })
  return {
    ready,
    async stop() {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

const figures: Figure[] = []
const folder = mkdtempSync(join(tmpdir(), 'hera-bench-'))

for (const { name, missing, start } of servers) {
  if (missing !== undefined) continue
  const server = await start({ durable: true })
  const url = server.url('postgres')
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(readFileSync(join(root, 'schema', 'hera.sql'), 'utf8')).simple()
  await sql.end()
  const running = await startDev(folder, ['--database-url', url])
  figures.push(...(await benchHttp(name, running.ready)))
  await running.stop()
  figures.push(...(await benchQueries(name, (connections) => openPool({ url, connections, settings: {} }))))
  await server.stop()
}

const running = await startDev(folder, ['--embedded'])
figures.push(...(await benchHttp('embedded database', running.ready)))
await running.stop()
const embedded = () => openEmbedded({ folder: join(folder, 'database'), onStep: () => {} })
figures.push(...(await benchQueries('embedded database', embedded)))
rmSync(folder, { recursive: true, force: true })

const header = ['database', 'connections', 'way', 'events a second', 'p50', 'p99', 'against the plain insert']
const lines = figures
  .map((figure) => ({ figure, order: ['plain insert', 'function', 'HTTP'].indexOf(figure.way) }))
  .sort(
    (left, right) =>
      left.figure.place.localeCompare(right.figure.place, 'en') ||
      left.figure.connections - right.figure.connections ||
      left.order - right.order,
  )
  .map(({ figure: { place, way, connections, rate, p50, p99 } }) => {
    const plain = figures.find(
      (other) => other.place === place && other.connections === connections && other.way === 'plain insert',
    )
    const ratio = plain === undefined ? '' : `${(plain.rate / rate).toFixed(2)} ×`
    return [place, connections, way, Math.round(rate), `${p50.toFixed(1)} ms`, `${p99.toFixed(1)} ms`, ratio]
  })
process.stdout.write(
  `${[header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`,
)

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Ready } from '../../generator/commands/dev.ts'
import { configurations, post } from '../support/sandbox.ts'
import type { Server } from '../support/servers.ts'
import { mayRun, servers } from '../support/servers.ts'

const root = join(import.meta.dirname, '..', '..')
const places = [
  { name: 'the embedded database', missing: undefined, start: undefined },
  ...servers.map((server) => ({ ...server, start: server.start })),
]

/** The command as its user starts it, in a process of its own. */
interface Running extends Ready {
  readonly process: ChildProcess
}

describe.each(places)('on $name', (place) => {
  const title = place.missing === undefined ? 'the local runtime' : `the local runtime (skipped: ${place.missing})`
  describe.runIf(mayRun(place))(title, () => {
    const folder = mkdtempSync(join(tmpdir(), 'hera-durable-'))
    let server: Server | undefined
    let sent = 0

    beforeAll(async () => {
      server = await place.start?.()
      if (server === undefined) return
      const sql = postgres(server.url('postgres'), { max: 1, onnotice: () => {} })
      await sql.unsafe(readFileSync(join(root, 'schema', 'hera.sql'), 'utf8')).simple()
      await sql.end()
    })
    afterAll(async () => {
      await server?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    async function start(): Promise<Running> {
      const where = server === undefined ? ['--embedded'] : ['--database-url', server.url('postgres')]
      const process = spawn(
        'node',
        [
          join(root, 'dist', 'cli.js'),
          'dev',
          ...['--format', 'json', '--port', '0', '--no-rate-limits', '--no-watch'],
          ...['--definitions', join(root, 'definitions'), '--data', join(folder, 'database')],
          ...where,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      const [line] = (await once(process.stdout, 'data')) as [Buffer]
      return { ...(JSON.parse(line.toString()) as Ready), process }
    }

    /** Sends events until the server is gone; gives the ids of those that were answered with 200, and other statuses. */
    async function load(running: Running, onAnswer: (answered: number) => void) {
      const ids: string[] = []
      const others: number[] = []
      const worker = async () => {
        for (;;) {
          sent += 1
          const event = {
            event_source: 'whatsapp-business-cloud',
            event_type: 'message_received',
            connector_code: 'whatsapp-business-cloud',
            event_data: { message_id: `wamid.${sent}`, message: 'x'.repeat(500) },
            idempotency_key: `wamid.${sent}`,
          }
          const reply = await post(running, 'events', event).catch(() => undefined)
          if (reply === undefined) return
          if (reply.status === 200) ids.push(reply.body.data.event_id)
          else others.push(reply.status)
          onAnswer(ids.length)
        }
      }
      await Promise.all(Array.from({ length: 8 }, worker))
      return { ids, others }
    }

    async function recorded(running: Running): Promise<ReadonlySet<string>> {
      const found = new Set<string>()
      let before: string | undefined
      do {
        const { body } = await post(running, 'logs', { limit: 1000, ...(before === undefined ? {} : { before }) })
        for (const { id } of body.data.logs) found.add(id)
        before = body.data.next_before ?? undefined
      } while (before !== undefined)
      return found
    }

    test('has every event that it answered, when it is killed under load and started again', async () => {
      const first = await start()
      await post(first, 'connectors', {
        operation: 'INSTALL',
        connector_code: 'whatsapp-business-cloud',
        installation_config: configurations['whatsapp-business-cloud'],
      })
      const { ids } = await load(first, (answered) => {
        if (answered === 200) first.process.kill('SIGKILL')
      })
      expect(ids.length).toBeGreaterThanOrEqual(200)
      const second = await start()
      const found = await recorded(second)
      expect(ids.filter((id) => !found.has(id))).toEqual([])
      // And it takes more.
      const event = {
        event_source: 'whatsapp-business-cloud',
        event_type: 'message_received',
        connector_code: 'whatsapp-business-cloud',
      }
      const reply = await post(second, 'events', { ...event, event_data: { message_id: 'after' } })
      expect(reply).toMatchObject({ status: 200, body: { data: { duplicate: false } } })
      second.process.kill('SIGTERM')
      await once(second.process, 'exit')
    })

    test('stops although somebody holds connections on which nothing is asked', async () => {
      const running = await start()
      const { hostname, port } = new URL(running.url)
      const silent = connect(Number(port), hostname)
      const half = connect(Number(port), hostname, () => half.write('GET /health HTTP/1.1\r\nHost: '))
      const slow = connect(Number(port), hostname, () =>
        slow.write(`POST /login HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 100\r\n\r\ntoken`),
      )
      for (const socket of [silent, half, slow]) socket.on('error', () => {})
      await Promise.all([silent, half, slow].map((socket) => once(socket, 'connect')))
      const stopped = once(running.process, 'exit')
      running.process.kill('SIGTERM')
      expect((await stopped)[0]).toBe(0)
    })

    test('answers what it has taken when it is asked to stop, and nothing with a fault', async () => {
      const running = await start()
      const stopped = once(running.process, 'exit')
      const { ids, others } = await load(running, (answered) => {
        if (answered === 100) running.process.kill('SIGTERM')
      })
      const [code] = await stopped
      expect([code, others]).toEqual([0, []])
      const again = await start()
      const found = await recorded(again)
      expect(ids.filter((id) => !found.has(id))).toEqual([])
      again.process.kill('SIGINT')
      expect((await once(again.process, 'exit'))[0]).toBe(0)
    })
  })
})

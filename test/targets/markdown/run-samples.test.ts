import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { PGlite } from '@electric-sql/pglite'
import { build } from 'esbuild'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRegistry } from '../../../generator/pipeline/pipeline.ts'
import { edit } from '../../support/acme.ts'
import { heraDatabase } from '../../support/databases.ts'
import { committedCodes } from '../../support/load.ts'
import { ACTOR } from '../../support/runtime.ts'
import type { Sample } from '../../support/samples.ts'
import { calls, modules, samples } from '../../support/samples.ts'
import type { Sandbox } from '../../support/sandbox.ts'
import { configurations, LOCAL, OTHER, startSandbox } from '../../support/sandbox.ts'
import type { Server } from '../../support/servers.ts'
import { mayRun, servers } from '../../support/servers.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..', '..')
const { registry } = await readRegistry([join(root, 'definitions')])
const folder = mkdtempSync(join(tmpdir(), 'hera-run-samples-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('every call of the guide works on the local runtime', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.stop())

  /** What the environment holds: the fields of every connector, under the names that the guide gives them. */
  const madeUp = Object.fromEntries(
    registry.connectors.map(({ code, auth }) => [
      code,
      Object.fromEntries(auth.fields.map(({ name, example = 'https://hooks.example.com/made-up' }) => [name, example])),
    ]),
  )
  const env = Object.fromEntries(
    Object.entries({ ...madeUp, ...configurations }).flatMap(([code, fields]) =>
      Object.entries(fields).map(([name, value]) => [`${code.replaceAll('-', '_')}_${name}`.toUpperCase(), value]),
    ),
  )

  /** Runs a call as it stands, from a page of HERA's own. */
  async function answerTo({ page, source }: Sample): Promise<Response> {
    const body = `${source}\nreturn ${/^const (\w+)/.exec(source)?.[1]}`
    const AsyncFunction = (async () => {}).constructor as new (
      ...parts: readonly string[]
    ) => (...given: readonly unknown[]) => Promise<Response>
    // The quick start is a story of its own.
    const organization = page === 'quick-start.md' ? OTHER : LOCAL
    const atHome = (path: string, options: RequestInit) => fetch(`${sandbox.url}${path}`, options)
    return new AsyncFunction('fetch', 'token', 'orgId', 'process', body)(atHome, sandbox.token, organization, { env })
  }

  const installs = calls.filter(({ endpoint }) => endpoint === 'connectors')
  test.each(installs)('$page, $heading', async (call) => {
    const response = await answerTo(call)
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 200,
      body: { data: { success: true, status: 'active' } },
    })
  })

  const events = calls.filter(({ endpoint }) => endpoint === 'events')
  test.each(events)('$page, $heading', async (call) => {
    const response = await answerTo(call)
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 200,
      body: { data: { success: true, duplicate: false } },
    })
  })

  const logs = calls.filter(({ endpoint }) => endpoint === 'logs')
  test.each(logs)('$page, $heading', async (call) => {
    const response = await answerTo(call)
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 200,
      body: { data: { logs: [] } },
    })
  })

  test('and none is left out', () => {
    // One on each connector's page, and the quick start's.
    expect(installs).toHaveLength(registry.connectors.length + 1)
    expect(events.length).toBeGreaterThan(40)
    expect(calls).toHaveLength(installs.length + events.length + logs.length)
    expect(logs).toHaveLength(1)
  })
})

describe('the modules of the guide work', () => {
  const recorded: unknown[] = []
  const asked: { readonly url: string | undefined; readonly body: unknown }[] = []
  const answers: ((response: ServerResponse) => void)[] = []
  const hera = createServer(async (request, response) => {
    recorded.push(JSON.parse(await textOf(request)))
    response.end('{"rid":"r","data":{"success":true,"duplicate":false}}')
  })
  /** In place of HubSpot and Zapier. */
  const vendor = createServer(async (request, response) => {
    asked.push({ url: request.url, body: JSON.parse((await textOf(request)) || 'null') })
    const answer = answers.shift()
    if (answer === undefined) response.end('{"id":"51","status":"success"}')
    else answer(response)
  })
  const outside = globalThis.fetch

  beforeAll(async () => {
    mkdirSync(join(folder, 'modules', 'generated'), { recursive: true })
    for (const { name, source } of modules) writeFileSync(join(folder, 'modules', name), source)
    cpSync(join(root, 'generated', 'typescript'), join(folder, 'modules', 'generated', 'typescript'), {
      recursive: true,
    })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    await Promise.all([hera, vendor].map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))))
    const vendorUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`
    Object.assign(process.env, {
      HERA_URL: `http://127.0.0.1:${(hera.address() as AddressInfo).port}`,
      HERA_TOKEN: 'token',
      ZAPIER_WEBHOOK_URL: `${vendorUrl}/hooks/catch/1/abc`,
    })
    globalThis.fetch = (input, options) => {
      const url = input instanceof Request ? input.url : String(input)
      if (!url.startsWith('https://')) return outside(input, options)
      return outside(`${vendorUrl}${new URL(url).pathname}`, options)
    }
  })
  afterAll(() => {
    globalThis.fetch = outside
    hera.close()
    vendor.close()
  })

  type Exported = (...given: readonly unknown[]) => Promise<unknown>

  /** What a module exports under a name. */
  async function load(name: string, exported: string): Promise<Exported> {
    const outfile = join(folder, 'modules', `${name}.mjs`)
    const entryPoints = [join(folder, 'modules', `${name}.ts`)]
    await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node' })
    return (await import(pathToFileURL(outfile).href))[exported]
  }

  test('a customer becomes a contact, and is recorded under a key of its own', async () => {
    const syncCustomerToHubSpot = await load('sync-customer', 'syncCustomerToHubSpot')
    const customer = {
      id: 'cust_1',
      organization_id: LOCAL,
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      phone: '1',
      company: 'A',
    }
    await syncCustomerToHubSpot(customer)
    expect(asked.pop()).toMatchObject({
      body: { properties: { email: 'ada@example.com', firstname: 'Ada', lastname: 'Lovelace' } },
    })
    expect(recorded.pop()).toMatchObject({
      event_type: 'contact_created',
      event_data: { hera_customer_id: 'cust_1', hubspot_contact_id: '51', sync_direction: 'hera_to_hubspot' },
      idempotency_key: expect.stringContaining('51'),
    })
  })

  test('an appointment starts a Zap, and that is recorded', async () => {
    const path = join(folder, 'modules', 'trigger-automation.ts')
    const option = "webhookUrl: secret('ZAPIER_WEBHOOK_URL'),"
    // The kit refuses private addresses, and Zapier's place is taken by a server on this machine.
    const allow = `allow: [new URL(secret('ZAPIER_WEBHOOK_URL')).host],`
    writeFileSync(path, edit(readFileSync(path, 'utf8'), [option, `${option} ${allow}`]))
    const triggerAppointmentCompleted = await load('trigger-automation', 'triggerAppointmentCompleted')
    const appointment = {
      id: 'appt_1',
      organization_id: LOCAL,
      customer_name: 'Ada',
      service: 'Haircut',
      total_amount: 45.5,
      completed_at: '2026-11-20T15:45:00Z',
    }
    await triggerAppointmentCompleted(appointment)
    expect(asked.pop()).toMatchObject({
      url: '/hooks/catch/1/abc',
      body: { trigger_type: 'appointment_completed', appointment: { id: 'appt_1' } },
    })
    expect(recorded.pop()).toMatchObject({
      event_type: 'trigger_sent',
      event_data: { event_id: 'appointment_completed:appt_1' },
    })
  })

  test('a call that is refused with 429 is made again, when the answer says so', async () => {
    const callAgain = await load('call-again', 'callAgain')
    answers.push((response) => response.writeHead(429, { 'retry-after': '1' }).end())
    const before = performance.now()
    const response = (await callAgain(
      new Request(process.env.ZAPIER_WEBHOOK_URL ?? '', { method: 'POST', body: '{"a":1}' }),
    )) as Response
    expect(performance.now() - before).toBeGreaterThan(950)
    expect(response.status).toBe(200)
    expect(asked.splice(0).map(({ body }) => body)).toEqual([{ a: 1 }, { a: 1 }])
  })

  test('but not for ever, nor where it failed otherwise', async () => {
    const callAgain = await load('call-again', 'callAgain')
    const request = () => new Request(process.env.ZAPIER_WEBHOOK_URL ?? '', { method: 'POST', body: '{}' })
    for (const status of [429, 429, 503]) answers.push((response) => response.writeHead(status).end())
    expect(((await callAgain(request(), 2)) as Response).status).toBe(429)
    expect(((await callAgain(request())) as Response).status).toBe(503)
    expect(answers).toEqual([])
  })
})

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

describe('the SQL of the guide runs', () => {
  let database: PGlite
  beforeAll(async () => {
    database = await heraDatabase()
    for (const name of ['setup-prebuilt-connectors.sql', 'runtime.sql'])
      await database.exec(readFileSync(join(root, 'generated', 'sql', name), 'utf8'))
    await database.exec(
      `insert into core_organizations (id, organization_name, organization_code, created_by, updated_by)
       values ('${LOCAL}', 'Test', 'TEST', '${ACTOR}', '${ACTOR}')`,
    )
  })
  afterAll(() => database.close())

  const sql = samples.filter(({ language }) => language === 'sql')
  const one = async (heading: string) => {
    const found = sql.find((sample) => sample.heading === heading)
    return (await database.query(found?.source ?? '')).rows
  }

  test('all of it is tried here', () => {
    expect(sql.map(({ heading }) => heading)).toEqual([
      ...['Integration logs', '1. Set up the connectors', 'Token management', 'Data privacy', 'Data privacy'],
    ])
  })

  test('it rotates the key, and purges and erases events', async () => {
    await database.exec(`set hera.connectors_key = '${'k'.repeat(40)}'`)
    for (const { heading, source } of sql.slice(2)) {
      const answers = (await database.exec(source)).map(({ rows }) => Object.values(rows[0] ?? {})[0])
      expect([heading, answers]).toEqual([heading, answers.map(() => expect.objectContaining({ success: true }))])
    }
  })

  test('it shows the catalogue', async () => {
    const rows = await one('1. Set up the connectors')
    expect(rows).toMatchObject(committedCodes.map((entity_code) => ({ entity_code })))
    expect(rows).toContainEqual({ entity_code: 'hubspot-crm', entity_name: 'HubSpot CRM API', status: 'active' })
  })

  test('it counts what was recorded and refused', async () => {
    expect(await one('Integration logs')).toEqual([])
    await database.query(
      `select hera_integration_event_in_v1(p_actor_user_id => '${ACTOR}', p_organization_id => '${LOCAL}',
         p_event_source => 'hubspot-crm', p_event_type => 'contact_created')`,
    )
    expect(await one('Integration logs')).toEqual([{ connector: 'hubspot-crm', status: 'error', events: 1 }])
  })
})

/** What the guide's commands need so that they meet this test's server and runtime, and nobody else's. */
function placed(command: string, at: { readonly port: string; readonly runtime: string }): string {
  return command
    .replace('-p 54322', `-p ${at.port}`)
    .replace('hera-connectors dev ', 'hera-connectors dev --port 0 ')
    .replace(/(hera-connectors simulate .*)/, `$1 --runtime ${at.runtime}`)
}

describe.each(servers.slice(0, 1))('the commands of the guide run, on $name', (place) => {
  describe.runIf(mayRun(place))(place.missing ?? 'in their order', () => {
    // The page on private registries is followed by another test.
    const bash = samples.filter(({ language, page }) => language === 'bash' && page !== 'private-registry.md')
    const home = join(folder, 'home')
    let server: Server
    let runtime: ChildProcess | undefined
    const env: NodeJS.ProcessEnv = { ...process.env, npm_config_offline: 'true', NO_COLOR: '1' }
    const at = { port: '', runtime: '' }

    beforeAll(async () => {
      server = await place.start()
      const url = server.url('postgres')
      const sql = postgres(url, { max: 1, onnotice: () => {} })
      await sql.unsafe(readFileSync(join(root, 'schema', 'hera.sql'), 'utf8')).simple()
      // What Supabase has beside that, as far as the guide calls it.
      await sql
        .unsafe(
          `create schema vault;
           create table vault.secrets (name text unique, secret text);
           create function vault.create_secret(new_secret text, new_name text) returns void language sql
             as 'insert into vault.secrets values (new_name, new_secret)';`,
        )
        .simple()
      await sql.end()
      env.DATABASE_URL = url
      at.port = new URL(url).port
      mkdirSync(join(home, 'node_modules', '.bin'), { recursive: true })
      writeFileSync(join(home, 'package.json'), '{}')
      const command = join(home, 'node_modules', '.bin', 'hera-connectors')
      writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'dist', 'cli.js')}" "$@"\n`)
      chmodSync(command, 0o755)
      for (const name of ['definitions', 'generated']) symlinkSync(join(root, name), join(home, name))
    }, 60_000)
    afterAll(async () => {
      if (runtime?.pid !== undefined) process.kill(-runtime.pid, 'SIGTERM')
      await server?.stop()
    })

    test('all of them are tried here', () => {
      expect(new Set(bash.map(({ page }) => page))).toEqual(new Set(['quick-start.md']))
      expect(
        bash.map(
          ({ source }) =>
            source
              .split(' ')
              .slice(0, source.startsWith('npx') ? 4 : 3)
              .join(' ')
              .split(' "')[0],
        ),
      ).toEqual([
        'npx --no hera-connectors seed',
        'psql -v ON_ERROR_STOP=1',
        'psql -v ON_ERROR_STOP=1',
        'npx --no hera-connectors verify',
        'psql -v ON_ERROR_STOP=1',
        'npx --no hera-connectors dev',
        'npx --no hera-connectors simulate',
        'curl --fail-with-body --silent',
      ])
    })

    /** Starts the local runtime, which goes on running, and keeps what it prints. */
    async function start(command: string): Promise<string> {
      const child = spawn('bash', ['-c', command], {
        cwd: home,
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      runtime = child
      let printed = ''
      for await (const chunk of child.stdout) {
        printed += chunk
        const [, url, token] = /hub +(http:\S+)\/\?token=(\S+)/.exec(printed) ?? []
        const [, organization] = /organization +(\S+)/.exec(printed) ?? []
        if (url === undefined || organization === undefined || !printed.includes('openapi.json')) continue
        at.runtime = url
        Object.assign(env, { HERA_URL: url, HERA_TOKEN: token, HERA_ORGANIZATION_ID: organization })
        break
      }
      return printed
    }

    test.each(bash.map(({ source }, index) => [index, source] as const))(
      '%i: %s',
      async (_, source) => {
        const command = placed(source, at)
        if (source.includes('hera-connectors dev')) {
          expect(await start(command)).toContain('bearer token')
          return
        }
        const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', command], { cwd: home, env })
        expect(stdout).toMatch(outputOf(source))
      },
      60_000,
    )
  })
})

/** What a command prints when it has worked. */
function outputOf(command: string): RegExp {
  if (command.includes('seed ')) return /whatsapp-business-cloud/
  if (command.includes('simulate')) return /recorded|200/
  if (command.startsWith('curl')) return /"event_type":"\w+"/
  if (command.includes('runtime.sql')) return /create_secret/
  return /./
}

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seed } from '../../generator/commands/seed.ts'
import { verify } from '../../generator/commands/verify.ts'
import { openServer } from '../../generator/database/server.ts'
import { listDefinitions } from '../../generator/load/list-definitions.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { sqlTarget } from '../../generator/targets/sql/sql-target.ts'
import { noColors } from '../../generator/terminal.ts'
import { emit } from '../support/emit.ts'
import type { Server } from '../support/servers.ts'
import { mayRun, servers } from '../support/servers.ts'

const root = join(import.meta.dirname, '..', '..')
const definitions = join(root, 'definitions')
const schema = readFileSync(join(root, 'schema', 'hera.sql'), 'utf8')
const texts = listDefinitions(definitions).map((name) => readFileSync(join(definitions, name), 'utf8'))
const amount = String(texts.length)
/** Connectors that tenants can install. */
const offered = texts.filter((text) => /^status: active$/m.test(text)).length

describe.each(servers)('$name', (kind) => {
  const title = kind.missing === undefined ? 'the real definitions' : `the real definitions (skipped: ${kind.missing})`
  describe.runIf(mayRun(kind))(title, () => {
    let server: Server
    let script = ''
    let made = 0

    beforeAll(async () => {
      server = await kind.start()
      await on('postgres', (sql) => sql.unsafe('create database hera_template'))
      await on('hera_template', (sql) => sql.unsafe(schema).simple())
      const { registry } = await readRegistry([definitions])
      const files = await emit(sqlTarget, registry)
      script = files.find(({ path }) => path === 'sql/setup-prebuilt-connectors.sql')?.text ?? ''
    })
    afterAll(() => server?.stop())

    async function on<Result>(database: string, use: (sql: postgres.Sql) => Promise<Result>): Promise<Result> {
      const sql = postgres(server.url(database), { max: 1, onnotice: () => {} })
      try {
        return await use(sql)
      } finally {
        await sql.end()
      }
    }

    /** A database of its own for each test, with HERA's tables. */
    async function fresh(): Promise<string> {
      made += 1
      const name = `hera_${made}`
      await on('postgres', (sql) => sql.unsafe(`create database ${name} template hera_template`))
      return name
    }

    async function count(database: string, table = 'core_entities'): Promise<number> {
      const [row] = await on(database, (sql) => sql.unsafe(`select count(*)::int as rows from ${table}`))
      return row?.rows as number
    }

    function everything(database: string) {
      return on(database, async (sql) =>
        Promise.all(
          ['core_organizations', 'core_entities', 'core_dynamic_data', 'core_relationships'].map((table) =>
            sql.unsafe(`select xmin::text, to_jsonb(t) as row from ${table} t order by id`),
          ),
        ),
      )
    }

    function place(database: string) {
      return {
        definitions: [definitions],
        databaseUrl: server.url(database),
        data: '',
        lockTimeout: 20,
        onStep: () => {},
      }
    }

    test('seed, seed again, verify: the second run moves no row', async () => {
      const database = await fresh()
      const first = await seed({ ...place(database), only: undefined, allowArchiving: false, dryRun: false })
      expect(first.json).toMatchObject({ ok: true, inserted: amount, updated: '0', notices: [] })
      expect(first.text(noColors)).toContain('whatsapp-business-cloud')
      const before = await everything(database)
      expect(
        (await seed({ ...place(database), only: undefined, allowArchiving: false, dryRun: false })).json,
      ).toMatchObject({
        inserted: '0',
        updated: '0',
        unchanged: amount,
      })
      expect(await everything(database)).toEqual(before)
      expect(await verify(place(database))).toMatchObject({ exitCode: 0 })
    })

    test('a dry run shows what would change, key by key, and changes nothing', async () => {
      const database = await fresh()
      const tried = await seed({ ...place(database), only: undefined, allowArchiving: false, dryRun: true })
      expect(tried.json).toMatchObject({
        dryRun: true,
        inserted: amount,
        differences: expect.arrayContaining(['hubspot-crm: missing']),
      })
      expect(await count(database)).toBe(0)
      await seed({ ...place(database), only: undefined, allowArchiving: false, dryRun: false })
      await on(database, (sql) =>
        sql.unsafe(
          "update core_entities set entity_name = 'X', updated_by = created_by where entity_code = 'hubspot-crm'",
        ),
      )
      const again = await seed({ ...place(database), only: undefined, allowArchiving: false, dryRun: true })
      expect(again.json).toMatchObject({
        updated: '1',
        differences: ['hubspot-crm: name is "X", should be "HubSpot CRM API"'],
      })
      expect(await verify(place(database))).toMatchObject({ exitCode: 1 })
    })

    test('eight seeds at once register each connector once', async () => {
      const database = await fresh()
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const connection = await openServer({ url: server.url(database), lockTimeout: 20 })
          try {
            return (await connection.run(script)).rows[0]
          } finally {
            await connection.close()
          }
        }),
      )
      expect(outcomes.map((row) => Number(row?.inserted)).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, Number(amount)])
      const [row] = await on(database, (sql) =>
        sql.unsafe('select count(*)::int as rows, count(distinct entity_code)::int as codes from core_entities'),
      )
      expect(row?.rows).toBe(row?.codes)
      expect(await verify(place(database))).toMatchObject({ exitCode: 0 })
    })

    test('a backend that is killed at any moment leaves all or nothing', async () => {
      const database = await fresh()
      const expected = await (async () => {
        const whole = await fresh()
        await on(whole, (sql) => sql.unsafe(script).simple())
        return count(whole)
      })()
      const started = performance.now()
      await on(await fresh(), (sql) => sql.unsafe(script).simple())
      const duration = performance.now() - started
      const seen = new Set<number>()
      for (let attempt = 0; attempt < 30; attempt += 1) {
        const target = await fresh()
        const victim = postgres(server.url(target), { max: 1, onnotice: () => {} })
        const [{ pid } = { pid: 0 }] = await victim`select pg_backend_pid() as pid`
        const running = victim
          .unsafe(script)
          .simple()
          .then(
            () => 'done',
            () => 'killed',
          )
        // The last one is left to finish: whatever the machine's speed, both outcomes are seen.
        if (attempt === 29) await running
        else await new Promise((resolve) => setTimeout(resolve, (duration * 1.2 * attempt) / 29))
        await on(database, (sql) => sql.unsafe(`select pg_terminate_backend(${pid})`))
        await running
        await victim.end({ timeout: 0 })
        const rows = await count(target)
        expect([0, expected]).toContain(rows)
        seen.add(rows)
      }
      expect(seen).toEqual(new Set([0, expected]))
    })

    test('a lock that another session holds is waited for no longer than asked', async () => {
      const database = await fresh()
      await on(database, async (holder) => {
        await holder.begin(async (transaction) => {
          await transaction.unsafe("select pg_advisory_xact_lock(hashtextextended('hera-connectors', 0))")
          const waiting = seed({
            ...place(database),
            lockTimeout: 0.3,
            only: undefined,
            allowArchiving: false,
            dryRun: false,
          })
          await expect(waiting).rejects.toMatchObject({
            name: 'OperationalError',
            message: expect.stringMatching(/lock timeout/),
            help: expect.stringMatching(/try again/),
          })
        })
      })
      expect(await count(database)).toBe(0)
    })

    test.each([
      ['a wrong database', (url: string) => url.replace(/hera_\d+$/, 'nowhere'), /does not exist/, /database name/],
      [
        'a wrong user',
        (url: string) => url.replace('postgres:test@', 'nobody:wrong@').replace('//postgres@', '//nobody@'),
        /nobody/,
        /user and password/,
      ],
      ['a port without a server', (url: string) => url.replace(/:\d+\//, ':1/'), /127\.0\.0\.1:1/, /server running/],
    ])('%s is one sentence and a remedy, without the password', async (_, change, message, help) => {
      const url = change(server.url(await fresh()))
      await expect(openServer({ url, lockTimeout: 5 })).rejects.toMatchObject({
        name: 'OperationalError',
        message: expect.stringMatching(message),
        help: expect.stringMatching(help),
      })
      await openServer({ url, lockTimeout: 5 }).catch((error: Error) =>
        expect(error.message).not.toMatch(/test@|wrong/),
      )
    })

    test('a role without rights is refused before anything is written', async () => {
      const database = await fresh()
      await on(database, (sql) =>
        sql
          .unsafe(
            "do $$ begin if not exists (select from pg_roles where rolname = 'reader') then create role reader login password 'reader'; end if; end $$; grant usage on schema public to reader; grant select on all tables in schema public to reader; alter role reader bypassrls",
          )
          .simple(),
      )
      const url = server.url(database).replace(/\/\/[^@]*@/, '//reader:reader@')
      const connection = await openServer({ url, lockTimeout: 5 })
      await expect(connection.run(script)).rejects.toMatchObject({
        message: expect.stringContaining(
          'role reader may not: insert on public.core_entities, update on public.core_entities',
        ),
      })
      await connection.close()
      expect(await count(database)).toBe(0)
    })

    test('a session that the server ends, and a connection that is cut, leave the database as it was', async () => {
      const database = await fresh()
      await on(database, async (holder) => {
        await holder.begin(async (transaction) => {
          await transaction.unsafe("select pg_advisory_xact_lock(hashtextextended('hera-connectors', 0))")
          const ended = seed({ ...place(database), only: undefined, allowArchiving: false, dryRun: false })
          const refused = expect(ended).rejects.toMatchObject({
            name: 'OperationalError',
            message: expect.stringMatching(/^database 127[^\n]*(connection was lost|terminating connection)/),
            help: expect.stringMatching(/run the command again/),
          })
          const terminated = () =>
            on('postgres', (sql) =>
              sql.unsafe(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hera-connectors' and wait_event = 'advisory'",
              ),
            )
          await expect.poll(terminated, { timeout: 10_000 }).toHaveLength(1)
          await refused
        })
      })
      const cut = await cuttingProxy(server.url(database))
      await expect(
        seed({ ...place(database), databaseUrl: cut.url, only: undefined, allowArchiving: false, dryRun: false }),
      ).rejects.toMatchObject({
        name: 'OperationalError',
        help: expect.stringMatching(/went away.*run the command again/),
      })
      await cut.close()
      await expect.poll(() => count(database)).toBe(0)
    })

    test.runIf(existsSync('/usr/bin/openssl') || process.env.CI === 'true')(
      'encryption is what the URL says',
      async () => {
        const { data } = server
        await on('postgres', (sql) => sql`show ssl`).then(([row]) => expect(row?.ssl).toBe('off'))
        const ca = join(mkdtempSync(join(tmpdir(), 'hera-tls-')), 'server.crt')
        const url = (parameters: string, host = 'localhost') =>
          server.url('postgres').replace('127.0.0.1', host).concat(`?${parameters}`)
        const isEncrypted = async (parameters: string, host?: string) => {
          const connection = await openServer({ url: url(parameters, host), lockTimeout: 5 })
          try {
            const query = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
            return (await connection.run(query)).rows[0]?.ssl
          } finally {
            await connection.close()
          }
        }
        expect(await isEncrypted('')).toBe(false)
        await expect(isEncrypted('sslmode=require')).rejects.toMatchObject({ name: 'OperationalError' })

        certify(data, ca)
        await on('postgres', (sql) => sql.unsafe('alter system set ssl = on'))
        await on('postgres', (sql) => sql`select pg_reload_conf()`)
        await expect.poll(() => isEncrypted('')).toBe(true)
        expect(await isEncrypted('sslmode=disable')).toBe(false)
        expect(await isEncrypted('sslmode=require')).toBe(true)
        expect(await isEncrypted(`sslmode=verify-full&sslrootcert=${ca}`)).toBe(true)
        expect(await isEncrypted(`sslmode=verify-ca&sslrootcert=${ca}`, '127.0.0.1')).toBe(true)
        await expect(isEncrypted(`sslmode=verify-full&sslrootcert=${ca}`, '127.0.0.1')).rejects.toMatchObject({
          name: 'OperationalError',
          help: expect.stringMatching(/another name/),
        })
        await expect(isEncrypted('sslmode=verify-full')).rejects.toMatchObject({
          name: 'OperationalError',
          help: expect.stringMatching(/sslrootcert/),
        })
        await expect(isEncrypted('sslmode=requier')).rejects.toMatchObject({
          message: expect.stringContaining('did you mean "require"'),
        })
        await expect(isEncrypted('sslmode=verify-full&sslrootcert=/nowhere')).rejects.toMatchObject({
          message: expect.stringContaining('"/nowhere"'),
        })
      },
    )

    test.runIf(existsSync('/usr/bin/psql') || process.env.CI === 'true')(
      'psql runs the script and its verification from files',
      async () => {
        const database = await fresh()
        const folder = mkdtempSync(join(tmpdir(), 'hera-psql-'))
        writeFileSync(join(folder, 'seed.sql'), script)
        const psql = (...args: readonly string[]) =>
          execFileSync('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', ...args, server.url(database)], {
            encoding: 'utf8',
            env: { ...process.env, PGCLIENTENCODING: 'LATIN1' },
          })
        expect(psql('-f', join(folder, 'seed.sql')).trim().split('\n').at(-1)).toMatch(
          new RegExp(String.raw`^${amount}\|0\|0\|0\|\d+\|0\|0\|0$`),
        )
        expect(psql('-f', join(folder, 'seed.sql')).trim().split('\n').at(-1)).toMatch(
          new RegExp(String.raw`^0\|0\|${amount}\|0\|0\|0\|\d+\|0$`),
        )
        expect(psql('-f', join(root, 'generated', 'sql', 'verify.sql'))).toContain(
          `the database holds what the registry says|${offered}|`,
        )
        rmSync(folder, { recursive: true })
      },
    )
  })
})

/** Passes a connection on, and cuts it as soon as the client has begun to send connectors. */
async function cuttingProxy(target: string): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const { hostname, port } = new URL(target)
  const proxy = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    client.on('error', cut).on('close', cut)
    upstream.on('error', cut).on('close', cut)
    upstream.pipe(client)
    client.on('data', (bytes) => {
      if (bytes.includes('insert into pg_temp.hera_item')) cut()
      else upstream.write(bytes)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port: own } = proxy.address() as AddressInfo
  return {
    url: target.replace(`:${port}/`, `:${own}/`),
    close: () => new Promise((resolve) => proxy.close(() => resolve())),
  }
}

/** Gives a server a certificate for localhost, signed by itself, and leaves a copy of it at `copy`. */
function certify(data: string, copy: string): void {
  const [key, certificate] = [join(data, 'server.key'), join(data, 'server.crt')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
    ],
    { stdio: 'pipe' },
  )
  const { uid, gid } = statSync(data)
  for (const file of [key, certificate]) {
    chmodSync(file, 0o600)
    if (process.getuid?.() === 0) chownSync(file, uid, gid)
  }
  copyFileSync(certificate, copy)
  chmodSync(copy, 0o644)
}

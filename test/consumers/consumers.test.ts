import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { webhook } from '../../generated/typescript/webhooks/hubspot-crm.ts'
import { sign } from '../../generator/kit/sign.ts'
import { consumers, consumersFolder, missingConsumers } from '../support/consumers.ts'
import { manifest, type Packed, packPackage } from '../support/package.ts'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const SECRET = 'made-up-client-secret'

const folderOf = (name: string) => join(consumersFolder, name)

/** A program of a package that has one for each platform. */
function program(consumer: string, scope: string, name: string): string {
  const packages = join(folderOf(consumer), 'node_modules', scope)
  const found = readdirSync(packages)
    .flatMap((platform) => [join(packages, platform, 'bin', name), join(packages, platform, name)])
    .find((path) => existsSync(path))
  if (found === undefined) throw new Error(`no ${name} below ${packages}`)
  return found
}

const bin = (consumer: string, path: string) => join(folderOf(consumer), 'node_modules', path)
const tsx = () => createRequire(import.meta.url).resolve('tsx')

type Way = 'package' | 'copy'

/** How a project is built, where it is, and how it is started on a port. */
interface Project {
  /** The module that imports the package; the same with imports of a copy of `generated/typescript` is written beside it. */
  readonly source: string
  readonly copied?: string
  readonly ways: readonly Way[]
  /** Copies the compiled modules instead of their sources. */
  readonly isCopyCompiled?: true
  readonly build?: (source: string) => readonly [command: string, ...args: string[]]
  readonly start: (source: string, port: number) => readonly [command: string, ...args: string[]]
  readonly path?: (way: Way) => string
}

const node = process.execPath
const PROJECTS: Readonly<Record<string, Project>> = {
  node: { source: 'server.js', ways: ['package'], start: (source) => [node, source] },
  typescript: {
    source: 'server.ts',
    ways: ['package', 'copy'],
    build: () => [node, bin('typescript', 'typescript/bin/tsc'), '-p', '.'],
    start: (source) => [node, join('out', source.replace(/ts$/, 'js'))],
  },
  hono: { source: 'server.js', ways: ['package', 'copy'], start: (source) => [node, '--import', tsx(), source] },
  deno: {
    source: 'server.ts',
    ways: ['package', 'copy'],
    start: (source) => [program('deno', '@deno', 'deno'), 'run', '--allow-env', '--allow-net=127.0.0.1', source],
  },
  bun: {
    source: 'server.ts',
    ways: ['package', 'copy'],
    start: (source) => [program('bun', '@oven', 'bun'), source],
  },
  workerd: {
    source: 'worker.ts',
    ways: ['package', 'copy'],
    build: (source) => [
      program('workerd', '@esbuild', 'esbuild'),
      source,
      '--bundle',
      '--format=esm',
      '--conditions=workerd,worker',
      '--outfile=out/worker.js',
    ],
    start: (_, port) => [
      program('workerd', '@cloudflare', 'workerd'),
      'serve',
      'config.capnp',
      `--socket-addr=http=127.0.0.1:${port}`,
    ],
  },
  next: {
    source: 'app/hubspot/route.ts',
    copied: 'app/copy/route.ts',
    // Turbopack does not resolve './x.js' to x.ts (vercel/next.js#82945), and the tsconfig that Next.js writes is not strict.
    isCopyCompiled: true,
    ways: ['package', 'copy'],
    build: () => [node, bin('next', 'next/dist/bin/next'), 'build'],
    start: (_, port) => [node, bin('next', 'next/dist/bin/next'), 'start', '-H', '127.0.0.1', '-p', String(port)],
    path: (way) => (way === 'package' ? '/hubspot' : '/copy'),
  },
}

/** Files that the projects write themselves. */
const WRITTEN = ['hera', 'out', 'readme.ts', '.next', 'next-env.d.ts', join('app', 'copy')]

const copiedName = ({ source, copied }: Project) => copied ?? source.replace(/\.(?=\w+$)/, '.copy.')

/** Installs the packed files as `npm install` lays them out, and copies `generated/typescript`. */
function prepare(name: string, project: Project, packed: Packed): void {
  const folder = folderOf(name)
  for (const path of [...WRITTEN, copiedName(project), ...(name === 'next' ? ['tsconfig.json'] : [])])
    rmSync(join(folder, path), { recursive: true, force: true })
  const installed = join(folder, 'node_modules', manifest.name)
  rmSync(installed, { recursive: true, force: true })
  cpSync(packed.folder, installed, { recursive: true })
  if (name === 'typescript') writeFileSync(join(folder, 'readme.ts'), readmeModule())
  if (!project.ways.includes('copy')) return
  const modules = project.isCopyCompiled ? join(packed.folder, 'dist', 'lib') : join(root, 'generated', 'typescript')
  cpSync(modules, join(folder, 'hera'), { recursive: true })
  const target = join(folder, copiedName(project))
  const base = relative(dirname(target), join(folder, 'hera')).replaceAll('\\', '/')
  const prefix = base.startsWith('.') ? base : `./${base}`
  const text = readFileSync(join(folder, project.source), 'utf8')
    .replaceAll(new RegExp(`'${manifest.name}/([^']+)'`, 'g'), `'${prefix}/$1.js'`)
    .replaceAll(`'${manifest.name}'`, `'${prefix}/index.js'`)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
}

/** The README's samples, and an import of each kind of module in its table. */
function readmeModule(): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const samples = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, sample = '']) => sample)
  const imports = kindsInReadme(readme).map(
    (kind) => `export * as ${kind} from '${manifest.name}/${kind}/hubspot-crm'\n`,
  )
  return [...samples, ...imports].join('\n')
}

const kindsInReadme = (readme: string) =>
  [...readme.matchAll(/^\| `…\/(\w+)\/<code>` \|/gm)].map(([, kind = '']) => kind)

/** HERA on this machine: it records every event. */
async function startHera() {
  const events: { readonly connector_code?: string; readonly event_type?: string }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    events.push(JSON.parse(Buffer.concat(chunks).toString()))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ rid: 'r', data: { event_id: 'e' } }))
  })
  const port = await listening(server)
  return { url: `http://127.0.0.1:${port}`, events, stop: () => server.close() }
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A delivery of HubSpot, signed; with another body where it is forged. */
async function delivery(isForged: boolean): Promise<RequestInit> {
  const body = JSON.stringify([
    {
      eventId: 1,
      subscriptionId: 12345,
      portalId: 62515,
      occurredAt: 1_700_000_000_000,
      subscriptionType: 'contact.creation',
      attemptNumber: 0,
      objectId: 123,
      changeSource: 'CRM',
      changeFlag: 'NEW',
    },
  ])
  const headers = { 'content-type': 'application/json' }
  const unsigned = { method: 'POST', url: 'https://hooks.example.com/hubspot', body, headers }
  const signed = await sign(webhook, unsigned, { client_secret: SECRET })
  if (!('headers' in signed)) throw new Error(JSON.stringify(signed))
  return {
    method: 'POST',
    headers: { ...headers, ...signed.headers },
    body: isForged ? body.replace('123', '124') : body,
  }
}

/** Sends a request as soon as somebody listens. */
async function send(url: string, init: RequestInit, child: ChildProcess): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetch(url, init)
    } catch (error) {
      if (tries === 300 || child.exitCode !== null) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

test('every consumer project is tested, and its lock file names no address', () => {
  expect(Object.keys(PROJECTS).sort()).toEqual([...consumers].sort())
  for (const name of consumers)
    expect(readFileSync(join(folderOf(name), 'package-lock.json'), 'utf8')).not.toMatch(
      /"resolved"|registry|https?:\/\/registry/,
    )
})

test('the README lists the kinds of modules', () => {
  const folders = readdirSync(join(root, 'generated', 'typescript'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'kit')
    .map(({ name }) => name)
  expect(kindsInReadme(readFileSync(join(root, 'README.md'), 'utf8')).sort()).toEqual(folders.sort())
})

const mayRun = missingConsumers.length === 0 || process.env.CI === 'true'
describe.runIf(mayRun)(mayRun ? 'a webhook endpoint receives a delivery' : 'npm run install:consumers', () => {
  let packed: Packed
  let hera: Awaited<ReturnType<typeof startHera>>
  let child: ChildProcess | undefined
  beforeAll(async () => {
    packed = packPackage()
    hera = await startHera()
  })
  afterEach(() => {
    child?.kill('SIGKILL')
    child = undefined
    hera.events.length = 0
  })
  afterAll(() => {
    hera.stop()
    packed.remove()
  })

  describe.each(Object.entries(PROJECTS))('in %s', (name, project) => {
    const { source, ways, build, start, path = () => '/hubspot' } = project
    const environment = (port: number): NodeJS.ProcessEnv => ({
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      PORT: String(port),
      HERA_URL: hera.url,
      HERA_TOKEN: 'token',
      HUBSPOT_CLIENT_SECRET: SECRET,
      NEXT_TELEMETRY_DISABLED: '1',
      DENO_NO_UPDATE_CHECK: '1',
      DO_NOT_TRACK: '1',
      CI: 'true',
    })
    const sourceOf = (way: Way) => (way === 'package' ? source : copiedName(project))

    // One build has both.
    const isBuiltOnce = name === 'next' || name === 'typescript'
    beforeAll(async () => {
      prepare(name, project, packed)
      if (build !== undefined && isBuiltOnce) await compile(build(source))
    }, 240_000)

    async function compile([command, ...args]: readonly [string, ...string[]]): Promise<void> {
      // Without the variables of a server: importing the modules of an application must not need them.
      const env = {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NEXT_TELEMETRY_DISABLED: '1',
        CI: 'true',
      } as NodeJS.ProcessEnv
      await run(command, args, { cwd: folderOf(name), env }).catch((failure) => {
        throw new Error(`${failure.stdout}\n${failure.stderr}`)
      })
    }

    test.each(ways)('with the %s', { timeout: 120_000 }, async (way) => {
      if (build !== undefined && !isBuiltOnce) await compile(build(sourceOf(way)))
      const port = await freePort()
      const [command, ...args] = start(sourceOf(way), port)
      child = spawn(command, args, { cwd: folderOf(name), env: environment(port), stdio: 'inherit' })
      const url = `http://127.0.0.1:${port}${path(way)}`
      const refused = await send(url, await delivery(true), child)
      expect([refused.status, hera.events]).toEqual([401, []])
      const accepted = await send(url, await delivery(false), child)
      expect([accepted.status, await accepted.text()]).toEqual([200, expect.any(String)])
      expect(hera.events).toMatchObject([{ connector_code: 'hubspot-crm', event_type: 'contact_created' }])
    })
  })
})

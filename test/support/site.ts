import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { createAdaptorServer } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import type { OutputFile, Registry } from '../../generator/model/connector.ts'
import { jsonTarget } from '../../generator/targets/json/json-target.ts'
import { markdownTarget } from '../../generator/targets/markdown/markdown-target.ts'
import { emit } from './emit.ts'

const root = join(import.meta.dirname, '..', '..')
const execute = promisify(execFile)

/** A site that is built and served. */
export interface Site {
  /** Its first page, which ends in a slash. */
  readonly url: string
  readonly folder: string
  /** What the build said beside its steps: warnings, and faults after which it goes on. */
  readonly complaints: readonly string[]
  readonly stop: () => Promise<void>
}

/** The site of this checkout, as `npm run docs:build` makes it. */
export async function startSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'hera-site-'))
  const said = await run({
    program: 'npm',
    args: ['run', '--silent', 'docs:build', '--', '--outDir', folder],
    cwd: root,
  })
  const { url, stop } = await serveFolder(folder, '/')
  return { url, folder, complaints: complaintsIn(said), stop: () => stopped(stop, folder) }
}

/** The site of another registry, published below `/guide/`; its catalogue can hold more than has pages. */
export async function startSiteOf(registry: Registry, catalogue: Registry): Promise<Site> {
  const checkout = await checkoutOf(registry, catalogue)
  const folder = join(checkout, 'site')
  const base = '/guide/'
  const vitepress = join(root, 'node_modules', 'vitepress', 'bin', 'vitepress.js')
  const args = [vitepress, 'build', join('generator', 'site'), '--outDir', folder, '--base', base]
  const said = await run({ program: 'node', args, cwd: checkout })
  const { url, stop } = await serveFolder(folder, base)
  return { url, folder, complaints: complaintsIn(said), stop: () => stopped(stop, checkout) }
}

async function stopped(stop: () => Promise<void>, folder: string): Promise<void> {
  await stop()
  rmSync(folder, { recursive: true, force: true })
}

interface Run {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
}

/** What the test runner tells its own tests, a build would take for its own settings. */
const OF_THE_RUNNER = ['NODE_ENV', 'MODE', 'DEV', 'PROD', 'SSR', 'BASE_URL']

async function run({ program, args, cwd }: Run): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !OF_THE_RUNNER.includes(name))
  // A pipeline's name of its repository, so that pages can be edited.
  const repository = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'hera/connectors' }
  const { stdout, stderr } = await execute(program, args, { cwd, env: { ...Object.fromEntries(own), ...repository } })
  return stdout + stderr
}

/** What VitePress says when all is well. */
const STEP =
  /^(?:vitepress v[\d.]+|[-✓] (?:building client \+ server bundles|rendering pages)\.\.\.|build complete in .*)?$/

function complaintsIn(said: string): readonly string[] {
  return stripVTControlCharacters(said)
    .split('\n')
    .filter((line) => !STEP.test(line.trim()))
}

/** A folder like this checkout, with what is generated from other registries. */
async function checkoutOf(registry: Registry, catalogue: Registry): Promise<string> {
  const checkout = mkdtempSync(join(tmpdir(), 'hera-site-'))
  mkdirSync(join(checkout, 'generator'))
  for (const name of readdirSync(join(root, 'generator'))) {
    const [from, to] = [join(root, 'generator', name), join(checkout, 'generator', name)]
    if (name === 'site')
      cpSync(from, to, { recursive: true, filter: (path) => !/[\\/](?:cache|dist|\.temp)$/.test(path) })
    else symlinkSync(from, to)
  }
  for (const name of ['node_modules', 'package.json', 'tsconfig.json'])
    symlinkSync(join(root, name), join(checkout, name))
  const pages = await emit(markdownTarget, registry)
  const [registryFile] = await emit(jsonTarget, catalogue)
  for (const file of [...pages, ...(registryFile === undefined ? [] : [registryFile])])
    write(join(checkout, 'generated'), file)
  return checkout
}

function write(folder: string, { path, text }: OutputFile): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** A folder on a plain web server, which knows of nothing but files. */
export async function serveFolder(
  folder: string,
  base: string,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const app = new Hono()
  app.use(`${base}*`, serveStatic({ root: folder, rewriteRequestPath: (path) => path.slice(base.length - 1) }))
  const server = createAdaptorServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

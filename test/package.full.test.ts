import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manifest, type Packed, packPackage } from './support/package.ts'

const root = join(import.meta.dirname, '..')
let packed: Packed
let paths: readonly string[]
const read = (path: string) => readFileSync(join(packed.folder, path), 'utf8')

beforeAll(() => {
  packed = packPackage()
  paths = readdirSync(packed.folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => statSync(join(packed.folder, path)).isFile())
})
afterAll(() => packed.remove())

const ALLOWED = [
  /^(?:LICENSE|README\.md|package\.json)$/,
  /^definitions\/(?:[a-z0-9-]+\.yaml|samples\/[a-z0-9-]+\/[^/]+\.[a-z]+)$/,
  /^dist\/(?:NOTICE|cli\.js|package\.json|[\w-]+\.mjs)$/,
  /^dist\/lib\/(?:package\.json|(?:(?:apis|connectors|installations|kit|polls|schemas|subscriptions|webhooks)\/)?[a-z0-9-]+\.(?:js|d\.ts))$/,
  /^generated\/json\/(?:[\w.-]+\/)*[\w.-]+\.json$/,
  /^generated\/sql\/(?:connectors\/)?[a-z0-9-]+\.sql$/,
  /^schema\/(?:(?:connector|registry)\.schema\.json|hera(?:-open)?\.sql)$/,
]

test('the package contains what users need, and nothing else', () => {
  expect(paths.filter((path) => !ALLOWED.some((pattern) => pattern.test(path)))).toEqual([])
  for (const pattern of ALLOWED) expect([pattern, paths.some((path) => pattern.test(path))]).toEqual([pattern, true])
})

test('the package is small', () => {
  const connectors = paths.filter((path) => /^definitions\/[^/]+\.yaml$/.test(path)).length
  // The command and the kit are 1.8 MB; the files of a connector, 0.12 MB on average.
  expect(packed.size).toBeLessThan(1_900_000 + 130_000 * connectors)
  // Swagger UI, of 1.5 MB, is for those who install it.
  expect(paths.filter((path) => read(path).includes('SwaggerUIBundle=')).filter(Boolean)).toEqual([])
})

test('no file contains a path of the machine or the host of a registry', () => {
  const registry = execFileSync('npm', ['config', 'get', 'registry', '--workspaces=false'], {
    cwd: root,
    encoding: 'utf8',
  })
  // Not the temporary folder itself: other content contains its name, too.
  const forbidden = [
    root,
    join(tmpdir(), 'hera-'),
    `${homedir()}/`,
    new URL(registry.trim()).host,
    'registry.npm' + 'js.org',
  ]
  const found = paths.flatMap((path) =>
    forbidden.filter((text) => read(path).includes(text)).map((text) => `${path}: ${text}`),
  )
  expect(found).toEqual([])
})

test('the package depends on what the bundle loads at run time, and on nothing else', async () => {
  const entryPoints = paths.filter((path) => /^dist\/[\w-]+\.m?js$/.test(path)).map((path) => join(packed.folder, path))
  const { metafile } = await build({
    entryPoints,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'out',
    splitting: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const imported = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports.filter(({ external }) => external === true).map(({ path }) => path))
    .filter((path) => !path.startsWith('node:') && !builtinModules.includes(path) && !path.startsWith('.'))
    .map((path) =>
      path
        .split('/')
        .slice(0, path.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  expect([...new Set(imported)].sort()).toEqual(Object.keys(manifest.dependencies).sort())
})

test('NOTICE contains the licence of every package that is part of the bundle', () => {
  const notice = read('dist/NOTICE')
  const titles = [...notice.matchAll(/^(?<name>(?:@[\w.-]+\/)?[\w.-]+) \d+\.\d+\.\d+\S* \(.+\)$/gm)].map(
    ({ groups }) => groups?.name,
  )
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const review = readFileSync(join(root, '.github', 'dependency-review.md'), 'utf8')
  const bundled = [...review.matchAll(/^\| `(.+?)` \|.*\| bundled/gm)].map(([, name = '']) => name)
  expect(bundled.length).toBeGreaterThan(20)
  expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(bundled))
  expect(titles).toEqual(expect.arrayContaining(bundled))
  expect(notice).toContain('Permission is hereby granted, free of charge')
})

test.each([
  ['publint', ['node_modules/publint/src/cli.js', '--strict']],
  [
    'Are the types wrong?',
    ['node_modules/@arethetypeswrong/cli/dist/index.js', '--profile', 'esm-only', '--include-entrypoints'],
  ],
])('%s has no objection', (name, [path = '', ...args]) => {
  const modules = paths.flatMap((file) => /^dist\/lib\/(.+\/.+)\.js$/.exec(file)?.[1] ?? [])
  const subpaths = name === 'publint' ? [] : modules
  expect(subpaths.length > 0).toBe(name !== 'publint')
  execFileSync(process.execPath, [join(root, path), packed.tarball, ...args, ...subpaths], { cwd: root, stdio: 'pipe' })
})

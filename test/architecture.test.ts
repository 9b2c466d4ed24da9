import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', 'generator')

/** Each folder may import itself, and what stands below it. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  text: [],
  diagnostics: ['compiled', 'text'],
  compiled: [],
  kit: [],
  load: ['compiled', 'diagnostics', 'text'],
  model: ['kit', 'compiled', 'text'],
  vocabulary: ['model', 'kit', 'compiled', 'text'],
  check: ['vocabulary', 'model', 'kit', 'load', 'compiled', 'diagnostics', 'text'],
  targets: ['vocabulary', 'check', 'model', 'kit', 'compiled', 'text'],
  scaffold: ['vocabulary', 'check', 'load', 'model', 'kit', 'compiled', 'diagnostics', 'text'],
  compatibility: ['model', 'text'],
  files: ['targets', 'model', 'text'],
  pipeline: ['files', 'targets', 'model', 'check', 'load', 'compiled', 'diagnostics', 'text'],
  database: ['compiled', 'diagnostics', 'text'],
  sandbox: ['vocabulary', 'database', 'load', 'targets', 'model', 'kit', 'compiled', 'diagnostics', 'text'],
  commands: [
    'compiled',
    'vocabulary',
    'pipeline',
    'sandbox',
    'scaffold',
    'compatibility',
    'database',
    'files',
    'targets',
    'model',
    'check',
    'load',
    'kit',
    'diagnostics',
    'text',
  ],
  // What `--help` shows is made ready ahead.
  build: ['cli'],
  // Its configuration is loaded by VitePress, from below `.vitepress`.
  site: ['targets', 'model', 'text'],
}

const DISK = /from '(?:node:)?fs(?:\/promises)?'/
/** Folders whose modules read or write files; of the pipeline only the cache does. */
const MAY_TOUCH_DISK = ['load', 'files', 'pipeline/cache.ts', 'database', 'build', 'site']

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('compiled'))
  .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }))

function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : 'cli'
}

function importsOf({ path, text }: (typeof files)[number]): readonly string[] {
  const found = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, target = '']) => target)
  return found.map((target) => relative(root, join(root, dirname(path), target)).replaceAll('\\', '/'))
}

test('the sources are seen', () => {
  expect(files.length).toBeGreaterThan(40)
  expect(files.flatMap(importsOf).length).toBeGreaterThan(100)
  expect(new Set(files.map(({ path }) => folderOf(path)))).toEqual(
    new Set([...Object.keys(BELOW), 'cli'].filter((name) => name !== 'compiled')),
  )
})

describe('imports go downwards only', () => {
  test.each(files.filter(({ path }) => folderOf(path) !== 'cli'))('$path', (file) => {
    const own = folderOf(file.path)
    const allowed = [own, ...(BELOW[own] ?? [])]
    expect(
      importsOf(file)
        .map(folderOf)
        .filter((folder) => !allowed.includes(folder)),
    ).toEqual([])
  })
})

test('no import leads back to where it began, not even an import of types', () => {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]))
  const cycles: string[] = []
  const isDone = new Set<string>()
  const follow = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) cycles.push([...above.slice(above.indexOf(path)), path].join(' -> '))
    if (above.includes(path) || isDone.has(path)) return
    for (const target of imports.get(path) ?? []) follow(target, [...above, path])
    isDone.add(path)
  }
  for (const path of imports.keys()) follow(path, [])
  expect(cycles).toEqual([])
})

test('only load, files, the cache of the pipeline and database touch the disk', () => {
  // Standard output can be a file; terminal.ts writes to it.
  const touching = files
    .filter(({ path, text }) => path !== 'terminal.ts' && DISK.test(text))
    .map(({ path }) => (path.startsWith('pipeline/') ? path : folderOf(path)))
  expect(new Set(touching)).toEqual(new Set(MAY_TOUCH_DISK))
})

test('only cli.ts, main.ts, session.ts and terminal.ts use the process and the console', () => {
  const users = files
    .filter(({ text }) => /\bprocess\.(?!pid|kill)[a-z]|\bconsole\.[a-z]/.test(text))
    .map(({ path }) => path)
  // What is built, and the site, are started by other programs than the command.
  const started = ['build/build.ts', 'build/bundle.ts', 'build/library.ts', 'site/repository.ts']
  expect(users.filter((path) => !started.includes(path)).sort()).toEqual([
    'cli.ts',
    'main.ts',
    'session.ts',
    'terminal.ts',
  ])
})

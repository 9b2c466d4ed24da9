import { createHash } from 'node:crypto'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { notice } from './notice.ts'

/** What the command holds from its start; everything else is loaded by the path that needs it. */
const AT_START = ['cli.ts', 'commands/generate.ts', 'commands/check.ts']

/** What is loaded later, by the name under which it stands in `dist`. */
const LATER = [
  ...[
    'dev',
    'diff',
    'explain',
    'freshness',
    'list',
    'mcp',
    'new',
    'seed',
    'simulate',
    'validate',
    'validate-fix',
    'verify',
    'watch',
  ].map((name) => `commands/${name}`),
  ...['pipeline/pipeline', 'pipeline/worker', 'check/rules/rules', 'progress'],
  ...['diagnostics/render-github', 'diagnostics/render-sarif'],
]

/** json-schema-to-typescript loads a formatter that it is told not to use; as part of the bundle it would be large. */
const withoutFormatter: Plugin = {
  name: 'without-formatter',
  setup(builder) {
    builder.onResolve({ filter: /^prettier$/ }, ({ path }) => ({ path, namespace: 'without-formatter' }))
    builder.onLoad({ filter: /.*/, namespace: 'without-formatter' }, () => ({ contents: '' }))
  },
}

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Loaded from node_modules and only when needed: WebAssembly and data files beside the code, or rarely used.
  external: ['@electric-sql/*', 'postgres', 'quicktype-core', 'tinypool', 'tldts'],
  alias: {
    '@secretlint/profiler': './generator/build/silent-profiler.ts',
    // The same parser; the one for Node asks the environment at every token whether to log it, a fifth of its time.
    yaml: fileURLToPath(new URL('browser/index.js', import.meta.resolve('yaml/package.json'))),
  },
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
}

/**
 * Makes `dist`: the command as one CommonJS file, which Node starts faster than a module, and modules beside it for all
 * that not every run needs.
 */
export async function bundle(root: string): Promise<void> {
  const dist = join(root, 'dist')
  await rm(dist, { recursive: true, force: true })
  await mkdir(dist)
  const id = await buildId(root)
  const define = { __BUILD_ID__: JSON.stringify(id) }
  const { metafile: later } = await build({
    ...common,
    ...modules(root),
    define: { ...define, ...SILENT },
    metafile: true,
  })
  const { metafile: start } = await build({
    ...common,
    ...command(root),
    define: { ...define, ...ADDRESS },
    metafile: true,
  })
  await writeFile(join(dist, 'NOTICE'), await notice(root, [start, later]))
  await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n')
  await chmod(join(dist, 'cli.js'), 0o755)
}

/**
 * json-schema-to-typescript asks the environment at every node whether to tell on stdout what it does, which takes time.
 * On stdout stand our results, whatever that variable says.
 */
const SILENT = { 'process.env.VERBOSE': '""' }

function modules(root: string): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(LATER.map((path) => [nameOf(path), `generator/${path}.ts`])),
    outdir: 'dist',
    splitting: true,
    plugins: [withoutFormatter],
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    // Some bundled libraries are CommonJS and ask for Node's own modules with require().
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  }
}

/** A CommonJS file has no address of its own: its banner makes one. */
const ADDRESS = { 'import.meta.url': '__address' }

function command(root: string): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: { cli: 'generator/main.ts' },
    outdir: 'dist',
    format: 'cjs',
    minify: true,
    // Modules that it starts on other threads stand beside it.
    banner: { js: "var __address=require('node:url').pathToFileURL(__filename).href;" },
    plugins: [later(root), withoutProcesses],
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Leaves what is loaded later where it is. */
function later(root: string): Plugin {
  return {
    name: 'later',
    setup(builder) {
      builder.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined
        const wanted = join(resolveDir, path)
          .slice(join(root, 'generator').length + 1)
          .replaceAll('\\', '/')
        if (AT_START.includes(wanted)) return undefined
        const name = wanted.replace(/\.ts$/, '')
        if (!LATER.includes(name)) return { errors: [{ text: `add ${name} to what is loaded later` }] }
        return { path: `./${nameOf(name)}.mjs`, external: true }
      })
    },
  }
}

/**
 * Commander can start other programs for subcommands, which ours never does; what it would need for that takes a tenth
 * of a run in which nothing changed.
 */
const withoutProcesses: Plugin = {
  name: 'without-processes',
  setup(builder) {
    builder.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'without-processes' } : undefined,
    )
    builder.onLoad({ filter: /.*/, namespace: 'without-processes' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** Names everything that goes into the command, bundled or not. */
async function buildId(root: string): Promise<string> {
  const parts = await Promise.all([
    build({ ...common, ...modules(root), define: SILENT, write: false }),
    build({ ...common, ...command(root), define: ADDRESS, write: false }),
  ])
  // A published package is built too, and has no lock file.
  const lock = await readFile(join(root, 'package-lock.json')).catch(() => Buffer.alloc(0))
  const hash = createHash('sha256').update(lock)
  for (const { contents } of parts.flatMap(({ outputFiles }) => outputFiles ?? []))
    hash.update(`${contents.length} `).update(contents)
  return hash.digest('hex').slice(0, 24)
}

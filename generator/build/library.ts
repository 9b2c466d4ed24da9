import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Compiles `generated/typescript` to what applications import from the package: ES modules and their types. */
export async function compileLibrary(root: string): Promise<void> {
  const folder = join(root, 'dist', 'lib')
  await mkdir(folder)
  // The command is CommonJS, by `dist/package.json`.
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "sideEffects": false }\n')
  const sources = join(root, 'generated', 'typescript')
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable'],
    module: 'nodenext',
    types: [],
    strict: true,
    declaration: true,
    skipLibCheck: true,
    rootDir: sources,
    outDir: folder,
  }
  const config = join(root, 'generator', 'compiled', 'library.tsconfig.json')
  await writeFile(config, JSON.stringify({ compilerOptions, include: [sources] }))
  const compiler = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace(/package\.json$/, 'bin/tsc')
  await run(process.execPath, [compiler, '-p', config]).catch(({ stdout }: { readonly stdout: string }) => {
    throw new Error(
      `generated/typescript does not compile; if it is not up to date, run "npm run generate" first:\n${stdout}`,
    )
  })
}

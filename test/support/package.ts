import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** The package as it would be published, unpacked. */
export interface Packed {
  readonly folder: string
  /** Lays it into a repository as `npm install` does: the command, and nothing but what it depends on. */
  readonly installInto: (repository: string) => void
  readonly remove: () => void
}

/** Packs what the build has left in `dist`; without the network, since what it depends on is here already. */
export function packPackage(): Packed {
  const parent = mkdtempSync(join(tmpdir(), 'hera-package-'))
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', parent], {
      cwd: root,
      encoding: 'utf8',
    }),
  )
  execFileSync('tar', ['-xzf', filename], { cwd: parent })
  const modules = join(parent, 'node_modules')
  const folder = join(modules, 'hera-connectors')
  mkdirSync(modules)
  renameSync(join(parent, 'package'), folder)
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
  }
  for (const name of Object.keys(dependencies)) link(join(root, 'node_modules', name), join(modules, name))
  link('../hera-connectors/dist/cli.js', join(modules, '.bin', 'hera-connectors'))
  const installInto = (repository: string) => link(modules, join(repository, 'node_modules'))
  return { folder, installInto, remove: () => rmSync(parent, { recursive: true, force: true }) }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

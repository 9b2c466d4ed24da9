import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
  readonly repository: { readonly url: string }
  readonly dependencies: Readonly<Record<string, string>>
}

export const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The package as it would be published. */
export interface Packed {
  readonly tarball: string
  /** The unpacked files. */
  readonly folder: string
  /** Bytes of the tarball. */
  readonly size: number
  /** Lays it into a repository as `npm install` does: the command, and nothing but what it depends on. */
  readonly installInto: (repository: string) => void
  readonly remove: () => void
}

/** Packs what the build has left in `dist`; without the network, since what it depends on is here already. */
export function packPackage(): Packed {
  const parent = mkdtempSync(join(tmpdir(), 'hera-package-'))
  const [{ filename, size }] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', parent], {
      cwd: root,
      encoding: 'utf8',
    }),
  )
  execFileSync('tar', ['-xzf', filename], { cwd: parent })
  const modules = join(parent, 'node_modules')
  const folder = join(modules, manifest.name)
  mkdirSync(dirname(folder), { recursive: true })
  renameSync(join(parent, 'package'), folder)
  for (const name of Object.keys(manifest.dependencies)) link(join(root, 'node_modules', name), join(modules, name))
  for (const [name, path] of Object.entries(manifest.bin))
    link(join('..', manifest.name, path), join(modules, '.bin', name))
  const installInto = (repository: string) => link(modules, join(repository, 'node_modules'))
  const remove = () => rmSync(parent, { recursive: true, force: true })
  return { tarball: join(parent, filename), folder, size, installInto, remove }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

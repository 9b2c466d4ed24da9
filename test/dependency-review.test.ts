import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const review = readFileSync(join(root, '.github', 'dependency-review.md'), 'utf8')

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

function namesIn(folder: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
  return [...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.devDependencies ?? {})]
}

test('the dependency review lists every direct dependency once, in the order of the packages', () => {
  const reviewed = [...review.matchAll(/^\| `(.+?)` \|/gm)].map(([, name]) => name)
  expect(reviewed).toEqual(['', 'test', 'generator/site'].flatMap(namesIn))
})

test('nothing that users install runs an install script', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly hasInstallScript?: boolean }>>
  }
  const scripts = Object.entries(packages).filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev)
  expect(scripts.map(([path]) => path)).toEqual([])
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const absent = ['test', 'generator/site']
  .flatMap(packagesOf)
  .filter((name) => !existsSync(join(root, 'node_modules', name)))

/** The packages of the full test suite and of the docs site, which `npm ci` leaves out. */
export const fullSuite = {
  /** The remedy, or undefined if all packages are installed. */
  missing: absent.length === 0 ? undefined : `${absent.length} packages are missing: npm run install:full`,
}

function packagesOf(workspace: string): readonly string[] {
  const { devDependencies } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'))
  return Object.keys(devDependencies)
}

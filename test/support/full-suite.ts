import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const absent = ['test', 'generator/site'].flatMap((workspace) =>
  packagesOf(workspace).filter((name) => !existsSync(packageFolder(name, workspace))),
)

/** The packages of the full test suite and of the docs site, which `npm ci` leaves out. */
export const fullSuite = {
  /** The remedy, or undefined if all packages are installed. */
  missing: absent.length === 0 ? undefined : `${absent.length} packages are missing: npm run install:full`,
}

/** The folder of a package. npm puts it below the workspace if the repository itself needs another version of its peers. */
export function packageFolder(name: string, workspace = 'test'): string {
  const own = join(root, workspace, 'node_modules', name)
  return existsSync(own) ? own : join(root, 'node_modules', name)
}

function packagesOf(workspace: string): readonly string[] {
  const { devDependencies } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'))
  return Object.keys(devDependencies)
}

import { access } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { packageName, repositoryName } from '../compiled/package.js'

const BESIDE = '../schema/connector.schema.json'
/** Works without an installation, such as for a command that a hook installed elsewhere. */
const PUBLISHED = `https://raw.githubusercontent.com/${repositoryName}/main/schema/connector.schema.json`
const INSTALLED = `node_modules/${packageName}/schema/connector.schema.json`

/**
 * The place of the definition format for the editors of a definition: beside its folder, as in this
 * repository, in the installed package of a repository with its own definitions, or else on the web.
 */
export async function schemaPath(folder: string): Promise<string> {
  if (await exists(join(folder, BESIDE))) return BESIDE
  for (let above = resolve(folder); above !== dirname(above); above = dirname(above)) {
    const installed = join(above, INSTALLED)
    if (await exists(installed)) return relative(resolve(folder), installed).replaceAll('\\', '/')
  }
  return PUBLISHED
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** The folder of definitions that a registry file names, relative to the working folder; undefined if there is none. */
export function baseFolder(folder: string, base: string): string | undefined {
  const path = base.startsWith('.') ? join(folder, base) : installedFolder(folder, base)
  return path !== undefined && existsSync(path) ? path.replaceAll('\\', '/') : undefined
}

/** The definitions of an installed package, as Node finds packages. */
function installedFolder(folder: string, name: string): string | undefined {
  for (let above = resolve(folder); above !== dirname(above); above = dirname(above)) {
    const found = join(above, 'node_modules', name, 'definitions')
    if (existsSync(found)) return relative(resolve('.'), found)
  }
  return undefined
}

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export const consumersFolder = join(import.meta.dirname, '..', 'consumers')

/** The projects that use the package as applications do, by the names of their folders. */
export const consumers: readonly string[] = readdirSync(consumersFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** Consumer projects whose packages are not installed. */
export const missingConsumers = consumers.filter((name) => !existsSync(join(consumersFolder, name, 'node_modules')))

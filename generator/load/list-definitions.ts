import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareText } from '../text/compare-text.ts'

/** Configures the registry of the folder that it is in. */
export const REGISTRY_FILE = 'registry.yaml'

/** The names of the definitions in a folder, sorted. */
export function listDefinitions(folder: string): readonly string[] {
  return listYaml(folder).filter((name) => name !== REGISTRY_FILE)
}

/** The names of the definitions in a folder and of its registry file, sorted: every YAML file that is not hidden. */
export function listYaml(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && /\.ya?ml$/i.test(name))
    .sort(compareText)
}

/** The path of a definition, as the user would type it. */
export function fileOf(folder: string, name: string): string {
  return join(folder, name).replaceAll('\\', '/')
}

import { sqlTarget } from '../../generator/targets/sql/sql-target.ts'
import { registryOf } from './acme.ts'

/** The generated SQL of definitions, by path without `sql/`. */
export async function scriptsOf(files: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const output = await sqlTarget.emit(registryOf(files))
  return Object.fromEntries(output.map(({ path, text }) => [path.slice('sql/'.length), text]))
}

/** The whole registry's seed. */
export async function seedOf(files: Readonly<Record<string, string>>): Promise<string> {
  return (await scriptsOf(files))['setup-prebuilt-connectors.sql'] ?? ''
}

/** The read-only comparison with a registry. */
export async function verifyOf(files: Readonly<Record<string, string>>): Promise<string> {
  return (await scriptsOf(files))['verify.sql'] ?? ''
}

import { sqlTarget } from '../../generator/targets/sql/sql-target.ts'
import { registryOf } from './acme.ts'
import { emit } from './emit.ts'

type Files = Readonly<Record<string, string>>

/** Checking definitions takes longer than seeding them, and most tests use the same few. */
const made = new Map<string, Promise<Files>>()

/** The generated SQL of definitions, by path without `sql/`. */
export function scriptsOf(files: Files): Promise<Files> {
  const key = JSON.stringify(files)
  const known = made.get(key) ?? emitted(files)
  made.set(key, known)
  return known
}

async function emitted(files: Files): Promise<Files> {
  const output = await emit(sqlTarget, registryOf(files))
  return Object.fromEntries(output.map(({ path, text }) => [path.slice('sql/'.length), text]))
}

/** The whole registry's seed. */
export async function seedOf(files: Files): Promise<string> {
  return (await scriptsOf(files))['setup-prebuilt-connectors.sql'] ?? ''
}

/** The read-only comparison with a registry. */
export async function verifyOf(files: Files): Promise<string> {
  return (await scriptsOf(files))['verify.sql'] ?? ''
}

import { indexStatements } from '../../generator/targets/sql/sql-target.ts'
import type { TestDatabase } from './databases.ts'
import { scriptsOf } from './seeds.ts'

export const ACTOR = '00000000-0000-0000-0000-000000000001'
export const KEY = 'a key of the tests, with more than 32 characters'

type Session = Pick<TestDatabase, 'exec'>
type Arguments = Readonly<Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: what a function answers, looked at by tests
export type Answer = any

/** Seeds these definitions, installs the functions and makes organizations. */
export async function prepareRuntime(
  database: Session,
  definitions: Readonly<Record<string, string>>,
  organizations: readonly string[],
): Promise<void> {
  const scripts = await scriptsOf(definitions)
  await database.exec(scripts['setup-prebuilt-connectors.sql'] ?? '')
  await database.exec(scripts['runtime.sql'] ?? '')
  for (const statement of indexStatements({ concurrently: false })) await database.exec(statement)
  for (const id of organizations) {
    await database.exec(
      `insert into core_organizations (id, organization_name, organization_code, created_by, updated_by)
       values ('${id}', 'Test', 'TEST', '${ACTOR}', '${ACTOR}')`,
    )
  }
  await database.exec(`set hera.connectors_key = '${KEY}'`)
}

/** Calls a function by named arguments, as HERA's gateway does. */
export async function call(database: Session, name: string, given: Arguments): Promise<Answer> {
  const list = Object.entries(given).map(([argument, value]) => `${argument} => ${literal(value)}`)
  const { rows } = await database.exec(`select public.${name}(${list.join(', ')}) as answer`)
  return rows[0]?.answer
}

/** What a call raises. */
export async function fault(calling: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  return calling.then(
    (answer) => {
      throw new Error(`no fault, but ${JSON.stringify(answer)}`)
    },
    ({ code, message }) => ({ code, message }),
  )
}

export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `'${text.replaceAll("'", "''")}'`
}

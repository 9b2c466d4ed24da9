import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lint } from 'markdownlint/promise'
import { afterAll, describe, expect, test } from 'vitest'
import { listDefinitions } from '../../generator/load/list-definitions.ts'
import { runCommand } from '../support/command.ts'
import { heraDatabase } from '../support/databases.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'hera-definition-'))
// Exact numbers need a package.
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
afterAll(() => rmSync(folder, { recursive: true }))

const read = (path: string) => readFileSync(join(root, path), 'utf8')
// `npm run test:definition -- <code>` limits the run to one definition.
const codes = listDefinitions(join(root, 'definitions'))
  .map((name) => name.slice(0, -'.yaml'.length))
  .filter((code) => process.env.DEFINITION === undefined || process.env.DEFINITION === code)

/** The problems that a command or compiler reports; empty if there are none. */
function reportOf({ status, stdout, stderr }: ReturnType<typeof runCommand>): string {
  return status === 0 ? '' : `${stdout}${stderr}`
}

test('at least one definition is checked', () => {
  expect(codes.length).toBeGreaterThan(0)
})

test('definitions and samples are valid, and generated files up to date (if not: npm start)', () => {
  expect(reportOf(runCommand(['check', '--connectors', '--no-cache'], { cwd: root }))).toBe('')
  // A pull request may leave out files about the whole registry that those of a connector import.
  expect(reportOf(runCommand(['generate', '--out', join(folder, 'generated')], { cwd: root }))).toBe('')
})

describe.each(codes)('%s', (code) => {
  test('the generated TypeScript type-checks', () => {
    const options = { target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [], module: 'nodenext' }
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
    const typescript = join(folder, 'generated', 'typescript')
    const files = ['apis', 'connectors', 'installations', 'polls', 'subscriptions', 'webhooks']
      .filter((kind) => readdirSync(join(typescript, kind)).includes(`${code}.ts`))
      .map((kind) => join(typescript, kind, `${code}.ts`))
    const config = join(folder, `${code}.json`)
    writeFileSync(config, JSON.stringify({ compilerOptions: { ...options, ...strict, noEmit: true }, files }))
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    expect(files.length).toBeGreaterThan(0)
    expect(reportOf(spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' }))).toBe('')
  })

  test('the generated SQL registers the connector in a database', async () => {
    const database = await heraDatabase()
    const seed = read(`generated/sql/connectors/${code}.sql`)
    await database.exec(seed)
    const { rows } = await database.query('select 1 from core_entities where entity_code = $1', [code])
    await database.close()
    expect(rows).toHaveLength(1)
  })

  test('the generated page passes markdownlint', async () => {
    const path = `generated/docs/connectors/${code}.md`
    const config = JSON.parse(read('.markdownlint.json'))
    const { page = [] } = await lint({ strings: { page: read(path) }, config })
    expect(page.map(({ lineNumber, ruleDescription }) => `${path}:${lineNumber} ${ruleDescription}`)).toEqual([])
  })
})

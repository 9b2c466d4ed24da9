import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { acme } from '../support/acme.ts'
import { runCommand } from '../support/command.ts'

const root = join(import.meta.dirname, '..', '..')
const fixture = (code: string) => readFileSync(join(root, 'test', 'fixtures', `${code}.yaml`), 'utf8')
const parent = mkdtempSync(join(tmpdir(), 'hera-pull-requests-'))
afterAll(() => rmSync(parent, { recursive: true }))

let work = ''
const git = (...args: readonly string[]) =>
  spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd: work, encoding: 'utf8' })
const command = (...args: readonly string[]) => runCommand(args, { cwd: work })
const differences = (...args: readonly string[]) =>
  JSON.parse(command('check', '--no-cache', '--format', 'json', ...args).stdout).differences.map(
    ({ path }: { readonly path: string }) => path,
  )

/** A branch of main with one more connector, generated with these options. */
function branchWith(code: string, ...options: readonly string[]): void {
  git('switch', '--quiet', '--create', code, 'main')
  writeFileSync(join(work, 'definitions', `${code}.yaml`), fixture(code))
  command('generate', ...options)
  commit(`Add ${code}`)
}

function commit(message: string): void {
  git('add', '--all')
  expect(git('commit', '--quiet', '--message', message)).toMatchObject({ status: 0 })
}

beforeEach(() => {
  work = mkdtempSync(join(parent, 'work-'))
  mkdirSync(join(work, 'definitions'))
  writeFileSync(join(work, '.gitignore'), '.hera/\n')
  writeFileSync(join(work, 'definitions', 'acme-crm.yaml'), acme)
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main'], { cwd: work })
  command('generate')
  commit('Begin')
})

describe('two branches that each add a connector', () => {
  const codes = ['tide-tables', 'shipment-desk']

  test.each([[codes], [codes.toReversed()]])('merge as %j with plain git', (order) => {
    for (const code of codes) {
      branchWith(code, '--connectors')
      expect(differences('--connectors')).toEqual([])
    }
    git('switch', '--quiet', 'main')
    for (const code of order) expect(git('merge', '--quiet', '--no-edit', code)).toMatchObject({ status: 0 })
    expect(differences('--connectors')).toEqual([])
    const registryWide = differences()
    expect(registryWide).toEqual(
      expect.arrayContaining(['docs/index.md', 'json/registry.json', 'sql/setup-prebuilt-connectors.sql']),
    )
    expect(registryWide.filter((path: string) => codes.some((code) => path.includes(code)))).toEqual([])
    command('generate')
    expect(differences()).toEqual([])
    commit('Regenerate')
  })

  test('would conflict with the files about the whole registry', () => {
    for (const code of codes) branchWith(code)
    git('switch', '--quiet', 'main')
    git('merge', '--quiet', '--no-edit', 'tide-tables')
    expect(git('merge', '--quiet', '--no-edit', 'shipment-desk')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('CONFLICT'),
    })
  })
})

describe('with --connectors', () => {
  test('a connector that is gone takes its files along, and those about the whole registry stay', () => {
    branchWith('tide-tables')
    rmSync(join(work, 'definitions', 'tide-tables.yaml'))
    expect(differences('--connectors')).toContain('sql/connectors/tide-tables.sql')
    command('generate', '--connectors')
    expect(differences('--connectors')).toEqual([])
    // The only connector of its category has left, and its page is about the registry.
    expect(git('status', '--porcelain', 'generated/docs/categories').stdout).toBe('')
    expect(differences()).toContain('docs/index.md')
  })

  test.each([
    ['a changed file of a connector', 'sql/connectors/acme-crm.sql', true],
    ['a changed file about the registry', 'json/registry.json', false],
  ])('check reports %s: %s', (_, path, isReported) => {
    appendFileSync(join(work, 'generated', path), '\n')
    expect(differences('--connectors')).toEqual(isReported ? [path] : [])
    expect(differences()).toEqual([path])
  })

  test('check shows the command that writes the same files', () => {
    appendFileSync(join(work, 'generated', 'sql', 'connectors', 'acme-crm.sql'), '\n')
    expect(command('check', '--connectors').stdout).toContain('run: npx --no hera-connectors generate --connectors (')
  })

  test('all definitions have to be valid', () => {
    writeFileSync(join(work, 'definitions', 'broken.yaml'), 'code: [')
    expect(command('check', '--connectors')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('definitions/broken.yaml:1:'),
    })
  })
})

test('GitHub hides long generated files in pull requests, and no others', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  const attributes = execFileSync('git', ['check-attr', '--stdin', 'linguist-generated'], {
    cwd: root,
    encoding: 'utf8',
    input: files.join('\n'),
  })
  const hidden = new Set([...attributes.matchAll(/^(.+): linguist-generated: true$/gm)].map(([, path = '']) => path))
  expect(files.filter((path) => hidden.has(path) !== path.startsWith('generated/'))).toEqual([])
  expect(hidden.size).toBeGreaterThan(50)
})

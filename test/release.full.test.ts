import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { acme } from './support/acme.ts'
import { manifest, type Packed, packPackage } from './support/package.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd, encoding: 'utf8' })

test('actions are pinned by digest, and the same action everywhere by the same one', () => {
  const paths = readdirSync(join(root, '.github'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yml'))
    .map((path) => join('.github', path))
  const uses = [...paths, 'README.md'].flatMap((path) => [...read(path).matchAll(/^ *(?:- )?uses: (\S+)@(.+)$/gm)])
  expect(uses.length).toBeGreaterThan(8)
  const pins = new Map<string, string>()
  for (const [, action = '', pin = ''] of uses) {
    expect(pin).toMatch(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    expect([action, pins.get(action) ?? pin]).toEqual([action, pin])
    pins.set(action, pin)
  }
})

test('a release raises the version of the root package, whose workspaces remain', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hera-release-'))
  try {
    for (const path of ['package.json', 'package-lock.json', 'CHANGELOG.md', '.changeset'])
      cpSync(join(root, path), join(folder, path), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, '.gitignore'), 'node_modules\n')
    writeFileSync(join(folder, '.changeset', 'a.md'), `---\n"${manifest.name}": major\n---\n\nAdd a thing.\n`)
    git(folder, 'init', '--quiet', '--initial-branch', 'main')
    git(folder, 'add', '--all')
    git(folder, 'commit', '--quiet', '--message', 'Begin')
    execFileSync('node', ['.changeset/version.mjs'], { cwd: folder, stdio: 'pipe' })
    const [major = '0'] = manifest.version.split('.')
    const version = `${Number(major) + 1}.0.0`
    const changed = (path: string) => readFileSync(join(folder, path), 'utf8')
    expect(changed('package.json')).toBe(
      read('package.json').replace(`"version": "${manifest.version}"`, `"version": "${version}"`),
    )
    expect(JSON.parse(changed('package-lock.json'))).toMatchObject({ version, packages: { '': { version } } })
    expect(changed('CHANGELOG.md')).toContain(`## ${version}\n`)
    expect(changed('CHANGELOG.md')).toContain('Add a thing.')
    expect(readdirSync(join(folder, '.changeset'))).not.toContain('a.md')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

describe('the composite action, in a repository that has the package installed', { timeout: 120_000 }, () => {
  const { inputs, runs } = parse(read('.github/actions/connectors/action.yml')) as {
    readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>
    readonly runs: {
      readonly steps: readonly { readonly env: Readonly<Record<string, string>>; readonly run: string }[]
    }
  }
  let packed: Packed
  let work: string
  beforeAll(() => {
    packed = packPackage()
    work = mkdtempSync(join(tmpdir(), 'hera-action-'))
    mkdirSync(join(work, 'definitions'))
    writeFileSync(join(work, 'package.json'), '{ "private": true }')
    writeFileSync(join(work, '.gitignore'), 'node_modules\n')
    writeFileSync(join(work, 'definitions', 'acme-crm.yaml'), acme.replace('../../schema', '../schema'))
    git(work, 'init', '--quiet', '--initial-branch', 'main')
    git(work, 'add', '--all')
    git(work, 'commit', '--quiet', '--message', 'Begin')
    packed.installInto(work)
  })
  afterAll(() => {
    packed.remove()
    rmSync(work, { recursive: true, force: true })
  })

  /** Runs the step with inputs, as a runner fills them in. */
  function step(given: Readonly<Record<string, string>>) {
    const [{ env, run }] = runs.steps as [(typeof runs.steps)[number]]
    const filled = Object.entries(env).map(([name, text]) => {
      const [, input = ''] = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(text) ?? []
      expect(Object.keys(inputs)).toContain(input)
      return [name, given[input] ?? inputs[input]?.default ?? '']
    })
    const summary = join(work, '.git', 'summary.md')
    writeFileSync(summary, '')
    const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', run], {
      cwd: work,
      encoding: 'utf8',
      env: { ...process.env, npm_config_offline: 'true', GITHUB_STEP_SUMMARY: summary, ...Object.fromEntries(filled) },
    })
    return { status, output: stdout + stderr, summary: readFileSync(summary, 'utf8') }
  }

  test('every input is documented', () => {
    for (const { description } of Object.values(inputs)) expect(description).toMatch(/\.$/)
    expect(Object.keys(inputs)).toEqual([
      'command',
      'definitions',
      'base',
      'fail-on',
      'database-url',
      'dry-run',
      'connectors',
    ])
  })

  test('check lists files that are not up to date', () => {
    expect(step({ command: 'check' })).toMatchObject({ status: 1, output: expect.stringContaining('generated/sql/') })
  })

  test('diff compares with the base, and fails where the version has not risen', () => {
    expect(step({ command: 'diff', base: 'HEAD' })).toMatchObject({ status: 0, summary: expect.stringMatching(/\S/) })
    const path = join(work, 'definitions', 'acme-crm.yaml')
    const before = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      before.replace('      type: text\n      required: false', '      type: text\n      required: true'),
    )
    expect(step({ command: 'diff', base: 'HEAD' })).toMatchObject({ status: 1 })
    expect(step({ command: 'diff', base: 'HEAD', 'fail-on': '' })).toMatchObject({ status: 0 })
    writeFileSync(path, before)
  })

  test.each(['seed', 'verify'])('%s needs a database, and reports one that does not answer', (command) => {
    expect(step({ command })).toMatchObject({ status: 2, output: expect.stringContaining('database-url') })
    const url = 'postgres://user@127.0.0.1:1/none'
    expect(step({ command, 'database-url': url })).toMatchObject({
      status: 2,
      output: expect.stringContaining('127.0.0.1'),
    })
  })

  test('another command is refused, also one that a shell would run', () => {
    expect(step({ command: 'check; touch x' })).toMatchObject({ status: 2, output: expect.stringContaining('must be') })
    expect(readdirSync(work)).not.toContain('x')
  })
})

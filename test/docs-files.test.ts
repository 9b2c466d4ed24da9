import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { packageSource } from '../generator/compiled/package.js'
import { manifest } from './support/package.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const help = (...args: readonly string[]) =>
  execFileSync('node', [join(root, 'dist', 'cli.js'), ...args, '--help'], { encoding: 'utf8' })

const commands = [...help().matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name).filter((name) => name !== 'help')
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  '.github/pull_request_template.md',
  '.github/workflows/definitions.yml',
  '.pre-commit-hooks.yaml',
  ...readdirSync(join(root, 'generated', 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('generated', 'docs', path))
    .filter((path) => statSync(join(root, path)).isFile()),
]

/** The calls of the command in a document: its name and its options. */
function callsIn(text: string): readonly { readonly command: string; readonly options: readonly string[] }[] {
  const calls = text.matchAll(/(?:npx (?:--no )?hera-connectors|\$COMMAND|entry: hera-connectors) ([a-z]+)([^`\n]*)/g)
  return [...calls].map(([, command = '', rest = '']) => ({
    command,
    options: (rest.replace(/#.*/, '').match(/(?<=\s)--[a-z-]+/g) ?? []) as string[],
  }))
}

describe('documents call only existing commands with existing options', () => {
  const calls = documents.flatMap((path) => callsIn(read(path)).map((call) => ({ path, ...call })))

  test('more than thirty calls', () => {
    expect(commands).toEqual(expect.arrayContaining(['new', 'diff', 'dev', 'simulate', 'seed']))
    expect(calls.length).toBeGreaterThan(30)
    expect(new Set(calls.map(({ command }) => command)).size).toBeGreaterThan(8)
  })

  const known = new Map(commands.map((command) => [command, help(command)]))
  test.each([...new Set(calls.map(({ command, options }) => [command, ...options].join(' ')))])('%s', (call) => {
    const [command = '', ...options] = call.split(' ')
    const text = known.get(command)
    expect([command, text !== undefined]).toEqual([command, true])
    for (const option of options) expect([option, text?.includes(option)]).toEqual([option, true])
  })
})

test('the README lists every command', () => {
  const readme = read('README.md')
  for (const command of commands) expect([command, readme.includes(`| \`${command}`)]).toEqual([command, true])
})

test.each([
  ...readdirSync(join(root, '.github'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yml'))
    .map((path) => join('.github', path)),
  '.pre-commit-hooks.yaml',
])('%s is YAML without duplicate keys', (path) => {
  expect(parse(read(path), { uniqueKeys: true })).toBeTypeOf('object')
})

test('issue forms have the properties that GitHub requires', () => {
  const folder = join('.github', 'ISSUE_TEMPLATE')
  for (const name of readdirSync(join(root, folder))) {
    const form = parse(read(join(folder, name)))
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) })
    const ids = form.body.map(({ id }: { readonly id: string }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { type, attributes } of form.body) {
      expect(['input', 'textarea', 'dropdown', 'checkboxes']).toContain(type)
      expect(attributes.label).toMatch(/\S/)
    }
  }
})

describe('the package has one name, which package.json defines', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => /\.(?:md|ya?ml|hbs|ts|sql|txt|json)$|^\.ci\/run$/.test(path) && existsSync(join(root, path)))
    .filter((path) => !path.endsWith('package-lock.json'))
  /** What applies to a checkout of this repository only, in which `npx` finds the command of package.json. */
  const forContributors =
    /^(?:README\.md|CONTRIBUTING\.md|CHANGELOG\.md|\.github\/(?!workflows\/definitions|actions).*|test\/.*)$/

  test('documents and messages for other repositories run the installed command only', () => {
    const found = tracked
      .filter((path) => !forContributors.test(path.replaceAll('\\', '/')))
      .flatMap((path) =>
        (read(path).match(/npx (?!--no )(?:--\S+ )*(?:@[\w-]+\/)?[\w-]*connectors\b/g) ?? []).map((call) => [
          path,
          call,
        ]),
      )
    expect(found).toEqual([])
  })

  test('documents install it from the source that the build knows', () => {
    const installs = [
      'README.md',
      'CONTRIBUTING.md',
      ...tracked.filter((path) => path.startsWith(join('generated', 'docs'))),
    ].flatMap((path) => read(path).match(/(?<=npm install --save-dev )\S+connectors[^\s`]*/g) ?? [])
    expect(installs.length).toBeGreaterThan(1)
    expect(new Set(installs)).toEqual(new Set([packageSource]))
  })

  test('every import and link that mentions the package or its repository uses that name', () => {
    const { pathname } = new URL(manifest.repository.url.replace(/^git\+/, ''))
    const repository = pathname.slice(1).replace(/\.git$/, '')
    const found = tracked
      .filter((path) => !path.startsWith('test') || path.startsWith(join('test', 'consumers')))
      .flatMap(
        (path) => read(path).match(/(?<=from ')@hera[\w-]*\/[\w-]+|(?<=github\.com\/|uses: )hera[\w-]*\/[\w-]+/g) ?? [],
      )
    expect(found.length).toBeGreaterThan(3)
    expect(found.filter((name) => name !== manifest.name && name !== repository)).toEqual([])
  })
})

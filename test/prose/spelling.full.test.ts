import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']

/** Runs the spelling checker and returns its output. */
function spelling(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [join(root, 'node_modules', 'cspell', 'bin.mjs'), '--no-progress', '--no-summary', ...args],
      { cwd: root, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => (error !== null && error.code !== 1 ? reject(new Error(stderr)) : resolve(stdout)),
    )
    child.stdin?.end(input)
  })
}

test('documents, schema, templates, definitions and pages are spelled correctly', async () => {
  expect(await spelling([])).toBe('')
}, 60_000)

test('a misspelled word is found', async () => {
  expect(await spelling(['stdin'], 'A conector recieves colour and color.\n')).toMatch(
    /conector[\s\S]*recieves(?![\s\S]*colou?r\))/,
  )
}, 60_000)

test('every word of cspell.json is in use', () => {
  const folders = ['definitions', 'generated/docs', 'generator/targets/markdown/templates', '.github']
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:md|yaml|yml|hbs)$/.test(path))
      .map((path) => join(folder, path)),
  )
  const text = [...documents, 'schema/connector.schema.json', ...files].map(read).join('\n').toLowerCase()
  const { words } = JSON.parse(read('cspell.json')) as { readonly words: readonly string[] }
  expect(words.filter((word) => !text.includes(word.toLowerCase()))).toEqual([])
  expect([...words].sort((left, right) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1))).toEqual(words)
})

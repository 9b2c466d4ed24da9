import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lint } from 'markdownlint/promise'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const config = JSON.parse(read('.markdownlint.json'))

const pages = readdirSync(join(root, 'generated', 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') || path === 'llms.txt')
  .map((path) => join('generated', 'docs', path))
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']

/** What the linter finds in texts by name. */
async function findingsIn(strings: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const found = await lint({ strings: { ...strings }, config })
  return Object.entries(found).flatMap(([name, problems]) =>
    problems.map(({ lineNumber, ruleNames, errorDetail }) =>
      `${name}:${lineNumber} ${ruleNames[1]} ${errorDetail ?? ''}`.trim(),
    ),
  )
}

describe('Markdown is what linters take', () => {
  test('pages and documents are seen', () => {
    expect(pages.length).toBeGreaterThan(15)
  })

  test.each([...documents, ...pages])('%s', async (path) => {
    expect(await findingsIn({ [path]: read(path) })).toEqual([])
  })

  test('the template of pull requests, under the title that GitHub gives it', async () => {
    expect(await findingsIn({ template: `# Title\n\n${read('.github/pull_request_template.md')}` })).toEqual([])
  })

  test('and a mistake is found', async () => {
    expect(await findingsIn({ page: '# One\n\n# Two\n\n<b>bold</b>\n' })).toEqual([
      'page:3 single-title',
      'page:5 no-inline-html Element: b',
    ])
  })
})

/** Runs the spelling checker, and gives what it prints. */
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

describe('our prose is spelled right', () => {
  test('in documents, schema, templates, definitions and pages', async () => {
    expect(await spelling([])).toBe('')
  }, 60_000)

  test('and a mistake is found', async () => {
    expect(await spelling(['stdin'], 'A conector recieves colour and color.\n')).toMatch(
      /conector[\s\S]*recieves(?![\s\S]*colou?r\))/,
    )
  }, 60_000)

  test('no word of our list has gone out of use', () => {
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
})

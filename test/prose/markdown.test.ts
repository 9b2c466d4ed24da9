import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lint } from 'markdownlint/promise'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const config = JSON.parse(read('.markdownlint.json'))

const pages = readdirSync(join(root, 'generated', 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') || path === 'llms.txt')
  .map((path) => join('generated', 'docs', path))
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']

/** The linter's findings in strings by name. */
async function findingsIn(strings: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const found = await lint({ strings: { ...strings }, config })
  return Object.entries(found).flatMap(([name, problems]) =>
    problems.map(({ lineNumber, ruleNames, errorDetail }) =>
      `${name}:${lineNumber} ${ruleNames[1]} ${errorDetail ?? ''}`.trim(),
    ),
  )
}

describe('markdownlint accepts', () => {
  test('at least sixteen pages', () => {
    expect(pages.length).toBeGreaterThan(15)
  })

  test.each([...documents, ...pages])('%s', async (path) => {
    expect(await findingsIn({ [path]: read(path) })).toEqual([])
  })

  test('the pull-request template under the title that GitHub adds', async () => {
    expect(await findingsIn({ template: `# Title\n\n${read('.github/pull_request_template.md')}` })).toEqual([])
  })

  test('no page with a mistake', async () => {
    expect(await findingsIn({ page: '# One\n\n# Two\n\n<b>bold</b>\n' })).toEqual([
      'page:3 single-title',
      'page:5 no-inline-html Element: b',
    ])
  })
})

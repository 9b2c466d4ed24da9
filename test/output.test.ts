import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { OutputFile } from '../generator/model/connector.ts'
import { commit } from '../generator/output/commit.ts'
import type { Change } from '../generator/output/plan.ts'
import { pathOf, plan } from '../generator/output/plan.ts'
import { readTree } from '../generator/output/tree.ts'
import { MARK } from '../generator/targets/header.ts'

const root = mkdtempSync(join(tmpdir(), 'hera-output-'))
afterAll(() => rmSync(root, { recursive: true }))

let out = ''
beforeEach(() => {
  out = mkdtempSync(join(root, 'out-'))
})

function file(path: string, body = ''): OutputFile {
  return { path, text: `-- ${MARK} from a test\n${body}\n` }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(out, path)), { recursive: true })
  writeFileSync(join(out, path), text)
}

async function planned(files: readonly OutputFile[]): Promise<readonly string[]> {
  const { changes } = plan(files, await readTree(out, ['sql', 'docs']))
  return changes.map((change) => `${change.kind} ${pathOf(change)}`)
}

async function apply(files: readonly OutputFile[]): Promise<void> {
  await commit(out, plan(files, await readTree(out, ['sql', 'docs'])).changes)
}

test('into an empty folder everything is created, and a second plan is empty', async () => {
  const files = [file('sql/b.sql'), file('sql/connectors/a.sql'), file('docs/index.md')]
  expect(await planned(files)).toEqual(['create docs/index.md', 'create sql/b.sql', 'create sql/connectors/a.sql'])
  await apply(files)
  expect(await planned(files)).toEqual([])
  expect(readFileSync(join(out, 'sql/b.sql'), 'utf8')).toBe(files[0]?.text)
})

describe('what stands in the way', () => {
  test('a changed byte is an update', async () => {
    await apply([file('sql/a.sql')])
    write('sql/a.sql', `${file('sql/a.sql').text} `)
    expect(await planned([file('sql/a.sql')])).toEqual(['update sql/a.sql'])
  })

  test('a file that nothing makes any more is deleted, with the folder that it leaves empty', async () => {
    await apply([file('sql/connectors/old.sql'), file('sql/a.sql')])
    expect(await planned([file('sql/a.sql')])).toEqual(['delete sql/connectors/old.sql'])
    await apply([file('sql/a.sql')])
    expect(readdirSync(join(out, 'sql'))).toEqual(['a.sql'])
  })

  test('a file without our header is reported and left alone', async () => {
    write('sql/notes.txt', 'mine')
    expect(await planned([file('sql/a.sql')])).toEqual(['create sql/a.sql', 'stray sql/notes.txt'])
    await apply([file('sql/a.sql')])
    expect(readFileSync(join(out, 'sql/notes.txt'), 'utf8')).toBe('mine')
  })

  test.each([
    ['a file without our header', () => write('sql/a.sql', 'mine')],
    [
      'a symbolic link',
      () => {
        write('elsewhere.sql', file('sql/a.sql').text)
        mkdirSync(join(out, 'sql'))
        symlinkSync(join(out, 'elsewhere.sql'), join(out, 'sql/a.sql'))
      },
    ],
  ])('%s at a place where a file has to go blocks it', async (_, arrange) => {
    arrange()
    expect(await planned([file('sql/a.sql', 'new')])).toEqual(['blocked sql/a.sql'])
  })

  test('other folders are not looked at', async () => {
    write('json/registry.json', '{}')
    expect(await planned([])).toEqual([])
  })
})

describe('a commit that cannot be finished', () => {
  test('leaves earlier output intact and no temporary file', async () => {
    await apply([file('sql/a.sql', 'old'), file('docs/index.md', 'old')])
    write('sql/sub', 'a file where a folder has to go')
    const changes: readonly Change[] = [
      { kind: 'update', file: file('docs/index.md', 'new'), before: '' },
      { kind: 'update', file: file('sql/a.sql', 'new'), before: '' },
      { kind: 'create', file: file('sql/sub/c.sql', 'new') },
    ]
    await expect(commit(out, changes)).rejects.toThrow()
    expect(readFileSync(join(out, 'sql/a.sql'), 'utf8')).toContain('old')
    expect(readFileSync(join(out, 'docs/index.md'), 'utf8')).toContain('old')
    expect(readdirSync(out, { recursive: true }).filter((path) => String(path).endsWith('.tmp'))).toEqual([])
  })
})

test('unchanged files are not touched', async () => {
  const files = [file('sql/a.sql'), file('sql/b.sql')]
  await apply(files)
  const before = statSync(join(out, 'sql/a.sql'))
  await apply([file('sql/a.sql'), file('sql/b.sql', 'changed')])
  expect(statSync(join(out, 'sql/a.sql')).ino).toBe(before.ino)
  expect(existsSync(join(out, 'sql/b.sql'))).toBe(true)
})

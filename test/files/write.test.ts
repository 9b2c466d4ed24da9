import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { compareFile, isGenerated } from '../../generator/files/compare.ts'
import { hashOf } from '../../generator/files/hash.ts'
import { listFiles, statFile } from '../../generator/files/list.ts'
import { type Change, plan, type WantedFile } from '../../generator/files/plan.ts'
import { write, writeChunks } from '../../generator/files/write.ts'
import { HEADER_MARK } from '../../generator/targets/header.ts'

const root = mkdtempSync(join(tmpdir(), 'hera-files-'))
afterAll(() => rmSync(root, { recursive: true }))

let out = ''
beforeEach(() => {
  out = mkdtempSync(join(root, 'out-'))
})

function file(path: string, body = ''): WantedFile {
  const bytes = Buffer.from(`-- ${HEADER_MARK} from a test\n${body}\n`)
  return { path, size: bytes.length, hash: hashOf(bytes), chunks: () => [bytes] }
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(out, path)), { recursive: true })
  writeFileSync(join(out, path), content)
}

/** The content of a wanted file. */
function contentOf(wanted: WantedFile): Buffer {
  return Buffer.concat([...wanted.chunks()])
}

/** The changes after which the folders `sql` and `docs` contain exactly these files. */
function changesFor(files: readonly WantedFile[]): readonly Change[] {
  return plan(files, {
    paths: listFiles(out, ['sql', 'docs']),
    compare: (wanted) => compareFile(join(out, wanted.path), wanted),
    isGenerated: (path) => isGenerated(join(out, path)),
  }).changes
}

function planned(files: readonly WantedFile[]): readonly string[] {
  return changesFor(files).map(({ kind, path }) => `${kind} ${path}`)
}

function apply(files: readonly WantedFile[]): void {
  write(out, changesFor(files))
}

test('an empty folder receives every file, and a second plan is empty', () => {
  const files = [file('sql/b.sql'), file('sql/connectors/a.sql'), file('docs/index.md')]
  expect(planned(files)).toEqual(['create docs/index.md', 'create sql/b.sql', 'create sql/connectors/a.sql'])
  apply(files)
  expect(planned(files)).toEqual([])
  expect(readFileSync(join(out, 'sql/b.sql'))).toEqual(contentOf(file('sql/b.sql')))
})

test('a folder that does not exist yet is created', () => {
  out = join(out, 'new', 'folder')
  apply([file('sql/a.sql')])
  expect(readdirSync(out)).toEqual(['sql'])
})

describe('a plan', () => {
  test.each([
    ['a changed byte', (text: string) => text.replace('test', 'tent')],
    ['a longer file', (text: string) => `${text} `],
    ['a shorter file', (text: string) => text.slice(0, -1)],
  ])('updates %s', (_, change) => {
    apply([file('sql/a.sql')])
    put('sql/a.sql', change(contentOf(file('sql/a.sql')).toString()))
    expect(planned([file('sql/a.sql')])).toEqual(['update sql/a.sql'])
  })

  test('deletes a generated file that no definition calls for, and the folder that it leaves empty', () => {
    apply([file('sql/connectors/old.sql'), file('sql/a.sql')])
    expect(planned([file('sql/a.sql')])).toEqual(['delete sql/connectors/old.sql'])
    apply([file('sql/a.sql')])
    expect(readdirSync(join(out, 'sql'))).toEqual(['a.sql'])
  })

  test('reports a file without our header and leaves it alone', () => {
    put('sql/notes.txt', 'mine')
    expect(planned([file('sql/a.sql')])).toEqual(['create sql/a.sql', 'stray sql/notes.txt'])
    apply([file('sql/a.sql')])
    expect(readFileSync(join(out, 'sql/notes.txt'), 'utf8')).toBe('mine')
  })

  test.each([
    ['a file without our header', () => put('sql/a.sql', 'mine')],
    [
      'a symbolic link',
      () => {
        put('elsewhere.sql', contentOf(file('sql/a.sql')))
        mkdirSync(join(out, 'sql'))
        symlinkSync(join(out, 'elsewhere.sql'), join(out, 'sql/a.sql'))
      },
    ],
    ['a folder', () => mkdirSync(join(out, 'sql/a.sql'), { recursive: true })],
  ])('is blocked by %s in the place of a generated file', (_, arrange) => {
    arrange()
    expect(planned([file('sql/a.sql', 'new')])).toEqual(['blocked sql/a.sql'])
  })

  test('does not follow a link to a folder, and still sees what else is left over', () => {
    const wanted = [file('sql/a.sql'), file('sql/parts/b.sql')]
    apply(wanted)
    renameSync(join(out, 'sql/parts'), join(out, 'parts'))
    symlinkSync(join(out, 'parts'), join(out, 'sql/parts'))
    put('sql/mine.sql', 'select 1;')
    expect(planned(wanted)).toEqual(['stray sql/mine.sql', 'blocked sql/parts'])
  })

  test('is blocked by a file in the place of a folder', () => {
    put('sql/parts', 'mine')
    expect(planned([file('sql/a.sql'), file('sql/parts/b.sql'), file('sql/parts/more/c.sql')])).toEqual([
      'create sql/a.sql',
      'blocked sql/parts',
    ])
  })

  test('does not look at other folders', () => {
    put('json/registry.json', '{}')
    expect(planned([])).toEqual([])
  })
})

test('a write that fails leaves earlier output intact and no staged file', () => {
  apply([file('sql/a.sql', 'old'), file('docs/index.md', 'old')])
  put('sql/sub', 'a file in the place of a folder')
  const changes = ['docs/index.md', 'sql/a.sql', 'sql/sub/c.sql'].map(
    (path): Change => ({ kind: 'update', path, file: file(path, 'new') }),
  )
  expect(() => write(out, changes)).toThrow()
  expect(readFileSync(join(out, 'sql/a.sql'), 'utf8')).toContain('old')
  expect(readFileSync(join(out, 'docs/index.md'), 'utf8')).toContain('old')
  expect(readdirSync(out).sort()).toEqual(['docs', 'sql'])
})

test('a content that cannot be read to its end replaces nothing', () => {
  apply([file('sql/a.sql', 'old')])
  const broken: WantedFile = {
    ...file('sql/a.sql', 'new'),
    *chunks() {
      yield Buffer.from('half')
      throw new Error('unreadable')
    },
  }
  const changes: readonly Change[] = [
    { kind: 'create', path: 'docs/new.md', file: file('docs/new.md') },
    { kind: 'update', path: 'sql/a.sql', file: broken },
  ]
  expect(() => write(out, changes)).toThrow('unreadable')
  expect(readFileSync(join(out, 'sql/a.sql'), 'utf8')).toContain('old')
  expect(readdirSync(out)).toEqual(['sql'])
})

test('the staging folder of a killed run is removed after an hour, and never one that is in use or of somebody else', () => {
  const others = ['.hera-staging-busy', '.staging-area', 'mine']
  for (const folder of ['.hera-staging-killed', ...others]) put(`${folder}/0`, 'half')
  const longAgo = (Date.now() - 2 * 60 * 60 * 1000) / 1000
  for (const folder of ['.hera-staging-killed', '.staging-area', 'mine'])
    utimesSync(join(out, folder), longAgo, longAgo)
  apply([file('sql/a.sql')])
  expect(readdirSync(out).sort()).toEqual([...others, 'sql'])
})

test('an empty plan touches nothing', () => {
  apply([file('sql/a.sql')])
  utimesSync(out, 1, 1)
  apply([file('sql/a.sql')])
  expect(statSync(out).mtimeMs).toBe(1000)
  out = join(out, 'new')
  apply([])
  expect(existsSync(out)).toBe(false)
})

test('unchanged files are not touched', () => {
  apply([file('sql/a.sql'), file('sql/b.sql')])
  const before = statFile(join(out, 'sql/a.sql'))
  apply([file('sql/a.sql'), file('sql/b.sql', 'changed')])
  expect(before).toBeDefined()
  expect(statFile(join(out, 'sql/a.sql'))).toEqual(before)
  expect(readFileSync(join(out, 'sql/b.sql'), 'utf8')).toContain('changed')
})

test.each([0, 1, 70_000, 5_000_000])('a file of %i bytes is written whole from many pieces', (size) => {
  const bytes = Buffer.alloc(size, 'a piece of text ')
  const pieces = Array.from({ length: Math.ceil(size / 60_000) }, (_, index) =>
    bytes.subarray(index * 60_000, (index + 1) * 60_000),
  )
  const path = join(out, 'large')
  writeChunks(path, pieces)
  expect(readFileSync(path).equals(bytes)).toBe(true)
  const wanted = { path: 'large', size, hash: '', chunks: () => pieces }
  expect(compareFile(path, wanted)).toBe('same')
})

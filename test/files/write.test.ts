import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { compareFile } from '../../generator/files/compare.ts'
import { statFile } from '../../generator/files/list.ts'
import type { Change, WantedFile } from '../../generator/files/plan.ts'
import { write, writeChunks } from '../../generator/files/write.ts'
import { apply, contentOf, file, planned, put } from '../support/output-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'hera-files-'))
afterAll(() => rmSync(root, { recursive: true }))

let out = ''
beforeEach(() => {
  out = mkdtempSync(join(root, 'out-'))
})

test('an empty folder receives every file, and a second plan is empty', () => {
  const files = [file('sql/b.sql'), file('sql/connectors/a.sql'), file('docs/index.md')]
  expect(planned(out, files)).toEqual(['create docs/index.md', 'create sql/b.sql', 'create sql/connectors/a.sql'])
  apply(out, files)
  expect(planned(out, files)).toEqual([])
  expect(readFileSync(join(out, 'sql/b.sql'))).toEqual(contentOf(file('sql/b.sql')))
})

test('a folder that does not exist yet is created', () => {
  out = join(out, 'new', 'folder')
  apply(out, [file('sql/a.sql')])
  expect(readdirSync(out)).toEqual(['sql'])
})

test('a write that fails leaves earlier output intact and no staged file', () => {
  apply(out, [file('sql/a.sql', 'old'), file('docs/index.md', 'old')])
  put(out, 'sql/sub', 'a file in the place of a folder')
  const changes = ['docs/index.md', 'sql/a.sql', 'sql/sub/c.sql'].map(
    (path): Change => ({ kind: 'update', path, file: file(path, 'new') }),
  )
  expect(() => write(out, changes)).toThrow()
  expect(readFileSync(join(out, 'sql/a.sql'), 'utf8')).toContain('old')
  expect(readFileSync(join(out, 'docs/index.md'), 'utf8')).toContain('old')
  expect(readdirSync(out).sort()).toEqual(['docs', 'sql'])
})

test('a content that cannot be read to its end replaces nothing', () => {
  apply(out, [file('sql/a.sql', 'old')])
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
  for (const folder of ['.hera-staging-killed', ...others]) put(out, `${folder}/0`, 'half')
  const longAgo = (Date.now() - 2 * 60 * 60 * 1000) / 1000
  for (const folder of ['.hera-staging-killed', '.staging-area', 'mine'])
    utimesSync(join(out, folder), longAgo, longAgo)
  apply(out, [file('sql/a.sql')])
  expect(readdirSync(out).sort()).toEqual([...others, 'sql'])
})

test('an empty plan touches nothing', () => {
  apply(out, [file('sql/a.sql')])
  utimesSync(out, 1, 1)
  apply(out, [file('sql/a.sql')])
  expect(statSync(out).mtimeMs).toBe(1000)
  out = join(out, 'new')
  apply(out, [])
  expect(existsSync(out)).toBe(false)
})

test('unchanged files are not touched', () => {
  apply(out, [file('sql/a.sql'), file('sql/b.sql')])
  const before = statFile(join(out, 'sql/a.sql'))
  apply(out, [file('sql/a.sql'), file('sql/b.sql', 'changed')])
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

import {
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
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { FileIndex } from '../../generator/files/file-index.ts'
import { statFile } from '../../generator/files/list.ts'

const root = mkdtempSync(join(tmpdir(), 'hera-index-'))
afterAll(() => rmSync(root, { recursive: true }))

let folder = ''
let file = ''
let index = ''
beforeEach(() => {
  folder = mkdtempSync(join(root, 'own-'))
  file = join(folder, 'file')
  index = join(folder, 'cache', 'index.json')
  writeFileSync(file, 'text')
})

function open(identity = 'build 1'): FileIndex<string> {
  return new FileIndex(index, identity)
}

function listFile(): void {
  const opened = open()
  const stat = statFile(file)
  if (stat === undefined) throw new Error('the file was just written')
  opened.add(file, stat, 'hash')
  opened.save('summary')
}

describe('a listed file', () => {
  test('is the same as long as nothing touches it', () => {
    listFile()
    const again = open()
    expect(again.summary).toBe('summary')
    expect(again.has(file)).toBe(true)
    expect(again.isUnchanged()).toBe(true)
    expect(again.isSame(file, 'hash')).toBe(true)
    expect(again.isSame(file, 'another hash')).toBe(false)
  })

  test.each<[string, () => void]>([
    ['is written', () => writeFileSync(file, 'another text')],
    [
      'is written, with its size and time kept',
      () => {
        const { atime, mtime } = statSync(file)
        writeFileSync(file, 'next')
        utimesSync(file, atime, mtime)
      },
    ],
    [
      'is replaced by a file with the same size and time',
      () => {
        const { atime, mtime } = statSync(file)
        writeFileSync(join(folder, 'other'), 'next')
        utimesSync(join(folder, 'other'), atime, mtime)
        renameSync(join(folder, 'other'), file)
      },
    ],
    [
      'is replaced by a link to itself',
      () => {
        renameSync(file, join(folder, 'elsewhere'))
        symlinkSync(join(folder, 'elsewhere'), file)
      },
    ],
    ['is deleted', () => rmSync(file)],
  ])('has changed when it %s', (_, change) => {
    listFile()
    change()
    expect(open().isUnchanged()).toBe(false)
    expect(open().isSame(file, 'hash')).toBe(false)
  })

  test('is not trusted if it is as young as the index, since it could have changed after it was read', () => {
    listFile()
    const { ctime } = statSync(file)
    utimesSync(index, ctime, ctime)
    expect(open().isUnchanged()).toBe(false)
  })
})

test('an index keeps only the files that the last run listed', () => {
  listFile()
  open().save('nothing')
  expect(open().has(file)).toBe(false)
})

test.each<[string, () => void]>([
  ['is damaged', () => writeFileSync(index, readFileSync(index, 'utf8').replace('summary', 'sunnary'))],
  ['is cut short', () => writeFileSync(index, readFileSync(index, 'utf8').slice(0, -1))],
  ['is missing', () => rmSync(index)],
])('an index that %s is empty', (_, damage) => {
  listFile()
  damage()
  expect(open().summary).toBeUndefined()
  expect(open().has(file)).toBe(false)
})

test('indexes are bounded: the oldest others are deleted', () => {
  listFile()
  const others = ['oldest', 'older', 'newer'].map((name) => join(folder, 'cache', name))
  for (const [time, path] of others.entries()) {
    writeFileSync(path, 'x'.repeat(1000))
    utimesSync(path, time, time)
  }
  open().save('summary', 2000)
  expect(readdirSync(join(folder, 'cache')).sort()).toEqual(['index.json', 'newer', 'older'])
})

test('an index of another build is empty', () => {
  listFile()
  expect(open('build 2').has(file)).toBe(false)
})

test('an index that cannot be written is not an error', () => {
  writeFileSync(join(folder, 'cache'), 'a file in the place of a folder')
  listFile()
  expect(open().has(file)).toBe(false)
})

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { apply, contentOf, file, planned, put } from '../support/output-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'hera-files-'))
afterAll(() => rmSync(root, { recursive: true }))

let out = ''
beforeEach(() => {
  out = mkdtempSync(join(root, 'out-'))
})

describe('a plan', () => {
  test.each([
    ['a changed byte', (text: string) => text.replace('test', 'tent')],
    ['a longer file', (text: string) => `${text} `],
    ['a shorter file', (text: string) => text.slice(0, -1)],
  ])('updates %s', (_, change) => {
    apply(out, [file('sql/a.sql')])
    put(out, 'sql/a.sql', change(contentOf(file('sql/a.sql')).toString()))
    expect(planned(out, [file('sql/a.sql')])).toEqual(['update sql/a.sql'])
  })

  test('deletes a generated file that no definition calls for, and the folder that it leaves empty', () => {
    apply(out, [file('sql/connectors/old.sql'), file('sql/a.sql')])
    expect(planned(out, [file('sql/a.sql')])).toEqual(['delete sql/connectors/old.sql'])
    apply(out, [file('sql/a.sql')])
    expect(readdirSync(join(out, 'sql'))).toEqual(['a.sql'])
  })

  test('reports a file without our header and leaves it alone', () => {
    put(out, 'sql/notes.txt', 'mine')
    expect(planned(out, [file('sql/a.sql')])).toEqual(['create sql/a.sql', 'stray sql/notes.txt'])
    apply(out, [file('sql/a.sql')])
    expect(readFileSync(join(out, 'sql/notes.txt'), 'utf8')).toBe('mine')
  })

  test.each([
    ['a file without our header', () => put(out, 'sql/a.sql', 'mine')],
    [
      'a symbolic link',
      () => {
        put(out, 'elsewhere.sql', contentOf(file('sql/a.sql')))
        mkdirSync(join(out, 'sql'))
        symlinkSync(join(out, 'elsewhere.sql'), join(out, 'sql/a.sql'))
      },
    ],
    ['a folder', () => mkdirSync(join(out, 'sql/a.sql'), { recursive: true })],
  ])('is blocked by %s in the place of a generated file', (_, arrange) => {
    arrange()
    expect(planned(out, [file('sql/a.sql', 'new')])).toEqual(['blocked sql/a.sql'])
  })

  test('does not follow a link to a folder, and still sees what else is left over', () => {
    const wanted = [file('sql/a.sql'), file('sql/parts/b.sql')]
    apply(out, wanted)
    renameSync(join(out, 'sql/parts'), join(out, 'parts'))
    symlinkSync(join(out, 'parts'), join(out, 'sql/parts'))
    put(out, 'sql/mine.sql', 'select 1;')
    expect(planned(out, wanted)).toEqual(['stray sql/mine.sql', 'blocked sql/parts'])
  })

  test('is blocked by a file in the place of a folder', () => {
    put(out, 'sql/parts', 'mine')
    expect(planned(out, [file('sql/a.sql'), file('sql/parts/b.sql'), file('sql/parts/more/c.sql')])).toEqual([
      'create sql/a.sql',
      'blocked sql/parts',
    ])
  })

  test('does not look at other folders', () => {
    put(out, 'json/registry.json', '{}')
    expect(planned(out, [])).toEqual([])
  })
})

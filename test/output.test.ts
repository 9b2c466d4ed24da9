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
import { pathToFileURL } from 'node:url'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { OutputFile } from '../generator/model/connector.ts'
import { Aside } from '../generator/output/aside.ts'
import { commit } from '../generator/output/commit.ts'
import { compareText } from '../generator/output/compare.ts'
import type { Place } from '../generator/output/content.ts'
import { LargeFiles } from '../generator/output/large-files.ts'
import type { Change } from '../generator/output/plan.ts'
import { leftOver } from '../generator/output/plan.ts'
import { Sources } from '../generator/output/sources.ts'
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

/** What has to happen so that two folders hold exactly these files. */
async function changesFor(files: readonly OutputFile[]): Promise<readonly Change[]> {
  const made = files.flatMap(({ path, text }): readonly Change[] => {
    const { kind } = compareText(join(out, path), text)
    if (kind === 'same') return []
    return [kind === 'blocked' ? { kind, path } : { kind, path, content: { text } }]
  })
  const tree = readTree(out, ['sql', 'docs'])
  return [...made, ...leftOver(out, tree, { wanted: files.map(({ path }) => path), changes: made })]
}

async function planned(files: readonly OutputFile[]): Promise<readonly string[]> {
  return (await changesFor(files)).map(({ kind, path }) => `${kind} ${path}`).sort()
}

async function apply(files: readonly OutputFile[]): Promise<void> {
  commit(out, await changesFor(files))
}

test('a link to a folder of wanted files hides nothing that is left over', async () => {
  const wanted = [file('sql/a.sql'), file('sql/parts/b.sql'), file('sql/parts/c.sql')]
  await apply(wanted)
  renameSync(join(out, 'sql/parts'), join(out, 'parts'))
  symlinkSync(join(out, 'parts'), join(out, 'sql/parts'))
  write('sql/mine.sql', 'select 1;')
  expect(await planned(wanted)).toEqual(['stray sql/mine.sql', 'stray sql/parts'])
})

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
      { kind: 'update', path: 'docs/index.md', content: { text: 'new' } },
      { kind: 'update', path: 'sql/a.sql', content: { text: 'new' } },
      { kind: 'create', path: 'sql/sub/c.sql', content: { text: 'new' } },
    ]
    expect(() => commit(out, changes)).toThrow()
    expect(readFileSync(join(out, 'sql/a.sql'), 'utf8')).toContain('old')
    expect(readFileSync(join(out, 'docs/index.md'), 'utf8')).toContain('old')
    expect(readdirSync(out, { recursive: true }).filter((path) => String(path).includes('.aside'))).toEqual([])
  })
})

test('what a killed run left is removed an hour later, and nothing of a run that goes on', async () => {
  const [left, busy] = ['.aside-left/1/0', '.aside-busy/1/0']
  for (const path of [left, busy, 'mine/.aside-of-mine']) write(path, 'half')
  const longAgo = (Date.now() - 2 * 60 * 60 * 1000) / 1000
  for (const path of ['.aside-left/1', '.aside-left', '.aside-busy', 'mine'])
    utimesSync(join(out, path), longAgo, longAgo)
  await apply([file('sql/a.sql')])
  expect(readdirSync(out).sort()).toEqual(['.aside-busy', 'mine', 'sql'])
  expect(readdirSync(join(out, 'mine'))).toEqual(['.aside-of-mine'])
})

test('unchanged files are not touched', async () => {
  const files = [file('sql/a.sql'), file('sql/b.sql')]
  await apply(files)
  const before = statSync(join(out, 'sql/a.sql'))
  await apply([file('sql/a.sql'), file('sql/b.sql', 'changed')])
  expect(statSync(join(out, 'sql/a.sql')).ino).toBe(before.ino)
  expect(existsSync(join(out, 'sql/b.sql'))).toBe(true)
})

test('texts that are kept for later in two goes are read as they were', () => {
  const sources = new Sources()
  const keep = (texts: readonly string[]) => {
    const aside = new Aside(join(out, '.aside'))
    const places = texts.map((text) => aside.keep('page', text))
    aside.close()
    return places
  }
  const places = [...keep(['first', 'second']), ...keep(['third'])]
  expect(places.map((place) => sources.read(place).toString())).toEqual(['first', 'second', 'third'])
  sources.close()
})

describe('a large file of many parts', () => {
  const writer = pathToFileURL(join(import.meta.dirname, '..', 'dist', 'writer.mjs'))
  const long = 'x'.repeat(3_000_000)
  const kept = (place: Place) => ({ size: 3_000_000, digest: '', place })

  test.each([
    ['by this thread', undefined],
    ['by another thread', writer],
  ])('is written %s', async (_, address) => {
    writeFileSync(join(out, 'whole'), `${long}and${long}`)
    const place = { path: join(out, 'whole'), offset: 3, length: 3_000_000 }
    const large = new LargeFiles(join(out, '.aside'), address)
    const content = large.contentOf([
      { text: 'begin ' },
      kept(place),
      kept({ bytes: Buffer.from(long) }),
      { text: 'é' },
    ])
    await large.written()
    await large.close()
    const path = 'aside' in content ? content.aside : ''
    expect(readFileSync(path, 'utf8') === `begin ${long.slice(3)}and${long}é`).toBe(true)
  })

  test('says what kept the other thread from it, and where', async () => {
    const path = join(out, 'missing')
    const large = new LargeFiles(join(out, '.aside'), writer)
    large.contentOf([kept({ path, offset: 0, length: 3_000_000 }), kept({ bytes: Buffer.from(long) })])
    await expect(large.written()).rejects.toMatchObject({ code: 'ENOENT', path })
    await large.close()
  })

  test('is not waited for where the other thread has ended', async () => {
    const large = new LargeFiles(join(out, '.aside'), new URL('data:text/javascript,process.exit()'))
    const parts = [{ text: 'begin' }, kept({ bytes: Buffer.from(long) }), kept({ bytes: Buffer.from(long) })]
    large.contentOf(parts)
    await expect(large.written()).rejects.toThrow('ended before')
    large.contentOf(parts)
    await expect(large.written()).rejects.toThrow('ended before')
  })
})

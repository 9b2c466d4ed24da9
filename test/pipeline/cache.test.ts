import type { SpawnSyncReturns } from 'node:child_process'
import { spawn } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOf } from '../../generator/files/hash.ts'
import { statFile } from '../../generator/files/list.ts'
import { ArtifactCache } from '../../generator/pipeline/cache.ts'
import { FEWEST_FOR_THREADS } from '../../generator/pipeline/pool.ts'
import { definitionAt, writeDefinitions } from '../bench/definitions.ts'
import { acme, edit, zenith } from '../support/acme.ts'
import { cli, runCommand } from '../support/command.ts'

const LOADED = join(import.meta.dirname, '..', 'support', 'loaded-modules.cjs')

const root = mkdtempSync(join(tmpdir(), 'hera-cache-'))
afterAll(() => rmSync(root, { recursive: true }))

function run(
  own: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> {
  return runCommand(args, { cwd: own, env })
}

/** Every file in a folder outside the cache, by path. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = found.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !path.includes('.hera'))
  return Object.fromEntries(paths.sort().map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]))
}

const ACME_SQL = 'generated/sql/connectors/acme-crm.sql'
let made = ''
beforeAll(() => {
  made = mkdtempSync(join(root, 'made-'))
  mkdirSync(join(made, 'definitions'))
  writeFileSync(join(made, 'definitions', 'acme-crm.yaml'), acme)
  writeFileSync(join(made, 'definitions', 'zenith-crm.yaml'), zenith)
  expect(run(made, ['generate']).status).toBe(0)
})

/** A workspace in which everything is generated and cached. */
function generated(): string {
  const own = mkdtempSync(join(root, 'own-'))
  cpSync(join(made, 'definitions'), join(own, 'definitions'), { recursive: true })
  cpSync(join(made, 'generated'), join(own, 'generated'), { recursive: true })
  expect(run(own, ['generate']).status).toBe(0)
  expect(indexIn(own)).toBeDefined()
  return own
}

const SAMPLE = 'definitions/samples/acme-crm/one.json'
const acmeWithFile = edit(acme, [
  '    - name: Two changes\n',
  '    - name: From a file\n      file: samples/acme-crm/one.json\n      events: [contact_created]\n    - name: Two changes\n',
])

/** The same, where one definition has a sample in a file. */
function generatedWithSample(): string {
  const own = mkdtempSync(join(root, 'own-'))
  mkdirSync(join(own, dirname(SAMPLE)), { recursive: true })
  writeFileSync(join(own, 'definitions/acme-crm.yaml'), acmeWithFile)
  writeFileSync(join(own, 'definitions/zenith-crm.yaml'), zenith)
  writeFileSync(
    join(own, SAMPLE),
    '{"changes":[{"type":"contact.created","contact":{"id":"c_1","created":1795420800}}]}',
  )
  expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
  expect(indexIn(own)).toBeDefined()
  return own
}

/** The file index of a workspace. */
function indexIn(own: string): string | undefined {
  const folder = join(own, '.hera/cache')
  const name = existsSync(folder) ? readdirSync(folder).find((one) => one.startsWith('index-')) : undefined
  return name === undefined ? undefined : join(folder, name)
}

/** Changes one byte and leaves length, name and time as they were. */
function tamper(path: string): void {
  const { atime, mtime } = statSync(path)
  writeFileSync(path, readFileSync(path, 'utf8').replace('HERA', 'HARE'))
  utimesSync(path, atime, mtime)
}

describe('a check after a generate', () => {
  test.each<[string, (own: string) => void, string]>([
    ['a changed byte, with length and time as before', (own) => tamper(join(own, ACME_SQL)), `stale ${ACME_SQL}`],
    [
      'a changed byte in a file over all connectors',
      (own) => tamper(join(own, 'generated/json/registry.json')),
      'stale generated/json/registry.json',
    ],
    ['a file that is gone', (own) => rmSync(join(own, ACME_SQL)), `missing ${ACME_SQL}`],
    [
      'a whole folder that is gone',
      (own) => rmSync(join(own, 'generated/docs'), { recursive: true }),
      'missing generated/docs/index.md',
    ],
    [
      'a file that nobody made',
      (own) => writeFileSync(join(own, 'generated/sql/mine.sql'), 'select 1;'),
      'not generated generated/sql/mine.sql',
    ],
    [
      'a link in place of a file',
      (own) => {
        renameSync(join(own, ACME_SQL), join(own, 'elsewhere.sql'))
        symlinkSync(join(own, 'elsewhere.sql'), join(own, ACME_SQL))
      },
      `not generated, and in the way ${ACME_SQL}`,
    ],
    [
      'an edited definition',
      (own) => writeFileSync(join(own, 'definitions/acme-crm.yaml'), edit(acme, ['purpose: Keep', 'purpose: Hold'])),
      `stale ${ACME_SQL}`,
    ],
    [
      'a new definition',
      (own) => writeFileSync(join(own, 'definitions/acme-bench-00000.yaml'), definitionAt(0)),
      'missing generated/sql/connectors/acme-bench-00000.sql',
    ],
    ['a definition that is gone', (own) => rmSync(join(own, 'definitions/acme-crm.yaml')), `left over ${ACME_SQL}`],
  ])('sees %s', (_, change, wanted) => {
    const own = generated()
    expect(run(own, ['check'])).toMatchObject({ status: 0, stdout: expect.stringContaining('up to date') })
    change(own)
    const result = run(own, ['check'])
    expect(result.stdout).toContain(wanted)
    expect(result.status).toBe(1)
    const fresh = run(own, ['check', '--no-cache', '--format', 'json'])
    expect(JSON.parse(run(own, ['check', '--format', 'json']).stdout)).toEqual(JSON.parse(fresh.stdout))
  })

  test('sees that a foreign file has become a generated one', () => {
    const own = generated()
    const path = 'generated/sql/mine.sql'
    writeFileSync(join(own, path), 'select 1;')
    expect(run(own, ['check']).stdout).toContain(`not generated ${path}`)
    cpSync(join(own, ACME_SQL), join(own, path))
    expect(run(own, ['check']).stdout).toContain(`left over ${path}`)
  })

  test('sees a rule across definitions that an edit breaks', () => {
    const own = generated()
    writeFileSync(join(own, 'definitions/zenith-crm.yaml'), edit(zenith, ['namespace: ZENITH', 'namespace: ACME']))
    const result = run(own, ['check'])
    expect(result.stdout).toContain('definitions/zenith-crm.yaml:9:12 error "ACME" is taken by acme-crm')
    expect(run(own, ['check', '--no-cache']).stdout.replace(/\(.*s\)/, '')).toBe(result.stdout.replace(/\(.*s\)/, ''))
  })
})

/** The files of the command that a run loads. */
function loadedBy(own: string, ...args: readonly string[]) {
  const report = join(own, 'loaded.json')
  const { status } = run(own, args, { NODE_OPTIONS: `--require ${LOADED}`, LOADED: report })
  const { ofOurs } = JSON.parse(readFileSync(report, 'utf8'))
  return { status, files: ofOurs.filter((path: string) => path !== LOADED) }
}

test.each(['check', 'generate'])('%s loads one file of the command if nothing changed', (command) => {
  const own = generated()
  expect(loadedBy(own, command)).toEqual({ status: 0, files: [cli] })
})

describe('generate after an edit writes the same bytes as without a cache', () => {
  test.each<[string, string]>([
    ['of what every file says', edit(acme, ['name: Acme CRM', 'name: Acme Suite'], ['purpose: Keep', 'purpose: Hold'])],
    ['of one event', edit(acme, ['summary: A contact was added', 'summary: Somebody is new'])],
    [
      'of what only pages over all connectors say',
      edit(acme, ['problem: Webhook Verification Failed', 'problem: It fails']),
    ],
  ])('%s', (_, text) => {
    const [own, other] = [generated(), generated()]
    for (const folder of [own, other]) writeFileSync(join(folder, 'definitions/acme-crm.yaml'), text)
    const result = run(own, ['generate'])
    expect(result.stdout).toMatch(/ [1-9]\d* updated/)
    expect(run(other, ['generate', '--no-cache']).status).toBe(0)
    expect(filesIn(own)).toEqual(filesIn(other))
    expect(run(own, ['check', '--no-cache']).status).toBe(0)
  })

  test.each<[string, (definitions: string) => void]>([
    [
      'a purpose was edited',
      (definitions) =>
        writeFileSync(join(definitions, 'acme-crm.yaml'), edit(acme, ['purpose: Keep', 'purpose: Hold'])),
    ],
    [
      'an event was added',
      (definitions) => {
        const [polled = ''] = /^ {2}contact_polled:\n(?: {4}.*\n)+/m.exec(acme) ?? []
        const seen = polled.replace('contact_polled', 'contact_seen')
        writeFileSync(join(definitions, 'acme-crm.yaml'), edit(acme, [polled, polled + seen]))
      },
    ],
    [
      'a definition was added',
      (definitions) => writeFileSync(join(definitions, 'acme-bench-00000.yaml'), definitionAt(0)),
    ],
    ['a definition was removed', (definitions) => rmSync(join(definitions, 'acme-crm.yaml'))],
  ])('and the next run is fast, if %s', (_, change) => {
    const own = generated()
    change(join(own, 'definitions'))
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
    for (const command of ['check', 'generate']) expect(loadedBy(own, command)).toEqual({ status: 0, files: [cli] })
    expect(run(own, ['check', '--no-cache']).status).toBe(0)
  })

  test('of many definitions, on threads', async () => {
    const own = mkdtempSync(join(root, 'many-'))
    await writeDefinitions(join(own, 'definitions'), FEWEST_FOR_THREADS)
    expect(run(own, ['generate']).stdout).toContain(`${FEWEST_FOR_THREADS} connectors`)
    expect(run(own, ['check'])).toMatchObject({ status: 0 })
    const path = join(own, 'definitions/cobalt-bench-00002.yaml')
    writeFileSync(path, edit(readFileSync(path, 'utf8'), ['summary: What happened', 'summary: Whatever happened']))
    expect(run(own, ['generate']).stdout).toMatch(/ 0 created, \d+ updated/)
    const remade = filesIn(join(own, 'generated'))
    rmSync(join(own, 'generated'), { recursive: true })
    expect(run(own, ['generate', '--no-cache']).status).toBe(0)
    expect(filesIn(join(own, 'generated'))).toEqual(remade)
    expect(readdirSync(join(own, 'generated')).sort()).toEqual(['docs', 'json', 'sql', 'typescript'])
  })
})

test('a worker thread reports a problem with everything that people need to know', async () => {
  const { default: compileBatch } = await import(join(dirname(cli), 'worker.mjs'))
  const files = [{ folder: { path: root, isBase: false }, name: 'gone.yaml' }]
  expect(await compileBatch({ job: { targets: [], cacheFolder: root }, files })).toEqual({
    failure: expect.objectContaining({
      name: 'OperationalError',
      message: `${root}/gone.yaml was changed during the run`,
      help: 'run again; nothing was written',
    }),
  })
})

/** What another process does at an exact moment of a run; see support/concurrent-writer.cjs. */
interface Interference {
  /** The function of node:fs at whose first call with this path it happens. */
  readonly call: 'readFileSync' | 'renameSync'
  readonly naming: string
  readonly file: string
  /** Missing if the whole file is written. */
  readonly from?: string
  /** Missing if the file is removed. */
  readonly to?: string
  /** Whether another file with the same time is put in its place. */
  readonly isAsOld?: true
  /** Where the file moves; a link to it takes its place. */
  readonly link?: string
}

const writer = join(import.meta.dirname, '..', 'support', 'concurrent-writer.cjs')

/** Generates while another process interferes. */
function disturbed(own: string, interference: Interference, ...flags: readonly string[]): SpawnSyncReturns<string> {
  return run(own, ['generate', ...flags], {
    NODE_OPTIONS: `--require ${writer}`,
    INTERFERENCE: JSON.stringify(interference),
  })
}

/** So that a run has something to do. */
function editZenith(own: string): void {
  const path = join(own, 'definitions/zenith-crm.yaml')
  writeFileSync(path, edit(readFileSync(path, 'utf8'), ['summary: ', 'summary: Indeed, ']))
}

const WRITING = { call: 'renameSync', naming: 'docs/connectors/zenith-crm.md' } as const

describe('what another process changes during a run', () => {
  test.each<[string, Interference]>([
    [
      'a definition that was already read',
      {
        call: 'readFileSync',
        naming: 'definitions/zenith-crm.yaml',
        ...{ file: 'definitions/acme-crm.yaml', from: 'purpose: Keep', to: 'purpose: For a long time, keep' },
      },
    ],
    [
      'an output file that the run leaves alone',
      { ...WRITING, file: 'generated/docs/connectors/acme-crm.md', from: 'Acme', to: 'Emca' },
    ],
    [
      'an output file that the run has just replaced',
      { ...WRITING, file: 'generated/docs/connectors/zenith-crm.md', from: 'HERA', to: 'HARE' },
    ],
    [
      'an output file that the run has just replaced, by another with the same time',
      { ...WRITING, file: 'generated/docs/connectors/zenith-crm.md', from: 'HERA', to: 'HARE', isAsOld: true },
    ],
  ])('%s is seen by the next run', (_, interference) => {
    const own = generated()
    editZenith(own)
    expect(disturbed(own, interference).status).toBe(0)
    expect(readFileSync(join(own, interference.file), 'utf8')).toContain(interference.to)
    expect(run(own, ['check', '--no-cache']).status).toBe(1)
    expect(run(own, ['check']).status).toBe(1)
  })

  test.each(['docs/connectors', 'docs/reference'])('a foreign file in %s is reported by the next run', (folder) => {
    const own = generated()
    editZenith(own)
    const stray = `generated/${folder}/mine.md`
    expect(disturbed(own, { ...WRITING, file: stray, to: 'not generated' })).toMatchObject({ status: 0, stderr: '' })
    for (const command of ['check', 'generate'])
      expect(run(own, [command]).stdout).toMatch(new RegExp(`(not generated|stray) +${stray}`))
    rmSync(join(own, stray))
    expect(run(own, ['check'])).toMatchObject({ status: 0 })
  })

  test('a definition that disappears before it is read ends the run', () => {
    const own = generated()
    const before = filesIn(join(own, 'generated'))
    const interference = {
      call: 'readFileSync',
      naming: 'definitions/acme-crm.yaml',
      file: 'definitions/zenith-crm.yaml',
    } as const
    const result = disturbed(own, interference, '--no-cache')
    expect(result.stderr).toContain('definitions/zenith-crm.yaml was changed during the run')
    expect(result.stderr).toContain('help: run again; nothing was written')
    expect(result.status).toBe(2)
    expect(filesIn(join(own, 'generated'))).toEqual(before)
  })
})

describe('links', () => {
  describe.each(['definitions/samples', 'definitions/samples/acme-crm'])('a link in place of %s', (path) => {
    const refused = { status: 1, stdout: expect.stringContaining('the sample is reached by a symbolic link') }

    function withLink(): { readonly own: string; readonly undo: () => void } {
      const own = generatedWithSample()
      const [place, elsewhere] = [join(own, path), join(own, 'elsewhere')]
      renameSync(place, elsewhere)
      symlinkSync(elsewhere, place)
      return {
        own,
        undo: () => {
          rmSync(place)
          renameSync(elsewhere, place)
        },
      }
    }

    test('is seen when it comes and when it goes', () => {
      const { own, undo } = withLink()
      for (const command of ['check', 'generate', 'check']) expect(run(own, [command])).toMatchObject(refused)
      undo()
      for (const command of ['check', 'generate', 'check'])
        expect(run(own, [command])).toMatchObject({ status: 0, stderr: '' })
    })

    test('is seen beside an edit of another definition', () => {
      const { own, undo } = withLink()
      writeFileSync(join(own, 'definitions/zenith-crm.yaml'), edit(zenith, ['purpose: Keep', 'purpose: Hold']))
      for (const command of ['generate', 'check']) expect(run(own, [command])).toMatchObject(refused)
      undo()
      for (const command of ['generate', 'check']) expect(run(own, [command])).toMatchObject({ status: 0, stderr: '' })
    })

    test.each([
      ['with a cache', true],
      ['without a cache', false],
    ])('that appears during a run %s is seen by the next', (_, isCached) => {
      const own = generatedWithSample()
      if (!isCached) rmSync(join(own, '.hera'), { recursive: true })
      editZenith(own)
      disturbed(own, { ...WRITING, file: path, link: 'elsewhere' })
      expect(existsSync(join(own, 'elsewhere'))).toBe(true)
      for (const command of ['check', 'generate']) expect(run(own, [command])).toMatchObject(refused)
    })
  })

  test('a link on the way to the definitions that leads elsewhere is seen', () => {
    const own = generated()
    renameSync(join(own, 'definitions'), join(own, 'first'))
    mkdirSync(join(own, 'second'))
    // The same file, and so the same stamp, in another folder.
    for (const name of ['acme-crm.yaml', 'zenith-crm.yaml'])
      linkSync(join(own, 'first', name), join(own, 'second', name))
    writeFileSync(join(own, 'second/acme-bench-00000.yaml'), definitionAt(0))
    symlinkSync('first', join(own, 'current'))
    symlinkSync('current', join(own, 'definitions'))
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(own, ['check']).status).toBe(0)
    rmSync(join(own, 'current'))
    symlinkSync('second', join(own, 'current'))
    expect(run(own, ['check', '--no-cache']).status).toBe(1)
    expect(run(own, ['check']).status).toBe(1)
  })

  test.each(['definitions', 'generated/docs'])('what comes into %s by way of a link is seen', (linked) => {
    const own = generated()
    renameSync(join(own, linked), join(own, 'elsewhere'))
    symlinkSync(join(own, 'elsewhere'), join(own, linked))
    expect(run(own, ['check']).status).toBe(0)
    writeFileSync(join(own, 'elsewhere/more.yaml'), 'code: more\n')
    expect(run(own, ['check']).status).toBe(1)
  })
})

describe('the cache', () => {
  test('is not used if its folder is a dangling link', () => {
    const own = generated()
    rmSync(join(own, '.hera'), { recursive: true })
    symlinkSync('nowhere', join(own, '.hera'))
    for (const command of ['check', 'generate']) expect(run(own, [command])).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(join(own, 'nowhere'))).toBe(false)
  })

  test('is not created with --no-cache', () => {
    const own = mkdtempSync(join(root, 'own-'))
    cpSync(join(made, 'definitions'), join(own, 'definitions'), { recursive: true })
    expect(run(own, ['generate', '--no-cache']).status).toBe(0)
    expect(existsSync(join(own, '.hera'))).toBe(false)
    expect(filesIn(join(own, 'generated'))).toEqual(filesIn(join(made, 'generated')))
  })

  test('cannot be replaced if there is no folder for temporary files', () => {
    const own = mkdtempSync(join(root, 'own-'))
    cpSync(join(made, 'definitions'), join(own, 'definitions'), { recursive: true })
    const TMPDIR = join(own, 'missing')
    const { status, stderr } = run(own, ['validate', '--no-cache'], { TMPDIR })
    expect(status).toBe(2)
    expect(stderr).toContain(`cannot create a temporary folder in ${TMPDIR}`)
    expect(stderr).toContain('help: set TMPDIR')
  })

  test('is not trusted by check in CI, unless --cache is given', () => {
    const own = generated()
    const index = indexIn(own) ?? ''
    // An index that lies: it lists the state that a tampered file has now.
    const path = join(own, ACME_SQL)
    tamper(path)
    const stored = JSON.parse(readFileSync(index, 'utf8').slice(hashOf('').length))
    const [hash] = stored.files[ACME_SQL].slice(-1)
    stored.files[ACME_SQL] = [...(statFile(path) ?? []), hash]
    const json = JSON.stringify(stored)
    writeFileSync(index, `${hashOf(json)}${json}`)
    const later = new Date(Date.now() + 1000)
    utimesSync(index, later, later)
    expect(run(own, ['check'])).toMatchObject({ status: 0 })
    expect(run(own, ['check', '--cache'], { CI: 'true' })).toMatchObject({ status: 0 })
    expect(run(own, ['check'], { CI: 'true' })).toMatchObject({ status: 1 })
  })

  test.each<[string, (path: string) => void]>([
    ['cut short', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['empty', (path) => truncateSync(path, 0)],
    ['longer', (path) => appendFileSync(path, 'more')],
    ['of other bytes', (path) => writeFileSync(path, Buffer.alloc(statSync(path).size, 7))],
    [
      'of one other byte',
      (path) => {
        const bytes = readFileSync(path)
        bytes[20] = (bytes[20] ?? 0) ^ 1
        writeFileSync(path, bytes)
      },
    ],
  ])('is ignored and made again if each of its files is %s', (_, damage) => {
    const own = generated()
    const cache = join(own, '.hera/cache')
    const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.length).toBeGreaterThan(2)
    for (const entry of files) damage(join(entry.parentPath, entry.name))
    writeFileSync(join(own, 'definitions/acme-crm.yaml'), edit(acme, ['purpose: Keep', 'purpose: Hold']))
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(own, ['check', '--no-cache'])).toMatchObject({ status: 0 })
    expect(run(own, ['check'])).toMatchObject({ status: 0 })
  })

  test('is not used if its folder cannot be created', () => {
    const own = mkdtempSync(join(root, 'own-'))
    cpSync(join(made, 'definitions'), join(own, 'definitions'), { recursive: true })
    writeFileSync(join(own, '.hera'), 'a file in the place of a folder')
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
    expect(filesIn(join(own, 'generated'))).toEqual(filesIn(join(made, 'generated')))
  })

  test('is not used if its files cannot be replaced', () => {
    const own = generated()
    const artifacts = join(own, '.hera/cache/artifacts')
    for (const name of readdirSync(artifacts)) {
      rmSync(join(artifacts, name))
      mkdirSync(join(artifacts, name))
    }
    for (const command of ['generate', 'check', 'list'])
      expect(run(own, [command])).toMatchObject({ status: 0, stderr: '' })
    rmSync(join(own, ACME_SQL))
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(own, ['check', '--no-cache'])).toMatchObject({ status: 0 })
  })

  test('survives runs at the same time', async () => {
    const own = mkdtempSync(join(root, 'own-'))
    cpSync(join(made, 'definitions'), join(own, 'definitions'), { recursive: true })
    const statuses = await Promise.all(
      Array.from(
        { length: 4 },
        () =>
          new Promise((resolve) => {
            spawn(process.execPath, [cli, 'generate'], { cwd: own, stdio: 'ignore' }).on('close', resolve)
          }),
      ),
    )
    expect(statuses).toEqual([0, 0, 0, 0])
    expect(filesIn(join(own, 'generated'))).toEqual(filesIn(join(made, 'generated')))
    expect(run(own, ['check'])).toMatchObject({ status: 0 })
  })

  test('is bounded: the oldest unused artifacts are deleted first', () => {
    const cache = new ArtifactCache(mkdtempSync(join(root, 'bounded-')))
    const keys = ['first', 'second', 'third', 'fourth']
    for (const [index, key] of keys.entries()) {
      cache.write(artifactWith(key), ['x'.repeat(1000)])
      utimesSync(join(cache.folder, 'artifacts', key), index, index)
    }
    cache.prune(new Set(['first']), 3000)
    expect(keys.filter((key) => cache.read(key) !== undefined)).toEqual(['first', 'third', 'fourth'])
  })

  test('ignores links and folders among its artifacts when it is pruned', () => {
    const cache = new ArtifactCache(mkdtempSync(join(root, 'bounded-')))
    const artifacts = join(cache.folder, 'artifacts')
    symlinkSync('loop', join(artifacts, 'loop'))
    mkdirSync(join(artifacts, 'folder'))
    cache.write(artifactWith('one'), ['text'])
    cache.prune(new Set(), 0)
    expect(readdirSync(artifacts).sort()).toEqual(['folder', 'loop'])
  })

  test('never returns an artifact that was stored under another key', () => {
    const cache = new ArtifactCache(mkdtempSync(join(root, 'foreign-')))
    cache.write(artifactWith('one'), ['text'])
    renameSync(join(cache.folder, 'artifacts', 'one'), join(cache.folder, 'artifacts', 'other'))
    expect(cache.read('other')).toBeUndefined()
  })

  test('refuses a damaged text and deletes its artifact', () => {
    const cache = new ArtifactCache(mkdtempSync(join(root, 'damaged-')))
    const artifact = cache.write(artifactWith('one'), ['text'])
    expect(cache.bytesOf(artifact, artifact.connector).toString()).toBe('text')
    cache.close()
    const path = join(cache.folder, 'artifacts', 'one')
    writeFileSync(path, readFileSync(path, 'utf8').replace(/text$/, 'test'))
    expect(() => cache.bytesOf(artifact, artifact.connector)).toThrow('damaged')
    expect(cache.read('one')).toBeUndefined()
  })
})

/** An artifact with one text. */
function artifactWith(key: string): Parameters<ArtifactCache['write']>[0] {
  const index = { file: '', validParts: [], definition: { code: key, namespace: 'X', events: {} } }
  const connector = { offset: 0, size: 4, hash: hashOf('text') }
  return { key, code: key, events: 0, index, samples: [], connector, outputs: {} }
}

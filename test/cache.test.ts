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
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FEWEST_FOR_THREADS, threads } from '../generator/assembly/fleet.ts'
import { digest } from '../generator/cache/digest.ts'
import { Objects } from '../generator/cache/objects.ts'
import { definitionAt, writeDefinitions } from './bench/definitions.ts'
import { acme, edit, zenith } from './support/acme.ts'
import { cli, runCommand } from './support/command.ts'

const LOADED = join(import.meta.dirname, 'support/loaded-modules.cjs')

const root = mkdtempSync(join(tmpdir(), 'hera-cache-'))
afterAll(() => rmSync(root, { recursive: true }))

function run(
  own: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> {
  return runCommand(args, { cwd: own, env })
}

/** Everything in a folder that is not remembered, by path. */
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

/** A workspace in which everything is generated and remembered. */
function remembered(): string {
  const own = mkdtempSync(join(root, 'own-'))
  cpSync(join(made, 'definitions'), join(own, 'definitions'), { recursive: true })
  cpSync(join(made, 'generated'), join(own, 'generated'), { recursive: true })
  expect(run(own, ['generate']).status).toBe(0)
  expect(statesIn(own)).toHaveLength(1)
  return own
}

const SAMPLE = 'definitions/samples/acme-crm/one.json'
const acmeWithFile = edit(acme, [
  '    - name: Two changes\n',
  '    - name: From a file\n      file: samples/acme-crm/one.json\n      events: [contact_created]\n    - name: Two changes\n',
])

/** The same, where one definition has a sample in a file. */
function rememberedWithSample(): string {
  const own = mkdtempSync(join(root, 'own-'))
  mkdirSync(join(own, dirname(SAMPLE)), { recursive: true })
  writeFileSync(join(own, 'definitions/acme-crm.yaml'), acmeWithFile)
  writeFileSync(join(own, 'definitions/zenith-crm.yaml'), zenith)
  writeFileSync(
    join(own, SAMPLE),
    '{"changes":[{"type":"contact.created","contact":{"id":"c_1","created":1795420800}}]}',
  )
  expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
  expect(statesIn(own)).toHaveLength(1)
  return own
}

function statesIn(own: string): readonly string[] {
  const folder = join(own, '.hera/cache/states')
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
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
    const own = remembered()
    expect(run(own, ['check'])).toMatchObject({ status: 0, stdout: expect.stringContaining('up to date') })
    change(own)
    const result = run(own, ['check'])
    expect(result.stdout).toContain(wanted)
    expect(result.status).toBe(1)
    const fresh = run(own, ['check', '--no-cache', '--format', 'json'])
    expect(JSON.parse(run(own, ['check', '--format', 'json']).stdout)).toEqual(JSON.parse(fresh.stdout))
  })

  test('sees a rule across definitions that an edit breaks', () => {
    const own = remembered()
    writeFileSync(join(own, 'definitions/zenith-crm.yaml'), edit(zenith, ['namespace: ZENITH', 'namespace: ACME']))
    const result = run(own, ['check'])
    expect(result.stdout).toContain('definitions/zenith-crm.yaml:9:12 error "ACME" is taken by acme-crm')
    expect(run(own, ['check', '--no-cache']).stdout.replace(/\(.*s\)/, '')).toBe(result.stdout.replace(/\(.*s\)/, ''))
  })
})

/** What a run loads. */
function loadedBy(own: string, ...args: readonly string[]) {
  const report = join(own, 'loaded.json')
  const { status } = run(own, args, { NODE_OPTIONS: `--require ${LOADED}`, LOADED: report })
  const { ofNode, ofOurs } = JSON.parse(readFileSync(report, 'utf8'))
  return { status, crypto: ofNode.includes('crypto'), files: ofOurs.filter((path: string) => path !== LOADED) }
}

describe('a run in which nothing has changed', () => {
  test.each(['validate', 'check', 'generate'])('%s loads one file of the command, and no cryptography', (command) => {
    const own = remembered()
    expect(run(own, [command]).status).toBe(0)
    expect(loadedBy(own, command)).toEqual({ status: 0, crypto: false, files: [cli] })
    expect(loadedBy(own, command, '--no-cache').crypto).toBe(true)
  })
})

describe('a generate after an edit gives the same bytes as one that remembers nothing', () => {
  test.each<[string, string]>([
    ['of what every file says', edit(acme, ['name: Acme CRM', 'name: Acme Suite'], ['purpose: Keep', 'purpose: Hold'])],
    ['of one event', edit(acme, ['summary: A contact was added', 'summary: Somebody is new'])],
    [
      'of what only pages over all connectors say',
      edit(acme, ['problem: Webhook Verification Failed', 'problem: It fails']),
    ],
  ])('%s', (_, text) => {
    const [own, other] = [remembered(), remembered()]
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
  ])('and is remembered, where %s', (_, change) => {
    const own = remembered()
    change(join(own, 'definitions'))
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
    for (const command of ['check', 'generate'])
      expect(loadedBy(own, command)).toEqual({ status: 0, crypto: false, files: [cli] })
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

describe('a fault on a thread keeps what people have to know of it', () => {
  const job = { salt: '', isTrial: false, targets: [], folder: root }
  const worker = pathToFileURL(join(dirname(cli), 'worker.mjs')).href

  test.each([
    [
      'ours',
      job,
      {
        name: 'Fault',
        message: `${root}/gone.yaml was changed during the run`,
        help: 'run again; nothing was written',
      },
    ],
    ["the machine's", { ...job, aside: join(cli, 'aside') }, { code: 'ENOTDIR', path: expect.stringContaining(cli) }],
  ])('%s', async (_, wanted, expected) => {
    const fleet = await threads(wanted, worker, 1)
    try {
      await expect(fleet.run([{ name: 'gone.yaml' }], () => {})).rejects.toMatchObject(expected)
    } finally {
      await fleet.close()
    }
  })
})

describe('what is changed while a run goes on', () => {
  const meddler = join(import.meta.dirname, 'support', 'meddler.cjs')

  interface Meddling {
    readonly call: string
    readonly naming: string
    readonly file: string
    /** Missing where the whole file is to be so. */
    readonly from?: string
    /** Missing where the file goes. */
    readonly to?: string
    /** Whether it is put there as another file of the same age. */
    readonly isAsOld?: true
    readonly another?: readonly string[]
  }

  /** Edits one definition and generates, while another hand meddles. */
  function meddled(own: string, meddling: Meddling): SpawnSyncReturns<string> {
    const path = join(own, 'definitions/zenith-crm.yaml')
    writeFileSync(path, edit(readFileSync(path, 'utf8'), ['summary: ', 'summary: Indeed, ']))
    const result = run(own, ['generate'], { NODE_OPTIONS: `--require ${meddler}`, MEDDLE: JSON.stringify(meddling) })
    if (meddling.to === undefined) expect(existsSync(join(own, meddling.file))).toBe(false)
    else expect(readFileSync(join(own, meddling.file), 'utf8')).toContain(meddling.to)
    return result
  }

  const ofAcme = { file: 'definitions/acme-crm.yaml', from: 'purpose: Keep', to: 'purpose: For a long time, keep' }

  test.each<[string, Meddling]>([
    ['a definition that was looked at already', { call: 'readFileSync', naming: '/objects/', ...ofAcme }],
    [
      'a file of the output that stays as it is',
      {
        call: 'writeFileSync',
        naming: '.aside-',
        ...{ file: 'generated/docs/connectors/acme-crm.md', from: 'Acme', to: 'Emca' },
      },
    ],
    [
      'a file of the output that was just replaced',
      {
        call: 'renameSync',
        naming: 'docs/connectors/zenith-crm.md',
        ...{ file: 'generated/docs/connectors/zenith-crm.md', from: 'HERA', to: 'HARE' },
      },
    ],
    [
      'a file of another run, as old as the one that was just put there,',
      {
        call: 'renameSync',
        naming: 'docs/connectors/zenith-crm.md',
        ...{ file: 'generated/docs/connectors/zenith-crm.md', from: 'HERA', to: 'HARE', isAsOld: true },
      },
    ],
  ])('%s is seen by the next run', (_, meddling) => {
    const own = remembered()
    expect(meddled(own, meddling).status).toBe(0)
    expect(run(own, ['check', '--no-cache']).status).toBe(1)
    expect(run(own, ['check']).status).toBe(1)
  })

  test('a file of which parts are taken over is not taken for what it was', () => {
    const own = remembered()
    const another = ['generate', '--no-cache']
    const result = meddled(own, { call: 'openSync', naming: 'json/registry.json', ...ofAcme, another })
    expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining('was changed during the run') })
    expect(run(own, ['check', '--no-cache']).status).toBe(0)
    expect(run(own, ['check']).status).toBe(0)
  })

  const firstRead = { call: 'readFileSync', naming: 'definitions/acme-crm.yaml' }
  const inAcme = { file: 'definitions/acme-crm.yaml', from: 'purpose: Keep' }

  test.each<[string, string, Meddling]>([
    ['breaks', 'acme-crm', { ...firstRead, ...inAcme, to: 'porpoise: Keep' }],
    ['is another', 'acme-crm', { ...firstRead, ...inAcme, to: 'purpose: Hold' }],
    ['is gone before it is looked at', 'zenith-crm', { ...firstRead, file: 'definitions/zenith-crm.yaml' }],
    ['is gone before it is read', 'acme-crm', { ...firstRead, file: 'definitions/acme-crm.yaml' }],
    ['has lost a sample', 'acme-crm', { ...firstRead, file: SAMPLE }],
    [
      'has a sample that fits no more',
      'acme-crm',
      { ...firstRead, file: SAMPLE, from: 'contact.created', to: 'nothing' },
    ],
    ['has another sample', 'acme-crm', { ...firstRead, file: SAMPLE, from: 'c_1', to: 'c_2' }],
  ])('a definition whose long texts are made again, and which %s by then, ends the run', (_, code, meddling) => {
    const own = rememberedWithSample()
    // It has to be made of texts of all connectors, and some of them stand nowhere else.
    rmSync(join(own, 'generated/json/registry.json'))
    const before = filesIn(join(own, 'generated'))
    const result = run(own, ['generate'], { NODE_OPTIONS: `--require ${meddler}`, MEDDLE: JSON.stringify(meddling) })
    expect(result.stderr).toMatch(
      new RegExp(`definitions/${code}\\.yaml (or a sample of it )?was changed during the run`),
    )
    expect(result.stderr).toContain('help: run again; nothing was written')
    expect(result.status).toBe(2)
    expect(filesIn(join(own, 'generated'))).toEqual(before)
  })

  const strayIn = (folder: string) => `generated/${folder}/mine.md`

  test.each<[string, string, Meddling]>([
    ['it writes to', 'docs/connectors', { call: 'writeFileSync', naming: '.aside-', file: strayIn('docs/connectors') }],
    [
      'it writes to, when that was just read,',
      'docs/connectors',
      { call: 'readdirSync', naming: 'docs/connectors', file: strayIn('docs/connectors') },
    ],
    [
      'it writes to, when all is noted,',
      'docs/connectors',
      { call: 'openSync', naming: '/states/', file: strayIn('docs/connectors') },
    ],
    [
      'it leaves alone',
      'docs/reference',
      { call: 'writeFileSync', naming: '.aside-', file: strayIn('docs/reference') },
    ],
  ])('a foreign file that comes into a folder that %s is reported by the next run', (_, folder, meddling) => {
    const own = remembered()
    const before = statSync(join(own, 'generated', folder)).ctimeMs
    const coming = { ...meddling, to: 'not generated' }
    expect(meddled(own, coming)).toMatchObject({ status: 0, stderr: '' })
    expect(statSync(join(own, 'generated', folder)).ctimeMs).toBeGreaterThan(before)
    for (const command of ['check', 'generate'])
      expect(run(own, [command]).stdout).toMatch(new RegExp(`(not generated|stray) +${strayIn(folder)}`))
    rmSync(join(own, strayIn(folder)))
    expect(run(own, ['check'])).toMatchObject({ status: 0 })
  })

  test('a definition that is gone before its turn ends the run', () => {
    const own = remembered()
    const before = filesIn(join(own, 'generated'))
    const zenithGoes = {
      call: 'readFileSync',
      naming: 'definitions/acme-crm.yaml',
      file: 'definitions/zenith-crm.yaml',
    }
    const result = run(own, ['generate', '--no-cache'], {
      NODE_OPTIONS: `--require ${meddler}`,
      MEDDLE: JSON.stringify(zenithGoes),
    })
    expect(result.stderr).toContain('definitions/zenith-crm.yaml was changed during the run')
    expect(result.status).toBe(2)
    expect(filesIn(join(own, 'generated'))).toEqual(before)
  })

  test('a file that is gone, of which parts are to be taken over, ends the run', () => {
    const own = remembered()
    const goes = { call: 'openSync', naming: 'json/registry.json', file: 'generated/json/registry.json' }
    const result = meddled(own, goes)
    expect(result).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('registry.json was changed during the run'),
    })
    expect(run(own, ['generate']).status).toBe(0)
    expect(run(own, ['check', '--no-cache']).status).toBe(0)
  })

  describe.each(['definitions/samples', 'definitions/samples/acme-crm'])('a link in place of %s', (path) => {
    const refused = { status: 1, stdout: expect.stringContaining('the sample is reached by a symbolic link') }

    function withLink(): { readonly own: string; readonly undo: () => void } {
      const own = rememberedWithSample()
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
      ['an earlier one', true],
      ['none', false],
    ])('that comes during a run that knows %s is seen by the next', (_, isKnown) => {
      const own = rememberedWithSample()
      if (!isKnown) rmSync(join(own, '.hera'), { recursive: true })
      writeFileSync(join(own, 'definitions/zenith-crm.yaml'), edit(zenith, ['purpose: Keep', 'purpose: Hold']))
      const meddling = { call: 'writeFileSync', naming: '.aside-', file: path, link: 'elsewhere' }
      run(own, ['generate'], { NODE_OPTIONS: `--require ${meddler}`, MEDDLE: JSON.stringify(meddling) })
      expect(existsSync(join(own, 'elsewhere'))).toBe(true)
      for (const command of ['check', 'generate']) expect(run(own, [command])).toMatchObject(refused)
    })
  })

  test('a link on the way to the definitions that leads elsewhere is seen', () => {
    const own = remembered()
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
    const own = remembered()
    renameSync(join(own, linked), join(own, 'elsewhere'))
    symlinkSync(join(own, 'elsewhere'), join(own, linked))
    expect(run(own, ['check']).status).toBe(0)
    writeFileSync(join(own, 'elsewhere/more.yaml'), 'code: more\n')
    expect(run(own, ['check']).status).toBe(1)
  })
})

describe('what is remembered', () => {
  test('is nothing where a link stands in its place that leads nowhere', () => {
    const own = remembered()
    rmSync(join(own, '.hera'), { recursive: true })
    symlinkSync('nowhere', join(own, '.hera'))
    for (const command of ['check', 'generate']) expect(run(own, [command])).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(join(own, 'nowhere'))).toBe(false)
  })

  test('is nothing with --no-cache', () => {
    const own = mkdtempSync(join(root, 'own-'))
    cpSync(join(made, 'definitions'), join(own, 'definitions'), { recursive: true })
    expect(run(own, ['generate', '--no-cache']).status).toBe(0)
    expect(existsSync(join(own, '.hera'))).toBe(false)
    expect(filesIn(join(own, 'generated'))).toEqual(filesIn(join(made, 'generated')))
  })

  test('is not trusted by a check in a pipeline, unless it is told to', () => {
    const own = remembered()
    const [state = ''] = statesIn(own)
    // A state that lies: it says that all is well, with the stamp that a tampered file has now.
    const path = join(own, ACME_SQL)
    tamper(path)
    const bytes = readFileSync(state)
    const stamps = ['size', 'mtimeMs', 'ctimeMs', 'ino'] as const
    const paths = bytes.toString('latin1').split('\n')
    const at = paths.indexOf(ACME_SQL) - 1
    const head = JSON.parse(paths[0] ?? '')
    const start = Buffer.byteLength(paths[0] ?? '', 'latin1') + 1 + head.named + at * 32
    for (const [index, name] of stamps.entries()) bytes.writeDoubleLE(statSync(path)[name], start + index * 8)
    writeFileSync(state, bytes)
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
  ])('is ignored and made anew where a file of it is %s', (_, damage) => {
    const own = remembered()
    const cache = join(own, '.hera/cache')
    const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.length).toBeGreaterThan(2)
    for (const entry of files) damage(join(entry.parentPath, entry.name))
    writeFileSync(join(own, 'definitions/acme-crm.yaml'), edit(acme, ['purpose: Keep', 'purpose: Hold']))
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(own, ['check', '--no-cache'])).toMatchObject({ status: 0 })
    expect(run(own, ['check'])).toMatchObject({ status: 0 })
  })

  test('is made anew where its totals are damaged, which nothing else would tell', () => {
    const own = remembered()
    const [state = ''] = statesIn(own)
    const bytes = readFileSync(state, 'latin1')
    expect(bytes).toContain('"connectors":2')
    writeFileSync(state, bytes.replace('"connectors":2', '"connectors":9'), 'latin1')
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stdout: expect.stringContaining('2 connectors') })
  })

  test('costs nothing but time where its folder cannot be made', () => {
    const own = mkdtempSync(join(root, 'own-'))
    cpSync(join(made, 'definitions'), join(own, 'definitions'), { recursive: true })
    writeFileSync(join(own, '.hera'), 'a file where a folder has to go')
    expect(run(own, ['generate'])).toMatchObject({ status: 0, stderr: '' })
    expect(filesIn(join(own, 'generated'))).toEqual(filesIn(join(made, 'generated')))
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

  test('is bounded: what was not used for longest goes first', () => {
    const folder = mkdtempSync(join(root, 'objects-'))
    // One run each: who edits one definition a day writes one object a day.
    const objects = () => new Objects(folder, 64 * 2500)
    for (const [index, key] of ['aaaa', 'abbb'].entries()) {
      objects().write(key, { text: 'x'.repeat(1000) })
      utimesSync(join(folder, key.slice(0, 1), key.slice(1)), index, index)
    }
    objects().touch('aaaa')
    objects().write('accc', { text: 'x'.repeat(1000) })
    expect(['aaaa', 'abbb', 'accc'].map((key) => objects().read(key) !== undefined)).toEqual([true, false, true])
  })

  test.each([1, 5000])('is bounded over runs that write %i objects each', (amount) => {
    const folder = mkdtempSync(join(root, 'objects-'))
    const largest = 64 * 3000
    for (let written = 0; written < 5000; ) {
      const objects = new Objects(folder, largest)
      for (const end = written + amount; written < end; written += 1)
        objects.write(digest(String(written)), { text: 'x'.repeat(100) })
    }
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
    expect(bytes).toBeGreaterThan(largest / 2)
    // Of them all 670 KB.
    expect(bytes).toBeLessThan(largest * 2)
  })
})

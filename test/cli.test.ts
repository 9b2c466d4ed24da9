import type { SpawnSyncReturns } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acme, edit, zenith } from './support/acme.ts'
import { cli, runCommand } from './support/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'hera-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Options {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

function run(args: readonly string[], { cwd = folder, env = {} }: Options = {}): SpawnSyncReturns<string> {
  return runCommand(args, { cwd, env })
}

/** A folder with definitions in it. */
function workspace(files: Readonly<Record<string, string>>): string {
  const own = mkdtempSync(join(folder, 'work-'))
  mkdirSync(join(own, 'definitions'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(own, 'definitions', name), text)
  return own
}

const good = { 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenith }
let made = ''
beforeAll(() => {
  made = workspace(good)
  expect(run(['generate'], { cwd: made })).toMatchObject({ status: 0, stderr: '' })
})

/** A copy of a workspace in which everything is generated. */
function generated(): string {
  const own = mkdtempSync(join(folder, 'made-'))
  cpSync(made, own, { recursive: true })
  return own
}

function filesIn(path: string): Readonly<Record<string, string>> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.\w+$/.test(name) && !name.startsWith('.hera'))
    .sort()
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name), 'utf8')]))
}

test('what runs from the sources makes the same files', () => {
  const own = workspace(good)
  const main = join(import.meta.dirname, '..', 'generator', 'main.ts')
  const tsx = import.meta.resolve('tsx')
  expect(
    spawnSync(process.execPath, ['--import', tsx, main, 'generate'], { cwd: own, encoding: 'utf8' }),
  ).toMatchObject({
    status: 0,
    stderr: '',
  })
  expect(filesIn(join(own, 'generated'))).toEqual(filesIn(join(made, 'generated')))
})

describe('generate', () => {
  test('writes every target, and says what it did in one line', () => {
    expect(Object.keys(filesIn(join(made, 'generated'))).map((name) => name.split(/[\\/]/)[0])).toEqual(
      expect.arrayContaining(['docs', 'json', 'sql', 'typescript']),
    )
    const again = run(['generate'], { cwd: made })
    expect(again.stdout).toMatch(
      /^2 connectors, 6 events: 0 created, 0 updated, 0 deleted, \d+ unchanged \(\d+\.\d\d s\)\n$/,
    )
  })

  test('names the first twenty files of a kind and counts the rest; JSON names them all', () => {
    const own = workspace(good)
    const lines = run(['generate'], { cwd: own }).stdout.split('\n')
    const created = lines.filter((line) => line.startsWith('created '))
    const more = /^ +and (\d+) more; --format json names them all$/.exec(lines[20] ?? '')
    rmSync(join(own, 'generated'), { recursive: true })
    const all = JSON.parse(run(['generate', '--format', 'json'], { cwd: own }).stdout).created
    expect(created).toHaveLength(20)
    expect(Number(more?.[1])).toBe(all.length - 20)
  })

  test('is the command that runs when none is named', () => {
    expect(run([], { cwd: made }).stdout).toContain('2 connectors')
  })

  test('gives the same bytes in another locale and time zone, from another folder, with definitions written in another order', () => {
    const other = workspace({})
    for (const [name, text] of Object.entries(good).reverse()) writeFileSync(join(other, 'definitions', name), text)
    const result = run(['generate', '--definitions', join(other, 'definitions'), '--out', join(other, 'output')], {
      env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' },
    })
    expect(result.status).toBe(0)
    expect(filesIn(join(other, 'output'))).toEqual(filesIn(join(made, 'generated')))
  })

  test('writes nothing while one definition has a finding, and reports the findings of all', () => {
    const wrong = edit(acme, ['stage: lead\n', 'stage: leed\n'])
    const line = wrong.slice(0, wrong.indexOf('stage: leed')).split('\n').length
    const own = workspace({ ...good, 'broken.yaml': 'a: [', 'acme-crm.yaml': wrong })
    const result = run(['generate'], { cwd: own })
    expect(result.status).toBe(1)
    expect(result.stdout).toContain(`definitions/acme-crm.yaml:${line}:18 error`)
    expect(result.stdout).toContain('definitions/broken.yaml:1:')
    expect(existsSync(join(own, 'generated'))).toBe(false)
  })

  test('leaves out other targets when some are named', () => {
    const own = workspace(good)
    expect(run(['generate', '--target', 'sql', 'json'], { cwd: own }).status).toBe(0)
    expect(readdirSync(join(own, 'generated')).sort()).toEqual(['json', 'sql'])
  })

  test('removes what a deleted definition leaves behind, and not what somebody put there', () => {
    const own = generated()
    rmSync(join(own, 'definitions', 'zenith-crm.yaml'))
    writeFileSync(join(own, 'generated', 'sql', 'mine.sql'), 'select 1;')
    const result = run(['generate'], { cwd: own })
    expect(result.stdout).toContain('deleted generated/sql/connectors/zenith-crm.sql')
    expect(result.stdout).toContain('generated/sql/mine.sql: not generated; left alone')
    expect(Object.keys(filesIn(join(own, 'generated'))).filter((name) => name.includes('zenith'))).toEqual([])
    expect(existsSync(join(own, 'generated', 'sql', 'mine.sql'))).toBe(true)
  })

  test('refuses to overwrite what it did not write', () => {
    const own = workspace(good)
    mkdirSync(join(own, 'generated', 'sql'), { recursive: true })
    writeFileSync(join(own, 'generated', 'sql', 'verify.sql'), 'mine')
    const result = run(['generate'], { cwd: own })
    expect(result).toMatchObject({ status: 2, stdout: '' })
    expect(result.stderr).toContain('generated/sql/verify.sql')
    expect(readdirSync(join(own, 'generated'), { recursive: true })).toEqual(['sql', join('sql', 'verify.sql')])
  })
})

describe('check', () => {
  test('is content with fresh output', () => {
    const result = run(['check'], { cwd: made })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout).toMatch(/^up to date: \d+ files \(/)
  })

  test('names what is missing, stale, left over and not generated, and mends nothing', () => {
    const own = generated()
    rmSync(join(own, 'generated', 'json', 'registry.json'))
    appendFileSync(join(own, 'generated', 'sql', 'verify.sql'), ' ')
    cpSync(join(own, 'generated', 'sql', 'verify.sql'), join(own, 'generated', 'sql', 'old.sql'))
    writeFileSync(join(own, 'generated', 'docs', 'notes.md'), 'mine')
    const before = filesIn(own)
    const result = run(['check', '--format', 'json'], { cwd: own })
    expect(result.status).toBe(1)
    expect(JSON.parse(result.stdout)).toMatchObject({
      ok: false,
      differences: [
        { path: 'docs/notes.md', problem: 'not generated' },
        { path: 'json/registry.json', problem: 'missing' },
        { path: 'sql/old.sql', problem: 'left over' },
        { path: 'sql/verify.sql', problem: 'stale' },
      ],
    })
    expect(filesIn(own)).toEqual(before)
  })

  test('sees an edited definition', () => {
    const own = generated()
    writeFileSync(
      join(own, 'definitions', 'acme-crm.yaml'),
      edit(acme, ['Keep contacts in step', 'Keep all contacts in step']),
    )
    const result = run(['check'], { cwd: own })
    expect(result.status).toBe(1)
    expect(result.stdout).toContain('stale generated/sql/connectors/acme-crm.sql')
    expect(result.stdout).not.toContain('connectors/zenith-crm')
  })
})

describe('validate and list', () => {
  test('validate says how many are valid', () => {
    expect(run(['validate'], { cwd: made }).stdout).toMatch(/^valid: 2 definitions/)
  })

  test('validate as JSON gives place, sentence and remedy of each finding', () => {
    const own = workspace({ 'acme-crm.yaml': edit(acme, ['status: active', 'status: activ']) })
    const result = run(['validate', '--format', 'json'], { cwd: own })
    expect(result.status).toBe(1)
    expect(JSON.parse(result.stdout)).toEqual({
      ok: false,
      files: 1,
      findings: [
        {
          code: 'schema/enum',
          file: 'definitions/acme-crm.yaml',
          line: 5,
          column: 9,
          endLine: 5,
          endColumn: 14,
          message: expect.stringContaining('did you mean "active"?'),
          help: expect.stringMatching(/./),
        },
      ],
    })
  })

  test('list shows a line a connector', () => {
    const { stdout } = run(['list'], { cwd: made })
    expect(stdout).toMatch(/^acme-crm {4}Acme CRM {2}1\.2\.3 {4}crm {7}oauth2 {2}3 {7}active {2}typed {2}-$/m)
  })
})

describe('wrong usage and environment errors end with code 2, one sentence and a remedy', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['an unknown command', ['generte'], /unknown command 'generte'\n\(Did you mean generate\?\)/],
    ['an unknown option', ['validate', '--all'], /unknown option '--all'/],
    ['an unknown format', ['validate', '--format', 'xml'], /text, json/],
    ['an output folder without a name', ['generate', '--out', ''], /'--out <folder>' argument '' is invalid/],
    ['a folder of definitions without a name', ['check', '--definitions', ''], /'--definitions <folder>' argument ''/],
    ['an unknown target', ['generate', '--target', 'sqll'], /there is no target "sqll"; did you mean "sql"\?/],
    [
      'a folder that is not there',
      ['validate', '--definitions', 'nowhere'],
      /the definitions folder "nowhere" does not exist/,
    ],
    ['a file instead of a folder', ['validate', '--definitions', 'definitions/acme-crm.yaml'], /is not a folder/],
    [
      'an unknown connector',
      ['seed', '--only', 'acme-crn'],
      /there is no connector "acme-crn"; did you mean "acme-crm"\?/,
    ],
    [
      'a database URL that is none',
      ['seed', '--database-url', 'mysql://root:hunter2@localhost/x'],
      /not of the form postgres:/,
    ],
    [
      'a server that is not there',
      ['seed', '--database-url', 'postgres://root:hunter2@127.0.0.1:1/x'],
      /127\.0\.0\.1:1\/x: /,
    ],
  ])('%s', (_, args, message) => {
    const { status, stdout, stderr } = run(args, { cwd: made })
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/hunter2|^\s+at /m)
  })

  test.each([
    ['nowhere', 'cannot create the folder generated/sql'],
    ['in a circle', 'symbolic links form a loop: generated/sql'],
  ])('a link that leads %s, where a folder has to be', (where, message) => {
    const own = workspace(good)
    mkdirSync(join(own, 'generated'))
    symlinkSync(where === 'nowhere' ? 'nowhere' : 'sql', join(own, 'generated/sql'))
    const { status, stderr } = run(['generate'], { cwd: own })
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) })
    expect(stderr).not.toContain('bug')
  })

  test('a folder that is gone before the command begins', () => {
    const own = workspace({})
    const script = 'rm -r "$PWD"; exec "$0" "$@"'
    const { status, stderr } = spawnSync('sh', ['-c', script, process.execPath, cli, 'check'], {
      cwd: own,
      encoding: 'utf8',
    })
    expect(status).toBe(2)
    expect(stderr).toContain('the current folder no longer exists')
  })

  test('an empty folder of definitions', () => {
    const result = run(['validate'], { cwd: workspace({}) })
    expect(result.status).toBe(2)
    expect(result.stderr).toContain('there is no definition in "definitions"')
  })
})

describe('help', () => {
  const groups = {
    Author: ['new', 'validate', 'explain', 'diff', 'mcp'],
    Pipeline: ['generate', 'check', 'list', 'freshness'],
    Database: ['seed', 'verify'],
    'Local runtime': ['dev', 'simulate'],
    Help: ['help'],
  }

  test('groups the commands, and explains the exit codes', () => {
    const { stdout } = run(['--help'])
    const sections = stdout.split('\n\n').map((section) => section.split('\n'))
    const found = sections.flatMap(([title = '', ...lines]) => {
      const names = lines.flatMap((line) => /^ {2}([a-z]+) /.exec(line)?.[1] ?? [])
      return title.endsWith(':') && names.length > 0 ? [[title.slice(0, -1), names]] : []
    })
    expect(Object.fromEntries(found)).toEqual(groups)
    expect(stdout).toContain('Exit codes: 0 success, 1 findings')
  })

  const names = Object.values(groups)
    .flat()
    .filter((name) => name !== 'help')

  test.each(names)('of %s shows an example', (name) => {
    const { status, stdout } = run([name, '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain(`Usage: hera-connectors ${name} `)
    expect(stdout).toMatch(new RegExp(`^Examples:\\n  \\$ npx --no hera-connectors ${name}`, 'm'))
  })

  test.each(names)('of %s is the same with the option and with the command', (name) => {
    expect(run(['help', name]).stdout).toBe(run([name, '--help']).stdout)
  })
})

describe('streams', () => {
  test('help and version go to stdout and are not errors', () => {
    expect(run(['--help'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(['help', 'seed'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(['--version'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  test('no colour on a pipe', () => {
    const own = workspace({ 'acme-crm.yaml': 'a: [' })
    expect(run(['validate'], { cwd: own, env: { TERM: 'xterm-256color' } }).stdout).not.toContain('\u001b')
  })

  test('a reader that closes early ends the command quietly', async () => {
    const own = workspace({
      'acme-crm.yaml': Array.from({ length: 3000 }, (_, index) => `unknown_${index}: 1`).join('\n'),
    })
    const child = spawn(process.execPath, [cli, 'validate'], { cwd: own, stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const status = await new Promise((resolve) => child.on('close', resolve))
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  })
})

describe('seed and verify on the embedded database', () => {
  test('seed shows the catalogue, a second one changes nothing, verify agrees and notices an edit', () => {
    const own = workspace(good)
    const first = run(['seed', '--format', 'json'], { cwd: own })
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(first.stdout)).toMatchObject({
      ok: true,
      connectors: [
        { code: 'acme-crm', name: 'Acme CRM', category: 'crm', auth: 'oauth2', events: 3, status: 'active' },
        { code: 'zenith-crm', status: 'active' },
      ],
    })
    expect(run(['verify'], { cwd: own })).toMatchObject({ status: 0 })
    const second = run(['seed'], { cwd: own })
    expect(second.stdout).toMatch(/^acme-crm {4}Acme CRM {2}crm/m)
    expect(second.stdout).toContain('0 inserted, 0 updated')
    writeFileSync(join(own, 'definitions', 'acme-crm.yaml'), edit(acme, ['name: Acme CRM', 'name: Acme CRM 2']))
    const verified = run(['verify'], { cwd: own })
    expect(verified.status).toBe(1)
    expect(verified.stdout).toMatch(/acme-crm.*name/)
    expect(run(['seed', '--only', 'acme-crm'], { cwd: own }).stdout).toContain('Acme CRM 2')
    expect(run(['verify'], { cwd: own }).status).toBe(0)
  })

  test('two at once do not harm the folder: one waits its turn outside', async () => {
    const own = workspace(good)
    expect(run(['seed'], { cwd: own }).status).toBe(0)
    const results = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<{ readonly status: number | null; readonly stderr: string }>((resolve) => {
            const child = spawn(process.execPath, [cli, 'seed'], { cwd: own, stdio: ['ignore', 'ignore', 'pipe'] })
            let stderr = ''
            child.stderr.on('data', (chunk: Buffer) => {
              stderr += chunk.toString()
            })
            child.on('close', (status) => resolve({ status, stderr }))
          }),
      ),
    )
    for (const { status, stderr } of results) expect(status === 0 || stderr.includes('is in use by process')).toBe(true)
    expect(run(['verify'], { cwd: own }).status).toBe(0)
  })
})

test('a definition is started from what a vendor publishes, and lists what it could not carry over', () => {
  const own = workspace({})
  const schema = { type: 'object', properties: { id: { type: 'string' } }, not: { required: ['x'] } }
  writeFileSync(join(own, 'order-paid.schema.json'), JSON.stringify({ $schema: 'x', ...schema }))
  const made = run(['new', 'my-shop', '--from', 'order-paid.schema.json', '--format', 'json'], { cwd: own })
  expect(made).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(made.stdout)).toMatchObject({
    ok: true,
    file: join('definitions', 'my-shop.yaml'),
    events: { taken: ['order_paid'], left: [] },
    notImported: [{ what: 'the keyword not', places: [{ file: 'order-paid.schema.json', pointer: '/not' }] }],
  })
  expect(run(['validate'], { cwd: own }).status).toBe(0)
  const wrong = run(['new', 'two', '--from', 'order-paid.schema.json', '--events', 'order_payed'], { cwd: own })
  expect(wrong.status).toBe(2)
  expect(wrong.stderr).toContain('did you mean "order_paid"?')
  writeFileSync(join(own, 'sent.json'), JSON.stringify({ type: 'order.sent', id: 1 }))
  expect(run(['new', 'my-post', '--from', 'sent.json'], { cwd: own }).stdout).toContain('1 event, 0 endpoints')
})

test("the bundle finds people's data as the sources do", () => {
  const told = '# ada.lovelace@gmail.com +49 30 901820 4532015112830366 DE89370400440532013000\n'
  const own = workspace({ 'acme-crm.yaml': `${acme}${told}` })
  const { status, stdout } = run(['validate'], { cwd: own })
  expect(status).toBe(1)
  for (const what of ['an e-mail address', 'a telephone number', 'a payment card number', 'a bank account number'])
    expect(stdout).toContain(`this looks like ${what}`)
})

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'

const cli = join(import.meta.dirname, '..', 'dist', 'cli.js')
const folder = mkdtempSync(join(tmpdir(), 'hera-terminal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** util-linux has a `script` that gives a command a terminal; BSD's takes other arguments. */
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true
const missing = hasTerminal ? undefined : 'no `script` of util-linux'

interface Step {
  /** What must stand on the terminal before the answer is typed. */
  readonly question: string
  readonly answer: string
}

const ENTER = '\r'
const DOWN = '\u001b[B'

/** Runs the command on a terminal, answers what it asks, and gives all that stood there with the exit code. */
async function converse(args: readonly string[], steps: readonly Step[]) {
  const command = ['node', cli, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols 120 rows 40; ${command}`, '/dev/null'],
    {
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
    },
  )
  let shown = ''
  let from = 0
  const left = [...steps]
  child.stdout.on('data', (bytes: Buffer) => {
    shown += stripVTControlCharacters(bytes.toString('utf8'))
    const [next] = left
    const at = next === undefined ? -1 : shown.indexOf(next.question, from)
    if (next === undefined || at === -1) return
    left.shift()
    from = at + next.question.length
    child.stdin.write(next.answer)
  })
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { exitCode, shown, unanswered: left.map(({ question }) => question) }
}

const title = missing === undefined ? 'new on a terminal' : `new on a terminal, skipped: ${missing}`

describe.skipIf(missing !== undefined)(title, () => {
  test('asks for what it needs, with usual answers ready, and writes a definition that validates', async () => {
    const definitions = join(folder, 'asked')
    const talk = await converse(
      ['new', '--definitions', definitions],
      [
        { question: 'Code, such as', answer: `acme-shop${ENTER}` },
        { question: 'Name that people see', answer: ` Online${ENTER}` },
        { question: 'Vendor', answer: ENTER },
        { question: 'Namespace', answer: ENTER },
        { question: "Address of the vendor's documentation", answer: `https://docs.acme.example${ENTER}` },
        { question: 'Category', answer: DOWN + ENTER },
        { question: 'How installers authenticate', answer: DOWN + ENTER },
        { question: 'Events', answer: ` order_paid${ENTER}` },
      ],
    )
    expect(talk.unanswered).toEqual([])
    expect(talk.exitCode).toBe(0)
    expect(talk.shown).toContain('npx hera-connectors validate')
    const text = readFileSync(join(definitions, 'acme-shop.yaml'), 'utf8')
    for (const line of [
      'name: Acme Shop Online',
      'vendor: Acme',
      'namespace: ACMESHOP',
      'category: ai',
      '  type: oauth2',
    ])
      expect(text).toContain(`${line}\n`)
    expect(text).toContain('  item_created:\n')
    expect(text).toContain('  order_paid:\n')
    const checked = spawnSync('node', [cli, 'validate', '--definitions', definitions], { encoding: 'utf8' })
    expect([checked.status, checked.stdout]).toEqual([0, expect.stringContaining('valid: 1 definition')])
  })

  test('says what an answer lacks, and asks again', async () => {
    const talk = await converse(
      ['new', '--definitions', join(folder, 'again')],
      [
        { question: 'Code, such as', answer: `Acme${ENTER}` },
        { question: 'small letters and digits', answer: '\u0003' },
      ],
    )
    expect(talk.unanswered).toEqual([])
    expect(talk.exitCode).toBe(1)
    expect(talk.shown).toContain('cancelled; nothing was written')
    expect(existsSync(join(folder, 'again'))).toBe(false)
  })
})

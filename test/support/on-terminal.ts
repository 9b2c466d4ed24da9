import { spawn, spawnSync } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { cli } from './command.ts'

/** util-linux has a `script` that gives a command a terminal; BSD's takes other arguments. */
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true

/** Why there is no terminal for tests on this machine. */
export const missingTerminal = hasTerminal ? undefined : 'no `script` of util-linux'

export interface Step {
  /** What must stand on the terminal before the answer is typed. */
  readonly question: string
  readonly answer: string
}

interface Surroundings {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

interface Conversation {
  readonly exitCode: number | null
  /** All that stood there, one after the other. */
  readonly shown: string
  /** The same with what moves the cursor and takes lines away. */
  readonly written: string
  readonly unanswered: readonly string[]
}

/** Runs the command on a terminal, answers what it asks, and gives all that stood there with the exit code. */
export async function converse(
  args: readonly string[],
  steps: readonly Step[],
  { cwd, env = {} }: Surroundings = {},
): Promise<Conversation> {
  const command = ['node', cli, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols 120 rows 40; ${command}`, '/dev/null'],
    { cwd, env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', ...env } },
  )
  let shown = ''
  let written = ''
  let from = 0
  const left = [...steps]
  child.stdout.on('data', (bytes: Buffer) => {
    written += bytes.toString('utf8')
    shown += stripVTControlCharacters(bytes.toString('utf8'))
    const [next] = left
    const at = next === undefined ? -1 : shown.indexOf(next.question, from)
    if (next === undefined || at === -1) return
    left.shift()
    from = at + next.question.length
    child.stdin.write(next.answer)
  })
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { exitCode, shown, written, unanswered: left.map(({ question }) => question) }
}

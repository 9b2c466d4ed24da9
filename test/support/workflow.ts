import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import { parse } from 'yaml'

/** What a workflow sees of the world, by the names that its expressions use. */
export interface Contexts {
  readonly github: object
  readonly inputs: object
}

export interface RunOptions {
  readonly workflow: string
  readonly job: string
  readonly contexts: Contexts
  /** Where `actions/checkout` gets the repository from, and which commit is checked out. */
  readonly origin: string
  readonly commit: string
  /** Done to the checkout before any step runs: what a machine of GitHub's would fetch from a registry. */
  readonly prepare?: (workspace: string) => void
  readonly env?: Readonly<Record<string, string>>
}

export interface StepRun {
  readonly name: string
  readonly outcome: 'success' | 'failure' | 'skipped'
  readonly output: string
}

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, unknown>>
}

export interface JobRun {
  readonly steps: readonly StepRun[]
  readonly summary: string
  /** The content of each file that a step uploads, by the name of the artifact. */
  readonly artifacts: Readonly<Record<string, string>>
}

/** Runs the steps of one job as a runner does: expressions, conditions, bash, and the files that steps write to. */
export function runJob(options: RunOptions): JobRun {
  const { jobs } = parse(readFileSync(options.workflow, 'utf8'))
  const { steps, env: written = {} } = jobs[options.job] as { steps: readonly Step[]; env?: Record<string, string> }
  const env = Object.fromEntries(
    Object.entries(written).map(([name, text]) => [name, filledIn(text, { ...options.contexts })]),
  )
  const machine = mkdtempSync(join(tmpdir(), 'hera-runner-'))
  const workspace = join(machine, 'workspace')
  const summary = join(machine, 'summary.md')
  writeFileSync(summary, '')
  const artifacts: Record<string, string> = {}
  try {
    let failed = false
    const runs = steps.map((step): StepRun => {
      const name = step.name ?? step.uses ?? step.run ?? ''
      const holds = step.if === undefined || evaluated(step.if, { ...options.contexts, env }).coerceString() === 'true'
      if (failed || !holds) return { name, outcome: 'skipped', output: '' }
      const { status, output } = runStep(step, {
        ...options,
        workspace,
        summary,
        artifacts,
        env: { ...env, ...options.env },
      })
      failed = status !== 0
      return { name, outcome: failed ? 'failure' : 'success', output }
    })
    return { steps: runs, summary: readFileSync(summary, 'utf8'), artifacts }
  } finally {
    rmSync(machine, { recursive: true, force: true })
  }
}

interface Machine extends RunOptions {
  readonly workspace: string
  readonly summary: string
  readonly artifacts: Record<string, string>
  readonly env: Readonly<Record<string, string>>
}

function runStep(step: Step, machine: Machine): { readonly status: number; readonly output: string } {
  const { workspace, summary, env } = machine
  if (step.run === undefined) return runAction(step, machine)
  mkdirSync(workspace, { recursive: true })
  const script = join(workspace, '..', 'step.sh')
  writeFileSync(script, step.run)
  // How GitHub calls bash where a step names no shell.
  const { status, stdout, stderr } = spawnSync('bash', ['-e', script], {
    cwd: workspace,
    encoding: 'utf8',
    env: { ...process.env, ...env, CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, NO_COLOR: '1' },
  })
  return { status: status ?? 1, output: stdout + stderr }
}

function runAction({ uses = '', with: given = {} }: Step, { origin, commit, workspace, prepare, artifacts }: Machine) {
  const [action] = uses.split('@')
  if (action === 'actions/setup-node') return { status: 0, output: '' }
  if (action === 'actions/upload-artifact') {
    artifacts[String(given.name)] = readFileSync(join(workspace, String(given.path)), 'utf8')
    return { status: 0, output: '' }
  }
  if (action !== 'actions/checkout') throw new Error(`no runner here knows the action ${uses}`)
  // Without a depth of 0 only the commit itself is there.
  const depth = given['fetch-depth'] === 0 ? [] : ['--depth', '1']
  execFileSync('git', ['clone', '--quiet', '--no-local', ...depth, `file://${origin}`, workspace])
  execFileSync('git', ['-C', workspace, 'checkout', '--quiet', '--detach', commit])
  prepare?.(workspace)
  return { status: 0, output: '' }
}

function filledIn(text: string, contexts: object): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => evaluated(expression, contexts).coerceString())
}

function evaluated(expression: string, contexts: object): data.ExpressionData {
  const { tokens } = new Lexer(expression.trim()).lex()
  const parsed = new Parser(tokens, Object.keys(contexts), []).parse()
  return new Evaluator(parsed, JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary).evaluate()
}

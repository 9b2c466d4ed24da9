// How long it takes from `new` to a commit that every check accepts: in commands, and in seconds of waiting for them.
import { arrive, FILLED_IN, NEW, type Typed } from '../support/first-contributor.ts'

const ROUNDS = 3
const contributor = arrive()
const AFTER_EDITING = [
  'npx hera-connectors validate',
  'npx hera-connectors generate',
  'npx hera-connectors check',
  'npx hera-connectors diff origin/main --fail-on breaking bump',
  'git add --all && git commit --quiet --message "Add Acme Shop"',
]

const measured = new Map<string, Typed[]>()
function type(command: string): void {
  const typed = contributor.type(command)
  if (typed.status !== 0) throw new Error(`${command}\n${typed.output}`)
  measured.set(command, [...(measured.get(command) ?? []), typed])
}

function median(command: string, figure: 'seconds' | 'work'): number {
  const values = (measured.get(command) ?? []).map((typed) => typed[figure]).toSorted((left, right) => left - right)
  return values[Math.floor(values.length / 2)] ?? 0
}

try {
  type('npm run build')
  for (let round = 0; round < ROUNDS; round += 1) {
    type(NEW)
    contributor.edit('definitions/acme-shop.yaml', ...FILLED_IN)
    for (const command of AFTER_EDITING) type(command)
    contributor.type('git reset --quiet --hard origin/main')
  }
  const commands = [NEW, ...AFTER_EDITING]
  const total = (figure: 'seconds' | 'work') =>
    commands.reduce((sum, command) => sum + median(command, figure), 0).toFixed(1)
  const rows = commands.map((command) => {
    const short = command === NEW ? 'npx hera-connectors new acme-shop …' : command
    return `| \`${short}\` | ${median(command, 'seconds').toFixed(1)} s | ${median(command, 'work').toFixed(1)} s |`
  })
  const last = `| ${commands.length} commands | ${total('seconds')} s | ${total('work')} s |`
  process.stdout.write(`${['| command | time | work |', '| --- | --- | --- |', ...rows, last].join('\n')}\n`)
} finally {
  contributor.leave()
}

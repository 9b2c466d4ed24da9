// How long it takes from `new` to a commit that every check accepts: in commands, and in seconds of waiting for them.
import { arrive, FILLED_IN, NEW } from '../support/newcomer.ts'

const ROUNDS = 5
const newcomer = arrive()
const AFTER_EDITING = [
  'npx hera-connectors validate',
  'npx hera-connectors generate',
  'npx hera-connectors check',
  'npx hera-connectors diff origin/main --fail-on breaking bump',
  'git add --all && git commit --quiet --message "Add Acme Shop"',
]

const seconds = new Map<string, number[]>()
function type(command: string): void {
  const { status, output, seconds: taken } = newcomer.type(command)
  if (status !== 0) throw new Error(`${command}\n${output}`)
  seconds.set(command, [...(seconds.get(command) ?? []), taken])
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}

try {
  type('npm run build')
  for (let round = 0; round < ROUNDS; round += 1) {
    type(NEW)
    newcomer.edit('definitions/acme-shop.yaml', ...FILLED_IN)
    for (const command of AFTER_EDITING) type(command)
    newcomer.type('git reset --quiet --hard origin/main')
  }
  const commands = [NEW, ...AFTER_EDITING]
  const total = commands.reduce((sum, command) => sum + median(seconds.get(command) ?? []), 0)
  const rows = commands.map((command) => {
    const short = command === NEW ? 'npx hera-connectors new acme-shop …' : command
    return `| \`${short}\` | ${median(seconds.get(command) ?? []).toFixed(1)} s |`
  })
  process.stdout.write(
    [
      '| command | time |',
      '| --- | --- |',
      ...rows,
      `| ${commands.length} commands | ${total.toFixed(1)} s |`,
      '',
    ].join('\n'),
  )
} finally {
  newcomer.leave()
}

// `npm run test:more-connectors` runs `npm test` with two more connectors, one without events and one with: no test,
// template or page may assume how many there are. It takes no longer than `npm test`, and restores the checkout.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const added = ['tide-tables', 'shipment-desk'].map((code) => ({
  from: join(root, 'test', 'fixtures', `${code}.yaml`),
  to: join(root, 'definitions', `${code}.yaml`),
}))

function run(command: string, args: readonly string[]): number {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  return status ?? 2
}

function generate(): number {
  return run(process.execPath, [join(root, 'dist', 'cli.js'), 'generate'])
}

const taken = added.find(({ to }) => existsSync(to))
if (taken !== undefined) throw new Error(`${taken.to} exists: delete it, and run npm start`)
// Ctrl+C ends the tests, and then the checkout is restored.
process.on('SIGINT', () => undefined)
try {
  for (const { from, to } of added) writeFileSync(to, readFileSync(from))
  process.exitCode = generate() || run('npm', ['test'])
} finally {
  for (const { to } of added) rmSync(to, { force: true })
  process.exitCode = generate() || Number(process.exitCode ?? 2)
}

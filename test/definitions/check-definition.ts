// `npm run test:definition -- <code>` checks one definition and its generated files, with the packages of `npm ci`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { listDefinitions } from '../../generator/load/list-definitions.ts'

const root = join(import.meta.dirname, '..', '..')
const codes = listDefinitions(join(root, 'definitions')).map((name) => name.slice(0, -'.yaml'.length))
const [code = ''] = process.argv.slice(2)

if (codes.includes(code)) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const file = 'test/definitions/generated-files.test.ts'
  const { status } = spawnSync(process.execPath, [vitest, 'run', file, '--reporter=default'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, DEFINITION: code },
  })
  process.exitCode = status ?? 2
} else {
  const problem = code === '' ? 'name a definition' : `no definitions/${code}.yaml`
  process.stderr.write(`${problem}: npm run test:definition -- <code>, one of ${codes.join(', ')}\n`)
  process.exitCode = 2
}

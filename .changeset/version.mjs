// `npm run release:version`: raises the version and moves the changesets to CHANGELOG.md. In a repository with workspaces,
// changesets handles these alone and not the root package, so package.json has none while it runs.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)

const original = readFileSync('package.json', 'utf8')
const alone = JSON.parse(original)
const before = alone.version
delete alone.workspaces
try {
  write('package.json', alone)
  execFileSync('npx', ['--no', 'changeset', 'version'], { stdio: 'inherit' })
} finally {
  const { version } = read('package.json')
  writeFileSync('package.json', original.replace(`"version": "${before}"`, `"version": "${version}"`))
  const lock = read('package-lock.json')
  lock.version = version
  lock.packages[''].version = version
  write('package-lock.json', lock)
}

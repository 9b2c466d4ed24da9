// `npm run install:consumers`: installs the packages of the consumer projects, from their own lock files.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { consumers, consumersFolder } from './consumers.ts'

for (const name of consumers) {
  // Their programs are in packages for each platform, so that no install script is needed.
  execFileSync('npm', ['ci', '--ignore-scripts', '--workspaces=false'], {
    cwd: join(consumersFolder, name),
    stdio: 'inherit',
  })
}

// `npm run install:consumers`: installs the packages of the consumer projects, from their own lock files.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { consumers, consumersFolder } from './consumers.ts'

for (const name of consumers) {
  // npm creates no folder for a project without dependencies, and it would count as missing.
  mkdirSync(join(consumersFolder, name, 'node_modules'), { recursive: true })
  // Their programs are in packages for each platform, so that no install script is needed.
  execFileSync('npm', ['ci', '--ignore-scripts', '--workspaces=false', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: join(consumersFolder, name),
    stdio: 'inherit',
  })
}

import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A command as somebody typed it, and what came of it. */
export interface Typed {
  readonly command: string
  readonly status: number
  readonly output: string
  readonly seconds: number
  /** Seconds that processors worked for it, which does not depend on who else uses them. */
  readonly work: number
}

/** Somebody who has never seen this repository, with a fresh clone of it as it stands now. */
export interface FirstContributor {
  readonly folder: string
  readonly type: (command: string) => Typed
  readonly read: (path: string) => string
  /** Replaces text that must be there. */
  readonly edit: (path: string, ...edits: readonly (readonly [from: string, to: string])[]) => void
  readonly leave: () => void
}

/** Clones what git would see of the working tree. What `npm ci` would fetch is linked, since it is here already. */
export function arrive(): FirstContributor {
  const parent = mkdtempSync(join(tmpdir(), 'hera-contributor-'))
  const [origin, folder] = [join(parent, 'origin'), join(parent, 'clone')]
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', origin, ...args], { stdio: 'pipe' })
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  for (const path of listed.split('\0').filter((name) => name !== '')) {
    mkdirSync(join(origin, dirname(path)), { recursive: true })
    cpSync(join(root, path), join(origin, path), { force: true })
  }
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '--all')
  git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'As it stands')
  execFileSync('git', ['clone', '--quiet', origin, folder], { stdio: 'pipe' })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  // Git takes a link for a file, and the repository ignores only a folder of this name.
  appendFileSync(join(folder, '.git', 'info', 'exclude'), '/node_modules\n')
  const read = (path: string) => readFileSync(join(folder, path), 'utf8')
  return {
    folder,
    read,
    type: (command) => typed(command, folder),
    edit: (path, ...edits) => {
      const text = edits.reduce((current, [from, to]) => {
        if (!current.includes(from)) throw new Error(`${path} does not hold: ${from}`)
        return current.replace(from, () => to)
      }, read(path))
      writeFileSync(join(folder, path), text)
    },
    leave: () => rmSync(parent, { recursive: true, force: true }),
  }
}

/** As a shell would run it, with a name for what git asks of it. */
function typed(command: string, cwd: string): Typed {
  const name = { GIT_AUTHOR_NAME: 'A', GIT_COMMITTER_NAME: 'A' }
  const mail = { GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_EMAIL: 'a@example.com' }
  const times = join(cwd, '.git', 'times')
  const before = performance.now()
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `trap 'times > "${times}"' EXIT\n${command}`], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...name, ...mail, NO_COLOR: '1', DATABASE_URL: undefined },
  })
  const seconds = (performance.now() - before) / 1000
  return { command, status: status ?? 1, output: stdout + stderr, seconds, work: workIn(readFileSync(times, 'utf8')) }
}

/** What bash's `times` prints: minutes and seconds of itself and of its children, as users and in the system. */
function workIn(times: string): number {
  const amounts = [...times.matchAll(/(\d+)m([\d.]+)s/g)]
  return amounts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}

/** A connector that the registry has not got, as flags say it. */
export const NEW =
  'npx hera-connectors new acme-shop --name "Acme Shop" --vendor Acme --category ecommerce --auth api_key' +
  ' --documentation https://developers.acme.example/docs --events order_paid order_refunded --yes'

/** What somebody fills in who has read the vendor's documentation. */
export const FILLED_IN: readonly (readonly [from: string, to: string])[] = [
  ['icon: plug # FILL IN: a name of https://lucide.dev/icons', 'icon: shopping-cart'],
  ['purpose: FILL IN # one sentence, for the catalogue', 'purpose: Learn of paid and refunded orders of an Acme shop.'],
  [
    'links:\n  documentation: https://developers.acme.example/docs\n',
    'links:\n  documentation: https://developers.acme.example/docs\n  support: https://developers.acme.example/support\n',
  ],
  ['summary: FILL IN # what happened', 'summary: An order was paid'],
]

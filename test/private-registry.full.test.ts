// Follows the page "A private registry": every command and file of it, in an empty git repository.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { packageName } from '../generator/compiled/package.js'
import { type Packed, packPackage } from './support/package.ts'
import { mayRun, type Server, servers } from './support/servers.ts'
import { runJob } from './support/workflow.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'generated', 'docs', 'private-registry.md'), 'utf8')

/** The parts of the page: commands to run, and files to write. */
const parts = [...page.matchAll(/(?:`([\w./-]+)`:\n\n)?```(bash|yaml)\n([\s\S]*?)```/g)].map(
  ([, path, language, text = '']) => ({ path, language, text }),
)
const filesOnPage = parts.filter(({ language }) => language === 'yaml')
const [server] = servers.filter(({ missing }) => missing === undefined)

describe.runIf(mayRun({ missing: server === undefined ? 'no PostgreSQL server' : undefined }))(
  'the page on private registries',
  { timeout: 240_000 },
  () => {
    let packed: Packed
    let database: Server
    let origin: string
    let work: string
    const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: work, encoding: 'utf8' })
    const read = (path: string) => readFileSync(join(work, path), 'utf8')

    beforeAll(async () => {
      packed = packPackage()
      database = await (server as (typeof servers)[number]).start()
      const { default: postgres } = await import('postgres')
      const sql = postgres(database.url('postgres'), { onnotice: () => undefined })
      await sql.unsafe(readFileSync(join(root, 'schema', 'hera.sql'), 'utf8')).simple()
      await sql.end()
      const parent = mkdtempSync(join(tmpdir(), 'hera-private-'))
      ;[origin, work] = [join(parent, 'origin.git'), join(parent, 'work')]
      execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', origin])
      execFileSync('git', ['clone', '--quiet', origin, work], { stdio: 'pipe' })
      git('config', 'user.name', 'A')
      git('config', 'user.email', 'a@example.com')
    })
    afterAll(async () => {
      packed?.remove()
      await database?.stop()
      if (work !== undefined) rmSync(dirname(work), { recursive: true })
    })

    /** The packed package takes the place of the repository, from which npm would build the same. */
    function run(text: string): string {
      const script = text.replace(/^npm install .*$/m, 'true')
      const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: work,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', npm_config_offline: 'true', DATABASE_URL: database.url('postgres') },
      })
      if (text.includes('npm install')) packed.installInto(work)
      expect({ text, status, output: status === 0 ? '' : stdout + stderr }).toEqual({ text, status: 0, output: '' })
      return stdout
    }

    test('leads from nothing to a verified database', () => {
      const output = parts.map(({ path, text }) => {
        if (path === undefined) return run(text)
        mkdirSync(dirname(join(work, path)), { recursive: true })
        writeFileSync(join(work, path), text)
        return ''
      })
      const all = output.join('\n')
      expect(all).toMatch(/acme-billing .* acme\n/)
      expect(all).toMatch(/hubspot-crm .* hera\n/)
      expect(all.match(/verified: the .* holds what the definitions say/g)).toHaveLength(1)
      // Both registries are in the database, and neither has archived the other.
      expect(all).toMatch(/acme-billing .* inactive +acme/)
      expect(all).toMatch(/hubspot-crm .* active +hera/)
      expect(git('status', '--porcelain')).toBe('')
    })

    test('editors find the formats at the places that the first lines show', () => {
      for (const path of ['definitions/registry.yaml', 'definitions/acme-billing.yaml']) {
        const [, schema = ''] = /^# yaml-language-server: \$schema=(.+)\n/.exec(read(path)) ?? []
        expect([path, schema]).toEqual([path, expect.stringContaining(`node_modules/${packageName}/schema/`)])
        expect(existsSync(join(work, 'definitions', schema))).toBe(true)
      }
    })

    test('workflows and hooks of the page are those that this repository has', () => {
      const used = [...page.matchAll(/uses: \S+?\/(\.github\/workflows\/[\w-]+\.yml)@main/g)].map(([, path]) => path)
      expect(used).toHaveLength(3)
      for (const path of used) {
        const { on } = parse(readFileSync(join(root, path ?? ''), 'utf8'))
        expect([path, Object.keys(on)]).toEqual([path, expect.arrayContaining(['workflow_call'])])
      }
      const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8'))
      const config = filesOnPage.find(({ path }) => path === '.pre-commit-config.yaml')
      const [{ hooks: wanted }] = parse(config?.text ?? '').repos
      expect(hooks).toEqual(expect.arrayContaining(wanted.map((hook: object) => expect.objectContaining(hook))))
    })

    test('the pipeline of a pull request is green', () => {
      git('push', '--quiet', 'origin', 'HEAD:main')
      const base = git('rev-parse', 'HEAD').trim()
      git('switch', '--quiet', '--create', 'change')
      run('npx --no hera-connectors new acme-shipping --vendor Acme --category logistics --yes')
      run('npx --no hera-connectors generate --connectors')
      run('git add --all && git commit --quiet --message "Add Acme Shipping" && git push --quiet origin HEAD')
      const job = (workflow: string, event: object) =>
        runJob({
          workflow: join(root, '.github', 'workflows', `${workflow}.yml`),
          job: workflow === 'regenerate' ? 'regenerate' : 'definitions',
          origin,
          commit: git('rev-parse', 'HEAD').trim(),
          contexts: { github: { event, ref_name: 'main' }, inputs: {} },
          prepare: packed.installInto,
        })
      const checked = job('definitions', { pull_request: { base: { sha: base } } })
      expect(checked.steps.filter(({ outcome }) => outcome !== 'success')).toEqual([])
      expect(checked.summary).toContain('| connectors | 1 | 0 | 1 | 0 |')
      expect(checked.summary).not.toContain('hubspot')
      git('push', '--quiet', 'origin', 'HEAD:main')
      const regenerated = job('regenerate', {})
      expect(regenerated.steps.filter(({ outcome }) => outcome !== 'success')).toEqual([])
      git('pull', '--quiet', 'origin', 'main')
      run('npx --no hera-connectors check --no-cache')
    })
  },
)

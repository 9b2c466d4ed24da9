import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as WorkflowParser from '@actions/workflow-parser'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { acme, edit } from './support/acme.ts'
import { type Packed, packPackage } from './support/package.ts'
import { type RunOptions, runJob } from './support/workflow.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** It imports JSON in a way that only bundlers understand. */
async function githubParser(): Promise<typeof WorkflowParser> {
  const { outputFiles } = await build({
    stdin: { contents: "export * from '@actions/workflow-parser'", resolveDir: root },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('file:///');" },
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')}`)
}

async function mistakesIn(content: string): Promise<readonly string[]> {
  const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await githubParser()
  const { context, value } = parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter())
  const early = context.errors.getErrors().map(({ message }) => message)
  if (early.length > 0 || value === undefined) return early
  const { errors = [] } = await convertWorkflowTemplate(context, value)
  return errors.map(({ Message }) => Message)
}

describe("GitHub's own parser", () => {
  const workflows = readdirSync(join(root, '.github', 'workflows'))

  test.each(workflows)('understands %s', async (name) => {
    expect(await mistakesIn(read(`.github/workflows/${name}`))).toEqual([])
  })

  test("accepts the README's workflow, which shares the cache", async () => {
    const [, workflow = ''] = /```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? []
    expect(workflow).toContain('path: .hera/cache')
    expect(await mistakesIn(workflow)).toEqual([])
  })

  test.each([
    ['a key that is none', 'runs-on', 'run-on', /Unexpected value 'run-on'/],
    ['a context that is none', 'inputs.command', 'input.command', /Unrecognized named-value: 'input'/],
    ['a condition that is none', "env.BASE != ''", "envs.BASE != ''", /Unrecognized named-value: 'envs'/],
  ])('would see %s', async (_, good, bad, message) => {
    const content = read('.github/workflows/definitions.yml')
    expect((await mistakesIn(content.replace(good, bad))).join('\n')).toMatch(message)
  })
})

describe('issue forms are as GitHub wants them', () => {
  const forms = readdirSync(join(root, '.github', 'ISSUE_TEMPLATE'))

  test.each(forms)('%s', (name) => {
    const { name: title, description, body, ...rest } = parse(read(`.github/ISSUE_TEMPLATE/${name}`))
    expect([title, description]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/)])
    expect(['assignees', 'labels', 'projects', 'title', 'type']).toEqual(expect.arrayContaining(Object.keys(rest)))
    const ids = body.map(({ id }: { id: string }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, type, attributes, validations = {}, ...others } of body) {
      expect(Object.keys(others)).toEqual([])
      expect(id).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(['checkboxes', 'dropdown', 'input', 'textarea']).toContain(type)
      expect(attributes.label).toMatch(/\S/)
      expect(Object.keys(validations)).toEqual(
        type === 'checkboxes' || validations.required === undefined ? [] : ['required'],
      )
      if (type === 'dropdown') expect(new Set(attributes.options).size).toBe(attributes.options.length)
      if (type === 'checkboxes') for (const { label } of attributes.options) expect(label).toMatch(/\S/)
    }
  })
})

const git = (folder: string, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()

/** A repository with definitions of its own, the package installed in it, and a bare one that it came from. */
function repositoryWith(files: Readonly<Record<string, string>>) {
  const parent = mkdtempSync(join(tmpdir(), 'hera-repository-'))
  const [origin, work] = [join(parent, 'origin.git'), join(parent, 'work')]
  git(parent, 'init', '--quiet', '--bare', '--initial-branch', 'main', origin)
  git(parent, 'clone', '--quiet', origin, work)
  const commit = (changed: Readonly<Record<string, string>>, message: string) => {
    for (const [path, text] of Object.entries(changed)) {
      mkdirSync(join(work, path, '..'), { recursive: true })
      writeFileSync(join(work, path), text)
    }
    git(work, 'add', '--all')
    git(work, 'commit', '--quiet', '--message', message)
    git(work, 'push', '--quiet', 'origin', 'HEAD')
    return git(work, 'rev-parse', 'HEAD')
  }
  const base = commit({ '.gitignore': '/node_modules\n', ...files }, 'Begin')
  git(work, 'switch', '--quiet', '--create', 'change')
  return { origin, work, base, commit, remove: () => rmSync(parent, { recursive: true, force: true }) }
}

const modeline = (text: string) => text.replace('../../schema', '../schema')
const first = modeline(acme)
const orbit = modeline(read('test/fixtures/orbit-crm.yaml'))

describe('the workflow, in a repository that has the package installed', { timeout: 240_000 }, () => {
  let packed: Packed
  beforeAll(() => {
    packed = packPackage()
  })
  afterAll(() => packed.remove())

  function pullRequest(
    files: Readonly<Record<string, string>>,
    changed: Readonly<Record<string, string>>,
    inputs: RunOptions['contexts']['inputs'] = {},
  ) {
    const repository = repositoryWith(files)
    try {
      return runJob({
        workflow: join(root, '.github', 'workflows', 'definitions.yml'),
        job: 'definitions',
        origin: repository.origin,
        commit: repository.commit(changed, 'Change'),
        contexts: { github: { event: { pull_request: { base: { sha: repository.base } } } }, inputs },
        prepare: packed.installInto,
      })
    } finally {
      repository.remove()
    }
  }
  const outcomes = ({ steps }: ReturnType<typeof pullRequest>) =>
    Object.fromEntries(steps.map(({ name, outcome }) => [name, outcome]))
  const outputOf = ({ steps }: ReturnType<typeof pullRequest>, name: string) =>
    steps.find((step) => step.name === name)?.output ?? ''

  test('puts each finding on its line', () => {
    const bad = edit(first, ['category: crm', 'category: crn'], ['direction: inbound', 'direction: inwards'])
    const run = pullRequest({ 'definitions/acme-crm.yaml': first }, { 'definitions/acme-crm.yaml': bad })
    expect(outcomes(run)).toMatchObject({ Validate: 'failure', Summarize: 'skipped', Compare: 'skipped' })
    const annotations = outputOf(run, 'Validate').matchAll(/^::error file=([^,]+),line=(\d+),.*?::(.*)$/gm)
    expect([...annotations].map(([, file, line]) => [file, bad.split('\n')[Number(line) - 1]?.trim()])).toEqual([
      ['definitions/acme-crm.yaml', 'category: crn'],
      ['definitions/acme-crm.yaml', 'direction: inwards'],
    ])
  })

  const broken = edit(first, [
    '    tenant_id:\n      label: Tenant\n      type: text\n      required: false\n',
    '    tenant_id:\n      label: Tenant\n      type: text\n      required: true\n',
  ])

  test('shows the difference in the summary, and fails where the version has not risen enough', () => {
    const run = pullRequest({ 'definitions/acme-crm.yaml': first }, { 'definitions/acme-crm.yaml': broken })
    expect(outcomes(run)).toMatchObject({ Validate: 'success', Summarize: 'success', Compare: 'failure' })
    expect(run.summary).toMatch(/^### `acme-crm` .* but this asks for a \w+ version\n\n#### Breaking\n/)
    expect(run.summary).toContain('- `tenant_id`: What is installed may lack the field.')
    expect(outputOf(run, 'Compare')).toMatch(/breaking +auth\/field-made-required tenant_id/)
  })

  test('shows what the seed would do, and keeps the summary for a comment', () => {
    const run = pullRequest({ 'definitions/acme-crm.yaml': first }, { 'definitions/orbit-crm.yaml': orbit })
    expect(outcomes(run)).toMatchObject({ Summarize: 'success', Compare: 'success' })
    expect(run.summary).toContain('| connectors | 1 | 0 | 1 | 0 |')
    expect(run.summary).toMatch(/<summary>\d+ differences<\/summary>\n\n- `orbit-crm: missing`\n/)
    expect(run.artifacts).toEqual({ summary: run.summary })
  })

  test('fails where generated files of a connector are not up to date, if the repository has any', () => {
    const stale = { 'definitions/acme-crm.yaml': first, 'generated/sql/connectors/acme-crm.sql': '-- old\n' }
    const run = pullRequest(stale, { 'definitions/orbit-crm.yaml': orbit })
    expect(outcomes(run)).toMatchObject({ Validate: 'success', Check: 'failure' })
    expect(outputOf(run, 'Check')).toContain('generated/sql/connectors/orbit-crm.sql')
    expect(outputOf(run, 'Check')).not.toContain('registry.json')
  })

  test('passes where the version says so', () => {
    const [version = ''] = /(?<=^version: )\S+/m.exec(first) ?? []
    const raised = edit(broken, [`version: ${version}`, 'version: 9.0.0'])
    const run = pullRequest({ 'definitions/acme-crm.yaml': first }, { 'definitions/acme-crm.yaml': raised })
    expect(outcomes(run)).toMatchObject({ Validate: 'success', Summarize: 'success', Compare: 'success' })
    expect(run.summary).toContain('→ 9.0.0')
  })

  test('is content with the first definitions of a repository', () => {
    const run = pullRequest(
      { 'README.md': 'Nothing yet.\n' },
      { 'connectors/acme-crm.yaml': first },
      { definitions: 'connectors' },
    )
    expect(outcomes(run)).toMatchObject({ Validate: 'success', Summarize: 'success', Compare: 'success' })
    expect(run.summary).toContain('first definitions')
  })

  test('compares nothing outside of a pull request', () => {
    const repository = repositoryWith({ 'definitions/acme-crm.yaml': first })
    const run = runJob({
      workflow: join(root, '.github', 'workflows', 'definitions.yml'),
      job: 'definitions',
      origin: repository.origin,
      commit: repository.base,
      contexts: { github: { event: {} }, inputs: { 'fail-on': '' } },
      prepare: packed.installInto,
    })
    repository.remove()
    expect(outcomes(run)).toMatchObject({ Validate: 'success', Summarize: 'skipped', Compare: 'skipped' })
  })

  describe('on main', () => {
    /** A push after which the files about the whole registry are stale. */
    function regenerate(whileRunning?: (repository: ReturnType<typeof repositoryWith>) => void) {
      const repository = repositoryWith({ 'definitions/acme-crm.yaml': first })
      git(repository.work, 'switch', '--quiet', 'main')
      const commit = repository.commit({ 'definitions/orbit-crm.yaml': orbit }, 'Add a connector')
      const run = runJob({
        workflow: join(root, '.github', 'workflows', 'regenerate.yml'),
        job: 'regenerate',
        origin: repository.origin,
        commit,
        contexts: { github: { ref_name: 'main' }, inputs: {} },
        prepare: (workspace) => {
          packed.installInto(workspace)
          whileRunning?.(repository)
        },
      })
      const log = git(repository.origin, 'log', '--format=%s', 'main')
      const files = git(repository.origin, 'ls-tree', '-r', '--name-only', 'main')
      repository.remove()
      return { run, log, files }
    }

    test('files about the whole registry are committed', () => {
      const { run, log, files } = regenerate()
      expect(outcomes(run)).toMatchObject({ Generate: 'success', Commit: 'success' })
      expect(log).toMatch(/^Regenerate files about the whole registry\nAdd a connector\n/)
      expect(files).toContain('generated/json/registry.json')
    })

    test('a push that came in between is left to its own run', () => {
      const { run, log } = regenerate(({ commit }) => commit({ 'README.md': 'New.\n' }, 'Meanwhile'))
      expect(outcomes(run)).toMatchObject({ Commit: 'success' })
      expect(outputOf(run, 'Commit')).toContain('The branch has moved on')
      expect(log).toMatch(/^Meanwhile\nAdd a connector\n/)
    })
  })

  describe('the hooks for pre-commit', () => {
    const hooks = parse(read('.pre-commit-hooks.yaml')) as readonly Readonly<Record<string, string>>[]

    /** As pre-commit calls a hook that gets no file names: its entry, with the command on the PATH. */
    const runHook = (id: string, work: string) => {
      const [command = '', ...args] = hooks.find((hook) => hook.id === id)?.entry?.split(' ') ?? []
      const path = `${join(work, 'node_modules', '.bin')}:${process.env.PATH}`
      return spawnSync(command, args, { cwd: work, encoding: 'utf8', env: { ...process.env, PATH: path } })
    }

    test('say when they run: at a change of what they look at', () => {
      const runs = (id: string, path: string) =>
        new RegExp(hooks.find((hook) => hook.id === id)?.files ?? '').test(path)
      expect(
        hooks.map(({ id = '' }) => [id, runs(id, 'definitions/acme-crm.yaml'), runs(id, 'generated/sql/x.sql')]),
      ).toEqual([
        ['hera-connectors-validate', true, false],
        ['hera-connectors-check', true, true],
      ])
    })

    test('can be installed: packing prints the name of the package and nothing of what prepares it', () => {
      const folder = mkdtempSync(join(tmpdir(), 'hera-pack-'))
      const { scripts, ...manifest } = JSON.parse(read('package.json'))
      expect(scripts.prepare).toBeDefined()
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ ...manifest, scripts: { prepare: 'node --version' } }),
      )
      writeFileSync(join(folder, '.npmrc'), read('.npmrc'))
      const printed = execFileSync('npm', ['pack'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
      rmSync(folder, { recursive: true, force: true })
      // pre-commit takes all of it for a file name.
      expect(printed).toMatch(/^[\w.-]+\.tgz\n$/)
    })

    test('let a good change through and stop a bad one', () => {
      const { work, remove } = repositoryWith({ 'definitions/acme-crm.yaml': first })
      try {
        packed.installInto(work)
        expect(runHook('hera-connectors-validate', work)).toMatchObject({ status: 0 })
        const stale = runHook('hera-connectors-check', work)
        expect([stale.status, stale.stdout]).toEqual([
          1,
          expect.stringContaining('generated/sql/connectors/acme-crm.sql'),
        ])
        execFileSync('node', [join(work, 'node_modules', '.bin', 'hera-connectors'), 'generate'], { cwd: work })
        expect(runHook('hera-connectors-check', work)).toMatchObject({ status: 0 })
        writeFileSync(join(work, 'definitions', 'acme-crm.yaml'), edit(first, ['category: crm', 'category: crn']))
        const bad = runHook('hera-connectors-validate', work)
        expect([bad.status, bad.stdout]).toEqual([1, expect.stringContaining('definitions/acme-crm.yaml:6:11 error')])
      } finally {
        remove()
      }
    })
  })
})

describe('the comment on a pull request', () => {
  /** A GitHub CLI that answers from files and notes its calls. */
  function comment({ pull = '7', comments = '', hasSummary = true }) {
    const folder = mkdtempSync(join(tmpdir(), 'hera-comment-'))
    const calls = join(folder, 'calls')
    writeFileSync(calls, '')
    const download = hasSummary ? `printf %s 'All is well.' > summary.md` : 'exit 1'
    const script = `#!/usr/bin/env bash
echo "$*" >> ${calls}
case "$*" in
  run\\ download*) ${download} ;;
  *--paginate*) printf '%s' '${comments}' ;;
  *state=open*) printf '%s' '${pull}' ;;
  *) cat body.md >> ${calls} ;;
esac
`
    writeFileSync(join(folder, 'gh'), script, { mode: 0o755 })
    const head = { head_repository: { owner: { login: 'ada' } }, head_branch: 'topic', head_sha: 'abc', id: 5 }
    const run = runJob({
      workflow: join(root, '.github', 'workflows', 'comment.yml'),
      job: 'comment',
      origin: '',
      commit: '',
      contexts: {
        github: { token: 't', repository: 'o/r', event: { workflow_run: { event: 'pull_request', ...head } } },
        inputs: {},
      },
      env: { PATH: `${folder}:${process.env.PATH}` },
    })
    const called = readFileSync(calls, 'utf8')
    rmSync(folder, { recursive: true })
    expect(run.steps.map(({ outcome }) => outcome)).toEqual(['success', 'success'])
    return called
  }

  test('is posted once, on the pull request whose head was looked at', () => {
    const called = comment({})
    expect(called).toContain('head=ada:topic')
    expect(called).toContain('.head.sha == "abc"')
    expect(called).toMatch(
      /--method POST repos\/o\/r\/issues\/7\/comments .*\n<!-- hera-connectors -->\nAll is well\.$/,
    )
  })

  test('is replaced by the next run', () => {
    expect(comment({ comments: '41\n42\n' })).toContain('--method PATCH repos/o/r/issues/comments/41 ')
  })

  test.each([
    ['the pull request has changed since', { pull: '' }],
    ['there is no summary', { hasSummary: false }],
  ])('is left out if %s', (_, given) => {
    expect(comment(given)).not.toContain('/comments')
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arrive, FILLED_IN, type FirstContributor, NEW } from '../support/first-contributor.ts'

const DEFINITION = 'definitions/acme-shop.yaml'

// One way, step by step: each test stands on the one before it.
describe.sequential("a contributor's first hour", { timeout: 240_000 }, () => {
  let contributor: FirstContributor
  beforeAll(() => {
    contributor = arrive()
  })
  afterAll(() => contributor.leave())

  const run = (command: string) => {
    const { status, output } = contributor.type(command)
    return { status, output }
  }

  test('begins with a clone that builds, and that is up to date', () => {
    expect(run('npm run build')).toMatchObject({ status: 0 })
    expect(run('npx hera-connectors check')).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^up to date: /),
    })
    expect(run('git status --porcelain')).toEqual({ status: 0, output: '' })
  })

  test('a new definition is valid at once', () => {
    expect(run(NEW)).toMatchObject({ status: 0, output: expect.stringContaining(`created ${DEFINITION}: valid`) })
    expect(run('npx hera-connectors validate')).toMatchObject({ status: 0, output: expect.stringMatching(/^valid: /) })
  })

  test('a slip in filling it in is told with its line, and what to do', () => {
    contributor.edit(DEFINITION, ...FILLED_IN, ['category: ecommerce', 'category: e-commerce'])
    const line =
      contributor
        .read(DEFINITION)
        .split('\n')
        .findIndex((text) => text.startsWith('category:')) + 1
    const { status, output } = run('npx hera-connectors validate')
    expect(status).toBe(1)
    expect(output).toContain(
      `${DEFINITION}:${line}:11 error "e-commerce" is not one of the values allowed here; did you mean "ecommerce"?`,
    )
    contributor.edit(DEFINITION, ['category: e-commerce', 'category: ecommerce'])
    expect(run('npx hera-connectors validate')).toMatchObject({ status: 0 })
  })

  test('whoever forgets to generate is told so, file by file', () => {
    const { status, output } = run('npx hera-connectors check')
    expect(status).toBe(1)
    for (const file of [
      'sql/connectors/acme-shop.sql',
      'typescript/connectors/acme-shop.ts',
      'docs/connectors/acme-shop.md',
    ])
      expect(output).toContain(`missing generated/${file}\n`)
    expect(output).toContain('stale generated/sql/setup-prebuilt-connectors.sql\n')
    expect(output).toContain('run: npx --no hera-connectors generate')
  })

  test('generate makes it green, and diff says what is new', () => {
    expect(run('npx hera-connectors generate')).toMatchObject({ status: 0 })
    expect(run('npx hera-connectors check')).toMatchObject({ status: 0 })
    const difference = run('npx hera-connectors diff origin/main --fail-on breaking bump')
    expect(difference).toMatchObject({ status: 0, output: expect.stringContaining('acme-shop 0.1.0, new') })
  })

  test('the commit holds the definition, and what is generated from it', () => {
    expect(run('git add --all && git commit --quiet --message "Add Acme Shop"')).toMatchObject({ status: 0 })
    expect(run('git status --porcelain')).toEqual({ status: 0, output: '' })
    const { output } = run('git show --name-only --format=')
    const files = output.trim().split('\n')
    expect(files).toContain(DEFINITION)
    expect(files.filter((path) => path !== DEFINITION && !path.startsWith('generated/'))).toEqual([])
    expect(run('npx hera-connectors diff HEAD')).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^the same as HEAD/),
    })
  })

  test('whoever changes it later, and forgets the version or to generate, is stopped', () => {
    contributor.edit(DEFINITION, ['An order was paid', 'An order was paid in full'])
    expect(run('npx hera-connectors diff --fail-on bump')).toMatchObject({
      status: 1,
      output: expect.stringMatching(/acme-shop 0\.1\.0 → 0\.1\.0, but this asks for a patch version/),
    })
    expect(run('npx hera-connectors check')).toMatchObject({
      status: 1,
      output: expect.stringContaining('stale generated/sql/connectors/acme-shop.sql'),
    })
    contributor.edit(DEFINITION, ['version: 0.1.0', 'version: 0.1.1'])
    expect(run('npx hera-connectors generate && npx hera-connectors check')).toMatchObject({ status: 0 })
    expect(run('npx hera-connectors diff --fail-on bump')).toMatchObject({ status: 0 })
  })
})

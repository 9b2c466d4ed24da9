import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isIn } from '../generator/assembly/shard.ts'
import { codeAt, writeDefinitions } from './bench/definitions.ts'
import { edit } from './support/acme.ts'

const cli = join(import.meta.dirname, '..', 'dist', 'cli.js')
const root = mkdtempSync(join(tmpdir(), 'hera-shard-'))
afterAll(() => rmSync(root, { recursive: true }))

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [cli, ...args], { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH } })
}

function filesIn(folder: string): Readonly<Record<string, string>> {
  const found = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(join(root, folder).length), readFileSync(path, 'utf8')]),
  )
}

beforeAll(async () => {
  await writeDefinitions(join(root, 'definitions'), 12)
  for (const index of [1, 2, 3]) {
    expect(run('generate', '--shard', `${index}/3`, '--out', `shard-${index}`)).toMatchObject({ status: 0, stderr: '' })
  }
})

describe('shards', () => {
  test('share all definitions, each one in the same shard whatever else there is', () => {
    const names = Array.from({ length: 200 }, (_, index) => `${codeAt(index)}.yaml`)
    const parts = [1, 2, 3].map((index) => names.filter((name) => isIn({ index, count: 3 }, name)))
    expect(parts.flat().sort()).toEqual([...names].sort())
    for (const part of parts) expect(part.length).toBeGreaterThan(40)
    expect(isIn({ index: 1, count: 1 }, 'anything.yaml')).toBe(true)
  })

  test('put together, in any order, are byte for byte what one run makes', () => {
    expect(run('generate', '--out', 'whole', '--no-cache').status).toBe(0)
    expect(run('merge', 'shard-3', 'shard-1', 'shard-2', '--out', 'merged')).toMatchObject({ status: 0, stderr: '' })
    expect(filesIn('merged')).toEqual(filesIn('whole'))
    expect(run('merge', 'shard-1', 'shard-2', 'shard-3', '--out', 'merged').stdout).toContain('0 created, 0 updated')
  })

  test('leave what else is in their folder', () => {
    const own = join(root, 'shared')
    expect(run('generate', '--shard', '1/3', '--out', 'shared').status).toBe(0)
    writeFileSync(join(own, 'mine.txt'), 'mine')
    expect(run('generate', '--shard', '2/3', '--out', 'shared').status).toBe(0)
    expect(readdirSync(own).sort()).toEqual(['files', 'fragments', 'mine.txt', 'shard.json'])
    expect(Object.keys(filesIn('shared')).filter((path) => path.startsWith('/files')).length).toBeLessThan(
      Object.keys(filesIn('shard-1')).length + Object.keys(filesIn('shard-2')).length - 4,
    )
  })

  test('with a finding are not made', () => {
    const path = join(root, 'definitions', `${codeAt(3)}.yaml`)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, edit(text, ['direction: inbound', 'direction: sideways']))
    try {
      const results = [1, 2, 3].map((index) => run('generate', '--shard', `${index}/3`, '--out', `broken-${index}`))
      expect(results.map(({ status }) => status).sort()).toEqual([0, 0, 1])
      expect(run('merge', 'shard-1', 'shard-2', 'shard-3', '--out', 'stale')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(`the shards do not know "${codeAt(3)}.yaml" as it is now`),
      })
    } finally {
      writeFileSync(path, text)
    }
  })

  describe('with a sample file', () => {
    const code = codeAt(3)
    const definition = join(root, 'definitions', `${code}.yaml`)
    const sample = join(root, 'definitions', 'samples', code, 'one.json')
    const shards = [1, 2, 3].map((index) => `sampled-${index}`)
    let inline = ''
    let delivery = ''

    beforeAll(() => {
      inline = readFileSync(definition, 'utf8')
      delivery = /(?<=body: ')\{.*\}(?=')/.exec(inline)?.[0] ?? ''
      mkdirSync(dirname(sample), { recursive: true })
      writeFileSync(sample, delivery)
      writeFileSync(definition, edit(inline, [`body: '${delivery}'`, `file: samples/${code}/one.json`]))
      for (const [index, shard] of shards.entries())
        expect(run('generate', '--shard', `${index + 1}/3`, '--out', shard)).toMatchObject({ status: 0, stderr: '' })
    })
    afterAll(() => {
      writeFileSync(definition, inline)
      rmSync(join(root, 'definitions', 'samples'), { recursive: true })
    })

    test('are put together', () => {
      expect(run('merge', ...shards, '--out', 'sampled')).toMatchObject({ status: 0, stderr: '' })
      expect(run('check', '--no-cache', '--out', 'sampled')).toMatchObject({ status: 0 })
    })

    test.each<[string, () => void]>([
      ['is another by now', () => writeFileSync(sample, edit(delivery, ['c_1', 'c_2']))],
      ['is gone by now', () => rmSync(sample)],
      [
        'is a link by now',
        () => {
          renameSync(sample, join(root, 'elsewhere.json'))
          symlinkSync(join(root, 'elsewhere.json'), sample)
        },
      ],
    ])('are refused where it %s', (_, change) => {
      try {
        change()
        expect(run('merge', ...shards, '--out', 'stale')).toMatchObject({
          status: 2,
          stderr: expect.stringContaining(`the shards do not know "${code}.yaml" as it is now`),
        })
        expect(readdirSync(root)).not.toContain('stale')
      } finally {
        rmSync(sample, { force: true })
        writeFileSync(sample, delivery)
      }
    })
  })

  test('find at the merge what no shard can see', () => {
    const path = join(root, 'definitions', `${codeAt(5)}.yaml`)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, edit(text, ['namespace: BENCH00005', 'namespace: BENCH00004']))
    try {
      for (const index of [1, 2, 3])
        expect(run('generate', '--shard', `${index}/3`, '--out', `clash-${index}`).status).toBe(0)
      const result = run('merge', 'clash-1', 'clash-2', 'clash-3', '--out', 'clash')
      expect(result.status).toBe(1)
      expect(result.stdout).toContain('"BENCH00004" is taken by')
      expect(readdirSync(root)).not.toContain('clash')
    } finally {
      writeFileSync(path, text)
    }
  })

  test.each<[string, readonly string[], string]>([
    ['one is missing', ['merge', 'shard-1', 'shard-3'], 'these shards of 3 are missing: 2'],
    ['a folder is none', ['merge', 'definitions'], '"definitions" holds no shard'],
    ['they are for other targets', ['merge', 'shard-1', 'shard-2', 'shard-3', '--target', 'sql'], 'for other targets'],
    ['a number is wrong', ['generate', '--shard', '4/3'], 'It is written as 2/4'],
  ])('are refused where %s', (_, args, wanted) => {
    expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(wanted) })
  })
})

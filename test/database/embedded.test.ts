import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbedded } from '../../generator/database/embedded.ts'

const source = join(import.meta.dirname, '..', '..', 'generator', 'database', 'embedded.ts')
let folder: string
let data: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hera-lock-'))
  data = join(folder, 'database')
  await (await openEmbedded({ folder: data, onStep: () => {} })).close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The number of a process that is no more. */
function dead(): number {
  return spawnSync('node', ['-e', '']).pid
}

test('a folder is open once at a time, and free again when it is closed', async () => {
  const first = await openEmbedded({ folder: data, onStep: () => {} })
  await expect(openEmbedded({ folder: data, onStep: () => {} })).rejects.toThrow(`in use by process ${process.pid}`)
  await first.close()
  await (await openEmbedded({ folder: data, onStep: () => {} })).close()
  expect(readdirSync(folder)).toEqual(['database'])
})

test.each([
  ['a process that was killed', () => `${dead()} left`],
  ['an earlier process of the same number', () => `${process.pid} left`],
  ['nobody knows whom', () => ''],
])('a lock that was left by %s does not stand in the way', async (_, text) => {
  writeFileSync(`${data}.lock`, text())
  await (await openEmbedded({ folder: data, onStep: () => {} })).close()
  expect(existsSync(`${data}.lock`)).toBe(false)
})

test('of processes that start at once beside a lock that was left, one gets in', async () => {
  writeFileSync(`${data}.lock`, `${dead()} left`)
  const script = `
    import(${JSON.stringify(source)}).then(async ({ openEmbedded }) => {
      try {
        const database = await openEmbedded({ folder: ${JSON.stringify(data)}, onStep: () => {} })
        await new Promise((resolve) => setTimeout(resolve, 4000))
        await database.close()
        console.log('in')
      } catch (error) {
        console.log(/in use by process/.test(error.message) ? 'out' : error.message)
      }
    })`
  const run = () =>
    promisify(execFile)('node', ['--import', 'tsx', '-e', script], { cwd: join(source, '..', '..', '..') })
  const outcomes = await Promise.all(Array.from({ length: 4 }, run))
  expect(outcomes.map(({ stdout }) => stdout.trim()).sort()).toEqual(['in', 'out', 'out', 'out'])
})

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { codeAt, writeDefinitions } from '../bench/definitions.ts'
import { edit } from '../support/acme.ts'
import { cli } from '../support/command.ts'

const root = mkdtempSync(join(tmpdir(), 'hera-watch-'))
afterAll(() => rmSync(root, { recursive: true }))

/** The definition that is edited: the first to be read. */
const name = codeAt(0)

/** Runs `generate --watch` in a folder of its own until the test is done with it; gives its exit code. */
async function watched(env: Readonly<Record<string, string>>, use: (watch: Watched) => Promise<void>) {
  const own = mkdtempSync(join(root, 'own-'))
  // It takes a while to read them all.
  await writeDefinitions(join(own, 'definitions'), 40)
  const definition = join(own, 'definitions', `${name}.yaml`)
  const child = spawn(process.execPath, [cli, 'generate', '--watch'], {
    cwd: own,
    env: { PATH: process.env.PATH, ...env },
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  let shown = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (shown += bytes))
  const seconds = () => [...shown.matchAll(/unchanged \((\d+\.\d+) s\)/g)].map(([, text]) => Number(text))
  const outcomes = (amount: number) =>
    vi.waitFor(() => expect(seconds(), shown).toHaveLength(amount), { timeout: 20_000, interval: 20 })
  const page = () => readFileSync(join(own, 'generated', 'docs', 'connectors', `${name}.md`), 'utf8')
  try {
    await use({ own, definition, seconds, outcomes, page, shown: () => shown })
  } finally {
    child.kill('SIGTERM')
  }
  return ended
}

interface Watched {
  /** The folder in which it runs. */
  readonly own: string
  readonly definition: string
  /** How long each run took, as it says itself. */
  readonly seconds: () => readonly number[]
  /** Waits until so many runs have ended. */
  readonly outcomes: (amount: number) => Promise<void>
  readonly page: () => string
  readonly shown: () => string
}

test('what is saved while the first run goes on counts too, and each run says how long it took itself', async () => {
  // When it is read, and others are not.
  const meddling = { call: 'readFileSync', naming: codeAt(8), file: `definitions/${name}.yaml` }
  const env = {
    NODE_OPTIONS: `--require ${join(import.meta.dirname, '..', 'support', 'concurrent-writer.cjs')}`,
    INTERFERENCE: JSON.stringify({ ...meddling, from: 'purpose: Keep', to: 'purpose: Hold', pause: 1000 }),
  }
  const exitCode = await watched(env, async ({ seconds, outcomes, page }) => {
    await outcomes(2)
    expect(page()).toContain('Hold')
    const [first = 0, second = 0] = seconds()
    expect(first).toBeGreaterThan(1)
    expect(second).toBeLessThan(first)
  })
  expect(exitCode).toBe(0)
})

test('a run after an edit does not count the time in which nothing was to be done', async () => {
  const exitCode = await watched({}, async ({ definition, seconds, outcomes, page }) => {
    await outcomes(1)
    await wait(2000)
    const saved = performance.now()
    writeFileSync(definition, edit(readFileSync(definition, 'utf8'), ['purpose: Keep', 'purpose: Hold']))
    await outcomes(2)
    expect(page()).toContain('Hold')
    expect(seconds()[1]).toBeLessThan((performance.now() - saved) / 1000)
  })
  expect(exitCode).toBe(0)
})

test('a watch whose folder is gone says so, and can be stopped', async () => {
  const exitCode = await watched({}, async ({ own, outcomes, shown }) => {
    await outcomes(1)
    rmSync(own, { recursive: true })
    await vi.waitFor(() => expect(shown()).toContain('does not exist'), { timeout: 10_000, interval: 50 })
  })
  expect(exitCode).toBe(0)
})

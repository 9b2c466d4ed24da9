import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { codeAt, writeDefinitions } from './bench/definitions.ts'
import { converse, missingTerminal } from './support/on-terminal.ts'

const AMOUNT = 40
const folder = mkdtempSync(join(tmpdir(), 'hera-progress-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The first definition takes longer than people wait without a sign, and the last one is gone by then. */
const last = `definitions/${codeAt(AMOUNT - 1)}.yaml`
const env = {
  NODE_OPTIONS: `--require ${join(import.meta.dirname, 'support', 'concurrent-writer.cjs')}`,
  INTERFERENCE: JSON.stringify({ call: 'readFileSync', naming: codeAt(0), file: last, pause: 1100 }),
}

/** The cursor at the start of the line, and nothing behind it. */
const TAKEN_AWAY = '\u001b[1G\u001b[2K'

const title = missingTerminal === undefined ? 'a run that takes long' : `a long run, skipped: ${missingTerminal}`

describe.skipIf(missingTerminal !== undefined)(title, () => {
  beforeEach(() => writeDefinitions(join(folder, 'definitions'), AMOUNT))

  test('shows how far it is, and takes that away before it says what went wrong', async () => {
    const { exitCode, written } = await converse(['generate', '--no-cache'], [], { cwd: folder, env })
    const [bars = '', rest] = written.split(TAKEN_AWAY)
    expect(bars).toMatch(/\[#+-+\] \d+ of 40 definitions/)
    expect(rest).toBe(
      `hera-connectors: error ${last} was changed during the run\r\n  help: run again; nothing was written\r\n`,
    )
    expect(exitCode).toBe(2)
  })

  test('ends at Ctrl+C, and not as if all were well', async () => {
    const stop = { question: 'of 40 definitions', answer: '\u0003' }
    const { exitCode, unanswered } = await converse(['generate', '--no-cache'], [stop], { cwd: folder, env })
    expect(unanswered).toEqual([])
    // By a signal, as the shell has it.
    expect(exitCode).toBe(128 + 2)
    expect(readdirSync(folder)).toEqual(['definitions'])
  })
})

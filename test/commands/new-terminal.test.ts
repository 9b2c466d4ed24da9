import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cli } from '../support/command.ts'
import { converse, missingTerminal } from '../support/on-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'hera-terminal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ENTER = '\r'
const DOWN = '\u001b[B'

const title = missingTerminal === undefined ? 'new on a terminal' : `new on a terminal, skipped: ${missingTerminal}`

describe.skipIf(missingTerminal !== undefined)(title, () => {
  test('asks for what it needs, with usual answers ready, and writes a definition that validates', async () => {
    const definitions = join(folder, 'asked')
    const talk = await converse(
      ['new', '--definitions', definitions],
      [
        { question: 'Code, such as', answer: `acme-shop${ENTER}` },
        { question: 'Name that people see', answer: ` Online${ENTER}` },
        { question: 'Vendor', answer: ENTER },
        { question: 'Namespace', answer: ENTER },
        { question: "Address of the vendor's documentation", answer: `https://docs.acme.example${ENTER}` },
        { question: 'Category', answer: DOWN + ENTER },
        { question: 'How installers authenticate', answer: DOWN + DOWN + ENTER },
        { question: 'Events', answer: `order_paid${ENTER}` },
      ],
    )
    expect(talk.unanswered).toEqual([])
    expect(talk.exitCode).toBe(0)
    expect(talk.shown).toContain('npx --no hera-connectors validate')
    const text = readFileSync(join(definitions, 'acme-shop.yaml'), 'utf8')
    for (const line of [
      'name: Acme Shop Online',
      'vendor: Acme',
      'namespace: ACMESHOP',
      'category: ai',
      '  type: oauth2 # FILL IN: add fields: what an installer fills in',
    ])
      expect(text).toContain(`${line}\n`)
    expect(text).toContain('  order_paid:\n')
    const checked = spawnSync('node', [cli, 'validate', '--definitions', definitions], { encoding: 'utf8' })
    expect([checked.status, checked.stdout]).toEqual([0, expect.stringContaining('valid: 1 definition')])
  })

  test('says what an answer lacks, and asks again', async () => {
    const talk = await converse(
      ['new', '--definitions', join(folder, 'again')],
      [
        { question: 'Code, such as', answer: `Acme${ENTER}` },
        { question: 'small letters and digits', answer: '\u0003' },
      ],
    )
    expect(talk.unanswered).toEqual([])
    expect(talk.exitCode).toBe(1)
    expect(talk.shown).toContain('cancelled; nothing was written')
    expect(existsSync(join(folder, 'again'))).toBe(false)
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshness } from '../../generator/commands/freshness.ts'
import { noColors } from '../../generator/terminal.ts'
import { acme, edit } from '../support/acme.ts'

let definitions = ''
beforeAll(() => {
  definitions = mkdtempSync(join(tmpdir(), 'hera-fresh-'))
  const claimed = edit(
    acme,
    ['    source: poll\n', '    source: poll\n'],
    [
      '    idempotency_key: [/contact_id]\n    cites: acme-docs\n  contact_added',
      '    idempotency_key: [/contact_id]\n    review_by: "2027-05-23"\n    cites: acme-docs\n  contact_added',
    ],
  )
  writeFileSync(join(definitions, 'acme-crm.yaml'), claimed)
})
afterAll(() => rmSync(definitions, { recursive: true, force: true }))

test('sources and claims are fresh until their day', async () => {
  const outcome = await freshness({ definitions: [definitions], today: '2027-05-22' })
  expect(outcome).toMatchObject({ exitCode: 0, json: { ok: true, today: '2027-05-22', stale: [] } })
})

test('a claim is listed from its review date on', async () => {
  const outcome = await freshness({ definitions: [definitions], today: '2027-05-23' })
  expect(outcome.exitCode).toBe(1)
  expect(outcome.json).toMatchObject({
    stale: [{ kind: 'claim', connector: 'acme-crm', fact: 'events.contact_polled', review_by: '2027-05-23' }],
  })
})

test('a source is listed after a year, with the facts that cite it', async () => {
  const outcome = await freshness({ definitions: [definitions], today: '2027-11-21' })
  expect(outcome.json).toMatchObject({
    stale: [
      {
        kind: 'source',
        source: 'acme-blog',
        read: '2026-11-20',
        facts: ['auth.scopes.contacts.write', 'rate_limits.searches'],
      },
      { kind: 'claim' },
    ],
  })
  expect(outcome.markdown?.()).toContain('## acme-crm\n\n- [ ] acme-blog, read on 2026-11-20: Acme engineering blog\n')
  expect(outcome.text(noColors)).toContain('2 items to review on 2027-11-21')
})

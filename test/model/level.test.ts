import { describe, expect, test } from 'vitest'
import type { Connector } from '../../generator/model/connector.ts'
import { CRITERIA, LEVELS, levelOf } from '../../generator/model/level.ts'
import { acme, connectorOf, edit } from '../support/acme.ts'

const proof = [
  '      headers: { X-Acme-Tenant: "4711" }\n      cites: acme-docs\n      events: [contact_created]\n',
  `      headers: { X-Acme-Tenant: "4711", X-Acme-Signature: 't=1795420800,v1=00' }
      proof: { signed_by: Acme's SDK 4.1.0, secrets: { client_secret: made-up-secret } }
      cites: acme-docs
      events: [contact_created]
`,
] as const

describe('the level follows from the definition', () => {
  test.each([
    ['typed, without a signed sample', acme, 'typed'],
    ['proven, with one', edit(acme, proof), 'proven'],
    [
      'typed, if the sample cites no documentation',
      edit(acme, proof, ['      cites: acme-docs\n      events: [con', '      events: [con']),
      'typed',
    ],
    ['typed, if nobody says who signed the sample', edit(acme, proof, ["signed_by: Acme's SDK 4.1.0, ", '']), 'typed'],
    ['none, without a verification call', edit(acme, ['  verification: contacts\n', '']), undefined],
    ['none, as a draft', edit(acme, ['status: active', 'status: draft']), undefined],
  ])('%s', (_, text, level) => {
    expect(connectorOf(text).level).toBe(level)
  })

  test('listed, without events and webhook', () => {
    const { events: _, webhook: __, ...rest } = connectorOf(acme)
    expect(levelOf(rest as unknown as Connector)).toBe('listed')
  })

  test('a tested token takes the place of a signature', () => {
    const connector = connectorOf(edit(acme, proof, ["signed_by: Acme's SDK 4.1.0, ", '']))
    const webhook = connector.webhook as NonNullable<Connector['webhook']>
    const signatures = webhook.signatures.map((scheme) => ({ ...scheme, algorithm: 'token' as const }))
    expect(levelOf({ ...connector, webhook: { ...webhook, signatures } })).toBe('proven')
  })
})

test('every level has criteria', () => {
  expect([...new Set(CRITERIA.map(({ level }) => level))]).toEqual([...LEVELS])
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Signature } from '../../generator/compiled/definition.ts'
import { publicKeys } from '../../generator/kit/public-keys.ts'
import { sign } from '../../generator/kit/sign.ts'
import { verify } from '../../generator/kit/verify.ts'
import { schemeOf } from '../../generator/model/webhook-config.ts'
import { TestKeys } from '../../generator/sandbox/test-keys.ts'

const vendors = parse(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'vectors', 'vendors.yaml'), 'utf8'),
) as Readonly<Record<string, { readonly signatures: readonly Signature[] }>>

test.each([
  ['discord', { secret: '00'.repeat(32) }],
  ['sendgrid', { secret: 'MFkw' }],
  ['paypal', { webhook_id: 'WH-1' }],
  ['plaid', {}],
])('a delivery of %s is signed by a pair of keys that only this installation accepts', async (name, configuration) => {
  const signatures = (vendors[name]?.signatures ?? []).map(schemeOf)
  const webhook = { signatures, content_types: ['application/json'], max_bytes: 10_000, publicKeys }
  const keys = new TestKeys()
  const secrets = configuration as Readonly<Record<string, string>>
  const unsigned = {
    ...{ method: 'POST', url: 'https://hooks.example.com/', body: '{"id":1}' },
    headers: { 'PAYPAL-CERT-URL': 'https://api.paypal.com/v1/notifications/certs/CERT-1' },
  }
  const signing = await sign(webhook, unsigned, secrets, { privateKey: (scheme) => keys.privateKeyFor('a', scheme) })
  expect(signing).toMatchObject({ signed: true })
  if (!signing.signed) return
  const request = { method: 'POST', url: signing.url, headers: new Headers(signing.headers), body: signing.body }
  const outcomeFor = async (installation: string) => {
    const fetchKey = async () => ''
    const known = keys.fetchKeyFor(installation, { publicKeys: { ...publicKeys, fetchKey } })
    const given = await keys.secretsOf(installation, webhook, secrets)
    return (await verify(webhook, request, given, { url: signing.url, fetchKey: known })).verified
  }
  expect([await outcomeFor('a'), await outcomeFor('b')]).toEqual([true, false])
})

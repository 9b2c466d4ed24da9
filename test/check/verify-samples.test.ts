import { expect, test } from 'vitest'
import { sign } from '../../generator/kit/sign.ts'
import { acme, connectorOf, edit, inspectedFindingsIn } from '../support/acme.ts'
import { webhookOf } from '../support/webhook.ts'

const connector = connectorOf(acme)
const body = connector.webhook?.samples[0]?.body ?? ''

/** acme with its sample signed by the given secret at 2026-11-23T10:00:00Z. */
async function signedAcme(secret: string): Promise<string> {
  const now = Date.parse('2026-11-23T10:00:00Z')
  const request = { method: 'POST', url: 'https://hooks.example.com', body }
  const signing = await sign(webhookOf(connector), request, { client_secret: secret }, { now })
  if (!signing.signed) throw new Error(signing.reason)
  return edit(acme, [
    '      headers: { X-Acme-Tenant: "4711" }\n      cites: acme-docs\n      events: [contact_created]\n',
    `      headers: ${JSON.stringify({ 'X-Acme-Tenant': '4711', ...signing.headers })}
      proof: { signed_by: a test, secrets: { client_secret: made-up-secret }, received_at: "2026-11-23T10:00:00Z" }
      cites: acme-docs
      events: [contact_created]
`,
  ])
}

const findings = (text: string) => inspectedFindingsIn({ 'acme-crm.yaml': text })

test('a sample with the right signature has no finding', async () => {
  expect(await findings(await signedAcme('made-up-secret'))).toEqual([])
})

test('a wrong signature is a finding at the header', async () => {
  const text = await signedAcme('another-secret')
  const [finding, ...others] = await findings(text)
  expect(others).toEqual([])
  expect(finding).toMatchObject({
    code: 'delivery/sample-refused',
    message: 'the kit refuses "Two changes": signature_mismatch',
  })
  expect(text.slice(finding?.span.start.offset, finding?.span.end.offset)).toMatch(/^"v1=[0-9a-f]{64}"$/)
})

test.each([
  ['timestamp_out_of_tolerance', ['received_at: "2026-11-23T10:00:00Z"', 'received_at: "2026-11-23T11:00:00Z"']],
  ['missing_secret', ['{ client_secret: made-up-secret }', '{ tenant_id: made-up-secret }']],
] as const)('%s is a finding', async (reason, change) => {
  expect(await findings(edit(await signedAcme('made-up-secret'), change))).toMatchObject([
    { code: 'delivery/sample-refused', message: `the kit refuses "Two changes": ${reason}` },
  ])
})

test('a webhook that does not fit the format is not verified', async () => {
  const text = edit(await signedAcme('another-secret'), ['  summary: Acme posts', '  sumary: Acme posts'])
  expect((await findings(text)).map(({ code }) => code)).toEqual(['schema/unknown-field'])
})

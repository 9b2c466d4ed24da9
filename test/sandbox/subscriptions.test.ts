import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { edit } from '../support/acme.ts'
import { fakeVendor } from '../support/fake-vendor.ts'
import { LOCAL, OTHER, type Sandbox, signIn, startSandbox, webhookUrl } from '../support/sandbox.ts'

const code = 'subscription-shapes'
const definition = edit(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', `${code}.yaml`), 'utf8'),
  [
    '    page_id: {',
    '    api_key: { label: API key, type: secret, required: false, description: Key., where_to_find: Settings. }\n    page_id: {',
  ],
  ['\napi:\n', '\n  credentials:\n    - { in: header, name: Authorization, value: "Key {api_key}" }\n\napi:\n'],
)

let [vendor, sandbox, cookie]: [Awaited<ReturnType<typeof fakeVendor>>, Sandbox, string] = [] as never
let definitions: string
let answers: (() => Response)[] = []

beforeAll(async () => {
  definitions = mkdtempSync(join(tmpdir(), 'hera-subscriptions-'))
  writeFileSync(join(definitions, `${code}.yaml`), definition)
  vendor = await fakeVendor(() => answers.shift()?.() ?? new Response(null, { status: 500 }))
  sandbox = await startSandbox({ definitions: [definitions], vendor: vendor.base_url })
  cookie = await signIn(sandbox)
})
afterAll(async () => {
  await sandbox?.stop()
  await vendor?.stop()
  rmSync(definitions, { recursive: true, force: true })
})
beforeEach(() => {
  vendor.requests.length = 0
})

const path = `/hub/connectors/${code}`
const page = async () => (await fetch(`${sandbox.url}${path}`, { headers: { cookie } })).text()

async function submit(to: string, fields: readonly (readonly [string, string])[]) {
  const body = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value]))
  const headers = { cookie, origin: sandbox.url }
  const response = await fetch(`${sandbox.url}${path}${to}`, { method: 'POST', headers, body, redirect: 'manual' })
  return { status: response.status, text: await response.text() }
}

const subscriptionPaths = (text: string) => [...new Set(text.match(/\/subscriptions\/[0-9a-f-]{36}/g))]

test('a subscription is created, renewed and deleted in the hub', async () => {
  const graph = [
    ['name', 'graph'],
    ['parameter:resource', 'me/messages'],
    ['events', 'created'],
    ['events', 'deleted'],
  ] as const
  expect((await submit('/subscriptions', graph)).status).toBe(404)
  const { body } = await sandbox.post('connectors', {
    ...{ operation: 'INSTALL', connector_code: code, installation_config: { page_id: '1' } },
  })
  const installation = body.data.installation_id

  const withoutKey = await submit('/subscriptions', graph)
  expect([withoutKey.status, vendor.requests.length]).toEqual([400, 0])
  expect(withoutKey.text).toContain('the configuration lacks api_key')

  await submit('/configure', [
    ['page_id', '1'],
    ['api_key', 'made-up-key'],
  ])
  answers = [
    () => Response.json({ id: 'g1', expirationDateTime: '2026-12-02T10:30:00Z' }, { status: 201 }),
    () => Response.json({ id: 'g1', expirationDateTime: '2099-12-05T10:30:00Z' }),
    () => new Response(null, { status: 500 }),
    () => new Response(null, { status: 204 }),
  ]
  expect((await submit('/subscriptions', graph)).status).toBe(303)
  const [created] = vendor.requests
  expect([created?.method, created?.url.pathname]).toEqual(['POST', '/v1/graph/subscriptions'])
  expect(['authorization', 'x-forwarded-host'].map((name) => created?.headers.get(name))).toEqual([
    'Key made-up-key',
    'api.shapes.example',
  ])
  const sent = JSON.parse(created?.body ?? '')
  expect(sent).toMatchObject({
    changeType: 'created,deleted',
    resource: 'me/messages',
    notificationUrl: await webhookUrl(sandbox, installation),
  })
  const [one = '', ...others] = subscriptionPaths(await page())
  expect(others).toEqual([])
  expect(await page()).toContain('until <time datetime="2026-12-02T10:30:00.000Z">')

  expect((await submit(one, [['operation', 'renew']])).status).toBe(303)
  expect(await page()).toContain('until <time datetime="2099-12-05T10:30:00.000Z">')
  expect(vendor.requests[1]).toMatchObject({ method: 'PATCH', url: { pathname: '/v1/graph/subscriptions/g1' } })

  const failed = await submit(one, [['operation', 'delete']])
  expect([failed.status, failed.text.includes('unavailable'), subscriptionPaths(failed.text)]).toEqual([
    400,
    true,
    [one],
  ])
  expect((await submit(one, [['operation', 'delete']])).status).toBe(303)
  expect(vendor.requests[3]?.method).toBe('DELETE')
  expect(subscriptionPaths(await page())).toEqual([])
  expect((await submit(one, [['operation', 'renew']])).status).toBe(404)
})

test('secrets are stored in the installation and shown nowhere', async () => {
  answers = [() => Response.json({ id: 'we_1', secret: 'made-up-signing-secret' })]
  const endpoint = [
    ['name', 'endpoint'],
    ['events', 'charge.failed'],
  ] as const
  expect((await submit('/subscriptions', endpoint)).status).toBe(303)
  const text = await page()
  expect(text).toContain('we_1')
  expect(text).not.toMatch(/made-up-signing-secret|made-up-key/)
  const list = await sandbox.post('connectors', { operation: 'LIST', connector_type: 'INTEGRATION_CONNECTOR_INSTALL' })
  const { installation_config } = list.body.data.connectors[0]
  expect(Object.keys(installation_config).sort()).toEqual(['api_key', 'client_state', 'page_id', 'signing_secret'])
})

test('another organization neither sees nor changes them', async () => {
  const [one = ''] = subscriptionPaths(await page())
  await sandbox.post(
    'connectors',
    { operation: 'INSTALL', connector_code: code, installation_config: { api_key: 'k' } },
    { 'X-Organization-Id': OTHER },
  )
  const choose = (organization: string) =>
    fetch(`${sandbox.url}/hub/organization`, {
      ...{ method: 'POST', headers: { cookie, origin: sandbox.url }, redirect: 'manual' },
      body: new URLSearchParams({ organization }),
    })
  await choose(OTHER)
  expect(subscriptionPaths(await page())).toEqual([])
  expect((await submit(one, [['operation', 'delete']])).status).toBe(404)
  await choose(LOCAL)
  expect([subscriptionPaths(await page()), vendor.requests]).toEqual([[one], []])
})

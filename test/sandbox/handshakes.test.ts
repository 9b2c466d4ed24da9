import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulate } from '../../generator/commands/simulate.ts'
import { acme, edit } from '../support/acme.ts'
import { LOCAL, type Sandbox, signIn, startSandbox, webhookUrl } from '../support/sandbox.ts'

const definition = edit(
  acme,
  [
    '    verify_token:\n',
    '    hook_secret:\n      label: Hook secret\n      type: secret\n      required: false\n      used_for: [handshake]\n      description: The key of a webhook.\n      where_to_find: Acme sends it.\n    verify_token:\n',
  ],
  ['keeps: { verify_token: "{key}" }', 'keeps: { hook_secret: "{key}" }'],
  [
    '      description: Sent while a webhook is created.\n',
    `      description: Sent while a webhook is created.
      samples:
        - name: A webhook is created
          request: { method: POST, headers: { X-Acme-Hook-Secret: made-up-key } }
          answer: { status: 204, headers: { X-Acme-Hook-Secret: made-up-key } }
          keeps: { hook_secret: made-up-key }
`,
  ],
)

describe('handshakes on the local runtime', () => {
  let sandbox: Sandbox
  let definitions: string
  beforeAll(async () => {
    definitions = mkdtempSync(join(tmpdir(), 'hera-handshakes-'))
    writeFileSync(join(definitions, 'acme-crm.yaml'), definition)
    sandbox = await startSandbox({ definitions: [definitions] })
  })
  afterAll(async () => {
    await sandbox?.stop()
    rmSync(definitions, { recursive: true, force: true })
  })

  const simulated = () =>
    simulate({
      definitions: [definitions],
      connector: 'acme-crm',
      event: undefined,
      sample: undefined,
      all: false,
      handshake: true,
      list: false,
      url: undefined,
      runtime: sandbox.url,
      data: sandbox.data,
      organization: LOCAL,
      secrets: {},
      set: [],
      times: 1,
      duplicates: 0,
      outOfOrder: false,
      badSignature: false,
      connectorAddress: false,
      age: 0,
      concurrency: 1,
    })

  test('samples are sent with the secrets of the installation, and answered; a key is stored once', async () => {
    for (const _ of [1, 2]) {
      const { json, exitCode } = await simulated()
      const { sent } = json as { readonly sent: readonly { readonly status: number; readonly asWanted: boolean }[] }
      expect(sent.map(({ status, asWanted }) => [status, asWanted])).toEqual([
        [200, true],
        [204, true],
      ])
      expect(exitCode).toBe(0)
    }
    const { body } = await sandbox.post('connectors', {
      operation: 'LIST',
      connector_type: 'INTEGRATION_CONNECTOR_INSTALL',
      connector_code: 'acme-crm',
    })
    const [installation] = body.data.connectors
    const address = await webhookUrl(sandbox, installation.id)
    const answered = async (key: string) => {
      const response = await fetch(address, { method: 'POST', headers: { 'x-acme-hook-secret': key } })
      return [response.status, response.headers.get('x-acme-hook-secret')]
    }
    expect(await answered('made-up-key')).toEqual([204, 'made-up-key'])
    expect(await answered('key-of-a-stranger')).toEqual([403, null])
    const cookie = await signIn(sandbox)
    const page = async (path: string) => (await fetch(`${sandbox.url}${path}`, { headers: { cookie } })).text()
    const paths = new Set((await page('/hub/deliveries')).match(/\/hub\/deliveries\/[0-9a-f-]{36}/g))
    const pages = await Promise.all([...paths].map(page))
    expect(pages.filter((text) => text.includes('key-of-a-stranger'))).toHaveLength(1)
    expect(pages.filter((text) => text.includes('made-up-key'))).toEqual([])
  })
})

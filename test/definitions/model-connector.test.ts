import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { handleWebhook } from '../../generator/kit/receive.ts'
import { sign } from '../../generator/kit/sign.ts'
import { markdownTarget } from '../../generator/targets/markdown/markdown-target.ts'
import { kitWebhook, webhookFiles } from '../../generator/targets/typescript/webhook-file.ts'
import { connectorOf, inspectedFindingsIn } from '../support/acme.ts'
import { emit } from '../support/emit.ts'
import { bodyOf, brokenLinks, headingsOf } from '../support/pages.ts'
import { webhookOf } from '../support/webhook.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const smallest = read('test/fixtures/tide-tables.yaml')
const model = read('test/fixtures/shipment-desk.yaml')

test('both have no findings', async () => {
  expect(await inspectedFindingsIn({ 'tide-tables.yaml': smallest, 'shipment-desk.yaml': model })).toEqual([])
})

describe('the model connector', () => {
  const connector = connectorOf(model)

  test('is the first example of CONTRIBUTING', () => {
    const [, example] = /```yaml\n([\s\S]*?)```/.exec(read('CONTRIBUTING.md')) ?? []
    expect(example).toBe(model)
    expect(model.split('\n').length).toBeLessThan(165)
  })

  test('takes each of its samples, signed, and refuses it unsigned', async () => {
    const webhook = webhookOf(connector)
    const types: string[] = []
    const handle = handleWebhook(webhook, {
      secrets: { signing_key: 'made-up' },
      hera: {
        sendEvent: async (event) => {
          types.push('type' in event ? event.type : event.event_type)
          return { ok: true, data: {} }
        },
      },
    })
    for (const { body, content_type } of connector.webhook?.samples ?? []) {
      const request = { method: 'POST', url: 'https://hooks.example.com/shipments', body }
      const signing = await sign(webhook, request, { signing_key: 'made-up' })
      const headers = { 'content-type': content_type, ...(signing.signed ? signing.headers : {}) }
      expect((await handle(new Request(request.url, { method: 'POST', headers, body }))).status).toBe(200)
      const unsigned = new Request(request.url, { method: 'POST', headers: { 'content-type': content_type }, body })
      expect((await handle(unsigned)).status).toBe(401)
    }
    expect(types).toEqual(['shipment_sent', 'shipment_delivered'])
  })
})

describe('a connector that is only called', () => {
  const connector = connectorOf(smallest)

  test('is complete in about 40 lines', () => {
    expect(smallest.split('\n').length).toBeLessThanOrEqual(45)
    expect(connector).toMatchObject({ events: [], rate_limits: [], setup: [], troubleshooting: [] })
    expect([connector.webhook, connector.privacy]).toEqual([undefined, undefined])
  })

  test('has no webhook, and no module for one', () => {
    expect(kitWebhook(connector)).toBeUndefined()
    expect(webhookFiles(connector)).toEqual([])
  })

  test('has a guide without empty sections and broken links', async () => {
    const files = await emit(markdownTarget, { connectors: [connector] })
    expect(files.map(({ path }) => path)).not.toContain('docs/connectors/tide-tables.svg')
    expect(brokenLinks(files)).toEqual([])
    for (const file of files.filter(({ path }) => path.endsWith('.md'))) {
      const prose = bodyOf(file).replaceAll(/^```[\s\S]*?^```/gm, 'code')
      const empty = /^(#{2,}) .*\n+(?:\1 |## |$(?![\s\S]))/m.exec(prose)?.[0]
      expect({ path: file.path, empty }).toEqual({ path: file.path, empty: undefined })
    }
    const page = files.filter(({ path }) => path === 'docs/connectors/tide-tables.md')
    expect(page.flatMap(headingsOf).map(({ text }) => text)).toEqual([
      ...['Tide Tables', 'Install', 'Authentication', 'API', 'Security and privacy', 'Versions and changes'],
      ...['For machines', 'Links', 'Sources'],
    ])
  })
})

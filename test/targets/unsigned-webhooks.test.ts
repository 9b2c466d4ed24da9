import { describe, expect, test } from 'vitest'
import { connectorPage } from '../../generator/sandbox/hub/pages.ts'
import { markdownTarget } from '../../generator/targets/markdown/markdown-target.ts'
import { connectorConfig } from '../../generator/targets/sql/connector-config.ts'
import { acme, connectorOf, edit, registryOf } from '../support/acme.ts'
import { emit } from '../support/emit.ts'

const start = acme.indexOf('    - name: v2\n      algorithm')
const end = acme.indexOf('  delivery:\n')
const unsigned = edit(acme, [
  acme.slice(start, end),
  '    - { name: None, algorithm: none, protected_by: [unguessable_url, ip_list], description: Acme signs nothing. }\n',
])
const WARNING =
  "The vendor signs nothing, so anyone who knows the URL can send deliveries. Instead of a signature, this protects the endpoint: the URL contains a long random part, so keep it secret; let only the vendor's addresses through."

describe('a webhook without signatures', () => {
  test('has a warning on its page and on the security page', async () => {
    const files = await emit(markdownTarget, registryOf({ 'acme-crm.yaml': unsigned }))
    const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? ''
    expect(textOf('docs/connectors/acme-crm.md')).toContain(`> **Warning.** ${WARNING}`)
    expect(textOf('docs/connectors/acme-crm.md')).not.toContain('Verify the raw bytes')
    expect(textOf('docs/security.md')).toContain('warning: nothing is signed')
  })

  test('has the protection as data', () => {
    const { webhook_config } = connectorConfig(connectorOf(unsigned)) as { readonly webhook_config: object }
    expect(webhook_config).toMatchObject({ verification_required: false, protected_by: ['unguessable_url', 'ip_list'] })
  })

  test('has a warning in the hub', () => {
    const page = (text: string) =>
      String(
        connectorPage(
          { title: '', path: '/', organizations: [], organization: '' } as never,
          {
            ...{
              connector: connectorOf(text),
              webhookUrl: 'http://127.0.0.1/webhooks/1',
              given: {},
              problem: undefined,
              polled: [],
              subscriptions: { descriptions: [], kept: [] },
            },
            installation: { id: '1', status: 'active', installation_config: {}, history: [] },
          } as never,
        ),
      )
    expect(page(unsigned)).toContain('The vendor signs nothing')
    expect(page(acme)).not.toContain('The vendor signs nothing')
  })
})

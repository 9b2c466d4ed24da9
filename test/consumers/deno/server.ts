import type { HeraEvent } from '@hera-integrations/connectors'
import { createHera } from '@hera-integrations/connectors/kit/hera'
import { handleWebhook } from '@hera-integrations/connectors/kit/receive'
import { webhook } from '@hera-integrations/connectors/webhooks/hubspot-crm'

const hera = createHera({
  baseUrl: Deno.env.get('HERA_URL') ?? 'https://app.example.com',
  token: () => Deno.env.get('HERA_TOKEN') ?? '',
  organizationId: '7b0c1c5e-0000-4000-8000-000000000001',
})
const secrets = { client_secret: Deno.env.get('HUBSPOT_CLIENT_SECRET') }

export type Received = Extract<HeraEvent, { connector_code: 'hubspot-crm' }>['event_type']
const receive = handleWebhook(webhook, { hera, secrets, url: 'https://hooks.example.com/hubspot' })
Deno.serve({ port: Number(Deno.env.get('PORT')), hostname: '127.0.0.1' }, (request) => receive(request))

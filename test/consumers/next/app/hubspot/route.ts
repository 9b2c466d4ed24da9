import type { HeraEvent } from '@hera-integrations/connectors'
import { createHera } from '@hera-integrations/connectors/kit/hera'
import { handleWebhook } from '@hera-integrations/connectors/kit/receive'
import { webhook } from '@hera-integrations/connectors/webhooks/hubspot-crm'

const hera = createHera({
  baseUrl: process.env.HERA_URL ?? 'https://app.example.com',
  token: () => process.env.HERA_TOKEN ?? '',
  organizationId: '7b0c1c5e-0000-4000-8000-000000000001',
})
const secrets = () => ({ client_secret: process.env.HUBSPOT_CLIENT_SECRET })

export type Received = Extract<HeraEvent, { connector_code: 'hubspot-crm' }>['event_type']
export const POST = handleWebhook(webhook, { hera, secrets, url: 'https://hooks.example.com/hubspot' })

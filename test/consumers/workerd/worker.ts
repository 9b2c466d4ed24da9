import type { HeraEvent } from '@hera-integrations/connectors'
import { createHera } from '@hera-integrations/connectors/kit/hera'
import { handleWebhook } from '@hera-integrations/connectors/kit/receive'
import { webhook } from '@hera-integrations/connectors/webhooks/hubspot-crm'

interface Env {
  readonly HERA_URL: string
  readonly HERA_TOKEN: string
  readonly HUBSPOT_CLIENT_SECRET: string
}

export type Received = Extract<HeraEvent, { connector_code: 'hubspot-crm' }>['event_type']

export default {
  fetch(request: Request, env: Env) {
    const hera = createHera({
      baseUrl: env.HERA_URL,
      token: env.HERA_TOKEN,
      organizationId: '7b0c1c5e-0000-4000-8000-000000000001',
    })
    const secrets = { client_secret: env.HUBSPOT_CLIENT_SECRET }
    return handleWebhook(webhook, { hera, secrets, url: 'https://hooks.example.com/hubspot' })(request)
  },
}

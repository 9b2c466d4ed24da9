import { createHera } from '@hera-integrations/connectors/kit/hera'
import { handleWebhook } from '@hera-integrations/connectors/kit/receive'
import { webhook } from '@hera-integrations/connectors/webhooks/hubspot-crm'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const hera = createHera({
  baseUrl: process.env.HERA_URL ?? 'https://app.example.com',
  token: () => process.env.HERA_TOKEN ?? '',
  organizationId: '7b0c1c5e-0000-4000-8000-000000000001',
})
const secrets = { client_secret: process.env.HUBSPOT_CLIENT_SECRET }

const app = new Hono()
const receive = handleWebhook(webhook, { hera, secrets, url: 'https://hooks.example.com/hubspot' })
app.post('/hubspot', (c) => receive(c.req.raw))

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { keyOrderViolations } from '../../generator/check/key-order-violations.ts'
import { parse } from '../../generator/load/parse.ts'
import type { Connector, Registry } from '../../generator/model/connector.ts'
import { tokensOf, valueAt } from '../../generator/model/json-pointer.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { connectorConfig } from '../../generator/targets/sql/connector-config.ts'

const folder = join(import.meta.dirname, '..', '..', 'definitions')

interface Wanted {
  readonly name: string
  readonly purpose: string
  readonly category: string
  readonly auth: string
  readonly fields: readonly string[]
  readonly scopes: readonly string[]
  /** Of the guide, with the guide's words. */
  readonly guide: Readonly<Record<string, string>>
  /** Of the script that HERA deployed. */
  readonly deployed: readonly string[]
  readonly example: readonly [event: string, smartCode: string, data: unknown]
  readonly support: string
  readonly lists: Readonly<Record<string, readonly string[]>>
  readonly endpoints: readonly string[]
}

/** What the owner's guide and the deployed script say of each connector. */
const wanted: Readonly<Record<string, Wanted>> = {
  'whatsapp-business-cloud': {
    name: 'WhatsApp Business Cloud API',
    purpose: 'Send and receive WhatsApp messages using the official Meta API.',
    category: 'messaging',
    auth: 'api_key',
    fields: ['access_token', 'phone_number_id', 'business_account_id', 'webhook_verify_token'],
    scopes: [],
    guide: {
      message_received: 'Incoming WhatsApp messages',
      message_sent: 'Outgoing WhatsApp messages',
      message_delivered: 'Message delivery confirmations',
      message_read: 'Message read receipts',
      status_update: 'General status updates',
    },
    deployed: [
      'message_received',
      'message_sent',
      'message_delivered',
      'message_read',
      'message_failed',
      'status_update',
      'webhook_verification',
    ],
    example: [
      'message_received',
      'HERA.WHATSAPP.EVENT.MESSAGE.RECEIVED.v1',
      {
        from: '+1234567890',
        message: 'Hello, I need help with my order',
        timestamp: '2024-11-15T10:30:00Z',
        message_id: 'wamid.xxx',
      },
    ],
    support: 'https://developers.facebook.com/docs/whatsapp/cloud-api',
    lists: { message_types: ['text', 'image', 'document', 'audio', 'video', 'template', 'interactive'] },
    endpoints: ['send_message', 'get_media', 'upload_media'],
  },
  'linkedin-api': {
    name: 'LinkedIn Marketing API',
    purpose: 'Access LinkedIn data, manage company pages, and run advertising campaigns.',
    category: 'social',
    auth: 'oauth2',
    fields: ['client_id', 'client_secret'],
    scopes: ['r_liteprofile', 'r_emailaddress', 'w_member_social', 'r_ads_reporting'],
    guide: {
      lead_generated: 'New leads from LinkedIn campaigns',
      campaign_updated: 'Campaign status changes',
      post_engagement: 'User interactions with posts',
      connection_made: 'New professional connections',
    },
    deployed: [
      'lead_generated',
      'campaign_updated',
      'ad_performance',
      'company_page_update',
      'connection_made',
      'post_engagement',
      'message_received',
    ],
    example: [
      'lead_generated',
      'HERA.LINKEDIN.EVENT.LEAD.GENERATED.v1',
      {
        lead_id: 'urn:li:leadgenForm:123456',
        campaign_id: 'urn:li:sponsoredCampaign:789012',
        firstName: 'John',
        lastName: 'Doe',
        emailAddress: 'john.doe@example.com',
        company: 'ACME Corp',
        submittedAt: '2024-11-15T14:22:00Z',
      },
    ],
    support: 'https://docs.microsoft.com/en-us/linkedin/marketing/',
    lists: {
      data_types: ['profile_data', 'company_data', 'lead_data', 'campaign_data', 'engagement_data', 'connection_data'],
    },
    endpoints: ['people', 'companies', 'shares', 'adCampaigns', 'leadForms'],
  },
  'meta-graph-api': {
    name: 'Meta (Facebook) Graph API',
    purpose: 'Manage Facebook and Instagram business accounts, pages, and advertising.',
    category: 'social',
    auth: 'oauth2',
    fields: ['app_id', 'app_secret'],
    scopes: ['pages_messaging', 'pages_manage_posts', 'ads_management', 'instagram_basic'],
    guide: {
      page_message_received: 'Messages to Facebook pages',
      post_published: 'New posts on Facebook/Instagram',
      lead_generated: 'Leads from Facebook lead ads',
      instagram_mention: 'Business mentions on Instagram',
    },
    deployed: [
      'page_message_received',
      'post_published',
      'comment_added',
      'lead_generated',
      'ad_campaign_updated',
      'page_liked',
      'instagram_mention',
      'story_published',
    ],
    example: [
      'page_message_received',
      'HERA.META.EVENT.PAGE.MESSAGE.RECEIVED.v1',
      {
        page_id: '12345678901234567',
        sender_id: '98765432109876543',
        message: "Hi, I saw your Facebook ad and I'm interested",
        timestamp: '2024-11-15T16:45:00Z',
        thread_id: 't_mid.xxx',
      },
    ],
    support: 'https://developers.facebook.com/docs/graph-api/',
    lists: { platforms: ['facebook_pages', 'facebook_ads', 'instagram_business', 'messenger', 'facebook_shops'] },
    endpoints: ['pages', 'page_messages', 'page_posts', 'ad_accounts', 'instagram_accounts', 'leadgen_forms'],
  },
  'zapier-webhook': {
    name: 'Zapier Webhooks',
    purpose: 'Connect HERA with 5000+ business tools through Zapier automation.',
    category: 'automation',
    auth: 'webhook',
    fields: ['webhook_url', 'auth_header'],
    scopes: [],
    guide: {
      webhook_received: 'Incoming triggers from Zapier',
      trigger_sent: 'Events sent to trigger Zapier workflows',
      workflow_triggered: 'Zapier automation executed',
    },
    deployed: [
      'webhook_received',
      'trigger_sent',
      'action_completed',
      'zap_enabled',
      'zap_disabled',
      'workflow_triggered',
      'data_synced',
    ],
    example: [
      'trigger_sent',
      'HERA.ZAPIER.EVENT.TRIGGER.SENT.v1',
      {
        trigger_type: 'customer_created',
        customer: {
          id: 'cust_12345',
          name: 'Jane Smith',
          email: 'jane.smith@example.com',
          phone: '+1-555-0123',
          created_at: '2024-11-15T12:00:00Z',
        },
        organization_name: 'Beauty Salon Pro',
      },
    ],
    support: 'https://zapier.com/help/doc/how-get-started-webhooks-zapier',
    lists: {
      supported_triggers: [
        'customer_created',
        'order_completed',
        'appointment_scheduled',
        'payment_received',
        'invoice_sent',
        'user_registered',
        'custom_event',
      ],
      supported_actions: [
        'create_lead',
        'send_email',
        'add_to_spreadsheet',
        'create_task',
        'post_to_slack',
        'update_crm_record',
        'send_sms',
      ],
    },
    endpoints: ['webhook_endpoint'],
  },
  'hubspot-crm': {
    name: 'HubSpot CRM API',
    purpose: 'Synchronize contacts, deals, companies, and activities with HubSpot CRM.',
    category: 'crm',
    auth: 'oauth2',
    fields: ['client_id', 'client_secret'],
    scopes: ['contacts', 'automation', 'forms', 'integration-sync'],
    guide: {
      contact_created: 'New contacts added to HubSpot',
      deal_created: 'New deals in the sales pipeline',
      form_submitted: 'Form submissions from HubSpot',
      company_updated: 'Company record changes',
    },
    deployed: [
      'contact_created',
      'contact_updated',
      'deal_created',
      'deal_updated',
      'company_created',
      'company_updated',
      'task_created',
      'email_sent',
      'form_submitted',
    ],
    example: [
      'form_submitted',
      'HERA.HUBSPOT.EVENT.FORM.SUBMITTED.v1',
      {
        form_id: '12345678-abcd-1234-5678-90abcdef1234',
        portal_id: 987654321,
        contact_email: 'prospect@example.com',
        contact_firstname: 'Alex',
        contact_lastname: 'Johnson',
        form_fields: {
          company: 'TechStart Inc',
          phone: '+1-555-0199',
          message: 'Interested in your salon management software',
        },
        submitted_at: '2024-11-15T09:15:00Z',
      },
    ],
    support: 'https://developers.hubspot.com/docs/api/overview',
    lists: {
      sync_objects: [
        'contacts',
        'companies',
        'deals',
        'tickets',
        'products',
        'line_items',
        'quotes',
        'tasks',
        'notes',
        'emails',
        'calls',
        'meetings',
      ],
    },
    endpoints: ['contacts', 'companies', 'deals', 'tickets', 'notes', 'tasks', 'emails', 'forms'],
  },
}

let registry: Registry
beforeAll(async () => {
  const reading = await readRegistry([folder])
  expect(reading.diagnostics).toEqual([])
  registry = reading.registry
})

function connector(code: string): Connector {
  const found = registry.connectors.find((candidate) => candidate.code === code)
  if (found === undefined) throw new Error(`no ${code}`)
  return found
}

function eventOf(code: string, name: string) {
  const found = connector(code).events.find((event) => event.name === name)
  if (found === undefined) throw new Error(`no ${code}.${name}`)
  return found
}

test('the connectors of the guide are there', () => {
  expect(registry.connectors.map(({ code }) => code)).toEqual(expect.arrayContaining(Object.keys(wanted)))
})

describe.each(Object.entries(wanted))('%s holds what the guide and the deployed script say of it', (code, want) => {
  test('name, purpose, category, authentication and support link', () => {
    const { name, purpose, category, auth, links } = connector(code)
    expect({ name, purpose, category, auth: auth.type, support: links.support }).toEqual({
      name: want.name,
      purpose: want.purpose,
      category: want.category,
      auth: want.auth,
      support: want.support,
    })
  })

  test('fields, in the order of the guide, and scopes', () => {
    const { auth } = connector(code)
    expect(auth.fields.slice(0, want.fields.length).map(({ name }) => name)).toEqual(want.fields)
    expect(auth.scopes.map(({ name }) => name)).toEqual(expect.arrayContaining([...want.scopes]))
  })

  test('events, with the words of the guide', () => {
    const names = connector(code).events.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([...Object.keys(want.guide), ...want.deployed]))
    for (const [name, summary] of Object.entries(want.guide)) expect(eventOf(code, name).summary).toBe(summary)
  })

  test('the example of the guide, under its smart code', () => {
    const [name, smartCode, data] = want.example
    const event = eventOf(code, name)
    expect(event.smart_code).toBe(smartCode)
    expect(event.examples.map((example) => example.data)).toContainEqual(data)
  })

  test('lists and endpoint names', () => {
    const { capabilities, api } = connector(code)
    for (const [name, entries] of Object.entries(want.lists))
      expect(capabilities[name]).toEqual(expect.arrayContaining([...entries]))
    expect(api.endpoints.map(({ name }) => name)).toEqual(expect.arrayContaining([...want.endpoints]))
  })

  test('the three common issues, made specific to the vendor', () => {
    const problems = connector(code).troubleshooting.map(({ problem }) => problem.toLowerCase())
    for (const issue of ['webhook verification failed', 'rate limit exceeded', 'authentication expired']) {
      expect(problems.some((problem) => problem.includes(issue))).toBe(true)
    }
  })

  test('connector_config has every key of the contract, of its type', () => {
    const config = connectorConfig(connector(code)) as Readonly<Record<string, unknown>>
    for (const key of [
      'display_name',
      'description',
      'category',
      'auth_type',
      'version',
      'status',
      'icon',
      'vendor',
      'documentation_url',
    ]) {
      expect({ key, type: typeof config[key] }).toEqual({ key, type: 'string' })
    }
    const names = connector(code).events.map(({ name }) => name)
    expect(config.supported_events).toEqual(names)
    expect(Object.keys(config.event_mappings as object)).toEqual(names)
    for (const name of names) {
      expect((config.event_mappings as Record<string, unknown>)[name]).toMatchObject({
        hera_smart_code: expect.stringMatching(/^HERA\./),
        description: expect.any(String),
      })
    }
    const authentication = config.authentication as {
      readonly type: string
      readonly fields: readonly Record<string, unknown>[]
    }
    expect(authentication.type).toBe(want.auth)
    const required = connector(code).auth.scopes.filter((scope) => scope.required)
    if (want.scopes.length > 0)
      expect(config.authentication).toMatchObject({ scopes: required.map(({ name }) => name) })
    for (const field of authentication.fields) {
      expect(field).toMatchObject({
        name: expect.any(String),
        label: expect.any(String),
        type: expect.stringMatching(/^(?:text|password|url)$/),
        required: expect.any(Boolean),
        description: expect.any(String),
      })
    }
    expect(config.api_endpoints).toMatchObject({ base_url: expect.stringMatching(/^https:/) })
    expect(Object.keys(config.api_endpoints as object)).toEqual(expect.arrayContaining([...want.endpoints]))
    expect(config.webhook_config).toMatchObject({ required: expect.any(Boolean) })
    expect(config.rate_limits).toBeTypeOf('object')
    for (const [name, entries] of Object.entries(want.lists))
      expect(config[name]).toEqual(expect.arrayContaining([...entries]))
  })
})

describe('facts that the guide had wrong or lacked', () => {
  test('scopes that a vendor retired stay listed, never required, with what replaces them', () => {
    for (const [code, name, replacements] of [
      ['linkedin-api', 'r_liteprofile', ['profile']],
      ['linkedin-api', 'r_emailaddress', ['email']],
      ['hubspot-crm', 'contacts', ['crm.objects.contacts.read']],
    ] as const) {
      const scope = connector(code).auth.scopes.find((candidate) => candidate.name === name)
      expect(scope).toMatchObject({ required: false, deprecated: { reason: expect.any(String) } })
      expect(scope?.replaced_by).toEqual(expect.arrayContaining([...replacements]))
    }
    const dropped = connector('hubspot-crm').auth.scopes.find(({ name }) => name === 'integration-sync')
    expect(dropped).toMatchObject({ required: false, deprecated: { instead: expect.any(String) } })
  })

  test('what no webhook carries does not claim to arrive by one', () => {
    for (const [code, names] of [
      [
        'linkedin-api',
        ['campaign_updated', 'ad_performance', 'company_page_update', 'connection_made', 'message_received'],
      ],
      ['hubspot-crm', ['form_submitted', 'task_created', 'email_sent']],
      ['meta-graph-api', ['page_liked', 'story_published', 'ad_campaign_updated']],
      ['zapier-webhook', ['trigger_sent', 'workflow_triggered', 'zap_enabled', 'zap_disabled']],
    ] as const) {
      for (const name of names)
        expect({ name, source: eventOf(code, name).source }).not.toEqual({ name, source: 'webhook' })
    }
  })

  test('the key that signs the webhooks of WhatsApp and Meta is asked for', () => {
    for (const code of ['whatsapp-business-cloud', 'meta-graph-api']) {
      expect(connector(code).auth.fields.find(({ name }) => name === 'app_secret')).toMatchObject({ sensitive: true })
      expect(connector(code).webhook?.signatures[0]).toMatchObject({
        signature: { in: 'header', at: 'X-Hub-Signature-256', format: 'sha256={signature}' },
        secret: 'app_secret',
        signed: '{body}',
      })
    }
  })

  test("WhatsApp's sender is optional, and ids are text", () => {
    const { data } = eventOf('whatsapp-business-cloud', 'message_received')
    expect(data.required ?? []).not.toContain('from')
    for (const { code, events } of registry.connectors) {
      for (const event of events) {
        for (const [name, property] of Object.entries(event.data.properties ?? {})) {
          if (!/(?:^|_)id$/.test(name)) continue
          const types = [property.type ?? 'string'].flat()
          expect({ field: `${code}.${event.name}.${name}`, types }).toEqual({
            field: expect.any(String),
            types: expect.arrayContaining(['string']),
          })
        }
      }
    }
  })

  test("LinkedIn's prefix belongs to what is signed, HubSpot's schemes come strongest first", () => {
    expect(connector('linkedin-api').webhook?.signatures[0]).toMatchObject({
      signature: { in: 'header', at: 'X-LI-Signature' },
      signed: 'hmacsha256={body}',
    })
    expect(
      connector('hubspot-crm').webhook?.signatures.map(({ signature, weak }) => [signature?.at, weak ?? false]),
    ).toEqual([
      ['X-HubSpot-Signature-v3', false],
      ['X-HubSpot-Signature', true],
      ['X-HubSpot-Signature', true],
    ])
  })

  test('the examples of the sync and automation patterns are valid input', () => {
    const synced = eventOf('hubspot-crm', 'contact_created').examples.map(({ data }) => Object.keys(data))
    expect(synced).toContainEqual(
      expect.arrayContaining(['hera_customer_id', 'hubspot_contact_id', 'sync_direction', 'synced_fields']),
    )
    const sent = eventOf('zapier-webhook', 'trigger_sent').examples.map(({ data }) => data)
    expect(sent).toContainEqual(
      expect.objectContaining({ trigger_type: 'appointment_completed', appointment: expect.any(Object) }),
    )
  })
})

describe('idempotency keys', () => {
  test('never read a clock, a send time or an attempt counter', () => {
    const pointers = registry.connectors.flatMap(({ events }) =>
      events.flatMap(({ idempotency_key }) => idempotency_key),
    )
    expect(pointers.length).toBeGreaterThan(40)
    for (const pointer of pointers)
      expect(tokensOf(pointer).join('_')).not.toMatch(/attempt|sent_at|received_at|delivered_at|retry/)
  })

  test('differ between the examples of one event, unless they are the same event', () => {
    for (const { code, events } of registry.connectors) {
      for (const { name, examples, idempotency_key } of events) {
        const keys = examples.map(({ data }) =>
          JSON.stringify(idempotency_key.map((pointer) => valueAt(data, pointer) ?? null)),
        )
        expect({ event: `${code}.${name}`, distinct: new Set(keys).size }).toEqual({
          event: `${code}.${name}`,
          distinct: keys.length,
        })
      }
    }
  })
})

test('the fields of every definition are in the order of the format: otherwise run npm run format', () => {
  for (const { code } of registry.connectors) {
    const text = readFileSync(join(folder, `${code}.yaml`), 'utf8')
    const { document } = parse({ file: `${code}.yaml`, stem: code, text })
    expect({ code, unordered: document && keyOrderViolations(document).map(({ path }) => path) }).toEqual({
      code,
      unordered: [],
    })
  }
})

test('every definition names the format for editors in its first line', () => {
  for (const { code } of registry.connectors) {
    expect(readFileSync(join(folder, `${code}.yaml`), 'utf8').split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../schema/connector.schema.json',
    )
  }
})

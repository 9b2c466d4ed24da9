import { stringify } from 'yaml'

/** What somebody says of a connector before anything is looked up. */
export interface Answers {
  readonly code: string
  readonly name: string
  readonly vendor: string
  readonly category: string
  readonly namespace: string
  readonly auth: 'api_key' | 'oauth2' | 'webhook'
  /** Where the vendor documents its API. */
  readonly documentation: string
  /** Names of events, at least one. */
  readonly events: readonly string[]
  /** Today, as in 2026-11-23. */
  readonly today: string
}

/** Answers that follow from a code, for whoever gives no others. */
export function usualAnswers(code: string): Pick<Answers, 'name' | 'vendor' | 'namespace'> {
  const words = code.split('-').filter((word) => word !== '')
  const name = words.map((word) => (word[0] ?? '').toUpperCase() + word.slice(1)).join(' ')
  const letters = words
    .join('')
    .toUpperCase()
    .replace(/^[0-9]+/, '')
  return { name, vendor: name.split(' ')[0] ?? name, namespace: letters.slice(0, 15).padEnd(3, 'X') }
}

/**
 * A definition that is valid as it stands, with a comment wherever only the vendor's documentation has the answer. Its
 * status is draft, so that nobody is offered what is not filled in yet.
 */
export function scaffold(answers: Answers): string {
  const { code, name, vendor, category, namespace, documentation, events, today } = answers
  return `# yaml-language-server: $schema=../schema/connector.schema.json
# Every line with FILL IN is a guess that validates. Replace it by what the vendor's documentation says, and name the
# source beside it with cites. Then change the status to active.
code: ${code}
name: ${text(name)}
version: 0.1.0
status: draft
category: ${category}
vendor: ${text(vendor)}
icon: plug # FILL IN: a name of https://lucide.dev/icons
namespace: ${namespace}
purpose: ${text(`Connect ${name} with HERA.`)} # FILL IN: one sentence, for the catalogue
description: ${text(`Receives events of ${name}.`)} # FILL IN: what it does, and what it needs

sources:
  documentation:
    title: ${text(`${name}: developer documentation`)}
    url: ${text(documentation)}
    read: "${today}"

links:
  documentation: ${text(documentation)}
  support: ${text(documentation)} # FILL IN: where installers find help

${authentication(answers)}
api:
  base_url: https://api.example.com # FILL IN
  endpoints:
    status: # FILL IN: the calls that installers' applications make
      method: GET
      path: /status
      summary: ${text(`Ask whether ${name} is reachable.`)}

rate_limits:
  - name: calls
    scope: account
    formula: Not looked up yet # FILL IN: or limit and per, such as 100 per minute

privacy:
  personal_data: [] # FILL IN: JSON Pointers to personal data in the events, such as /email
  retention: Not looked up yet. # FILL IN
  legal: Not looked up yet. # FILL IN

events:
${events.map((event) => eventText(event, name)).join('')}
webhook:
  required: false
  summary: ${text(`${name} posts events to one address.`)} # FILL IN
  signatures:
    - name: signature # FILL IN: how the vendor signs; the guide's security page shows how others do
      algorithm: hmac-sha256
      header: X-Signature
      format: "{signature}"
      encoding: hex
      secret: ${secretOf(answers)}
      signed: "{body}"
      description: The raw bytes are signed.
  delivery:
    success: Any 2xx status # FILL IN, and what follows: what the vendor takes for received, and what it repeats
    retry: Not looked up yet
    ordered: false
    duplicates: true
  deliveries:
${events.map(deliveryText).join('')}  samples: # FILL IN: what the vendor really sends
${events.map(sampleText).join('')}  setup:
    - title: Save the address # FILL IN
      description: ${text(`Enter the webhook address in the settings of ${name}.`)}

setup:
  - title: Get access # FILL IN
    description: ${text(`Create an app or a key in the settings of ${name}.`)}

troubleshooting:
  - problem: Webhook Verification Failed # FILL IN: what goes wrong at this vendor
    causes:
      - The secret differs from the one at the vendor.
    fix: Enter the same secret in both places.
`
}

function authentication({ auth, name }: Answers): string {
  const secret = (label: string, used: string, description: string) => `      label: ${label}
      type: secret
      required: true
      used_for: [${used}]
      description: ${text(description)}
      where_to_find: ${text(`The settings of ${name}.`)} # FILL IN
`
  if (auth === 'oauth2') {
    return `auth:
  type: oauth2
  summary: OAuth 2.0. # FILL IN: which flow, and how long tokens live
  fields:
    client_id:
      label: Client ID
      type: text
      required: true
      used_for: [oauth]
      description: Identifies your app.
      where_to_find: ${text(`The settings of ${name}.`)} # FILL IN
    client_secret:
${secret('Client secret', 'oauth, signatures', 'Proves that your app is your app, and signs webhooks.')}  authorization_url: https://example.com/oauth/authorize # FILL IN
  token_url: https://example.com/oauth/token # FILL IN
  oauth:
    client_id: client_id
    client_secret: client_secret
  scopes:
    - name: read # FILL IN: what has to be asked for
      required: true
      description: Read what the events are about.
  tokens:
    - name: Access token # FILL IN: how long it lives, as lifetime_seconds
      description: Sent with every call.
  refresh:
    method: refresh_token # FILL IN: how an access token is renewed
    description: Exchange the refresh token at the token address.
`
  }
  if (auth === 'webhook') {
    return `auth:
  type: webhook
  summary: A secret address. # FILL IN
  fields:
    webhook_url:
      label: Webhook URL
      type: url
      sensitive: true
      required: true
      used_for: [calls]
      description: Where HERA sends events to.
      where_to_find: ${text(`The settings of ${name}.`)} # FILL IN
    inbound_secret:
${secret('Inbound secret', 'signatures', 'Signs what comes in.')}`
  }
  return `auth:
  type: api_key
  summary: A key that the installer pastes. # FILL IN
  fields:
    api_key:
${secret('API key', 'calls', 'Sent with every call.')}    webhook_secret:
${secret('Webhook secret', 'signatures', 'Signs webhooks.')}`
}

function secretOf({ auth }: Answers): string {
  return { oauth2: 'client_secret', webhook: 'inbound_secret', api_key: 'webhook_secret' }[auth]
}

function eventText(event: string, name: string): string {
  return `  ${event}:
    summary: ${text(`${sentence(event)} in ${name}`)} # FILL IN
    direction: inbound
    source: webhook # or poll, or emitted
    origin: type is "${event}" # FILL IN: how it is recognized in a delivery
    version: 1
    data: # FILL IN: everything that the vendor sends and an application may want
      type: object
      additionalProperties: false
      required: [id]
      properties:
        id:
          type: string
          description: Id of what this is about.
        occurred_at:
          type: string
          format: date-time
          description: When it happened.
    example:
      id: id-1
      occurred_at: "2026-01-31T12:00:00Z"
    idempotency_key: [/id] # FILL IN: what is the same whenever the vendor repeats a delivery
`
}

function deliveryText(event: string): string {
  return `    - event: ${event}
      when: $.delivery.type == '${event}'
      data: # FILL IN: where in the body each field stands
        id: $.delivery.id
        occurred_at: { from: $.delivery.occurred_at, as: date-time }
`
}

function sampleText(event: string): string {
  const body = JSON.stringify({ type: event, id: 'id-1', occurred_at: '2026-01-31T12:00:00Z' })
  return `    - name: ${sentence(event)}
      body: '${body}'
      events: [${event}]
`
}

function sentence(event: string): string {
  const words = event.replaceAll('_', ' ')
  return (words[0] ?? '').toUpperCase() + words.slice(1)
}

/** A text as YAML on one line. */
function text(value: string): string {
  return stringify(value, { lineWidth: 0 }).trimEnd()
}

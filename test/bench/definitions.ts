// Definitions for benchmarks: 8 events and about 250 lines each, different from each other, the same for the same seed.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const NOUNS = ['contact', 'order', 'invoice', 'ticket', 'payment', 'shipment', 'campaign', 'message', 'lead', 'task']
const VERBS = ['created', 'updated', 'deleted', 'assigned', 'closed', 'merged', 'archived', 'approved']
const WORDS = ['account', 'amount', 'channel', 'country', 'email', 'label', 'owner', 'priority', 'region', 'status']
const VENDORS = ['Acme', 'Borealis', 'Cobalt', 'Delphi', 'Ember', 'Fathom', 'Granite', 'Halcyon']
const CATEGORIES = ['crm', 'messaging', 'ecommerce', 'finance', 'automation', 'support', 'marketing']

interface Property {
  readonly name: string
  readonly schema: string
  readonly example: string
}

interface BenchEvent {
  readonly name: string
  readonly noun: string
  readonly source: 'webhook' | 'emitted'
  readonly properties: readonly Property[]
}

/** The code of the definition with this number. */
export function codeAt(index: number): string {
  return `${(VENDORS[index % VENDORS.length] ?? '').toLowerCase()}-bench-${String(index).padStart(5, '0')}`
}

/** Writes `amount` definitions to a folder. */
export async function writeDefinitions(folder: string, amount: number, seed = 1): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let index = 0; index < amount; index += 1) {
    await writeFile(join(folder, `${codeAt(index)}.yaml`), definitionAt(index, seed))
  }
}

/** A sequence of numbers below 1 that looks random and follows from the seed (mulberry32, public domain). */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The text of one definition. */
export function definitionAt(index: number, seed = 1): string {
  const next = numbersFrom(seed * 1_000_003 + index)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item
  const code = codeAt(index)
  const vendor = VENDORS[index % VENDORS.length] ?? ''
  const host = `${code}.example`
  const noun = pick(NOUNS)
  const events = VERBS.map((verb, position): BenchEvent => {
    const eventNoun = position < 2 ? noun : pick(NOUNS)
    return {
      name: `${eventNoun}_${verb}`,
      noun: eventNoun,
      source: position < 2 ? 'webhook' : 'emitted',
      properties: properties(pick, next),
    }
  })
  return `# yaml-language-server: $schema=../schema/connector.schema.json
code: ${code}
name: ${vendor} ${noun} service ${index}
version: 1.${Math.floor(next() * 9)}.0
status: active
category: ${pick(CATEGORIES)}
vendor: ${vendor}
icon: users
namespace: BENCH${String(index).padStart(5, '0')}
purpose: Keep each ${noun} in step with ${vendor}, number ${index}.
description: >-
  Receives what happens to each ${noun} at ${vendor}, and sends updates back.

  Made up for benchmarks; the seed decides which fields it has.
sources:
  docs:
    title: ${vendor} developer documentation
    url: https://developers.${host}/docs
    read: "2026-11-23"
cites: docs
links:
  documentation: https://developers.${host}/docs
  support: https://developers.${host}/support
auth:
  type: oauth2
  summary: OAuth 2.0 with a refresh token.
  fields:
    client_id:
      label: Client ID
      type: text
      required: true
      used_for: [oauth]
      description: Identifies your app at ${vendor}.
      where_to_find: Developer console, Apps, Credentials.
      example: app${index}
    client_secret:
      label: Client secret
      type: secret
      required: true
      used_for: [oauth]
      description: Proves that your app is your app.
      where_to_find: Developer console, Apps, Credentials.
    signing_key:
      label: Signing key
      type: secret
      required: true
      used_for: [signatures]
      description: Signs the webhooks of the account.
      where_to_find: Developer console, Webhooks, Key.
  authorization_url: https://auth.${host}/authorize
  token_url: https://auth.${host}/token
  oauth:
    client_id: client_id
    client_secret: client_secret
  scopes:
    - name: ${noun}s.read
      required: true
      description: Read each ${noun} and receive its events.
      cites: docs
    - name: ${noun}s.write
      required: false
      description: Send updates.
  tokens:
    - name: Access token
      lifetime_seconds: ${3600 * (1 + Math.floor(next() * 24))}
      description: Sent as a bearer token with every call.
  refresh: { method: refresh_token, description: Exchange the refresh token at the token URL. }
api:
  base_url: https://api.${host}/v2
  version: v2
  endpoints:
    ${noun}_list:
      method: GET
      path: /${noun}s
      summary: List what is there.
      scopes: [${noun}s.read]
rate_limits:
  - name: calls_per_account
    scope: account
    limit: ${10 * (1 + Math.floor(next() * 50))}
    per: minute
    advice: Wait for the window to end.
privacy:
  personal_data: []
  retention:
    description: Keep as long as the customer does.
  legal: ${vendor} terms of use.
events:
${events.map(eventText).join('')}webhook:
  required: true
  summary: ${vendor} posts events to one address per account.
  signatures:
    - name: v1
      algorithm: hmac-sha256
      signature: { in: header, at: X-${vendor}-Signature }
      encoding: hex
      secret: signing_key
      signed: "{body}"
      description: The raw bytes are signed.
  delivery:
    success: Any 2xx status
    retry: Ten times in a day
    ordered: false
    duplicates: true
  deliveries:
${events
  .filter(({ source }) => source === 'webhook')
  .map(deliveryText)
  .join('')}  samples:
${events
  .filter(({ source }) => source === 'webhook')
  .map(sampleText)
  .join('')}  setup:
    - title: Save the address
      description: Developer console, Webhooks, Add.
setup:
  - title: Create an app
    description: Developer console, Apps, New.
troubleshooting:
  - problem: Deliveries stop
    causes:
      - The address answered with errors for a day.
    fix: Save the address again.
`
}

function properties(pick: <Item>(items: readonly Item[]) => Item, next: () => number): readonly Property[] {
  const names = [...new Set([pick(WORDS), pick(WORDS), pick(WORDS), pick(WORDS)])]
  return names.map((name): Property => {
    const amount = Math.floor(next() * 1000)
    return pick<Property>([
      { name, schema: `{ type: string, description: The ${name} as people see it. }`, example: `some ${name}` },
      { name, schema: `{ type: number, minimum: 0, description: The ${name} as a number. }`, example: `${amount}` },
      { name, schema: `{ type: string, enum: [low, high], description: One of two ${name}s. }`, example: 'low' },
      {
        name,
        schema: `{ type: array, description: Every ${name}., items: { type: string, description: One ${name}. } }`,
        example: `[first, second]`,
      },
    ])
  })
}

function eventText({ name, noun, source, properties: fields }: BenchEvent): string {
  return `  ${name}:
    summary: What happened to one ${noun}
    direction: inbound
    source: ${source}
    version: 1
    data:
      type: object
      additionalProperties: false
      required: [${noun}_id]
      properties:
        ${noun}_id: { type: string, description: Id of the ${noun}. }
${fields.map((field) => `        ${field.name}: ${field.schema}\n`).join('')}    example: { ${[`${noun}_id: ${noun}_1`, ...fields.map((field) => `${field.name}: ${field.example}`)].join(', ')} }
    idempotency_key: [/${noun}_id]
`
}

function deliveryText({ name, noun }: BenchEvent): string {
  return `    - event: ${name}
      for:
        change: $.delivery.changes[?@.type == '${name}']
      data:
        ${noun}_id: $.change.id
`
}

function sampleText({ name }: BenchEvent): string {
  return `    - name: One ${name}
      body: '{"changes":[{"type":"${name}","id":"c_1"}]}'
      events: [${name}]
`
}

// Deliveries a second through verification and extraction on one core, beside the floor: one HMAC and one JSON.parse of
// the same body. Prints a table; `npm run bench:webhook`.
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { toEvents } from '../../generator/kit/delivery.ts'
import { verify } from '../../generator/kit/verify.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { webhookOf } from '../support/webhook.ts'

const root = join(import.meta.dirname, '..', '..')
const { registry } = await readRegistry([join(root, 'definitions')])
const secret = 'bench-secret'
const url = 'https://hooks.example.com/bench'

interface Case {
  readonly code: string
  readonly sample: string
  /** Tells the rows of a connector apart. */
  readonly note?: string
  /** How many events; the ratios of the rows stay the same where the kit is linear. */
  readonly counts: readonly number[]
  /** Repeats the innermost list of the sample. */
  readonly many: (sample: unknown, count: number) => unknown
  /** Headers by which the vendor signs a body. */
  readonly headers: (body: string) => Record<string, string>
}

const hmac = (body: string, encoding: 'hex' | 'base64') => createHmac('sha256', secret).update(body).digest(encoding)

function repeated(list: readonly unknown[], count: number): unknown[] {
  return Array.from({ length: count }, () => list[0])
}

const TEXT_SAMPLE = 'A text'

const cases: readonly Case[] = [
  {
    code: 'whatsapp-business-cloud',
    sample: TEXT_SAMPLE,
    counts: [1, 1000],
    many: (sample, count) => {
      const copy = structuredClone(sample) as { entry: { changes: { value: { messages: unknown[] } }[] }[] }
      const value = copy.entry[0]?.changes[0]?.value
      if (value !== undefined) value.messages = repeated(value.messages, count)
      return copy
    },
    headers: (body) => ({ 'x-hub-signature-256': `sha256=${hmac(body, 'hex')}` }),
  },
  {
    code: 'whatsapp-business-cloud',
    note: 'each with a contact',
    sample: TEXT_SAMPLE,
    counts: [1, 100, 10_000],
    many: (sample, count) => {
      const copy = structuredClone(sample) as {
        entry: { changes: { value: { messages: object[]; contacts: object[] } }[] }[]
      }
      const value = copy.entry[0]?.changes[0]?.value
      if (value === undefined) return copy
      const ids = Array.from({ length: count }, (_, index) => `${4_917_000_000 + index}`)
      value.messages = ids.map((from) => ({ ...value.messages[0], from }))
      value.contacts = ids.map((wa_id) => ({ ...value.contacts[0], wa_id }))
      return copy
    },
    headers: (body) => ({ 'x-hub-signature-256': `sha256=${hmac(body, 'hex')}` }),
  },
  {
    code: 'meta-graph-api',
    sample: 'A comment',
    counts: [1, 1000],
    many: (sample, count) => {
      const copy = structuredClone(sample) as { entry: { changes: unknown[] }[] }
      const entry = copy.entry[0]
      if (entry !== undefined) entry.changes = repeated(entry.changes, count)
      return copy
    },
    headers: (body) => ({ 'x-hub-signature-256': `sha256=${hmac(body, 'hex')}` }),
  },
  {
    code: 'hubspot-crm',
    sample: 'A property of a contact changed',
    counts: [1, 1000],
    many: (sample, count) => repeated(sample as unknown[], count),
    headers: (body) => {
      const now = String(Date.now())
      return {
        'x-hubspot-signature-v3': hmac(`POST${url}${body}${now}`, 'base64'),
        'x-hubspot-request-timestamp': now,
      }
    },
  },
]

/** As many are under way at once, so that the numbers tell of work and not of waiting for a thread. */
const AT_ONCE = 4

/** The median of five rounds. */
async function perSecond(work: () => Promise<unknown>): Promise<number> {
  await round(work)
  const rates: number[] = []
  for (let index = 0; index < 5; index += 1) rates.push(await round(work))
  return rates.sort((left, right) => left - right)[2] ?? 0
}

async function round(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  let count = 0
  while (performance.now() - start < 400) {
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    count += AT_ONCE
  }
  return (count * 1000) / (performance.now() - start)
}

const rows: (string | number)[][] = []
for (const { code, note, counts, sample: name, many, headers: headersOf } of cases) {
  const connector = registry.connectors.find((one) => one.code === code)
  const sample = connector?.webhook?.samples.find((one) => one.name === name)
  if (connector === undefined || sample === undefined) throw new Error(`no sample "${name}" of ${code}`)
  const webhook = webhookOf(connector)
  for (const count of counts) {
    const text = JSON.stringify(many(JSON.parse(sample.body), count))
    const body = new TextEncoder().encode(text)
    const headers = new Headers(headersOf(text))
    const larger = { ...webhook, max_bytes: Math.max(webhook.max_bytes, body.byteLength) }
    const secrets = Object.fromEntries(webhook.signatures.map((scheme) => [scheme.secret, secret]))
    const reading = await toEvents(webhook, body)
    if (!reading.readable || reading.events.length !== count) throw new Error(`${code}: not ${count} events`)
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    const decoder = new TextDecoder()
    const floor = await perSecond(async () => {
      await crypto.subtle.sign('HMAC', key, body)
      return JSON.parse(decoder.decode(body))
    })
    const ours = await perSecond(async () => {
      const result = await verify(larger, { method: 'POST', headers, body }, secrets, { url })
      if (!result.verified) throw new Error(result.reason)
      return toEvents(webhook, result.body)
    })
    rows.push([
      note === undefined ? code : `${code}, ${note}`,
      count,
      body.byteLength,
      Math.round(floor),
      Math.round(ours),
      Math.round(ours * count),
      `${(floor / ours).toFixed(2)} ×`,
    ])
  }
}
const header = ['connector', 'events', 'bytes', 'floor', 'kit', 'events a second', 'kit against floor']
const lines = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
process.stdout.write(`${lines.join('\n')}\n`)

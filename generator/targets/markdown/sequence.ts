import { endpoints } from '../../kit/endpoints.ts'
import type { Connector, ConnectorWebhook } from '../../model/connector.ts'
import { formatDuration } from './format-limits.ts'
import type { Markdown } from './markdown.ts'
import { join, list, strong, text } from './markdown.ts'

type Handshake = ConnectorWebhook['handshakes'][number]

type Party = 'vendor' | 'endpoint' | 'hera'

/** One thing that happens on a webhook's way, in plain words. */
export interface Step {
  readonly from: Party
  /** The same as `from` where something is done without a message. */
  readonly to: Party
  readonly words: string
}

/** A webhook's way from the vendor into HERA. */
export interface Sequence {
  readonly names: Readonly<Record<Party, string>>
  readonly steps: readonly Step[]
}

/** What happens between the vendor, an endpoint and HERA; undefined for a connector that nothing is pushed to. */
export function sequenceOf(connector: Connector): Sequence | undefined {
  const { vendor, webhook, events } = connector
  const pushed = events.filter(({ source }) => source === 'webhook').map(({ name }) => name)
  if (webhook === undefined || (pushed.length === 0 && webhook.handshakes.length === 0)) return undefined
  return {
    names: { vendor, endpoint: 'Your endpoint', hera: 'HERA' },
    steps: [...handshakeSteps(webhook), ...(pushed.length === 0 ? [] : deliverySteps(webhook, pushed))],
  }
}

function handshakeSteps({ handshakes }: ConnectorWebhook): readonly Step[] {
  return handshakes.flatMap(({ when, verified = false, values = {}, proof, keeps, response, time_limit_seconds }) => {
    const places = [...Object.values(values).map(({ at }) => at), ...conditionNames(when)]
    const recognized = places.length === 0 ? '' : ` with ${[...new Set(places)].join(', ')}`
    const limit = time_limit_seconds === undefined ? '' : `, within ${formatDuration(time_limit_seconds)}`
    const said = proof === undefined ? bodyWords(response) : `${bodyWords(response)} and a proof (${proof.algorithm})`
    const how = verified ? 'Signed, to check the address' : 'To check the address'
    const kept = Object.keys(keeps ?? {}).join(', ')
    return [
      { from: 'vendor', to: 'endpoint', words: `${how}: ${methodWords(when)}${recognized}` },
      ...(kept === '' ? [] : [{ from: 'endpoint', to: 'endpoint', words: `Stores ${kept}` } as const]),
      { from: 'endpoint', to: 'vendor', words: `${response.status ?? 200} with ${said}${limit}` },
    ] as const
  })
}

function conditionNames({ header = {}, query = {}, body = {} }: Handshake['when']): readonly string[] {
  return [header, query, body].flatMap((expected) => Object.keys(expected))
}

/** `HEAD or GET`; `a request` if it may be any. */
export function methodWords({ method }: Handshake['when']): string {
  return method === undefined ? 'a request' : [method].flat().join(' or ')
}

function bodyWords({ text, json, headers = {} }: Handshake['response']): string {
  const names = Object.keys(headers)
  const body = json !== undefined ? 'JSON' : text === undefined ? 'an empty body' : 'text'
  return names.length === 0 ? body : `${names.join(', ')} and ${body}`
}

function deliverySteps(
  { signatures, delivery, deliveries, response }: ConnectorWebhook,
  pushed: readonly string[],
): readonly Step[] {
  const fetched = new Set(deliveries.flatMap(({ fetch = {} }) => Object.values(fetch).map(({ endpoint }) => endpoint)))
  const [strongest] = signatures
  const { time_limit_seconds } = delivery
  const limit = time_limit_seconds === undefined ? '' : `, within ${formatDuration(time_limit_seconds)}`
  const { in: where, at = [] } = strongest?.signature ?? {}
  const [name] = typeof at === 'string' ? [at] : at
  const proved = name === undefined ? '' : where === 'header' ? ` with the header ${name}` : ` with ${name}`
  return [
    { from: 'vendor', to: 'endpoint', words: `A delivery: POST${proved}` },
    ...(strongest === undefined ? [] : [{ from: 'endpoint', to: 'endpoint', words: verification(strongest) } as const]),
    ...(fetched.size === 0
      ? []
      : [
          {
            from: 'endpoint',
            to: 'vendor',
            words: `Fetches what the delivery lacks: ${someOf([...fetched])}`,
          } as const,
        ]),
    { from: 'endpoint', to: 'endpoint', words: `Makes events of it: ${someOf(pushed)}` },
    {
      from: 'endpoint',
      to: 'hera',
      words: `POST ${endpoints.events}, once an event, with its idempotency key`,
    },
    { from: 'hera', to: 'endpoint', words: 'Recorded; or duplicate, where the key is known' },
    {
      from: 'endpoint',
      to: 'vendor',
      words: `${response?.status ?? 200} once all are recorded, 503 where not${limit}`,
    },
  ]
}

function verification({ algorithm, secret }: ConnectorWebhook['signatures'][number]): string {
  if (algorithm === 'none') return 'Nothing is signed: something else protects the endpoint'
  const key = secret ?? 'the published key'
  if (algorithm === 'token') return `Compares the token with ${key}; 401 if it differs`
  return `Verifies the raw body: ${algorithm} with ${key}; 401 if it does not match`
}

/** `a, b, c` or `a, b and 5 more` */
function someOf(names: readonly string[]): string {
  if (names.length <= 3) return names.join(', ')
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`
}

/** The steps for whoever does not see the picture. */
export function sequenceList({ names, steps }: Sequence): Markdown {
  const items = steps.map(({ from, to, words }) => {
    const who = from === to ? names[from] : `${names[from]} → ${names[to]}`
    return join([strong(text(who)), text(words)], ': ')
  })
  return list(items, 'numbered')
}

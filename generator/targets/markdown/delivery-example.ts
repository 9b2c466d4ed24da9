import { parse, stringify } from 'lossless-json'
import { toEvents } from '../../kit/delivery.ts'
import { toEventRequest } from '../../kit/event.ts'
import type { Webhook } from '../../kit/webhook.ts'
import type { Connector, ConnectorEvent, SampleDelivery } from '../../model/connector.ts'
import { sampleRequest } from '../../model/sample-request.ts'
import { withStoredResponses } from '../../model/stored-responses.ts'
import { kitWebhook } from '../typescript/webhook-file.ts'
import type { Markdown } from './markdown.ts'
import { fence, formFence, text } from './markdown.ts'

/** One delivery as the vendor sends it, and the event that the kit makes of it. */
export interface DeliveryExample {
  readonly name: Markdown
  /** How many events the delivery holds, where it is more than this one. */
  readonly more: Markdown
  readonly body: Markdown
  readonly event: Markdown
}

/** For each event that arrives by webhook the sample that shows it best, by event name. */
export async function deliveryExamples(connector: Connector): Promise<ReadonlyMap<string, DeliveryExample>> {
  const { events, webhook } = connector
  const kit = kitWebhook(connector)
  if (webhook === undefined || kit === undefined) return new Map()
  const chosen = events.flatMap((event) => {
    const sample = plainest(webhook.samples, event)
    return sample === undefined ? [] : [{ event, sample }]
  })
  const found = new Map<string, DeliveryExample>()
  for (const { event, sample } of chosen) {
    const example = await exampleOf(kit, event.name, sample)
    if (example !== undefined) found.set(event.name, example)
  }
  return found
}

/** The first sample that holds this event and as little else as possible. */
function plainest(samples: readonly SampleDelivery[], { name }: ConnectorEvent): SampleDelivery | undefined {
  const holding = samples.filter(({ events }) => events.includes(name))
  const sizeOf = ({ events, unrecognized }: SampleDelivery) => events.length + unrecognized.length
  return holding.reduce<SampleDelivery | undefined>(
    (best, sample) => (best === undefined || sizeOf(sample) < sizeOf(best) ? sample : best),
    undefined,
  )
}

async function exampleOf(kit: Webhook, type: string, sample: SampleDelivery): Promise<DeliveryExample | undefined> {
  const isJson = sample.content_type === 'application/json'
  // Of what is shown, since an event can have a hash of the body.
  const body = isJson ? laidOut(sample.body) : sample.body
  const reading = await toEvents(withStoredResponses(kit, [sample]), body, sampleRequest(sample))
  const events = reading.readable ? reading.events : []
  const event = events.find((candidate) => candidate.type === type)
  if (event === undefined) return undefined
  return {
    name: text(sample.name),
    more: text(events.length === 1 ? '' : `This delivery holds ${events.length} events; one of them is:`),
    body: sample.content_type === 'none' ? headerFence(sample) : isJson ? fence('json', body) : formFence(body),
    event: fence('json', JSON.stringify(toEventRequest(event), null, 2)),
  }
}

/** A request without a body is its headers. */
function headerFence({ headers = {} }: SampleDelivery): Markdown {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return fence('text', lines.join('\n'))
}

/** Characters that fit on a line of a page. */
const LINE = 100

/** With its own line breaks; a body of one long line gets some, and keeps every digit of its numbers. */
function laidOut(body: string): string {
  const whole = body.trim()
  if (whole.includes('\n') || whole.length <= LINE) return whole
  const value = parse(whole, null, { onDuplicateKey: ({ newValue }) => newValue })
  return stringify(value, null, 2) ?? whole
}

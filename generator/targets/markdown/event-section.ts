import type { Connector, ConnectorEvent } from '../../model/connector.ts'
import type { DeliveryExample } from './delivery-example.ts'
import { formatDeprecation, formatDuration } from './format-limits.ts'
import { schemaAddress } from './machine-files.ts'
import type { Markdown } from './markdown.ts'
import { code, codeLink, codes, factTable, fence, join, nothing, paragraphs, table, text } from './markdown.ts'
import { propertyTable } from './property-rows.ts'
import { eventUsage } from './usage.ts'

/** What pages call the ways in which events arrive. */
export const ARRIVES = { webhook: 'by webhook', poll: 'polled', emitted: 'recorded' } as const

type Listed = Pick<ConnectorEvent, 'name' | 'summary' | 'direction' | 'source' | 'smart_code' | 'deprecated'>

/** One line an event; `page` is the address of the page that has the events' sections. */
export function eventsTable({ events }: { readonly events: readonly Listed[] }, page = ''): Markdown {
  return table(
    ['event', 'what it says', 'direction', 'arrives', 'smart code'],
    events.map((event) => [
      // Every renderer makes an event's name the anchor of its heading.
      codeLink(event.name, `${page}#${event.name}`),
      text(`${event.summary}${event.deprecated === undefined ? '' : ' (deprecated)'}`),
      text(event.direction),
      text(ARRIVES[event.source]),
      code(event.smart_code),
    ]),
  )
}

/** Everything about one event. */
export function eventView(connector: Connector, event: ConnectorEvent, delivery: DeliveryExample | undefined): object {
  const [, ...more] = event.examples
  return {
    heading: code(event.name),
    summary: text(event.summary),
    description: paragraphs(event.description ?? ''),
    banner: banner(event),
    facts: facts(connector, event),
    properties: propertyTable(event),
    open: event.data.additionalProperties === true,
    more: more.map(({ summary = '', data }) => ({
      summary: text(summary),
      json: fence('json', JSON.stringify(data, null, 2)),
    })),
    usage: fence('ts', eventUsage(connector, event)),
    vendor: text(connector.vendor),
    delivery: delivery ?? false,
  }
}

function banner({ deprecated, replaced_by }: ConnectorEvent): Markdown {
  if (deprecated === undefined) return nothing
  const instead = replaced_by === undefined ? nothing : codeLink(replaced_by, `#${replaced_by}`)
  return join([text(formatDeprecation(deprecated)), instead], ' ')
}

function facts(connector: Connector, event: ConnectorEvent): Markdown {
  const { vendor } = connector
  const { origin = '', poll, scopes } = event
  const direction = event.direction === 'inbound' ? `from ${vendor} to HERA` : `from HERA to ${vendor}`
  const arrives = {
    webhook: `by webhook: ${vendor} pushes it`,
    poll: 'polled: HERA fetches it',
    emitted: 'recorded by an application or by HERA itself',
  }
  return factTable([
    ['Direction', text(`${event.direction}, ${direction}`)],
    ['Arrives', text(arrives[event.source])],
    ['Triggered by', text(origin)],
    ['Polls', poll === undefined ? nothing : join([code(poll.endpoint), text(poll.description)], ': ')],
    [
      'New since',
      poll?.cursor === undefined ? nothing : join([code(poll.cursor.at), text(`of the ${poll.cursor.in}`)], ' '),
    ],
    ['New record for each', codes(poll?.key ?? [])],
    ['Again when it changes', codes((poll?.version ?? []).map((at) => (at === '' ? 'any value' : at)))],
    ['Every', poll?.interval_seconds === undefined ? nothing : text(formatDuration(poll.interval_seconds))],
    ['Scopes', codes(scopes)],
    ['Idempotency key from', codes(event.idempotency_key)],
    ['Smart code', code(event.smart_code)],
    ['JSON Schema', codeLink(event.code, schemaAddress(connector, event.name))],
  ])
}

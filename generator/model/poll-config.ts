import type { Loop } from '../kit/mapping.ts'
import { isNamedValue } from '../kit/mapping.ts'
import type { Poll as KitPoll, Polls } from '../kit/poll.ts'
import type { Connector, ConnectorEvent } from './connector.ts'
import { pollMapping } from './delivery-mapping.ts'
import { present } from './present.ts'

type WrittenPoll = NonNullable<ConnectorEvent['poll']>

/** A poll as the kit runs it; undefined if the definition only describes it. */
export function pollConfig({ name, data, poll }: Pick<ConnectorEvent, 'name' | 'data' | 'poll'>): KitPoll | undefined {
  if (poll?.key === undefined || poll.data === undefined) return undefined
  const { rule } = pollMapping(ruleOf(poll), name, data)
  const loops = rule.for.filter((entry): entry is Loop => !isNamedValue(entry))
  const { endpoint, interval_seconds, for_each, query, body, order = 'none', key, version, remember } = poll
  return present<KitPoll>({
    endpoint,
    interval_seconds,
    for_each,
    query,
    body,
    order,
    cursor: poll.cursor,
    key,
    version,
    remember,
    for: loops.length === 0 ? undefined : loops,
    when: rule.when,
    data: rule.data,
  })
}

/** The part of a poll that has the form of a delivery rule. */
export function ruleOf({ for: loops, when, data = {} }: WrittenPoll): Parameters<typeof pollMapping>[0] {
  return { data, ...(loops === undefined ? {} : { for: loops }), ...(when === undefined ? {} : { when }) }
}

/** All polls of a connector that the kit can run; undefined if there are none. */
export function pollsConfig({ code, events }: Pick<Connector, 'code' | 'events'>): Polls | undefined {
  const polled = events.flatMap((event) => {
    const poll = pollConfig(event)
    return poll === undefined ? [] : [{ event, poll }]
  })
  if (polled.length === 0) return undefined
  return {
    connector: code,
    events: Object.fromEntries(
      polled.map(({ event: { name, smart_code, idempotency_key } }) => [
        name,
        { smart_code, idempotency: idempotency_key },
      ]),
    ),
    polls: Object.fromEntries(polled.map(({ event, poll }) => [event.name, poll])),
  }
}

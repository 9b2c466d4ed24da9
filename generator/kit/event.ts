import { valueAtPointer } from './pointer.ts'
import type { AnyEvents, Webhook } from './webhook.ts'

/** One thing that happened, of a type whose data is known. */
export type Event<Events extends object = AnyEvents, Type extends keyof Events & string = keyof Events & string> = {
  readonly [Each in Type]: {
    readonly connector: string
    readonly type: Each
    readonly smart_code: string
    readonly data: Events[Each]
    /** JSON Pointers into `data`: the values there name the event. */
    readonly idempotency: readonly string[]
  }
}[Type]

/** Makes an event of data: one that was polled, or that the application itself causes. */
export function createEvent<Events extends object, Type extends keyof Events & string>(
  { connector, events }: Pick<Webhook<string, Events>, 'connector' | 'events'>,
  type: Type,
  data: Events[Type],
): Event<Events, Type> {
  const { smart_code, idempotency } = events[type]
  return { connector, type, smart_code, data, idempotency } as Event<Events, Type>
}

/**
 * The key under which HERA records an event once: connector, type, and what names the event in its data. It is the same
 * whenever the vendor repeats a delivery; no clock and no counter is part of it. Undefined where the data holds nothing
 * that names the event.
 */
export function idempotencyKey({ connector, type, data, idempotency }: Event): string | undefined {
  const parts = idempotency.map((pointer) => textAt(data, pointer))
  while (parts.length > 0 && parts.at(-1) === '') parts.pop()
  return parts.length === 0 ? undefined : [connector, type, ...parts].join(':')
}

/** No two lists of values give the same text: what separates them is escaped inside of them. */
function textAt(data: unknown, pointer: string): string {
  const value = valueAtPointer(data, pointer)
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text === '' ? '%' : text.replaceAll('%', '%25').replaceAll(':', '%3A')
}

/** The body by which HERA is told of an event. */
export interface EventBody<Type extends string = string, Data = unknown> {
  event_source: string
  event_type: Type
  connector_code: string
  event_data: Data
  smart_code: string
  /** Without it HERA cannot tell a repeated event from another one. */
  idempotency_key?: string
}

/** An event as HERA's events endpoint wants it. */
export function toEventRequest<Type extends string, Data>(event: {
  readonly connector: string
  readonly type: Type
  readonly smart_code: string
  readonly data: Data
  readonly idempotency: readonly string[]
}): EventBody<Type, Data> {
  const key = idempotencyKey(event)
  return {
    event_source: event.connector,
    event_type: event.type,
    connector_code: event.connector,
    event_data: event.data,
    smart_code: event.smart_code,
    ...(key === undefined ? {} : { idempotency_key: key }),
  }
}

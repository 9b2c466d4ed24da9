import type { Inbox } from './inbox.ts'
import type { Actor, EventAnswer, RecordedEvent, Runtime } from './runtime.ts'
import type { Served } from './served.ts'

/** Records an event whose data is checked first, and tells whoever watches. */
export async function recordChecked(
  { runtime, inbox, served }: { readonly runtime: Runtime; readonly inbox: Inbox; readonly served: Served },
  actor: Actor,
  { data, ...event }: RecordedEvent & { readonly data: unknown },
): Promise<EventAnswer> {
  const problems = event.problems ?? served.checkData(event.connector_code, event.event_type, data)
  const answer = await runtime.record(actor, problems === undefined ? event : { ...event, problems })
  inbox.tell({
    kind: 'event',
    organizationId: actor.organizationId,
    entry: {
      id: answer.event_id,
      connector_code: event.connector_code,
      event_type: event.event_type,
      status: answer.success ? 'success' : 'error',
      message: answer.message,
      timestamp: new Date().toISOString(),
      payload_size: event.text.length,
      duplicate: answer.duplicate,
    },
  })
  return answer
}

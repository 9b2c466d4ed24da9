import type { ActivityFeed } from './activity-feed.ts'
import type { Mask } from './masking.ts'
import type { Actor, EventAnswer, RecordedEvent, Runtime } from './runtime.ts'
import type { ServerState } from './server-state.ts'

/** Validates the data of an event, records it, and publishes the activity. */
export async function recordEvent(
  {
    runtime,
    activity,
    serverState,
    mask,
  }: {
    readonly runtime: Runtime
    readonly activity: ActivityFeed
    readonly serverState: ServerState
    readonly mask: Mask
  },
  actor: Actor,
  { data, ...event }: RecordedEvent & { readonly data: unknown },
): Promise<EventAnswer> {
  const problems = event.problems ?? serverState.checkData(event.connector_code, event.event_type, data)
  const answer = await runtime.record(actor, problems === undefined ? event : { ...event, problems: mask(problems) })
  activity.publish({
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

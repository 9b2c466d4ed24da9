import type { Event } from './event.ts'
import type { Hera, HeraError } from './hera.ts'

/** A client that records events in HERA for one organization. */
export type EventRecorder = Pick<Hera, 'sendEvent'>

/** The time that is left for recording. */
export interface RecordingTime {
  /** Milliseconds since 1970. */
  readonly deadline: number
  /** Whether the vendor was answered, and will not repeat the delivery. */
  readonly isAnswered: boolean
}

/** An event and the client that records it. */
interface EventToRecord {
  readonly event: object
  readonly hera: EventRecorder
}

/** How many events are sent at once. */
const AT_ONCE = 8

/**
 * Whether every event was recorded, or taken by `onRejected`: it gets those that HERA refuses for good, and all that were
 * not recorded if the vendor was answered.
 */
export async function recordAll<Work extends EventToRecord>(
  events: readonly Work[],
  { deadline, isAnswered }: RecordingTime,
  onRejected: ((work: Work, error: HeraError) => void) | undefined,
): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(Math.max(1, deadline - Date.now()))
    let isDone = true
    await inParallel(events, AT_ONCE, async (work) => {
      const result = await work.hera.sendEvent(work.event as Event, { signal })
      if (result.ok) return
      // An event that HERA will never take is the application's, where it wants it; the others are the vendor's again.
      if (onRejected !== undefined && (isAnswered || result.error.reason === 'refused')) onRejected(work, result.error)
      else isDone = false
    })
    return isDone
  } catch {
    return false
  }
}

/** Runs several at once, each as soon as another one is done. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  amount: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items].values()
  const workers = Array.from({ length: amount }, async () => {
    for (const item of left) await run(item)
  })
  await Promise.all(workers)
}

/** Whether work of the application's own succeeds. */
export async function succeeds(run: () => Promise<void>): Promise<boolean> {
  try {
    await run()
    return true
  } catch {
    return false
  }
}

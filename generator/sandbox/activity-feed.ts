/** A delivery to a webhook, as the inspector shows it. */
export interface ReceivedDelivery {
  readonly id: string
  readonly connector: string
  readonly installation: string
  readonly organizationId: string
  readonly at: string
  readonly method: string
  /** Whether its signature was verified; anybody can send the others. */
  readonly verified: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly status: number
  readonly answer: string
  /** Why it was refused, or what of it is no event. */
  readonly notes: readonly string[]
}

/** An event of the sandbox, as subscribers get it. */
export type Activity =
  | { readonly kind: 'event'; readonly organizationId: string; readonly entry: object }
  | { readonly kind: 'delivery'; readonly organizationId: string; readonly entry: object }
  | { readonly kind: 'definitions'; readonly entry: object }

/** The latest deliveries, and a stream of activities for subscribers; in memory only. */
export interface ActivityFeed {
  readonly add: (delivery: ReceivedDelivery) => void
  /** The latest first. */
  readonly deliveries: (organizationId: string) => readonly ReceivedDelivery[]
  readonly retainedBytes: () => number
  readonly publish: (activity: Activity) => void
  /** Returns the function that ends the subscription. */
  readonly subscribe: (subscriber: (activity: Activity) => void) => () => void
}

/** Characters of a body that are kept. */
export const SHOWN = 64 * 1024
/** Bytes per delivery; the body of a larger one is shortened further. */
const LARGEST = 128 * 1024
const MOST_NOTES = 20
const LONGEST_NOTE = 500
const LONGEST_ANSWER = 2000

/** Separate limits: unverified deliveries never displace a verified one. */
const LIMITS = {
  verified: { deliveries: 150, bytes: 4 * 1024 * 1024 },
  unverified: { deliveries: 50, bytes: 1024 * 1024 },
}

interface Kept {
  readonly number: number
  readonly organizationId: string
  /** A copy as JSON: a slice of a string would keep the whole string in memory. */
  readonly json: Uint8Array
}

export function createActivityFeed(): ActivityFeed {
  const kept: Record<keyof typeof LIMITS, readonly Kept[]> = { verified: [], unverified: [] }
  let added = 0
  const subscribers = new Set<(activity: Activity) => void>()
  const publish = (activity: Activity) => {
    for (const subscriber of subscribers) subscriber(activity)
  }
  return {
    add(delivery) {
      const entry = shortened(delivery)
      const { id, connector, at, status, answer, notes, organizationId } = entry
      const kind = entry.verified ? 'verified' : 'unverified'
      added += 1
      kept[kind] = within(LIMITS[kind], [{ number: added, organizationId, json: encoded(entry) }, ...kept[kind]])
      publish({ kind: 'delivery', organizationId, entry: { id, connector, at, status, answer, notes } })
    },
    deliveries: (organizationId) =>
      [...kept.verified, ...kept.unverified]
        .filter((delivery) => delivery.organizationId === organizationId)
        .sort((left, right) => right.number - left.number)
        .map(({ json }) => JSON.parse(new TextDecoder().decode(json)) as ReceivedDelivery),
    retainedBytes: () => bytesOf([...kept.verified, ...kept.unverified]),
    publish,
    subscribe(subscriber) {
      subscribers.add(subscriber)
      return () => subscribers.delete(subscriber)
    },
  }
}

function shortened(delivery: ReceivedDelivery): ReceivedDelivery {
  const notes = delivery.notes.slice(0, MOST_NOTES).map((note) => note.slice(0, LONGEST_NOTE))
  const more = delivery.notes.length - notes.length
  return {
    ...delivery,
    body: delivery.body.slice(0, SHOWN),
    answer: delivery.answer.slice(0, LONGEST_ANSWER),
    notes: more > 0 ? [...notes, `and ${more} more`] : notes,
  }
}

function encoded(delivery: ReceivedDelivery): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(delivery))
  if (json.byteLength <= LARGEST || delivery.body === '') return json
  return encoded({ ...delivery, body: delivery.body.slice(0, delivery.body.length / 2) })
}

function bytesOf(deliveries: readonly Kept[]): number {
  return deliveries.reduce((sum, { json }) => sum + json.byteLength, 0)
}

/** The latest deliveries that the limits have room for. */
function within(
  limits: { readonly deliveries: number; readonly bytes: number },
  all: readonly Kept[],
): readonly Kept[] {
  const some = all.slice(0, limits.deliveries)
  while (bytesOf(some) > limits.bytes) some.pop()
  return some
}

/** A delivery to a webhook, as the inspector shows it. */
export interface ReceivedDelivery {
  readonly id: string
  readonly connector: string
  readonly installation: string
  readonly organizationId: string
  readonly at: string
  readonly method: string
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

/** The last deliveries, and a stream of activities for subscribers; in memory only. */
export interface ActivityFeed {
  readonly add: (delivery: ReceivedDelivery) => void
  readonly deliveries: (organizationId: string) => readonly ReceivedDelivery[]
  readonly publish: (activity: Activity) => void
  /** Returns the function that ends the subscription. */
  readonly subscribe: (subscriber: (activity: Activity) => void) => () => void
}

/** How many deliveries are kept, and how much of each body. */
const KEPT = 200
const SHOWN = 64 * 1024

export function createActivityFeed(): ActivityFeed {
  let kept: readonly ReceivedDelivery[] = []
  const subscribers = new Set<(activity: Activity) => void>()
  const publish = (activity: Activity) => {
    for (const subscriber of subscribers) subscriber(activity)
  }
  return {
    add(delivery) {
      kept = [{ ...delivery, body: delivery.body.slice(0, SHOWN) }, ...kept].slice(0, KEPT)
      const { id, connector, at, status, answer, notes, organizationId } = delivery
      publish({ kind: 'delivery', organizationId, entry: { id, connector, at, status, answer, notes } })
    },
    deliveries: (organizationId) => kept.filter((delivery) => delivery.organizationId === organizationId),
    publish,
    subscribe(subscriber) {
      subscribers.add(subscriber)
      return () => subscribers.delete(subscriber)
    },
  }
}

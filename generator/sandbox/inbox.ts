/** A delivery to a webhook, as the inspector shows it. */
export interface SeenDelivery {
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

/** What happens here, for whoever watches. */
export type Happening =
  | { readonly kind: 'event'; readonly organizationId: string; readonly entry: object }
  | { readonly kind: 'delivery'; readonly organizationId: string; readonly entry: object }
  | { readonly kind: 'definitions'; readonly entry: object }

/** The last deliveries, and everything that happens while somebody watches. Lives as long as the process. */
export interface Inbox {
  readonly keep: (delivery: SeenDelivery) => void
  readonly deliveries: (organizationId: string) => readonly SeenDelivery[]
  readonly tell: (happening: Happening) => void
  /** Gives what ends the watching. */
  readonly watch: (watcher: (happening: Happening) => void) => () => void
}

/** How many deliveries are kept, and how much of each body. */
const KEPT = 200
const SHOWN = 64 * 1024

export function createInbox(): Inbox {
  let kept: readonly SeenDelivery[] = []
  const watchers = new Set<(happening: Happening) => void>()
  const tell = (happening: Happening) => {
    for (const watcher of watchers) watcher(happening)
  }
  return {
    keep(delivery) {
      kept = [{ ...delivery, body: delivery.body.slice(0, SHOWN) }, ...kept].slice(0, KEPT)
      const { id, connector, at, status, answer, notes, organizationId } = delivery
      tell({ kind: 'delivery', organizationId, entry: { id, connector, at, status, answer, notes } })
    },
    deliveries: (organizationId) => kept.filter((delivery) => delivery.organizationId === organizationId),
    tell,
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }
}

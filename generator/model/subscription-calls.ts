import type { Subscription, SubscriptionCall } from '../compiled/definition.ts'
import type { DeepReadonly } from './connector.ts'

/** A call of a subscription, with its member. */
export interface NamedCall {
  readonly member: 'create' | 'renew' | 'delete'
  readonly call: DeepReadonly<SubscriptionCall>
}

/** The calls of a subscription. */
export function callsOf(subscription: DeepReadonly<Subscription>): readonly NamedCall[] {
  return (['create', 'renew', 'delete'] as const).flatMap((member) => {
    const call = subscription[member]
    return call === undefined ? [] : [{ member, call }]
  })
}

import type { SubscriptionDescription } from '../../kit/subscription.ts'
import type { Connector, ConnectorSubscription } from '../../model/connector.ts'
import { callsOf } from '../../model/subscription-calls.ts'
import type { Code } from '../typescript/code.ts'
import { identifier, indented, literal, objectLiteral, code as source, typeKey } from '../typescript/code.ts'
import { subscriptionDescriptions } from '../typescript/subscription-file.ts'
import { formatDuration } from './format-limits.ts'
import type { Fact, Markdown } from './markdown.ts'
import { code, codes, factTable, fence, join, nothing, text } from './markdown.ts'

/** How to subscribe to each kind of webhook of a connector, with the code. */
export function subscriptionViews(connector: Connector): readonly object[] {
  const descriptions = new Map(subscriptionDescriptions(connector).map((one) => [one.name, one]))
  return (connector.webhook?.subscriptions ?? []).map((subscription) => {
    const description = descriptions.get(subscription.name)
    return {
      name: text(subscription.name),
      description: text(subscription.description),
      facts: facts(subscription, description),
      usage: description === undefined ? nothing : fence('ts', usage(connector, description)),
    }
  })
}

function facts(subscription: ConnectorSubscription, description: SubscriptionDescription | undefined): Markdown {
  const { events, generates = [], keeps = {}, scopes = [], lifetime_seconds, renew_before_seconds } = subscription
  const VERB = { create: 'Created by', renew: 'Renewed by', delete: 'Deleted by' }
  return factTable([
    ...callsOf(subscription).map(({ member, call }): Fact => [VERB[member], code(call.endpoint)]),
    ['Events', codes(events?.names ?? [])],
    ['Events per subscription', text(events?.as === 'single' ? 'one' : '')],
    ['Parameters', codes(description?.parameters ?? [])],
    ['Fields', codes(description?.fields ?? [])],
    ['Generated secrets', codes(generates)],
    ['Secrets in the answer', codes(Object.keys(keeps))],
    ['Scopes', codes(scopes)],
    ['Lifetime', text(lifetime_seconds === undefined ? '' : formatDuration(lifetime_seconds))],
    ['Renew', renew_before_seconds === undefined ? nothing : renewal(subscription, renew_before_seconds)],
  ])
}

function renewal({ renew }: ConnectorSubscription, seconds: number): Markdown {
  const how = renew === undefined ? ', by a new subscription that replaces the old one' : ''
  return join([text(`${formatDuration(seconds)} before the end`), text(how)], '')
}

/** `configuration` has the fields of the installation, `save` stores secrets in it, and `send` adds credentials. */
function usage(
  connector: Connector,
  { name, parameters, events, generates, renew_before_seconds }: SubscriptionDescription,
): Code {
  const request = objectLiteral([
    { name: 'callbackUrl', value: literal('https://app.example.com/webhooks/…') },
    ...(events?.as === 'single' ? [{ name: 'events', value: source`[${literal(events.names[0] ?? '')}]` }] : []),
    ...(parameters.length === 0
      ? []
      : [
          {
            name: 'parameters',
            value: objectLiteral(parameters.map((one) => ({ name: one, value: literal(exampleOf(connector, one)) }))),
          },
        ]),
  ])
  const member = source`subscriptions.${typeKey(name)}`
  const options = generates.length === 0 ? source`{ send }` : source`{ send, keep: save }`
  const expires = renew_before_seconds !== undefined
  const functions = expires ? source`createSubscription, needsRenewal, renewSubscription` : source`createSubscription`
  const later = expires
    ? source`

// From time to time, with the subscription that you stored
if (needsRenewal(${member}, result.subscription)) {
  await renewSubscription(${member}, configuration, result.subscription, ${options})
}`
    : source``
  return source`import { ${functions} } from './generated/typescript/kit/subscription.js'
import { subscriptions } from ${literal(`./generated/typescript/subscriptions/${connector.code}.js`)}

const result = await createSubscription(
  ${member},
  configuration,
${indented(request)},
  ${options},
)
if (!result.ok) throw new Error(result.error.reason)
await ${identifier('save')}(result.keeps)${later}`
}

function exampleOf({ api }: Connector, parameter: string): string {
  return api.parameters[parameter]?.example ?? '…'
}

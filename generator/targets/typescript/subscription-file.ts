import type { SubscriptionCall, SubscriptionDescription } from '../../kit/subscription.ts'
import { placeholdersInside } from '../../kit/template.ts'
import type { Connector, ConnectorSubscription, Json, OutputFile } from '../../model/connector.ts'
import { endpointAddress, fieldsIn } from '../../model/endpoint-address.ts'
import { callsOf } from '../../model/subscription-calls.ts'
import { headerLines } from '../header.ts'
import {
  code,
  denseLiteral,
  documentationComment,
  joined,
  lineComments,
  literal,
  objectLiteral,
  stringUnion,
  typeKey,
} from './code.ts'

/** How an application subscribes to a connector's webhooks, for the kit; no file without subscriptions. */
export function subscriptionFiles(connector: Connector): readonly OutputFile[] {
  const descriptions = subscriptionDescriptions(connector)
  if (descriptions.length === 0) return []
  const members = descriptions.map((description) => {
    const { name, fields, parameters, events } = description
    const of = [fields, parameters, events?.names ?? []].map(stringUnion)
    return code`  readonly ${typeKey(name)}: SubscriptionDescription<${joined(of, ', ')}>`
  })
  const values = descriptions.map((description) => ({
    name: description.name,
    value: denseLiteral(description as unknown as Json),
  }))
  const comment = documentationComment({ paragraphs: [`How to subscribe to webhooks of ${connector.name}.`] })
  return [
    {
      path: `typescript/subscriptions/${connector.code}.ts`,
      text: code`${lineComments(headerLines(connector))}

import type { SubscriptionDescription } from ${literal('../kit/subscription.js')}

${comment ?? code``}
export const subscriptions: {
${joined(members, '\n')}
} = ${objectLiteral(values)}
`,
    },
  ]
}

/** The subscriptions of a connector as the kit runs them. */
export function subscriptionDescriptions(connector: Connector): readonly SubscriptionDescription[] {
  return (connector.webhook?.subscriptions ?? []).flatMap((subscription) => {
    const create = callOf(connector, subscription.create)
    return create === undefined ? [] : [descriptionOf(connector, subscription, create)]
  })
}

function descriptionOf(
  connector: Connector,
  subscription: ConnectorSubscription,
  create: SubscriptionCall,
): SubscriptionDescription {
  const {
    name,
    events,
    generates = [],
    keeps = {},
    answer = {},
    renew,
    lifetime_seconds,
    renew_before_seconds,
  } = subscription
  const { id, expires, values = {} } = answer
  const [renewal, deletion] = [renew, subscription.delete].map((call) => call && callOf(connector, call))
  const used = callsOf(subscription).flatMap(({ call }) => {
    const described = callOf(connector, call)
    return described === undefined ? [] : [...placeholdersInside(call), ...fieldsIn(described)]
  })
  const isField = (field: string) => connector.auth.fields.some((one) => one.name === field)
  const isParameter = (parameter: string) =>
    Object.hasOwn(connector.api.parameters, parameter) &&
    !isField(parameter) &&
    parameter !== 'subscription_id' &&
    !Object.hasOwn(values, parameter)
  return {
    ...{ connector: connector.code, name },
    fields: sorted([...used.filter(isField), ...generates, ...Object.keys(keeps)]),
    parameters: sorted(used.filter(isParameter)),
    ...(events === undefined ? {} : { events: { names: events.names, as: events.as ?? 'list' } }),
    generates,
    keeps,
    create,
    ...(renewal === undefined ? {} : { renew: renewal }),
    ...(deletion === undefined ? {} : { delete: deletion }),
    ...(id === undefined ? {} : { id }),
    ...(expires === undefined ? {} : { expires }),
    values,
    ...(lifetime_seconds === undefined ? {} : { lifetime_seconds }),
    ...(renew_before_seconds === undefined ? {} : { renew_before_seconds }),
  }
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}

/** Undefined in a draft without the endpoint or its base URL. */
function callOf(
  { api, auth }: Connector,
  { endpoint: name, ...templates }: ConnectorSubscription['create'],
): SubscriptionCall | undefined {
  const endpoint = api.endpoints.find((one) => one.name === name)
  if (endpoint === undefined) return undefined
  const address = endpointAddress(api, auth.fields, endpoint)
  if (address.base_url === undefined && address.environments === undefined) return undefined
  const headers = Object.keys(api.headers).length === 0 ? {} : { headers: api.headers }
  return { method: endpoint.method, ...address, ...headers, ...templates }
}

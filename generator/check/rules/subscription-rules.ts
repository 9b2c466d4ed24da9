import type { Definition, Subscription } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { SUBSCRIPTION_VALUES } from '../../kit/subscription.ts'
import { placeholdersInside } from '../../kit/template.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { callsOf } from '../../model/subscription-calls.ts'
import { suggestion } from '../../text/closest.ts'
import { placeProblem } from '../../vocabulary/places.ts'
import { leavesOf } from './leaves.ts'
import type { RuleTable } from './rule.ts'

/** How an application subscribes to webhooks. */
export const subscriptionRules = {
  'subscription/endpoint-unknown': {
    scope: 'definition',
    summary: 'Every call of a subscription is an endpoint of the connector that can change something.',
    help: 'name an endpoint under api.endpoints whose method is not GET',
    why: 'The kit takes method, host and path of the call from the endpoint.',
    about: ['subscriptionCall.endpoint'],
    bad: 'endpoint: subscribes',
    good: 'endpoint: subscribe',
    reads: ['webhook', 'api'],
    check(definition, report) {
      const endpoints = definition.api.endpoints ?? {}
      for (const { path, subscription } of subscriptionsIn(definition)) {
        for (const { member, call } of callsOf(subscription)) {
          const place = [...path, member, 'endpoint']
          const endpoint = Object.hasOwn(endpoints, call.endpoint) ? endpoints[call.endpoint] : undefined
          if (endpoint === undefined)
            report(place, `no endpoint "${call.endpoint}"${suggestion(call.endpoint, Object.keys(endpoints))}`)
          else if (endpoint.method === 'GET') report(place, `the method of "${call.endpoint}" is GET`)
        }
      }
    },
  },
  'subscription/placeholder-unknown': {
    scope: 'definition',
    summary: 'Templates of a subscription contain only values that the call has.',
    help: 'name an authentication field, a parameter under api.parameters, or a value of the answer',
    why: 'The kit fills in the values that it knows; the vendor would receive anything else in braces.',
    about: ['subscription.create', 'subscription.renew', 'subscription.delete'],
    bad: 'json: { url: "{callbackurl}", events: "{events}", ends: "{expires}" }',
    good: 'json: { url: "{callback_url}", events: "{events}", ends: "{expires}" }',
    reads: ['webhook', 'auth', 'api'],
    check(definition, report) {
      const { auth, api } = definition
      const always = [...SUBSCRIPTION_VALUES, ...Object.keys(auth.fields ?? {}), ...Object.keys(api.parameters ?? {})]
      for (const { path, subscription } of subscriptionsIn(definition)) {
        const later = [...always, ...Object.keys(subscription.answer?.values ?? {})]
        for (const { member, call } of callsOf(subscription)) {
          const known = member === 'create' ? always : later
          for (const { value, path: inside } of leavesOf(call)) {
            for (const [found, name = ''] of typeof value === 'string' ? value.matchAll(/\{([\w.:-]+)\}/g) : []) {
              if (known.includes(name)) continue
              report([...path, member, ...inside], `unknown placeholder "${found}"${suggestion(name, known)}`)
            }
          }
        }
      }
    },
  },
  'subscription/incomplete': {
    scope: 'definition',
    summary: 'A subscription has everything that its calls contain, and one that expires is renewed.',
    help: 'add the member that is missing, or remove the one without effect',
    why: 'A subscription that nobody renews ends without a message, and so do the events.',
    about: [
      'subscription.events',
      'subscription.lifetime_seconds',
      'subscription.answer',
      'subscription.keeps',
      'subscription.renew_before_seconds',
      'subscriptionCall.json',
      'answerPlace',
    ],
    bad: snippet`
      renew:
        endpoint: renew_subscription
        json: { ends: "{expires}" }
      delete: { endpoint: unsubscribe }
    `,
    good: snippet`
      renew:
        endpoint: renew_subscription
        json: { ends: "{expires}" }
      renew_before_seconds: 86400
      delete: { endpoint: unsubscribe }
    `,
    reads: ['webhook', 'api', 'auth'],
    check(definition, report) {
      for (const { path, subscription } of subscriptionsIn(definition)) {
        const gaps = [
          ...valueGaps(definition, subscription),
          ...expiryGaps(subscription),
          ...callGaps(subscription),
          ...placeGaps(subscription),
        ]
        for (const { at, what, help } of gaps) report([...path, ...at], what, help)
      }
    },
  },
} satisfies RuleTable

interface NamedSubscription {
  readonly path: ValuePath
  readonly subscription: Subscription
}

function subscriptionsIn({ webhook }: Definition): readonly NamedSubscription[] {
  return Object.entries(webhook?.subscriptions ?? {}).map(([name, subscription]) => ({
    path: ['webhook', 'subscriptions', name],
    subscription,
  }))
}

interface Gap {
  readonly at: ValuePath
  readonly what: string
  readonly help: string
}

/** Values of templates that nothing provides. */
function valueGaps({ api, auth }: Definition, subscription: Subscription): readonly Gap[] {
  const { events, lifetime_seconds, answer, generates = [] } = subscription
  const calls = callsOf(subscription).map(({ member, call }) => {
    const endpoint = Object.hasOwn(api.endpoints ?? {}, call.endpoint) ? api.endpoints?.[call.endpoint] : undefined
    return { member, names: placeholdersInside([call, endpoint?.path ?? '']) }
  })
  const isIn = (name: string, members = ['create', 'renew', 'delete']) =>
    calls.find(({ member, names }) => members.includes(member) && names.includes(name))
  const gaps: Gap[] = []
  const needs = (name: string, isThere: boolean, help: string, members?: string[]) => {
    const call = isThere ? undefined : isIn(name, members)
    if (call !== undefined) gaps.push({ at: [call.member], what: `nothing provides {${name}}`, help })
  }
  needs('events', events !== undefined, "add events: and the vendor's names of them")
  needs('expires', lifetime_seconds !== undefined, 'add lifetime_seconds')
  const isIdKnown = answer?.id !== undefined || isIn('subscription_id', ['create']) !== undefined
  needs('subscription_id', isIdKnown, 'add answer: { id: { in: body, at: … } }', ['renew', 'delete'])
  if (events !== undefined && isIn('events', ['create']) === undefined)
    gaps.push({
      at: ['events'],
      what: 'the call that creates it contains no {events}',
      help: 'add {events} to the call',
    })
  const known = [...Object.keys(auth.fields ?? {}), ...Object.keys(api.parameters ?? {}), ...SUBSCRIPTION_VALUES]
  for (const name of Object.keys(answer?.values ?? {}).filter(
    (one) => known.includes(one) && one !== 'subscription_id',
  ))
    gaps.push({
      at: ['answer', 'values', name],
      what: `"${name}" has a value already, which the answer does not replace`,
      help: 'choose another name, or store the value as a field with keeps',
    })
  for (const [index, field] of generates.entries()) {
    if (isIn(field, ['create']) === undefined)
      gaps.push({
        at: ['generates', index],
        what: `the call that creates it contains no {${field}}`,
        help: 'add it to the call: the vendor must know the value',
      })
  }
  return gaps
}

function expiryGaps({ lifetime_seconds, answer, renew, renew_before_seconds }: Subscription): readonly Gap[] {
  const isEndless = lifetime_seconds === undefined && answer?.expires === undefined
  const gaps: Gap[] = []
  if (!isEndless && renew_before_seconds === undefined)
    gaps.push({
      at: answer?.expires === undefined ? ['lifetime_seconds'] : ['answer', 'expires'],
      what: 'the subscription expires, but the definition lacks the time of the renewal',
      help: 'add renew_before_seconds',
    })
  for (const member of ['renew', 'renew_before_seconds'] as const) {
    if (isEndless && (member === 'renew' ? renew : renew_before_seconds) !== undefined)
      gaps.push({
        at: [member],
        what: 'the subscription is renewed, but never expires',
        help: 'add answer: { expires: … }, or lifetime_seconds',
      })
  }
  if (lifetime_seconds !== undefined && (renew_before_seconds ?? 0) >= lifetime_seconds)
    gaps.push({
      at: ['renew_before_seconds'],
      what: `the subscription would be renewed at once: it lives for ${lifetime_seconds} seconds`,
      help: 'write a smaller number',
    })
  return gaps
}

function callGaps(subscription: Subscription): readonly Gap[] {
  const isList = (subscription.events?.as ?? 'list') === 'list'
  return callsOf(subscription).flatMap(({ member, call }) => {
    const gaps: Gap[] = []
    if (call.json !== undefined && call.form !== undefined)
      gaps.push({ at: [member, 'form'], what: 'the call has both `json` and `form`', help: 'remove one of the two' })
    for (const { value, path } of leavesOf(call)) {
      if (isList && typeof value === 'string' && value.includes('{events}') && value !== '{events}')
        gaps.push({
          at: [member, ...path],
          what: 'a list of events cannot be part of a longer text',
          help: 'write "{events}" alone, or add `as: comma` to the events',
        })
    }
    return gaps
  })
}

function placeGaps({ answer = {}, keeps = {} }: Subscription): readonly Gap[] {
  const { id, expires, values = {} } = answer
  const places = [
    { at: ['answer', 'id'], place: id },
    { at: ['answer', 'expires'], place: expires },
    ...Object.entries(values).map(([name, place]) => ({ at: ['answer', 'values', name], place })),
    ...Object.entries(keeps).map(([field, place]) => ({ at: ['keeps', field], place })),
  ]
  return places.flatMap(({ at, place }) => {
    const problem = place === undefined ? undefined : placeProblem(place)
    return problem === undefined ? [] : [{ at: [...at, 'at'], ...problem }]
  })
}

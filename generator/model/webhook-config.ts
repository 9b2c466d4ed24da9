import type { Signature, Webhook as WrittenWebhook } from '../compiled/definition.ts'
import { bodyFormOf } from '../kit/body.ts'
import { parseExactly } from '../kit/exact-numbers.ts'
import { fetchValues } from '../kit/fetch.ts'
import type { DeliveryRule } from '../kit/mapping.ts'
import { isNamedValue } from '../kit/mapping.ts'
import { publicKeys } from '../kit/public-keys.ts'
import type { RoutingRule } from '../kit/routing.ts'
import type { EventFacts, Handshake, Resource, ResponseTemplate, SignatureScheme, Webhook } from '../kit/webhook.ts'
import { parseXml } from '../kit/xml.ts'
import type { ConnectorField, DeepReadonly } from './connector.ts'
import { ignoredPath } from './delivery-mapping.ts'
import { endpointAddress } from './endpoint-address.ts'
import { parsePath } from './json-path.ts'
import { routingPlace } from './routing-path.ts'

/** Where the definition says nothing: what Meta, which sends the largest that we know, may send. */
const MAX_BYTES = 3 * 2 ** 20
/** Where the definition says nothing: the shortest limit that vendors name for deliveries. */
const TIME_LIMIT_SECONDS = 5

/** The parts of a connector that determine its webhook. */
export interface WebhookSource {
  readonly code: string
  readonly webhook: DeepReadonly<Omit<WrittenWebhook, 'subscriptions'>>
  readonly events: Readonly<Record<string, EventFacts>>
  /** The webhook's delivery rules, as `mappingOf` reads them. */
  readonly rules: readonly DeliveryRule[]
  readonly api: ApiSource
}

/** The parts of an API that determine the calls of delivery rules. */
export interface ApiSource {
  readonly base_url?: string
  readonly environments?: Readonly<Record<string, { readonly base_url: string }>>
  readonly headers?: Readonly<Record<string, string>>
  readonly parameters?: Readonly<Record<string, { readonly encoded?: boolean }>>
  readonly endpoints?: Readonly<Record<string, EndpointSource>>
  /** The authentication fields, for placeholders of URLs. */
  readonly fields?: readonly ConnectorField[]
}

interface EndpointSource {
  readonly base_url?: string
  readonly path: string
  readonly query?: Inputs
  readonly headers?: Inputs
}

type Inputs = Readonly<Record<string, { readonly value?: string }>>

/** A connector's webhook as the kit runs it. */
export function webhookConfig({ code, webhook, events, rules, api }: WebhookSource): Webhook {
  const {
    signatures = [],
    handshakes = [],
    response,
    delivery,
    methods,
    content_types = ['application/json'],
    exact_numbers,
    ignored = [],
    routing = [],
  } = webhook
  const resources = resourcesOf(api, rules)
  return {
    connector: code,
    signatures: signatures.map(schemeOf),
    ...(signatures.some(({ jwt, key }) => jwt !== undefined || key !== undefined) ? { publicKeys } : {}),
    ...(handshakes.length === 0 ? {} : { handshakes: handshakes.map(handshakeOf) }),
    ...(response === undefined ? {} : { response: response as ResponseTemplate }),
    ...(methods === undefined ? {} : { methods }),
    max_bytes: delivery?.max_bytes ?? MAX_BYTES,
    time_limit_seconds: delivery?.time_limit_seconds ?? TIME_LIMIT_SECONDS,
    content_types,
    ...(exact_numbers === true ? { parseExactly } : {}),
    ...(content_types.some((type) => bodyFormOf(type) === 'xml') ? { parseXml } : {}),
    deliveries: rules,
    ...(Object.keys(resources).length === 0 ? {} : { resources, fetchValues }),
    ...(ignored.length === 0
      ? {}
      : { ignored: ignored.map(({ at }) => ignoredPath(at, rules)).filter((path) => path !== undefined) }),
    ...(routing.length === 0 ? {} : { routing: routing.flatMap((rule) => routingRuleOf(rule, rules)) }),
    events,
  }
}

/** Nothing for a path that a rule reports. */
function routingRuleOf(
  { from, field, prefix }: NonNullable<WebhookSource['webhook']['routing']>[number],
  rules: readonly DeliveryRule[],
): readonly RoutingRule[] {
  const place = routingPlace(from, rules)
  return 'problem' in place ? [] : [{ ...place, field, ...(prefix === undefined ? {} : { prefix }) }]
}

/** The endpoints that rules fetch from. */
function resourcesOf(api: ApiSource, rules: readonly DeliveryRule[]): Readonly<Record<string, Resource>> {
  const names = rules.flatMap(({ for: entries }) =>
    entries.flatMap((entry) => (isNamedValue(entry) && 'fetch' in entry ? entry.fetch : [])),
  )
  const endpoints = new Map(Object.entries(api.endpoints ?? {}))
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => {
      const endpoint = endpoints.get(name)
      return endpoint === undefined ? [] : [[name, resourceOf(api, endpoint)]]
    }),
  )
}

function resourceOf(api: ApiSource, endpoint: EndpointSource): Resource {
  const query = constantsIn(endpoint.query)
  const headers = { ...api.headers, ...constantsIn(endpoint.headers) }
  return {
    ...endpointAddress(api, api.fields ?? [], endpoint),
    ...(Object.keys(query).length === 0 ? {} : { query }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  }
}

/** The inputs that have the same value in every call. */
function constantsIn(inputs: Inputs = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
  )
}

type WrittenHandshake = NonNullable<WebhookSource['webhook']['handshakes']>[number]

function handshakeOf({
  description: _,
  cites: __,
  samples: ___,
  time_limit_seconds: ____,
  ...handshake
}: WrittenHandshake): Handshake {
  return handshake as Handshake
}

type WrittenSignature = DeepReadonly<Signature>

/** A scheme as the kit runs it: without what is for people, and with every default. */
export function schemeOf(written: WrittenSignature): SignatureScheme {
  const { description: _, cites: __, protected_by: ___, signature, for: items, ...scheme } = written
  return {
    ...{ encoding: 'hex', secret_encoding: 'text', weak: false, signed: '' },
    ...(scheme as Omit<SignatureScheme, 'for' | 'signature'>),
    ...(items === undefined ? {} : { for: parsePath(items, ['delivery']) }),
    ...(signature === undefined
      ? {}
      : {
          signature: {
            ...{ format: '{signature}', multiple: false },
            ...signature,
            at: typeof signature.at === 'string' ? [signature.at] : signature.at,
          },
        }),
  }
}

import type { Connector, ConnectorWebhook } from '../../model/connector.ts'
import { unsignedWarning } from '../../vocabulary/signatures.ts'
import { kitWebhook } from '../typescript/webhook-file.ts'
import { formatDuration } from './format-limits.ts'
import type { Fact, Markdown } from './markdown.ts'
import { code, codes, factTable, fence, join, nothing, table, text } from './markdown.ts'
import { methodWords } from './sequence.ts'
import { steps } from './steps.ts'
import { subscriptionViews } from './subscription-section.ts'
import { endpointUsage } from './usage.ts'

type Handshake = ConnectorWebhook['handshakes'][number]
type Response = NonNullable<ConnectorWebhook['response']>
type Signature = ConnectorWebhook['signatures'][number]
type Delivery = ConnectorWebhook['delivery']

/** How a webhook is set up, proved and delivered; false without one. */
export function webhookView(connector: Connector): object | false {
  const { webhook, api } = connector
  const kit = kitWebhook(connector)
  if (webhook === undefined) return false
  const { handshakes, signatures, delivery, response, routing = [] } = webhook
  return {
    summary: text(webhook.summary),
    setup: steps(webhook.setup),
    handshakes: handshakes.map((handshake) => ({
      description: text(handshake.description),
      facts: handshakeFacts(handshake),
    })),
    signatures: signatures.map((signature) => ({
      name: text(signature.weak === true ? `${signature.name} (weak: allow it by name only)` : signature.name),
      description: text(signature.description),
      facts: signatureFacts(signature),
    })),
    delivery: deliveryFacts(delivery, response),
    fetched: fetchedTable(webhook.deliveries, api.endpoints),
    subscriptions: subscriptionViews(connector),
    warning: text(unsignedWarning(webhook) ?? ''),
    routing: routing.length > 0 && table(['Value', 'Prefix', 'Field'], routing.map(routingRow)),
    usage: kit === undefined ? nothing : fence('ts', endpointUsage(connector, kit)),
  }
}

/** The calls that complete the events; empty without any. */
function fetchedTable(deliveries: ConnectorWebhook['deliveries'], endpoints: Connector['api']['endpoints']): Markdown {
  return table(
    ['event', 'value', 'endpoint', 'request', 'scopes'],
    deliveries.flatMap(({ event, fetch = {} }) =>
      Object.entries(fetch).map(([name, { endpoint: called }]) => {
        const endpoint = endpoints.find((candidate) => candidate.name === called)
        const request = endpoint === undefined ? nothing : code(`${endpoint.method} ${endpoint.path}`)
        return [code(event), code(name), code(called), request, codes(endpoint?.scopes ?? [])]
      }),
    ),
  )
}

function routingRow({ from, prefix, field }: NonNullable<ConnectorWebhook['routing']>[number]): readonly Markdown[] {
  return [code(from), prefix === undefined ? nothing : code(prefix), code(field)]
}

function handshakeFacts(handshake: Handshake): Markdown {
  const {
    when,
    verified = false,
    values = {},
    expect = [],
    proof,
    keeps = {},
    response,
    time_limit_seconds,
  } = handshake
  return factTable([
    ['Request', text(methodWords(when))],
    ...conditionFacts(when),
    ...Object.entries(values).map(
      ([name, place]): Fact => ['Contains', words([code(`{${name}}`), text(`: ${place.in}`), code(place.at)])],
    ),
    ['Signature', text(verified ? 'verified first, as of a delivery' : '')],
    ...expect.map(expectation),
    ['Proof', proof === undefined ? nothing : proofWords(proof)],
    ...Object.entries(keeps).map(
      ([field, template]): Fact => ['Stored', words([code(template), text('as the field'), code(field)])],
    ),
    ['Answer', responseWords(response)],
    ['Within', seconds(time_limit_seconds)],
  ])
}

function conditionFacts({ header = {}, query = {}, body = {} }: Handshake['when']): readonly Fact[] {
  return Object.entries({ header, query, body }).flatMap(([part, expected]) =>
    Object.entries(expected).map(
      ([name, value]): Fact => [
        'Where',
        words([
          text(part),
          code(name),
          ...(typeof value === 'boolean'
            ? presence(value)
            : [text('is'), code(String(typeof value === 'object' ? value?.equals : value))]),
        ]),
      ],
    ),
  )
}

function presence(isPresent: boolean): readonly Markdown[] {
  return [text(isPresent ? 'is present' : 'is absent')]
}

function expectation({ in: part, at, equals, field = '' }: NonNullable<Handshake['expect']>[number]): Fact {
  const wanted = equals === undefined ? [text('equals the field'), code(field)] : [text('is'), code(equals)]
  return ['Must hold', words([text(part), code(at), ...wanted])]
}

function responseWords({
  status = 200,
  headers = {},
  content_type = 'text/plain',
  text: body,
  json,
}: Response): Markdown {
  const bodyWords =
    json !== undefined
      ? [text('application/json:'), code(JSON.stringify(json))]
      : body === undefined
        ? [text('an empty body')]
        : [text(`${content_type}:`), code(body)]
  const headerWords = Object.entries(headers).flatMap(([name, value]) => [code(`${name}: ${value}`), text('and')])
  return words([text(`status ${status} with`), ...headerWords, ...bodyWords])
}

function proofWords({ algorithm, signed, secret, encoding }: NonNullable<Handshake['proof']>): Markdown {
  const key = [text('with the key'), code(secret), text(`as ${encoding}`)]
  return words([code(algorithm), text('of'), code(signed), ...key])
}

function signatureFacts(signature: Signature): Markdown {
  const { signed, encoding = '', url_decoded = [], body_sha256, protected_by = [], for: items, jwt } = signature
  return factTable([
    ['Place', signature.signature === undefined ? nothing : placeWords(signature.signature)],
    ['Format', signature.signature === undefined ? nothing : code(signature.signature.format ?? '{signature}')],
    ['For each', items === undefined ? nothing : code(items)],
    ['Applies to', conditionWords(signature.when)],
    ['Algorithm', code(signature.algorithm)],
    ['Encoding', text(encoding)],
    ['Signed', signed === undefined ? nothing : code(signed)],
    ['Key', keyWords(signature)],
    ['Token', jwt === undefined ? nothing : tokenWords(jwt)],
    ['Hash of the body', body_sha256 === undefined ? nothing : placeWords(body_sha256)],
    ['Timestamp', timestampWords(signature)],
    ['Decoded in the URL first', codes(url_decoded)],
    ['Protected by', codes(protected_by)],
  ])
}

const IN: Readonly<Record<string, string>> = {
  header: 'header',
  query: 'query parameter',
  body: 'body at',
  item: 'item at',
  basic: 'HTTP Basic',
}

function placeWords({ in: where, at }: { readonly in: string; readonly at: string | readonly string[] }): Markdown {
  return words([text(IN[where] ?? where), codes(typeof at === 'string' ? [at] : at)])
}

function conditionWords(when: Signature['when']): Markdown {
  if (when === undefined) return nothing
  return code(JSON.stringify(when))
}

function keyWords({ secret, secret_encoding, key }: Signature): Markdown {
  const written = secret_encoding === undefined || secret_encoding === 'text' ? '' : `, written as ${secret_encoding}`
  if (secret !== undefined) return join([code(secret), text(written)], '')
  if (key?.certificate !== undefined)
    return words([text('certificate from'), placeWords(key.certificate), text('on'), codes(key.hosts ?? [])])
  if (key?.jwks !== undefined) return words([text('key set'), code(key.jwks)])
  return key?.endpoint === undefined ? nothing : words([text('endpoint'), code(key.endpoint)])
}

function tokenWords({ algorithms, issuer = [], audience, body_sha256 }: NonNullable<Signature['jwt']>): Markdown {
  return words([
    codes(algorithms),
    ...(issuer.length === 0 ? [] : [text('issued by'), codes(issuer)]),
    ...(audience === undefined ? [] : [text('for'), code(audience)]),
    ...(body_sha256 === undefined ? [] : [text('with the hash of the body in'), code(body_sha256)]),
  ])
}

function timestampWords({ timestamp, signature }: Signature): Markdown {
  if (timestamp === undefined) return nothing
  const { in: where, at, form, tolerance_seconds } = timestamp
  const place = where === undefined || at === undefined ? signature : { in: where, at }
  const rest = text(`as ${form}, at most ${formatDuration(tolerance_seconds)} off`)
  return place === undefined ? rest : words([placeWords(place), rest])
}

function deliveryFacts(delivery: Delivery, response: Response | undefined): Markdown {
  const { success, time_limit_seconds, retry, ordered, duplicates, batch_size, max_bytes, note = '' } = delivery
  return factTable([
    ['Success', text(success ?? '')],
    ['Answer', response === undefined ? nothing : responseWords(response)],
    ['Answer within', seconds(time_limit_seconds)],
    ['Retries', text(retry ?? '')],
    ['In order', text(ordered ? 'yes' : 'no')],
    ['Duplicates', text(duplicates ? 'possible; the idempotency key sorts them out' : 'no')],
    ['Events in one delivery', text(batch_size === undefined ? '' : `up to ${batch_size}`)],
    ['Largest body', text(max_bytes === undefined ? '' : `${max_bytes} bytes`)],
    ['Mind', text(note)],
  ])
}

function seconds(limit: number | undefined): Markdown {
  return limit === undefined ? nothing : text(formatDuration(limit))
}

function words(pieces: readonly Markdown[]): Markdown {
  return join(pieces, ' ')
}

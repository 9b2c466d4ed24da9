import type { Connector, ConnectorWebhook } from '../../model/connector.ts'
import { formatDuration } from './format-limits.ts'
import type { Fact, Markdown } from './markdown.ts'
import { code, codes, factTable, join, nothing, text } from './markdown.ts'
import { steps } from './steps.ts'

type Handshake = NonNullable<ConnectorWebhook['handshake']>
type Signature = ConnectorWebhook['signatures'][number]
type Delivery = ConnectorWebhook['delivery']

/** How a webhook is set up, proved and delivered; false without one. */
export function webhookView({ webhook }: Connector): object | false {
  if (webhook === undefined) return false
  const { handshake, signatures, delivery } = webhook
  return {
    summary: text(webhook.summary),
    setup: steps(webhook.setup),
    handshake: text(handshake?.description ?? ''),
    handshake_facts: handshake === undefined ? nothing : handshakeFacts(handshake),
    signatures: signatures.map((signature) => ({
      name: text(signature.weak === true ? `${signature.name} (weak: allow it by name only)` : signature.name),
      description: text(signature.description),
      facts: signatureFacts(signature),
    })),
    delivery: deliveryFacts(delivery),
  }
}

function handshakeFacts(handshake: Handshake): Markdown {
  const { method, challenge, expect = [], proof, answer, time_limit_seconds } = handshake
  const body = answer.text ?? JSON.stringify(answer.json ?? {})
  return factTable([
    ['Request', words([code(method), text(`with the challenge in the ${challenge.in},`), code(challenge.name)])],
    ...expect.map(expectation),
    ['Proof', proof === undefined ? nothing : proofWords(proof)],
    ['Answer', words([text(`status 200, ${answer.content_type}:`), code(body)])],
    ['Within', seconds(time_limit_seconds)],
  ])
}

function expectation({ name, equals, field = '' }: NonNullable<Handshake['expect']>[number]): Fact {
  const held = equals === undefined ? [text('equals the field'), code(field)] : [text('is'), code(equals)]
  return ['Must hold', words([code(name), ...held])]
}

function proofWords({ algorithm, signed, secret, encoding }: NonNullable<Handshake['proof']>): Markdown {
  const key = [text('with the key'), code(secret), text(`as ${encoding}`)]
  return words([code(algorithm), text('of'), code(signed), ...key])
}

function signatureFacts(signature: Signature): Markdown {
  const { signed, encoding = '', timestamp, url_decoded = [], secret_encoding } = signature
  const written = secret_encoding === undefined || secret_encoding === 'text' ? '' : `, written as ${secret_encoding}`
  return factTable([
    ['Header', code(signature.header)],
    ['Format', code(signature.format)],
    ['Algorithm', code(signature.algorithm)],
    ['Encoding', text(encoding)],
    ['Signed', signed === undefined ? nothing : code(signed)],
    ['Key', join([code(signature.secret), text(written)], '')],
    ['Timestamp', timestamp === undefined ? nothing : timestampWords(timestamp)],
    ['Decoded in the URL first', codes(url_decoded)],
  ])
}

function timestampWords({ header, unit, tolerance_seconds }: NonNullable<Signature['timestamp']>): Markdown {
  const form = unit === 'ms' ? 'milliseconds' : 'seconds'
  return words([code(header), text(`in ${form} since 1970, at most ${formatDuration(tolerance_seconds)} off`)])
}

function deliveryFacts(delivery: Delivery): Markdown {
  const { success, time_limit_seconds, retry, ordered, duplicates, batch_size, max_bytes, note = '' } = delivery
  return factTable([
    ['Success', text(success)],
    ['Answer within', seconds(time_limit_seconds)],
    ['Retries', text(retry)],
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

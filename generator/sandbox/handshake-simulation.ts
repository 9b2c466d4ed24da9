import { utf8 } from '../kit/bytes.ts'
import { answerToHandshake, withContent } from '../kit/handshake.ts'
import type { Answer } from '../kit/response.ts'
import type { Signing } from '../kit/sign.ts'
import { sign } from '../kit/sign.ts'
import type { Secrets, Webhook } from '../kit/webhook.ts'
import { keysOf } from '../kit/webhook.ts'
import type { ConnectorWebhook } from '../model/connector.ts'

type Handshake = ConnectorWebhook['handshakes'][number]
type HandshakeSample = NonNullable<Handshake['samples']>[number]

/** A sample of a handshake as it is sent, and the answer that it should get. */
export interface PreparedHandshake {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  /** Without the question mark. */
  readonly query: string
  readonly body: string
  readonly expected: Answer | null
}

interface Preparation {
  readonly webhook: Webhook
  readonly handshake: Handshake
  readonly sample: HandshakeSample
  /** The secrets of the installation, which take the place of those of the sample. */
  readonly secrets: Secrets
  /** The URL as it is registered with the vendor. */
  readonly url: string
}

/** A sample of a handshake with the secrets of an installation; signed if the vendor signs it. */
export async function preparedHandshake(
  preparation: Preparation,
): Promise<PreparedHandshake | (Signing & { readonly signed: false })> {
  const { webhook, handshake, sample, secrets, url } = preparation
  const replaced = (text: string, written: (value: string) => string) =>
    Object.entries(sample.secrets ?? {}).reduce((done, [field, madeUp]) => {
      const [secret = madeUp] = keysOf(secrets, field)
      return done.replaceAll(written(madeUp), () => written(secret))
    }, text)
  const { method, headers: written = {}, query = '', body = '' } = sample.request
  const prepared = {
    method,
    query: replaced(query, encodeURIComponent),
    body: replaced(body, (value) => JSON.stringify(value).slice(1, -1)),
  }
  const address = prepared.query === '' ? url : `${url}?${prepared.query}`
  const signing = handshake.verified === true ? await sign(webhook, { ...prepared, url: address }, secrets) : undefined
  if (signing?.signed === false) return signing
  // A signature may be a query parameter, or part of the body.
  const sent = signing === undefined ? prepared : { ...prepared, ...sentParts(signing) }
  const headers = {
    ...(body === '' ? {} : { 'content-type': webhook.content_types[0] ?? 'application/json' }),
    ...Object.fromEntries(
      Object.entries(written).map(([name, value]) => [name.toLowerCase(), replaced(value, String)]),
    ),
    ...signing?.headers,
  }
  const request = await withContent(webhook, {
    method,
    headers: new Headers(headers),
    query: new URLSearchParams(sent.query),
    body: utf8(sent.body),
  })
  const options = { verified: handshake.verified === true, keep: () => true }
  const expected = await answerToHandshake(webhook, request, secrets, options)
  return { ...sent, headers, expected: expected ?? null }
}

function sentParts({ url, body }: Signing & { readonly signed: true }) {
  return { query: new URL(url).search.slice(1), body: new TextDecoder().decode(body) }
}

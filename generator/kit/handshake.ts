import { algorithms } from './algorithms.ts'
import { encoded, equalTexts, utf8 } from './bytes.ts'
import type { CheckedWebhook, Handshake, HandshakeValue, Secrets } from './webhook.ts'
import { BODY_TIMEOUT, keysOf, readBody } from './webhook.ts'

/** More than any vendor sends, and too little to be of use to somebody who wants his own text sent back. */
const LONGEST_CHALLENGE = 1024

/**
 * Answers the request by which a vendor checks the URL, and gives undefined for any other request. Status 403 where
 * what must stand beside the challenge does not, or where the secret is missing. It never throws, and leaves the
 * request's body unread.
 */
export async function respondToHandshake<Field extends string>(
  { handshake, max_bytes }: CheckedWebhook<Field>,
  request: Request,
  secrets: Secrets<Field>,
  { bodyTimeout = BODY_TIMEOUT }: { readonly bodyTimeout?: number } = {},
): Promise<Response | undefined> {
  if (handshake === undefined || request.method !== handshake.method) return undefined
  const valueAt = await valuesOf(handshake, request, { max_bytes, bodyTimeout })
  const challenge = valueAt(handshake.challenge)
  if (challenge === undefined) return undefined
  if (challenge.length > LONGEST_CHALLENGE) return new Response(null, { status: 400 })
  for (const { equals, field, ...place } of handshake.expect) {
    const wanted = equals === undefined ? (field === undefined ? [] : keysOf(secrets, field)) : [equals]
    const found = valueAt(place)
    const comparisons = await Promise.all(wanted.map((text) => equalTexts(found ?? '', text)))
    if (found === undefined || !comparisons.includes(true)) return new Response(null, { status: 403 })
  }
  const proof = await proofOf(handshake, challenge, secrets)
  if (proof === undefined) return new Response(null, { status: 403 })
  return answered(handshake, (text) =>
    text.replace(/\{(challenge|proof)\}/g, (_, name) => (name === 'proof' ? proof : challenge)),
  )
}

/** Reads values by their place. A parameter that stands there twice is no value. */
async function valuesOf(
  { challenge, expect }: Handshake,
  request: Request,
  limits: BodyLimits,
): Promise<(place: HandshakeValue) => string | undefined> {
  const query = new URL(request.url).searchParams
  const inBody = [challenge, ...expect].some((place) => place.in === 'body')
  const body = inBody ? await jsonOf(request, limits) : {}
  return ({ in: place, name }) => {
    if (place === 'body') {
      const value = Object.hasOwn(body, name) ? body[name] : undefined
      return typeof value === 'string' ? value : undefined
    }
    const [value, ...more] = query.getAll(name)
    return more.length === 0 ? value : undefined
  }
}

interface BodyLimits {
  readonly max_bytes: number
  readonly bodyTimeout: number
}

async function jsonOf(
  request: Request,
  { max_bytes, bodyTimeout }: BodyLimits,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const bytes = await readBody(request.clone(), max_bytes, bodyTimeout)
    const value: unknown = typeof bytes === 'string' ? undefined : JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

/** An empty text where no proof is asked for; undefined where the secret for it is missing. */
async function proofOf<Field extends string>(
  { proof }: Handshake<Field>,
  challenge: string,
  secrets: Secrets<Field>,
): Promise<string | undefined> {
  if (proof === undefined) return ''
  // While a secret is being replaced the vendor has one of the two; the first is taken for the one in use.
  const [secret] = keysOf(secrets, proof.secret)
  if (secret === undefined) return undefined
  const message = utf8(proof.signed.replaceAll('{challenge}', () => challenge))
  return encoded(await algorithms[proof.algorithm].sign(utf8(secret), message), proof.encoding)
}

function answered({ answer }: Handshake, filled: (text: string) => string): Response {
  const headers = { 'content-type': answer.content_type, 'x-content-type-options': 'nosniff' }
  if (answer.content_type === 'text/plain') return new Response(filled(answer.text), { headers })
  const members = Object.entries(answer.json).map(([name, text]) => [name, filled(text)])
  return new Response(JSON.stringify(Object.fromEntries(members)), { headers })
}

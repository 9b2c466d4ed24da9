import { createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Definition, Handshake, HandshakeSample } from '../../compiled/definition.ts'
import { parseText } from '../../kit/body.ts'
import { utf8 } from '../../kit/bytes.ts'
import { parseExactly } from '../../kit/exact-numbers.ts'
import {
  expectedValues,
  isTooLong,
  keptValues,
  LARGEST_HANDSHAKE,
  type RecognizedHandshake,
  readsBody,
  recognizedHandshake,
  refusedHandshake,
} from '../../kit/handshake.ts'
import type { RequestParts } from '../../kit/place.ts'
import { type Answer, answerOf, fill } from '../../kit/response.ts'
import type { Handshake as KitHandshake, Secrets } from '../../kit/webhook.ts'
import { keysOf } from '../../kit/webhook.ts'
import type { ValuePath } from '../../load/source-document.ts'

/** How a sample differs from what happens. */
interface Mismatch {
  /** Below the sample. */
  readonly path: ValuePath
  readonly message: string
  readonly help?: string
}

/**
 * Runs a sample of a handshake through the kit. Checks are synchronous, so comparisons and the proof, which WebCrypto
 * computes asynchronously, are made here.
 */
export function handshakeSampleProblems(
  webhook: Definition['webhook'],
  index: number,
  sample: HandshakeSample,
): readonly Mismatch[] {
  const handshakes = (webhook.handshakes ?? []) as readonly Handshake[]
  const request = partsOf(webhook, sample)
  const kitHandshakes = handshakes as readonly KitHandshake[]
  const recognized =
    recognizedHandshake(kitHandshakes, request, false) ?? recognizedHandshake(kitHandshakes, request, true)
  const found = recognized === undefined ? -1 : kitHandshakes.indexOf(recognized.handshake)
  if (recognized === undefined)
    return [
      {
        path: ['request'],
        message: `no handshake matches the request of "${sample.name}"`,
        help: 'correct the request, or the conditions and values of the handshake',
      },
    ]
  if (found !== index)
    return [
      {
        path: ['request'],
        message: `handshake ${found + 1} answers the request of "${sample.name}"`,
        help: 'move the sample there, or add a condition',
      },
    ]
  const { answer, keeps } = outcomeOf(recognized, request, sample.secrets ?? {})
  const { status = 200 } = sample.answer
  if (answer.status !== status) {
    const path = sample.answer.status === undefined ? ['answer'] : ['answer', 'status']
    const reason = answer.body === undefined ? '' : `, with ${answer.body}`
    return [
      { path, message: `the status of "${sample.name}" is ${answer.status}${reason}; the sample expects ${status}` },
    ]
  }
  return [...answerProblems(sample, answer), ...keepProblems(sample, keeps)]
}

function partsOf(webhook: Definition['webhook'], { request }: HandshakeSample): RequestParts {
  const { content_types = ['application/json'], exact_numbers } = webhook
  const headers = new Headers(request.headers)
  const { method, query = '', body = '' } = request
  const parts = { method, headers, query: new URLSearchParams(query), body: utf8(body) }
  if (body === '' || parts.body.byteLength > LARGEST_HANDSHAKE) return parts
  if (!readsBody({ handshakes: (webhook.handshakes ?? []) as readonly KitHandshake[] })) return parts
  const format = { content_types, ...(exact_numbers === true ? { parseExactly } : {}) }
  const parsed = parseText(format, body, headers.get('content-type'))
  return parsed.readable ? { ...parts, content: parsed.value } : parts
}

interface HandshakeOutcome {
  readonly answer: Answer
  readonly keeps: Readonly<Record<string, string>>
}

function outcomeOf(
  { handshake, values }: RecognizedHandshake,
  request: RequestParts,
  secrets: Secrets,
): HandshakeOutcome {
  const refused = (reason: Parameters<typeof refusedHandshake>[0]) => ({ answer: refusedHandshake(reason), keeps: {} })
  if (isTooLong(values)) return refused('malformed_value')
  for (const { found, wanted } of expectedValues(handshake, request, secrets)) {
    if (wanted.length === 0) return refused('missing_secret')
    if (found === undefined || !wanted.includes(found)) return refused('unexpected_value')
  }
  const { proof } = handshake
  const [secret] = proof === undefined ? [''] : keysOf(secrets, proof.secret)
  if (secret === undefined) return refused('missing_secret')
  const hash =
    proof === undefined
      ? ''
      : createHmac(proof.algorithm.slice('hmac-'.length), secret)
          .update(fill(proof.signed, values))
          .digest(proof.encoding)
  const answer = answerOf(handshake.response, new Map([...values, ['proof', hash]]))
  const kept = keptValues(handshake, values)
  if (answer === undefined || kept === undefined) return refused('malformed_value')
  const added = [...kept].filter(([field, value]) => !keysOf(secrets, field).includes(value))
  const isSet = added.some(([field]) => keysOf(secrets, field).length > 0)
  if (isSet && handshake.verified !== true) return refused('secret_already_set')
  return { answer, keeps: Object.fromEntries(added) }
}

function answerProblems({ name, answer: wanted }: HandshakeSample, { headers, body }: Answer): Mismatch[] {
  const problems: Mismatch[] = []
  const differs = (path: ValuePath, what: string, got: string, expected: string) =>
    problems.push({
      path: ['answer', ...path],
      message: `the ${what} of "${name}" is ${got}; the sample expects ${expected}`,
    })
  const { headers: wantedHeaders = {}, text, json } = wanted
  const shown = body ?? 'empty'
  for (const [header, value] of Object.entries(wantedHeaders)) {
    const got = new Headers(headers).get(header)
    if (got !== value) differs(['headers', header], `header ${header}`, got ?? 'missing', value)
  }
  if (json !== undefined) {
    if (!isDeepStrictEqual(jsonOf(body), json)) differs(['json'], 'body', shown, JSON.stringify(json))
  } else if (body !== text) differs(text === undefined ? [] : ['text'], 'body', shown, text ?? 'empty')
  return problems
}

function jsonOf(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}

function keepProblems(
  { name, keeps: wanted = {} }: HandshakeSample,
  keeps: Readonly<Record<string, string>>,
): readonly Mismatch[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(keeps)])].flatMap((field) => {
    const [got = 'nothing', expected = 'nothing'] = [keeps[field], wanted[field]]
    if (got === expected) return []
    const path = Object.hasOwn(wanted, field) ? ['keeps', field] : []
    return [{ path, message: `"${name}" keeps ${got} as ${field}; the sample expects ${expected}` }]
  })
}

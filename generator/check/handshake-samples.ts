import { isDeepStrictEqual } from 'node:util'
import type { Definition, HandshakeSample } from '../compiled/definition.ts'
import { utf8 } from '../kit/bytes.ts'
import { answerToHandshake, recognizedHandshake, withContent } from '../kit/handshake.ts'
import type { Answer } from '../kit/response.ts'
import type { Webhook } from '../kit/webhook.ts'
import type { Mismatch } from '../load/source-document.ts'

type Kept = Readonly<Record<string, string | undefined>>

/** Answers the sample handshakes of a webhook with the kit, and compares the answers with those of the samples. */
export async function handshakeMismatches(
  { handshakes = [] }: NonNullable<Definition['webhook']>,
  config: Webhook,
): Promise<readonly Mismatch[]> {
  const found: Mismatch[] = []
  for (const [index, { samples = [] }] of handshakes.entries()) {
    for (const [number, sample] of samples.entries()) {
      for (const mismatch of await mismatchesOf(config, index, sample))
        found.push({ ...mismatch, path: ['webhook', 'handshakes', index, 'samples', number, ...mismatch.path] })
    }
  }
  return found
}

/** Paths start at the sample. */
async function mismatchesOf(config: Webhook, index: number, sample: HandshakeSample): Promise<readonly Mismatch[]> {
  const { handshakes = [] } = config
  const { method, headers, query = '', body = '' } = sample.request
  const request = await withContent(config, {
    method,
    headers: new Headers(headers),
    query: new URLSearchParams(query),
    body: utf8(body),
  })
  // The kit looks for a signed handshake once the signature is verified; samples are not signed.
  const recognized = recognizedHandshake(handshakes, request, false) ?? recognizedHandshake(handshakes, request, true)
  if (recognized === undefined)
    return [
      {
        path: ['request'],
        message: `no handshake matches the request of "${sample.name}"`,
        help: 'correct the request, or the conditions and values of the handshake',
      },
    ]
  const { handshake } = recognized
  const number = handshakes.indexOf(handshake)
  if (number !== index)
    return [
      {
        path: ['request'],
        message: `handshake ${number + 1} answers the request of "${sample.name}"`,
        help: 'move the sample there, or add a condition',
      },
    ]
  let keeps: Kept = {}
  const answer = await answerToHandshake(config, request, sample.secrets ?? {}, {
    verified: handshake.verified === true,
    keep(values) {
      keeps = values
      return true
    },
  })
  return answer === undefined ? [] : differences(sample, answer, keeps)
}

function differences(sample: HandshakeSample, answer: Answer, keeps: Kept): readonly Mismatch[] {
  const { status = 200 } = sample.answer
  if (answer.status === status) return [...answerDifferences(sample, answer), ...keptDifferences(sample, keeps)]
  const path = sample.answer.status === undefined ? ['answer'] : ['answer', 'status']
  const reason = answer.body === undefined ? '' : `, with ${answer.body}`
  return [
    { path, message: `the status of "${sample.name}" is ${answer.status}${reason}; the sample expects ${status}` },
  ]
}

function answerDifferences({ name, answer: wanted }: HandshakeSample, { headers, body }: Answer): readonly Mismatch[] {
  const found: Mismatch[] = []
  const differs = (path: readonly string[], what: string, got: string, expected: string) =>
    found.push({
      path: ['answer', ...path],
      message: `the ${what} of "${name}" is ${got}; the sample expects ${expected}`,
    })
  const { headers: wantedHeaders = {}, text, json } = wanted
  for (const [header, value] of Object.entries(wantedHeaders)) {
    const got = new Headers(headers).get(header)
    if (got !== value) differs(['headers', header], `header ${header}`, got ?? 'missing', value)
  }
  const shown = body ?? 'empty'
  if (json !== undefined) {
    if (!isDeepStrictEqual(jsonOf(body), json)) differs(['json'], 'body', shown, JSON.stringify(json))
  } else if (body !== text) differs(text === undefined ? [] : ['text'], 'body', shown, text ?? 'empty')
  return found
}

function jsonOf(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}

function keptDifferences({ name, keeps: wanted = {} }: HandshakeSample, keeps: Kept): readonly Mismatch[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(keeps)])].flatMap((field) => {
    const [got = 'nothing', expected = 'nothing'] = [keeps[field], wanted[field]]
    if (got === expected) return []
    const path = Object.hasOwn(wanted, field) ? ['keeps', field] : []
    return [{ path, message: `"${name}" keeps ${got} as ${field}; the sample expects ${expected}` }]
  })
}

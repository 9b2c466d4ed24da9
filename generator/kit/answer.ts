import { readBody } from './webhook.ts'

/** Bytes of an answer; larger than any token. */
const LARGEST_ANSWER = 1024 * 1024
/** Milliseconds for a request and its answer. */
const TIMEOUT = 10_000

/** An answer whose body was read: JSON, a form, or undefined for anything else. */
export interface Answer {
  readonly response: Response
  readonly answer: unknown
}

/** Sends a request and reads the answer, both within ten seconds. */
export async function readAnswer(send: typeof fetch, request: Request, signal?: AbortSignal): Promise<Answer> {
  const timeout = AbortSignal.timeout(TIMEOUT)
  const response = await send(request, { signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) })
  const bytes = await readBody(response, LARGEST_ANSWER, TIMEOUT)
  if (typeof bytes === 'string') throw new Error(bytes)
  return { response, answer: parsed(new TextDecoder().decode(bytes), response.headers.get('content-type') ?? '') }
}

function parsed(text: string, contentType: string): unknown {
  if (contentType.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text))
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

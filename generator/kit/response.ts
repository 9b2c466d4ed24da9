import type { Values } from './template.ts'
import { fillKnown, withTexts } from './template.ts'
import type { ResponseTemplate } from './webhook.ts'

/** An answer before it becomes a `Response`. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Undefined for an empty body. */
  readonly body: string | undefined
}

/** The answer that a template describes; undefined if a value cannot be part of a header. */
export function answerOf(
  { status = 200, headers = {}, content_type = 'text/plain', text, json }: ResponseTemplate,
  values: Values = {},
): Answer | undefined {
  const filled = Object.entries(headers).map(([name, template]) => [name, fillKnown(template, values)] as const)
  if (!filled.every(([, value]) => isHeaderValue(value))) return undefined
  const body =
    json === undefined
      ? text && fillKnown(text, values)
      : JSON.stringify(withTexts(json, (template) => fillKnown(template, values)))
  const describing = { 'content-type': json === undefined ? content_type : 'application/json' }
  return {
    status,
    headers: { ...Object.fromEntries(filled), ...(body === undefined ? {} : describing) },
    body,
  }
}

/** Whether a string can be the value of a header: visible characters of ASCII, with spaces in between. */
export function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)
}

/** The answer as a `Response` that no cache stores, and that no browser takes for a page. */
export function responseTo(method: string, { status, headers, body }: Answer): Response {
  // The constructor refuses a body of these.
  const isEmpty = method === 'HEAD' || status === 204 || status === 205
  return new Response(isEmpty ? null : (body ?? null), {
    status,
    headers: { ...headers, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  })
}

/** The answer to a request that failed, with a code for whoever looks for the cause. */
export function refusal(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return jsonAnswer(status, { error }, headers)
}

/** An object as an answer. */
export function jsonAnswer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

import { parseJson } from './body.ts'
import type { Call, Fetched, FetchProblem, Outcome } from './named-value.ts'
import { keyOf } from './named-value.ts'
import { addressProblem } from './outgoing.ts'
import { unlessAborted } from './repeat.ts'
import { endpointUrl, placeholdersIn } from './template.ts'
import type { FetchOptions, Resource, Secrets, Webhook } from './webhook.ts'
import { keysOf, readBody } from './webhook.ts'

/** Calls that are made for one delivery at most; identical ones are made once. */
export const MOST_CALLS = 50
/** How many calls are made at once. */
const AT_ONCE = 8
/** Bytes of the largest response that is read. */
const MAX_BYTES = 1_048_576
/** Milliseconds that a call may take at most. */
const TIMEOUT = 10_000

/**
 * Completes the events of a delivery: `extract` lists the calls that its rules need, and runs again with their outcomes
 * until it needs no more of them.
 */
export async function fetchValues<Result extends { readonly calls: readonly Call[] }>(
  webhook: Pick<Webhook, 'resources' | 'parseExactly'>,
  extract: (fetched: Fetched) => Result,
  options: FetchOptions = {},
): Promise<Result> {
  const outcomes = new Map<string, Outcome>()
  for (;;) {
    const extracted = extract({ get: (key) => outcomes.get(key), isRouted: options.accessFor !== undefined })
    const { calls } = extracted
    if (calls.length === 0) return extracted
    const left = Math.max(0, MOST_CALLS - outcomes.size)
    for (const call of calls.slice(left)) outcomes.set(keyOf(call), { problem: 'too_many_calls' })
    const waiting = calls.slice(0, left).values()
    // Each takes the next call as soon as it is done with one.
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (const call of waiting) outcomes.set(keyOf(call), await outcomeOf(webhook, call, options))
    })
    await Promise.all(workers)
  }
}

/**
 * The URL of a call, or why there is none. Parameters fill placeholders of the path and become parameters of the query;
 * other placeholders are fields of the installation.
 */
export function urlOf(
  { query = {}, ...address }: Resource,
  parameters: Call['parameters'],
  fields: Secrets,
): URL | { readonly problem: FetchProblem } {
  const known = Object.keys(fields).flatMap((field) => {
    const [value] = keysOf(fields, field)
    return value === undefined ? [] : [[field, value] as const]
  })
  const url = endpointUrl(address, Object.fromEntries(known), { parameters })
  if (!(url instanceof URL)) return { problem: url.problem === 'missing' ? 'missing_field' : 'unsafe_parameter' }
  const others = Object.entries(parameters).filter(([name]) => !placeholdersIn(address.path).includes(name))
  for (const [name, value] of [...Object.entries(query), ...others]) url.searchParams.append(name, value)
  return url
}

async function outcomeOf(
  webhook: Pick<Webhook, 'resources' | 'parseExactly'>,
  { endpoint, parameters, routes = [] }: Call,
  { accessFor, deadline = Date.now() + TIMEOUT, ...shared }: FetchOptions,
): Promise<Outcome> {
  const access = accessFor === undefined ? shared : await accessFor(routes)
  if (access === undefined) return { problem: 'refused' }
  const { fetchResource, fields = {} } = access
  const resource = webhook.resources?.[endpoint]
  if (fetchResource === undefined || resource === undefined) return { problem: 'missing_fetch' }
  const url = urlOf(resource, parameters, fields)
  if (!(url instanceof URL)) return url
  if (addressProblem(url) !== undefined) return { problem: 'unsafe_address' }
  const timeout = Math.min(TIMEOUT, Math.floor(deadline - Date.now()))
  if (timeout <= 0) return { problem: 'unavailable' }
  const signal = AbortSignal.timeout(timeout)
  const headers = { accept: 'application/json', ...resource.headers }
  const work = async (): Promise<Outcome> => {
    const response = await fetchResource(new Request(url, { headers, redirect: 'manual', signal }))
    const problem = problemOf(response)
    if (problem === undefined) return readValue(webhook, response, timeout)
    await response.body?.cancel()
    return { problem }
  }
  // The application's function may throw, and may ignore the signal.
  return unlessAborted(work(), signal).catch((): Outcome => ({ problem: 'unavailable' }))
}

function problemOf({ ok, status, redirected }: Response): FetchProblem | undefined {
  if (ok) return redirected ? 'refused' : undefined
  if (status === 404 || status === 410) return 'gone'
  if (status === 401 || status === 403) return 'unauthorized'
  return status >= 500 || [408, 425, 429].includes(status) ? 'unavailable' : 'refused'
}

async function readValue(format: Pick<Webhook, 'parseExactly'>, response: Response, timeout: number): Promise<Outcome> {
  const body = await readBody(response, MAX_BYTES, timeout)
  if (body === 'body_too_large') return { problem: 'response_too_large' }
  if (typeof body === 'string') return { problem: 'unavailable' }
  const value = parseJson(format, body)
  return value === undefined ? { problem: 'malformed_json' } : { value, size: body.byteLength }
}

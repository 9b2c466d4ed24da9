import type { StoredResponse as WrittenResponse } from '../compiled/definition.ts'
import { parseJson } from '../kit/body.ts'
import type { Call, Outcome } from '../kit/named-value.ts'
import { keyOf } from '../kit/named-value.ts'
import type { Webhook } from '../kit/webhook.ts'
import type { DeepReadonly, StoredResponse } from './connector.ts'

/** A response with the text of its file. */
export function storedResponse(
  { endpoint, parameters = {}, status, file, body: written }: DeepReadonly<WrittenResponse>,
  texts: ReadonlyMap<string, string>,
): StoredResponse {
  const body = written ?? texts.get(file ?? '')
  return {
    endpoint,
    parameters,
    ...(status === undefined ? {} : { status }),
    ...(body === undefined ? {} : { body }),
  }
}

/** The outcomes of the calls whose responses are stored, by `keyOf`; the first one of a call counts. */
export function storedOutcomes(
  format: Pick<Webhook, 'parseExactly'>,
  responses: readonly StoredResponse[],
): ReadonlyMap<string, Outcome> {
  return new Map(responses.map((response) => [keyOf(response), outcomeOf(format, response)] as const).reverse())
}

function outcomeOf(format: Pick<Webhook, 'parseExactly'>, { body }: StoredResponse): Outcome {
  if (body === undefined) return { problem: 'gone' }
  const value = parseJson(format, body)
  return value === undefined ? { problem: 'malformed_json' } : { value }
}

/**
 * A webhook whose rules get stored responses in place of the vendor's. A call without one finds the object gone, and
 * `onMissing` is called.
 */
export function withStoredResponses(
  webhook: Webhook,
  samples: readonly { readonly fetched: readonly StoredResponse[] }[],
  onMissing: (call: Call) => void = () => undefined,
): Webhook {
  if (webhook.fetchValues === undefined) return webhook
  const stored = storedOutcomes(
    webhook,
    samples.flatMap(({ fetched }) => fetched),
  )
  return {
    ...webhook,
    fetchValues: async (_, extract) => {
      for (const call of extract(stored).calls) onMissing(call)
      return extract({ get: (key) => stored.get(key) ?? { problem: 'gone' } })
    },
  }
}

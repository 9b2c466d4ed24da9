import { hash } from 'node:crypto'
import type { Definition, Sample } from '../../compiled/definition.ts'
import { parseText } from '../../kit/body.ts'
import type { Extracted } from '../../kit/delivery.ts'
import { eventsIn } from '../../kit/delivery.ts'
import { requestFacts } from '../../kit/request-facts.ts'
import type { Webhook } from '../../kit/webhook.ts'
import { type Mapping, mappingOf } from '../../model/delivery-mapping.ts'
import { sampleRequest } from '../../model/sample-request.ts'
import { smartCodeOf } from '../../model/smart-code.ts'
import { storedOutcomes, storedResponse } from '../../model/stored-responses.ts'
import { webhookConfig } from '../../model/webhook-config.ts'
import { fetchMismatches } from './fetch-mismatches.ts'
import { quadraticPlaces } from './quadratic-paths.ts'
import { isContradictory } from './subschemas.ts'

export function bodyOf(sample: Sample, files: ReadonlyMap<string, string>): string | undefined {
  return isEmpty(sample) ? '' : (sample.body ?? files.get(sample.file ?? ''))
}

/** The member of a sample that contains its body. */
export function memberOf({ body }: Sample): string {
  return body === undefined ? 'file' : 'body'
}

export function formOf(webhook: Webhook, { content_type }: Sample): string {
  return content_type ?? webhook.content_types[0] ?? 'application/json'
}

/** The events of a sample, and the rest of it. */
export interface SampleReading extends Extracted {
  /** The calls whose stored responses were used, by `keyOf`. */
  readonly used: ReadonlySet<string>
}

/** Reads a sample, with its stored responses; undefined where there is no body, or where it cannot be read. */
export function readSample(
  webhook: Webhook,
  sample: Sample,
  files: ReadonlyMap<string, string>,
): SampleReading | undefined {
  const body = bodyOf(sample, files)
  if (body === undefined) return undefined
  const form = formOf(webhook, sample)
  const parsed = parseText(webhook, body, form)
  if (!parsed.readable) return undefined
  const stored = storedOutcomes(
    webhook,
    (sample.fetched ?? []).map((response) => storedResponse(response, files)),
  )
  const used = new Set<string>()
  const get = (key: string) => {
    used.add(key)
    return stored.get(key)
  }
  const facts = {
    content_type: parsed.content_type,
    body_sha256: hash('sha256', body),
    ...requestFacts(sampleRequest({ ...sample, content_type: form })),
  }
  const extracted = eventsIn(webhook, parsed.value, facts, { get })
  return {
    ...extracted,
    get unread() {
      return extracted.unread
    },
    used,
  }
}

/** Whether a sample is a request without a body. */
export function isEmpty({ content_type }: Sample): boolean {
  return content_type === 'none'
}

/** What a sample becomes says nothing while rules name events that there are not, or events no data can fit. */
export function hasOtherMistake({ webhook, events = {} }: Definition): boolean {
  const isUnknown = (webhook?.deliveries ?? []).some(({ event }) => !Object.hasOwn(events, event))
  // A shared schema that cannot be expanded has a finding, and its fields cannot be mapped.
  const isUnexpanded = JSON.stringify(events).includes('"$ref":"#/schemas/')
  return isUnknown || isUnexpanded || Object.values(events).some(({ data }) => isContradictory(data))
}

export function mappingIn({ webhook, events = {} }: Definition): Mapping {
  const schemas = Object.fromEntries(Object.entries(events).map(([name, { data }]) => [name, data]))
  return mappingOf(webhook?.deliveries ?? [], schemas)
}

/** Undefined without a webhook, and where the rules have problems that are reported as such. */
export function descriptionOf(definition: Definition): Webhook | undefined {
  const { code, namespace, webhook, events = {}, api } = definition
  if (webhook === undefined) return undefined
  const { rules, problems } = mappingIn(definition)
  if (problems.length > 0 || rules.some((rule) => quadraticPlaces(rule).length > 0)) return undefined
  if (fetchMismatches(definition).length > 0) return undefined
  return webhookConfig({
    code,
    webhook,
    rules,
    api,
    events: Object.fromEntries(
      Object.entries(events).map(([name, event]) => [
        name,
        { smart_code: smartCodeOf(namespace, name, event), idempotency: event.idempotency_key ?? [] },
      ]),
    ),
  })
}

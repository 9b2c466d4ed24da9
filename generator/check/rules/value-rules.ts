import type { Definition, Sample } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import type { Unrecognized } from '../../kit/delivery.ts'
import type { Call, ValueProblem } from '../../kit/named-value.ts'
import { keyOf } from '../../kit/named-value.ts'
import { fetchMismatches } from './fetch-mismatches.ts'
import type { Origin, Report, RuleTable } from './rule.ts'
import {
  descriptionOf,
  hasOtherMistake,
  mappingIn,
  memberOf,
  readSample,
  type SampleReading,
} from './sample-reading.ts'

/** Values that delivery rules unpack or fetch. */
export const valueRules = {
  'delivery/name-taken': {
    scope: 'definition',
    summary: 'The name of an unpacked or fetched value means one thing in all delivery rules.',
    help: 'use another name',
    why: 'Paths, ignored values and reports refer to the value by its name alone.',
    about: ['deliveryRule.unpack', 'deliveryRule.fetch'],
    bad: snippet`
      for: { note: "$.delivery.messages[*]" }
      unpack: { note: { from: $.note.data, as: base64-json } }
    `,
    good: snippet`
      for: { message: "$.delivery.messages[*]" }
      unpack: { note: { from: $.message.data, as: base64-json } }
    `,
    reads: ['webhook', 'events'],
    at: 'key',
    check: (definition, report) => reportNames(definition, 'name', report),
  },
  'delivery/value-unused': {
    scope: 'definition',
    summary: 'Every unpacked or fetched value is used by a path of its delivery rule.',
    help: 'remove it, or use it in for, when or data',
    why: 'A value that nothing uses is most often misspelled in a path, and a call for nothing costs time.',
    about: ['deliveryRule.unpack', 'deliveryRule.fetch'],
    bad: snippet`
      fetch: { payment: { endpoint: get_payment, parameters: { id: $.delivery.id } } }
      when: $.delivery.type == 'payment'
      data: { payment_id: $.delivery.id }
    `,
    good: snippet`
      fetch: { payment: { endpoint: get_payment, parameters: { id: $.delivery.id } } }
      when: $.delivery.type == 'payment'
      data: { payment_id: $.delivery.id, status: $.payment.status }
    `,
    reads: ['webhook', 'events'],
    at: 'key',
    check: (definition, report) => reportNames(definition, 'unused', report),
  },
  'delivery/fetch-mismatch': {
    scope: 'definition',
    summary: 'A fetched value has a GET endpoint of the connector, and the parameters of its path.',
    help: 'name an endpoint under api.endpoints with the method GET, and give each parameter of its path',
    why: 'The call is made from the path of the endpoint; without a parameter there is no address.',
    about: ['fetchedValue.endpoint', 'fetchedValue.parameters'],
    bad: 'fetch: { payment: { endpoint: get_payments, parameters: { id: $.delivery.id } } }',
    good: 'fetch: { payment: { endpoint: get_payment, parameters: { id: $.delivery.id } } }',
    reads: ['webhook', 'api', 'auth'],
    check(definition, report) {
      for (const { path, message } of fetchMismatches(definition)) report(path, message)
    },
  },
  'delivery/response-missing': {
    scope: 'definition',
    summary: 'A sample contains the responses to the calls that the rules make for it.',
    help: 'add the response under fetched, with endpoint, parameters and body',
    why: 'Samples are tried without the vendor, so that only a stored response shows that the rule is right.',
    about: ['sample.fetched'],
    bad: snippet`
      - name: A payment
        body: '{"id":"tr_1","type":"payment"}'
        events: [payment_changed]
    `,
    good: snippet`
      - name: A payment
        body: '{"id":"tr_1","type":"payment"}'
        fetched:
          - { endpoint: get_payment, parameters: { id: tr_1 }, body: '{"status":"paid"}' }
        events: [payment_changed]
    `,
    reads: ['webhook', 'events', 'namespace', 'api', 'auth'],
    check: (definition, report, origin) =>
      forEachReading(definition, origin, ({ sample, index, read }) => {
        for (const call of read.calls)
          report(['webhook', 'samples', index], `"${sample.name}" has no response of ${writtenCall(call)}`)
      }),
  },
  'delivery/response-unused': {
    scope: 'definition',
    summary: 'Every stored response of a sample answers a call that the rules make for it.',
    help: 'remove it, or correct its endpoint and parameters',
    why: 'A response that no rule asks for shows nothing.',
    about: ['storedResponse.endpoint', 'storedResponse.parameters'],
    bad: snippet`
      - { endpoint: get_payment, parameters: { id: tr_1 }, body: '{"status":"paid"}' }
      - { endpoint: get_payment, parameters: { id: tr_2 }, body: '{"status":"paid"}' }
    `,
    good: '- { endpoint: get_payment, parameters: { id: tr_1 }, body: \'{"status":"paid"}\' }',
    reads: ['webhook', 'events', 'namespace', 'api', 'auth'],
    check: (definition, report, origin) =>
      forEachReading(definition, origin, ({ sample, index, read }) => {
        // While a response is missing, the one beside it is most likely meant.
        if (read.calls.length > 0) return
        const seen = new Set<string>()
        for (const [position, { endpoint, parameters = {} }] of (sample.fetched ?? []).entries()) {
          const key = keyOf({ endpoint, parameters })
          if (!read.used.has(key) || seen.has(key))
            report(
              ['webhook', 'samples', index, 'fetched', position],
              `${seen.has(key) ? 'another response answers' : 'no rule makes'} the call ${writtenCall({ endpoint, parameters })}`,
            )
          seen.add(key)
        }
      }),
  },
  'delivery/value-unreadable': {
    scope: 'definition',
    summary: 'The strings that rules unpack in a sample, and its stored responses, are JSON in the stated form.',
    help: 'correct `as` or the path, or the sample; if the vendor sends such strings, list the part under unrecognized',
    why: 'A string that cannot be unpacked becomes no event.',
    about: ['unpackedValue.as', 'unpackedValue.from', 'storedResponse.body'],
    bad: 'unpack: { note: { from: $.message.data, as: json } }',
    good: 'unpack: { note: { from: $.message.data, as: base64-json } }',
    reads: ['webhook', 'events', 'namespace', 'api', 'auth'],
    check: (definition, report, origin) =>
      forEachReading(definition, origin, ({ sample, index, read }) => {
        for (const part of unreadableParts(sample, read)) {
          const { name = '', problem } = part
          const what = PROBLEMS[problem as keyof typeof PROBLEMS]
          report(['webhook', 'samples', index, memberOf(sample)], `$.${name} of "${sample.name}" is not ${what}`)
        }
      }),
  },
} satisfies RuleTable

const PROBLEMS = {
  not_text: 'a string',
  malformed_base64: 'Base64',
  malformed_json: 'JSON',
} as const satisfies Partial<Record<ValueProblem, string>>

/** A part of a delivery, as samples name it. */
export function writtenPart({ path, field, name }: Unrecognized): string {
  if (name !== undefined) return `${path}, $.${name}`
  return field === undefined ? path : `${path}, ${field}`
}

/** Whether there are findings about the values of a sample. */
export function lacksValues(sample: Sample, read: SampleReading): boolean {
  return read.calls.length > 0 || unreadableParts(sample, read).length > 0
}

/** Parts with a value that cannot be read, unless the sample expects it. */
function unreadableParts({ unrecognized = [] }: Sample, read: SampleReading): readonly Unrecognized[] {
  return read.unrecognized.filter(
    (part) => part.problem !== undefined && part.problem in PROBLEMS && !unrecognized.includes(writtenPart(part)),
  )
}

interface Reading {
  readonly sample: Sample
  readonly index: number
  readonly read: SampleReading
}

function forEachReading(definition: Definition, { samples }: Origin, look: (reading: Reading) => void): void {
  const webhook = descriptionOf(definition)
  if (webhook === undefined || hasOtherMistake(definition)) return
  for (const [index, sample] of (definition.webhook?.samples ?? []).entries()) {
    const read = readSample(webhook, sample, samples)
    if (read !== undefined) look({ sample, index, read })
  }
}

function writtenCall({ endpoint, parameters }: Call): string {
  const written = Object.entries(parameters).map(([name, value]) => `${name}: ${value}`)
  return written.length === 0 ? endpoint : `${endpoint} with ${written.join(', ')}`
}

function reportNames(definition: Definition, wanted: 'name' | 'unused', report: Report): void {
  for (const { kind, path, message } of mappingIn(definition).problems)
    if (kind === wanted) report(['webhook', 'deliveries', ...path], message)
}

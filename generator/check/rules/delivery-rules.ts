import type { Definition, DeliveryRule, Sample } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { isRead, isReadInside, readsOf } from '../../kit/unread.ts'
import type { Webhook } from '../../kit/webhook.ts'
import { ignoredPath } from '../../model/delivery-mapping.ts'
import { closest, suggestion } from '../../text/closest.ts'
import { budgetOf } from '../check-budget.ts'
import { containerGaps, isElementOf } from './container-gaps.ts'
import { exampleErrors } from './example-errors.ts'
import { quadraticPlaces } from './quadratic-paths.ts'
import type { Report, RuleTable } from './rule.ts'
import {
  bodyOf,
  descriptionOf,
  formOf,
  hasOtherMistake,
  isEmpty,
  mappingIn,
  memberOf,
  readSample,
  type SampleReading,
} from './sample-reading.ts'
import { lacksValues, writtenPart } from './value-rules.ts'

/** How a delivery becomes events. */
export const deliveryRules = {
  'delivery/event-unknown': {
    scope: 'definition',
    summary: 'Every delivery rule makes an event of the connector whose source is webhook.',
    help: 'name an event of this connector, or correct its source',
    why: 'A rule makes an event that is declared, and only those that a webhook carries.',
    about: ['deliveryRule.event'],
    bad: snippet`
      - event: contact_create
        for:
          change: $.delivery.changes[?@.type == 'contact.created']
    `,
    good: snippet`
      - event: contact_created
        for:
          change: $.delivery.changes[?@.type == 'contact.created']
    `,
    reads: ['webhook', 'events'],
    check({ webhook, events = {} }, report) {
      const known = Object.keys(events)
      for (const [index, { event }] of (webhook?.deliveries ?? []).entries()) {
        const path = ['webhook', 'deliveries', index, 'event']
        const source = Object.hasOwn(events, event) ? events[event]?.source : undefined
        if (source === undefined) report(path, `no event "${event}"${suggestion(event, known)}`)
        else if (source !== 'webhook') report(path, `the event "${event}" comes by ${source}, not by webhook`)
      }
    },
  },
  'delivery/event-missing': {
    scope: 'definition',
    summary: 'Every event whose source is webhook is made by a delivery rule, except in a draft.',
    help: 'add a rule under webhook.deliveries, or correct the source',
    why: 'An event that no rule makes never arrives, although the guide promises it.',
    about: ['event.source', 'webhook.deliveries'],
    bad: snippet`
      source: webhook
      version: 1
    `,
    good: snippet`
      source: emitted
      version: 1
    `,
    reads: ['webhook', 'events', 'status'],
    check({ webhook, events = {}, status }, report) {
      if (status === 'draft') return
      const known = Object.keys(events)
      // A misspelled name has its own finding; it is not missing as well.
      const meant = (event: string) => (Object.hasOwn(events, event) ? event : (closest(event, known) ?? event))
      const made = new Set((webhook?.deliveries ?? []).map(({ event }) => meant(event)))
      for (const [name, { source }] of Object.entries(events)) {
        if (source === 'webhook' && !made.has(name))
          report(['events', name, 'source'], `no delivery rule makes the event "${name}"`)
      }
    },
  },
  'delivery/rules-overlap': {
    scope: 'definition',
    summary: 'No two delivery rules match the same part of a delivery, unless one part is meant to become two events.',
    help: 'add a condition under when or for that distinguishes the events; if both are meant, add a waiver with the reason',
    why: 'One delivery would be recorded as two events, of which one did not happen.',
    about: ['deliveryRule.event', 'deliveryRule.for', 'deliveryRule.when'],
    bad: snippet`
      - event: contact_created
        for: { change: "$.delivery.changes[?@.type == 'contact.created']" }
        data: { account_id: $.delivery.account, contact_id: $.change.contact.id }
      - event: contact_created
        for: { entry: "$.delivery.changes[?@.type == 'contact.created']" }
        when: $.entry.contact.is_new
        data: { account_id: $.delivery.account, contact_id: $.entry.contact.id }
    `,
    good: snippet`
      - event: contact_created
        for: { change: "$.delivery.changes[?@.type == 'contact.created']" }
        data: { account_id: $.delivery.account, contact_id: $.change.contact.id }
    `,
    reads: ['webhook'],
    waivable: true,
    check({ webhook }, report) {
      const rules = (webhook?.deliveries ?? []).map(selectionOf)
      for (const [index, { event, loops, conditions }] of rules.entries()) {
        const other = rules.slice(0, index).find((earlier) => {
          if (!earlier.loops.some((loop) => loops.includes(loop))) return false
          return isSubset(earlier.conditions, conditions) || isSubset(conditions, earlier.conditions)
        })
        if (other !== undefined)
          report(
            ['webhook', 'deliveries', index, 'event'],
            other.event === event
              ? `two rules make "${event}" of the same part of a delivery`
              : `this rule and the one for "${other.event}" match the same part of a delivery`,
          )
      }
    },
  },
  'delivery/path-invalid': {
    scope: 'definition',
    summary: 'Paths and conditions of delivery rules are JSONPath (RFC 9535) that the kit can follow.',
    help: 'see https://www.rfc-editor.org/rfc/rfc9535; names, indexes, [*] and filters are supported',
    why: 'Paths are followed in every delivery; one that cannot be read finds nothing.',
    about: ['deliveryRule.for', 'deliveryRule.when', 'deliveryRule.data'],
    bad: "change: $.delivery.changes[?@.type = 'contact.created']",
    good: "change: $.delivery.changes[?@.type == 'contact.created']",
    reads: ['webhook', 'events'],
    check(definition, report) {
      reportProblems(definition, 'path', report)
    },
  },
  'delivery/field-mismatch': {
    scope: 'definition',
    summary:
      "A delivery rule names only fields of the event's schema, gives all that it requires, and fits their types.",
    help: "correct the field, or the event's schema",
    why: 'Events must match their schema, or the generated types do not match the data.',
    about: ['deliveryRule.data'],
    bad: 'scores: $.change.contact.score',
    good: 'score: $.change.contact.score',
    reads: ['webhook', 'events'],
    check(definition, report) {
      reportProblems(definition, 'field', report)
    },
  },
  'delivery/quadratic': {
    scope: 'definition',
    summary: 'Delivery rules take time, and make data, in proportion to the size of a delivery.',
    help: 'start each loop, list and object inside the loop around it, and look up elements of other lists with "=="',
    why: 'A delivery of a few hundred kilobytes with two long lists would keep a server busy for seconds.',
    about: ['deliveryRule.for', 'deliveryRule.when', 'deliveryRule.data'],
    bad: 'tags: { each: "$.delivery.tags[*]", data: $.item }',
    good: 'tags: { each: "$.change.contact.tags[*]", data: $.item }',
    reads: ['webhook', 'events'],
    check(definition, report) {
      const { rules, problems } = mappingIn(definition)
      if (problems.length > 0) return
      // Rules for unknown events are left out, and are reported as such.
      if (rules.length !== definition.webhook?.deliveries?.length) return
      for (const [index, rule] of rules.entries()) {
        for (const { path, message } of quadraticPlaces(rule))
          report(['webhook', 'deliveries', index, ...path], message)
      }
    },
  },
  'delivery/sample-missing': {
    scope: 'definition',
    summary: 'Every event that a delivery rule makes stands in a sample delivery.',
    help: 'add a delivery of the vendor that contains the event under webhook.samples',
    why: 'A rule that was never tried on a real delivery is a guess.',
    about: ['webhook.samples'],
    bad: snippet`
      - name: A ping
        body: '{"changes":[]}'
    `,
    good: snippet`
      - name: A new contact
        body: '{"account":"a_1","changes":[{"type":"contact.created","contact":{"id":"c_1"}}]}'
        events: [contact_created]
    `,
    reads: ['webhook', 'events'],
    waivable: true,
    check({ webhook, events = {} }, report) {
      const shown = new Set((webhook?.samples ?? []).flatMap(({ events: held = [] }) => held))
      for (const [index, { event }] of (webhook?.deliveries ?? []).entries()) {
        if (Object.hasOwn(events, event) && !shown.has(event))
          report(['webhook', 'deliveries', index, 'event'], `no sample delivery contains "${event}"`)
      }
    },
  },
  'delivery/sample-refused': {
    scope: 'definition',
    summary: 'The kit verifies every sample that has a proof.',
    help: 'copy body, headers, query, secret and time from one request; the kit verifies the exact bytes of the body',
    why: "A sample that the vendor's SDK signed shows that the signature scheme is right. If the kit refuses it, it also refuses the vendor's deliveries.",
    about: ['sample.proof', 'sample.headers', 'webhook.signatures'],
    bad: snippet`
      headers: { X-Orbit-Token: another-made-up-key }
      proof:
    `,
    good: snippet`
      headers: { X-Orbit-Token: made-up-key }
      proof:
    `,
    reads: ['webhook'],
    check({ webhook }, report, { refusals }) {
      if (webhook === undefined) return
      for (const [index, reason] of refusals) {
        const sample = webhook.samples?.[index]
        if (sample === undefined) continue
        const { member, help } = refusedPart(webhook, sample, reason)
        report(['webhook', 'samples', index, ...member], `the kit refuses "${sample.name}": ${reason}`, help)
      }
    },
  },
  'delivery/sample-incomplete': {
    scope: 'definition',
    summary: 'A sample delivery has either a file or a body, or content_type none.',
    help: 'name a file or write the body, one of the two; with `content_type: none` neither',
    why: 'A sample without a body shows nothing, and with two of them nobody knows which one counts.',
    about: ['sample.file', 'sample.body'],
    bad: snippet`
      - name: Two changes
        file: samples/acme-crm/two.json
    `,
    good: '- name: Two changes',
    reads: ['webhook'],
    check({ webhook }, report) {
      for (const [index, sample] of (webhook?.samples ?? []).entries()) {
        const { name, file, body } = sample
        if (isEmpty(sample)) {
          const member = file !== undefined ? 'file' : body !== undefined ? 'body' : undefined
          if (member !== undefined)
            report(['webhook', 'samples', index, member], `the sample "${name}" has content_type none and a ${member}`)
        } else if ((file === undefined) === (body === undefined))
          report(
            ['webhook', 'samples', index],
            `the sample "${name}" has ${file === undefined ? 'neither a file nor' : 'both a file and'} a body`,
          )
        for (const [position, response] of (sample.fetched ?? []).entries()) {
          const given = ['file', 'body', 'status'].filter((member) => Object.hasOwn(response, member))
          if (given.length !== 1)
            report(
              ['webhook', 'samples', index, 'fetched', position],
              `the response of "${response.endpoint}" has ${given.length === 0 ? 'no body' : given.join(' and ')}`,
              'give it a body, a file with the body, or the status of an object that is gone',
            )
        }
      }
    },
  },
  'delivery/sample-method': {
    scope: 'definition',
    summary: 'The method of a sample is one of `webhook.methods`.',
    help: 'add the method to webhook.methods, or correct the sample',
    why: 'The kit answers deliveries with other methods with status 405.',
    about: ['sample.method', 'webhook.methods'],
    bad: snippet`
      - name: A ping with a token
        method: PUT
    `,
    good: snippet`
      - name: A ping with a token
    `,
    reads: ['webhook'],
    check({ webhook }, report) {
      const { methods = ['POST'], samples = [] } = webhook ?? {}
      for (const [index, { name, method = 'POST' }] of samples.entries()) {
        const place = ['webhook', 'samples', index, ...(samples[index]?.method === undefined ? [] : ['method'])]
        if (!methods.includes(method))
          report(place, `"${name}" is sent with ${method}, but webhook.methods has ${methods.join(' and ')}`)
      }
    },
  },
  'delivery/leaf-unread': {
    scope: 'definition',
    summary: 'Every value of a sample is read by a delivery rule or listed under `webhook.ignored`, except in a draft.',
    help: 'map it to a field of the event, or add it to webhook.ignored with the reason',
    why: 'A value that nothing reads vanishes from the event without a trace.',
    about: ['webhook.ignored', 'webhook.samples'],
    bad: `body: '{"account":"a_1","changes":[{"type":"contact.created","contact":{"id":"c_1","plan":"free"}}]}'`,
    good: `body: '{"account":"a_1","changes":[{"type":"contact.created","contact":{"id":"c_1"}}]}'`,
    reads: ['webhook', 'events', 'namespace', 'status', 'api', 'auth'],
    check(definition, report, origin) {
      const webhook = descriptionOf(definition)
      if (webhook === undefined || definition.status === 'draft' || hasOtherMistake(definition)) return
      const reported = new Set<string>()
      for (const [index, sample] of (definition.webhook?.samples ?? []).entries()) {
        const read = readSample(webhook, sample, origin.samples)
        const unread = (member: string, paths: readonly string[]) => {
          for (const path of paths.filter((one) => !reported.has(one))) {
            reported.add(path)
            report(['webhook', 'samples', index, member], `no rule reads ${path} of "${sample.name}"`)
          }
        }
        unread(memberOf(sample), read?.unread ?? [])
        unread('query', unreadParameters(definition, webhook, sample))
      }
    },
  },
  'delivery/container-missed': {
    scope: 'definition',
    summary: 'A rule for one of several lists with the same kind of parts covers all of them that occur in samples.',
    help: 'add the path to the loop; if the part is not the event, add a waiver with the reason',
    why: 'Vendors put the same parts in several lists. A rule that goes through one of them loses the events of the others.',
    about: ['deliveryRule.for'],
    bad: snippet`
      for: { call: "$.delivery.calls[?@.missed]" }
      data: { history_id: $.call.missed }
      …
      events: [mail_changed, mail_changed]
      unrecognized: ["$['archive'][1]"]
    `,
    good: snippet`
      for: { call: ["$.delivery.calls[?@.missed]", "$.delivery.archive[?@.missed]"] }
      data: { history_id: $.call.missed }
      …
      events: [mail_changed, mail_changed, mail_changed]
    `,
    reads: ['webhook', 'events', 'namespace', 'api', 'auth'],
    waivable: true,
    check(definition, report, origin) {
      const webhook = descriptionOf(definition)
      // Rules for unknown events are left out, and are reported as such.
      if (webhook === undefined || webhook.deliveries.length !== definition.webhook?.deliveries?.length) return
      const gaps = containerGaps(webhook.deliveries)
      const reported = new Set<object>()
      for (const sample of gaps.length === 0 ? [] : (definition.webhook.samples ?? [])) {
        const lost = (readSample(webhook, sample, origin.samples)?.unrecognized ?? []).filter(({ event }) => !event)
        for (const { rule, loop, container, other } of gaps) {
          const inside = lost.filter(({ path }) => isElementOf(path, container))
          if (inside.length === 0 || reported.has(other)) continue
          const read = readSample({ ...webhook, deliveries: [other] }, sample, origin.samples)
          const still = new Set(read?.unrecognized.map(({ path }) => path))
          const found = inside.find(({ path }) => !still.has(path))
          if (read === undefined || found === undefined) continue
          reported.add(other)
          report(
            ['webhook', 'deliveries', rule, 'for', loop],
            `the rule leaves out ${found.path} of "${sample.name}", which is in a list like those that it goes through`,
          )
        }
      }
    },
  },
  'delivery/ignored-read': {
    scope: 'definition',
    summary:
      'An ignored value is a path of names and `[*]` that not every rule reads, and inside of which no rule reads.',
    help: 'ignore only the values that no rule reads, such as $.delivery.entry[*].time',
    why: 'An ignored subtree must not hide a value that an event needs.',
    about: ['ignoredValue.at'],
    bad: '- at: $.delivery.changes[*].contact',
    good: '- at: $.delivery.changes[*].contact.number',
    reads: ['webhook', 'events'],
    check(definition, report) {
      const { rules, problems } = mappingIn(definition)
      if (problems.length > 0) return
      const reads = readsOf(rules)
      const ofEach = rules.map((rule) => readsOf([rule]))
      for (const [index, { at }] of (definition.webhook?.ignored ?? []).entries()) {
        const place = ['webhook', 'ignored', index, 'at']
        const path = ignoredPath(at, rules)
        const names = [...reads.keys()].map((name) => (name === 'request' ? '$.request.query' : `$.${name}`))
        if (path === undefined) report(place, `"${at}" is not a path of names and [*] from ${names.join(' or ')}`)
        else if (isReadInside(reads, path)) report(place, `a delivery rule reads a value below ${at}`)
        else if (ofEach.length > 0 && ofEach.every((one) => isRead(one, path)))
          report(place, `every delivery rule reads ${at}`)
      }
    },
  },
  'delivery/sample-mismatch': {
    scope: 'definition',
    summary: 'Every sample delivery becomes the events that it says, and each fits its schema.',
    help: 'correct the rules, or what the sample says that it becomes',
    why: 'The sample is run through the rules at every check; where it becomes something else, one of the two is wrong.',
    about: ['sample.events', 'sample.unrecognized'],
    bad: 'unrecognized: []',
    good: snippet`
      unrecognized: ["$['changes'][1]"]
    `,
    reads: ['webhook', 'events', 'namespace', 'api', 'auth'],
    check(definition, report, origin) {
      const webhook = descriptionOf(definition)
      if (webhook === undefined || hasOtherMistake(definition)) return
      for (const [index, sample] of (definition.webhook?.samples ?? []).entries()) {
        const body = bodyOf(sample, origin.samples)
        const read = readSample(webhook, sample, origin.samples)
        if (body !== undefined) trySample(definition, webhook, { sample, index, body, read }, report)
      }
    },
  },
} satisfies RuleTable

/** Parameters of a sample's query that no rule and no signature scheme reads, and that are not ignored. */
function unreadParameters({ webhook: written }: Definition, webhook: Webhook, { query }: Sample): readonly string[] {
  const { deliveries, signatures, routing } = webhook
  const reads = readsOf(deliveries, routing)
  const ignored = (written?.ignored ?? []).map(({ at }) => ignoredPath(at, deliveries)?.join('\n'))
  const isSigned = (name: string) =>
    signatures.some(
      ({ signature, timestamp, signed }) =>
        (signature?.in === 'query' && signature.at.includes(name)) ||
        (timestamp?.in === 'query' && timestamp.at === name) ||
        signed.includes(`{query:${name}}`),
    )
  const names = [...new Set(new URLSearchParams(query).keys())]
  return names.flatMap((name) => {
    const path = ['request', 'query', name] as const
    const isKnown = isRead(reads, path) || ignored.includes(path.join('\n')) || isSigned(name)
    const member = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
    return isKnown ? [] : [`$.request.query${member}`]
  })
}

/** The conditions of a rule, in a form in which equal rules are equal strings. */
interface Selection {
  readonly event: string
  /** The paths of its loops, once for each place that they can begin at. */
  readonly loops: readonly string[]
  /** All of these must be true. */
  readonly conditions: ReadonlySet<string>
}

function selectionOf({ event, for: loops = {}, when = '' }: DeliveryRule): Selection {
  const names = Object.keys(loops)
  // The names of loops are the author's choice; their positions are not.
  const named = (text: string) =>
    names.reduce((changed, name, index) => changed.replaceAll(new RegExp(`\\$\\.${name}\\b`, 'g'), `$.${index}`), text)
  return {
    event,
    loops: combinations(Object.values(loops).map((paths) => [paths].flat().map(named))),
    conditions: new Set(conjunctsOf(named(when))),
  }
}

/** Every way to take one path of each loop; as many as are needed to see that rules overlap. */
function combinations(loops: readonly (readonly string[])[]): readonly string[] {
  return loops.reduce<readonly string[]>(
    (before, paths) => before.flatMap((first) => paths.map((path) => `${first}\n${path}`)).slice(0, MOST_COMBINATIONS),
    [''],
  )
}

const MOST_COMBINATIONS = 1000

/** The parts of a condition that are joined by "&&" outside of quotes and brackets; one part where "||" joins some. */
function conjunctsOf(condition: string): readonly string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const [token] of condition.matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|&&|\|\||./gs)) {
    if (token === '(' || token === '[') depth += 1
    if (token === ')' || token === ']') depth -= 1
    if (depth === 0 && token === '||') return [condition.trim()]
    if (depth === 0 && token === '&&') parts.push('')
    else parts[parts.length - 1] += token
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

function isSubset(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].every((part) => others.has(part))
}

function reportProblems(definition: Definition, wanted: 'path' | 'field', report: Report): void {
  for (const { kind, path, message } of mappingIn(definition).problems) {
    if (kind !== wanted) continue
    const at = path.at(-1)
    const isUnknown = message.startsWith('the event has no field')
    const slip = wanted === 'path' ? operatorSlip(valueAt(definition.webhook?.deliveries, path), message) : undefined
    report(
      ['webhook', 'deliveries', ...path],
      slip?.message ?? message,
      slip?.help,
      isUnknown && typeof at === 'string' ? 'key' : 'value',
    )
  }
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce((inside, segment) => (inside as Readonly<Record<string, unknown>> | undefined)?.[segment], value)
}

/** Operators of other languages, and what a path has in their place. */
const OPERATORS: readonly (readonly [written: RegExp, meant: string])[] = [
  [/&amp;/, '&&'],
  [/(?<![=!<>])=(?!=)/, '=='],
  [/<>/, '!='],
  [/\band\b/i, '&&'],
  [/\bor\b/i, '||'],
  [/\bnot\b/i, '!'],
]

function operatorSlip(
  written: unknown,
  message: string,
): { readonly message: string; readonly help: string } | undefined {
  // Only what cannot be parsed can have a wrong operator.
  if (typeof written !== 'string' || !/at character [0-9]+$|is no condition$/.test(message)) return undefined
  const bare = written.replaceAll(/'[^']*'|"[^"]*"/g, '')
  const [pattern, meant] = OPERATORS.find(([candidate]) => candidate.test(bare)) ?? []
  const sign = pattern?.exec(bare)?.[0]
  return sign === undefined ? undefined : { message: `"${sign}" is no operator of a path`, help: `write ${meant}` }
}

interface Trial {
  readonly sample: Sample
  readonly index: number
  readonly body: string
  /** Undefined where the body cannot be read. */
  readonly read: SampleReading | undefined
}

function trySample(
  definition: Definition,
  webhook: Webhook,
  { sample, index, body, read }: Trial,
  report: Report,
): void {
  const at = ['webhook', 'samples', index]
  if (read === undefined) {
    const problem = bodyProblem(body, formOf(webhook, sample))
    report(
      [...at, memberOf(sample)],
      `the body of "${sample.name}" is not ${problem}`,
      'correct the body, or its content_type',
    )
    return
  }
  // What a lacking value leads to says nothing about the rules.
  if (lacksValues(sample, read)) return
  const { events, unrecognized } = read
  compare({ got: events.map(({ type }) => type), wanted: sample.events ?? [], none: 'no event' }, ({ got, wanted }) =>
    report([...at, 'events'], `the rules make ${got} of "${sample.name}"; the sample says ${wanted}`),
  )
  compare(
    {
      got: unrecognized.map(writtenPart),
      wanted: sample.unrecognized ?? [],
      none: 'nothing',
    },
    ({ got, wanted }) =>
      report(
        [...at, 'unrecognized'],
        `the rules recognize all of "${sample.name}" but ${got}; the sample says ${wanted}`,
      ),
  )
  const known = definition.events ?? {}
  for (const { type, data } of events) {
    const event = Object.hasOwn(known, type) ? known[type] : undefined
    for (const error of event === undefined ? [] : exampleErrors(event.data, data, budgetOf(definition))) {
      const where = error.path.length === 0 ? '' : `${error.path.join('/')}: `
      report(at, `the event ${type} of "${sample.name}" does not fit its schema: ${where}${error.message}`)
    }
  }
}

/** The member of a sample that a refusal is about. */
function refusedPart(
  { signatures = [] }: NonNullable<Definition['webhook']>,
  { headers = {} }: Sample,
  reason: string,
): { readonly member: readonly string[]; readonly help?: string } {
  if (reason === 'missing_secret' || reason === 'malformed_secret')
    return {
      member: ['proof', 'secrets'],
      help: `add the key of the scheme: ${signatures[0]?.secret ?? 'a field with the public key'}`,
    }
  if (reason === 'missing_url') return { member: ['proof'], help: 'add `url`, which the signature covers' }
  if (reason === 'timestamp_out_of_tolerance')
    return { member: ['proof'], help: 'set `received_at` to the time in the headers' }
  const signed = signatures.flatMap(({ signature }) => signature?.at ?? []).map((name) => name.toLowerCase())
  const header = Object.keys(headers).find((name) => signed.includes(name.toLowerCase()))
  return { member: header === undefined ? ['headers'] : ['headers', header] }
}

function bodyProblem(body: string, form: string): string {
  if (form !== 'application/json') return form
  const [, closing] = /,\s*([}\]])/.exec(body) ?? []
  if (closing !== undefined) return `JSON: a comma stands before "${closing}"`
  return /^\s*[{[]\s*'/.test(body) ? 'JSON: it has single quotes' : 'JSON'
}

interface Comparison {
  readonly got: readonly string[]
  readonly wanted: readonly string[]
  readonly none: string
}

function compare(
  { got, wanted, none }: Comparison,
  report: (lists: { readonly got: string; readonly wanted: string }) => void,
): void {
  if (got.length === wanted.length && got.every((one, index) => one === wanted[index])) return
  const listed = (items: readonly string[]) => (items.length === 0 ? none : items.join(', '))
  report({ got: listed(got), wanted: listed(wanted) })
}

import type { Definition, Poll } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { valueAtPointer } from '../../kit/pointer.ts'
import { recordMapping } from '../../kit/poll.ts'
import { placeholdersIn } from '../../kit/template.ts'
import { pollMapping } from '../../model/delivery-mapping.ts'
import { paginationOf } from '../../model/model.ts'
import { pollConfig, ruleOf } from '../../model/poll-config.ts'
import { suggestion } from '../../text/closest.ts'
import { budgetOf } from '../check-budget.ts'
import { exampleErrors } from './example-errors.ts'
import type { EventSubject, RuleTable } from './rule.ts'
import { isContradictory } from './subschemas.ts'

/** Members of a poll that only the kit reads. */
const EXECUTED = [
  'for_each',
  'query',
  'body',
  'order',
  'cursor',
  'version',
  'remember',
  'for',
  'when',
  'samples',
] as const

export const pollRules = {
  'poll/mapping-broken': {
    scope: 'event',
    summary: 'A poll has a key and data, or neither, and its paths can be followed.',
    help: 'correct the path or field, or add what is missing',
    why: 'The kit makes events of records by these rules, and distinguishes records by their key.',
    about: ['poll.key', 'poll.data', 'poll.for', 'poll.when'],
    bad: snippet`
      key: [/id]
      data:
        contact: $.record.id
    `,
    good: snippet`
      key: [/id]
      data:
        contact_id: $.record.id
    `,
    reads: [],
    check({ name, event }, report) {
      const { poll } = event
      if (poll === undefined) return
      if ((poll.key === undefined) !== (poll.data === undefined))
        report(['poll'], `\`${poll.key === undefined ? 'key' : 'data'}\` is missing beside the other`)
      if (poll.key === undefined && poll.data === undefined) {
        for (const member of EXECUTED)
          if (poll[member] !== undefined)
            report(['poll', member], `\`${member}\` has no effect without \`key\` and \`data\``, undefined, 'key')
        return
      }
      if (isBroken({ event })) return
      for (const { path, message } of pollMapping(ruleOf(poll), name, event.data).problems)
        report(['poll', ...path], message, undefined, message.startsWith('the event has no field') ? 'key' : 'value')
    },
  },
  'poll/endpoint-unfit': {
    scope: 'event',
    summary: 'The endpoints of a poll give pages, and take what the poll sends.',
    help: 'describe the endpoint under api.endpoints, or correct the poll',
    why: 'The kit reads all pages of the endpoint, and stops if one of its requests cannot be built.',
    about: ['poll.endpoint', 'poll.for_each', 'poll.query', 'poll.cursor'],
    bad: snippet`
      parameter: changed_after
      as: date-time
    `,
    good: snippet`
      parameter: updated_after
      as: date-time
    `,
    reads: ['api', 'auth'],
    check({ event, definition }, report) {
      const { poll } = event
      if (poll?.key === undefined) return
      const { api, auth } = definition
      const endpoint = Object.hasOwn(api.endpoints ?? {}, poll.endpoint) ? api.endpoints?.[poll.endpoint] : undefined
      // Another rule reports an endpoint that is not there.
      if (endpoint === undefined) return
      if (endpoint.pagination === undefined)
        report(
          ['poll', 'endpoint'],
          `"${poll.endpoint}" gives no pages`,
          'describe its `pagination`, with the place of its items',
        )
      const { for_each, cursor, query = {} } = poll
      if (for_each !== undefined) {
        const known = Object.keys(api.endpoints ?? {})
        const source = Object.hasOwn(api.endpoints ?? {}, for_each.endpoint)
          ? api.endpoints?.[for_each.endpoint]
          : undefined
        if (source?.pagination === undefined)
          report(
            ['poll', 'for_each', 'endpoint'],
            source === undefined
              ? `no endpoint "${for_each.endpoint}"${suggestion(for_each.endpoint, known)}`
              : `"${for_each.endpoint}" gives no pages`,
          )
      }
      // Another rule reports a placeholder that nothing declares.
      const isOpen = (name: string) => Object.hasOwn(api.parameters ?? {}, name) && name !== for_each?.parameter
      const placeholders = placeholdersIn(endpoint.path)
      for (const placeholder of placeholders)
        if (isOpen(placeholder) && !Object.hasOwn(auth.fields ?? {}, placeholder))
          report(
            ['poll'],
            `nothing gives {${placeholder}} of "${poll.endpoint}"`,
            'add for_each, or an authentication field',
          )
      if (for_each !== undefined && !placeholders.includes(for_each.parameter))
        report(['poll', 'for_each', 'parameter'], `the path of "${poll.endpoint}" has no {${for_each.parameter}}`)
      const inputs = inputsOf(definition, poll)
      for (const name of Object.keys(query))
        if (!inputs.includes(name))
          report(
            ['poll', 'query', name],
            `"${poll.endpoint}" takes no "${name}"${suggestion(name, inputs)}`,
            undefined,
            'key',
          )
      const parameter = cursor?.parameter
      if (parameter !== undefined && !parameter.startsWith('/') && !inputs.includes(parameter))
        report(
          ['poll', 'cursor', 'parameter'],
          `"${poll.endpoint}" takes no "${parameter}"${suggestion(parameter, inputs)}`,
        )
      for (const [input, { required, value }] of Object.entries(endpoint.query ?? {}))
        if (required === true && value === undefined && query[input] === undefined && input !== parameter)
          report(['poll'], `nothing gives "${input}", which "${poll.endpoint}" requires`)
    },
  },
  'poll/sample-mismatch': {
    scope: 'event',
    summary: 'The samples of a poll make as many events as they say, and each fits the schema.',
    help: 'correct the rules, the sample or the number',
    why: 'A sample shows that the paths lead to what the vendor sends.',
    about: ['poll.samples'],
    bad: snippet`
      events: 1
      cites: acme-docs
    `,
    good: snippet`
      events: 2
      cites: acme-docs
    `,
    reads: ['api'],
    check(subject, report) {
      const { name, event, definition } = subject
      const poll = event.poll
      if (poll?.samples === undefined || isBroken(subject)) return
      if (poll.data !== undefined && pollMapping(ruleOf(poll), name, event.data).problems.length > 0) return
      const items = itemsOf(definition, poll)
      const config = pollConfig({ name, data: event.data, poll })
      if (items === undefined || config === undefined) return
      const facts = { [name]: { smart_code: '', idempotency: event.idempotency_key ?? [] } }
      const eventsOf = recordMapping({ connector: definition.code, events: facts }, name, config)
      for (const [index, sample] of poll.samples.entries()) {
        const at = ['poll', 'samples', index]
        const records = valueAtPointer(parsed(sample.body), items)
        if (!Array.isArray(records)) {
          report([...at, 'body'], `"${sample.name}" has no list at "${items}"`)
          continue
        }
        const misfits: string[] = []
        const given = { parameters: sample.parameters ?? {}, time: '2026-01-01T00:00:00Z', version: 'v', previous: {} }
        const made = records.flatMap((record) => eventsOf(record, given, (field) => misfits.push(field)))
        const said = misfits.length === 0 ? '' : `; ${[...new Set(misfits)].join(', ')} did not fit`
        if (made.length !== sample.events)
          report(
            [...at, 'events'],
            `"${sample.name}" makes ${made.length} events; the sample expects ${sample.events}${said}`,
          )
        for (const pointer of poll.key ?? [])
          if (records.some((record) => valueAtPointer(record, pointer) === undefined))
            report(
              [...at, 'body'],
              `a record of "${sample.name}" has nothing at "${pointer}", which is part of the key`,
            )
        for (const { data } of made) {
          for (const error of exampleErrors(event.data, data, budgetOf(definition)))
            report(
              at,
              `an event of "${sample.name}" does not fit its schema: ${[...error.path, error.message].join(': ')}`,
            )
        }
      }
    },
  },
} satisfies RuleTable

/** Whether a schema itself has a mistake, so that findings about its mappings would mislead. */
function isBroken({ event }: Pick<EventSubject, 'event'>): boolean {
  return isContradictory(event.data) || JSON.stringify(event.data).includes('"$ref":"#/schemas/')
}

function pagingOf({ api }: Definition, { endpoint: name }: Poll) {
  const endpoint = Object.hasOwn(api.endpoints ?? {}, name) ? api.endpoints?.[name] : undefined
  return endpoint?.pagination === undefined ? undefined : paginationOf(api, endpoint.pagination)
}

function itemsOf(definition: Definition, poll: Poll): string | undefined {
  return pagingOf(definition, poll)?.items
}

/** The query parameters that a poll can set. */
function inputsOf(definition: Definition, poll: Poll): readonly string[] {
  const paging = pagingOf(definition, poll)
  const declared = Object.entries(definition.api.endpoints?.[poll.endpoint]?.query ?? {})
  const pages = [paging?.parameter, paging?.size?.parameter].filter((one): one is string => one !== undefined)
  return [...declared.filter(([, { value }]) => value === undefined).map(([name]) => name), ...pages]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

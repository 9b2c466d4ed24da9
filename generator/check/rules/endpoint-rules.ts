import type { DataSchema, Definition, Endpoint } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { paginationOf } from '../../model/model.ts'
import { constraintsBeside, sharedName } from '../../model/shared-schemas.ts'
import { suggestion } from '../../text/closest.ts'
import { missingPaging, superfluousPaging } from '../../vocabulary/pagination.ts'
import type { Report, RuleTable } from './rule.ts'
import { subschemas } from './subschemas.ts'

export const endpointRules = {
  'endpoint/pagination-incomplete': {
    scope: 'definition',
    summary: 'The pagination of an endpoint has what its type needs, and nothing else.',
    help: 'add or remove the member, or correct `type`',
    why: 'Without the place of the items, and of what leads to the next page, the kit would read the first page only.',
    about: ['endpoint.pagination', 'api.pagination'],
    bad: snippet`
      pagination:
        type: cursor
        items: /people
        next: /next
    `,
    good: snippet`
      pagination:
        type: cursor
        items: /people
        next: /next
        parameter: after
    `,
    reads: ['api'],
    check({ api }, report) {
      if (api.pagination?.type !== undefined) reportSuperfluous(api.pagination, ['api', 'pagination'], report)
      for (const [name, { pagination }] of endpointsOf(api)) {
        if (pagination === undefined) continue
        const at = ['api', 'endpoints', name, 'pagination']
        if (pagination === true && api.pagination === undefined) {
          report(at, '`true` means as in api.pagination, which is missing', 'add api.pagination, or describe it here')
          continue
        }
        const whole = paginationOf(api, pagination)
        for (const member of missingPaging(whole))
          report(at, `pages of the type ${whole.type ?? 'that is missing'} need \`${member}\``)
        if (pagination !== true) reportSuperfluous({ ...pagination, ...typeOf(whole) }, at, report)
      }
    },
  },
  'endpoint/input-without-effect': {
    scope: 'definition',
    summary: 'Inputs of a call have no members that contradict each other.',
    help: 'remove the member',
    why: 'A constant is always sent, so callers can neither give it nor leave it out; only lists have several values.',
    about: ['endpoint.query', 'endpoint.headers'],
    bad: snippet`
      q:
        description: The only kind of search.
        required: true
        value: all
    `,
    good: snippet`
      q:
        description: The only kind of search.
        value: all
    `,
    reads: ['api'],
    at: 'key',
    check({ api }, report) {
      for (const [name, endpoint] of endpointsOf(api)) {
        for (const part of ['query', 'headers'] as const) {
          for (const [input, written] of Object.entries(endpoint[part] ?? {})) {
            const { value, type, list, enum: values } = written
            const at = ['api', 'endpoints', name, part, input]
            for (const member of ['type', 'enum', 'list', 'required', 'example'] as const)
              if (value !== undefined && written[member] !== undefined)
                report([...at, member], `\`${member}\` has no effect beside \`value\``)
            if (value === undefined && list !== undefined && type !== 'list')
              report([...at, 'list'], '`list` has an effect with `type: list` only')
            if (value === undefined && values !== undefined && type !== undefined && !['string', 'list'].includes(type))
              report([...at, 'enum'], `\`enum\` lists strings, and the type is ${type}`)
          }
        }
      }
    },
  },
  'endpoint/body-without-effect': {
    scope: 'definition',
    summary: 'Only calls that can have a body describe one.',
    help: 'remove the body, or correct the method',
    why: 'A GET has no body, and a form consists of named fields.',
    about: ['endpoint.body', 'endpoint.body_type'],
    bad: snippet`
      method: GET
      path: /people
      summary: List people.
      body_type: form
    `,
    good: snippet`
      method: GET
      path: /people
      summary: List people.
    `,
    reads: ['api'],
    at: 'key',
    check({ api }, report) {
      for (const [name, { method, body, body_type }] of endpointsOf(api)) {
        for (const member of ['body', 'body_type'] as const) {
          const value = member === 'body' ? body : body_type
          if (method === 'GET' && value !== undefined)
            report(['api', 'endpoints', name, member], `a GET has no body, so \`${member}\` has no effect`)
        }
        if (method !== 'GET' && body_type === 'form' && body !== undefined && body.type !== 'object')
          report(['api', 'endpoints', name, 'body'], 'the body of a form is an object', 'describe its fields')
      }
    },
  },
  'endpoint/schema-mistake': {
    scope: 'definition',
    summary: 'Schemas of bodies and answers are described and complete.',
    help: 'add what is missing, or correct the name',
    why: 'They become TypeScript types with comments, as the data of events does.',
    about: ['endpoint.body', 'endpoint.response'],
    bad: snippet`
      response:
        type: object
        additionalProperties: true
        properties:
          people: { type: array, items: { $ref: "#/schemas/owner" } }
    `,
    good: snippet`
      response:
        type: object
        additionalProperties: true
        properties:
          people: { type: array, description: The people., items: { $ref: "#/schemas/owner" } }
    `,
    reads: ['api', 'schemas'],
    check({ api, schemas = {} }, report, { written }) {
      const known = Object.keys(schemas).map((name) => `#/schemas/${name}`)
      for (const [name, endpoint] of endpointsOf(api)) {
        for (const part of ['body', 'response'] as const) {
          const at = ['api', 'endpoints', name, part]
          const schema = endpoint[part]
          if (schema !== undefined) reportSchema(schema, { at, known }, report)
          // Expansion leaves such a reference alone only where something else is wrong with it.
          const own = written.api.endpoints?.[name]?.[part]
          for (const { schema: inside, path } of own === undefined ? [] : subschemas(own)) {
            if (sharedName(inside.$ref) === undefined) continue
            for (const keyword of constraintsBeside(inside))
              report([...at, ...path, keyword], `"${keyword}" is not allowed beside a reference to a shared schema`)
          }
        }
      }
    },
  },
  'api/wait-malformed': {
    scope: 'definition',
    summary: 'A wait is in a header by its name, or in the body by a JSON Pointer.',
    help: 'write the name of a header, or a pointer such as /error/retry_after',
    why: 'The kit would find nothing there, and repeat calls too early.',
    about: ['retry.wait'],
    bad: snippet`
      - in: body
        at: retry_after
        form: seconds
    `,
    good: snippet`
      - in: body
        at: /retry_after
        form: seconds
    `,
    reads: ['api'],
    check({ api }, report) {
      for (const [index, { in: place, at }] of (api.retry?.wait ?? []).entries()) {
        const isFit = place === 'body' ? at.startsWith('/') : /^[A-Za-z0-9-]+$/.test(at)
        if (!isFit)
          report(
            ['api', 'retry', 'wait', index, 'at'],
            `"${at}" is not ${place === 'body' ? 'a JSON Pointer' : 'the name of a header'}`,
          )
      }
    },
  },
  'rate-limit/endpoint-unknown': {
    scope: 'definition',
    summary: 'A limit applies to endpoints that exist, and has a number.',
    help: 'correct the name, or give limit and per',
    why: 'The kit keeps to limits with `applies_to`, and needs the calls and the number for that.',
    about: ['rateLimit.applies_to'],
    bad: 'applies_to: [persons]',
    good: 'applies_to: [people]',
    reads: ['api', 'rate_limits'],
    check({ api, rate_limits = [] }, report) {
      const known = Object.keys(api.endpoints ?? {})
      for (const [index, { name, applies_to, limit, per }] of rate_limits.entries()) {
        if (applies_to === undefined) continue
        const at = ['rate_limits', index, 'applies_to']
        if (limit === undefined || per === undefined) report(at, `the limit "${name}" has no number that could apply`)
        for (const [position, endpoint] of applies_to === 'all' ? [] : applies_to.entries()) {
          if (!known.includes(endpoint))
            report([...at, position], `no endpoint "${endpoint}"${suggestion(endpoint, known)}`)
        }
      }
    },
  },
} satisfies RuleTable

function endpointsOf({ endpoints = {} }: Definition['api']): readonly (readonly [string, Endpoint])[] {
  return Object.entries(endpoints)
}

type Paging = NonNullable<Definition['api']['pagination']>

function typeOf({ type }: Paging): Pick<Paging, 'type'> {
  return type === undefined ? {} : { type }
}

function reportSuperfluous(pagination: Paging, at: ValuePath, report: Report): void {
  for (const member of superfluousPaging(pagination))
    report([...at, member], `\`${member}\` has no effect with the type ${pagination.type}`, undefined, 'key')
}

function reportSchema(
  root: DataSchema,
  { at, known }: { readonly at: ValuePath; readonly known: readonly string[] },
  report: Report,
): void {
  for (const { schema, path } of subschemas(root)) {
    const { $ref, $defs, properties = {}, required = [] } = schema
    if ($ref !== undefined && !known.includes($ref))
      report([...at, ...path, '$ref'], `"${$ref}" is not defined${suggestion($ref, known)}`)
    if ($defs !== undefined)
      report([...at, ...path, '$defs'], 'endpoints have no $defs', 'move the definitions to `schemas`', 'key')
    for (const [name, property] of Object.entries(properties)) {
      if (property.description === undefined && property.$ref === undefined)
        report([...at, ...path, 'properties', name], `"${name}" has no description`, undefined, 'key')
    }
    for (const [index, name] of required.entries()) {
      if (!Object.hasOwn(properties, name))
        report([...at, ...path, 'required', index], `no property "${name}"${suggestion(name, Object.keys(properties))}`)
    }
  }
}

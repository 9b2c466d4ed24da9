import type { DataSchema, Event } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { referenced, resolves, valueAt } from '../../model/json-pointer.ts'
import { SMART_CODE, SMART_CODE_LENGTH, smartCodeOf, withSegment } from '../../model/smart-code.ts'
import { suggestion } from '../../text/closest.ts'
import { budgetOf } from '../check-budget.ts'
import { scopesOf } from './auth-rules.ts'
import { missingComma } from './definition-rules.ts'
import { exampleErrors } from './example-errors.ts'
import { loopFrom } from './loop.ts'
import type { RuleTable } from './rule.ts'
import { isContradictory, referencesOf, subschemas } from './subschemas.ts'

export const eventRules = {
  'event/smart-code': {
    scope: 'event',
    summary: "Every smart code fits HERA's pattern and length, with room for a segment of its own.",
    help: "shorten the event's name or its words to 30 characters, or set smart_code",
    why: 'The database refuses a smart code that breaks its pattern, and the whole seed with it.',
    about: ['event.smart_code', 'definition.namespace'],
    bad: snippet`
      contact_polledfromtheapibecausenowebhookcarriesit:
        summary: A contact was seen while polling
    `,
    good: snippet`
      contact_polled:
        summary: A contact was seen while polling
    `,
    reads: ['namespace'],
    at: 'key',
    check({ name, event, definition }, report) {
      const code = smartCodeOf(definition.namespace, name, event)
      // The event's rows in core_dynamic_data carry one more segment.
      const longest = withSegment(code, 'DEFINITION')
      if (!SMART_CODE.test(code) || !SMART_CODE.test(longest))
        report([], `the smart code ${code} does not fit HERA's pattern`)
      else if (longest.length > SMART_CODE_LENGTH) report([], `the smart code ${code} is too long`)
    },
  },
  'event/data-not-object': {
    scope: 'event',
    summary: 'Event data is an object with named properties; those can be missing in a draft.',
    help: 'begin the schema with type: object',
    why: 'The data of an event is an object in the database and an interface in TypeScript.',
    about: ['event.data'],
    bad: snippet`
      data:
        type: [object, "null"]
        additionalProperties: true
    `,
    good: snippet`
      data:
        type: object
        additionalProperties: true
    `,
    reads: ['status'],
    check({ event, definition }, report) {
      const { type, properties } = event.data
      if (type !== 'object') report(['data'], 'the data is not described as an object with properties')
      else if (properties === undefined && definition.status !== 'draft')
        report(
          ['data'],
          'the data is an object without properties',
          'add properties, with each field that can stand there',
          'key',
        )
    },
  },
  'event/property-undescribed': {
    scope: 'event',
    summary: 'Every property has a description.',
    help: 'say in a few words what the value is',
    why: 'The description is the comment in the type and the row in the guide; a name alone leaves readers guessing.',
    about: ['event.data', 'dataSchema.description'],
    bad: snippet`
      email:
        type: string
        format: email
    `,
    good: snippet`
      email:
        type: string
        format: email
        description: Mail address.
    `,
    reads: [],
    at: 'key',
    waivable: true,
    check({ event }, report) {
      for (const { schema, path } of subschemas(event.data)) {
        for (const [name, property] of Object.entries(schema.properties ?? {})) {
          if (!isDescribed(event, property))
            report(['data', ...path, 'properties', name], `nothing says what "${name}" is`)
        }
      }
    },
  },
  'event/required-undeclared': {
    scope: 'event',
    summary: 'Required fields are declared.',
    help: 'declare the property, or correct the name',
    why: 'A required field that is not declared has no type and no description, and every event breaks the schema.',
    about: ['dataSchema.required'],
    bad: snippet`
      required: [contact_id, contact_name]
      properties:
        contact_id:
    `,
    good: snippet`
      required: [contact_id]
      properties:
        contact_id:
    `,
    reads: [],
    check({ event }, report) {
      for (const { schema, path } of subschemas(event.data)) {
        const declared = Object.keys(schema.properties ?? {})
        for (const [index, name] of (schema.required ?? []).entries()) {
          if (!Object.hasOwn(schema.properties ?? {}, name))
            report(['data', ...path, 'required', index], `no property "${name}"${suggestion(name, declared)}`)
        }
      }
    },
  },
  'event/pattern-unsafe': {
    scope: 'event',
    summary: 'Patterns run in linear time.',
    help: 'begin with "^", and let no two repetitions, one inside or behind the other, match the same characters',
    why: 'Patterns run on whatever a webhook brings; one that backtracks lets a stranger stop the server.',
    about: ['dataSchema.pattern'],
    bad: 'pattern: "^c_([0-9]+)+$"',
    good: 'pattern: "^c_[0-9]+$"',
    reads: [],
    check({ event, definition }, report) {
      for (const { schema, path } of subschemas(event.data)) {
        const problem = schema.pattern === undefined ? undefined : budgetOf(definition).patterns.problem(schema.pattern)
        if (problem !== undefined) report(['data', ...path, 'pattern'], `"${schema.pattern}" ${problem}`)
      }
    },
  },
  'event/reference-unknown': {
    scope: 'event',
    summary: 'Every reference names a shared schema, or a definition of the same event.',
    help: 'define it under schemas or data.$defs, or correct the name',
    why: 'References stay inside of the definition, so that the schema of an event can be used alone.',
    about: ['dataSchema.$ref', 'dataSchema.$defs'],
    bad: '$ref: "#/$defs/persons"',
    good: '$ref: "#/$defs/person"',
    reads: [],
    check({ event, definition }, report) {
      const shared = Object.keys(definition.schemas ?? {}).map((name) => `#/schemas/${name}`)
      const known = [...shared, ...Object.keys(event.data.$defs ?? {}).map((name) => `#/$defs/${name}`)]
      for (const { schema, path } of subschemas(event.data)) {
        const { $ref } = schema
        if ($ref !== undefined && !known.includes($ref))
          report(['data', ...path, '$ref'], `"${$ref}" is not defined${suggestion($ref, known)}`)
        if (path.length > 0 && schema.$defs !== undefined)
          report(
            ['data', ...path, '$defs'],
            '$defs stands only at the top of data',
            'move the definitions to data.$defs',
          )
      }
    },
  },
  'event/reference-loop': {
    scope: 'event',
    summary: 'References do not loop.',
    help: 'write out as many levels as are needed',
    why: "A schema that contains itself has no end in the guide's tables and in the database's checks.",
    about: ['dataSchema.$defs'],
    bad: snippet`
      city:
        $ref: "#/$defs/address"
    `,
    good: snippet`
      city:
        type: string
        description: Town.
    `,
    reads: [],
    at: 'key',
    check({ event }, report) {
      const done = new Set<string>()
      for (const name of Object.keys(event.data.$defs ?? {})) {
        const loop = loopFrom(name, (from) => referencesOf(event.data, from), done)
        if (loop?.[0] === name) report(['data', '$defs', name], `the reference loops: ${loop.join(' → ')}`)
      }
    },
  },
  'event/example-mismatch': {
    scope: 'event',
    summary: "Every example validates against the event's own schema.",
    help: 'correct the example, or the schema where the example is right',
    why: 'Readers copy examples, and tests send them.',
    about: ['event.example', 'event.examples'],
    bad: snippet`
      stage: leed
      address: { street: 1 Main Street, city: Springfield }
    `,
    good: snippet`
      stage: lead
      address: { street: 1 Main Street, city: Springfield }
    `,
    reads: [],
    check({ event, definition }, report) {
      // A schema that contradicts itself has a finding of its own, and no example can fit it.
      if (isContradictory(event.data)) return
      for (const { example, path } of examplesOf(event)) {
        for (const error of exampleErrors(event.data, example, budgetOf(definition)))
          report([...path, ...error.path], error.message, error.help, error.at)
      }
    },
  },
  'event/pointer-unresolved': {
    scope: 'event',
    summary: 'Every idempotency key points at a field that the event declares.',
    help: 'point at a property of data, such as /message_id',
    why: 'A pointer at nothing gives every event the same key, and all but the first are taken for repeats.',
    about: ['event.idempotency_key'],
    bad: snippet`
      idempotency_key: [/contactId]
      cites: acme-docs
    `,
    good: snippet`
      idempotency_key: [/contact_id]
      cites: acme-docs
    `,
    reads: [],
    check({ event }, report) {
      const known = Object.keys(event.data.properties ?? {}).map((name) => `/${name}`)
      for (const [index, pointer] of (event.idempotency_key ?? []).entries()) {
        if (resolves(event.data, pointer)) continue
        if (/[ ;]/.test(pointer)) report(['idempotency_key', index], ...missingComma(pointer))
        else report(['idempotency_key', index], `no field at "${pointer}"${suggestion(pointer, known)}`)
      }
    },
  },
  'event/key-empty': {
    scope: 'event',
    summary: 'Every example has a value at one of the idempotency pointers at least.',
    help: 'add the id to the example, or a pointer to what names this event',
    why: 'An event with none of its key fields cannot be told from another one.',
    about: ['event.idempotency_key', 'event.example'],
    bad: snippet`
      idempotency_key: [/created_at]
      cites: acme-docs
    `,
    good: snippet`
      idempotency_key: [/contact_id]
      cites: acme-docs
    `,
    reads: [],
    check({ event }, report) {
      const { idempotency_key: key } = event
      if (key === undefined || !key.every((pointer) => resolves(event.data, pointer))) return
      for (const { example, path } of examplesOf(event)) {
        if (key.every((pointer) => valueAt(example, pointer) === undefined)) {
          report(path, 'the example has no value at any idempotency pointer, so it would have an empty key')
        }
      }
    },
  },
  'event/scope-unknown': {
    scope: 'event',
    summary: 'Every scope that an event needs is listed under auth.scopes.',
    help: 'list the scope under auth.scopes, or correct the name',
    why: 'Without the scope the event never arrives, and installers ask for what is listed under auth.scopes.',
    about: ['event.scopes'],
    bad: snippet`
      scopes: [contact.read]
      data:
    `,
    good: snippet`
      scopes: [contacts.read]
      data:
    `,
    reads: ['auth'],
    check({ event, definition }, report) {
      const known = scopesOf(definition.auth).map(({ name }) => name)
      for (const [index, scope] of (event.scopes ?? []).entries()) {
        if (!known.includes(scope)) report(['scopes', index], `no scope "${scope}"${suggestion(scope, known)}`)
      }
    },
  },
  'event/poll-incomplete': {
    scope: 'event',
    summary: 'A polled event says which endpoint to poll; no other event does.',
    help: 'add `poll`, or correct `source`',
    why: 'Whoever polls must know which endpoint to ask and what is new.',
    about: ['event.poll', 'event.source'],
    bad: snippet`
      poll:
        endpoint: contact
    `,
    good: snippet`
      poll:
        endpoint: contacts
    `,
    reads: ['api'],
    check({ event, definition }, report) {
      const { poll, source } = event
      if ((source === 'poll') !== (poll !== undefined))
        report(
          ['source'],
          poll === undefined
            ? 'the event is polled, but `poll` is missing'
            : `the event has \`poll\`, but its source is ${source}`,
        )
      const endpoints = Object.keys(definition.api.endpoints ?? {})
      if (poll !== undefined && !endpoints.includes(poll.endpoint)) {
        report(
          ['poll', 'endpoint'],
          `no endpoint "${poll.endpoint}"${suggestion(poll.endpoint, endpoints)}`,
          'name an endpoint under api.endpoints',
        )
      }
    },
  },
  'event/replacement-unknown': {
    scope: 'event',
    summary: 'An event that is replaced says by which other event, and why.',
    help: 'name another event of this connector, and add `deprecated`',
    why: 'Applications that read the old event must find the new one in the same connector.',
    about: ['event.replaced_by', 'event.deprecated'],
    bad: 'replaced_by: contact_create',
    good: 'replaced_by: contact_created',
    reads: [],
    check({ name, event, definition }, report) {
      const { replaced_by, deprecated } = event
      if (replaced_by === undefined) return
      const others = Object.keys(definition.events ?? {}).filter((other) => other !== name)
      if (!others.includes(replaced_by))
        report(['replaced_by'], `no other event "${replaced_by}"${suggestion(replaced_by, others)}`)
      if (deprecated === undefined) report(['replaced_by'], 'the event is replaced, but nothing says why')
    },
  },
} satisfies RuleTable

function examplesOf(event: Event): readonly { readonly example: unknown; readonly path: ValuePath }[] {
  return [
    { example: event.example, path: ['example'] },
    ...(event.examples ?? []).map(({ data }, index) => ({ example: data, path: ['examples', index, 'data'] })),
  ]
}

/** Another rule reports a reference that leads nowhere. */
function isDescribed(event: Event, { description, $ref }: DataSchema): boolean {
  if (description !== undefined) return true
  if ($ref === undefined) return false
  const target = referenced(event.data, $ref)
  return target === undefined || target.description !== undefined
}

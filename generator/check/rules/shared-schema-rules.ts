import type { DataSchema, Definition } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { constraintsBeside, sharedName } from '../../model/shared-schemas.ts'
import { loopFrom } from './loop.ts'
import type { RuleTable } from './rule.ts'
import { subschemas } from './subschemas.ts'

export const sharedSchemaRules = {
  'shared-schema/unused': {
    scope: 'definition',
    summary: 'Every shared schema is referred to.',
    help: 'refer to it with $ref, or delete it',
    why: 'A schema that nothing uses is in no generated file, so nobody notices when it becomes wrong.',
    about: ['definition.schemas'],
    bad: snippet`
      owner_name:
        type: string
        description: Name of the owner.
      owner:
        type: object
    `,
    good: snippet`
      owner:
        type: object
    `,
    reads: ['schemas', 'event_fields', 'events', 'api'],
    at: 'key',
    check(_, report, { written }) {
      const used = new Set(sharedNamesIn(allSchemas(written)))
      for (const name of Object.keys(written.schemas ?? {})) {
        if (!used.has(name)) report(['schemas', name], `nothing refers to the schema "${name}"`)
      }
    },
  },
  'shared-schema/reference-loop': {
    scope: 'definition',
    summary: 'References between shared schemas do not loop.',
    help: 'write out as many levels as are needed',
    why: "A schema that contains itself has no end in the guide's tables and in the database's checks.",
    about: ['definition.schemas'],
    bad: snippet`
      owner_id:
        $ref: "#/schemas/owner"
    `,
    good: snippet`
      owner_id:
        $ref: "#/schemas/account_id"
    `,
    reads: ['schemas'],
    at: 'key',
    check({ schemas = {} }, report) {
      const done = new Set<string>()
      const next = (name: string) => sharedNamesIn(Object.hasOwn(schemas, name) ? [schemas[name] ?? {}] : [])
      for (const name of Object.keys(schemas)) {
        const loop = loopFrom(name, next, done)
        if (loop?.[0] === name) report(['schemas', name], `the reference loops: ${loop.join(' → ')}`)
      }
    },
  },
  'shared-schema/constraint-beside-reference': {
    scope: 'event',
    summary: 'Beside a reference to a shared schema are only annotations, such as a description.',
    help: 'write the schema out here, or share only what is the same everywhere',
    why: 'A reference means the whole shared schema. JSON Schema would apply both, where readers expect a replacement.',
    about: ['dataSchema.$ref'],
    bad: snippet`
      $ref: "#/schemas/account_id"
      description: Id of the account that owns the contact.
      maxLength: 40
    `,
    good: snippet`
      $ref: "#/schemas/account_id"
      description: Id of the account that owns the contact.
    `,
    reads: [],
    at: 'key',
    check({ event }, report) {
      for (const { schema, path } of subschemas(event.data)) {
        if (sharedName(schema.$ref) === undefined) continue
        for (const keyword of constraintsBeside(schema))
          report(['data', ...path, keyword], `"${keyword}" is not allowed beside a reference to a shared schema`)
      }
    },
  },
} satisfies RuleTable

/** Every schema of a definition as it is written. */
function allSchemas({ schemas = {}, event_fields, events = {}, api }: Definition): readonly DataSchema[] {
  return [
    ...Object.values(schemas),
    ...Object.values(event_fields?.properties ?? {}),
    ...Object.values(events).map(({ data }) => data),
    ...Object.values(api.endpoints ?? {}).flatMap(({ body, response }) => [body ?? [], response ?? []].flat()),
  ]
}

function sharedNamesIn(schemas: readonly DataSchema[]): readonly string[] {
  return schemas.flatMap(subschemas).flatMap(({ schema: { $ref } }) => sharedName($ref) ?? [])
}

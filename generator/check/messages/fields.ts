import type { ErrorObject } from 'ajv'
import { locateKey } from '../../load/source-document.ts'
import { closest, suggestion } from '../../text/closest.ts'
import { describeOn, gist, listed } from './describe.ts'
import { correctionOf, formOf, misfitsIn } from './forms.ts'
import type { Message, SchemaNode, SchemaViolation } from './message.ts'
import { schemaOf } from './message.ts'

/** What people write by habit in a JSON Schema, and what to write here. */
const HABITS: Readonly<Record<string, string>> = {
  nullable: 'write type: [string, "null"] in its place',
  required: 'list the name under required of the object that holds this property',
  optional: 'leave it out: what required of the object does not list is optional',
  min: 'write minimum',
  max: 'write maximum',
  unit: 'write x-unit',
  oneOf: 'write out one schema; what differs goes into the description',
  anyOf: 'write out one schema; what differs goes into the description',
  allOf: 'write out one schema that holds all of it',
  example: 'write examples: [ … ], or put the example beside data',
  '<<': 'merge keys are not known here; write the fields out',
}

/** Fields that are worth listing. */
const MOST_LISTED = 30

export function unknownField(violation: SchemaViolation): Message {
  const name = String(violation.error.params.additionalProperty)
  if (isNamedByKey(violation.error)) return namedByKey(violation, name)
  const known = Object.keys((schemaOf(violation).properties ?? {}) as object)
  const meant = closest(name, known)
  const fields = known.length > MOST_LISTED ? `${known.slice(0, MOST_LISTED).join(', ')}, …` : known.join(', ')
  const habit = known.includes('$ref') || name === '<<' ? HABITS[name] : undefined
  const isDiff = /^[+-]/.test(name)
  return {
    code: 'unknown-field',
    message: isDiff
      ? `"${name}" begins with "${name.charAt(0)}", as in a diff`
      : `unknown field "${name}"${habit === undefined ? suggestion(name, known) : ''}`,
    help: isDiff
      ? 'copy the file itself, not the diff; an entry of a list begins with "- "'
      : (habit ??
        (meant === undefined
          ? known.length === 0
            ? 'remove it'
            : `the fields here are ${fields}`
          : `write "${meant}"`)),
    below: name,
    at: 'key',
  }
}

/** `- calls_per_account:`, where the entry's name belongs into its field "name". */
export function isNamedByKey({ keyword, params, data, parentSchema }: ErrorObject): boolean {
  const written = data as Readonly<Record<string, unknown>>
  const { required } = (parentSchema ?? {}) as SchemaNode
  const lacksName = Array.isArray(required) && required.includes('name') && !Object.hasOwn(written, 'name')
  return keyword === 'additionalProperties' && lacksName && written[String(params.additionalProperty)] === null
}

function namedByKey({ document, path }: SchemaViolation, name: string): Message {
  const { start, end } = locateKey(document, [...path, name])
  return {
    code: 'unknown-field',
    message: `"${name}" stands where the field "name" belongs`,
    help: `write name: ${name}`,
    below: name,
    at: 'key',
    fix: { summary: `write name: ${name}`, edits: [{ from: start.offset, to: end.offset + 1, text: `name: ${name}` }] },
  }
}

/** Fields that are named one by one when they are missing; of more only the names are worth reading. */
const FEW = 3

export function missingField(violation: SchemaViolation): Message {
  const schema = schemaOf(violation)
  const names = (violation.error.params.missing as readonly unknown[]).map(String)
  const properties = (schema.properties ?? {}) as Readonly<Record<string, SchemaNode | undefined>>
  const quoted = names.map((name) => `"${name}"`).join(', ')
  const about = names.map((name) =>
    names.length === 1 ? describeOn(properties[name] ?? {}) : `${name} (${gist(properties[name] ?? {})})`,
  )
  return {
    code: 'missing-field',
    message: names.length === 1 ? `the field ${quoted} is missing` : `the fields ${quoted} are missing`,
    help:
      names.length > FEW
        ? 'add them; `hera-connectors new` writes a definition that has them all'
        : `add ${names.length === 1 ? 'it' : 'them'}${placeFor(violation, names)}: ${about.join(', ')}`,
    at: 'key',
  }
}

/** Of the whole file there is no line to point at; the field before it says where it goes. */
function placeFor({ path, error, ...violation }: SchemaViolation, [first = '']: readonly string[]): string {
  if (path.length > 0) return ''
  const order = Object.keys(schemaOf({ path, error, ...violation }).properties as object)
  const before = order.slice(0, order.indexOf(first)).findLast((name) => Object.hasOwn(error.data as object, name))
  return before === undefined ? ' at the top level' : ` at the top level, after "${before}"`
}

export function wrongName(violation: SchemaViolation): Message {
  const { error } = violation
  const name = String(error.params.propertyName)
  const names = (error.schema ?? {}) as SchemaNode
  const form = formOf(names)
  const misfits = form === undefined ? [] : misfitsIn(name, form)
  const meant = form === undefined ? undefined : correctionOf(form)?.propose(name)
  const fits = meant !== undefined && meant !== name && new RegExp(String(names.pattern)).test(meant)
  return {
    code: 'name',
    message:
      misfits.length === 0 ? `the name "${name}" does not fit here` : `the name "${name}" holds ${listed(misfits)}`,
    help: fits ? `write ${meant}` : `names here are ${form?.is ?? 'lower-case words joined by underscores'}`,
    below: name,
    at: 'key',
  }
}

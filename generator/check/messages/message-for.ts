import { oneOf } from './choices.ts'
import { describe, describeOn, show } from './describe.ts'
import { missingField, unknownField, wrongName } from './fields.ts'
import type { Message, SchemaViolation } from './message.ts'
import { codeOf, nameOf, schemaOf } from './message.ts'
import { misreadValue } from './misread-values.ts'
import { numberForText, numberInText, outOfRange } from './numbers.ts'
import { wrongShape } from './shapes.ts'
import { emptyValue, misspelledText, sourceKeysOf } from './texts.ts'

/** The first that recognizes what was meant speaks; what none recognizes is told by what the format wants. */
const SPECIAL = [misreadValue, misspelledText, numberInText, numberForText, wrongShape]

export function messageFor(violation: SchemaViolation): Message {
  for (const recognize of SPECIAL) {
    const message = recognize(violation)
    if (message !== undefined) return message
  }
  return byKeyword(violation)
}

function byKeyword(violation: SchemaViolation): Message {
  switch (violation.error.keyword) {
    case 'additionalProperties':
      return unknownField(violation)
    case 'required':
      return missingField(violation)
    case 'dependentRequired':
      return missingDependent(violation)
    case 'propertyNames':
      return wrongName(violation)
    case 'type':
      return typeMismatch(violation)
    case 'anyOf':
      return unionMismatch(violation)
    case 'enum':
      return oneOf(violation)
    case 'minProperties':
    case 'minItems':
    case 'minLength':
      return emptyValue(violation)
    case 'uniqueItems':
      return repeatedEntry(violation)
    default:
      return limit(violation)
  }
}

function missingDependent({ error }: SchemaViolation): Message {
  const name = error.params.missingProperty
  return {
    code: 'missing-field',
    message: `an object schema that names properties must also say "${name}"`,
    help: `add "${name}: false", or true where other fields may stand there`,
    at: 'key',
  }
}

function typeMismatch(violation: SchemaViolation): Message {
  const { error, path } = violation
  const schema = schemaOf(violation)
  const wanted = [error.params.type].flat()
  if (error.data === null && path.length > 0)
    return {
      code: 'type',
      message: `the field "${nameOf(path)}" has no value`,
      help: `fill it in: ${describeOn(schema)}`,
      at: 'value',
    }
  const needsQuotes = wanted.includes('string') && ['number', 'boolean'].includes(typeof error.data)
  return {
    code: 'type',
    message: `expected ${typeWords(wanted)}, got ${show(error.data)}`,
    help: needsQuotes ? `put the value in quotes. ${describe(schema)}` : describe(schema),
    at: 'value',
  }
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'fields with values',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
}

function typeWords(types: readonly unknown[]): string {
  return types.map((name) => WORDS[String(name)] ?? String(name)).join(' or ')
}

function unionMismatch(violation: SchemaViolation): Message {
  const { error } = violation
  const schema = schemaOf(violation)
  const keys = sourceKeysOf(violation)
  if (nameOf(violation.path) === 'cites' && keys.length > 0)
    return {
      code: 'type',
      message: `expected the key of a source, got ${show(error.data)}`,
      help: `write one of: ${keys.join(', ')}`,
      at: 'value',
    }
  if (error.data === null)
    return {
      code: 'type',
      message: `the field "${nameOf(violation.path)}" has no value`,
      help: `fill it in: ${describeOn(schema)}`,
      at: 'value',
    }
  return { code: 'type', message: `${show(error.data)} does not fit here`, help: describe(schema), at: 'value' }
}

function repeatedEntry({ error }: SchemaViolation): Message {
  const [first, second] = [error.params.i, error.params.j].map(Number).toSorted((left, right) => left - right)
  return {
    code: 'repeated',
    message: `entries ${(first ?? 0) + 1} and ${(second ?? 0) + 1} are the same`,
    help: 'keep one of them',
    below: second ?? 0,
    at: 'value',
  }
}

function limit(violation: SchemaViolation): Message {
  const { error } = violation
  return {
    code: codeOf(violation),
    message: outOfRange(violation) ?? `${show(error.data)} ${misfit(violation)}`,
    help: describe(schemaOf(violation)),
    at: 'value',
  }
}

function misfit({ error }: SchemaViolation): string {
  switch (error.keyword) {
    case 'pattern':
      return 'is not written as this field wants it'
    case 'format':
      return error.params.format === 'regex'
        ? 'is not a regular expression'
        : `is not of the form ${error.params.format}`
    case 'maxLength':
      return `is longer than ${error.params.limit} characters`
    case 'maxItems':
    case 'maxProperties':
      return `has more than ${error.params.limit} entries`
    default:
      return error.message ?? 'does not fit'
  }
}

import { oneOf } from './choices.ts'
import { describe, describeOn, show } from './describe.ts'
import { missingField, unknownField, wrongName } from './fields.ts'
import { numberForText, numberInText, outOfRange } from './numbers.ts'
import { wrongShape } from './shapes.ts'
import { swallowed } from './swallowed.ts'
import { emptyWording, misspelledText, sourceKeysOf } from './texts.ts'
import type { Breach, Wording } from './wording.ts'
import { nameOf, schemaOf } from './wording.ts'

/** The first that recognizes what was meant speaks; what none recognizes is told by what the format wants. */
const SPECIAL = [swallowed, misspelledText, numberInText, numberForText, wrongShape]

export function wordingOf(breach: Breach): Wording {
  for (const recognize of SPECIAL) {
    const wording = recognize(breach)
    if (wording !== undefined) return wording
  }
  return byKeyword(breach)
}

function byKeyword(breach: Breach): Wording {
  switch (breach.error.keyword) {
    case 'additionalProperties':
      return unknownField(breach)
    case 'required':
      return missingField(breach)
    case 'dependentRequired':
      return unsaid(breach)
    case 'propertyNames':
      return wrongName(breach)
    case 'type':
      return wrongType(breach)
    case 'anyOf':
      return noForm(breach)
    case 'enum':
      return oneOf(breach)
    case 'minProperties':
    case 'minItems':
    case 'minLength':
      return emptyWording(breach)
    case 'uniqueItems':
      return repeated(breach)
    default:
      return limit(breach)
  }
}

function unsaid({ error }: Breach): Wording {
  const name = error.params.missingProperty
  return {
    code: 'missing-field',
    message: `an object schema that names properties must also say "${name}"`,
    help: `add "${name}: false", or true where other fields may stand there`,
    at: 'key',
  }
}

function wrongType(breach: Breach): Wording {
  const { error, path } = breach
  const schema = schemaOf(breach)
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

function noForm(breach: Breach): Wording {
  const { error } = breach
  const schema = schemaOf(breach)
  const keys = sourceKeysOf(breach)
  if (nameOf(breach.path) === 'cites' && keys.length > 0)
    return {
      code: 'type',
      message: `expected the key of a source, got ${show(error.data)}`,
      help: `write one of: ${keys.join(', ')}`,
      at: 'value',
    }
  if (error.data === null)
    return {
      code: 'type',
      message: `the field "${nameOf(breach.path)}" has no value`,
      help: `fill it in: ${describeOn(schema)}`,
      at: 'value',
    }
  return { code: 'type', message: `${show(error.data)} does not fit here`, help: describe(schema), at: 'value' }
}

function repeated({ error }: Breach): Wording {
  const [first, second] = [error.params.i, error.params.j].map(Number).toSorted((left, right) => left - right)
  return {
    code: 'repeated',
    message: `entries ${(first ?? 0) + 1} and ${(second ?? 0) + 1} are the same`,
    help: 'keep one of them',
    below: second ?? 0,
    at: 'value',
  }
}

const LIMIT_CODES: Readonly<Record<string, string>> = {
  maxLength: 'too-long',
  minimum: 'too-small',
  maximum: 'too-large',
  maxItems: 'too-many',
  maxProperties: 'too-many',
}

function limit(breach: Breach): Wording {
  const { error } = breach
  return {
    code: LIMIT_CODES[error.keyword] ?? error.keyword.toLowerCase(),
    message: outOfRange(breach) ?? `${show(error.data)} ${misfit(breach)}`,
    help: describe(schemaOf(breach)),
    at: 'value',
  }
}

function misfit({ error }: Breach): string {
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

import type { ErrorObject, ValidateFunction } from 'ajv'
import type { DataSchema } from '../../compiled/definition.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { referenced, tokensOf } from '../../model/json-pointer.ts'
import { CheckBudget } from '../check-budget.ts'
import type { PatternChecker } from '../patterns/pattern-time.ts'
import { compileSchema } from './compile-schema.ts'
import { interpreter } from './interpreter.ts'
import { loopFrom } from './loop.ts'
import { referencesOf, subschemas } from './subschemas.ts'

interface ExampleError {
  /** Below the example. */
  readonly path: ValuePath
  readonly message: string
  readonly help?: string
  /** The name is what is wrong, not its value. */
  readonly at?: 'key'
}

/** How examples of a schema are tried. */
type Trial =
  /** Another rule refuses the schema, and nobody should run it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'interpreted'; readonly fits: (example: unknown) => boolean }
  | { readonly kind: 'compiled' }

/** An event's schema is asked about each of its examples in turn. */
const trials = new WeakMap<DataSchema, Trial>()
const compiled = new WeakMap<DataSchema, ValidateFunction | string>()

/** Holds one example against its schema; a schema that JSON Schema itself refuses is an error too. */
export function exampleErrors(
  schema: DataSchema,
  example: unknown,
  budget = new CheckBudget(),
): readonly ExampleError[] {
  if (!budget.spend(schema, example)) return []
  const trial = trialOf(schema, budget.patterns)
  if (trial.kind === 'refused' || (trial.kind === 'interpreted' && trial.fits(example))) return []
  const validate = validatorOf(schema)
  if (typeof validate === 'string') return [{ path: [], message: `the schema cannot be used: ${validate}` }]
  if (validate(example)) return []
  const errors = validate.errors ?? []
  // What is of another type is none of the values either; once is enough.
  const isEcho = ({ keyword, instancePath }: ErrorObject) =>
    keyword === 'enum' && errors.some((other) => other.keyword === 'type' && other.instancePath === instancePath)
  return errors.filter((error) => error.keyword !== 'if' && !isEcho(error)).map((error) => errorOf(error, example))
}

function trialOf(schema: DataSchema, patterns: PatternChecker): Trial {
  const known = trials.get(schema)
  if (known !== undefined) return known
  const made = newTrial(schema, patterns)
  trials.set(schema, made)
  return made
}

function newTrial(schema: DataSchema, patterns: PatternChecker): Trial {
  if (!isRunnable(schema, patterns)) return { kind: 'refused' }
  const fits = interpreter(schema)
  return fits === undefined ? { kind: 'compiled' } : { kind: 'interpreted', fits }
}

/** A validator, or why there can be none. */
function validatorOf(schema: DataSchema): ValidateFunction | string {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const made = compileSchema(schema)
  compiled.set(schema, made)
  return made
}

/** An unsafe pattern could take for ever, a reference that leads nowhere or round in a circle could not end. */
function isRunnable(schema: DataSchema, patterns: PatternChecker): boolean {
  const inside = subschemas(schema)
  const isUnsafe = (pattern: string | undefined) => pattern !== undefined && patterns.problem(pattern) !== undefined
  if (inside.some(({ schema: { pattern } }) => isUnsafe(pattern))) return false
  if (inside.some(({ schema: { $ref } }) => $ref !== undefined && referenced(schema, $ref) === undefined)) return false
  const done = new Set<string>()
  return !Object.keys(schema.$defs ?? {}).some(
    (name) => loopFrom(name, (from) => referencesOf(schema, from), done) !== undefined,
  )
}

function errorOf(error: ErrorObject, example: unknown): ExampleError {
  const base = pathIn(example, error.instancePath)
  const name = base.at(-1)
  const subject = name === undefined ? 'the example' : `"${name}"`
  if (error.keyword === 'additionalProperties') {
    const extra = String(error.params.additionalProperty)
    return { path: [...base, extra], message: `the schema does not know "${extra}"`, at: 'key' }
  }
  if (error.keyword === 'required')
    return { path: base, message: `${subject} lacks "${error.params.missingProperty}", which the schema requires` }
  if (error.keyword === 'enum')
    return { path: base, message: `${subject} is not one of ${error.params.allowedValues.join(', ')}` }
  return { path: base, ...misfit(subject, error) }
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'a date and time such as 2026-11-23T09:30:00Z',
  date: 'a date such as 2026-11-23',
  email: 'a mail address',
  uri: 'a web address',
  uuid: 'a UUID',
}

const TYPES: Readonly<Record<string, string>> = { string: 'text', object: 'an object', array: 'a list', null: 'null' }

function misfit(subject: string, { keyword, params, message, data }: ErrorObject): Omit<ExampleError, 'path'> {
  if (keyword === 'format')
    return { message: `${subject} is not ${FORMATS[params.format] ?? `of the form ${params.format}`}` }
  if (keyword === 'pattern') return { message: `${subject} does not fit the pattern ${params.pattern}` }
  if (keyword !== 'type') return { message: `${subject} ${message ?? 'does not fit the schema'}` }
  const types = [params.type].flat().map((type) => TYPES[String(type)] ?? `a ${type}`)
  const got = typeof data === 'object' ? '' : `, got ${JSON.stringify(data)}`
  const isPlain = types.includes('text') && (typeof data === 'number' || typeof data === 'boolean')
  return {
    message: `${subject} must be ${types.join(' or ')}${got}`,
    ...(isPlain ? { help: 'put the value in quotes, or correct the schema where the example is right' } : {}),
  }
}

function pathIn(example: unknown, instancePath: string): ValuePath {
  const path: (string | number)[] = []
  let current = example
  for (const token of tokensOf(instancePath)) {
    path.push(Array.isArray(current) ? Number(token) : token)
    current = (current as Readonly<Record<string, unknown>> | null | undefined)?.[token]
  }
  return path
}

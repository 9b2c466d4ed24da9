import type { ErrorObject, ValidateFunction } from 'ajv'
import safe from 'safe-regex2'
import type { DataSchema } from '../../compiled/definition.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { referenced, tokensOf } from '../../model/json-pointer.ts'
import { compileSchema } from './compile-schema.ts'
import { interpreter } from './interpreter.ts'
import { loopFrom } from './loop.ts'
import { referencesOf, subschemas } from './subschemas.ts'

interface ExampleError {
  /** Below the example. */
  readonly path: ValuePath
  readonly message: string
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
export function exampleErrors(schema: DataSchema, example: unknown): readonly ExampleError[] {
  const trial = trialOf(schema)
  if (trial.kind === 'refused' || (trial.kind === 'interpreted' && trial.fits(example))) return []
  const validate = validatorOf(schema)
  if (typeof validate === 'string') return [{ path: [], message: `the schema cannot be used: ${validate}` }]
  if (validate(example)) return []
  return (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map((error) => errorOf(error, example))
}

function trialOf(schema: DataSchema): Trial {
  const known = trials.get(schema)
  if (known !== undefined) return known
  const made = newTrial(schema)
  trials.set(schema, made)
  return made
}

function newTrial(schema: DataSchema): Trial {
  if (!isRunnable(schema)) return { kind: 'refused' }
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
function isRunnable(schema: DataSchema): boolean {
  const inside = subschemas(schema)
  if (inside.some(({ schema: { pattern } }) => pattern !== undefined && !safe(pattern))) return false
  if (inside.some(({ schema: { $ref } }) => $ref !== undefined && referenced(schema, $ref) === undefined)) return false
  return !Object.keys(schema.$defs ?? {}).some(
    (name) => loopFrom(name, (from) => referencesOf(schema, from)) !== undefined,
  )
}

function errorOf(error: ErrorObject, example: unknown): ExampleError {
  const base = pathIn(example, error.instancePath)
  const name = base.at(-1)
  const subject = name === undefined ? 'the example' : `"${name}"`
  if (error.keyword === 'additionalProperties') {
    const extra = String(error.params.additionalProperty)
    return { path: [...base, extra], message: `the schema does not know "${extra}"` }
  }
  if (error.keyword === 'required')
    return { path: base, message: `${subject} lacks "${error.params.missingProperty}", which the schema requires` }
  if (error.keyword === 'enum')
    return { path: base, message: `${subject} is not one of ${error.params.allowedValues.join(', ')}` }
  return { path: base, message: `${subject} ${error.message ?? 'does not fit the schema'}` }
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
